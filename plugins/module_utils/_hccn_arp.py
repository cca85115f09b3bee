# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Static ARP: the neighbours of a port that it need not ask for.

Source: transcripts hccn_tool/910B/188 to 195; a row with the flag 0x4 is static.
This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from functools import partial
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any, NamedTuple

from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_conf as conf
from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_tool as tool
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_lines import Dialect, EntryList, Order
from ansible_collections.ascend.fleet.plugins.module_utils._ipv4 import parse_address

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ansible_collections.ascend.fleet.plugins.module_utils._cli import Result
    from ansible_collections.ascend.fleet.plugins.module_utils._hccn_aspect import Change

_STATIC = 0x4  # flag of an entry that does not age
_MAC = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}")
_NO_MACS = frozenset({"00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"})
_LINE = re.compile(r"arp_\d+=-i (\S+) -s (\S+) (\S+)", re.ASCII)
_ROW = re.compile(r"(\S+) +0x[0-9a-f]+ +0x([0-9a-f]+) +(\S+) +\S+ +(\S+)", re.IGNORECASE)
_INTERFACE = re.compile(r"eth\d+", re.ASCII)


class Neighbour(NamedTuple):
    """A neighbour: its address and MAC, in lower case, and the interface that it is behind."""

    address: IPv4Address
    interface: str
    mac: str


def _wished(value: Mapping[str, Any], device: int) -> Neighbour:
    interface, mac = value.get("interface") or f"eth{device}", value["mac"].lower()
    if not _MAC.fullmatch(mac) or mac in _NO_MACS or int(mac[1], 16) & 1:
        raise ValueError(f"mac {value['mac']!r} is not that of a port; write it such as 02:00:5e:10:00:01")
    if not _INTERFACE.fullmatch(interface):
        raise ValueError(f"interface {interface!r} is none of a device; write eth and a number")
    return Neighbour(parse_address(value["address"]), interface, mac)


def _read(line: str, _device: int) -> Neighbour | None:
    found = _LINE.fullmatch(line)
    try:
        return found and Neighbour(parse_address(found[2]), found[1], found[3].lower())
    except ValueError:
        return None


def _write(each: Neighbour, device: int) -> str:
    return f"arp_{device}=-i {each.interface} -s {each.address} {each.mac}"


def _live(answers: Sequence[Result]) -> set[Any]:
    neighbours = set()
    for row in tool.rows_below(answers[0], "arp table:"):
        if row.startswith("IP address"):
            continue
        found = _ROW.fullmatch(row)
        if found is None:
            raise tool.failure(answers[0])
        if int(found[2], 16) & _STATIC:
            neighbours.add(Neighbour(parse_address(found[1]), found[4], found[3].lower()))
    return neighbours


def _parts(device: int, each: Neighbour) -> tuple[str, ...]:
    return (f"arp_{device}=", each.interface, str(each.address))


def _added(text: str, device: int, each: Neighbour) -> str:
    return f"{conf.without_match(text, _parts(device, each))}{_write(each, device)}\n"


def _add(device: int, each: Neighbour) -> Order:
    words = ("dev", each.interface, "ip", str(each.address), "mac", each.mac)
    return Order(
        f"add the neighbour {each.address} with {each.mac} on {each.interface} to device {device}",
        ("-i", str(device), "-arp", "-a", *words),
        partial(_added, device=device, each=each),
    )


def _longest_first(each: Neighbour) -> tuple[int, Neighbour]:
    return -len(f"{each.interface}{each.address}"), each


def _orders(change: Change, saved: Sequence[Any]) -> Iterator[Order]:
    """Delete the neighbours that nobody wants, then add those that are missing, which replaces an old MAC.

    A neighbour that is live alone is added before it is deleted: only what the file holds is sure to go. The
    longest goes first: a deletion takes the first line of the file that contains its words.
    """
    live, device = change.live or set(), change.device
    kept = {(each.address, each.interface) for each in change.want}
    for each in sorted(live, key=_longest_first):
        if (each.address, each.interface) in kept:
            continue
        if each not in saved:
            yield _add(device, each)
        yield Order(
            f"delete the neighbour {each.address} on {each.interface} from device {device}",
            ("-i", str(device), "-arp", "-d", "dev", each.interface, "ip", str(each.address)),
            partial(conf.without_match, parts=_parts(device, each)),
        )
    for each in change.want:
        if change.shaken or each not in live:
            yield _add(device, each)


ARP = EntryList(
    name="arp",
    words="neighbours",
    option={
        "type": "list",
        "elements": "dict",
        "options": {
            "address": {"type": "str", "required": True},
            "mac": {"type": "str", "required": True},
            "interface": {"type": "str"},
        },
    },
    wished=_wished,
    ask=lambda device, _want, _text: (("-i", str(device), "-arp", "-g"),),
    parse=_live,
    show=lambda each: {"address": str(each.address), "mac": each.mac, "interface": each.interface},
    dialect=Dialect("arp", _read, _write, _orders),
)
