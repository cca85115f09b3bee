# SPDX-License-Identifier: GPL-3.0-or-later
"""The driver package on a simulated node."""

from __future__ import annotations

import fcntl
import threading

import pytest
from npu_simulator import boot

ASCEND = "/usr/local/Ascend"
NEW = "cann-8.0.0"
DRIVER_FILES = [f"{ASCEND}/driver/version.info", f"{ASCEND}/driver/tools/upgrade-tool", "/usr/bin/hccn_tool"]


def test_a_first_driver_is_effective_at_once(host):
    assert host.run("driver", "--full", "--quiet", "--install-for-all") == 0
    assert "Device startup success" in host.out
    assert "installed successfully! The new version takes effect immediately." in host.out
    assert host.node.read()["running"]["driver"] == "23.0.3"
    assert host.text(DRIVER_FILES[0]).startswith("Version=23.0.3\nascendhal_version=7.35.19\n")
    assert host.node.path("/etc/hccn.conf").stat().st_mode & 0o777 == 0o644


def test_a_first_driver_waits_for_a_reboot_when_a_chip_is_not_ready(host):
    host.fault(npu_dead=[3])
    assert host.run("driver", "--full", "--quiet") == 2
    assert "There are some chips not ready, please check after reboot" in host.out
    state = host.node.read()
    assert (state["running"]["driver"], state["pending"]["driver"]) == (None, "23.0.3")


def test_an_upgrade_is_live_after_the_boot_and_the_network_file_stays(host):
    host.install_hdk()
    host.node.path("/etc/hccn.conf").write_text("address_0=10.20.0.1\n")
    assert host.run("driver", "--upgrade", "--quiet", release=NEW) == 2
    assert host.node.read()["running"]["driver"] == "23.0.3"
    boot.boot(host.node)
    assert host.node.read()["running"]["driver"] == "24.1.0"
    assert host.text("/etc/hccn.conf") == "address_0=10.20.0.1\n"


def test_the_wrong_chip_and_the_wrong_machine_are_refused(host):
    assert host.run("driver", "--full", "--quiet", product="atlas_800_9000") == 1
    assert "[ERROR]The current installation package and environment is not match" in host.out
    host.set(arch="x86_64")
    assert host.run("driver", "--full", "--quiet") == 1
    assert "Arch mismatch, src package is aarch64, cur os is x86_64" in host.out
    assert not host.has(ASCEND)


def test_another_installer_and_a_busy_chip_are_refused(host):
    host.install_hdk()
    with host.node.path("/var/lib/npu-simulator/installer.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert host.run("driver", "--upgrade", "--quiet") == 1
        assert "ERR_NO:0x0094" in host.out
        assert host.run("firmware", "--upgrade", "--quiet") == 1
        assert "ERR_NO:0x0094" in host.out
    with host.node.change() as state:
        state["npus"][2]["processes"] = [{"pid": 7, "name": "python", "memory_mb": 100}]
    assert host.run("driver", "--upgrade", "--quiet", release=NEW) == 1
    assert "davinci nodes are occupied by some processes" in host.out
    assert host.text(DRIVER_FILES[0]).startswith("Version=23.0.3\n")
    assert host.run("driver", "--upgrade", "--quiet", "--force", release=NEW) == 2


def test_a_failing_driver_leaves_no_version_and_can_be_tried_again(host):
    host.fault(installer_fails=["driver"])
    assert host.run("driver", "--full", "--quiet") == 1
    assert "Driver_ko_install_manually failed" in host.out
    assert [host.has(file) for file in DRIVER_FILES] == [False, True, True]
    assert "Driver_Install_Status" not in host.text("/etc/ascend_install.info")
    host.fault()
    assert host.run("driver", "--upgrade", "--quiet") == 2


def test_half_a_driver_looks_installed_but_is_not(host):
    host.fault(installer_half=["driver"])
    assert host.run("driver", "--full", "--quiet") == 1
    assert "successfully" not in host.out
    assert [host.has(file) for file in DRIVER_FILES] == [True, False, False]
    boot.boot(host.node)
    assert host.node.read()["running"]["driver"] is None


@pytest.mark.parametrize("part", ["driver", "firmware", "toolkit", "kernels"])
def test_a_lying_installer_says_success_and_does_nothing(host, part):
    if part != "driver":
        host.install_hdk()
    if part == "kernels":
        host.run("toolkit", "--install", "--quiet")
    before = (host.node.read()["pending"], sorted(one for one in host.node.path(ASCEND).rglob("*")))
    host.fault(**{"installer_lies": [part]})
    mode = "--install" if part in {"toolkit", "kernels"} else "--full"
    assert host.run(part, mode, "--quiet") == 0
    assert "success" in host.out
    assert (host.node.read()["pending"], sorted(host.node.path(ASCEND).rglob("*"))) == before


@pytest.mark.parametrize("part", ["driver", "firmware", "toolkit"])
def test_a_hanging_installer_stops_when_it_is_killed(host, part, monkeypatch):
    if part == "firmware":
        host.install_hdk()
    slept = threading.Event()

    def kill(_seconds):
        slept.set()
        raise SystemExit(143)

    host.fault(installer_hangs=[part])
    monkeypatch.setattr("npu_simulator.installers.session.time.sleep", kill)
    monkeypatch.setattr("npu_simulator.installers.session.Session.wait", lambda self, share: None)
    with pytest.raises(SystemExit):
        host.run(part, "--install" if part == "toolkit" else "--full", "--quiet")
    assert slept.is_set()
    assert "success" not in host.out.lower().replace("install success", "")


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("driver", "free space only 120M, cannot install driver package (greater than 300M)"),
        ("firmware", "free space only 12M, cannot install firmware package (greater than 32M)"),
        ("toolkit", "No space left on device"),
        ("kernels", "No space left on device"),
    ],
)
def test_a_full_disk_is_told(host, part, text):
    host.install_hdk()
    if part == "kernels":
        host.run("toolkit", "--install", "--quiet")
    host.fault(disk_full=[part])
    words = ["--upgrade"] if part in {"driver", "firmware"} else ["--install"]
    assert host.run(part, *words, "--quiet") == 1
    assert text in host.out + host.err


