# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routing by numbered tables: their routes, the rules that choose one, and what an address change loses.

Source: hicann/driver ascend910B/hccn_product_ext/tool_ext.c. What -ip_rule and -ip_route print comes
ready-made from the device, in the form of the ip command; it was not seen on hardware.
This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from functools import partial
from ipaddress import IPv4Address, IPv4Interface
from typing import TYPE_CHECKING, Any, NamedTuple, Union

from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_conf as conf
from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_tool as tool
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_lines import (
    Dialect,
    EntryList,
    Order,
    entries_in,
)
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_routes import (
    ROUTE_DIALECT,
    add_route,
    wished_network,
)
from ansible_collections.ascend.fleet.plugins.module_utils._ipv4 import parse_address

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from ipaddress import IPv4Network, IPv6Network

    from ansible_collections.ascend.fleet.plugins.module_utils._cli import Result
    from ansible_collections.ascend.fleet.plugins.module_utils._hccn_aspect import Change

    Network = Union[IPv4Network, IPv6Network]

TABLES = 256
_TABLE_NAMES = {"default": 253, "main": 254, "local": 255}
_NO_TABLE = "FIB table does not exist!"
_QUAD = r"\d+\.\d+\.\d+\.\d+"
_RULE_LINE = re.compile(rf"ip_rule_\d+=add (from|to) ({_QUAD}) table (\d+)", re.ASCII)
_RULE_ROW = re.compile(r"\d+:\s*from (\S+)(?: to (\S+))?\s.*?lookup (\S+)", re.ASCII)
_TABLE_LINE = re.compile(rf"ip_route_\d+=add ({_QUAD}/\d+) via ({_QUAD}) dev (\S+) table (\d+)", re.ASCII)
_TABLE_ROW = re.compile(rf"(default|{_QUAD}(?:/\d+)?) via ({_QUAD}) dev (\S+)", re.ASCII)


class Rule(NamedTuple):
    """A rule: packets from or to an address use a table."""

    direction: str
    address: IPv4Address
    table: int


class TableRoute(NamedTuple):
    """A route of a numbered table."""

    table: int
    network: IPv4Interface
    gateway: IPv4Address
    interface: str


def lost_routes(old: str, new: str, device: int, network: Network) -> Iterator[tuple[str, Order]]:
    """Yield the orders that set lost routes again, those of a file ``old`` that ``network`` still reaches.

    Each comes with the name of its aspect.
    """
    for name, dialect, add in (
        ("routes", ROUTE_DIALECT, add_route),
        ("ip_routes", _TABLE_ROUTES, _add_table_route),
    ):
        left = entries_in(dialect, new, device)
        for entry in entries_in(dialect, old, device):
            if not isinstance(entry, str) and entry not in left and entry.gateway in network:
                yield name, add(device, entry)


def without_foreign_routes(text: str, device: int, network: Network) -> str:
    """Return the file after an address change: routes whose gateway the new net does not reach are gone."""
    for dialect in (ROUTE_DIALECT, _TABLE_ROUTES):
        for line in conf.lines_of(text, dialect.kind, device):
            entry = dialect.read(line, device)
            if entry is not None and entry.gateway not in network:
                text = conf.without_part(text, line)
    return text


def _table(number: int) -> int:
    if not 0 <= number < TABLES:
        raise ValueError(f"table {number} is out of range; use 0 to {TABLES - 1}")
    return number


def _wished_rule(value: Mapping[str, Any], _device: int) -> Rule:
    return Rule(value["direction"], parse_address(value["address"]), _table(value["table"]))


def _read_rule(line: str, _device: int) -> Rule | None:
    found = _RULE_LINE.fullmatch(line)
    try:
        return found and Rule(found[1], parse_address(found[2]), int(found[3]))
    except ValueError:
        return None


def _live_rules(answers: Sequence[Result]) -> set[Any]:
    """Understand a table of rules; those of the kernel and those that name two addresses are not ours."""
    rules = set()
    for row in tool.rows_below(answers[0], "ip rule table:"):
        found = _RULE_ROW.match(f"{row} ")
        if found is None:
            raise tool.failure(answers[0])
        table = _TABLE_NAMES.get(found[3], found[3])
        if not str(table).isdigit():
            raise tool.failure(answers[0])
        source, target = found[1], found[2]
        if (source == "all") != (target is None):
            rules.add(
                Rule("from" if target is None else "to", parse_address(target or source), int(str(table)))
            )
    return rules


def _rule_orders(change: Change, _saved: Sequence[Any]) -> Iterator[Order]:
    """Delete and add by direction and address: a deletion names no table, so it may hit any of them."""
    live, want = change.live or set(), set(change.want)
    for key in sorted({rule[:2] for rule in live ^ want}):
        here, there = [sorted(rule for rule in rules if rule[:2] == key) for rules in (live, want)]
        words = ("dir", key[0], "ip", str(key[1]))
        for rule in here:
            yield Order(
                f"delete the rule {key[0]} {key[1]} table {rule.table} from device {change.device}",
                ("-i", str(change.device), "-ip_rule", "-d", *words),
                partial(conf.without_match, parts=(f"ip_rule_{change.device}=", key[0], str(key[1]))),
            )
        for rule in there:
            line = _write_rule(rule, change.device)
            yield Order(
                f"add the rule {key[0]} {key[1]} table {rule.table} to device {change.device}",
                ("-i", str(change.device), "-ip_rule", "-a", *words, "table", str(rule.table)),
                partial(_with_end, line=line),
            )


