# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user wants of the device network, checked before the first call: hccn_tool accepts nonsense.

All functions are pure. This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils._ipv4 import parse_address

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

GROUP_SIZE = (
    4  # devices 0-3 and 4-7: hccn_tool compares addresses inside such a group, a 910 has one gateway in it
)
MAX_PREFIX = 31
POINT_TO_POINT = 31  # a net of two hosts, without an address of its own and without a broadcast address
# hccn_tool of 910 and 910B refuses these: the host talks to its devices there
RESERVED = (IPv4Network("192.168.1.0/24"), IPv4Network("192.168.2.0/24"))
_NO_HOSTS = (
    (IPv4Network("0.0.0.0/8"), "belongs to no host"),
    (IPv4Network("127.0.0.0/8"), "is a loopback address"),
    (IPv4Network("224.0.0.0/4"), "is a multicast address"),
    (IPv4Network("240.0.0.0/4"), "is reserved, or broadcast"),
)


@dataclass(frozen=True)
class Wanted:
    """What one device shall have. ``gateway`` and ``detection`` None: not managed; 0.0.0.0: no detection."""

    id: int
    address: IPv4Interface
    gateway: IPv4Address | None = None
    detection: IPv4Address | None = None


class WishError(ValueError):
    """The wish cannot be met or would do harm; holds every problem of every device."""

    def __init__(self, problems: Sequence[str]) -> None:
        """Keep the problems and join them to one message."""
        self.problems = list(problems)
        super().__init__("the device network cannot be as wanted: " + "; ".join(self.problems))


def group_of(device: int) -> int:
    """Return the number of the group of four that a device belongs to."""
    return device // GROUP_SIZE


def group_members(device: int) -> range:
    """Return the ids of a device's group of four, its own among them."""
    first = group_of(device) * GROUP_SIZE
    return range(first, first + GROUP_SIZE)


def group_name(device: int) -> str:
    """Return the name of a device's group of four for people."""
    members = group_members(device)
    return f"devices {members[0]} to {members[-1]}"


def understand(options: Sequence[Mapping[str, Any]], group_gateway: bool) -> list[Wanted]:
    """Turn the module's option into wishes, in the order of ids; raise WishError with all problems.

    ``group_gateway``: the product keeps one gateway for each group of four.
    """
    wanted, problems = [], []
    for option in sorted(options, key=lambda option: int(option["id"])):
        try:
            wanted.append(_read(option))
        except ValueError as error:
            problems.append(f"device {option['id']}: {error}")
    for wish in wanted:
        problems += [f"device {wish.id}: {problem}" for problem in _nonsense(wish, wanted, group_gateway)]
    problems += _doubles(options, wanted)
    if group_gateway:
        problems += _torn_groups(wanted)
    if problems:
        raise WishError(problems)
    return wanted


def _read(option: Mapping[str, Any]) -> Wanted:
    if option["id"] < 0:
        raise ValueError("a physical id is 0 or more; see `npu-smi info -m`")
    if not 1 <= option["prefix"] <= MAX_PREFIX:
        raise ValueError(f"prefix {option['prefix']} leaves no net with other hosts; use 1 to {MAX_PREFIX}")
    address = IPv4Interface(f"{_parsed(option, 'address')}/{option['prefix']}")
    return Wanted(
        option["id"],
        address,
        _parsed(option, "gateway") if option.get("gateway") is not None else None,
        _parsed(option, "detection_address") if option.get("detection_address") is not None else None,
    )


def _parsed(option: Mapping[str, Any], name: str) -> IPv4Address:
    try:
        return parse_address(option[name])
    except ValueError as error:
        raise ValueError(f"{name} {error}; write four plain decimal numbers, such as 10.20.1.1") from error


def _nonsense(wish: Wanted, wanted: Sequence[Wanted], group_gateway: bool) -> Iterator[str]:
    yield from _no_host("address", wish.address.ip, wish.address.network)
    for net in RESERVED:
        if wish.address.ip in net:
            yield f"address {wish.address.ip} is in {net}, which hccn_tool refuses; take another net"
    if wish.gateway is not None:
        yield from _bad_gateway(wish, wish.gateway, wanted)
    if wish.detection is not None and not wish.detection.is_unspecified:
        yield from _no_host("detection_address", wish.detection, wish.address.network)
        if wish.detection not in wish.address.network and not _has_gateway(wish, wanted, group_gateway):
            yield (
                f"detection_address {wish.detection} is outside {wish.address.network} and no gateway leads "
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


def _bad_gateway(wish: Wanted, gateway: IPv4Address, wanted: Sequence[Wanted]) -> Iterator[str]:
    yield from _no_host("gateway", gateway, wish.address.network)
    if gateway not in wish.address.network:
        yield f"gateway {gateway} is outside {wish.address.network}; give the router's address in that net"
    for other in wanted:
        if other.address.ip == gateway:
            whose = "its own address" if other.id == wish.id else f"the address of device {other.id}"
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
        holders.setdefault(wish.address.ip, set()).add(wish.id)
    for address, devices in holders.items():
        if len(devices) > 1:
            names = " and ".join(str(device) for device in sorted(devices))
            yield f"devices {names} both want {address}; give each its own address"


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
