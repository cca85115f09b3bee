# SPDX-License-Identifier: GPL-3.0-or-later
"""From 8.3.RC1 to 8.5.0, and by rollback.yml back again, through both layouts of CANN."""

from __future__ import annotations

import pytest

HOST = "rollback-back"
testinfra_hosts = [f"ssh://{HOST}"]
ROOT = "/usr/local/Ascend"
OLD = f"{ROOT}/ascend-toolkit/8.3.RC1"
ORDER = {
    "headless": [],
    "unheld": [],
    "first": [
        "first driver 25.3.rc1",
        "first firmware 7.8.0.2.212",
        "install toolkit 8.3.RC1",
        "install kernels 8.3.RC1",
    ],
    "newer": [
        "upgrade firmware 7.8.0.5.201",
        "upgrade driver 25.5.0",
        "install toolkit 8.5.0",
        "install ops 8.5.0",
    ],
    "rollback_refused": [],
    "rollback": [
        "upgrade firmware 7.8.0.2.212",
        "upgrade driver 25.3.rc1",
        "install toolkit 8.3.RC1",
    ],
    "rollback_again": [],
}


@pytest.mark.parametrize("command", sorted(ORDER))
def test_each_command_ran_its_installers_in_the_vendors_order(kept, command):
    assert kept.installers(command, HOST) == ORDER[command]


def test_a_kernel_that_cannot_be_held_stops_before_the_driver_is_touched(kept):
    said = kept.said("unheld")
    assert "linux-image-4.19.90 cannot be held" in said
    assert "Set npu_driver_held_packages to the installed packages of the running kernel" in said
    assert kept.changed("unheld", HOST) == 0


def test_the_rollback_needs_its_consent_and_says_from_where_to_where(kept):
    said = kept.said("rollback_refused")
    assert "Nothing was touched." in said
    assert "no consent to install an" in said
    assert "npu_driver_downgrade_allowed:" in said
    assert "7.8.0.5.201 to 7.8.0.2.212" in said


def test_the_rollback_chose_the_release_that_lay_beside(kept):
    node = kept.node("rollback", HOST)
    assert node["release"] == "cann-8.3.rc1"
    assert (node["before"]["driver"], node["wanted"]["driver"]) == ("25.5.0", "25.3.rc1")


def test_a_second_rollback_to_it_changed_nothing(kept):
    assert kept.node("rollback_again", HOST)["state"] == "unchanged"
    assert kept.changed("rollback_again", HOST) == 0


@pytest.mark.parametrize(
    ("file", "line"),
    [
        (f"{ROOT}/driver/version.info", "Version=25.3.rc1"),
        (f"{ROOT}/firmware/version.info", "Version=7.8.0.2.212"),
        (f"{OLD}/aarch64-linux/ascend_toolkit_install.info", "version=8.3.RC1"),
        (f"{ROOT}/cann-8.5.0/aarch64-linux/ascend_toolkit_install.info", "version=8.5.0"),
    ],
)
def test_version_files_are_those_of_the_older_release_and_the_newer_cann_stays(host, file, line):
    found = host.file(file)
    assert line in found.content_string.splitlines()
    assert (found.user, found.group) == ("root", "root")


def test_the_older_driver_is_live_on_eight_healthy_npus(host):
    with host.sudo():
        text = host.check_output("npu-smi info")
    assert "Version: 25.3.rc1" in text
    assert text.count("| OK ") == 8


def test_latest_and_login_shells_are_back_in_the_older_layout(host):
    assert host.file(f"{ROOT}/ascend-toolkit/latest").linked_to == OLD
    assert host.check_output("bash -lc 'realpath $ASCEND_TOOLKIT_HOME'") == OLD


def test_the_vendors_log_has_the_way_there_and_back(host):
    with host.sudo():
        lines = host.file("/var/log/ascend_seclog/operation.log").content_string.splitlines()
    versions = [line.split()[6].split("_")[1].removesuffix(".run") for line in lines if " success" in line]
    assert versions == ["25.3.rc1", "7.8.0.2.212", "7.8.0.5.201", "25.5.0", "7.8.0.2.212", "25.3.rc1"]


def test_the_kernel_is_held(host):
    assert host.check_output("dpkg --get-selections dkms").split() == ["dkms", "hold"]
