# SPDX-License-Identifier: GPL-3.0-or-later
"""The role npu_rank_table on simulated hosts: order, check mode, second run, and what stops it."""

from __future__ import annotations

import pytest
from integration.local_hosts import LocalHosts, read_json, recap

NAMES = ["one", "two"]


@pytest.fixture
def hosts(tmp_path):
    made = LocalHosts(tmp_path, NAMES)
    for number, name in enumerate(NAMES):
        for device in range(8):
            made.address(name, device, f"10.0.{number}.{device + 1}")
    return made


def write(simulated, *arguments, **inputs):
    names = {f"npu_rank_table_{key}": value for key, value in inputs.items()}
    target = {"npu_rank_table_path": "{{ simulated_root }}/etc/hccl/rank_table.json"}
    roles = [{"role": "ascend.fleet.npu_rank_table", "vars": {**target, **names}}]
    each = {name: {"ansible_host": f"172.16.0.{number + 1}"} for number, name in enumerate(NAMES)}
    return simulated.play({"roles": roles}, *arguments, **each)


def tables(hosts):
    files = [hosts.folder / name / "etc/hccl/rank_table.json" for name in NAMES]
    return [read_json(file) for file in files if file.exists()]


def test_all_hosts_get_the_same_table_in_the_order_that_was_given(hosts):
    foreseen = write(hosts, "--check", "--diff", hosts=["two", "one"])
    assert foreseen.returncode == 0, foreseen.stdout
    assert tables(hosts) == []
    assert '"server_id": "172.16.0.2"' in foreseen.stdout
    done = write(hosts, hosts=["two", "one"])
    assert done.returncode == 0, done.stdout
    first, second = tables(hosts)
    assert first == second
    assert [server["server_id"] for server in first["server_list"]] == ["172.16.0.2", "172.16.0.1"]
    assert first["server_list"][0]["device"][0] == {
        "device_id": "0",
        "device_ip": "10.0.1.1",
        "rank_id": "0",
    }
    assert first["server_list"][1]["device"][7]["rank_id"] == "15"
    again = write(hosts, hosts=["two", "one"])
    assert [counts["changed"] for counts in recap(again).values()] == [0, 0]


def test_some_devices_in_their_own_order_on_the_hosts_of_the_play(hosts):
    assert write(hosts, devices=[5, 2]).returncode == 0
    devices = tables(hosts)[0]["server_list"][0]["device"]
    assert [device["device_id"] for device in devices] == ["5", "2"]


def test_a_device_without_an_address_stops_all_hosts_before_any_file_is_written(hosts):
    hosts.address("two", 3, None)
    run = write(hosts)
    assert run.returncode != 0
    assert "172.16.0.2 device 3 without an address: no address is set" in run.stdout
    assert tables(hosts) == []


def test_a_host_that_takes_no_part_is_named(hosts):
    run = write(hosts, "--limit", "one", hosts=["one", "two"])
    assert run.returncode != 0
    assert "found no facts of two" in run.stdout
    assert tables(hosts) == []


def test_a_super_pod_of_a3_servers_gets_version_1_2(tmp_path):
    hosts = LocalHosts(tmp_path, NAMES, "910_93")
    assert write(hosts, version="1.2", super_pod_id=4).returncode == 0
    table = tables(hosts)[1]
    assert (table["version"], table["super_pod_list"][0]["super_pod_id"]) == ("1.2", "4")
    device = table["server_list"][1]["device"][15]
    assert (device["device_ip"], device["super_device_id"]) == (
        "192.1.3.184",
        str((1 << 22) + (7 << 18) + 65551),
    )
