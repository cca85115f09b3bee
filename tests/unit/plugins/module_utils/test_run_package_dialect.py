# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialect of the packages: plans, arguments, statuses and texts, as tables."""

from __future__ import annotations

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils._package_kinds import KINDS
from ansible_collections.ascend.fleet.plugins.module_utils._package_words import advice, last_lines, meaning
from ansible_collections.ascend.fleet.plugins.module_utils._run_package import (
    Found,
    Wanted,
    find,
    goal,
    plan,
    reboot_needed,
    said_version,
    successes,
)

PATH = "--install-path=/usr/local/Ascend"
FULL = ("--full", "--quiet", "--install-for-all")


def wanted(kind, version="8.0.0", **options):
    return Wanted(kind, version, "aarch64", chip="910b", **options)


@pytest.mark.parametrize(
    ("kind", "found", "why", "arguments"),
    [
        ("driver", Found(), "install driver 8.0.0", ["--full", "--quiet", "--install-for-all"]),
        (
            "driver",
            Found("7.0.0", True),
            "change driver from 7.0.0 to 8.0.0",
            ["--upgrade", "--quiet"],
        ),
        (
            "driver",
            Found("8.0.0", False),
            "install driver 8.0.0 over an incomplete installation",
            ["--full", "--quiet", "--install-for-all"],
        ),
        ("firmware", Found(), "install firmware 8.0.0", ["--full", "--quiet"]),
        ("firmware", Found("9.1", True), "change firmware from 9.1 to 8.0.0", ["--upgrade", "--quiet"]),
        ("toolkit", Found(), "install toolkit 8.0.0", ["--install", "--quiet", "--install-for-all", PATH]),
        (
            "toolkit",
            Found("8.0.0", False, "7.0.0"),
            "install toolkit 8.0.0 over an incomplete installation",
            ["--install", "--quiet", "--install-for-all", PATH],
        ),
        (
            "toolkit",
            Found("8.0.0", True, "7.0.0"),
            "install toolkit 8.0.0 again, because 7.0.0 is in use",
            ["--install", "--quiet", "--install-for-all", PATH],
        ),
        (
            "toolkit",
            Found("8.0.0", True, None),
            "install toolkit 8.0.0 again, because none is in use",
            ["--install", "--quiet", "--install-for-all", PATH],
        ),
        ("kernels", Found(), "install kernels 8.0.0", ["--install", "--quiet", "--install-for-all"]),
        ("conda", Found(), "install conda 8.0.0", ["-b", "-u", "-p", "/usr/local/Ascend"]),
        (
            "conda",
            Found("7.1", True),
            "change conda from 7.1 to 8.0.0",
            ["-b", "-u", "-p", "/usr/local/Ascend"],
        ),
    ],
)
def test_a_difference_is_one_step(kind, found, why, arguments):
    (step,) = plan(wanted(kind), found)
    assert (step.why, list(step.args)) == (why, arguments)


@pytest.mark.parametrize(
    ("found", "actions"),
    [
        (Found(), ["install conda"]),
        (Found("24.1.2", False), ["install conda over an incomplete installation"]),
        (Found("24.1.2", True), []),
        (Found(None, True), []),
    ],
)
def test_any_complete_conda_will_do_when_no_version_is_wanted(found, actions):
    assert [step.why for step in plan(wanted("conda", ""), found)] == actions


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", ["present", "absent"])
def test_the_goal_needs_no_step(kind, state):
    assert plan(wanted(kind, state=state), goal(wanted(kind, state=state))) == []


def test_the_case_of_a_version_does_not_count():
    assert plan(wanted("driver", "23.0.RC3"), Found("23.0.rc3", True)) == []


