# SPDX-License-Identifier: GPL-3.0-or-later
"""What the files of both trees say about CANN, toolbox and container runtime, and what kind of host it is."""

from __future__ import annotations

import os

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils._host_environment import environment
from ansible_collections.ascend.fleet.plugins.module_utils._software import read_software
from ansible_collections.ascend.fleet.plugins.module_utils._software_cann import uninstallers

ASCEND = "usr/local/Ascend"
ATB = "    Ascend-cann-atb : 8.5.0\n    Ascend-cann-atb Version : 8.5.0.B000\n    Platform : aarch64\n"


class Tree:
    """The installation path of a host in a directory."""

    def __init__(self, root):
        self.root, self.ascend = root, root / ASCEND

    def write(self, path, text=""):
        file = self.ascend / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return self

    def link(self, path, target, time=None):
        link = self.ascend / path
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        if time:
            os.utime(link, (time, time), follow_symlinks=False)
        return self

    def read(self):
        return read_software(str(self.root), "/usr/local/Ascend")

    def scripts(self, part, path):
        return uninstallers(str(self.root), {"part": part, "path": f"/{ASCEND}/{path}"})


@pytest.fixture
def tree(tmp_path):
    """Give an empty installation path."""
    (tmp_path / ASCEND).mkdir(parents=True)
    return Tree(tmp_path)


@pytest.mark.parametrize(
    ("part", "file", "text", "version"),
    [
        ("nnae", "nnae/8.0.0/ascend_nnae_install.info", "version=8.0.0\n", "8.0.0"),
        ("nnae", "nnae/6.0.1/aarch64-linux/ascend_nnae_install.info", "version=6.0.1\n", "6.0.1"),
        ("nnrt", "nnrt/8.0.0/aarch64-linux/ascend_nnrt_install.info", "version=8.0.0\n", "8.0.0"),
        ("tfplugin", "tfplugin/8.0.RC3/ascend_tfplugin_install.info", "version=8.0.RC3\n", "8.0.RC3"),
        ("nnal", "nnal/atb/8.5.0/version.info", ATB, "8.5.0"),
        ("kernels", "nnae/8.0.0/opp_kernel/version.info", "version_dir=8.0.0\n", "8.0.0"),
    ],
)
def test_each_part_is_found_by_its_own_file(tree, part, file, text, version):
    tree.write(file, text)
    (found,) = [one for one in tree.read()["cann"] if one["part"] == part]
    assert found["version"] == version
    assert found["complete"] is (part != "kernels")  # kernels need their binaries, too


def test_a_folder_without_its_file_is_incomplete(tree):
    tree.write("nnrt/8.0.0/aarch64-linux/lib64/x.so")
    (found,) = tree.read()["cann"]
    assert (found["part"], found["version"], found["complete"]) == ("nnrt", "8.0.0", False)


def test_toolbox_and_container_runtime_have_places_of_their_own(tree):
    tree.write("toolbox/7.3.0/ascend_toolbox_install.info", "version=7.3.0\n").link("toolbox/latest", "7.3.0")
    info = "Ascend-Docker-Runtime/ascend_docker_runtime_install.info"
    tree.write(info, "version=v7.3.0\narch=aarch64\ninjection-mode=\n")
    software = tree.read()
    assert [(one["version"], one["in_use"]) for one in software["toolbox"]] == [("7.3.0", True)]
    assert software["docker_runtime"] == {
        "version": "7.3.0",
        "complete": True,
        "path": "/usr/local/Ascend/Ascend-Docker-Runtime",
        "injection_mode": None,
    }
    tree.write(info, "version=v27.0.0\ninjection-mode=cdi\n")
    assert tree.read()["docker_runtime"]["injection_mode"] == "cdi"
    assert software["cann"] == []
    tree.write(info, "")
    assert tree.read()["docker_runtime"]["complete"] is False


def test_which_of_two_versions_is_in_use(tree):
    for version in ("8.0.0", "8.0.RC3"):
        tree.write(f"nnae/{version}/ascend_nnae_install.info", f"version={version}\n")
    tree.link("nnae/latest", "8.0.RC3")
    assert [(one["version"], one["in_use"]) for one in tree.read()["cann"]] == [
        ("8.0.0", False),
        ("8.0.RC3", True),
    ]


