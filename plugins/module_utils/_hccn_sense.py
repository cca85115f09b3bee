# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes no sense together: wishes that hccn_tool takes one by one and that no network could use.

All functions are pure. This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ansible_collections.ascend.fleet.plugins.module_utils._hccn_tool import LEAST_MTU_FOR_IPV6

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ansible_collections.ascend.fleet.plugins.module_utils._hccn_terms import Wanted


def senseless(wish: Wanted, wanted: Sequence[Wanted]) -> Iterator[str]:
    """Say what is wrong with the aspects of one device, given those of all."""
    yield from _routes(wish)
    yield from _rules_and_neighbours(wish)
    yield from _ipv6(wish)
    yield from _ipv6_of_others(wish, wanted)


def _routes(wish: Wanted) -> Iterator[str]:
    for name in ("routes", "ip_routes"):
        routes = wish.more.get(name, ())
        for route in routes:
            target = f"{name}: gateway {route.gateway} of {route.network.with_prefixlen}"
            if wish.address is not None and route.gateway not in wish.address.network:
                yield f"{target} is outside {wish.address.network}; give a router in that net"
            elif wish.address is not None and route.gateway == wish.address.ip:
                yield f"{target} is the device's own address; give a router"
        targets = Counter((getattr(route, "table", None), route.network) for route in routes)
        for (_table, network), count in targets.items():
            if count > 1:
                yield f"{name}: {network.with_prefixlen} is listed {count} times; keep one gateway"


def _rules_and_neighbours(wish: Wanted) -> Iterator[str]:
    rules = Counter((rule.direction, str(rule.address)) for rule in wish.more.get("ip_rules", ()))
    for (direction, address), count in rules.items():
        if count > 1:
            yield f"ip_rules: {direction} {address} is listed {count} times; keep one table"
    neighbours = Counter((each.interface, str(each.address)) for each in wish.more.get("arp", ()))
    for (interface, address), count in neighbours.items():
        if count > 1:
            yield f"arp: {address} on {interface} is listed {count} times; keep one MAC"
        if wish.address is not None and address == str(wish.address.ip):
            yield f"arp: {address} is the device's own address; list neighbours"


def _ipv6(wish: Wanted) -> Iterator[str]:
    address, gateway = wish.more.get("ipv6_address"), wish.more.get("ipv6_gateway")
    mtu = wish.more.get("mtu")
    if address is not None and mtu is not None and mtu < LEAST_MTU_FOR_IPV6:
        yield f"mtu {mtu} takes IPv6 away; give {LEAST_MTU_FOR_IPV6} or more, or leave ipv6_address out"
    if gateway is not None and address is None:
        yield f"ipv6_gateway {gateway} stands alone; give ipv6_address and ipv6_prefix with it"
    if gateway is None or address is None:
        return
    if gateway not in address.network:
        yield f"ipv6_gateway {gateway} is outside {address.network}; give the router's address in that net"
    elif gateway == address.ip:
        yield f"ipv6_gateway {gateway} is its own address; give the router's address"


def _ipv6_of_others(wish: Wanted, wanted: Sequence[Wanted]) -> Iterator[str]:
    address = wish.more.get("ipv6_address")
    for other in wanted:
        held = other.more.get("ipv6_address")
        if address is None or held is None or other.id <= wish.id:
            continue
        if held.ip == address.ip:
            yield f"devices {wish.id} and {other.id} both want {held.ip}; give each its own address"
        elif held.network != address.network and held.network.overlaps(address.network):
            yield f"{address.network} overlaps {held.network} of device {other.id}; give both the same prefix"