@pytest.mark.parametrize(
    ("kind", "options", "arguments"),
    [
        ("driver", {"install_for_all": False}, ["--full", "--quiet"]),
        (
            "driver",
            {"install_path": "/opt/Ascend"},
            ["--full", "--quiet", "--install-for-all", "--install-path=/opt/Ascend"],
        ),
        (
            "toolkit",
            {"install_for_all": False, "install_path": "/opt/Ascend"},
            ["--install", "--quiet", "--install-path=/opt/Ascend"],
        ),
        ("kernels", {"install_for_all": False}, ["--install", "--quiet"]),
        ("kernels", {"devel": True}, ["--devel", "--quiet", "--install-for-all"]),
        ("nnae", {"devel": True}, ["--install", "--quiet", "--install-for-all", PATH]),
        (
            "ops",
            {"install_path": "/opt/A"},
            ["--install", "--quiet", "--install-for-all", "--install-path=/opt/A"],
        ),
        (
            "ops",
            {"install_path": "/opt/A", "usual_path": "/opt/A"},
            ["--install", "--quiet", "--install-for-all"],
        ),
        (
            "toolkit",
            {"whitelist": "nnrt"},
            ["--install", "--quiet", "--install-for-all", PATH, "--whitelist=nnrt"],
        ),
        (
            "driver",
            {"user": "ascend", "group": "npu"},
            [*FULL, "--install-username=ascend", "--install-usergroup=npu"],
        ),
        ("docker_runtime", {"scene": "containerd"}, ["--install", "--quiet", "--install-scene=containerd"]),
        ("docker_runtime", {"injection_mode": "cdi"}, ["--install", "--quiet", "--injection-mode=cdi"]),
    ],
)
def test_options_become_arguments(kind, options, arguments):
    (step,) = plan(wanted(kind, **options), Found())
    assert list(step.args) == arguments


def cann(part, version, arch="aarch64", complete=True, chips=()):
    return {"part": part, "version": version, "arch": arch, "complete": complete, "chips": list(chips)}


SOFTWARE = {
    "driver": {"version": "25.2.0", "complete": False},
    "firmware": {"version": "7.7.0"},
    "cann": [
        cann("toolkit", "7.0.0"),
        cann("toolkit", "8.0.0", complete=False),
        cann("toolkit", "8.1.RC1", arch="x86_64"),
        cann("kernels", "7.0.0", chips=["ascend910b"]),
        cann("kernels", "8.0.0", chips=["ascend910"]),
    ],
    "cann_latest": "7.0.0",
}


@pytest.mark.parametrize(
    ("kind", "version", "found"),
    [
        ("driver", "25.2.0", Found("25.2.0", False)),
        ("firmware", "1", Found("7.7.0", True)),
        ("toolkit", "7.0.0", Found("7.0.0", True, "7.0.0")),
        ("toolkit", "8.0.0", Found("8.0.0", False, "7.0.0")),
        ("toolkit", "8.1.rc1", Found(None, False, "7.0.0")),
        ("kernels", "7.0.0", Found("7.0.0", True)),
        ("kernels", "8.0.0", Found("8.0.0", False)),
        ("kernels", "9.0.0", Found()),
    ],
)
def test_what_concerns_the_kind_is_picked(kind, version, found):
    assert proven(find(wanted(kind, version), SOFTWARE)) == proven(found)


def proven(found):
    return found.version, found.complete, found.in_use


def test_a_bare_node_has_nothing():
    bare = {"driver": None, "firmware": None, "cann": [], "cann_latest": None}
    assert {find(wanted(kind), bare) for kind in ("driver", "firmware", "toolkit", "kernels")} == {Found()}


@pytest.mark.parametrize(
    ("kind", "statuses"), [("driver", {0, 2}), ("firmware", {0, 2}), ("toolkit", {0}), ("kernels", {0})]
)
def test_status_two_is_a_success_of_board_software_only(kind, statuses):
    assert successes(kind) == statuses


AT_ONCE = "Driver package installed successfully! The new version takes effect immediately."
LATER = "\x1b[32mDriver package installed successfully! \x1b[0m\x1b[31mReboot needed for installation/upgrade"
FLASHED = "Firmware package installed successfully! Reboot now or after driver installation"


