# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a run: what each node was, is, and how its run ended."""

from __future__ import annotations

import re

import pytest
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog
from ansible_collections.ascend.fleet.plugins.plugin_utils._report import fleet_report, fleet_summary

BILL = {
    "release": "cann-7.0.0",
    "product": "atlas_800t_a2",
    "driver": "23.0.3",
    "firmware": "7.1.0.5.220",
    "cann": "7.0.0",
    "torch": "2.1.0",
    "torch_npu": "2.1.0",
    "mindspore": "2.2.10",
}


def found(driver=None, health="OK"):
    chips = [
        {
            "npu_id": n,
            "chip_id": 0,
            "phy_id": n,
            "name": "910B3",
            "health": health,
            "temperature_c": 40,
            "power_w": 90.0,
        }
        for n in range(2 if driver else 0)
    ]
    software = {
        "driver": driver and {"version": driver},
        "firmware": driver and {"version": "7.1.0.5.220"},
        "cann_latest": driver and "7.0.0",
    }
    return {"software": software, "chips": chips, "cards": [{"npu_id": 0, "firmware_version": "7.1.0.5.220"}]}


def facts(**more):
    base = {
        "npu_preflight_outcome": {"bill": BILL, "found": found(), "npus": 2},
        "npu_fleet_started": 100.0,
        "npu_fleet_rack": "Rack A",
    }
    return {**base, **more}


def outcome(stage, ended, *actions, **more):
    return {"stage": stage, "ended": ended, "actions": list(actions), **more}


VERIFIED = outcome(
    "verification",
    140.0,
    bill=BILL,
    found=found("23.0.3"),
    npus=2,
    frameworks={"torch": "2.1.0", "torch_npu": "2.1.0"},
    devices=[
        {"id": 0, "address": "10.0.0.1", "prefix": 16, "gateway": None, "link": "UP", "health": "Success"}
    ],
    checks=[],
)


def one(facts, check_mode=False):
    return fleet_report({"a": facts}, "2026-01-01T00:00:00", check_mode)["nodes"][0]


def test_a_stage_lasts_from_the_end_of_the_one_before():
    node = one(
        facts(npu_driver_outcome=outcome("driver", 130.5, "install driver"), npu_verify_outcome=VERIFIED)
    )
    assert [(stage["stage"], stage["seconds"]) for stage in node["stages"]] == [
        ("driver", 30.5),
        ("verification", 9.5),
    ]


@pytest.mark.parametrize(
    ("more", "check_mode", "state"),
    [
        (
            {"npu_driver_outcome": outcome("driver", 1.0, "x"), "npu_verify_outcome": VERIFIED},
            False,
            "changed",
        ),
        ({"npu_driver_outcome": outcome("driver", 1.0), "npu_verify_outcome": VERIFIED}, False, "unchanged"),
        ({"npu_driver_outcome": outcome("driver", 1.0, "x")}, True, "planned"),
        ({"npu_driver_outcome": outcome("driver", 1.0, "x", reboot_due=True)}, False, "reboot_due"),
        (
            {"npu_driver_outcome": outcome("driver", 1.0, "x"), "npu_fleet_failure": {"step": "s"}},
            False,
            "failed",
        ),
        ({"npu_fleet_failure": {"step": "s", "not_started": True}}, False, "not_started"),
        ({"npu_preflight_outcome": None}, False, "no_answer"),
        ({"npu_verify_outcome": VERIFIED}, False, "verified"),
    ],
)
def test_the_state_says_how_the_run_ended(more, check_mode, state):
    assert one(facts(**more), check_mode)["state"] == state


def test_a_node_shows_what_it_was_and_what_it_is():
    node = one(facts(npu_verify_outcome=VERIFIED))
    assert node["before"]["driver"] is None
    assert node["after"] == {
        **{name: BILL[name] for name in ("driver", "firmware", "cann", "torch", "torch_npu")},
        "mindspore": None,
    }
    assert [(npu["id"], npu["address"], npu["link"]) for npu in node["npus"]] == [
        (0, "10.0.0.1", "UP"),
        (1, None, None),
    ]


