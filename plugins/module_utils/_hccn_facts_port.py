# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a port says of itself in short: addresses, speed, history, counters, pings. All functions are pure.

Each one understands the answer to one query of hccn_tool and returns facts by their names in the result.
They raise AbsentError when there is no value, and CliError that quotes the line which is not understood.
This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, NetmaskValueError
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_tool as tool
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_facts_lines import (
    NOT_AVAILABLE,
    AbsentError,
    all_lines,
    answered,
    cut,
    moment,
    only_line,
    refused,
    whole_number,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ansible_collections.ascend.fleet.plugins.module_utils._cli import Result

_MAC = r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}"
_FEC_WORDS = {"rs": "rs", "no": "off", "auto": "auto"}
_HISTORY_HEAD = re.compile(r"\[(?:devid|device) (\d+)\](.*)", re.ASCII)
_HISTORY_KEYS = {"current time": "now", "link up count": "up_count", "link down count": "down_count"}
_CHANGE = re.compile(r"(.+?) +LINK (UP|DOWN)")
_COUNTER = re.compile(r"(?P<name>\w+):\s*(?P<number>\d+)", re.ASCII)
_RESOURCE = re.compile(r"\[devid \d+\] (?P<name>\w+): (?P<number>\d+)", re.ASCII)
_RECEIVED = re.compile(r"recv seq=(\d+),time=([\d.]+)ms", re.ASCII)
_LOST = re.compile(r"recv time out seq=(\d+)", re.ASCII)
_PING_END = re.compile(r"(\d+) packets transmitted, (\d+) received, ([\d.]+)% packet loss", re.ASCII)


def address(result: Result) -> dict[str, Any]:
    """Understand `-ip -g`."""
    first, second = all_lines(result, [r"ipaddr:(\S+)", r"netmask:(\S+)"])
    try:
        found = IPv4Address(first[1])
        return {"address": str(found), "prefix": _prefix(second[1])}
    except (AddressValueError, NetmaskValueError, ValueError) as error:
        raise refused(result, f"{first[0]} {second[0]}") from error


def address_ipv6(result: Result) -> dict[str, Any]:
    """Understand `-ip -inet6 -g`; the answer ends with the length of the prefix."""
    first, second = all_lines(result, [r"ipv6_address:(\S+)", r"prefix_length:(\d+)"])
    try:
        found = str(IPv6Address(first[1]))
    except AddressValueError as error:
        raise refused(result, first[0]) from error
    return {"ipv6_address": found, "ipv6_prefix": int(second[1])}


def gateway(result: Result) -> dict[str, Any]:
    """Understand `-gateway -g`; drivers name the interface differently, so it is no part of the meaning."""
    match = only_line(result, r"default gateway:([^,\s]+), Iface:\S+")
    try:
        return {"gateway": str(IPv4Address(match[1]))}
    except AddressValueError as error:
        raise refused(result, match[0]) from error


def detection(result: Result) -> dict[str, Any]:
    """Understand `-netdetect -g`, in both spellings."""
    match = only_line(result, r"netdetect addr(?:ess)?: (\S+)")
    try:
        found = IPv4Address(match[1])
    except AddressValueError as error:
        raise refused(result, match[0]) from error
    if int(found) == 0:
        raise AbsentError("no detection address is set")
    return {"detection_address": str(found)}


def link(result: Result) -> dict[str, Any]:
    """Understand `-link -g`."""
    return {"link": only_line(result, r"link status: (UP|DOWN)")[1]}


def health(result: Result) -> dict[str, Any]:
    """Understand `-net_health -g`."""
    match = only_line(result, r"net health status: (.+)")
    if match[1] not in tool.HEALTH_WORDS:
        raise refused(result, match[0])
    return {"health": match[1]}


def speed(result: Result) -> dict[str, Any]:
    """Understand `-speed -g`."""
    match = only_line(result, r"Speed: (?:(\d+) Mb/s|Unknown!)")
    if match[1] is None:
        raise AbsentError("the port does not know its speed, as when the link is down")
    return {"speed_mbps": int(match[1])}


def mac(result: Result) -> dict[str, Any]:
    """Understand `-mac -g`."""
    return {"mac": only_line(result, rf"mac addr: ({_MAC})")[1].lower()}


def mtu(result: Result) -> dict[str, Any]:
    """Understand `-mtu -g`."""
    return {"mtu_bytes": int(only_line(result, r"mtu:(\d+)")[1])}


