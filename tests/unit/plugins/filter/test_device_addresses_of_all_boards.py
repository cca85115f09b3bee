# SPDX-License-Identifier: GPL-3.0-or-later
"""Address plans of A3, rails, AMP mode, cards and lists, and what is wrong between hosts."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.ascend.fleet.plugins.filter import address_overlaps, device_addresses
from hypothesis import given
from hypothesis import strategies as st

ADDRESSES = device_addresses.FilterModule().filters()["device_addresses"]
OVERLAPS = address_overlaps.FilterModule().filters()["address_overlaps"]
A1 = {
    "name": "Atlas 800 (model 9000)",
    "npus": 8,
    "chips_per_npu": 1,
    "address_pattern": "four_subnets",
    "gateway_scope": "group",
}
A2 = {**A1, "name": "Atlas 800T A2", "address_pattern": "shared_subnet", "gateway_scope": "device"}
A3 = {**A2, "name": "Atlas 900 A3 SuperPoD", "address_pattern": "two_subnets", "chips_per_npu": 2}
CARD = {**A2, "name": "Atlas 300T (model 9000)", "npus": 1, "gateway_scope": "group", "form": "card"}

TWO = {"pattern": "two_subnets", "network": "10.20.0.0/24", "first": "10.20.0.11", "gateways": "last"}
RAILS = {"pattern": "rails", "network": "10.30.0.0/24", "first": "10.30.0.1", "gateways": "last"}
SHARED = {"pattern": "shared_subnet", "network": "10.40.0.0/16", "first": "10.40.1.1"}
FOUR = {"pattern": "four_subnets", "network": "10.50.0.0/24", "first": "10.50.0.10"}
LISTED = {
    "pattern": "explicit",
    "prefix": 24,
    "addresses": [[f"10.60.0.{node}{number}" for number in range(1, 9)] for node in (1, 2)],
    "gateways": "10.60.0.254",
}


def listed(devices):
    return [device["address"] for device in devices]


def test_the_two_chips_of_an_a3_npu_are_apart():
    devices = ADDRESSES(TWO, A3, 0)
    assert listed(devices)[:4] == ["10.20.0.11", "10.20.1.11", "10.20.0.12", "10.20.1.12"]
    assert listed(devices)[-1] == "10.20.1.18"
    assert {device["gateway"] for device in devices} == {"10.20.0.254", "10.20.1.254"}
    assert listed(ADDRESSES(TWO, A3, 1))[0] == "10.20.0.19"


@pytest.mark.parametrize(("product", "count"), [(A2, 8), (A3, 16)])
def test_rails_give_each_device_a_subnet_and_each_node_a_place(product, count):
    for index in (0, 3):
        expected = [f"10.30.{rail}.{1 + index}" for rail in range(count)]
        assert listed(ADDRESSES(RAILS, product, index)) == expected
    assert ADDRESSES(RAILS, product, 0)[2]["gateway"] == "10.30.2.254"


def test_subnets_may_be_listed_where_they_do_not_follow_each_other():
    networks = ["10.1.0.0/24", "10.7.0.0/24", "10.3.0.0/25", "10.9.9.0/24"]
    plan = {"pattern": "four_subnets", "networks": networks, "first": "10.1.0.20"}
    devices = ADDRESSES(plan, A1, 0)
    assert listed(devices)[:4] == ["10.1.0.20", "10.7.0.20", "10.3.0.20", "10.9.9.20"]
    assert [device["prefix"] for device in devices[:4]] == [24, 24, 25, 24]
    with pytest.raises(AnsibleFilterError, match="plan for 53 nodes"):
        ADDRESSES(plan, A1, 60)


def test_a_board_in_amp_mode_may_have_one_subnet():
    devices = ADDRESSES({**SHARED, "work_mode": "amp"}, A1, 0)
    assert listed(devices) == [f"10.40.1.{number}" for number in range(1, 9)]
    with pytest.raises(AnsibleFilterError, match="the pattern shared_subnet; wanted four_subnets"):
        ADDRESSES({**SHARED, "work_mode": "smp"}, A1, 0)


def test_a_host_with_two_cards_says_so():
    assert listed(ADDRESSES({**SHARED, "devices": 2}, CARD, 3)) == ["10.40.1.7", "10.40.1.8"]
    assert listed(ADDRESSES(SHARED, CARD, 3)) == ["10.40.1.4"]
    with pytest.raises(AnsibleFilterError, match="devices: 2; wanted 8, as many as Atlas 800T A2 has"):
        ADDRESSES({**SHARED, "devices": 2}, A2, 0)


def test_listed_addresses_are_taken_as_they_are():
    devices = ADDRESSES(LISTED, A2, 1)
    assert listed(devices) == LISTED["addresses"][1]
    assert {(device["prefix"], device["gateway"]) for device in devices} == {(24, "10.60.0.254")}


FOUR_OF_A_GROUP = ["10.50.0.1", "10.50.1.1", "10.50.2.1", "10.50.3.1"]


@pytest.mark.parametrize(
    ("plan", "product", "sentences"),
    [
        ({**FOUR, "gateways": FOUR_OF_A_GROUP}, A1, ["devices 0 to 3", "share one gateway"]),
        ({**FOUR, "gateways": "first"}, A1, ["share one gateway"]),
        ({**SHARED, "work_mode": "amp"}, A2, ["work_mode: amp for Atlas 800T A2", "ipmcget"]),
        ({**FOUR, "work_mode": "fast"}, A1, ["work_mode: fast"]),
        ({**TWO, "network": "192.9.0.0/24", "first": "192.9.0.11"}, A3, ["192.0.0.0/8", "chips keep"]),
        (
            {**TWO, "super_pod": False, "network": "192.168.6.0/24", "first": "192.168.6.11"},
            A3,
            ["192.168.0.0/21, which the chips keep"],
        ),
        (
            {**TWO, "super_pod": "no", "network": "192.168.6.0/24", "first": "192.168.6.11"},
            A3,
            ["192.168.0.0/21, which the chips keep"],
        ),
        ({**SHARED}, A3, ["the pattern shared_subnet; wanted two_subnets or rails or explicit"]),
        (
            {"pattern": "explicit", "prefix": 24, "addresses": [[f"10.6.0.{n}" for n in range(1, 17)]]},
            A3,
            ["devices 0 and 1: both chips of an NPU are in 10.6.0.0/24"],
        ),
        (
            {"pattern": "explicit", "prefix": 24, "addresses": [[f"10.6.{n}.1" for n in range(8)]]},
            A1,
            ["devices 0 and 4 are in 10.6.0.0/24 and 10.6.4.0/24, they need one subnet"],
        ),
        (
            {"pattern": "explicit", "prefix": 24, "addresses": [[f"10.6.0.{n}" for n in range(1, 9)]]},
            A1,
            ["devices 0 and 1 are both in 10.6.0.0/24, they need different subnets"],
        ),
        ({**LISTED, "addresses": [["10.60.0.1"]]}, A2, ["a list of 8 addresses for each node"]),
        ({**LISTED, "addresses": []}, A2, ["no list for node number 1"]),
        ({**LISTED, "gateways": ["10.60.0.254"]}, A2, ["a list of 8, one for each device"]),
        ({**LISTED, "prefix": 99}, A2, ["network: 10.60.0.11/99"]),
        ({**LISTED, "first": "10.60.0.1"}, A2, ["the key first"]),
        (
            {**RAILS, "networks": ["10.1.0.0/24"]},
            A2,
            ["networks: ['10.1.0.0/24']", "a list of eight networks"],
        ),
        (
            {"pattern": "two_subnets", "networks": ["10.1.0.0/24", "10.1.0.0/25"], "first": "10.1.0.9"},
            A3,
            ["10.1.0.0/25, which overlaps 10.1.0.0/24"],
        ),
        ({**RAILS, "gateways": "middle"}, A2, ["a list of eight", "or one of first, last host"]),
        ({**SHARED, "devices": 99}, CARD, ["devices: 99", "1 to 64"]),
    ],
)
def test_a_wrong_plan_says_what_to_correct(plan, product, sentences):
    with pytest.raises(AnsibleFilterError, match="device_addresses: found ") as stop:
        ADDRESSES(plan, product, 0)
    assert [sentence for sentence in sentences if sentence not in str(stop.value)] == [], str(stop.value)


@given(
    st.sampled_from([(TWO, A3), (RAILS, A3), (RAILS, A2), ({**FOUR, "order": "upper_first"}, A1)]),
    st.integers(0, 25),
    st.integers(0, 25),
)
def test_no_two_nodes_share_an_address_and_every_rail_keeps_its_subnet(case, left, right):
    plan, product = case
    first, second = (ADDRESSES(plan, product, index) for index in (left, right))
    if left != right:
        assert not set(listed(first)) & set(listed(second))
    for one, other in zip(first, second):
        net = ip_network(f"{one['address']}/{one['prefix']}", strict=False)
        assert ip_address(other["address"]) in net
        assert one["gateway"] == other["gateway"]


def test_a_device_at_another_host_s_gateway_is_found_before_anything_is_touched():
    hosts = {
        "a": ADDRESSES({**SHARED, "gateway": "10.40.1.12"}, A2, 0),
        "b": ADDRESSES(SHARED, A2, 1),
    }
    assert [(problem["host"], problem["found"]) for problem in OVERLAPS(hosts)] == [
        ("b", "the device address 10.40.1.12, which is the gateway of a")
    ]


def test_networks_that_overlap_without_being_the_same_are_found():
    small = {"pattern": "shared_subnet", "network": "10.40.7.0/24", "first": "10.40.7.1"}
    hosts = {"a": ADDRESSES(SHARED, A2, 0), "b": ADDRESSES(small, A2, 0), "c": ADDRESSES(SHARED, A2, 1)}
    assert [(problem["host"], problem["found"]) for problem in OVERLAPS(hosts)] == [
        ("b", "the network 10.40.7.0/24, which overlaps 10.40.0.0/16 of a")
    ]


def test_devices_without_an_address_collide_with_nobody():
    hosts = {"a": [{"id": 0, "mtu": 4200}], "b": [{"id": 0, "mtu": 4200, "address": None}]}
    assert OVERLAPS(hosts) == []
