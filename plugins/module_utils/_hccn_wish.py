# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user wants of the device network, checked before the first call: hccn_tool accepts nonsense.

All functions are pure. This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from itertools import combinations
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils._hccn_aspects import ASPECTS
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_sense import senseless
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_terms import (
    RESERVED,
    Wanted,
    WishError,
    group_name,
    group_of,
)
from ansible_collections.ascend.fleet.plugins.module_utils._ipv4 import parse_address

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MAX_PREFIX = 31
POINT_TO_POINT = 31  # a net of two hosts, without an address of its own and without a broadcast address
_NO_HOSTS = (
    (IPv4Network("0.0.0.0/8"), "belongs to no host"),
    (IPv4Network("127.0.0.0/8"), "is a loopback address"),
    (IPv4Network("224.0.0.0/4"), "is a multicast address"),
    (IPv4Network("240.0.0.0/4"), "is reserved, or broadcast"),
)


def understand(
    options: Sequence[Mapping[str, Any]], group_gateway: bool, refused: Sequence[IPv4Network] = RESERVED
) -> list[Wanted]:
    """Turn the module's option into wishes, in the order of ids; raise WishError with all problems.

    ``group_gateway``: the product keeps one gateway for each group of four. ``refused``: nets that the chip
    keeps for itself.
    """
    wanted, problems = [], []
    for option in sorted(options, key=lambda option: int(option["id"])):
        wish, wrong = _read(option)
        problems += [f"device {option['id']}: {problem}" for problem in wrong]
        wanted += [wish] if not wrong else []
    for wish in wanted:
        found = [*_nonsense(wish, wanted, group_gateway, refused), *senseless(wish, wanted)]
        problems += [f"device {wish.id}: {problem}" for problem in found]
    problems += [*_doubles(options, wanted), *_overlaps(wanted)]
    if group_gateway:
        problems += _torn_groups(wanted)
    if problems:
        raise WishError(problems)
    return wanted


def _read(option: Mapping[str, Any]) -> tuple[Wanted, list[str]]:
    """Read what is declared of one device; the second part holds what is wrong with it."""
    if option["id"] < 0:
        return Wanted(option["id"]), ["a physical id is 0 or more; see `npu-smi info -m`"]
    problems: list[str] = []
    values: dict[str, Any] = {}
    for name in ("address", "gateway", "detection_address"):
        values[name] = None
        if option.get(name) is not None:
            try:
                values[name] = parse_address(option[name])
            except ValueError as error:
                problems.append(f"{name} {error}; write four plain decimal numbers, such as 10.20.1.1")
    if values["address"] is not None:
        values["address"] = _with_prefix(values["address"], option.get("prefix"), problems)
    more = {}
    for aspect in ASPECTS:
        if option.get(aspect.name) is not None:
            try:
                more[aspect.name] = aspect.understand(option)
            except ValueError as error:
                problems.append(str(error))
    return Wanted(
        option["id"], values["address"], values["gateway"], values["detection_address"], more
    ), problems


def _with_prefix(address: IPv4Address, prefix: int | None, problems: list[str]) -> IPv4Interface | None:
    if prefix is not None and 1 <= prefix <= MAX_PREFIX:
        return IPv4Interface(f"{address}/{prefix}")
    problems.append(f"prefix {prefix} leaves no net with other hosts; use 1 to {MAX_PREFIX}")
    return None


