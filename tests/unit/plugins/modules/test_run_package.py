# SPDX-License-Identifier: GPL-3.0-or-later
"""run_package against the tape: what is run, when, and what is believed."""

from __future__ import annotations

import hashlib
import os
import subprocess

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils._package_installation import APART
from ansible_collections.ascend.fleet.plugins.module_utils._package_run import SCRIPT
from ansible_collections.ascend.fleet.plugins.modules import run_package

DRIVER = "Ascend-hdk-910b-npu-driver_23.0.3_linux-aarch64.run"
FULL = ("--full", "--quiet", "--install-for-all")
UPGRADE = ("--upgrade", "--quiet")
LATER = (
    "[Driver] [2026-11-21 01:26:55] [INFO]\x1b[32mDriver package installed successfully! "
    "\x1b[0m\x1b[31mReboot needed for installation/upgrade to take effect! \x1b[0m\n"
)
NO_USER = "[Driver] [2026-11-21] [ERROR]ERR_NO:0x0091;ERR_DES:HwHiAiUser not exists! Please add HwHiAiUser\n"


def go(run_module, node, **more):
    return run_module(run_package, **node.options(**{"package": str(node.package), **more}))


def test_a_node_that_has_the_version_runs_no_program(run_module, node):
    node.driver("23.0.3")
    result = run_module(run_package, **node.options())
    assert (result["changed"], result["actions"], result["command"]) == (False, [], None)
    assert (result["version_before"], result["version_after"]) == ("23.0.3", "23.0.3")
    assert result["reboot_required"] is False
    assert result["diff"]["before"] == result["diff"]["after"]


@pytest.mark.parametrize("more", [{}, {"package": "/x.run", "_ansible_check_mode": True}])
def test_the_question_and_check_mode_run_no_program(run_module, node, more):
    result = run_module(run_package, **node.options(**more))
    assert (result["changed"], result["actions"]) == (True, ["install driver 23.0.3"])
    assert result["command"] == f"{DRIVER} --full --quiet --install-for-all"
    assert (result["version_before"], result["version_after"]) == (None, "23.0.3")
    assert result["reboot_required"] is True
    assert not node.log.parent.exists()


def test_a_first_installation_is_checked_run_and_read_back(run_module, node):
    planned = run_module(run_package, **node.options(_ansible_check_mode=True))
    node.expect_checks()
    node.expect(*FULL, rc=2, printed=LATER, effect=lambda: node.driver("23.0.3"))
    result = go(run_module, node)
    assert (result["changed"], result["actions"]) == (True, ["install driver 23.0.3"])
    assert (result["version_before"], result["version_after"]) == (None, "23.0.3")
    assert result["reboot_required"] is True
    for key in ("actions", "command", "diff", "version_after"):
        assert planned[key] == result[key]
    assert result["diff"]["after"] == {"driver": {"version": "23.0.3", "complete": True}}
    log = node.log.read_text()
    assert f"{DRIVER} --check\n" in log
    assert LATER in log
    assert result["log"] == str(node.log)


def test_a_driver_that_is_effective_at_once_needs_no_reboot(run_module, node):
    node.driver("22.0.4")
    node.expect_checks()
    node.expect(*UPGRADE, printed="takes effect immediately\n", effect=lambda: node.driver("23.0.3"))
    result = go(run_module, node)
    assert result["actions"] == ["change driver from 22.0.4 to 23.0.3"]
    assert result["reboot_required"] is False


def test_an_incomplete_driver_is_installed_anew(run_module, node):
    node.driver("25.2.0", complete=False)
    node.expect_checks("25.2.0")
    node.expect(*FULL, rc=2, effect=lambda: node.driver("25.2.0"))
    result = go(run_module, node, version="25.2.0")
    assert result["actions"] == ["install driver 25.2.0 over an incomplete installation"]
    assert result["diff"]["before"] == {"driver": {"version": "25.2.0", "complete": False}}


def test_status_one_fails_with_cause_next_action_and_both_logs(run_module, node):
    node.vendor_log.write_text("an old installation\n")

    def fail():
        with node.vendor_log.open("a") as log:
            log.write("[uid=0(root)] [ERROR]it stopped here\n")

    node.expect_checks()
    node.expect(*FULL, rc=1, printed=NO_USER, effect=fail)
    result = go(run_module, node)
    assert result["failed"]
    assert f"{DRIVER} {' '.join(FULL)}: exit status 1, the package says that it failed" in result["msg"]
    assert "What to do: create the user and the group" in result["msg"]
    assert f"Last lines of the output ({node.log}):\n  [Driver]" in result["msg"]
    assert f"Last lines of {node.vendor_log}:\n  [uid=0(root)] [ERROR]it stopped here" in result["msg"]
    assert "an old installation" not in result["msg"]
    assert (result["rc"], result["cmd"], result["log"]) == (1, [DRIVER, *FULL], str(node.log))
    assert result["install_log"] == ["[uid=0(root)] [ERROR]it stopped here"]


