# SPDX-License-Identifier: GPL-3.0-or-later
"""What the preflight says of all hosts together."""

from __future__ import annotations

from ansible_collections.ascend.fleet.plugins.filter import preflight_report

REPORT = preflight_report.FilterModule().filters()["preflight_report"]


def problem(host, severity, found="an x"):
    return {"host": host, "severity": severity, "found": found, "wanted": "a y", "fix": "do z"}


def device(address):
    return {"id": 0, "address": address, "prefix": 24, "gateway": None, "detection_address": None}


def outcome(*problems, **more):
    return {"npu_preflight_outcome": {"problems": list(problems), "devices": [], **more}}


FOUND = {
    "software": {
        "driver": {"version": "23.0.3"},
        "firmware": None,
        "cann": [{"version": "7.0.0"}, {"version": "7.0.0"}, {"version": None}],
        "environment": "vm",
    },
    "driver_version": "23.0.3",
    "chips": [{"npu_id": 0, "chip_id": 0, "name": "910B3", "health": "OK", "power_w": 90}],
    "pci_devices": [{}] * 8,
}


def test_hosts_are_counted_and_said_what_they_are():
    looked = outcome(
        problem("a", "warning"),
        bill={"release": "cann-8.0.0", "driver": "24.1.0", "packages": []},
        model={"key": "atlas_800t_a2"},
        system={"key": "debian_12"},
        architecture="aarch64",
        detected={"product": None},
        found=FOUND,
        node={"memory": {"total_mb": 1}, "immutable": []},
    )
    report = REPORT(["a"], {"a": looked}, [problem("b", "note")], "now")
    counts = (report["time"], report["errors"], report["warnings"], report["notes"])
    assert counts == ("now", 0, 1, 1)
    host = report["hosts"]["a"]
    assert host["wanted"]["driver"] == "24.1.0"
    assert "packages" not in host["wanted"]
    assert host["installed"] == {
        "driver": "23.0.3",
        "driver_running": "23.0.3",
        "firmware": None,
        "cann": ["7.0.0"],
    }
    assert host["npus"] == [{"npu_id": 0, "chip_id": 0, "name": "910B3", "health": "OK"}]
    assert (host["npus_on_bus"], host["memory"], host["environment"]) == (8, {"total_mb": 1}, "vm")
    assert (host["product"], host["system"], host["detected"]) == (
        "atlas_800t_a2",
        "debian_12",
        {"product": None},
    )


def test_a_host_that_does_not_answer_is_a_warning_and_the_others_are_looked_at():
    report = REPORT(["a", "b"], {"a": outcome(problem("a", "error")), "b": {}}, [], "now")
    assert [(each["host"], each["severity"], each["found"]) for each in report["problems"]] == [
        ("a", "error", "an x"),
        ("b", "warning", "no answer"),
    ]
    assert set(report["hosts"]) == {"a"}


def test_a_host_that_cannot_be_looked_at_is_in_it_with_its_problem():
    unread = outcome(problem("a", "error"), bill=None, model=None, system=None)
    report = REPORT(["a"], {"a": unread}, [], "now")
    assert report["errors"] == 1
    assert report["hosts"]["a"]["product"] is None
    assert report["hosts"]["a"]["installed"]["cann"] == []


def test_addresses_that_two_hosts_share_are_errors():
    hosts = {
        name: {"npu_preflight_outcome": {"problems": [], "devices": [device("10.0.0.1")]}} for name in "ab"
    }
    (shared,) = REPORT(["a", "b"], hosts, [], "now")["problems"]
    assert (shared["host"], shared["severity"]) == ("b", "error")
    assert "10.0.0.1" in shared["found"]


def test_a_variable_with_a_wrong_letter_is_told_of_its_host_even_when_it_does_not_answer():
    hosts = {"a": {**outcome(), "cann_users": []}, "b": {"cann_userz": []}}
    problems = REPORT(["a", "b"], hosts, [], "now")["problems"]
    assert [(each["host"], each["severity"]) for each in problems] == [("b", "warning"), ("b", "warning")]
    assert problems[1]["found"] == "the variable cann_userz, which nothing reads"


def test_a_host_in_the_plans_of_two_racks_is_a_warning():
    plans = {
        "a": {"mark": "1", "hosts": ["a", "b", "away"]},
        "b": {"mark": "2", "hosts": []},
        "c": {"mark": "2", "hosts": ["c", "b"]},
        "d": {},
    }
    hosts = {host: outcome(plan=plan) for host, plan in plans.items()}
    (double,) = REPORT(list(hosts), hosts, [], "now")["problems"]
    assert (double["host"], double["severity"]) == ("b", "warning")
    assert "in the one that begins with a, and in its own" in double["found"]
