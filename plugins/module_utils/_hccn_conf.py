# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of /etc/hccn.conf: what hccn_tool reads in it, what would damage it, and careful edits.

The file holds one ``key_N=value`` per line, N being a physical device id; the first line of a key counts.
hccn_tool replays it at every boot. All functions are pure: text in, text or values out.
This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ansible_collections.ascend.fleet.plugins.module_utils._ipv4 import parse_address, parse_interface

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv4Interface

# A tool that appends to an open last line leaves `netmask_0=255.255.255.0address_1=10.20.0.2`.
_GLUED = re.compile(r"^([A-Za-z]\w*_\d+=[0-9.]+)([A-Za-z]\w*_\d+=.*)$", re.ASCII)
_ADDRESS_KEY = re.compile(r"^address_(\d+)=", re.ASCII | re.MULTILINE)
_KEY = re.compile(r"^([A-Za-z]\w*_\d+)=", re.ASCII)
_SPACED_KEY = re.compile(r"^(?:[ \t]+[A-Za-z]\w*_\d+[ \t]*|[A-Za-z]\w*_\d+[ \t]+)=", re.ASCII)
# How the lines of a device begin, for the settings that take several lines.
_LIST_KINDS = {
    "arp": r"arp_{}=",
    "route": r"route_address_\S*?_{}=",
    "ip_rule": r"ip_rule_{}=",
    "ip_route": r"ip_route_{}=",
}


@dataclass(frozen=True)
class Values:
    """The addresses of one device, either live or as saved in the file; None where there is none."""

    address: IPv4Interface | None = None
    gateway: IPv4Address | None = None
    detection: IPv4Address | None = None


def saved_values(text: str, device: int) -> Values:
    """Return what the file holds for a device; a value that hccn_tool could not use counts as none."""
    return Values(_interface(text, device), _address(text, "gateway", device), _detection(text, device))


def value_of(text: str, name: str, device: int) -> str | None:
    """Return the value of ``name_device`` as hccn_tool reads it: of the first such line, as it stands."""
    key = f"{name}_{device}="
    return next((line[len(key) :] for line in _lines(text) if line.startswith(key)), None)


def devices_in(text: str) -> set[int]:
    """Return the ids of all devices that have an address in the file."""
    return {int(number) for number in _ADDRESS_KEY.findall(text)}


def damages(text: str) -> list[str]:
    """Name what makes hccn_tool misread the file or damage it at its next write; see :func:`repaired`."""
    found = []
    if any(line.endswith("\r") for line in _lines(text)):
        found.append("line ends are CR LF instead of LF")
    if text and not text.endswith("\n"):
        found.append("the last line has no line end")
    glued = sum(1 for line in _lines(text) if _GLUED.match(line.rstrip("\r")))
    if glued:
        found.append(f"{glued} line{'s hold' if glued > 1 else ' holds'} two settings glued together")
    return found


def repaired(text: str) -> str:
    """Return the text without :func:`damages`; comments, unknown keys and the order of lines stay."""
    mended: list[str] = []
    for line in _lines(text):
        mended += _unglued(line.rstrip("\r"))
    return "".join(f"{line}\n" for line in mended)


def oddities(text: str) -> list[str]:
    """Name what does no harm but may not mean what its writer thought: double keys, keys with blanks."""
    keys = [match.group(1) for match in map(_KEY.match, _lines(text)) if match]
    double = sorted({key for key in keys if keys.count(key) > 1})
    spaced = [line.split("=")[0].strip() for line in _lines(text) if _SPACED_KEY.match(line)]
    return [f"{key} stands there more than once; hccn_tool takes the first" for key in double] + [
        f"{key} has blanks around it; hccn_tool does not find it" for key in spaced
    ]


def companions(text: str, device: int) -> tuple[str, ...]:
    """Return the lines that hccn_tool takes along when it drops the gateway of a device.

    It drops every line that contains ``gateway_N=``, thus IPv6gateway_N too, even in a comment.
    """
    key = f"gateway_{device}="
    return tuple(line for line in _lines(text) if key in line and not line.startswith(key))


def lines_of(text: str, kind: str, device: int) -> list[str]:
    """Return the lines of a device for a setting of several lines: arp, route, ip_rule or ip_route."""
    mine = re.compile(_LIST_KINDS[kind].format(device), re.ASCII)
    return [line for line in _lines(text) if mine.match(line)]


def with_line(text: str, key: str, line: str) -> str:
    """Return the text after hccn_tool saved a key: its old lines are gone, the new one comes last."""
    return without_starts(text, (f"{key}=",)) + f"{line}\n"


def without_part(text: str, part: str) -> str:
    """Return the text after hccn_tool dropped a key: every line that contains it anywhere is gone."""
    return "".join(f"{line}\n" for line in _lines(text) if part not in line)


def without_match(text: str, parts: tuple[str, ...]) -> str:
    """Return the text after hccn_tool dropped an entry: the first line that contains all parts is gone.

    So 10.20.0.1 may take the line of 10.20.0.11 along, and leave its own (hicann/driver tool_recovery.c).
    """
    lines = _lines(text)
    first = next((place for place, line in enumerate(lines) if all(part in line for part in parts)), None)
    return "".join(f"{line}\n" for place, line in enumerate(lines) if place != first)


def without_starts(text: str, starts: tuple[str, ...]) -> str:
    """Return the text without the lines that begin with one of ``starts``."""
    return "".join(f"{line}\n" for line in _lines(text) if not line.startswith(starts))


def edited(text: str, order: tuple[str, ...]) -> str:
    """Return the text after one edit.

    ``repair``; ``put-back`` lines that are gone; ``take-out`` keys; ``lines``, a kind, a device and all the
    lines that the device shall have of that kind.
    """
    word, words = order[0], order[1:]
    if word == "repair":
        return repaired(text)
    if word == "put-back":
        gone = [line for line in words if line not in _lines(text)]
        return repaired(text) + "".join(f"{line}\n" for line in gone)
    if word == "take-out":
        return without_starts(text, tuple(f"{key}=" for key in words))
    if word == "lines":
        old = set(lines_of(text, words[0], int(words[1])))
        kept = [line for line in _lines(text) if line not in old]
        return "".join(f"{line}\n" for line in [*kept, *words[2:]])
    raise ValueError(f"no edit of the file is called {word!r}")


def _lines(text: str) -> list[str]:
    """Split at LF only, as hccn_tool does; str.splitlines would also split at other characters."""
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _unglued(line: str) -> list[str]:
    parts = []
    match = _GLUED.match(line)
    while match:
        parts.append(match.group(1))
        line = match.group(2)
        match = _GLUED.match(line)
    return [*parts, line]


def _interface(text: str, device: int) -> IPv4Interface | None:
    address, netmask = value_of(text, "address", device), value_of(text, "netmask", device)
    if address is None or netmask is None:
        return None
    try:
        return parse_interface(address, netmask)
    except ValueError:  # hccn_tool refuses it at the next replay, so it is as good as absent
        return None


def _address(text: str, name: str, device: int) -> IPv4Address | None:
    value = value_of(text, name, device)
    try:
        return None if value is None else parse_address(value)
    except ValueError:  # as above
        return None


def _detection(text: str, device: int) -> IPv4Address | None:
    address = _address(text, "netdetect", device)
    return None if address is None or address.is_unspecified else address