@pytest.mark.parametrize(
    ("kind", "status", "text", "needed"),
    [
        ("driver", 0, AT_ONCE, False),
        ("driver", 2, AT_ONCE, True),
        ("driver", 0, LATER, True),
        ("driver", 0, "please retry after uninstall and reboot!", False),
        ("firmware", 0, FLASHED, True),
        ("firmware", 0, "", True),
        ("firmware", 0, "The new version takes effect immediately", False),
        ("toolkit", 0, LATER, False),
    ],
)
def test_status_or_text_asks_for_a_reboot(kind, status, text, needed):
    assert reboot_needed(wanted(kind), status, text) is needed


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[ERROR]ERR_NO:0x0091;ERR_DES:HwHiAiUser not exists! Please add HwHiAiUser", "create the user"),
        ("ERR_NO:0x0093;ERR_DES:do not have root permission", "become"),
        ("ERR_NO:0x0094;ERR_DES:already a process running", "wait until it ends"),
        ("ERR_NO:0x0095;ERR_DES:The user and group are not same", "uninstall to change them"),
        ("[ERROR]The list of missing tools: lspci,ifconfig", "package manager"),
        ("The current installation package and environment is not match", "another chip"),
        ("davinci nodes are occupied by some processes", "/dev/davinci*"),
        ("'./ascend-docker-plugin-install-helper add /etc/docker/daemon.json' return non-zero", "not JSON"),
        ("Dkms install failed, details in : x", "headers"),
        ("Drv_dkms_env_check failed", "headers"),
        ("Driver_ko_install_manually failed, details in : x", "uname -r"),
        ("Device_images_crl_check failed", "signature"),
        ("tar: write error: No space left on device", "make room"),
        (
            "[ERROR]free space only 90M, please make sure enough space under the installation path",
            "make room",
        ),
        ("the given dir, or its parents, permission is invalid.", "mode 755"),
        ("ERR_NO:0x0003;ERR_DES:install path /opt/a/b not exists", "install_path"),
    ],
)
def test_the_vendors_texts_have_a_next_action(text, words):
    (hint,) = advice(text)
    assert words in hint


def test_a_quiet_text_has_no_advice():
    assert advice("[INFO]upgradePercentage:100%") == []


@pytest.mark.parametrize(
    ("status", "words"),
    [(1, "says that it failed"), (124, "time was up"), (137, "killed"), (-9, "killed"), (77, "not document")],
)
def test_a_status_has_a_meaning(status, words):
    assert words in meaning(status)


def test_last_lines_have_no_colours_and_no_blanks():
    text = "one\n\x1b[33mtwo\x1b[0m  \n\n[ERROR]\x1b[31mthree \x1b[0m\n"
    assert last_lines(text, 2) == ["two", "[ERROR]three"]


@pytest.mark.parametrize(
    ("version", "found", "actions"),
    [
        ("8.0.0", Found("8.0.0", True, there=True), ["remove driver 8.0.0"]),
        ("", Found("8.0.0", True, there=True), ["remove driver 8.0.0"]),
        ("8.0.0", Found("7.0.0", True, there=True), []),
        ("8.0.0", Found(None, False, there=True), ["remove what is left of driver"]),
        ("8.0.0", Found(), []),
    ],
)
def test_what_shall_be_absent(version, found, actions):
    assert [step.why for step in plan(wanted("driver", version, state="absent"), found)] == actions


def test_a_removal_asks_for_a_reboot_by_its_text_only():
    gone = "Firmware package uninstalled successfully! Uninstallation takes effect immediately."
    later = "Driver package uninstalled successfully! Reboot needed for uninstallation to take effect!"
    assert reboot_needed(wanted("firmware", state="absent"), 0, gone) is False
    assert reboot_needed(wanted("firmware", state="absent"), 0, "") is False
    assert reboot_needed(wanted("driver", state="absent"), 0, later) is True


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("[Driver] [2026-11-21 01:26:38] [INFO]driver version :25.5.1\n", "25.5.1"),
        ("[Driver] [INFO]base version is 25.5.1.\n", None),
        ("", None),
    ],
)
def test_a_package_says_which_version_it_holds(text, version):
    assert said_version("driver", text) == version


def test_every_kind_says_how_long_it_may_take_and_what_proves_it():
    for name, row in KINDS.items():
        assert 600 <= row.seconds <= 3600, name
        assert row.proof, name
        assert set(row.needs) <= set(KINDS), name
        assert row.licence is (name != "conda")
