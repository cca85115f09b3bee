# SPDX-License-Identifier: GPL-3.0-or-later
"""`-ping` and `-hccs_ping`: whether another device answers, as the shared view of the rack has it."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv6Address
from typing import TYPE_CHECKING

from npu_simulator import fabric
from npu_simulator.hccn_tool import ipv4
from npu_simulator.hccn_tool.messages import SUCCESS, Code, HccnError
from npu_simulator.hccn_tool.session import Session

if TYPE_CHECKING:
    from npu_simulator.state import State

_PACKETS = 3
_LONGEST_PACKET = 65507
_SHORTEST, _LONGEST = 3, 5  # words that `-ping` takes (910B/212)
_INET6 = "-inet6"
_VNIC_FIRST_OCTET = 192
_FIRST_DIE_OCTET, _LAST_OCTET = 2, 199
_SERVERS = range(48)  # of a super pod; hicann/driver tool_cmd.c check_sdid_is_valid
_HCCS_WORDS = range(2, 12)


def command(session: Session, words: list[str]) -> list[str] | None:
    """Run `-ping -g address A [pkt N]` or `-ping -inet6 -g ipv6_address A [pkt N]`."""
    if len(words) < _SHORTEST:
        raise HccnError(Code.COUNT)
    if words[0] == _INET6:
        return session.choose(words[1:], {"-g": _ping6})
    return session.choose(words, {"-g": _ping4})


def hccs(session: Session, words: list[str]) -> list[str] | None:
    """Run `-hccs_ping -g address A`. Raises HccnError UNSUPPORTED where there is none."""
    if not session.features["super_pod"]:
        raise HccnError(Code.UNSUPPORTED)
    if len(words) not in _HCCS_WORDS:
        raise HccnError(Code.COUNT)
    if not session.node.is_root:
        raise HccnError(Code.PERMISSION)
    return session.choose(words, {"-g": _ping_hccs})


def _ping4(session: Session, words: list[str]) -> list[str]:
    address = _given(words, "address")
    ipv4.number(address)
    state = _asked(session)
    npu = next(npu for npu in state["npus"] if npu["phy_id"] == session.phy_id)
    return _report(session, state, address, fabric.answers(session.node, state, npu, address))


def _ping6(session: Session, words: list[str]) -> list[str]:
    address = _given(words, "ipv6_address")
    try:
        IPv6Address(address)
    except AddressValueError as error:
        raise HccnError(Code.IP_INVALID) from error
    state = _asked(session)
    npu = next(npu for npu in state["npus"] if npu["phy_id"] == session.phy_id)
    return _report(session, state, address, fabric.answers_ipv6(session.node, state, npu, address))


def _given(words: list[str], name: str) -> str:
    """Return the address; the other word that may stand here is the length of a packet."""
    if len(words) > _LONGEST - 1 or len(words) % 2:
        raise HccnError(Code.COUNT)
    given = dict(zip(words[::2], words[1::2]))
    if not set(given) <= {name, "pkt"} or name not in given:
        raise HccnError(Code.UNKNOWN_OPTION)
    length = given.get("pkt", "0")
    if not length.isdigit() or int(length) > _LONGEST_PACKET:
        raise HccnError(Code.PARAMETER)
    return given[name]


def _asked(session: Session) -> State:
    with session.device.asked():
        return session.node.read()


def _report(session: Session, state: State, address: str, answered: bool) -> list[str]:
    lost = _lost(state, session.phy_id, address) if answered else _PACKETS
    lines = [
        f"recv time out seq={n}" if n < lost else f"recv seq={n},time=0.050000ms" for n in range(_PACKETS)
    ]
    summary = f"{_PACKETS} packets transmitted, {_PACKETS - lost} received"
    return [
        f"device {session.phy_id} PING {address}",
        *lines,
        f"{summary}, {100 * lost / _PACKETS:.2f}% packet loss",
    ]


def _lost(state: State, phy_id: int, address: str) -> int:
    """Return how many packets the faults take: all to the addresses of `ping_fails`, some of `ping_loses`."""
    if address in state["faults"].get("ping_fails", {}).get(str(phy_id), []):
        return _PACKETS
    return int(state["faults"].get("ping_loses", {}).get(str(phy_id), 0))


def _ping_hccs(session: Session, words: list[str]) -> list[str]:
    if words[:1] != ["address"] or not words[1:]:
        raise HccnError(Code.PARAMETER)
    address = words[1]
    _check_vnic(address)
    state = _asked(session)
    answered = fabric.answers_hccs(session.node, state, address)
    received = _PACKETS if answered else 0
    said = "This pkt ping success!" if answered else "This pkt check recv msg fail!"
    time = "14.210us" if answered else "0.000us"
    lines = [f"device {session.phy_id} PING {address}", ""]
    for number in range(_PACKETS):
        lines += [said, f"recv seq {number}, time = {time}, L1 plane check result = 0x0", ""]
    loss = 100 - 100 * received / _PACKETS
    lines.append(f"{_PACKETS} packets transmitted, {received} received, {loss:.2f}% packets loss")
    return [*lines, *(f"{name} time {time}" for name in ("max", "min", "average", "TP95")), SUCCESS]


def _check_vnic(address: str) -> None:
    """Check that an address can be one of the super pod's virtual ports. Raises HccnError IP_INVALID."""
    first, server, die_octet, last = ipv4.number(address).to_bytes(4, "big")
    die, device = die_octet - _FIRST_DIE_OCTET, _LAST_OCTET - last
    fits = device >= 0 and device % 2 == die
    if first != _VNIC_FIRST_OCTET or server not in _SERVERS or not fits:
        raise HccnError(Code.IP_INVALID)
