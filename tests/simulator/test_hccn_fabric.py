# SPDX-License-Identifier: GPL-3.0-or-later
"""What the ports of several simulated nodes see of each other, and what breaks it."""

from __future__ import annotations

import io

import pytest
from npu_simulator import boot, control, fabric
from npu_simulator.hccn_tool import main
from npu_simulator.state import Node

NET = "255.255.255.0"
FOUND = "3 packets transmitted, 3 received, 0.00% packet loss"
LOST = "3 packets transmitted, 0 received, 100.00% packet loss"


class Rack:
    """Two nodes that share the folder which Docker gives all nodes of an inventory."""

    def __init__(self, root, new_node, chip="910b"):
        self.new_node = new_node
        shared = root / "shared"
        shared.mkdir()
        self.nodes = {name: self.make(root / name, chip, shared, name) for name in ("one", "two")}

    def make(self, root, chip, shared, name):
        root.mkdir()
        node = self.new_node(root, chip)
        node.name = name
        (root / "etc/hccn.conf").touch()
        node.path(fabric.FOLDER).symlink_to(shared)
        with node.change() as state:
            state["running"]["driver"] = "23.0.6"
            for npu in state["npus"]:
                npu["serial"] = f"SIM{len(list(shared.iterdir())):05d}{npu['phy_id']:02d}"
        return node

    def call(self, name, line, uid=0):
        out, err = io.StringIO(), io.StringIO()
        node = self.nodes[name]
        caller = Node(node.root, uid=uid)
        caller.name = name
        status = main(line.split(), caller, io.StringIO("y\n"), out, err)
        return status, out.getvalue(), err.getvalue()

    def address(self, name, phy_id, address):
        assert self.call(name, f"-i {phy_id} -ip -s address {address} netmask {NET}")[0] == 0

    def gateway(self, name, phy_id, address):
        assert self.call(name, f"-i {phy_id} -gateway -s gateway {address}")[0] == 0

    def fault(self, name, key, value):
        assert control.main(["fault", key, value], self.nodes[name], io.StringIO(), *two()) == 0

    def ping(self, name, phy_id, address):
        status, out, _err = self.call(name, f"-i {phy_id} -ping -g address {address}")
        assert status == 0
        return out.splitlines()[-1]


def two():
    return io.StringIO(), io.StringIO()


@pytest.fixture
def rack(tmp_path, new_node):
    made = Rack(tmp_path, new_node)
    made.address("one", 0, "10.0.0.1")
    made.address("two", 0, "10.0.0.2")
    return made


def test_devices_of_two_nodes_in_one_net_find_each_other(rack):
    assert rack.ping("one", 0, "10.0.0.2") == FOUND
    assert rack.ping("two", 0, "10.0.0.1") == FOUND


def test_an_address_that_nobody_has_does_not_answer(rack):
    assert rack.ping("one", 0, "10.0.0.77") == LOST


def test_a_device_without_an_address_finds_nobody(rack):
    assert rack.ping("one", 5, "10.0.0.2") == LOST


def test_a_link_that_is_down_is_missed_from_both_sides(rack):
    rack.fault("two", "link_down", "[0]")
    assert rack.ping("one", 0, "10.0.0.2") == LOST
    assert rack.ping("two", 0, "10.0.0.1") == LOST


def test_a_device_off_the_bus_does_not_answer(rack):
    rack.fault("two", "npu_gone", "[0]")
    assert rack.ping("one", 0, "10.0.0.2") == LOST


def test_two_nets_need_gateways_on_both_sides(rack):
    rack.address("two", 0, "10.9.0.2")
    assert rack.ping("one", 0, "10.9.0.2") == LOST
    rack.gateway("one", 0, "10.0.0.254")
    assert rack.ping("one", 0, "10.9.0.2") == LOST
    rack.gateway("two", 0, "10.9.0.254")
    assert rack.ping("one", 0, "10.9.0.2") == FOUND


def test_a_router_answers_at_the_address_of_the_gateway(rack):
    rack.gateway("one", 0, "10.0.0.254")
    assert rack.ping("one", 0, "10.0.0.254") == FOUND
    assert rack.ping("two", 0, "10.0.0.254") == LOST


