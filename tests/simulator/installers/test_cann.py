# SPDX-License-Identifier: GPL-3.0-or-later
"""The toolkit and kernels packages on a simulated node."""

from __future__ import annotations

import os

import pytest
from npu_simulator.installers.assets import acl
from npu_simulator.state import STATE_FILE

ASCEND = "/usr/local/Ascend"
TREE = f"{ASCEND}/ascend-toolkit"
NEW, OLD = "cann-8.0.0", "cann-7.0.0"


@pytest.mark.parametrize(
    ("release", "version", "inner"), [(OLD, "7.0.0", "7.1.0.3.220"), (NEW, "8.0.0", "7.6.0.1.220")]
)
def test_toolkit_and_kernels_leave_the_layout_of_their_version(host, release, version, inner):
    host.install_hdk()
    host.install_cann(release)
    assert host.out.endswith(f"install success. The installation path is {TREE}.\n")
    info = host.text(f"{TREE}/latest/aarch64-linux/ascend_toolkit_install.info").splitlines()
    assert info[:2] == ["package_name=Ascend-cann-toolkit", f"version={version}"]
    assert info[-3:] == ["arch=aarch64", "os=linux", f"path={TREE}/{version}/aarch64-linux"]
    assert host.text(f"{TREE}/latest/opp_kernel/version.info") == f"Version={inner}\nversion_dir={version}\n"
    assert host.has(f"{TREE}/latest/opp/built-in/op_impl/ai_core/tbe/kernel/ascend910b")
    assert host.has(f"{TREE}/latest/lib64/libhccl.so")
    assert host.has(f"{TREE}/latest/lib64/te-0.4.0-py3-none-any.whl")
    assert host.has(f"{TREE}/latest/python/site-packages/te-0.4.0.dist-info/RECORD")  # installed, too
    assert os.readlink(host.node.path(f"{TREE}/latest")) == version
    assert f"export ASCEND_TOOLKIT_HOME={TREE}/latest\n" in host.text(f"{TREE}/set_env.sh")
    assert host.text("/etc/Ascend/ascend_cann_install.info").startswith(f"Install_Path={ASCEND}\n")


def test_the_toolkit_tells_its_summary(host):
    host.install_hdk()
    host.run("toolkit", "--install", "--quiet", "--install-for-all")
    summary = host.out[host.out.index("===========") :].splitlines()
    assert summary[:3] == ["===========", "= Summary =", "==========="]
    assert summary[4] == f"Driver:   Installed in {ASCEND}/driver."
    assert (
        summary[5]
        == f"Toolkit:  Ascend-cann-toolkit_7.0.0_linux-aarch64 install success, installed in {ASCEND}."
    )
    assert (
        "CANN-runtime-7.1.0.3.220-linux.aarch64.run --full --quiet --nox11 --install-for-all install"
        in host.out
    )


@pytest.mark.parametrize(("words", "mode"), [([], 0o750), (["--install-for-all"], 0o755)])
def test_others_may_use_cann_only_with_install_for_all(host, words, mode):
    host.install_cann(OLD, *words)
    for folder in ("7.0.0", "7.0.0/aarch64-linux/lib64", "7.0.0/opp_kernel"):
        assert host.node.path(f"{TREE}/{folder}").stat().st_mode & 0o777 == mode


@pytest.mark.parametrize(("answer", "status"), [("Y\n", 0), ("y\n", 0), ("N\n", 1), ("", 1)])
def test_the_licence_is_asked_unless_quiet(host, answer, status):
    assert host.run("toolkit", "--install", stdin=answer) == status
    assert "Do you accept the EULA to install CANN?[Y/N]" in host.out
    assert host.has(f"{TREE}/set_env.sh") == (status == 0)


def test_cann_refuses_another_machine_and_unknown_parameters(host):
    assert host.run("toolkit", "--install", "--quiet", "--fast") == 1
    assert "Unrecognized parameters: --fast." in host.out
    assert host.run("toolkit", "--install", "--quiet", "--path=/opt") == 1
    assert "Unrecognized parameters: --path=/opt." in host.out
    host.set(arch="x86_64")
    assert host.run("toolkit", "--install", "--quiet") == 1
    assert "the architecture of the run package is inconsistent" in host.out
    assert not host.has(TREE)


