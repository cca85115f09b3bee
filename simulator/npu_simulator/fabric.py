# SPDX-License-Identifier: GPL-3.0-or-later
"""What the ports of a rack's nodes know of each other: one small file per node in a folder that they share.

Each node writes the file anew whenever its state changes; `hccn_tool -ping` reads the files of all. A node
without the folder is alone. Nothing is sent: a ping is a comparison of addresses, nets, gateways and links.
"""

from __future__ import annotations

import json
import platform
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from npu_simulator.state import Node, Npu, State

FOLDER = "/var/lib/npu-simulator/fabric"


class Port(NamedTuple):
    """The port of one device, as the network sees it. ``up``: the link is up and the device works."""

    host: str
    phy_id: int
    address: str | None
    netmask: str | None
    gateway: str | None
    ipv6_address: str | None
    routes: list[list[str]]
    vnic: str | None
    up: bool


def publish(node: Node, state: State) -> None:
    """Write what the ports of this node are now, if there is a folder to write to."""
    folder = node.path(FOLDER)
    if folder.is_dir():
        file = folder / f"{node.name}.json"
        new = file.with_suffix(".new")
        new.write_text(json.dumps([own_port(node, state, npu) for npu in state["npus"]]), encoding="utf-8")
        new.chmod(0o666)
        new.replace(file)


def open_to_all(node: Node) -> None:
    """Let every user of the node write into the shared folder, if there is one; root only."""
    if node.path(FOLDER).is_dir():
        node.path(FOLDER).chmod(0o777)


def leave(node: Node) -> None:
    """Take this node's ports from the network: the machine goes down."""
    node.path(f"{FOLDER}/{node.name}.json").unlink(missing_ok=True)


def ports(node: Node, state: State) -> Iterator[Port]:
    """Yield the ports of all nodes, this one's as its state is now."""
    for npu in state["npus"]:
        yield own_port(node, state, npu)
    for file in sorted(node.path(FOLDER).glob("*.json")):
        if file.stem != node.name:
            yield from (Port(*fields) for fields in json.loads(file.read_text(encoding="utf-8")))


def own_port(node: Node, state: State, npu: Npu) -> Port:
    """Return the port of a device of this node."""
    live, faults, phy_id = npu["live"], state["faults"], npu["phy_id"]
    broken = any(phy_id in faults.get(key, []) for key in ("npu_gone", "npu_dead", "link_down"))
    up = npu["link"] == "UP" and npu["present"] and state["running"]["driver"] is not None and not broken
    return Port(
        host=node.name,
        phy_id=phy_id,
        address=live["address"],
        netmask=live["netmask"],
        gateway=live["gateway"],
        ipv6_address=live["ipv6_address"],
        routes=[[route["address"], route["netmask"]] for route in live["routes"]],
        vnic=vnic_address(state, npu),
        up=up,
    )


def answers(node: Node, state: State, asking: Npu, address: str) -> bool:
    """Tell whether a ping of a device finds ``address``: a router that it knows, or a port that sees it."""
    port = own_port(node, state, asking)
    if not port.up:
        return False
    if address == port.gateway:
        return True
    return any(
        other.up and _has_way(port, address) and _has_way(other, str(port.address))
        for other in ports(node, state)
        if other.address == address
    )


def answers_ipv6(node: Node, state: State, asking: Npu, address: str) -> bool:
    """Tell whether a ping finds an IPv6 address; both ends are up, nothing else is compared."""
    port = own_port(node, state, asking)
    others = (other for other in ports(node, state) if other.ipv6_address == address)
    return port.up and port.ipv6_address is not None and any(other.up for other in others)


def answers_hccs(node: Node, state: State, address: str) -> bool:
    """Tell whether a device of the super pod answers at a vNIC address; its port does not matter."""
    return any(port.vnic == address for port in ports(node, state))


def knows(node: Node, state: State, address: str) -> bool:
    """Tell whether some port of the rack has this address."""
    return any(port.address == address for port in ports(node, state))


def place_in_fleet(npu: Npu) -> int:
    """Return the number that the device's node has among all, which its serial carries."""
    return int(npu["serial"][3:8])


def vnic_address(state: State, npu: Npu) -> str:
    """Return the address of a device's virtual port.

    In a super pod it is 192.<server>.<2 + die>.<199 - device>, as hicann/driver tool_cmd.c takes it apart;
    elsewhere recordings count down from 192.168.2.199.
    """
    if state["chip"] == "910_93" and state.get("super_pod", True):
        return f"192.{place_in_fleet(npu)}.{2 + npu['phy_id'] % 2}.{199 - npu['phy_id']}"
    return f"192.168.2.{199 - npu['phy_id']}"


def _has_way(port: Port, address: str) -> bool:
    """Tell whether a port can send to ``address``: its own net, a route or a default gateway."""
    if port.address is None or port.netmask is None:
        return False
    nets = [(port.address, port.netmask), *((net, netmask) for net, netmask in port.routes)]
    near = any(_lies_in(address, net, netmask) for net, netmask in nets)
    return near or port.gateway is not None


def _lies_in(address: str, net: str, netmask: str) -> bool:
    return IPv4Address(address) in IPv4Network(f"{net}/{netmask}", strict=False)


def host_name() -> str:
    """Return the name that this machine has, which is the node's."""
    return platform.node()
