# SPDX-License-Identifier: GPL-3.0-or-later
"""The address plan: guide 002's addresses, the shared subnet, and every way in which a plan can be wrong."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.ascend.fleet.plugins.filter import address_overlaps, device_addresses
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog
from hypothesis import assume, given
from hypothesis import strategies as st

ADDRESSES = device_addresses.FilterModule().filters()["device_addresses"]
OVERLAPS = address_overlaps.FilterModule().filters()["address_overlaps"]
A2 = Catalog().product("atlas_800t_a2")
A1 = Catalog().product("atlas_800_9000")
SHARED = {"pattern": "shared_subnet", "network": "10.20.0.0/16", "gateway": "10.20.0.1", "first": "10.20.1.1"}
FOUR = {
    "pattern": "four_subnets",
    "network": "192.168.100.0/24",
    "first": "192.168.100.100",
    "order": "upper_first",
}


def listed(devices):
    return [device["address"] for device in devices]


def test_guide_002_comes_out_of_the_plan():
    assert ADDRESSES(FOUR, A1, 0) == [
        {"id": number, "address": address, "prefix": 24, "gateway": None, "detection_address": None}
        for number, address in enumerate(
            [f"192.168.{net}.101" for net in range(100, 104)]
            + [f"192.168.{net}.100" for net in range(100, 104)]
        )
    ]


def test_the_second_node_follows_the_first():
    lower = [f"192.168.{net}.102" for net in range(100, 104)]
    upper = [f"192.168.{net}.103" for net in range(100, 104)]
    assert listed(ADDRESSES(FOUR, A1, 1)) == upper + lower
    assert listed(ADDRESSES({**FOUR, "order": "lower_first"}, A1, 1)) == lower + upper
    assert listed(ADDRESSES({**FOUR, "order": None}, A1, 1)) == lower + upper


def test_a_shared_subnet():
    assert ADDRESSES(SHARED, A2, 0)[0] == {
        "id": 0,
        "address": "10.20.1.1",
        "prefix": 16,
        "gateway": "10.20.0.1",
        "detection_address": "10.20.0.1",
    }
    assert listed(ADDRESSES(SHARED, A2, 0)) == [f"10.20.1.{number}" for number in range(1, 9)]
    assert listed(ADDRESSES(SHARED, A2, 2)) == [f"10.20.1.{number}" for number in range(17, 25)]


def test_a_detection_address_and_no_gateway():
    plan = {**SHARED, "gateway": None, "detection_address": "10.20.0.9"}
    assert {(device["gateway"], device["detection_address"]) for device in ADDRESSES(plan, A2, 0)} == {
        (None, "10.20.0.9")
    }


def test_gateways_of_four_subnets():
    plan = {**FOUR, "gateways": ["192.168.100.1", None, None, None]}
    devices = ADDRESSES(plan, A1, 0)
    assert [device["gateway"] for device in devices] == ["192.168.100.1", None, None, None] * 2


SINGLE_GATEWAY = ["192.168.100.1", "192.168.101.1", "192.168.102.1", "192.168.103.1"]


@pytest.mark.parametrize(
    ("plan", "product", "index", "sentences"),
    [
        (
            {**SHARED, "first": "10.20.255.250"},
            A2,
            0,
            ["plan for 0 nodes", "node number 1", "set a lower first"],
        ),
        ({**SHARED, "network": "10.20.1.0/24", "gateway": None}, A2, 31, ["plan for 31 nodes", "number 32"]),
        (
            {"pattern": "shared_subnet", "network": "10.20.1.0/28", "first": "10.20.1.8"},
            A2,
            0,
            ["plan for 0 nodes (10.20.1.8 to 10.20.1.14, 8 for each node)"],
        ),
        ({**FOUR, "first": "192.168.100.253"}, A1, 1, ["plan for 1 nodes", "2 for each node"]),
        ({**SHARED, "first": "10.21.1.1"}, A2, 0, ["first: 10.21.1.1", "outside 10.20.0.0/16"]),
        ({**SHARED, "gateway": "10.21.0.1"}, A2, 0, ["gateway: 10.21.0.1", "outside 10.20.0.0/16"]),
        ({**SHARED, "gateway": "10.20.1.8"}, A2, 0, ["gateway: 10.20.1.8", "10.20.1.1 to 10.20.1.8"]),
        (
            {**FOUR, "gateways": [None, None, None, "192.168.103.100"]},
            A1,
            0,
            ["192.168.103.100", "192.168.103.100 to 192.168.103.101"],
        ),
        ({**FOUR, "gateways": [None, "192.168.100.1", None, None]}, A1, 0, ["outside 192.168.101.0/24"]),
        ({**FOUR, "gateways": SINGLE_GATEWAY}, A1, 0, ["share one gateway", "devices 0 to 3"]),
        ({**FOUR, "gateways": ["192.168.100.1"]}, A1, 0, ["a list of four"]),
        ({**FOUR, "gateways": "192.168.100.1"}, A1, 0, ["a list of four"]),
        (SHARED, A1, 0, ["the pattern shared_subnet", "wanted four_subnets", "Atlas 800 (model 9000)"]),
        (FOUR, A2, 0, ["the pattern four_subnets", "wanted shared_subnet", "Atlas 800T A2"]),
        ({**SHARED, "pattern": None}, A2, 0, ["without a pattern"]),
        (SHARED, {**A2, "address_pattern": None}, 0, ["no network ports"]),
        ({**SHARED, "gatway": "10.20.0.1"}, A2, 0, ["the key gatway", "nearest is gateway"]),
        ({**SHARED, "gateways": []}, A2, 0, ["the key gateways"]),
        ({**SHARED, "first": None}, A2, 0, ["without first", "add first"]),
        ({**SHARED, "network": None}, A2, 0, ["without network"]),
        ({**SHARED, "network": "10.20.0.5/16"}, A2, 0, ["network: 10.20.0.5/16", "host bits"]),
        ({**SHARED, "network": "10.20.0.0"}, A2, 0, ["network: 10.20.0.0", "such as 10.20.0.0/16"]),
        ({**SHARED, "network": 10}, A2, 0, ["network: 10"]),
        ({**SHARED, "network": "fd00::/64"}, A2, 0, ["network: fd00::/64"]),
        ({**SHARED, "first": "10.20.01.1"}, A2, 0, ["first: 10.20.01.1"]),
        ({**SHARED, "gateway": True}, A2, 0, ["gateway: True"]),
        ({**SHARED, "detection_address": "router"}, A2, 0, ["detection_address: router"]),
        ({**FOUR, "order": "upper"}, A1, 0, ["order: upper", "lower_first, upper_first"]),
        (
            {**FOUR, "network": "255.255.254.0/24", "first": "255.255.254.9"},
            A1,
            0,
            ["no room for four networks"],
        ),
        ({**SHARED, "first": "10.20.0.0", "gateway": None}, A2, 0, ["is the address of the net"]),
        (
            {**SHARED, "network": "192.168.1.0/24", "gateway": None, "first": "192.168.1.1"},
            A2,
            0,
            ["take another"],
        ),
        (SHARED, A2, -1, ["the node number -1"]),
        (SHARED, A2, "0", ["the node number '0'"]),
        (SHARED, A2, True, ["the node number True"]),
    ],
)
def test_a_wrong_plan_says_what_to_correct(plan, product, index, sentences):
    with pytest.raises(AnsibleFilterError, match="device_addresses: found ") as stop:
        ADDRESSES(plan, product, index)
    assert [sentence for sentence in sentences if sentence not in str(stop.value)] == []


def test_explaining_returns_both():
    assert ADDRESSES(SHARED, A2, 0, explain=True) == {"found": ADDRESSES(SHARED, A2, 0), "error": None}
    answer = ADDRESSES(SHARED, A1, 0, explain=True)
    assert answer["found"] is None
    assert answer["error"]["fix"] == "set pattern: four_subnets in npu_network_plan of this host's rack"


@given(st.integers(20, 26), st.integers(1, 300), st.integers(0, 60), st.integers(0, 60))
def test_nodes_of_a_shared_subnet_share_no_address(length, offset, left, right):
    network = ip_network(f"10.20.0.0/{length}")
    plan = {"pattern": "shared_subnet", "network": str(network), "first": str(network[0] + offset)}
    answers = [ADDRESSES(plan, A2, index, explain=True) for index in (left, right)]
    fits = [offset + 8 * index + 7 <= network.num_addresses - 2 for index in (left, right)]
    assert [answer["error"] is None for answer in answers] == fits
    nodes = {index: listed(answer["found"] or []) for index, answer in zip((left, right), answers)}
    addresses = [address for node in nodes.values() for address in node]
    assert len(set(addresses)) == len(addresses) == 8 * sum(map(bool, nodes.values()))
    assert all(ip_address(address) in network for address in addresses)


@given(
    st.integers(2, 100),
    st.integers(0, 60),
    st.integers(0, 60),
    st.sampled_from(["lower_first", "upper_first"]),
)
def test_nodes_of_four_subnets_share_no_address_and_keep_the_rule(offset, left, right, order):
    plan = {**FOUR, "first": f"192.168.100.{offset}", "order": order}
    assume(left != right)
    first, second = (listed(ADDRESSES(plan, A1, index)) for index in (left, right))
    assert len({*first, *second}) == 16
    nets = [address.rsplit(".", 1)[0] for address in first]
    assert nets[:4] == nets[4:] == [f"192.168.{net}" for net in range(100, 104)]
    assert [address.rsplit(".", 1)[0] for address in second] == nets


def test_overlaps_between_racks_are_found():
    racks = {
        "node-a": ADDRESSES(SHARED, A2, 0),
        "node-b": ADDRESSES({**SHARED, "first": "10.20.1.8"}, A2, 0),
        "node-c": ADDRESSES(SHARED, A2, 0),
        "node-d": ADDRESSES(SHARED, A2, 9),
    }
    problems = OVERLAPS(racks)
    assert [(problem["host"], problem["found"]) for problem in problems] == [
        ("node-b", "the device address 10.20.1.8, which node-a has too"),
        ("node-c", "the device address 10.20.1.1 and 7 more, which node-a has too"),
    ]
    assert {problem["severity"] for problem in problems} == {"error"}
    assert set(problems[0]) == {"host", "severity", "found", "wanted", "fix"}


def test_racks_apart_do_not_overlap():
    assert OVERLAPS({"a": ADDRESSES(SHARED, A2, 0), "b": ADDRESSES(SHARED, A2, 1), "c": []}) == []