def columns(*nodes):
    report = fleet_report({str(number): node for number, node in enumerate(nodes)}, "2026-01-01", False)
    head = fleet_summary(report).splitlines()[0]
    return [column["title"] for column in report["versions"]], re.split(r"  +", head)[2:-3]


def test_a_framework_has_a_column_where_a_node_has_it_or_is_to_have_it():
    ground = {"bill": {**BILL, "torch": None, "torch_npu": None}, "found": found(), "npus": 2}
    only = facts(npu_preflight_outcome=ground, npu_fleet_mindspore="2.2.10")
    left = facts(
        npu_preflight_outcome=ground,
        mindspore_outcome=outcome("MindSpore", 120.0, before={"mindspore": "2.3.0"}),
    )
    assert columns(facts())[0] == ["driver", "firmware", "CANN", "torch", "torch_npu"]
    assert columns(only) == (["driver", "firmware", "CANN", "MindSpore"],) * 2
    assert columns(left, facts())[0] == ["driver", "firmware", "CANN", "torch", "torch_npu", "MindSpore"]
    assert columns(facts(npu_preflight_outcome=ground))[0] == ["driver", "firmware", "CANN"]


def test_the_build_of_a_framework_is_no_difference_from_the_release():
    verified = {**VERIFIED, "frameworks": {"torch": "2.1.0+cpu", "torch_npu": "2.1.0+git1234567"}}
    node = one(facts(npu_verify_outcome=verified))
    assert [node["after"][name] for name in ("torch", "torch_npu")] == ["2.1.0", "2.1.0"]
    assert node["after"] == node["wanted"]


def test_what_a_framework_did_not_say_of_itself_is_as_it_was_before():
    before = {"mindspore": "2.3.0"}
    verified = {**VERIFIED, "frameworks": {"torch": "2.1.0", "torch_npu": "2.1.0"}}
    stages = {
        "torch_npu_outcome": outcome("torch_npu", 110.0, before={"torch": "2.0.1", "torch_npu": "2.0.1"}),
        "mindspore_outcome": outcome("MindSpore", 120.0, before=before),
    }
    node = one(facts(npu_verify_outcome=verified, **stages))
    assert (node["before"]["torch"], node["before"]["mindspore"]) == ("2.0.1", "2.3.0")
    assert (node["after"]["torch"], node["after"]["mindspore"]) == ("2.1.0", "2.3.0")


def test_what_containers_do_is_a_stage_and_their_checks_stand_with_the_others():
    verified = {**VERIFIED, "checks": [{"check": "running driver"}]}
    checks = [{"check": "NPUs in the container train"}]
    ran = outcome("containers", 150.0, "start the container train", checks=checks)
    node = one(facts(npu_verify_outcome=verified, npu_container_outcome=ran))
    assert [check["check"] for check in node["checks"]] == ["running driver", "NPUs in the container train"]
    assert node["stages"][-1]["actions"] == ["start the container train"]
    assert node["state"] == "changed"


def test_the_summary_names_versions_healthy_npus_actions_and_failures():
    failed = facts(
        npu_fleet_failure={"step": "Set the device network", "message": "a: device 3 kept its address"}
    )
    done = facts(
        npu_driver_outcome=outcome("driver", 130.0, "install driver 23.0.3"), npu_verify_outcome=VERIFIED
    )
    text = fleet_summary(fleet_report({"a": failed, "b": done}, "2026-01-01T00:00:00", False))
    assert "none -> 23.0.3" in text
    assert "2/2" in text
    assert "did install driver 23.0.3" in text
    assert 'FAILED at "Set the device network": a: device 3 kept its address' in text
    assert "2 nodes: 1 FAILED, 1 changed" in text


