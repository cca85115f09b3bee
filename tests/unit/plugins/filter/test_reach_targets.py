# SPDX-License-Identifier: GPL-3.0-or-later
"""Who pings whom, how many pings that takes at most, and what the matrix says of those that are lost."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.ascend.fleet.plugins.filter import reach_targets
from ansible_collections.ascend.fleet.plugins.plugin_utils._reach import reach
from ansible_collections.ascend.fleet.plugins.plugin_utils._verify import verify_checks
from hypothesis import given
from hypothesis import strategies as st

TARGETS = reach_targets.FilterModule().filters()["reach_targets"]


def rack(nodes, devices=8):
    """Return the devices of a rack's nodes."""
    return {
        f"node-{node}": [{"id": device, "address": f"10.{node}.0.{device}"} for device in range(devices)]
        for node in range(nodes)
    }


def asked(found):
    return [(ping["id"], peer["host"]) for ping, peer in zip(found["pings"], found["peers"])]


def test_a_full_mesh_asks_every_rail_peer_once():
    found = TARGETS(rack(4), "node-1", "full")
    assert sorted(asked(found)) == sorted(
        (device, host) for device in range(8) for host in ("node-0", "node-2", "node-3")
    )
    assert all(ping["id"] == peer["id"] for ping, peer in zip(found["pings"], found["peers"]))
    assert found["pings"][0] == {"id": 0, "address": "10.2.0.0"}


def test_a_full_mesh_that_takes_too_many_pings_says_how_many():
    with pytest.raises(AnsibleFilterError, match="72 pings of each node for a full mesh of 10 nodes"):
        TARGETS(rack(10), "node-0", "full", 64)


def test_nobody_is_asked_where_nobody_is_to_be_asked():
    nothing = {"pings": [], "peers": []}
    assert TARGETS(rack(4), "node-1", "none") == nothing
    assert TARGETS(rack(1), "node-0", "full") == nothing
    assert TARGETS(rack(4), "elsewhere", "full") == nothing
    assert TARGETS({**rack(2), "node-0": []}, "node-0", "full") == nothing
    with pytest.raises(AnsibleFilterError, match="one of none, sample, full"):
        TARGETS(rack(4), "node-1", "some")


def test_a_host_that_is_not_planned_is_not_asked():
    for mode in ("full", "sample"):
        found = TARGETS({**rack(3), "node-1": []}, "node-0", mode, 8 * 2)
        assert {host for _device, host in asked(found)} == {"node-2"}
    assert TARGETS({**rack(3), "node-1": []}, "node-0", "sample", 8) == found


@pytest.mark.parametrize("spoilt", [{"id": 3, "mtu": 4200}, {"id": 3, "address": "10.9.9.9", "link": "down"}])
def test_a_device_without_an_address_or_declared_down_takes_no_part(spoilt):
    some = rack(3)
    some["node-1"][3] = spoilt
    assert (3, "node-1") not in asked(TARGETS(some, "node-0", "full"))
    assert len(asked(TARGETS(some, "node-0", "full"))) == 8 * 2 - 1
    assert {device for device, _host in asked(TARGETS(some, "node-1", "full"))} == set(range(8)) - {3}
    assert TARGETS({**some, "node-1": [spoilt]}, "node-1", "full") == {"pings": [], "peers": []}


@given(st.integers(2, 60), st.sampled_from([1, 8, 16]), st.integers(1, 200))
def test_a_sample_keeps_the_bound_and_leaves_no_device_out(nodes, devices, most):
    whole = rack(nodes, devices)
    heard = set()
    for host in whole:
        found = TARGETS(whole, host, "sample", most)
        assert devices <= len(found["pings"]) <= max(most, devices)
        assert len(set(asked(found))) == len(found["pings"])
        assert {ping["id"] for ping in found["pings"]} == set(range(devices))
        heard |= {(peer["host"], peer["id"]) for peer in found["peers"]}
    assert len(heard) == nodes * devices


def port(number, **facts):
    return {"id": number, "address": f"10.0.0.{number}", "link": "UP", **facts}


def answer(number, address, received, reason=None):
    sent = None if reason else 3
    return {"id": number, "address": address, "sent": sent, "received": received, "reason": reason}


FACTS = {
    "a": {
        "npu_verify_outcome": {
            "devices": [port(0, neighbour={"switch": "leaf-1", "port": "400GE1/1/1:1"}), port(1)],
            "pings": [answer(0, "10.0.0.9", 1), answer(1, "10.0.0.8", 3)],
            "peers": [{"host": "b", "id": 0}, {"host": "b", "id": 1}],
        }
    },
    "b": {
        "npu_verify_outcome": {
            "devices": [
                port(0, link="DOWN", neighbour=None, optical={"present": True, "rx_power_mw": [0.0001]})
            ],
            "pings": [answer(0, "10.0.0.7", None, "the device refused")],
            "peers": [{"host": "a", "id": 0}],
        }
    },
    "c": {},
}


def test_the_matrix_counts_pairs_and_shows_both_ends_of_what_is_lost():
    found = reach(FACTS)
    assert found["pairs"] == {
        "a": {"b": {"asked": 2, "answered": 1}},
        "b": {"a": {"asked": 1, "answered": 0}},
    }
    first, second = found["missing"]
    assert (first["from"]["host"], first["to"]["host"], first["came_back"]) == ("a", "b", "1 of 3 packets")
    assert (first["from"]["switch"], first["from"]["port"]) == ("leaf-1", "400GE1/1/1:1")
    assert (first["to"]["link"], first["to"]["rx_power_mw"], first["to"]["port"]) == ("DOWN", [0.0001], None)
    assert first["to"]["address"] == "10.0.0.9"
    assert second["came_back"] == "the device refused"


def test_a_run_without_pings_has_no_matrix():
    assert reach({"c": {}, "d": {"npu_verify_outcome": {"devices": []}}}) == {"pairs": {}, "missing": []}


def test_a_lost_ping_fails_the_check_of_its_device():
    outcome = FACTS["a"]["npu_verify_outcome"]
    node = {
        "host": "a",
        "bill": {"driver": "1", "cann": "1"},
        "npus": 0,
        "devices": [],
        "found": {"driver_version": "1", "chips": [], "cards": [], "software": {"cann_latest": "1"}},
        "ports": [],
        "environments": [],
        "smoke": {"rc": 0},
        "pings": outcome["pings"],
        "peers": outcome["peers"],
    }
    checks = {check["check"]: check for check in verify_checks(node)}
    assert checks["reach of device 0"]["passed"] is False
    assert checks["reach of device 0"]["found"] == "b 10.0.0.9: 1 of 3 packets"
    assert "the playbook ascend.fleet.report shows them" in checks["reach of device 0"]["action"]
    assert checks["reach of device 1"]["passed"] is True
