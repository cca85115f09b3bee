# SPDX-License-Identifier: GPL-3.0-or-later
"""Rank tables against their schema: order, numbers, super devices, and what cannot form a communicator."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.ascend.fleet.plugins.filter import rank_table
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError

SCHEMA = json.loads((Path(__file__).parents[2] / "rank_table.schema.json").read_text(encoding="utf-8"))
CHECK = Draft202012Validator(SCHEMA)
TABLE = rank_table.FilterModule().filters()["rank_table"]


def server(name, ids, net=0, **more):
    """Return a server as hccn_info has read it."""
    devices = [{"id": number, "address": f"10.0.{net}.{number + 1}"} for number in ids]
    return {"server_id": name, "devices": devices, **more}


def pod_server(name, ids, place, **more):
    """Return a server of a super pod."""
    devices = [
        {"id": number, "vnic_address": f"192.{place}.{2 + number % 2}.{199 - number}"} for number in ids
    ]
    return {"server_id": name, "devices": devices, **more}


LEVEL = {
    "net_layer": 0,
    "net_instance_id": "rack0",
    "net_type": "TOPO_FILE_DESC",
    "addresses": [{"address": "0000:0000:0000:0000:0010:0000:dfdf:0020", "ports": ["0/4", "0/5"]}],
}


def made(servers, *words, **options):
    """Return a table that the schema accepts."""
    table = TABLE(servers, *words, **options)
    CHECK.validate(table)
    return table


def test_ranks_follow_the_given_order_of_servers_and_devices():
    table = made([server("10.9.0.2", [0, 1], 2), server("10.9.0.1", [5, 4], 1, host_ip="10.9.0.1")])
    assert table["server_count"] == "2"
    assert [(each["server_id"], each["device"]) for each in table["server_list"]] == [
        (
            "10.9.0.2",
            [
                {"device_id": "0", "device_ip": "10.0.2.1", "rank_id": "0"},
                {"device_id": "1", "device_ip": "10.0.2.2", "rank_id": "1"},
            ],
        ),
        (
            "10.9.0.1",
            [
                {"device_id": "5", "device_ip": "10.0.1.6", "rank_id": "2"},
                {"device_id": "4", "device_ip": "10.0.1.5", "rank_id": "3"},
            ],
        ),
    ]
    assert table["server_list"][1]["host_ip"] == "10.9.0.1"
    assert "host_ip" not in table["server_list"][0]


def test_super_devices_come_out_of_the_virtual_ports():
    """mind-cluster's own sample: server 9, devices 0 and 7 are 37748736 and 38600711."""
    servers = [pod_server("a", [0, 7], 9, super_pod_id=3), pod_server("b", [0], 10, super_pod_id=3)]
    table = made(servers, "1.2")
    devices = table["server_list"][0]["device"]
    assert [device["super_device_id"] for device in devices] == ["37748736", "38600711"]
    assert devices[1]["device_ip"] == "192.9.3.192"
    assert table["super_pod_list"] == [
        {"super_pod_id": "3", "server_list": [{"server_id": "a"}, {"server_id": "b"}]}
    ]


def test_servers_of_two_super_pods_are_listed_apart():
    servers = [pod_server("a", [0], 1, super_pod_id=0), pod_server("b", [0], 2, super_pod_id=1)]
    assert [pod["super_pod_id"] for pod in made(servers, "1.2")["super_pod_list"]] == ["0", "1"]


def test_the_levels_of_a5_are_taken_as_they_are_given():
    devices = [{"id": number, "levels": [LEVEL]} for number in (0, 1)]
    table = made([{"server_id": "a", "devices": devices}], "2.0")
    assert (table["rank_count"], [rank["rank_id"] for rank in table["rank_list"]]) == (2, [0, 1])
    assert table["rank_list"][1]["level_list"][0]["rank_addr_list"] == [
        {
            "addr_type": "EID",
            "addr": "0000:0000:0000:0000:0010:0000:dfdf:0020",
            "ports": ["0/4", "0/5"],
            "plane_id": "0",
        }
    ]


NO_ADDRESS = {"id": 0, "address": None, "reason": None, "reasons": {"address": "no address is set"}}
LOST = {"id": 1, "address": None, "reason": "device 1: it is gone", "reasons": {}}


@pytest.mark.parametrize(
    ("servers", "options", "sentences"),
    [
        ([], {}, ["a rank table without servers"]),
        ([server("a", [])], {}, ["a without devices"]),
        ([server("a", [0], 1), server("a", [0], 2)], {}, ["the server a twice"]),
        ([server("a", [0, 0])], {}, ["a with device 0 twice"]),
        (
            [server("a", [0], 1), server("b", [0], 1)],
            {},
            ["b device 0 with the address 10.0.1.1, which a device 0 has too"],
        ),
        (
            [{"server_id": "a", "devices": [NO_ADDRESS, LOST]}],
            {},
            [
                "device 0 without an address: no address is set",
                "a device 1 without an address: device 1: it is",
            ],
        ),
        ([server("a", [0])], {"version": "1.2"}, ["it was not asked for its vnic_address"]),
        (
            [{"server_id": "a", "devices": [{"id": 0, "vnic_address": "192.168.2.198"}]}],
            {"version": "1.2"},
            ["192.168.2.198, which belongs to no super pod"],
        ),
        ([server("a", [0])], {"version": "2.0"}, ["the network of A5 is not read"]),
        (
            [{"server_id": "a", "devices": [{"id": 0, "levels": [{**LEVEL, "net_type": "RING"}]}]}],
            {"version": "2.0"},
            ["the net_type RING"],
        ),
        (
            [{"server_id": "a", "devices": [{"id": 0, "levels": [{"net_layer": 0}]}]}],
            {"version": "2.0"},
            ["without net_instance_id, net_type, addresses"],
        ),
        ([server("a", [2, 3, 4])], {"rings": True}, ["devices 2, 3, 4, which cross the rings"]),
        ([server("a", [0])], {"version": "3.0"}, ["version: 3.0", "one of 1.0, 1.2, 2.0"]),
    ],
)
def test_what_cannot_be_a_table_says_why_with_all_problems(servers, options, sentences):
    with pytest.raises(AnsibleFilterError, match="rank_table: found ") as stop:
        TABLE(servers, **options)
    assert [sentence for sentence in sentences if sentence not in str(stop.value)] == [], str(stop.value)


def test_a_ring_and_all_eight_are_fine():
    assert made([server("a", [4, 5]), server("b", range(8), 1)], rings=True)


def test_the_schema_itself_refuses_numbers_where_texts_belong():
    table = TABLE([server("a", [0])])
    table["server_list"][0]["device"][0]["rank_id"] = 0
    with pytest.raises(ValidationError):
        CHECK.validate(table)


@given(st.lists(st.sets(st.integers(0, 15), min_size=1), min_size=1, max_size=6))
def test_ranks_are_dense_whatever_takes_part(sets):
    servers = [server(f"s{net}", sorted(ids), net) for net, ids in enumerate(sets)]
    table = made(servers)
    ranks = [int(device["rank_id"]) for each in table["server_list"] for device in each["device"]]
    assert ranks == list(range(sum(map(len, sets))))
