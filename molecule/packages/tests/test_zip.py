# SPDX-License-Identifier: GPL-3.0-or-later
"""Zips signed by the root that the inventory names, first held against another root, then installed."""

from __future__ import annotations

import pytest

HOST = "packages-zip"
testinfra_hosts = [f"ssh://{HOST}"]
ROOT = "/usr/local/Ascend"
NEW = f"{ROOT}/cann-8.5.0/aarch64-linux"
ORDER = {
    "distrusted": [],
    "first": [
        "first driver 25.5.0",
        "first firmware 7.8.0.5.201",
        "install toolkit 8.5.0",
        "install ops 8.5.0",
    ],
    "newest": [],
    "again": [],
}


@pytest.mark.parametrize("command", sorted(ORDER))
def test_each_command_ran_its_installers_in_the_vendors_order(kept, command):
    assert kept.installers(command, HOST) == ORDER[command]


def test_a_signature_of_somebody_else_stops_before_anything_of_the_package_runs(kept):
    said = kept.said("distrusted")
    assert "npu-driver_25.5.0_linux-aarch64.run: its signature does not hold against ca_file" in said
    assert "nothing was executed" in said
    assert [call for call in kept.calls("distrusted", HOST) if call["program"] == "installers"] == []


def test_the_run_says_that_the_own_catalog_stands_in_for_the_shipped_one(kept):
    said = kept.said("first")
    assert "The release cann-8.5.0 is that of " in said
    assert "/.demo/signed/catalog/releases/cann-8.5.0.yml; " in said


def test_a_later_run_changed_nothing(kept):
    assert {kept.node(name, HOST)["state"] for name in ("newest", "again")} == {"unchanged"}
    assert kept.changed("again", HOST) == 0


@pytest.mark.parametrize(
    ("file", "line"),
    [
        (f"{ROOT}/driver/version.info", "Version=25.5.0"),
        (f"{ROOT}/firmware/version.info", "Version=7.8.0.5.201"),
        (f"{NEW}/ascend_toolkit_install.info", "version=8.5.0"),
        (f"{NEW}/ascend_ops_install.info", "version=8.5.0"),
    ],
)
def test_version_files_say_what_the_zips_held_and_belong_to_root(host, file, line):
    found = host.file(file)
    assert line in found.content_string.splitlines()
    assert (found.user, found.group) == ("root", "root")


def test_the_link_leads_to_the_version(host):
    assert host.file(f"{ROOT}/cann").linked_to == f"{ROOT}/cann-8.5.0"


def test_the_logs_are_named_after_the_zips_and_nothing_of_them_is_left(host):
    with host.sudo():
        logs = host.check_output("ls /var/log/ascend_fleet").split()
    assert [log for log in logs if ".zip" in log] == [
        "Ascend-cann-910b-ops_8.5.0_linux-aarch64.zip.log",
        "Ascend-cann-toolkit_8.5.0_linux-aarch64.zip.log",
        "Ascend-hdk-910b-npu_25.5.0_linux-aarch64.zip.log",
    ]
    assert host.check_output("ls -A /var/tmp") == ""
