# SPDX-License-Identifier: GPL-3.0-or-later
"""The firmware package on a simulated node."""

from __future__ import annotations

import pytest
from npu_simulator import boot

ASCEND = "/usr/local/Ascend"
NEW = "cann-8.0.0"


def test_firmware_is_for_root_and_knows_its_parameters(host):
    assert host.run("firmware", "--full", "--fast") == 1
    assert "Unrecognized parameters: --fast. Try" in host.out
    host.node.uid = 1000
    assert host.run("firmware", "--version") == 1
    assert "ERR_NO:0x0093" in host.out


def test_firmware_is_live_on_every_chip_after_the_boot(host):
    host.run("driver", "--full", "--quiet")
    assert host.run("firmware", "--full", "--quiet") == 2
    assert "[INFO]The firmware of [8] chips are successfully upgraded." in host.out
    assert "Reboot now or after driver installation for the installation/upgrade to take effect." in host.out
    assert host.text(f"{ASCEND}/firmware/version.info").startswith("Version=7.1.0.5.220\n")
    assert "Firmware_Install_Path_Param=/usr/local/Ascend\n" in host.text("/etc/ascend_install.info")
    assert {npu["firmware"] for npu in host.node.read()["npus"]} == {None}
    boot.boot(host.node)
    assert {npu["firmware"] for npu in host.node.read()["npus"]} == {"7.1.0.5.220"}


def test_firmware_wants_a_running_driver_its_chip_and_bare_metal(host):
    assert host.run("firmware", "--full", "--quiet") == 1
    assert "please install driver package first" in host.out
    host.run("driver", "--full", "--quiet")
    assert host.run("firmware", "--full", "--quiet", product="atlas_800_9000") == 1
    assert "is not match" in host.out
    for environment in ("vm", "container"):
        host.set(environment=environment)
        assert host.run("firmware", "--full", "--quiet") == 1
        assert "only be installed on a physical machine" in host.out
    assert host.node.read()["pending"]["firmware"] is None


def test_firmware_asks_before_it_overwrites(host):
    host.install_hdk()
    assert host.run("firmware", "--full", stdin="x\nn\n") == 0
    assert (
        "the version is 7.1.0.5.220, and the version of this package is 7.1.0.5.220,do you want" in host.out
    )
    assert "installation Stoped!" in host.out
    assert host.run("firmware", "--full", stdin="y\n", release=NEW) == 2
    assert host.node.read()["pending"]["firmware"] == "7.5.0.2.220"


def test_firmware_questions_and_removal(host):
    host.install_hdk()
    assert host.run("firmware", "--check") == 0
    assert "[INFO]base version is 7.1.0.5.220." in host.out
    assert host.run("firmware", "--version", release=NEW) == 0
    assert "[INFO]firmware version :7.5.0.2.220" in host.out
    assert host.run("firmware", "--full", "--check") == 1
    assert host.call("uninstall", "firmware", ASCEND, "--quiet") == 0
    assert "Firmware package uninstalled successfully! Uninstallation takes effect immediately." in host.out
    assert host.run("firmware", "--uninstall") == 1
    assert "ERR_NO:0x0080" in host.out
    assert "Firmware" not in host.text("/etc/ascend_install.info")


@pytest.mark.parametrize("fault", ["installer_fails", "installer_half"])
def test_failing_firmware_is_not_pending(host, fault):
    host.run("driver", "--full", "--quiet")
    host.fault(**{fault: ["firmware"]})
    assert host.run("firmware", "--full", "--quiet") == 1
    assert not host.has(f"{ASCEND}/firmware/version.info")
    assert host.node.read()["pending"]["firmware"] is None
