# SPDX-License-Identifier: GPL-3.0-or-later
"""`-ip`: the address of a device, and what changing it does to the saved gateway and routes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from npu_simulator.hccn_tool import conf, ipv4, ipv6
from npu_simulator.hccn_tool.device import group_of, is_gone, sister_of
from npu_simulator.hccn_tool.messages import Code, HccnError
from npu_simulator.hccn_tool.session import Session, no_words, pairs

if TYPE_CHECKING:
    from npu_simulator.state import Npu


def command(session: Session, words: list[str]) -> list[str] | None:
    """Run `-ip [-inet6] -s|-g`."""
    if words[:1] == ["-inet6"]:
        return session.choose(words[1:], {"-s": ipv6.set_address, "-g": ipv6.get_address})
    return session.choose(words, {"-s": _set, "-g": _get})


def order_address(session: Session, address: str, netmask: str) -> None:
    """Give the device an address, and drop saved routes whose gateway lies outside the new net.

    The order of the checks is the vendor's: conflict, address, netmask, file, device. The device forgets its
    gateway and routes. Raises HccnError CONFLICT, IP_INVALID, FILE_ACCESS, FILE_READ and those of the device.
    """
    _refuse_conflict(session, address)
    ipv4.host(address)
    ipv4.mask(netmask)
    session.file.edit(partial(_without_foreign_routes, session.phy_id, address, netmask), Code.FILE_READ)
    with session.device.ordered() as npu:
        npu["live"].update({"address": address, "netmask": netmask, "gateway": None, "routes": []})


def restore_gateway(session: Session) -> None:
    """Order the saved gateway, unchecked, unless DHCP rules (real-programs.md H7)."""
    if session.file.value("udhcpc_enable", session.phy_id) is not None:
        return
    gateway = session.file.value("gateway", session.phy_id)
    if gateway is None:
        return
    ipv4.number(gateway)
    with session.device.ordered() as npu:
        npu["live"]["gateway"] = gateway


def restore_routes(session: Session) -> None:
    """Order the saved routes, unless DHCP rules."""
    for kind in ("udhcpc_enable", "udhcpc_ipv6_enable"):
        if session.file.value(kind, session.phy_id) is not None:
            return
    saved = conf.routes(session.file.text(), session.phy_id)
    if not saved:
        return
    with session.device.ordered() as npu:
        live = npu["live"]["routes"]
        live.extend(route for route in saved if route not in live)


def _get(session: Session, words: list[str]) -> list[str]:
    no_words(words)
    with session.device.asked() as npu:
        live = npu["live"]
    if live["address"] is None:
        raise HccnError(Code.NO_ADDRESS)
    return [f"ipaddr:{live['address']}", f"netmask:{live['netmask']}"]


def _set(session: Session, words: list[str]) -> None:
    given = pairs(words, "address", "netmask")
    address, netmask = given["address"], given["netmask"]
    order_address(session, address, netmask)
    gateway = session.file.value("gateway", session.phy_id)
    if gateway is not None and not _lies_in_net(gateway, address, netmask):
        session.file.drop("gateway", session.phy_id)
    restore_gateway(session)
    restore_routes(session)
    session.file.save("address", session.phy_id, address)
    session.file.save("netmask", session.phy_id, netmask)


def _refuse_conflict(session: Session, address: str) -> None:
    """Compare with live addresses near by and with the chip's own nets (real-programs.md H1, H2)."""
    state = session.node.read()
    near = sister_of if session.features["conflicts"] == "sister" else group_of
    others = [npu for npu in near(state, session.phy_id) if npu["phy_id"] != session.phy_id]
    if any(_holds(npu, address) for npu in others if not is_gone(state, npu["phy_id"])):
        raise HccnError(Code.CONFLICT)
    alone = session.features["super_pod"] and not state.get("super_pod", True)
    for net in session.features["kept_nets_alone" if alone else "kept_nets"]:
        base, netmask = ipv4.base_and_mask(net)
        if _lies_in_net(address, base, netmask):
            raise HccnError(Code.CONFLICT)


def _holds(npu: Npu, address: str) -> bool:
    return npu["live"]["address"] == address


def _without_foreign_routes(phy_id: int, address: str, netmask: str, text: str) -> str:
    for route in conf.routes(text, phy_id):
        if not ipv4.same_net(route["gateway"], address, netmask):
            text = conf.without(text, conf.route_key(route["address"], route["netmask"], phy_id) + "=")
    return text


def _lies_in_net(gateway: str, address: str, netmask: str) -> bool:
    """Tell whether two addresses share a net; one that is no address shares none."""
    try:
        return ipv4.same_net(gateway, address, netmask)
    except HccnError:
        return False
