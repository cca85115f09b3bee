# SPDX-License-Identifier: GPL-3.0-or-later
"""The problems of a host, one cause at a time, and their table."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.ascend.fleet.plugins.filter import preflight_problems
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError
from ansible_collections.ascend.fleet.plugins.plugin_utils._release import Request, resolve

PROBLEMS = preflight_problems.FilterModule().filters()["preflight_problems"]
CATALOG = Catalog()
A2 = CATALOG.product("atlas_800t_a2")
BILL = resolve(CATALOG, Request("cann-8.0.0", "atlas_800t_a2"))
DRIVER = "Ascend-hdk-910b-npu-driver_24.1.0_linux-aarch64.run"
INTEL_DRIVER = "Ascend-hdk-910b-npu-driver_24.1.0_linux-x86-64.run"
CHIP = {"vendor": "19e5", "device": "d802"}
PLAN = {"consents": ["reboot", "flash", "downgrade"], "reasons": ["downgrade driver from 24.1.0 to 23.0.3"]}
AGREED = {"licence": True, "reboot": True, "flash": True, "downgrade": True}


def file(**changes):
    return {
        "path": f"/srv/ascend/{DRIVER}",
        "exists": True,
        "sha256": "a" * 64,
        "wanted_sha256": None,
        **changes,
    }


def ground(**changes):
    """A host without a problem."""
    return {
        "host": "node-a01-01",
        "product": A2,
        "product_error": None,
        "release": BILL,
        "release_error": None,
        "facts": {"architecture": "aarch64"},
        "found": {"pci_devices": [CHIP] * 8, "chips": [{"npu_id": 0, "chip_id": 0, "health": "OK"}]},
        "addresses": [{}] * 8,
        "address_error": None,
        "packages": {DRIVER: file()},
        "due": [DRIVER],
        "available": [DRIVER],
        "plan": PLAN,
        "consents": AGREED,
        **changes,
    }


def error_of(**wishes):
    with pytest.raises(ProblemError) as stop:
        resolve(CATALOG, Request(**{"release": "cann-8.0.0", "product": "atlas_800t_a2", **wishes}))
    return stop.value.as_mapping()


def found(**changes):
    return {**ground()["found"], **changes}


def test_a_package_behind_a_login_is_named_with_its_page():
    page = "https://www.hiascend.com/hardware/firmware-drivers/community"
    (package,) = [each for each in BILL["packages"] if each["file"] == DRIVER]
    behind = {**BILL, "packages": [{**package, "url": None, "login": page}]}
    lacking = {"packages": {DRIVER: file(exists=False, sha256=None)}, "available": []}
    (problem,) = PROBLEMS(ground(release=behind, **lacking))
    assert problem["fix"] == f"log in at {page} and put it there, or correct npu_fleet_packages"


def test_a_good_host_has_no_problem():
    assert PROBLEMS(ground()) == []
    assert PROBLEMS({"host": "node-a01-01"}) == []


@pytest.mark.parametrize(
    ("changes", "sentence", "wanted", "fix"),
    [
        (
            {"release": None, "release_error": error_of(release="cann-8.0.1")},
            "the release cann-8.0.1",
            "(the nearest is cann-8.0.",
            "npu_fleet_release",
        ),
        (
            {"product": None, "release": None, "product_error": error_of(product="atlas_800t")},
            "the product atlas_800t",
            "atlas_800t_a2",
            "correct the name",
        ),
        ({"facts": {"architecture": "x86_64"}}, "the architecture x86_64", "aarch64", "its group"),
        (
            {"packages": {DRIVER: file(exists=False, sha256=None)}, "available": []},
            f"no file /srv/ascend/{DRIVER}",
            DRIVER,
            "fetch it with the playbook fetch, or put it there, or correct npu_fleet_packages",
        ),
        (
            {"packages": {DRIVER: file(exists=False, sha256=None)}, "available": [INTEL_DRIVER]},
            f"{INTEL_DRIVER}, which is for another architecture",
            f"{DRIVER} for aarch64",
            f"put it at /srv/ascend/{DRIVER}",
        ),
        (
            {"packages": {DRIVER: file(wanted_sha256="b" * 64)}},
            "with the SHA-256 aaaaaaaaaaaa...",
            "the SHA-256 bbbbbbbbbbbb...",
            "fetch the file again",
        ),
        (
            {"addresses": [], "address_error": {"found": "an x", "wanted": "a y", "fix": "do z"}},
            "an x",
            "a y",
            "do z",
        ),
        ({"addresses": [{}] * 6}, "6 device addresses", "8, one for each NPU chip", "npu_network_devices"),
        (
            {"found": found(pci_devices=[CHIP] * 7)},
            "7 NPU chips",
            "8, as Atlas 800T A2 has",
            "lspci -d 19e5:",
        ),
        ({"found": found(pci_devices=[])}, "0 NPU chips", "8, as Atlas 800T A2 has", "group"),
        (
            {"found": found(pci_devices=[{"vendor": "0x19E5", "device": "0xD801"}] * 8)},
            "the PCI id 19e5:d801",
            "19e5:d802 (Ascend 910B (A2))",
            "group of its own model",
        ),
        (
            {"consents": {**AGREED, "reboot": None}},
            "may be rebooted",
            "true or false",
            "reboot_allowed: true",
        ),
        (
            {"consents": {**AGREED, "flash": None}},
            "write firmware",
            "flash_allowed: true",
            "flash_allowed: true",
        ),
        (
            {"consents": {**AGREED, "flash": False}},
            "write firmware",
            "flash_allowed: true",
            "another release",
        ),
        (
            {"consents": {"licence": False}, "plan": {}, "packages": {}},
            "licence (EULA)",
            "true",
            "read the licence",
        ),
        ({"consents": {**AGREED, "downgrade": None}}, "older version", "true", "choose a newer release"),
        ({"consents": {**AGREED, "downgrade": False}}, "from 24.1.0 to 23.0.3", "true", "downgrade_allowed"),
    ],
)
def test_each_problem_is_an_error_of_its_own(changes, sentence, wanted, fix):
    if fix == "another release":
        fix = "choose a release"
    (problem,) = PROBLEMS(ground(**changes))
    assert (problem["host"], problem["severity"]) == ("node-a01-01", "error")
    assert sentence in problem["found"]
    assert wanted in problem["wanted"]
    assert fix in problem["fix"]


@pytest.mark.parametrize(
    "changes",
    [
        {"consents": {**AGREED, "reboot": False}},
        {"consents": {"licence": True}, "plan": {"consents": [], "reasons": []}},
        {"consents": {"licence": True}, "plan": None},
        {"consents": {}, "packages": {}, "due": [], "plan": {"consents": [], "reasons": []}},
        {"packages": {DRIVER: file(wanted_sha256="a" * 64)}},
        {"found": None, "addresses": None, "packages": None},
        {"found": found(pci_devices=None, chips=None)},
        {"found": found(pci_devices=[CHIP] * 8 + [{"vendor": "10de", "device": "20b0"}])},
        {
            "found": found(
                chips=[
                    {"npu_id": 0, "chip_id": 0, "health": health} for health in ("OK", "Warning", "UNKNOWN")
                ]
            )
        },
    ],
)
def test_what_is_no_problem(changes):
    assert PROBLEMS(ground(**changes)) == []


@pytest.mark.parametrize(
    ("chip", "sentence"),
    [
        ({"health": "Critical"}, "NPU 3 chip 1 in Critical"),
        ({"health": "Alarm", "error_codes": ["80E3A203"]}, "NPU 3 chip 1 in Alarm (error codes 80E3A203)"),
        ({"health": None}, "NPU 3 chip 1 without an answer"),
        ({"health": None, "reason": "busy"}, "NPU 3 chip 1 without an answer (busy)"),
        (
            {"health": None, "npu_id": None, "bus_id": "0000:C1:00.0"},
            "the NPU chip at 0000:C1:00.0 without an",
        ),
    ],
)
def test_a_sick_chip_is_a_warning(chip, sentence):
    (problem,) = PROBLEMS(ground(found=found(chips=[{"npu_id": 3, "chip_id": 1, **chip}])))
    assert problem["severity"] == "warning"
    assert problem["found"].startswith(sentence)


def test_one_cause_is_listed_once():
    """The lookup refuses the architecture too; both say the same, so it is one problem."""
    problems = PROBLEMS(
        ground(facts={"architecture": "x86_64"}, release=None, release_error=error_of(arch="x86_64"))
    )
    assert [problem["found"] for problem in problems] == ["the architecture x86_64"]


def test_all_problems_are_listed_errors_first():
    sick = [{"npu_id": 3, "chip_id": 0, "health": "Alarm"}]
    problems = PROBLEMS(
        ground(
            facts={"architecture": "x86_64"},
            release_error=error_of(torch="9.9"),
            packages={DRIVER: file(exists=False)},
            found={"pci_devices": [{"vendor": "19e5", "device": "d801"}] * 4, "chips": sick},
            addresses=[{}],
            consents={},
        )
    )
    assert [problem["severity"] for problem in problems] == ["error"] * 10 + ["warning"]
    assert all(all(problem.values()) for problem in problems)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [({"host": "a", "packges": {}}, "nearest is packages"), ({"release": None}, "without host")],
)
def test_a_wrong_input_is_named(data, sentence):
    with pytest.raises(AnsibleFilterError, match=sentence):
        PROBLEMS(data)


HOLDER = {"pid": 4711, "name": "python3", "user": "alice", "devices": ["davinci0"], "container": None}
HOST = {
    "holders": [],
    "containers": [],
    "installers": [],
    "account": {"user": "HwHiAiUser", "group": "HwHiAiUser", "exists": True, "member": True},
    "last_user": {"user": None, "group": None},
    "immutable": [],
}


def host_problems(consents=None, **changes):
    consents = AGREED if consents is None else consents
    found = changes.pop("found", {"pci_devices": [CHIP] * 8})
    return PROBLEMS(ground(host_ground={**HOST, **changes}, consents=consents, found=found))


def test_a_host_that_is_ready_for_a_driver():
    assert host_problems() == []
    assert PROBLEMS(ground(host_ground={"skipped": True})) == []


def test_who_uses_the_npus_is_named():
    number = "a" * 64
    (problem,) = host_problems(
        holders=[HOLDER, {**HOLDER, "pid": 4712, "container": number}],
        containers=[
            {"id": number, "name": "training", "devices": ["davinci1"]},
            {"id": "b" * 64, "name": "idle", "devices": ["davinci2", "davinci3"]},
        ],
        found={"pci_devices": [CHIP] * 8, "processes": [{"pid": 9, "name": "other", "npu_id": 5}]},
    )
    assert problem["found"] == (
        "NPUs in use: process 4711 (python3, user alice) on davinci0; process 4712 (python3, user alice, "
        "container training) on davinci0; process 9 (other) on NPU 5; container idle (bbbbbbbbbbbb) with "
        "davinci2, davinci3"
    )
    assert "npu_driver_kill_allowed: true" in problem["fix"]


def test_with_consent_nobody_who_uses_the_npus_stands_in_the_way():
    assert host_problems({**AGREED, "kill": True}, holders=[HOLDER]) == []


@pytest.mark.parametrize(
    ("changes", "found", "fix"),
    [
        (
            {"installers": [{"pid": 7, "command": "bash Ascend-x.run --full"}]},
            "process 7, bash Ascend-x.run --full",
            "wait until it ends",
        ),
        (
            {"account": {**HOST["account"], "member": False, "primary_group": "users"}},
            "user HwHiAiUser with the group users",
            "usermod -a -G HwHiAiUser HwHiAiUser",
        ),
        (
            {"last_user": {"user": "ascend", "group": "ascend"}},
            "a driver that runs as ascend:ascend",
            "remove the driver first",
        ),
        ({"immutable": ["/usr/local/Ascend"]}, "/usr/local/Ascend closed with chattr +i", "chattr -i"),
    ],
)
def test_what_else_stands_in_the_way_of_a_driver(changes, found, fix):
    (problem,) = host_problems(**changes)
    assert found in problem["found"]
    assert fix in problem["fix"]


def test_what_the_plan_cannot_do_is_a_problem():
    (problem,) = PROBLEMS(ground(plan={**PLAN, "problems": [["found this", "wanted that", "do so"]]}))
    assert (problem["found"], problem["wanted"], problem["fix"]) == ("found this", "wanted that", "do so")


@pytest.mark.parametrize(("word", "agreed"), [("true", True), ("yes", True), ("false", False), ("", False)])
def test_a_consent_of_the_command_line_is_text(word, agreed):
    problems = PROBLEMS(ground(consents={**AGREED, "flash": word}))
    assert (problems == []) is agreed
    assert (host_problems({**AGREED, "kill": word}, holders=[HOLDER]) == []) is agreed


def test_a_host_may_have_several_cards_but_not_half_a_card():
    card = {**A2, "npus": 1, "chips_per_npu": 2, "form": "card"}
    for chips, problems in ((2, []), (4, []), (3, ["3 device addresses", "3 NPU chips on the PCI bus"])):
        host = ground(product=card, addresses=[{}] * chips, found=found(pci_devices=[CHIP] * chips))
        assert [problem["found"] for problem in PROBLEMS(host)] == problems
