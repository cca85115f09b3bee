# SPDX-License-Identifier: GPL-3.0-or-later
"""CANN 8.0.0, 8.3.RC1 and 8.5.0 beside each other, the last in the new layout; then pruned to two."""

from __future__ import annotations

import pytest

HOST = "packages-beside"
testinfra_hosts = [f"ssh://{HOST}"]
ROOT = "/usr/local/Ascend"
NEW, OLD = f"{ROOT}/cann-8.5.0/aarch64-linux", f"{ROOT}/ascend-toolkit/8.3.RC1/aarch64-linux"
ORDER = {
    "distrusted": [],
    "first": [
        "first driver 24.1.0",
        "first firmware 7.5.0.2.220",
        "install toolkit 8.0.0",
        "install kernels 8.0.0",
    ],
    "newer": [
        "upgrade firmware 7.8.0.2.212",
        "upgrade driver 25.3.rc1",
        "install toolkit 8.3.RC1",
        "install kernels 8.3.RC1",
    ],
    "newest": [
        "upgrade firmware 7.8.0.5.201",
        "upgrade driver 25.5.0",
        "install toolkit 8.5.0",
        "install ops 8.5.0",
    ],
    "again": [],
    "prune_refused": [],
    "prune": ["uninstall kernels 8.0.0", "uninstall toolkit 8.0.0"],
    "prune_owner": [],
    "prune_again": [],
}


@pytest.mark.parametrize("command", sorted(ORDER))
def test_each_command_ran_its_installers_in_the_vendors_order(kept, command):
    assert kept.installers(command, HOST) == ORDER[command]


def test_the_commands_are_all_that_ran_an_installer(kept):
    assert list(ORDER) == kept.names


def test_a_second_run_and_a_second_prune_changed_nothing(kept):
    node = kept.node("again", HOST)
    assert node["state"] == "unchanged"
    assert kept.changed("again", HOST) == kept.changed("prune_again", HOST) == 0


def test_each_release_was_the_one_in_use_before_the_next(kept):
    before = [kept.node(command, HOST)["before"]["cann"] for command in ("newer", "newest", "again")]
    assert before == ["8.0.0", "8.3.RC1", "8.5.0"]


def test_pruning_without_consent_says_what_would_go_and_what_to_set(kept):
    said = kept.said("prune_refused")
    assert "Nothing was touched." in said
    assert "(remove kernels 8.0.0, | |" in said
    assert "cann_removal_allowed: true" in said


@pytest.mark.parametrize(
    ("file", "line"),
    [
        (f"{ROOT}/driver/version.info", "Version=25.5.0"),
        (f"{ROOT}/firmware/version.info", "Version=7.8.0.5.201"),
        (f"{NEW}/ascend_toolkit_install.info", "version=8.5.0"),
        (f"{NEW}/ascend_ops_install.info", "version=8.5.0"),
        (f"{OLD}/ascend_toolkit_install.info", "version=8.3.RC1"),
        (f"{ROOT}/ascend-toolkit/8.3.RC1/opp_kernel/version.info", "version_dir=8.3.RC1"),
        ("/etc/Ascend/ascend_cann_install.info", f"Toolkit_InstallPath={ROOT}/cann-8.5.0"),
    ],
)
def test_version_files_say_what_is_installed_and_belong_to_root(host, file, line):
    with host.sudo():
        found = host.file(file)
        assert line in found.content_string.splitlines()
        assert (found.user, found.group) == ("root", "root")


def test_the_oldest_version_is_gone_and_the_two_newest_are_there(host):
    assert host.check_output(f"ls {ROOT}/ascend-toolkit").split() == ["8.3.RC1", "latest", "set_env.sh"]
    assert host.check_output(f"ls {ROOT}").split() == [
        *("ascend-toolkit", "cann", "cann-8.5.0", "driver", "firmware"),
    ]


def test_the_links_of_both_layouts_lead_to_the_newest_version(host):
    target = f"{ROOT}/cann-8.5.0"
    links = {name: host.file(f"{ROOT}/{name}").linked_to for name in ("cann", "ascend-toolkit/latest")}
    assert links == {"cann": target, "ascend-toolkit/latest": target}
    assert host.file(f"{ROOT}/ascend-toolkit/set_env.sh").linked_to == f"{target}/set_env.sh"


def test_login_shells_have_the_environment_of_the_new_layout(host):
    assert host.check_output("bash -lc 'realpath $ASCEND_TOOLKIT_HOME'") == f"{ROOT}/cann-8.5.0"


def test_the_vendors_logs_hold_every_run(host):
    with host.sudo():
        operations = host.file("/var/log/ascend_seclog/operation.log").content_string.splitlines()
        toolkits = host.file("/var/log/ascend_seclog/ascend_toolkit_install.log").content_string
    done = [(line.split()[0], line.split()[6].split("_")[1].removesuffix(".run")) for line in operations]
    assert done == [
        *(("Install", "24.1.0"), ("Install", "7.5.0.2.220")),
        *(("Upgrade", "7.8.0.2.212"), ("Upgrade", "25.3.rc1")),
        *(("Upgrade", "7.8.0.5.201"), ("Upgrade", "25.5.0")),
    ]
    assert "Ascend-cann-toolkit_8.0.0_linux-aarch64 uninstall success" in toolkits


def test_the_output_of_each_package_is_kept_for_root_and_no_package_is_left(host):
    with host.sudo():
        logs = host.check_output("ls /var/log/ascend_fleet").split()
    assert len([log for log in logs if log.endswith(".run.log")]) == 12
    assert {"kernels-uninstall.log", "toolkit-uninstall.log"} <= set(logs)
    assert host.file("/var/log/ascend_fleet").mode == 0o750
    assert host.check_output("ls -A /var/tmp") == ""
