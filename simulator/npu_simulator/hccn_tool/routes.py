# SPDX-License-Identifier: GPL-3.0-or-later
"""`-route`: the routing table of a device."""

from __future__ import annotations

from typing import TYPE_CHECKING

from npu_simulator.hccn_tool import conf, ipv4
from npu_simulator.hccn_tool.messages import Code, HccnError
from npu_simulator.hccn_tool.session import Session, no_words, ordered_pairs

if TYPE_CHECKING:
    from npu_simulator.live import Route
    from npu_simulator.state import Npu

_HEAD = [
    "Routing table:",
    "Kernel IP routing table",
    "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface",
]


def command(session: Session, words: list[str]) -> list[str] | None:
    """Run `-route -g|-a|-d|-c`."""
    return session.choose(words, {"-g": _get, "-a": _add, "-d": _delete, "-c": _clear})


def _get(session: Session, words: list[str]) -> list[str]:
    no_words(words)
    with session.device.asked() as npu:
        return [*_HEAD, *_lines(npu), ""]


def _lines(npu: Npu) -> list[str]:
    """Return the device's own table; each address pulls its net in, the vNIC comes last."""
    live, port = npu["live"], f"eth{npu['phy_id']}"
    lines = []
    if live["gateway"]:
        lines.append(_line("0.0.0.0", live["gateway"], "0.0.0.0", port))
    if live["address"] and live["netmask"]:
        net = ipv4.network(live["address"], live["netmask"])
        lines.append(_line(net, "0.0.0.0", live["netmask"], port))
    lines += [_line(route["address"], route["gateway"], route["netmask"], port) for route in live["routes"]]
    return [*lines, _line("192.168.1.0", "0.0.0.0", "255.255.255.0", f"end{npu['phy_id']}v0")]


def _line(net: str, gateway: str, netmask: str, port: str) -> str:
    flags = "U" if gateway == "0.0.0.0" else "UG"
    return f"{net:<15} {gateway:<15} {netmask:<15} {flags:<5} 0      0        0 {port}"


def _add(session: Session, words: list[str]) -> None:
    """Add a route unchecked; the same net twice gives two live routes and one saved line (910B/179)."""
    net, netmask, gateway = ordered_pairs(words, "address", "netmask", "gateway")
    _refuse_default(net, netmask)
    ipv4.number(gateway)
    route: Route = {"address": net, "netmask": netmask, "gateway": gateway}
    with session.device.asked() as npu:
        if npu["live"]["address"] is None:
            raise HccnError(Code.NO_ADDRESS)
    with session.device.ordered() as npu:
        if route not in npu["live"]["routes"]:
            npu["live"]["routes"].append(route)
    if session.file.value("udhcpc_enable", session.phy_id) is None:
        session.file.save(f"route_address_{net}_netmask_{netmask}", session.phy_id, f"gateway_{gateway}")


def _delete(session: Session, words: list[str]) -> None:
    """Delete what the file has; the device drops every route to that net."""
    net, netmask = ordered_pairs(words, "address", "netmask")
    _refuse_default(net, netmask)
    if session.file.value(f"route_address_{net}_netmask_{netmask}", session.phy_id) is None:
        raise HccnError(Code.ROUTE_MISSING)
    with session.device.ordered() as npu:
        live = npu["live"]
        live["routes"] = [
            route for route in live["routes"] if (route["address"], route["netmask"]) != (net, netmask)
        ]
    session.file.drop(f"route_address_{net}_netmask_{netmask}", session.phy_id)


def _clear(session: Session, words: list[str]) -> None:
    no_words(words)
    with session.device.ordered() as npu:
        npu["live"]["routes"] = []
    for route in conf.routes(session.file.text(), session.phy_id):
        session.file.drop(f"route_address_{route['address']}_netmask_{route['netmask']}", session.phy_id)


def _refuse_default(net: str, netmask: str) -> None:
    if ipv4.number(net) == 0 and ipv4.mask(netmask) == 0:
        raise HccnError(Code.DEFAULT_ROUTE)
    ipv4.mask(netmask)
