# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of driver and firmware: first installation, upgrade, downgrade, repair, and after a cut run."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.ascend.fleet.plugins.filter import hdk_plan
from hypothesis import given
from hypothesis import strategies as st

PLAN = hdk_plan.FilterModule().filters()["hdk_plan"]
OLD = {"driver": "23.0.3", "firmware": "7.1.0.5.220"}
NEW = {"driver": "24.1.0", "firmware": "7.5.0.2.220"}
FINE = {"problems": [], "warnings": []}


def node(driver=None, firmware=None, running=None, live=None, complete=True):
    """What npu_info finds: installed driver and firmware, running driver, firmware that the chips run."""
    return {
        "software": {
            "driver": driver and {"version": driver, "complete": complete},
            "firmware": firmware and {"version": firmware},
        },
        "driver_version": running,
        "cards": [
            {"npu_id": number, "firmware_version": version} for number, version in enumerate(live or [])
        ],
    }


def installed(versions, **changes):
    """A node that has these versions and runs them."""
    settled = {"running": versions["driver"], "live": [versions["firmware"]] * 8}
    return node(**{**versions, **settled, **changes})


def broken():
    """An installation that broke off: no version file."""
    return {**node(), "software": {"driver": {"version": None, "complete": False}, "firmware": None}}


def words(plan):
    return [f"{step['action']} {step['part']} {step['version']}" for step in plan["steps"]]


def test_a_settled_node_needs_nothing():
    assert PLAN(installed(NEW), NEW) == {"steps": [], "reboot": False, "consents": [], "reasons": [], **FINE}


@pytest.mark.parametrize("found", [node(running="23.0.0"), node(), broken()])
def test_a_board_whose_driver_comes_with_its_image_needs_nothing(found):
    plan = PLAN(found, {"driver": None, "firmware": None})
    assert (plan["steps"], plan["reboot"], plan["consents"]) == ([], False, [])


def test_the_first_installation_is_driver_then_firmware():
    plan = PLAN(node(), NEW)
    assert words(plan) == ["install driver 24.1.0", "install firmware 7.5.0.2.220"]
    assert (plan["reboot"], plan["consents"]) == (True, ["reboot", "flash"])
    assert plan["reasons"] == [
        "install driver 24.1.0 (none is installed)",
        "install firmware 7.5.0.2.220 (none is installed)",
    ]


def test_an_upgrade_is_firmware_then_driver():
    plan = PLAN(installed(OLD), NEW)
    assert words(plan) == ["upgrade firmware 7.5.0.2.220", "upgrade driver 24.1.0"]
    assert plan["consents"] == ["reboot", "flash"]
    assert plan["reasons"][0] == "upgrade firmware from 7.1.0.5.220 to 7.5.0.2.220"


def test_a_downgrade_is_firmware_then_driver_and_needs_a_consent_of_its_own():
    plan = PLAN(installed(NEW), OLD)
    assert words(plan) == ["downgrade firmware 7.1.0.5.220", "downgrade driver 23.0.3"]
    assert plan["consents"] == ["reboot", "flash", "downgrade"]


@pytest.mark.parametrize(
    ("found", "steps"),
    [
        (node(driver="24.1.0", running="24.1.0"), ["install firmware 7.5.0.2.220"]),
        (node(firmware="7.5.0.2.220"), ["install driver 24.1.0"]),
        (node(firmware="7.1.0.5.220"), ["install driver 24.1.0", "upgrade firmware 7.5.0.2.220"]),
        (installed(NEW, complete=False), ["repair driver 24.1.0"]),
        (installed(OLD, complete=False), ["repair driver 24.1.0", "upgrade firmware 7.5.0.2.220"]),
        (node(driver=None, running="23.0.3"), ["install driver 24.1.0", "install firmware 7.5.0.2.220"]),
        (broken(), ["repair driver 24.1.0", "install firmware 7.5.0.2.220"]),
        (installed({**OLD, "firmware": "7.5.0.2.220"}), ["upgrade driver 24.1.0"]),
    ],
)
def test_what_a_cut_run_left_is_finished(found, steps):
    plan = PLAN(found, NEW)
    assert words(plan) == steps
    assert plan["reboot"]


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (installed(NEW, running="23.0.3"), "reboot, because driver 24.1.0 is installed and 23.0.3 runs"),
        (installed(NEW, running=None), "reboot, because driver 24.1.0 is installed and none runs"),
        (
            installed(NEW, live=["7.5.0.2.220"] * 3 + ["7.1.0.5.220"]),
            "reboot, because firmware 7.5.0.2.220 is installed and NPU 3 runs 7.1.0.5.220",
        ),
    ],
)
def test_a_reboot_that_is_still_due(found, reason):
    assert PLAN(found, NEW) == {
        "steps": [],
        "reboot": True,
        "consents": ["reboot"],
        "reasons": [reason],
        **FINE,
    }


@pytest.mark.parametrize(
    "found",
    [
        installed(
            NEW, live=["7.5.0.2.220"] * 7 + [None]
        ),  # a dead card tells nothing; a boot does not raise it
        installed(NEW, running="24.1.0.b112"),
        installed({"driver": "24.1.0", "firmware": "7.5.0.2.220"}, live=[]),
    ],
)
def test_what_is_no_cause_for_a_reboot(found):
    assert PLAN(found, NEW)["reasons"] == []


