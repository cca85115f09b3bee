# SPDX-License-Identifier: GPL-3.0-or-later
"""`-gateway`: one default gateway per device on 910B, one per group of four on the first 910."""

from __future__ import annotations

from typing import NamedTuple

from npu_simulator.hccn_tool import ipv4, ipv6
from npu_simulator.hccn_tool.device import Device, group_of, is_gone
from npu_simulator.hccn_tool.messages import Code, HccnError
from npu_simulator.hccn_tool.session import Session, no_words, pairs


class Owned(NamedTuple):
    """A gateway and the physical id of the device that holds it."""

    owner: int
    gateway: str


def command(session: Session, words: list[str]) -> list[str] | None:
    """Run `-gateway [-inet6] -s|-g`."""
    if words[:1] == ["-inet6"]:
        return session.choose(words[1:], {"-s": ipv6.set_gateway, "-g": ipv6.get_gateway})
    return session.choose(words, {"-s": _set, "-g": _get})


def _get(session: Session, words: list[str]) -> list[str]:
    no_words(words)
    found = _live(session)
    if found is None:
        raise HccnError(Code.NO_GATEWAY)
    return [f"default gateway:{found.gateway}, Iface:eth{found.owner}"]


def _set(session: Session, words: list[str]) -> None:
    gateway = pairs(words, "gateway")["gateway"]
    _check(session, gateway)
    live = _live(session)
    _bring_file_to(session, live)
    with session.device.ordered() as npu:
        npu["live"]["gateway"] = gateway
    if live is not None and live != Owned(session.phy_id, gateway):
        _drop(session, live)
    _save(session, Owned(session.phy_id, gateway))


def _check(session: Session, gateway: str) -> None:
    """Compare with the live address, never with the file. Raises HccnError."""
    with session.device.asked() as npu:
        address, netmask = npu["live"]["address"], npu["live"]["netmask"]
    if address is None or netmask is None:
        raise HccnError(Code.NO_IP_FOR_GATEWAY)
    if not ipv4.same_net(gateway, address, netmask):
        raise HccnError(Code.GATEWAY_SEGMENT)


def _scope(session: Session) -> list[int]:
    """Return the physical ids whose gateways count as this device's."""
    if not session.features["shared_gateway"]:
        return [session.phy_id]
    return [npu["phy_id"] for npu in group_of(session.node.read(), session.phy_id)]


def _live(session: Session) -> Owned | None:
    with session.device.asked():
        state = session.node.read()
    scope = _scope(session)
    for npu in state["npus"]:
        gateway = npu["live"]["gateway"]
        if gateway is not None and npu["phy_id"] in scope and not is_gone(state, npu["phy_id"]):
            return Owned(npu["phy_id"], gateway)
    return None


def _saved(session: Session) -> Owned | None:
    """Return the first saved gateway of the scope; the first 910 asks all devices for their health before."""
    if session.features["shared_gateway"]:
        for npu in session.node.read()["npus"]:
            Device(session.node, npu["phy_id"]).check_health()
    for phy_id in _scope(session):
        gateway = session.file.value("gateway", phy_id)
        if gateway is not None:
            ipv4.number(gateway)
            return Owned(phy_id, gateway)
    return None


def _bring_file_to(session: Session, live: Owned | None) -> None:
    """Make the file say what the device holds before anything is set (hccn_tool/910B/061-063)."""
    saved = _saved(session)
    if saved == live:
        return
    if saved is not None:
        session.file.drop("gateway", saved.owner)
    if live is not None:
        _save(session, live)


def _drop(session: Session, old: Owned) -> None:
    """Take the old gateway from its device, and from the file with every line that contains its key."""
    if old.owner != session.phy_id:
        with Device(session.node, old.owner).ordered() as npu:
            npu["live"]["gateway"] = None
    session.file.drop("gateway", old.owner)


def _save(session: Session, new: Owned) -> None:
    if session.file.value("udhcpc_enable", new.owner) is None:
        session.file.save("gateway", new.owner, new.gateway)
