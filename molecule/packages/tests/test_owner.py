# SPDX-License-Identifier: GPL-3.0-or-later
"""CANN 8.3.RC1 and then 8.5.0 of HwHiAiUser, with nnal, in its home; then the older one was pruned."""

from __future__ import annotations

import pytest

HOST = "packages-owner"
testinfra_hosts = [f"ssh://{HOST}"]
HOME = "/home/HwHiAiUser"
ROOT = f"{HOME}/Ascend"
NEW = f"{ROOT}/cann-8.5.0/aarch64-linux"
ORDER = {
    "first": [
        "first driver 25.3.rc1",
        "first firmware 7.8.0.2.212",
        "install toolkit 8.3.RC1",
        "install kernels 8.3.RC1",
        "install nnal 8.3.RC1",
    ],
    "newer": [],
    "newest": [
        "upgrade firmware 7.8.0.5.201",
        "upgrade driver 25.5.0",
        "install toolkit 8.5.0",
        "install ops 8.5.0",
        "install nnal 8.5.0",
    ],
    "again": [],
    "prune": [],
    "prune_owner": [
        "uninstall kernels 8.3.RC1",
        "uninstall nnal 8.3.RC1",
        "uninstall toolkit 8.3.RC1",
    ],
    "prune_again": [],
}


@pytest.mark.parametrize("command", sorted(ORDER))
def test_each_command_ran_its_installers_in_the_vendors_order(kept, command):
    assert kept.installers(command, HOST) == ORDER[command]


def test_cann_was_installed_and_removed_by_its_owner_and_the_rest_by_root(kept, host):
    owner = host.user("HwHiAiUser").uid
    calls = [call for name in ORDER for call in kept.calls(name, HOST) if call["program"] == "installers"]
    of_cann = {call["uid"] for call in calls if "cann" in " ".join(call["argv"])}
    of_hdk = {call["uid"] for call in calls if "-hdk-" in " ".join(call["argv"])}
    assert (of_cann, of_hdk) == ({owner}, {0})


def test_a_second_run_and_a_second_prune_changed_nothing(kept):
    assert kept.node("again", HOST)["state"] == "unchanged"
    assert kept.changed("again", HOST) == kept.changed("prune_again", HOST) == 0


@pytest.mark.parametrize(
    ("file", "line"),
    [
        (f"{NEW}/ascend_toolkit_install.info", "version=8.5.0"),
        (f"{NEW}/ascend_ops_install.info", "version=8.5.0"),
        (f"{ROOT}/ascend_cann_install.info", f"Toolkit_InstallPath={ROOT}/cann-8.5.0"),
    ],
)
def test_version_files_and_the_record_are_in_the_home(host, file, line):
    assert line in host.file(file).content_string.splitlines()


def test_all_of_it_belongs_to_the_owner(host):
    assert host.check_output(f"find {ROOT} -not -user HwHiAiUser -o -not -group HwHiAiUser") == ""
    assert len(host.check_output(f"find {ROOT}").splitlines()) > 40


def test_nothing_of_cann_is_root_s(host):
    assert host.check_output("ls /usr/local/Ascend").split() == ["driver", "firmware"]
    with host.sudo():
        assert not host.file("/etc/Ascend").exists
        logs = host.check_output("ls /var/log/ascend_seclog /var/log/ascend_fleet")
    assert "cann" not in logs
    assert "toolkit" not in logs


def test_only_the_version_in_use_is_left_and_the_links_lead_to_it(host):
    assert host.check_output(f"ls {ROOT}").split() == [
        *("ascend-toolkit", "ascend_cann_install.info", "cann", "cann-8.5.0", "nnal"),
    ]
    assert host.file(f"{ROOT}/cann").linked_to == f"{ROOT}/cann-8.5.0"
    assert host.file(f"{ROOT}/ascend-toolkit/latest").linked_to == f"{ROOT}/cann-8.5.0"


def test_the_owner_s_login_shell_has_the_environment(host):
    with host.sudo("HwHiAiUser"):
        assert host.check_output("bash -lc 'realpath $ASCEND_TOOLKIT_HOME'") == f"{ROOT}/cann-8.5.0"


def test_login_shells_and_services_find_the_library_of_the_abi_that_was_said(host, shells):
    home = f"{ROOT}/nnal/atb/latest/atb/cxx_abi_0"
    for kind in ("login", "service"):
        seen = shells.variables(kind, "HwHiAiUser")
        assert seen["ATB_HOME_PATH"] == home
        assert seen["LD_LIBRARY_PATH"].split(":")[0] == f"{home}/lib"
        assert f"{ROOT}/cann/lib64" in seen["LD_LIBRARY_PATH"].replace("cann-8.5.0", "cann").split(":")
    with host.sudo():
        assert host.file(f"{home}/lib/libatb.so").exists
        assert host.file(f"{ROOT}/nnal/atb/latest").linked_to.endswith("8.5.0")


def test_who_logs_in_through_ssh_has_the_thread_limit_that_was_said(host):
    assert host.check_output("ulimit -S -u; ulimit -H -u").split() == ["4000", "4000"]


def test_the_logs_are_the_owner_s(host):
    with host.sudo():
        log = host.file(f"{HOME}/var/log/ascend_seclog/ascend_toolkit_install.log")
        owner, text = log.user, log.content_string
        kept = host.check_output(f"ls {HOME}/var/log/ascend_fleet").split()
    assert owner == "HwHiAiUser"
    assert "Ascend-cann-toolkit_8.3.RC1_linux-aarch64 uninstall success" in text
    assert "Ascend-cann-toolkit_8.5.0_linux-aarch64.run.log" in kept


def test_the_rest_of_the_home_was_not_touched(host):
    names = host.check_output(f"ls -A {HOME}").split()
    assert names == [".bash_logout", ".bashrc", ".profile", "Ascend", "var"]
    assert host.check_output(f"cmp /etc/skel/.bashrc {HOME}/.bashrc && echo same") == "same"


def test_no_package_is_left_where_its_owner_could_read_it(host):
    assert host.check_output("ls -A /var/tmp") == ""