def test_acl_tells_of_driver_and_chips(host, monkeypatch):
    monkeypatch.setattr(acl, "_STATE", host.node.path(STATE_FILE))
    assert (acl.init(), acl.get_soc_name()) == (107002, "Ascend910B3")
    host.install_hdk()
    assert acl.init() == 0


def test_kernels_want_the_toolkit_of_their_version(host):
    host.run("toolkit", "--install", "--quiet")
    assert host.run("kernels", "--install", "--quiet", release=NEW) == 1
    assert "version 8.0.0 is not installed in /usr/local/Ascend" in host.out


def test_versions_lie_side_by_side_and_the_last_one_is_latest(host):
    host.install_cann(OLD)
    host.install_cann(NEW)
    assert os.readlink(host.node.path(f"{TREE}/latest")) == "8.0.0"
    assert host.has(f"{TREE}/7.0.0/aarch64-linux/ascend_toolkit_install.info")
    assert host.run("kernels", "--uninstall", release=NEW) == 0
    assert host.script(f"{TREE}/8.0.0/aarch64-linux/script/uninstall.sh") == 0
    assert host.out.endswith("Ascend-cann-toolkit_8.0.0_linux-aarch64 uninstall success\n")
    assert os.readlink(host.node.path(f"{TREE}/latest")) == "7.0.0"
    assert not host.has(f"{TREE}/8.0.0")
    assert host.script(f"{TREE}/7.0.0/opp_kernel/script/uninstall.sh") == 0
    assert host.run("kernels", "--uninstall") == 1
    assert host.run("toolkit", "--uninstall") == 0
    assert not host.has(TREE)
    assert not host.has("/etc/Ascend/ascend_cann_install.info")
    assert host.run("toolkit", "--uninstall") == 1


def test_an_upgrade_replaces_the_version_in_use(host):
    assert host.run("toolkit", "--upgrade", "--quiet") == 1
    host.run("toolkit", "--install", "--quiet")
    assert host.run("toolkit", "--upgrade", "--quiet", release=NEW) == 0
    assert [one.name for one in sorted(host.node.path(TREE).iterdir())] == ["8.0.0", "latest", "set_env.sh"]


def test_another_path_than_the_first_is_refused(host):
    host.run("toolkit", "--install", "--quiet")
    assert host.run("kernels", "--install", "--quiet", "--install-path=/opt/Ascend") == 1
    text = "/etc/Ascend/ascend_cann_install.info exists ! 'install-path' parameter are not supported."
    assert text in host.out
    assert host.run("kernels", "--install", "--quiet", f"--install-path={ASCEND}") == 0


def test_a_user_installs_below_his_home(host):
    host.node.uid = 1000
    host.run("toolkit", "--install", "--quiet")
    assert host.has("/home/HwHiAiUser/Ascend/ascend-toolkit/7.0.0/aarch64-linux/ascend_toolkit_install.info")
    assert host.has("/home/HwHiAiUser/var/log/ascend_seclog/ascend_toolkit_install.log")
    assert not host.has(ASCEND)


def test_a_closed_parent_folder_is_refused(host):
    host.node.path("/usr/local").chmod(0o700)
    assert host.run("toolkit", "--install", "--quiet") == 1
    assert "the given dir, or its parents, permission is invalid." in host.out


@pytest.mark.parametrize("fault", ["installer_fails", "installer_half"])
@pytest.mark.parametrize(
    ("part", "file"),
    [("toolkit", "aarch64-linux/ascend_toolkit_install.info"), ("kernels", "opp_kernel/version.info")],
)
def test_failing_cann_leaves_no_info_file(host, fault, part, file):
    if part == "kernels":
        host.run("toolkit", "--install", "--quiet")
    host.fault(**{fault: [part]})
    assert host.run(part, "--install", "--quiet") == 1
    assert not host.has(f"{TREE}/7.0.0/{file}")
    assert host.has(f"{TREE}/7.0.0") == (fault == "installer_half" or part == "kernels")


def test_questions_change_nothing(host):
    assert host.run("toolkit", "--check") == 0
    assert host.run("toolkit", "--version") == 0
    assert "7.0.0" in host.out
    assert host.run("toolkit", "--instal", "--quiet") == 1
    assert host.run("toolkit") == 1
    assert not host.has(ASCEND)


def test_a_payload_that_is_none_is_told(host, tmp_path):
    assert host.call(str(tmp_path), "x.run", "--full") == 2
    assert "found no payload of a simulated package" in host.err
    assert host.call("uninstall", "gpu", "/opt") == 2