def test_a_step_takes_care_of_what_is_not_live():
    plan = PLAN(installed(OLD, running="23.0.rc3", live=["7.0.0.5.242"]), NEW)
    assert [reason.split()[0] for reason in plan["reasons"]] == ["upgrade", "upgrade"]


def test_case_does_not_count():
    wish = {"driver": "25.0.RC1.1", "firmware": None}
    assert PLAN(node(driver="25.0.rc1.1", running="25.0.rc1.1"), wish)["steps"] == []


def test_a_virtual_machine_has_no_firmware_of_its_own():
    assert words(PLAN(node(), {"driver": "24.1.0", "firmware": None})) == ["install driver 24.1.0"]


@pytest.mark.parametrize(
    ("found", "wanted", "sentence"),
    [
        (installed({**NEW, "driver": "unknown"}), NEW, "'unknown'"),
        ({"software": {"driver": None, "firmware": None}}, NEW, "driver_version, cards"),
        ({**node(), "software": None}, NEW, "found no software"),
        (node(), {"firmware": None}, "wanted driver"),
        (node(), {"driver": "", "firmware": None}, "wanted driver"),
    ],
)
def test_what_cannot_be_compared_is_quoted(found, wanted, sentence):
    with pytest.raises(AnsibleFilterError, match="hdk_plan: ") as stop:
        PLAN(found, wanted)
    assert sentence in str(stop.value)


VERSIONS = st.sampled_from(["23.0.rc3", "23.0.3", "24.1.rc2", "24.1.0"])
FIRMWARE = st.sampled_from(["7.0.0.5.242", "7.1.0.5.220", "7.5.0.2.220"])


@given(
    st.builds(
        node, st.none() | VERSIONS, st.none() | FIRMWARE, st.none() | VERSIONS, st.lists(FIRMWARE, max_size=8)
    ),
    st.fixed_dictionaries({"driver": VERSIONS, "firmware": FIRMWARE}),
)
def test_a_node_that_took_its_plan_and_booted_is_settled(found, wanted):
    plan = PLAN(found, wanted)
    assert plan["reboot"] == bool(plan["reasons"])
    for step in plan["steps"]:
        found["software"][step["part"]] = {"version": step["version"], "complete": True}
    left = PLAN(found, wanted)
    assert left["steps"] == []
    assert PLAN(installed(wanted), wanted)["reboot"] is False
    assert not left["reboot"] or plan["reboot"]


def test_firmware_that_no_chip_runs_yet_wants_a_reboot():
    plan = PLAN(installed(NEW, live=[None] * 8), NEW)
    assert (plan["steps"], plan["reboot"]) == ([], True)
    assert "no NPU runs any" in plan["reasons"][0]


def test_one_silent_card_does_not_reboot_the_node_at_every_run():
    assert not PLAN(installed(NEW, live=[None] + [NEW["firmware"]] * 7), NEW)["reboot"]


def in_a(place, **changes):
    made = node(**changes)
    made["software"]["environment"] = place
    return made


@pytest.mark.parametrize("place", ["vm", "container"])
def test_firmware_is_never_written_in_a_guest(place):
    plan = PLAN(in_a(place), NEW)
    assert words(plan) == ["install driver 24.1.0"]
    assert plan["consents"] == ["reboot"]


def test_a_container_gets_no_driver():
    ((found, wanted, _fix),) = PLAN(in_a("container"), NEW)["problems"]
    assert (found, wanted.split(",")[0]) == ("a container", "the driver on the host")
    assert PLAN(in_a("vm"), NEW)["problems"] == []


def with_ranges(found, *ranges):
    found["software"]["driver"]["compatible_firmware"] = [
        {"lowest": lowest, "highest": highest} for lowest, highest in ranges
    ]
    return found


RANGES = [("6.4.0", "6.4.99"), ("7.0.0", "7.5.99")]


@pytest.mark.parametrize(
    ("firmware", "fits"),
    [
        ("7.5.0.2.220", True),
        ("7.6.0.1.220", False),
        ("6.4.12.1.241", True),
        ("6.5.0", False),
        ("7.0.0", True),
    ],
)
def test_firmware_outside_the_range_of_the_driver_that_stays(firmware, fits):
    wanted = {**NEW, "firmware": firmware}
    problems = PLAN(with_ranges(installed(NEW), *RANGES), wanted)["problems"]
    assert [found for found, _wanted, _fix in problems] == (
        [] if fits else ["driver 24.1.0, which goes with firmware 6.4.0 to 6.4.99 or 7.0.0 to 7.5.99"]
    )


def test_the_range_of_a_driver_that_goes_is_not_asked():
    assert PLAN(with_ranges(installed(OLD), ("1.0", "1.1")), NEW)["problems"] == []


@pytest.mark.parametrize(
    ("train", "instead", "warned"),
    [
        ("V100R001C20", {}, False),
        ("V100R001C19", {}, True),
        ("V100R001C19", {"in_use": False}, False),
        ("V100R001C19", {"part": "kernels"}, False),
        ("V100R001C19", {"inner_version": None}, False),
    ],
)
def test_a_toolkit_that_the_driver_does_not_name_is_worth_a_warning(train, instead, warned):
    found = installed(NEW)
    found["software"]["driver"]["compatible_versions"] = [train]
    toolkit = {
        "part": "toolkit",
        "version": "8.0.0",
        "in_use": True,
        "inner_version": "V100R001C20SPC001B251",
    }
    found["software"]["cann"] = [{**toolkit, **instead}]
    assert bool(PLAN(found, NEW)["warnings"]) is warned
