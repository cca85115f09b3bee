# SPDX-License-Identifier: GPL-3.0-or-later
"""run_package against the simulator's packages, kind by kind: check, run, run again, remove."""

from __future__ import annotations

import os

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils._software import read_software
from integration.package_host import ASCEND, PackageHost
from npu_simulator.installers import docker_runtime
from simulator.installers.conftest import make_release

__all__ = ["make_release"]
OLD, NEW = "ascend-toolkit", "cann"


@pytest.fixture
def host(tmp_path, monkeypatch, capsys):
    """Give a bare simulated node with the module on it."""
    return PackageHost(tmp_path, monkeypatch, capsys)


def test_a_first_driver_then_its_firmware(host):
    driver = host.settle("driver")
    assert driver["actions"] == ["install driver 23.0.3"]
    assert [call.split(" ", 1)[1] for call in host.calls] == [
        "--check",
        "--version",
        "--full --quiet --install-for-all",
    ]
    firmware = host.settle("firmware")
    assert (firmware["actions"], firmware["reboot_required"]) == (["install firmware 7.1.0.5.220"], True)
    assert host.has(f"{ASCEND}/firmware/version.info")
    assert host.calls[-1].endswith("npu-firmware_7.1.0.5.220.run --full --quiet")


def test_an_upgrade_and_the_way_back_use_the_vendors_upgrade(host):
    host.settle("driver")
    up = host.settle("driver", "cann-8.0.0")
    assert (up["actions"], up["command"].split(" ", 1)[1]) == (
        ["change driver from 23.0.3 to 24.1.0"],
        "--upgrade --quiet",
    )
    down = host.settle("driver")
    assert (down["version_before"], down["version_after"]) == ("24.1.0", "23.0.3")


def test_firmware_and_driver_are_removed_by_their_own_uninstallers(host):
    host.settle("driver")
    host.settle("firmware")
    assert host.remove("firmware")["actions"] == ["remove firmware 7.1.0.5.220"]
    done = host.remove("driver")
    assert (done["actions"], done["version_after"]) == (["remove driver 23.0.3"], None)
    assert [call for call in host.calls if "uninstall" in call] == ["uninstall.sh --quiet"] * 2
    assert not host.has(f"{ASCEND}/driver/version.info")


def test_another_version_is_not_what_shall_be_absent(host):
    host.settle("driver")
    assert host.remove("driver", "24.1.0")["changed"] is False
    assert host.has(f"{ASCEND}/driver/version.info")


@pytest.mark.parametrize(
    ("part", "proof"),
    [
        ("toolkit", "ascend-toolkit/8.3.RC1/aarch64-linux/ascend_toolkit_install.info"),
        ("nnae", "nnae/8.3.RC1/ascend_nnae_install.info"),
        ("nnrt", "nnrt/8.3.RC1/aarch64-linux/ascend_nnrt_install.info"),
        ("tfplugin", "tfplugin/8.3.RC1/ascend_tfplugin_install.info"),
        ("toolbox", "toolbox/7.3.0/ascend_toolbox_install.info"),
    ],
)
def test_each_part_of_the_old_tree_comes_and_goes(host, make_release, part, proof):
    release = make_release("8.3.RC1", OLD)
    done = host.settle(part, release)
    version = done["version_after"]
    assert done["actions"] == [f"install {part} {version}"]
    assert host.has(f"{ASCEND}/{proof}")
    assert host.remove(part, version)["actions"] == [f"remove {part} {version}"]
    assert not host.has(f"{ASCEND}/{proof}")


@pytest.mark.parametrize("base", ["toolkit", "nnae", "nnrt"])
def test_kernels_stand_on_toolkit_nnae_or_nnrt_of_their_version(host, make_release, base):
    release = make_release("8.3.RC1", OLD)
    refused = host.install("kernels", release)
    assert "kernels 8.3.RC1: found no toolkit, wanted toolkit or nnae or nnrt 8.3.RC1" in refused["msg"]
    host.settle(base, release)
    done = host.settle("kernels", release)
    assert done["command"].endswith("--install --quiet --install-for-all")
    tree = {"toolkit": "ascend-toolkit"}.get(base, base)
    assert host.has(f"{ASCEND}/{tree}/8.3.RC1/opp_kernel/version.info")
    assert host.remove("kernels", "8.3.RC1")["changed"]
    assert host.install(base, release)["changed"] is False


def test_kernels_with_static_libraries(host, make_release):
    release = make_release("8.3.RC1", OLD)
    host.settle("toolkit", release)
    done = host.settle("kernels", release, devel=True)
    assert done["command"].endswith("--devel --quiet --install-for-all")
    tree = f"{ASCEND}/ascend-toolkit/8.3.RC1"
    assert host.has(f"{tree}/aarch64-linux/lib64/libops_910b_static.a")


def test_kernels_of_another_toolkit_version_are_refused(host, make_release):
    host.settle("toolkit", make_release("8.3.RC1", OLD))
    refused = host.install("kernels", "cann-8.0.0")
    assert (
        "kernels 8.0.0: found toolkit 8.3.RC1, wanted toolkit or nnae or nnrt 8.0.0 below "
        f"{ASCEND}; install it first"
    ) in refused["msg"]


