# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes of a port, in its main table.

Source: transcripts hccn_tool/910B/176 to 187.
This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from functools import partial
from ipaddress import IPv4Address, IPv4Interface
from typing import TYPE_CHECKING, Any, NamedTuple

from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_conf as conf
from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_tool as tool
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_lines import (
    Dialect,
    EntryList,
    Order,
)
from ansible_collections.ascend.fleet.plugins.module_utils._ipv4 import parse_address, parse_interface

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ansible_collections.ascend.fleet.plugins.module_utils._cli import Result
    from ansible_collections.ascend.fleet.plugins.module_utils._hccn_aspect import Change

_LONGEST_PREFIX = 32
_COLUMNS = 8
_QUAD = r"\d+\.\d+\.\d+\.\d+"
_ROUTE_LINE = re.compile(rf"route_address_({_QUAD})_netmask_({_QUAD})_\d+=gateway_({_QUAD})", re.ASCII)


class Route(NamedTuple):
    """A route of the main table. One that was written by hand may have host bits."""

    network: IPv4Interface
    gateway: IPv4Address


def wished_network(text: str, shortest: int) -> IPv4Interface:
    """Read a network with a prefix of ``shortest`` bits or more; raise ValueError that says what to write."""
    address, slash, prefix = text.partition("/")
    if not slash or not prefix.isdigit() or not shortest <= int(prefix) <= _LONGEST_PREFIX:
        raise ValueError(f"network {text!r} is none; write it such as 10.30.0.0/16")
    network = IPv4Interface(f"{parse_address(address)}/{prefix}")
    if network.ip != network.network.network_address:
        raise ValueError(f"network {text} has host bits; write {network.network}")
    return network


def _wished_route(value: Mapping[str, Any], _device: int) -> Route:
    return Route(wished_network(value["network"], 1), parse_address(value["gateway"]))


def _read_route(line: str, _device: int) -> Route | None:
    found = _ROUTE_LINE.fullmatch(line)
    try:
        return found and Route(parse_interface(found[1], found[2]), parse_address(found[3]))
    except ValueError:
        return None


def _route_key(route: Route, device: int) -> str:
    return f"route_address_{route.network.ip}_netmask_{route.network.netmask}_{device}"


def _write_route(route: Route, device: int) -> str:
    return f"{_route_key(route, device)}=gateway_{route.gateway}"


def _live_routes(answers: Sequence[Result]) -> set[Any]:
    rows = [row.split() for row in tool.rows_below(answers[0], "Routing table:")]
    table = [row for row in rows if row[0] not in {"Kernel", "Destination"}]
    if any(len(row) != _COLUMNS for row in table):
        raise tool.failure(answers[0])
    try:
        return {
            Route(parse_interface(row[0], row[2]), parse_address(row[1])) for row in table if _is_own(row)
        }
    except ValueError as error:
        raise tool.failure(answers[0]) from error


def _is_own(row: Sequence[str]) -> bool:
    """Tell whether a row is a route over a gateway: no default route, no net of a port, none of the vNIC."""
    net, gateway, netmask, interface = row[0], row[1], row[2], row[-1]
    default = net == "default" or netmask == "0.0.0.0"
    return gateway not in {"*", "0.0.0.0"} and not default and interface.startswith("eth")


def add_route(device: int, route: Route) -> Order:
    """Return the order that adds a route; one that is there stays, another gateway joins it."""
    words = ("address", str(route.network.ip), "netmask", str(route.network.netmask))
    return Order(
        f"add the route to {route.network.with_prefixlen} via {route.gateway} to device {device}",
        ("-i", str(device), "-route", "-a", *words, "gateway", str(route.gateway)),
        partial(_with_route, route=route, device=device),
    )


def _with_route(text: str, route: Route, device: int) -> str:
    return conf.with_line(text, _route_key(route, device), _write_route(route, device))


def _delete_route(device: int, route: Route) -> Order:
    words = ("address", str(route.network.ip), "netmask", str(route.network.netmask))
    return Order(
        f"delete the route to {route.network.with_prefixlen} via {route.gateway} from device {device}",
        ("-i", str(device), "-route", "-d", *words),
        partial(conf.without_part, part=f"{_route_key(route, device)}="),
    )


def _route_orders(change: Change, saved: Sequence[Any]) -> Iterator[Order]:
    """Delete what is not wanted, then add what is missing.

    hccn_tool deletes only what the file holds, so a route that is live alone is added first, which saves it.
    A deletion may take the other routes to the same net along: these are added again.
    """
    live, touched = change.live or set(), set()
    for route in sorted(live - set(change.want)):
        if route not in saved or route.network in touched:
            yield add_route(change.device, route)
        yield _delete_route(change.device, route)
        touched.add(route.network)
    for route in change.want:
        if route not in live or route.network in touched:
            yield add_route(change.device, route)


ROUTE_DIALECT = Dialect("route", _read_route, _write_route, _route_orders)

ROUTES = EntryList(
    name="routes",
    words="routes",
    option={
        "type": "list",
        "elements": "dict",
        "options": {
            "network": {"type": "str", "required": True},
            "gateway": {"type": "str", "required": True},
        },
    },
    wished=_wished_route,
    ask=lambda device, _want, _text: (("-i", str(device), "-route", "-g"),),
    parse=_live_routes,
    show=lambda route: {"network": route.network.with_prefixlen, "gateway": str(route.gateway)},
    dialect=ROUTE_DIALECT,
)
