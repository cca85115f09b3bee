# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused before the first call: everything that hccn_tool would accept and no network could use."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_wish import Wanted, WishError, understand


def device(number, address, prefix=24, gateway=None, detection=None):
    return {
        "id": number,
        "address": address,
        "prefix": prefix,
        "gateway": gateway,
        "detection_address": detection,
    }


def problems(*devices, group=False):
    with pytest.raises(WishError) as caught:
        understand(devices, group)
    return caught.value.problems


def test_a_wish_in_order_of_ids():
    assert understand(
        [device(1, "10.20.0.2"), device(0, "10.21.0.1", 16, "10.21.255.1", "10.21.0.9")], False
    ) == [
        Wanted(0, IPv4Interface("10.21.0.1/16"), IPv4Address("10.21.255.1"), IPv4Address("10.21.0.9")),
        Wanted(1, IPv4Interface("10.20.0.2/24")),
    ]


def test_the_addresses_of_guide_002_are_fine():
    nets = [(number, f"192.168.{100 + number % 4}.{101 - number // 4}") for number in range(8)]
    assert len(understand([device(*each) for each in nets], True)) == 8


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        (
            device(0, "10.20.0.0"),
            "address 10.20.0.0 is the address of the net 10.20.0.0/24; use 10.20.0.1 to 10.20.0.254",
        ),
        (
            device(0, "10.20.0.255"),
            "address 10.20.0.255 is the broadcast address of 10.20.0.0/24; use 10.20.0.1 to",
        ),
        (device(0, "127.0.0.1"), "address 127.0.0.1 is a loopback address"),
        (device(0, "224.0.0.5"), "address 224.0.0.5 is a multicast address"),
        (device(0, "0.0.0.0"), "address 0.0.0.0 belongs to no host"),
        (device(0, "255.255.255.255"), "address 255.255.255.255 is reserved, or broadcast"),
        (device(0, "10.20.0.1", 0), "prefix 0 leaves no net with other hosts; use 1 to 31"),
        (device(0, "10.20.0.1", 32), "prefix 32 leaves no net with other hosts; use 1 to 31"),
        (device(0, "192.168.1.7"), "address 192.168.1.7 is in 192.168.1.0/24, which hccn_tool refuses"),
        (device(0, "192.168.2.7", 16), "address 192.168.2.7 is in 192.168.2.0/24, which hccn_tool refuses"),
        (device(0, "10.20.0"), "address '10.20.0' is no IPv4 address; write four plain decimal numbers"),
        (device(0, "10.20.0.01"), "address '10.20.0.01' is no IPv4 address"),
        (device(0, "fd00::1"), "address 'fd00::1' is no IPv4 address"),
        (
            device(0, "10.20.0.1", 24, "10.20.1.1"),
            "gateway 10.20.1.1 is outside 10.20.0.0/24; give the router's",
        ),
        (device(0, "10.20.0.1", 24, "10.20.0.1"), "gateway 10.20.0.1 is its own address; give the router's"),
        (device(0, "10.20.0.1", 24, "10.20.0.255"), "gateway 10.20.0.255 is the broadcast address of"),
        (device(0, "10.20.0.1", 24, "x"), "gateway 'x' is no IPv4 address"),
        (
            device(0, "10.20.0.1", 24, None, "10.20.0.0"),
            "detection_address 10.20.0.0 is the address of the net",
        ),
        (device(0, "10.20.0.1", 24, None, "239.1.1.1"), "detection_address 239.1.1.1 is a multicast address"),
        (
            device(0, "10.20.0.1", 24, None, "10.99.0.1"),
            "detection_address 10.99.0.1 is outside 10.20.0.0/24 and no",
        ),
        (device(-1, "10.20.0.1"), "a physical id is 0 or more"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_nonsense_is_refused(wish, sentence):
    found = problems(wish)
    assert found[0].startswith(f"device {wish['id']}: ")
    assert sentence in found[0]


@pytest.mark.parametrize(
    "wish",
    [
        device(0, "10.20.0.0", 31, "10.20.0.1"),  # a line of two hosts has no address of its own
        device(0, "10.20.0.1", 24, None, "0.0.0.0"),
        device(0, "10.20.0.1", 24, "10.20.0.254", "10.99.0.1"),
        device(0, "192.168.3.7"),
    ],
)
def test_sense_is_taken(wish):
    assert len(understand([wish], False)) == 1


def test_a_detection_address_may_use_the_gateway_that_the_group_shares():
    wishes = [device(0, "10.20.0.1", 24, "10.20.0.254"), device(1, "10.20.0.2", 24, None, "10.99.0.1")]
    assert len(understand(wishes, True)) == 2
    assert "outside" in problems(*wishes)[0]


def test_all_problems_of_all_devices_are_told_at_once():
    found = problems(
        device(0, "10.20.0.0"),
        device(1, "127.0.0.1", 8, "10.1.1.1"),
        device(2, "10.20.0.2"),
        device(2, "10.20.0.3"),
        device(5, "10.20.0.3"),
    )
    assert [sentence.split()[:2] for sentence in found] == [
        ["device", "0:"],
        ["device", "1:"],
        ["device", "1:"],
        ["device", "2"],
        ["devices", "2"],
    ]
    assert found[3] == "device 2 is listed 2 times; list it once"
    assert found[4] == "devices 2 and 5 both want 10.20.0.3; give each its own address"


def test_a_double_is_refused_across_groups_too():
    assert problems(device(0, "10.20.0.1"), device(4, "10.20.0.1")) == [
        "devices 0 and 4 both want 10.20.0.1; give each its own address"
    ]


def test_another_device_is_no_gateway():
    found = problems(device(0, "10.20.0.1", 24, "10.20.0.2"), device(1, "10.20.0.2"))
    assert found == ["device 0: gateway 10.20.0.2 is the address of device 1; give the router's address"]


def test_a_group_that_shares_a_gateway_must_agree():
    wishes = [
        device(0, "10.20.0.1", 24, "10.20.0.254"),
        device(3, "10.20.1.1", 24, "10.20.1.254"),
        device(4, "10.20.2.1", 24, "10.20.2.254"),
    ]
    assert problems(*wishes, group=True) == [
        "devices 0 to 3 share one gateway, but the list names 10.20.0.254 (device 0), 10.20.1.254 "
        "(device 3); keep the one that is needed"
    ]
    assert len(understand(wishes, False)) == 3


def test_the_message_holds_every_problem():
    with pytest.raises(WishError, match=r"device 0: .*127\.0\.0\.1.*; device 1: .*224\.0\.0\.5"):
        understand([device(0, "127.0.0.1"), device(1, "224.0.0.5")], False)
