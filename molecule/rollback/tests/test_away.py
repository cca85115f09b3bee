# SPDX-License-Identifier: GPL-3.0-or-later
"""A node without headers, then at 8.3.RC1, downgraded with consent while busy, at last without anything."""

from __future__ import annotations

import json

import pytest

HOST = "rollback-away"
testinfra_hosts = [f"ssh://{HOST}"]
ORDER = {
    "headless": [],
    "first": [
        "first driver 25.3.rc1",
        "first firmware 7.8.0.2.212",
        "install toolkit 8.3.RC1",
        "install kernels 8.3.RC1",
    ],
    "newer": [],
    "downgrade_refused": [],
    "downgrade_busy": [],
    "downgrade": [
        "upgrade firmware 7.5.0.2.220",
        "upgrade driver 24.1.0",
        "install toolkit 8.0.0",
        "install kernels 8.0.0",
    ],
    "rollback": [],
    "uninstall_refused": [],
    "uninstall": [
        "uninstall kernels 8.0.0",
        "uninstall toolkit 8.0.0",
        "uninstall kernels 8.3.RC1",
        "uninstall toolkit 8.3.RC1",
        "uninstall firmware",
        "uninstall driver",
    ],
    "uninstall_again": [],
}


@pytest.mark.parametrize("command", sorted(ORDER))
def test_each_command_ran_its_installers_in_the_vendors_order(kept, command):
    assert kept.installers(command, HOST) == ORDER[command]


def test_a_kernel_without_headers_stops_before_the_driver_is_touched(kept):
    said = kept.said("headless")
    assert "The headers must be those of exactly this kernel" in said
    assert "The driver was not touched." in said


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (
            "downgrade_refused",
            ["no consent to install an", "npu_driver_downgrade_allowed:", "7.8.0.2.212 to 7.5.0.2.220"],
        ),
        ("downgrade_busy", ["NPUs in use: process", "user HwHiAiUser) on", "`npu_driver_kill_allowed:"]),
        (
            "uninstall_refused",
            ["no consent to remove CANN", "cann_removal_allowed: true", "npu_driver_removal_allowed:"],
        ),
    ],
)
def test_a_refusal_says_what_was_found_and_what_to_set(kept, command, words):
    said = kept.said(command)
    assert "Nothing was touched." in said
    assert [word for word in words if word not in said] == []
    assert kept.changed(command, HOST) == 0


def test_what_used_the_npus_was_ended_with_consent(kept):
    (stage,) = [stage for stage in kept.node("downgrade", HOST)["stages"] if "driver" in stage["stage"]]
    assert stage["actions"][0] == "end what uses the NPUs"


def test_uninstalling_again_needs_no_consent_and_changes_nothing(kept):
    assert kept.changed("uninstall_again", HOST) == 0


def test_nothing_of_the_vendor_is_left(host):
    with host.sudo():
        state = json.loads(host.check_output("/usr/lib/npu-simulator/run npu-simulator state"))
        left = host.check_output(
            "find /usr /opt /etc /root /home -name version.info -o -name '*_install.info'"
        )
    assert state["running"]["driver"] is None
    assert left == ""
    assert not host.file("/usr/local/Ascend").exists


@pytest.mark.parametrize(
    "path",
    ["/etc/profile.d/ascend.sh", "/etc/security/limits.d/ascend.conf", "/etc/environment.d/60-ascend.conf"],
)
def test_the_settings_of_login_shells_are_gone(host, path):
    assert not host.file(path).exists


def test_sessions_had_the_environment_and_have_nothing_of_it_any_more(kept, host):
    (stage,) = [stage for stage in kept.node("first", HOST)["stages"] if stage["stage"] == "CANN"]
    assert "give all sessions the environment of CANN in /etc/environment" in stage["actions"]
    left = host.file("/etc/environment")
    assert left.exists
    assert "ascend" not in left.content_string.lower()


def test_logs_and_the_vendors_user_stay(host):
    with host.sudo():
        log = host.file("/var/log/ascend_seclog/ascend_toolkit_install.log").content_string
    assert "Ascend-cann-toolkit_8.0.0_linux-aarch64 uninstall success" in log
    assert "Ascend-cann-toolkit_8.3.RC1_linux-aarch64 uninstall success" in log
    assert host.user("HwHiAiUser").home == "/home/HwHiAiUser"
