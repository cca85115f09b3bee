# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IPv6 of a port: address, gateway and detection address, and the order that hccn_tool needs for them.

Source: transcripts hccn_tool/910B/046 and 047; hicann/driver hccn_product_ext tool_ipv6.c.
This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Interface
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_conf as conf
from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_tool as tool
from ansible_collections.ascend.fleet.plugins.module_utils._converge import Step
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_aspect import Aspect, Change, Scalar
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_moves import Board, Move, order_on
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_terms import group_members, stance

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ansible_collections.ascend.fleet.plugins.module_utils._cli import Result
    from ansible_collections.ascend.fleet.plugins.module_utils._hccn_moves import Found
    from ansible_collections.ascend.fleet.plugins.module_utils._hccn_terms import Wanted

LONGEST_PREFIX = 127
_UNTOLD_PREFIX = 128  # what -ip -inet6 -g was seen to print whatever was set (transcripts 910B, 910A, A3/047)
_SAVED_ADDRESS = re.compile(r"^IPv6address_(\d+)=", re.ASCII | re.MULTILINE)


def parse_ipv6(text: str) -> IPv6Address:
    """Read an IPv6 address without a zone; raise ValueError that quotes the text."""
    if "%" in text:
        raise ValueError(f"{text!r} names a zone; write the address alone")
    try:
        return IPv6Address(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no IPv6 address") from error


@dataclass(frozen=True)
class Ipv6Address(Aspect):
    """Address and prefix."""

    def understand(self, options: Mapping[str, Any]) -> IPv6Interface:
        """Refuse what is no host's."""
        address, prefix = parse_ipv6(options["ipv6_address"]), options.get("ipv6_prefix")
        if prefix is None or not 1 <= prefix <= LONGEST_PREFIX:
            raise ValueError(f"ipv6_prefix {prefix} is out of range; use 1 to {LONGEST_PREFIX}")
        if address.is_multicast or address.is_loopback or address.is_unspecified or address.is_link_local:
            raise ValueError(f"ipv6_address {address} is that of no host; use a global or unique local one")
        return IPv6Interface(f"{address}/{prefix}")

    def queries(self, device: int, want: Any, text: str) -> Sequence[tuple[str, ...]]:
        """Ask once."""
        return (("-i", str(device), "-ip", "-inet6", "-g"),)

    def live(self, answers: Sequence[Result]) -> IPv6Interface | None:
        """Return None without an address."""
        if tool.says_no_address(answers[0]):
            return None
        found = tool.matched(answers[0], r"^ipv6_address:(\S+)\nprefix_length:(\d+)$")
        return IPv6Interface(f"{parse_ipv6(found[1])}/{found[2]}")

    def saved(self, text: str, device: int) -> IPv6Interface | None:
        """Return None unless both lines are there and good."""
        address, prefix = (conf.value_of(text, key, device) for key in ("IPv6address", "IPv6netmask"))
        try:
            return (
                None if None in (address, prefix) else IPv6Interface(f"{parse_ipv6(str(address))}/{prefix}")
            )
        except ValueError:  # hccn_tool refuses it at the next replay, so it is as good as absent
            return None

    def steps(self, change: Change) -> Iterator[Step]:
        """Yield nothing: the addresses of all devices are ordered together, by :func:`ipv6_steps`."""
        return iter(())

    def shown(self, value: Any, want: Any) -> Any:
        """Return the address alone."""
        return None if value is None else str(value.ip)

    def results(self, value: Any, want: Any) -> dict[str, Any]:
        """Return the prefix beside the address."""
        told = want if value and _same(value, want) else value
        prefix = None if value is None else told.network.prefixlen
        return {self.name: self.shown(value, want), "ipv6_prefix": prefix}

    def settled(self, live: Any, saved: Any, want: Any) -> bool:
        """Compare the live prefix only where the device tells it."""
        return live is not None and saved == want and _same(live, want)


def _same(live: IPv6Interface, want: IPv6Interface) -> bool:
    return live.ip == want.ip and live.network.prefixlen in (want.network.prefixlen, _UNTOLD_PREFIX)


def _live_gateway(answer: Result) -> IPv6Address | None:
    if tool.says_no_gateway(answer):
        return None
    return parse_ipv6(tool.matched(answer, r"^(?:default )?gateway:([0-9A-Fa-f:.]+)(?:,.*)?$")[1])


def _saved_address(text: str) -> IPv6Address | None:
    try:
        return parse_ipv6(text)
    except ValueError:  # as above
        return None


IPV6_ADDRESS = Ipv6Address("ipv6_address", "the IPv6 address", {"type": "str"})
IPV6_GATEWAY = Scalar(
    name="ipv6_gateway",
    words="the IPv6 gateway",
    option={"type": "str"},
    query=("-gateway", "-inet6", "-g"),
    parse=_live_gateway,
    key="IPv6gateway",
    read=_saved_address,
    order=lambda gateway: ("-gateway", "-inet6", "-s", "ipv6_gateway", str(gateway)),
    check=parse_ipv6,
    show=str,
)
IPV6_DETECTION = Scalar(
    name="ipv6_detection_address",
    words="the IPv6 detection address",
    option={"type": "str"},
    query=("-netdetect", "-inet6", "-g"),
    parse=lambda answer: parse_ipv6(tool.matched(answer, r"^netdetect addr(?:ess)?: (\S+)$")[1]),
    key="IPv6netdetect",
    read=_saved_address,
    order=lambda address: ("-netdetect", "-inet6", "-s", "ipv6_address", str(address)),
    check=parse_ipv6,
    show=str,
)


def taken_ipv6(found: Found, wanted: Sequence[Wanted]) -> Iterator[str]:
    """Say which wanted addresses the file has for a device that gets no other."""
    moving = {wish.id for wish in wanted if IPV6_ADDRESS.name in wish.more}
    for wish in wanted:
        want = wish.more.get(IPV6_ADDRESS.name)
        for other in sorted(_saved_devices(found) - moving):
            kept = IPV6_ADDRESS.saved(found.conf, other)
            if want and kept and kept.ip == want.ip:
                yield (
                    f"device {wish.id} wants {want.ip}, but device {other}, {stance(other, wanted)}, has it "
                    f"in {found.path} and keeps it; choose another or give device {other} one too"
                )


def ipv6_steps(found: Found, wanted: Sequence[Wanted]) -> Iterator[Step]:
    """Set addresses in an order without doubles, then gateways, then detection addresses."""
    moves = order_on(_board(found, wanted))
    for move in moves:
        words = ("ipv6_address", str(move.to.ip), "prefix_length", str(move.to.network.prefixlen))
        yield Step(move.why, ("-i", str(move.device), "-ip", "-inet6", "-s", *words))
    yield from _gateway_steps(found, dict(_gateway_changes(found, wanted, moves)))
    for wish in wanted:
        if IPV6_DETECTION.name in wish.more:
            live = _live(found, wish.id, IPV6_DETECTION)
            want = wish.more[IPV6_DETECTION.name]
            yield from IPV6_DETECTION.steps(Change(wish.id, found.path, found.conf, live, want))


def _live(found: Found, device: int, aspect: Aspect) -> Any:
    return found.ports.get(device, {}).get(aspect.name)


def _saved_devices(found: Found) -> set[int]:
    return {int(number) for number in _SAVED_ADDRESS.findall(found.conf)}


def _board(found: Found, wanted: Sequence[Wanted]) -> Board:
    """Return who has which address; of a device that was not asked the file tells."""
    held: dict[int, set[Any]] = {}
    for device in {*_saved_devices(found), *found.ports}:
        live, saved = _live(found, device, IPV6_ADDRESS), IPV6_ADDRESS.saved(found.conf, device)
        asked = live is not None and device not in found.raised
        held[device] = {each.ip for each in ([live] if asked else [live, saved]) if each}
    wishes = {wish.id: wish.more[IPV6_ADDRESS.name] for wish in wanted if IPV6_ADDRESS.name in wish.more}
    due = {
        device: want
        for device, want in wishes.items()
        if not IPV6_ADDRESS.settled(
            _live(found, device, IPV6_ADDRESS), IPV6_ADDRESS.saved(found.conf, device), want
        )
    }
    gateways = {wish.more.get(IPV6_GATEWAY.name) for wish in wanted}
    gateways |= {IPV6_GATEWAY.saved(found.conf, device) for device in held}
    return Board(held, due, {each for each in gateways if each} | {want.ip for want in wishes.values()})


def _gateway_changes(
    found: Found, wanted: Sequence[Wanted], moves: Sequence[Move]
) -> Iterator[tuple[int, IPv6Address]]:
    """Yield the gateways that are to be set: a wanted one, or a saved one that a detour loses."""
    for wish in wanted:
        saved = before = IPV6_GATEWAY.saved(found.conf, wish.id)
        nets = [move.to.network for move in moves if move.device == wish.id]
        for net in nets:
            saved = saved if saved is not None and saved in net else None
        live = saved if nets else _live(found, wish.id, IPV6_GATEWAY)
        want = wish.more.get(IPV6_GATEWAY.name)
        if want is not None and not live == saved == want:
            yield wish.id, want
        elif want is None and nets and before is not None and before in nets[-1] and saved is None:
            yield wish.id, before


def _gateway_steps(found: Found, changes: Mapping[int, IPv6Address]) -> Iterator[Step]:
    """Set gateways from the last device to the first.

    When a device has one saved already, hccn_tool drops the line of the first device of its group of four
    instead of its own (hicann/driver tool_ipv6.c tool_clean_default).
    """
    for device in sorted(changes, reverse=True):
        words = IPV6_GATEWAY.order(changes[device])
        yield Step(
            f"set the IPv6 gateway of device {device} to {changes[device]}", ("-i", str(device), *words)
        )
        first = group_members(device)[0]
        line = conf.value_of(found.conf, "IPv6gateway", first)
        own = conf.value_of(found.conf, "IPv6gateway", device)
        if own is not None and line is not None and first not in changes:
            kept = f"IPv6gateway_{first}={line}"
            yield Step(
                f"put back {kept} in {found.path}, lost with that of device {device}", ("put-back", kept)
            )