@pytest.mark.parametrize(("younger", "in_use"), [("cann", "8.5.0"), ("ascend-toolkit/latest", "8.3.RC1")])
def test_the_younger_link_tells_what_was_installed_last(tree, younger, in_use):
    """A package of 8.3 does not know the link cann, and leaves it where it was."""
    tree.write("cann-8.5.0/aarch64-linux/ascend_toolkit_install.info", "version=8.5.0\n")
    tree.write("ascend-toolkit/8.3.RC1/aarch64-linux/ascend_toolkit_install.info", "version=8.3.RC1\n")
    links = {"cann": "cann-8.5.0", "ascend-toolkit/latest": "8.3.RC1"}
    for path, target in links.items():
        tree.link(path, target, time=2_000_000 if path == younger else 1_000_000)
    assert tree.read()["cann_latest"] == in_use


def test_a_toolkit_of_which_a_part_was_installed(tree):
    tree.write(
        "cann-8.5.0/aarch64-linux/ascend_toolkit_install.info", "version=8.5.0\ninnerversion=V1C25S1\n"
    )
    tree.write("cann-8.5.0/aarch64-linux/install.conf", "whitelist=nnrt\n")
    (found,) = tree.read()["cann"]
    assert (found["whitelist"], found["inner_version"], found["owner"]) == ("nnrt", "V1C25S1", os.getuid())
    tree.write("cann-8.5.0/aarch64-linux/install.conf", "whitelist=\n")
    assert tree.read()["cann"][0]["whitelist"] is None


@pytest.mark.parametrize(
    ("part", "path", "scripts", "wanted"),
    [
        (
            "toolkit",
            "cann-8.5.0",
            ["cann-8.5.0/cann_uninstall.sh", "cann-8.5.0/aarch64-linux/script/uninstall.sh"],
            ["cann-8.5.0/aarch64-linux/script/uninstall.sh", "cann-8.5.0/cann_uninstall.sh"],
        ),
        (
            "ops",
            "cann-8.5.0",
            [
                "cann-8.5.0/aarch64-linux/script/uninstall.sh",
                "cann-8.5.0/aarch64-linux/script/ops_uninstall.sh",
            ],
            ["cann-8.5.0/aarch64-linux/script/ops_uninstall.sh"],
        ),
        (
            "kernels",
            "nnae/8.0.0/opp_kernel",
            ["nnae/8.0.0/opp_kernel/script/uninstall.sh", "nnae/8.0.0/script/uninstall.sh"],
            ["nnae/8.0.0/opp_kernel/script/uninstall.sh"],
        ),
        ("nnal", "nnal/atb/8.5.0", ["nnal/nnal_uninstall.sh"], ["nnal/nnal_uninstall.sh"]),
        (
            "nnal",
            "nnal/atb/8.0.0",
            ["nnal/atb/8.0.0/scripts/uninstall.sh"],
            ["nnal/atb/8.0.0/scripts/uninstall.sh"],
        ),
        ("toolkit", "ascend-toolkit/7.0.0", [], []),
    ],
)
def test_each_part_has_its_own_uninstaller(tree, part, path, scripts, wanted):
    (tree.ascend / path).mkdir(parents=True)
    for script in scripts:
        tree.write(script)
    assert tree.scripts(part, path) == [f"/{ASCEND}/{script}" for script in wanted]


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        (None, "", "bare_metal"),
        ("proc/1/cgroup", "0::/\n", "bare_metal"),
        ("sys/class/dmi/id/sys_vendor", "Huawei\n", "bare_metal"),
        ("sys/class/dmi/id/sys_vendor", "QEMU\n", "vm"),
        ("sys/devices/virtual/dmi/id/sys_vendor", "QEMU\n", "vm"),  # where there is no /sys/class/dmi
        ("sys/class/dmi/id/product_name", "KVM Virtual Machine\n", "vm"),
        ("sys/hypervisor/type", "xen\n", "vm"),
        (".dockerenv", "", "container"),
        ("run/.containerenv", "", "container"),
        ("proc/1/cgroup", "0::/system.slice/docker-0123.scope\n", "container"),
        ("proc/1/cgroup", "1:cpu:/kubepods/besteffort/pod1\n", "container"),
    ],
)
def test_what_kind_of_host_it_is(tmp_path, path, text, kind):
    if path:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    assert environment(str(tmp_path)) == kind


def test_a_virtual_machine_in_which_a_container_runs_is_a_container(tmp_path):
    (tmp_path / "sys/class/dmi/id").mkdir(parents=True)
    (tmp_path / "sys/class/dmi/id/sys_vendor").write_text("QEMU\n")
    (tmp_path / ".dockerenv").write_text("")
    assert environment(str(tmp_path)) == "container"