def test_the_drivers_own_uninstaller(host):
    host.install_hdk()
    assert host.call("uninstall", "driver", ASCEND, "--quiet") == 0
    assert "Driver package uninstalled successfully!" in host.out
    assert not any(host.has(file) for file in [*DRIVER_FILES, "/usr/local/bin/npu-smi"])
    assert "Driver_Install_For_All=yes" in host.text("/etc/ascend_install.info").splitlines()
    host.node.uid = 1000
    assert host.call("uninstall", "driver", ASCEND) == 1
    assert "ERR_NO:0x0093;ERR_DES:do not have root permission, operation failed,         please" in host.out


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--install-username=", "--install-usergroup=a"], "input_install_username is empty"),
        (["--install-username=HwHiAiUser", "--install-usergroup="], "input_install_group is empty"),
        (["--install-username=nobody", "--install-usergroup=none"], "nobody not exists! Please add nobody"),
        (
            ["--install-username=HwHiAiUser", "--install-usergroup=none"],
            "none group not exists! Please add none group",
        ),
        (
            ["--install-username=HwHiAiUser", "--install-usergroup=root"],
            "root not right! Please check the relatianship of HwHiAiUser and root",
        ),
        (["--install-path="], "install path is null, install failed"),
        (["--install-path=Ascend"], "install-path input error, install failed"),
        (["--install-path=/opt/one/two"], "need create /opt/one."),
    ],
)
def test_wrong_users_groups_and_paths_are_refused(host, words, text):
    for_all = ["--install-for-all"] if "--install-usergroup=root" in words else []
    assert host.run("driver", "--full", "--quiet", *for_all, *words) == 1
    assert text in host.out
    assert not host.has(DRIVER_FILES[0])


def test_root_once_run_user_cannot_be_so_again_without_being_named(host):
    host.install_hdk()
    info = host.node.path("/etc/ascend_install.info")
    info.write_text(info.read_text().replace("=HwHiAiUser", "=root"))
    assert host.run("driver", "--full", "--quiet") == 1
    assert "username not permission for root, check /etc/ascend_install.info" in host.out


def test_a_debug_installation_wants_its_chip_and_a_yes(host):
    assert host.run("driver", "--debug", stdin="x\nn\n") == 0
    assert "ERR_NO:0x0002;ERR_DES:input error, please input again!" in host.out
    assert "[INFO]Stop installation!" in host.out
    assert not host.has(DRIVER_FILES[0])
    host.set(environment="vm")
    assert host.run("driver", "--debug", "--quiet") == 1
    assert "[INFO]Installation in VM env!" in host.out


def test_a_debug_installation_is_not_for_910a(make_host, node_910a):
    host = make_host(node_910a)
    assert host.run("driver", "--debug", product="atlas_800_9000") == 1
    assert "This product does not support debug install type!" in host.out