def test_the_new_tree_has_ops_beside_the_toolkit(host, make_release):
    release = make_release("8.5.0", NEW)
    assert "ops 8.5.0: found no toolkit, wanted toolkit 8.5.0" in host.install("ops", release)["msg"]
    host.settle("toolkit", release)
    host.settle("ops", release)
    assert host.has(f"{ASCEND}/cann-8.5.0/aarch64-linux/ascend_ops_install.info")
    assert host.remove("ops", "8.5.0")["actions"] == ["remove ops 8.5.0"]
    assert host.remove("toolkit", "8.5.0")["actions"] == ["remove toolkit 8.5.0"]
    assert not host.has(f"{ASCEND}/cann")


def test_nnal_gets_the_environment_of_cann(host, make_release):
    release = make_release("8.5.0", NEW)
    assert "nnal 8.5.0: found no toolkit, wanted toolkit or nnae" in host.install("nnal", release)["msg"]
    host.settle("toolkit", release)
    host.settle("nnal", release)
    assert host.has(f"{ASCEND}/nnal/atb/8.5.0/version.info")
    assert host.remove("nnal", "8.5.0")["changed"]


def test_the_container_runtime_is_installed_upgraded_and_removed(host, make_release):
    release = make_release("8.5.0", NEW)
    (host.root / "etc/docker").mkdir(parents=True)
    done = host.settle("docker_runtime", release, scene="docker")
    assert done["command"].endswith("--install --quiet --install-scene=docker")
    assert host.remove("docker_runtime")["actions"] == ["remove docker_runtime 7.3.0"]


def test_the_mode_of_the_container_runtime_is_read_back(host, make_release, monkeypatch):
    release = make_release("8.5.0", NEW)
    refused = host.install("docker_runtime", release, injection_mode="cdi")
    assert "unsupported parameters: --injection-mode=cdi" in refused["msg"]
    monkeypatch.setattr(docker_runtime, "LAST_WITHOUT", [7, 2, 0])  # there is no package of a newer one yet
    done = host.settle("docker_runtime", release, scene="containerd", injection_mode="cdi")
    assert done["command"].endswith("--install-scene=containerd --injection-mode=cdi")
    found = read_software(str(host.root), ASCEND)["docker_runtime"]
    assert (found["version"], found["injection_mode"]) == ("7.3.0", "cdi")
    binary = f"{found['path']}/ascend-docker-runtime"
    assert f'BinaryName = "{binary}"' in (host.root / "etc/containerd/config.toml").read_text()


def test_from_the_old_tree_to_the_new_and_back(host, make_release):
    old, new = make_release("8.3.RC1", OLD), make_release("8.5.0", NEW)
    host.settle("toolkit", old)
    up = host.settle("toolkit", new)
    assert (up["version_before"], up["version_after"]) == ("8.3.RC1", "8.5.0")
    back = host.settle("toolkit", old)
    assert back["actions"] == ["install toolkit 8.3.RC1 again, because 8.5.0 is in use"]
    assert host.has(f"{ASCEND}/cann-8.5.0/aarch64-linux/ascend_toolkit_install.info")


def test_side_by_side_the_last_one_installed_is_in_use(host):
    host.settle("toolkit")
    host.settle("toolkit", "cann-8.0.0")
    again = host.settle("toolkit")
    assert again["actions"] == ["install toolkit 7.0.0 again, because 8.0.0 is in use"]
    host.remove("toolkit", "8.0.0")
    assert host.install("toolkit")["changed"] is False


def test_a_part_of_the_toolkit_cannot_grow(host, make_release):
    release = make_release("8.5.0", NEW)
    host.settle("toolkit", release, whitelist="nnrt")
    refused = host.install("toolkit", release)
    assert "found toolkit 8.5.0 with the whitelist nnrt, wanted all of it" in refused["msg"]
    assert "remove it first (state: absent)" in refused["msg"]


def test_a_whitelist_is_refused_where_the_package_would_install_nothing(host, make_release):
    refused = host.install("toolkit", make_release("8.3.RC1", OLD), whitelist="nnrt")
    assert "whitelist: found toolkit 8.3.RC1, wanted 8.5.0 or later" in refused["msg"]
    assert host.calls == []


def test_another_owner_has_cann_in_the_own_home(host, make_release):
    """Guide 003: HwHiAiUser in its home; operators belong to the owner of their toolkit."""
    release = make_release("8.3.RC1", OLD)
    host.node.uid = 1000
    (host.root / "home/HwHiAiUser").mkdir(parents=True, exist_ok=True)
    os.chown(host.root / "home/HwHiAiUser", 1000, 1000)
    host.settle("toolkit", release)
    assert host.has("/home/HwHiAiUser/Ascend/ascend-toolkit/8.3.RC1")
    assert not host.has(ASCEND)
    assert "driver 25.5.0: found HwHiAiUser, wanted root" in host.install("driver", release)["msg"]
    host.node.uid = 0
    refused = host.install("kernels", release, install_path="/home/HwHiAiUser/Ascend")
    assert "install_path: found /home/HwHiAiUser of HwHiAiUser, wanted one of root" in refused["msg"]