def fec(result: Result) -> dict[str, Any]:
    """Understand `-fec -g`."""
    return {"fec": _FEC_WORDS[only_line(result, r"fec mode: (rs|no|auto) FEC mode")[1]]}


def replay(result: Result) -> dict[str, Any]:
    """Understand `-cfg status`."""
    states = "|".join(tool.REPLAY_STATES)
    return {"config_status": only_line(result, rf"config status: ?({states})")[1]}


def vnic(result: Result) -> dict[str, Any]:
    """Understand `-vnic -g`."""
    patterns = [r"vnic link status: (UP|DOWN)", r"vnic ipaddr: (\S+)", r"vnic netmask: (\S+)"]
    state, first, second = all_lines(result, patterns)
    try:
        found = {"vnic_address": str(IPv4Address(first[1])), "vnic_prefix": _prefix(second[1])}
    except (AddressValueError, NetmaskValueError, ValueError) as error:
        raise refused(result, f"{first[0]} {second[0]}") from error
    return {"vnic_link": state[1], **found}


def history(result: Result) -> dict[str, Any]:
    """Understand `-link_stat -g`; older releases do not count how often the link went down."""
    found: dict[str, Any] = {"now": None, "up_count": None, "down_count": None, "changes": []}
    devices = set()
    for line in answered(result):
        match = _HISTORY_HEAD.fullmatch(line.strip())
        devices.add(match[1] if match else None)
        if match is None or len(devices) > 1:
            raise refused(result, line)
        _note_history(result, line, match[2].strip(), found)
    if found["now"] is None or found["up_count"] is None:
        raise cut(result)
    return {"link_history": found}


def statistics(result: Result) -> dict[str, Any]:
    """Understand `-stat -g`: every counter by its name."""
    head, *rows = answered(result)
    if head.strip() != "packet statistics:":
        raise refused(result, head)
    if not rows:
        raise cut(result)
    return {"statistics": _counted(result, rows, _COUNTER)}


def resources(result: Result) -> dict[str, Any]:
    """Understand `-hw_stats -g`: what RoCE has allocated on the device."""
    return {"roce_resources": _counted(result, answered(result), _RESOURCE)}


def ping(result: Result) -> dict[str, Any]:
    """Understand `-ping -g address A`: packets sent and received, and the mean time of these."""
    _head, *packets, end = (line.strip() for line in ["", *answered(result)])
    last = _PING_END.fullmatch(end)
    if last is None:
        raise refused(result, end)
    times = [time for line in packets for time in _packet_time(result, line)]
    sent, received = int(last[1]), int(last[2])
    if len(times) != received or received > sent:
        raise refused(result, end)
    mean = round(sum(times) / len(times), 6) if times else None
    return {"sent": sent, "received": received, "mean_ms": mean}


def _packet_time(result: Result, line: str) -> Iterator[float]:
    """Yield the time of a packet that came back; the first line only names device and address."""
    came_back = _RECEIVED.fullmatch(line)
    if came_back:
        yield float(came_back[2])
    elif not _LOST.fullmatch(line) and not re.fullmatch(r"device \d+ PING \S+", line, re.ASCII):
        raise refused(result, line)


def _note_history(result: Result, line: str, text: str, found: dict[str, Any]) -> None:
    name, colon, value = (part.strip() for part in text.partition(" :" if " :" in text else ": "))
    if name == "link change records" and colon and not value:
        return
    match = _CHANGE.fullmatch(text)
    if match is not None:
        change = {"time": moment(result, line, match[1]), "link": match[2]}
        if change in found["changes"][-1:]:
            raise refused(result, line)
        found["changes"].append(change)
        return
    key = _HISTORY_KEYS.get(name)
    known = moment(result, line, value) if key == "now" else whole_number(value)
    if key is None or known is None or found[key] is not None:
        raise refused(result, line)
    found[key] = known


def _counted(result: Result, rows: list[str], pattern: re.Pattern[str]) -> dict[str, int]:
    """Return counters by name; a name that comes twice belongs to two answers in one."""
    found: dict[str, int] = {}
    for row in rows:
        match = pattern.fullmatch(row.strip())
        if match is None or match["name"] in found:
            raise refused(result, row)
        found[match["name"]] = int(match["number"])
    return found


def _prefix(netmask: str) -> int:
    if netmask in NOT_AVAILABLE:
        raise ValueError(netmask)
    return IPv4Network(f"0.0.0.0/{IPv4Address(netmask)}").prefixlen
