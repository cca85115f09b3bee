# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes in a network that has no way out: `simulator_internal: true`."""

from __future__ import annotations

import ipaddress

import node_containers
import pytest
from node_containers import NodeError
from simulated_inventory import InventoryError, simulated_nodes

NETWORK = ipaddress.IPv4Network("198.19.4.0/22")


def nodes(**hosts):
    listing = {
        "_meta": {"hostvars": {name: {"simulator_image": "bookworm", **own} for name, own in hosts.items()}},
        "atlas_800t_a2": {"hosts": list(hosts)},
    }
    return simulated_nodes(listing, "lab", ["bookworm"])


class Engine:
    """A Docker engine that has one network, or none, and notes what it is asked."""

    def __init__(self, *, closed=None):
        self.closed, self.calls = closed, []

    def __call__(self, *words, **_options):
        self.calls.append(words)
        if words[:2] == ("network", "create"):
            self.closed = "--internal" in words
        if words[:2] == ("network", "ls"):
            return "" if self.closed is None else "0c2ed527a631"
        return f"{str(self.closed).lower()} {NETWORK}"


def test_internal_nodes_have_no_port_of_this_machine_and_are_found_by_name():
    one, two = nodes(one={"simulator_internal": True}, two={"simulator_internal": True, "ansible_port": 22})
    words = " ".join(node_containers.create_arguments(one, NETWORK))
    assert "--network-alias one" in words
    assert "--publish" not in words
    assert (one.address, two.address, two.port) == ("one", "two", 22)


def test_another_network_makes_another_node_of_it_and_the_usual_one_changes_nothing():
    (usual,), (said,), (internal,) = (
        nodes(one={"ansible_port": 42201, **more})
        for more in ({}, {"simulator_internal": False}, {"simulator_internal": True})
    )
    assert usual.address == "[127.0.0.1]:42201"
    assert "--network-alias" not in node_containers.create_arguments(usual, NETWORK)
    assert node_containers.description(usual) == node_containers.description(said)
    assert node_containers.description(usual) != node_containers.description(internal)


def test_a_word_that_is_no_truth_and_two_networks_are_refused():
    with pytest.raises(InventoryError, match="one: found simulator_internal yes, wanted one of True, False"):
        nodes(one={"simulator_internal": "yes"})
    with pytest.raises(InventoryError, match="simulator_internal: true on one only, wanted it on all hosts"):
        nodes(one={"simulator_internal": True}, two={"ansible_port": 42201})


@pytest.mark.parametrize("internal", [False, True])
def test_the_network_has_a_way_out_unless_it_is_internal(monkeypatch, internal):
    engine = Engine()
    monkeypatch.setattr(node_containers, "docker", engine)
    assert node_containers.make_network("lab", internal=internal) == NETWORK
    (created,) = (words for words in engine.calls if words[:2] == ("network", "create"))
    assert ("--internal" in created) is internal
    assert node_containers.make_network("lab", internal=internal) == NETWORK
    assert sum(words[:2] == ("network", "create") for words in engine.calls) == 1


@pytest.mark.parametrize("internal", [False, True])
def test_a_network_of_the_other_kind_is_refused(monkeypatch, internal):
    monkeypatch.setattr(node_containers, "docker", Engine(closed=not internal))
    with pytest.raises(NodeError, match="network fleet-lab: found one with.* racks.py down removes it"):
        node_containers.make_network("lab", internal=internal)