def test_a_failure_of_unknown_cause_points_to_the_log(run_module, node):
    node.expect_checks()
    node.expect(*FULL, rc=77, printed="something new\n")
    result = go(run_module, node)
    assert (
        f"exit status 77, a status that the vendor does not document. What to do: read {node.log}"
        in result["msg"]
    )
    assert "something new" in result["msg"]


def test_the_cause_may_stand_in_the_vendors_log_only(run_module, node):
    node.expect_checks()
    node.expect(*FULL, rc=1, effect=lambda: node.vendor_log.write_text("Dkms install failed\n"))
    assert "What to do: install gcc, make, dkms" in go(run_module, node)["msg"]


def test_a_package_that_lies_is_found_out(run_module, node):
    node.driver("22.0.4")
    node.expect_checks()
    node.expect(*UPGRADE, printed="Driver package upgraded successfully!\n")
    result = go(run_module, node)
    assert result["failed"]
    assert "exit status 0, which claims success" in result["msg"]
    assert "found 22.0.4, complete, wanted 23.0.3, complete" in result["msg"]


def test_a_package_that_leaves_half_is_found_out_whatever_it_answers(run_module, node):
    node.expect_checks("25.2.0")
    node.expect(*FULL, effect=lambda: node.driver("25.2.0", complete=False))
    result = go(run_module, node, version="25.2.0")
    assert "found 25.2.0, not complete, wanted 25.2.0, complete" in result["msg"]


def test_a_package_that_hangs_is_stopped(run_module, node):
    node.expect_checks()
    node.expect(*FULL, rc=124, printed="[INFO]upgradePercentage:10%\n")
    result = go(run_module, node, timeout=7)
    assert result["failed"]
    assert "it did not end within 7 s and was stopped" in result["msg"]
    assert "upgradePercentage:10%" in result["msg"]


@pytest.mark.parametrize("status", [137, -9])
def test_a_package_that_had_to_be_killed_was_late_or_was_killed_by_others(run_module, node, status):
    for timeout, words in ((0, "it did not end within 0 s"), (60, "memory ran out")):
        node.expect_checks()
        node.expect(*FULL, rc=status)
        assert words in go(run_module, node, timeout=timeout)["msg"]


def test_a_damaged_package_is_not_installed(run_module, node):
    node.expect("--check", rc=2, printed="Error in MD5 checksums: 1 is different from 2\n")
    result = go(run_module, node)
    assert "the package is damaged" in result["msg"]


def test_a_wrong_checksum_executes_nothing(run_module, node):
    result = go(run_module, node, sha256="0" * 64)
    found = hashlib.sha256(b"the package").hexdigest()
    assert f"{DRIVER}: found the sha256 {found}, wanted {'0' * 64}; nothing was executed" in result["msg"]


def test_a_right_checksum_in_capitals_is_right(run_module, node):
    node.expect_checks()
    node.expect(*FULL, effect=lambda: node.driver("23.0.3"))
    checksum = hashlib.sha256(b"the package").hexdigest().upper()
    assert go(run_module, node, sha256=checksum)["changed"] is True


def test_firmware_is_effective_after_a_reboot(run_module, node):
    node.expect("--check")
    node.expect("--full", "--quiet", effect=lambda: node.firmware("7.1.0.5.220"))
    result = go(run_module, node, kind="firmware", version="7.1.0.5.220")
    assert (result["actions"], result["reboot_required"]) == (["install firmware 7.1.0.5.220"], True)


def test_a_toolkit_beside_another_becomes_the_one_in_use(run_module, node):
    node.toolkit("7.0.0")
    node.expect("--check")
    arguments = ("--install", "--quiet", "--install-for-all", "--install-path=/usr/local/Ascend")
    node.expect(*arguments, effect=lambda: node.toolkit("8.0.0"))
    result = go(run_module, node, kind="toolkit", version="8.0.0")
    assert (result["version_before"], result["version_after"]) == ("7.0.0", "8.0.0")
    assert result["reboot_required"] is False


def test_a_complete_toolkit_that_is_not_in_use_is_run_again(run_module, node):
    node.toolkit("7.0.0")
    node.toolkit("8.0.0")
    result = run_module(run_package, **node.options(kind="toolkit", version="7.0.0"))
    assert result["actions"] == ["install toolkit 7.0.0 again, because 8.0.0 is in use"]
    assert (result["version_before"], result["version_after"]) == ("8.0.0", "7.0.0")


def test_kernels_that_are_complete_are_left_alone_whatever_is_in_use(run_module, node):
    node.toolkit("7.0.0")
    node.kernels("7.0.0")
    node.toolkit("8.0.0")
    result = run_module(run_package, **node.options(kind="kernels", version="7.0.0", chip="910b"))
    assert (result["changed"], result["version_before"]) == (False, "7.0.0")