def _nonsense(
    wish: Wanted, wanted: Sequence[Wanted], group_gateway: bool, refused: Sequence[IPv4Network]
) -> Iterator[str]:
    detection = wish.detection if wish.detection and not wish.detection.is_unspecified else None
    for name, value in (("gateway", wish.gateway), ("detection_address", detection)):
        if value is not None and wish.address is None:
            yield from _no_host(name, value, IPv4Network(value))
    if wish.address is None:
        if wish.gateway is not None:
            yield f"gateway {wish.gateway} stands alone; give address and prefix with it"
        return
    yield from _no_host("address", wish.address.ip, wish.address.network)
    for net in refused:
        if wish.address.ip in net:
            yield f"address {wish.address.ip} is in {net}, which hccn_tool refuses; take another net"
    if wish.gateway is not None:
        yield from _bad_gateway(wish.address, wish.gateway, wish.id, wanted)
    if detection is not None:
        yield from _no_host("detection_address", detection, wish.address.network)
        if detection not in wish.address.network and not _has_gateway(wish, wanted, group_gateway):
            yield (
                f"detection_address {detection} is outside {wish.address.network} and no gateway leads "
                "there; give a gateway, or an address inside the net"
            )


def _no_host(name: str, address: IPv4Address, network: IPv4Network) -> Iterator[str]:
    """Say why an address cannot be a host's, judged by itself and by the net it is used in."""
    for net, reason in _NO_HOSTS:
        if address in net:
            yield f"{name} {address} {reason}; use the address of a host"
    if network.prefixlen >= POINT_TO_POINT or address not in network:
        return
    if address in (network.network_address, network.broadcast_address):
        kind = "the address of the net" if address == network.network_address else "the broadcast address of"
        yield (
            f"{name} {address} is {kind} {network}; use {network.network_address + 1} to "
            f"{network.broadcast_address - 1}"
        )


def _bad_gateway(
    address: IPv4Interface, gateway: IPv4Address, device: int, wanted: Sequence[Wanted]
) -> Iterator[str]:
    yield from _no_host("gateway", gateway, address.network)
    if gateway not in address.network:
        yield f"gateway {gateway} is outside {address.network}; give the router's address in that net"
    for other in wanted:
        if other.address is not None and other.address.ip == gateway:
            whose = "its own address" if other.id == device else f"the address of device {other.id}"
            yield f"gateway {gateway} is {whose}; give the router's address"


def _has_gateway(wish: Wanted, wanted: Sequence[Wanted], group_gateway: bool) -> bool:
    if wish.gateway is not None or not group_gateway:
        return wish.gateway is not None
    return any(other.gateway and group_of(other.id) == group_of(wish.id) for other in wanted)


def _doubles(options: Sequence[Mapping[str, Any]], wanted: Sequence[Wanted]) -> Iterator[str]:
    ids = [option["id"] for option in options]
    for device in sorted({device for device in ids if ids.count(device) > 1}):
        yield f"device {device} is listed {ids.count(device)} times; list it once"
    holders: dict[IPv4Address, set[int]] = {}
    for wish in wanted:
        if wish.address is not None:
            holders.setdefault(wish.address.ip, set()).add(wish.id)
    for address, devices in holders.items():
        if len(devices) > 1:
            names = " and ".join(str(device) for device in sorted(devices))
            yield f"devices {names} both want {address}; give each its own address"


def _overlaps(wanted: Sequence[Wanted]) -> Iterator[str]:
    """Say which nets overlap without being the same: two devices would disagree on who is in their net."""
    nets: dict[IPv4Network, int] = {}
    for wish in wanted:
        if wish.address is not None:
            nets.setdefault(wish.address.network, wish.id)
    for (net, device), (other_net, other) in combinations(nets.items(), 2):
        if net.overlaps(other_net):
            yield (
                f"devices {device} and {other} are in nets that overlap, {net} and {other_net}; give both "
                "the same prefix, or one another net"
            )


def _torn_groups(wanted: Sequence[Wanted]) -> Iterator[str]:
    groups: dict[int, list[Wanted]] = {}
    for wish in wanted:
        if wish.gateway is not None:
            groups.setdefault(group_of(wish.id), []).append(wish)
    for members in groups.values():
        if len({wish.gateway for wish in members}) > 1:
            wishes = ", ".join(f"{wish.gateway} (device {wish.id})" for wish in members)
            yield (
                f"{group_name(members[0].id)} share one gateway, but the list names {wishes}; "
                "keep the one that is needed"
            )