def _with_end(text: str, line: str) -> str:
    return f"{text}{line}\n"


def _write_rule(rule: Rule, device: int) -> str:
    return f"ip_rule_{device}=add {rule.direction} {rule.address} table {rule.table}"


IP_RULES = EntryList(
    name="ip_rules",
    words="ip rules",
    option={
        "type": "list",
        "elements": "dict",
        "options": {
            "direction": {"type": "str", "choices": ["from", "to"], "required": True},
            "address": {"type": "str", "required": True},
            "table": {"type": "int", "required": True},
        },
    },
    wished=_wished_rule,
    ask=lambda device, _want, _text: (("-i", str(device), "-ip_rule", "-g"),),
    parse=_live_rules,
    show=lambda rule: {"direction": rule.direction, "address": str(rule.address), "table": rule.table},
    dialect=Dialect("ip_rule", _read_rule, _write_rule, _rule_orders),
)


def _wished_table_route(value: Mapping[str, Any], device: int) -> TableRoute:
    interface = value.get("interface") or f"eth{device}"
    return TableRoute(
        _table(value["table"]),
        wished_network(value["network"], 0),
        parse_address(value["gateway"]),
        interface,
    )


def _read_table_route(line: str, _device: int) -> TableRoute | None:
    found = _TABLE_LINE.fullmatch(line)
    try:
        return found and TableRoute(int(found[4]), IPv4Interface(found[1]), parse_address(found[2]), found[3])
    except ValueError:
        return None


def _write_table_route(route: TableRoute, device: int) -> str:
    via = f"via {route.gateway} dev {route.interface} table {route.table}"
    return f"ip_route_{device}=add {route.network.with_prefixlen} {via}"


def _table_queries(device: int, want: Sequence[TableRoute], text: str) -> Sequence[tuple[str, ...]]:
    """Ask for the tables that are wanted or saved; of others it is not known whether they are ours."""
    saved = [each for each in entries_in(_TABLE_ROUTES, text, device) if not isinstance(each, str)]
    tables = sorted({route.table for route in (*want, *saved)})
    return [("-i", str(device), "-ip_route", "-g", "table", str(table)) for table in tables]


def _live_table_routes(answers: Sequence[Result]) -> set[Any]:
    routes = set()
    for answer in answers:
        if _NO_TABLE in answer.stderr:
            continue
        for row in tool.rows_below(answer, "ip route table:"):
            found = _TABLE_ROW.match(row)
            if found is not None:  # a row without "via" is a net that the port itself is in
                network = IPv4Interface("0.0.0.0/0" if found[1] == "default" else found[1])
                routes.add(TableRoute(int(answer.argv[-1]), network, parse_address(found[2]), found[3]))
    return routes


def _add_table_route(device: int, route: TableRoute) -> Order:
    net = ("ip", str(route.network.ip), "ip_mask", str(route.network.network.prefixlen))
    way = ("via", str(route.gateway), "dev", route.interface, "table", str(route.table))
    return Order(
        f"add the route to {route.network.with_prefixlen} via {route.gateway} to table {route.table} of "
        f"device {device}",
        ("-i", str(device), "-ip_route", "-a", *net, *way),
        partial(_with_end, line=_write_table_route(route, device)),
    )


def _table_route_orders(change: Change, saved: Sequence[Any]) -> Iterator[Order]:
    """Delete what is not wanted, then add what is missing.

    Whether an address change leaves the routes of a table, loses them or replays the file is not sure, so
    all that may be there is deleted and all that is wanted is added; either is fine when it is so already.
    """
    live, want = set(change.live or ()), set(change.want)
    maybe = {each for each in saved if not isinstance(each, str)} if change.shaken else set()
    for route in sorted((live | maybe) - want):
        net = ("ip", str(route.network.ip), "ip_mask", str(route.network.network.prefixlen))
        parts = (f"ip_route_{change.device}=", route.network.with_prefixlen, f"table {route.table}")
        yield Order(
            f"delete the route to {route.network.with_prefixlen} via {route.gateway} from table "
            f"{route.table} of device {change.device}",
            ("-i", str(change.device), "-ip_route", "-d", *net, "table", str(route.table)),
            partial(conf.without_match, parts=parts),
        )
    for route in sorted(want if change.shaken else want - live):
        yield _add_table_route(change.device, route)


_TABLE_ROUTES = Dialect(
    "ip_route", _read_table_route, _write_table_route, _table_route_orders, unsure_when_shaken=True
)

IP_ROUTES = EntryList(
    name="ip_routes",
    words="routes of tables",
    option={
        "type": "list",
        "elements": "dict",
        "options": {
            "network": {"type": "str", "required": True},
            "gateway": {"type": "str", "required": True},
            "table": {"type": "int", "required": True},
            "interface": {"type": "str"},
        },
    },
    wished=_wished_table_route,
    ask=_table_queries,
    parse=_live_table_routes,
    show=lambda route: {
        "network": route.network.with_prefixlen,
        "gateway": str(route.gateway),
        "table": route.table,
        "interface": route.interface,
    },
    dialect=_TABLE_ROUTES,
)