def test_kernels_of_another_chip_are_not_those_that_are_wanted(run_module, node):
    node.toolkit("7.0.0")
    node.kernels("7.0.0", chip="910")
    result = run_module(run_package, **node.options(kind="kernels", version="7.0.0", chip="910b"))
    assert result["actions"] == ["install kernels 7.0.0 over an incomplete installation"]


def test_kernels_without_their_toolkit_are_refused_before_the_transfer(run_module, node):
    options = node.options(kind="kernels", version="7.0.0", chip="910b")
    result = run_module(run_package, **options)
    assert "found no toolkit, wanted toolkit or nnae or nnrt 7.0.0" in result["msg"]
    planned = run_module(run_package, _ansible_check_mode=True, **options)
    assert planned["actions"] == ["install kernels 7.0.0"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "kernels"}, "chip"),
        ({"kind": "conda"}, "install_path: found none, wanted a directory for conda"),
        ({"version": ""}, "version: found none"),
        ({"source": "node:packages"}, "source: found 'node:packages'"),
        ({"source": "node:/nowhere"}, f"{DRIVER} is not in /nowhere on the node; nothing there"),
        ({"arch": "x86_64"}, "arch: found a node with aarch64, wanted x86_64"),
        ({"file": "driver_linux-x86-64.run"}, "the node is aarch64"),
    ],
)
@pytest.mark.parametrize("check_mode", [False, True])
def test_bad_input_stops_the_question(run_module, node, options, message, check_mode):
    result = run_module(run_package, _ansible_check_mode=check_mode, **node.options(**options))
    assert result["failed"]
    assert message in result["msg"]


def test_a_package_on_the_node_is_found_with_its_neighbours(run_module, node):
    source = f"node:{node.package.parent}"
    assert run_module(run_package, **node.options(source=source))["changed"] is True
    near = DRIVER.replace("23.0.3", "23.0.2")
    result = run_module(run_package, **node.options(source=source, file=near))
    assert f"near it are {DRIVER}" in result["msg"]


def test_a_log_that_cannot_be_written_executes_nothing(run_module, node):
    node.write("file", "")
    log = str(node.root / "file/below/x.log")
    result = go(run_module, node, log=log)
    assert f"log: {log} cannot be written" in result["msg"]


def test_a_version_file_that_is_not_understood_is_an_error(run_module, node):
    node.driver("23.0.3")
    node.write("usr/local/Ascend/driver/version.info", "Version=1\ncompatible_version_fw=what\n")
    assert "compatible_version_fw: found 'what'" in run_module(run_package, **node.options())["msg"]


CONDA = "Miniforge3-Linux-aarch64.sh"


def conda(node, complete=True):
    node.write("opt/conda/conda-meta/history", "")
    node.write("opt/conda/conda-meta/conda-24.1.2-py312.json", '{"name": "conda", "version": "24.1.2"}')
    node.write("opt/conda/conda-meta/python-3.12.7-h.json", '{"name": "python", "version": "3.12.7"}')
    node.write("opt/conda/bin/python", "")
    if complete:
        node.write("opt/conda/bin/conda", "")


def test_conda_is_installed_without_a_check_and_read_back(run_module, node):
    place = str(node.root / "opt/conda")
    options = {"kind": "conda", "version": "", "file": CONDA, "install_path": place}
    conda(node, complete=False)
    node.expect("-b", "-u", "-p", place, effect=lambda: conda(node), before=("-c", APART))
    result = go(run_module, node, **options)
    assert result["actions"] == ["install conda over an incomplete installation"]
    assert (result["version_after"], result["reboot_required"]) == ("24.1.2", False)
    assert run_module(run_package, **node.options(**options))["changed"] is False


def test_a_conda_that_is_not_there_is_planned(run_module, node):
    options = {"kind": "conda", "version": "", "file": CONDA, "install_path": str(node.root / "none")}
    result = run_module(run_package, **node.options(**options))
    assert (result["actions"], result["version_after"]) == (["install conda"], None)


def test_conda_sees_no_python_of_the_session_and_is_for_all_users(tmp_path):
    installer, log = tmp_path / "miniforge.sh", tmp_path / "log"
    installer.write_text('echo "${PYTHONPATH-none} ${PYTHONHOME-none} $PYTHONNOUSERSITE $*"; umask\n')
    subprocess.run(
        ["sh", "-c", SCRIPT, "sh", log, tmp_path, "-c", APART, installer, "-b", "-p", "/opt/a"],
        env={**os.environ, "PYTHONPATH": "/cann/python/site-packages", "PYTHONHOME": "/usr"},
        preexec_fn=lambda: os.umask(0o077),
        check=True,
    )
    mask = "0077" if os.geteuid() else "0022"
    assert log.read_text().splitlines() == ["none none 1 -b -p /opt/a", mask]