def test_a_route_replaces_the_gateway(rack):
    rack.address("two", 0, "10.9.0.2")
    rack.call("one", f"-i 0 -route -a address 10.9.0.0 netmask {NET} gateway 10.0.0.254")
    rack.call("two", f"-i 0 -route -a address 10.0.0.0 netmask {NET} gateway 10.9.0.254")
    assert rack.ping("one", 0, "10.9.0.2") == FOUND


def test_a_fault_takes_the_pings_of_one_device_to_one_address(rack):
    rack.fault("one", "ping_fails", '{"0": ["10.0.0.2"]}')
    assert rack.ping("one", 0, "10.0.0.2") == LOST
    assert rack.ping("two", 0, "10.0.0.1") == FOUND


def test_a_fault_takes_some_of_three_packets(rack):
    rack.fault("one", "ping_loses", '{"0": 1}')
    assert rack.ping("one", 0, "10.0.0.2") == "3 packets transmitted, 2 received, 33.33% packet loss"


def test_a_node_that_shuts_down_no_longer_answers(rack, monkeypatch):
    monkeypatch.setattr(boot, "start_in_background", lambda _command: None)
    assert boot.main(["reboot"], rack.nodes["two"], io.StringIO(), *two()) == 0
    assert rack.ping("one", 0, "10.0.0.2") == LOST


def test_detection_of_another_device_notices_that_its_link_is_down(rack):
    rack.call("one", "-i 0 -netdetect -s address 10.0.0.2")
    assert "Success" in rack.call("one", "-i 0 -net_health -g")[1]
    rack.fault("two", "link_down", "[0]")
    assert "Unreachable" in rack.call("one", "-i 0 -net_health -g")[1]


def test_ipv6_addresses_answer_too(rack):
    for name, number in (("one", 1), ("two", 2)):
        rack.call(name, f"-i 0 -ip -inet6 -s ipv6_address fd00::{number} prefix_length 64")
    assert FOUND in rack.call("one", "-i 0 -ping -inet6 -g ipv6_address fd00::2")[1]
    assert LOST in rack.call("one", "-i 0 -ping -inet6 -g ipv6_address fd00::9")[1]
    assert rack.call("one", "-i 0 -ping -inet6 -g ipv6_address nonsense")[0] == 6


def test_a_node_without_the_shared_folder_still_sees_its_own_devices(tmp_path, new_node):
    node = new_node(tmp_path, "910b")
    (tmp_path / "etc/hccn.conf").touch()
    with node.change() as state:
        state["running"]["driver"] = "23.0.6"
        for phy_id in (0, 1):
            state["npus"][phy_id]["live"].update(address=f"10.0.0.{phy_id + 1}", netmask=NET)
    out = io.StringIO()
    assert main(["-i", "0", "-ping", "-g", "address", "10.0.0.2"], node, io.StringIO(), out, out) == 0
    assert FOUND in out.getvalue()


def test_devices_of_a_super_pod_find_each_other_by_the_address_of_the_virtual_port(tmp_path, new_node):
    rack = Rack(tmp_path, new_node, "910_93")
    vnic = rack.call("two", "-i 3 -vnic -g")[1].splitlines()[1].split()[-1]
    assert vnic == "192.1.3.196"
    status, out, _err = rack.call("one", f"-i 0 -hccs_ping -g address {vnic}")
    assert (status, out.splitlines()[0]) == (0, f"device 0 PING {vnic}")
    assert "3 packets transmitted, 3 received, 0.00% packets loss" in out
    assert "3 received" not in rack.call("one", "-i 0 -hccs_ping -g address 192.7.3.196")[1]
    assert rack.call("one", "-i 0 -hccs_ping -g address 192.1.2.196")[0] == 6
    assert rack.call("one", f"-i 0 -hccs_ping -g address {vnic}", uid=1000)[0] == 12


def test_the_neighbour_follows_node_and_device_and_a_wrong_cable(rack):
    assert "\tIfname: 400GE1/2/2:2\n" in rack.call("two", "-i 3 -lldp -g")[1]
    rack.fault("two", "lldp_port", '{"3": "400GE1/4/9:1"}')
    assert "\tIfname: 400GE1/4/9:1\n" in rack.call("two", "-i 3 -lldp -g")[1]