def test_a_failed_node_shows_where_it_stands_now():
    failed = facts(npu_fleet_failure={"step": "s", "message": "m"}, npu_fleet_left=found("23.0.3"))
    assert one(failed)["after"]["driver"] == "23.0.3"
    unreadable = facts(npu_fleet_failure={"step": "s", "message": "m"}, npu_fleet_left={"msg": "no answer"})
    assert one(unreadable)["after"]["driver"] is None


def test_long_texts_are_wrapped():
    done = facts(npu_driver_outcome=outcome("driver", 1.0, *["set the address of a device"] * 9))
    text = fleet_summary(fleet_report({"a": done}, "2026-01-01T00:00:00", False))
    assert max(len(line) for line in text.splitlines()) <= 118


def test_the_summary_of_a_check_says_would_and_touches_nothing():
    text = fleet_summary(
        fleet_report(
            {"a": facts(npu_driver_outcome=outcome("driver", 1.0, "reboot"))}, "2026-01-01T00:00:00", True
        )
    )
    assert "would reboot" in text
    assert "nothing was touched" in text


def board(**more):
    model = Catalog().product("orange_pi_aipro")
    bill = {**BILL, "product": "orange_pi_aipro", "driver": None, "firmware": None}
    preflight = {"bill": bill, "model": model, "found": found(), "npus": 1}
    return facts(npu_preflight_outcome=preflight, **more)


def test_what_a_model_does_not_have_is_told_with_the_reason():
    node = one(board(cann_outcome=outcome("CANN", 110.0)))
    assert node["state"] == "unchanged"  # although there is no stage of the driver
    assert [entry["stage"] for entry in node["absent"]] == ["driver", "firmware", "MCU", "device network"]
    assert node["absent"][3]["why"] == "Orange Pi AIpro has no RoCE ports"


def test_the_summary_says_not_applicable_in_its_columns_and_below():
    report = fleet_report({"a": board(cann_outcome=outcome("CANN", 110.0))}, "2026-01-01T00:00:00", False)
    lines = fleet_summary(report).splitlines()
    assert re.split(r"  +", lines[2])[:7] == [
        *("a", "unchanged", "not applicable", "not applicable", "-", "-", "not applicable"),
    ]
    text = " ".join(fleet_summary(report).split())
    assert (
        "not applicable: driver (the driver of Orange Pi AIpro comes with the system's image); firmware"
        in text
    )


def test_a_server_that_has_everything_says_nothing_of_the_kind():
    whole = {**facts()["npu_preflight_outcome"], "model": Catalog().product("atlas_800t_a2")}
    report = fleet_report({"a": facts(npu_preflight_outcome=whole)}, "2026-01-01T00:00:00", False)
    assert report["nodes"][0]["absent"] == []
    assert "not applicable" not in fleet_summary(report)


def old_toolkit(driver="23.0.3"):
    software = {
        **found(driver)["software"],
        "driver": {"version": driver, "compatible_versions": ["V100R001C15"]},
        "cann": [
            {"part": "toolkit", "version": "8.0.0", "in_use": True, "inner_version": "V100R001C20SPC001B251"}
        ],
    }
    return {**found(driver), "software": software}


def test_warnings_are_those_of_the_verified_node_and_not_of_the_stage_before_cann():
    driver = outcome("driver", 130.0, warnings=["CANN 7.0.0 is in use, and ..."])
    assert one(facts(npu_driver_outcome=driver, npu_verify_outcome=VERIFIED))["warnings"] == []
    verified = {**VERIFIED, "found": old_toolkit()}
    (warning,) = one(facts(npu_driver_outcome=driver, npu_verify_outcome=verified))["warnings"]
    assert warning.startswith("CANN 8.0.0 (V100R001C20SPC001B251) is in use, and driver 23.0.3 names V100")


def test_without_verification_the_warnings_are_the_drivers():
    report = fleet_report(
        {"a": facts(npu_driver_outcome=outcome("driver", 130.0, warnings=["look here"]))}, "now", False
    )
    assert report["nodes"][0]["warnings"] == ["look here"]
    assert "  warning: look here" in fleet_summary(report).splitlines()
