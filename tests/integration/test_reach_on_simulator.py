# SPDX-License-Identifier: GPL-3.0-or-later
"""npu_verify pings a rack of simulated hosts, and npu_report shows who cannot reach whom."""

from __future__ import annotations

import pytest
from integration.local_hosts import LocalHosts, read_json

NAMES = ["one", "two", "three"]
RAILS = (2, 5)
DEVICES = {
    name: [{"id": device, "address": f"10.0.{place}.{device + 1}", "prefix": 24} for device in RAILS]
    for place, name in enumerate(NAMES)
}


@pytest.fixture
def hosts(tmp_path):
    made = LocalHosts(tmp_path, NAMES)
    for place, name in enumerate(NAMES):
        for device in RAILS:
            made.address(name, device, f"10.0.{place}.{device + 1}", f"10.0.{place}.254")
    return made


def verify(hosts, reach, each=None, **more):
    """Verify the hosts as far as a bare one can be, and report them."""
    inputs = {
        "npu_verify_bill": {"driver": "25.5.1", "cann": "8.0.0"},
        "npu_verify_npus": 8,
        "npu_verify_devices": "{{ npu_verify_reach_devices[inventory_hostname] }}",
        "npu_verify_reach_devices": DEVICES,
        "npu_verify_reach": reach,
        "npu_report_directory": str(hosts.folder / "reports"),
        **more,
    }
    looked = {
        "name": "Verify, and go on to the report",
        "block": [{"ansible.builtin.include_role": {"name": "ascend.fleet.npu_verify"}}],
        "rescue": [
            {
                "ansible.builtin.set_fact": {
                    "npu_fleet_failure": {"step": "verify", "message": "{{ ansible_failed_result.msg }}"}
                }
            }
        ],
    }
    report = {"ansible.builtin.include_role": {"name": "ascend.fleet.npu_report"}, "run_once": True}
    run = hosts.play({"tasks": [looked, report], "vars": inputs}, **(each or {}))
    assert run.returncode == 0, run.stdout + run.stderr
    page = (hosts.folder / "reports/fleet.html").read_text(encoding="utf-8")
    return read_json(hosts.folder / "reports/fleet.json"), page


def pings(hosts, name):
    return [call for call in hosts.calls(name) if "-ping" in call]


def test_a_full_mesh_of_a_healthy_rack_is_answered(hosts):
    report, page = verify(hosts, "full")
    answered = {"asked": 2, "answered": 2}
    assert report["reach"]["pairs"]["one"] == {"two": answered, "three": answered}
    assert report["reach"]["missing"] == []
    assert [len(pings(hosts, name)) for name in NAMES] == [4, 4, 4]
    checks = {check["check"]: check["passed"] for node in report["nodes"] for check in node["checks"]}
    assert checks["reach of device 5"] is True
    assert "Reach of the device network" in page
    assert "Who cannot reach whom" not in page


def test_ports_are_judged_by_what_is_declared_of_them(hosts):
    """One that is only to be down, and one of which only settings are said that no check looks at."""
    hosts.fault("two", link_down=[2])
    declared = [{"id": 2, "link": "down"}, {"id": 5, "mtu": 4200}]
    report, _page = verify(
        hosts, "none", npu_verify_devices="{{ __npu_verify_declared }}", npu_network_devices=declared
    )
    seen = {
        node["host"]: {
            check["check"]: check["passed"] for check in node["checks"] if "of device" in check["check"]
        }
        for node in report["nodes"]
    }
    assert seen["one"] == {"link of device 2": False, "link of device 5": True}
    assert seen["two"] == {"link of device 2": True, "link of device 5": True}


def test_without_a_directory_the_report_lies_where_the_run_was_started(hosts, monkeypatch):
    monkeypatch.setenv("PWD", str(hosts.folder))
    report, _page = verify(hosts, "none", npu_report_directory="")
    assert [node["host"] for node in report["nodes"]] == sorted(NAMES)


def test_a_broken_cable_shows_on_both_sides_with_switch_and_light(hosts):
    hosts.fault("two", link_down=[5])
    report, page = verify(hosts, "full")
    missing = report["reach"]["missing"]
    lost = [(each["from"]["host"], each["to"]["host"], each["from"]["id"]) for each in missing]
    assert sorted(lost) == [("one", "two", 5), ("three", "two", 5), ("two", "one", 5), ("two", "three", 5)]
    (end,) = [each["to"] for each in missing if each["from"]["host"] == "one"]
    assert (end["link"], end["port"], end["rx_power_mw"]) == ("DOWN", None, [0.0001] * 4)
    (start,) = [each["from"] for each in missing if each["from"]["host"] == "one"]
    assert (start["link"], start["switch"], start["port"]) == ("UP", "leaf-1", "400GE1/3/1:2")
    assert "Who cannot reach whom" in page
    assert "1 of 2" in page


def test_the_devices_come_from_the_plans_that_the_preflight_has_seen(hosts):
    """A host that the preflight has not seen, such as one that does not answer, is asked by nobody."""
    seen = {
        name: {"npu_preflight_outcome": {"devices": DEVICES[name], "found": {}}} for name in ("one", "two")
    }
    inputs = {"npu_verify_reach_devices": {}, "npu_verify_devices": DEVICES["one"]}
    inputs.update(npu_verify_reach_hosts=[*NAMES, "four"], npu_verify_reach_pings=2)
    report, _page = verify(hosts, "sample", seen, **inputs)
    assert [len(pings(hosts, name)) for name in NAMES] == [2, 2, 0]
    assert {host: set(peers) for host, peers in report["reach"]["pairs"].items()} == {
        "one": {"two"},
        "two": {"one"},
    }


def test_without_it_nothing_is_pinged_and_nothing_more_is_asked(hosts):
    report, page = verify(hosts, "none")
    assert report["reach"] == {"pairs": {}, "missing": []}
    assert "Reach of the device network" not in page
    assert len(hosts.calls("one")) == 2 * 5


def test_a_mesh_that_costs_too_much_is_refused_with_its_size(hosts):
    report, _page = verify(hosts, "full", npu_verify_reach_pings=3)
    assert "4 pings of each node for a full mesh of 3 nodes" in report["nodes"][0]["failure"]["message"]
    assert pings(hosts, "one") == []
