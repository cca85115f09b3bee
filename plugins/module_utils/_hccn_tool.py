# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialect of hccn_tool: its argument lists, its answers, and what its complaints mean.

The exit statuses of hccn_tool collide, so every answer is judged by its text alone. All functions are pure.
This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError
from ansible_collections.ascend.fleet.plugins.module_utils._ipv4 import parse_address, parse_interface

if TYPE_CHECKING:
    from collections.abc import Sequence
    from ipaddress import IPv4Address, IPv4Interface

    from ansible_collections.ascend.fleet.plugins.module_utils._cli import Result

PROGRAM = "hccn_tool"
SUCCESS = "Cmd executed successfully!"
BUSY = "hccn_tool is busy, please try again."
_NO_ADDRESS = "Get ipconf failed, because no ip was preset there!"
_NO_GATEWAY = "Get gateway failed, because no gateway was preset there!"
_UNKNOWN_DEVICE = ("Get invalid device id.", "Device ID is out of the valid range.")
_GONE = "The device is not exist!"
_UNKNOWN_COMMAND = ("Get invalid major cmd.", "Get unknown option!")
# What a chip or a release without a setting says when it is asked for it.
_UNSUPPORTED = (
    "This device does not support IPV6!",
    "This device does not support switching fec mode.",
    "The command is not supported on this product.",
    "The VM does not support this command.",
    *_UNKNOWN_COMMAND,
)
# What an order says when its goal was reached before; the reading that follows is the proof.
_REACHED = {
    "-d": (
        "Route not exist in routing table, can not delete!",
        "The confuguraion does not exist! Please preset firstly!",
        "FIB table does not exist!",
    ),
    "-a": ("IP route table already exists.", "Route already exist in routing table!"),
}
_REPLAY_FAILED = "Link up executed, but recovery failed"
_YES = "y\n"  # the only answers that go on are y and Y
LEAST_MTU_FOR_IPV6 = 1280  # a smaller one takes IPv6 away, and hccn_tool asks
_QUICK, _WITH_REPLAY = 30, 60  # seconds
_UNSET = "0.0.0.0"  # what -netdetect -g prints when no detection address is set

LINK_STATES = ("UP", "DOWN")
HEALTH_WORDS = (
    "Success",
    "Socket fail",
    "Socket failed",  # the word of 23.0.x
    "Receive timeout",
    "Unreachable",
    "Time exceeded",
    "Fault",
    "Init",
    "Thread error",
    "Detect ip set",
    "Unknown",
)
REPLAY_STATES = ("NONE", "START", "FAIL", "SUCCESS", "FAULT")

_NO_SUCH_DEVICE = (
    "this host has no such device, or its driver is not loaded; compare the ids with `npu-smi info -m`, "
    "reboot after a new driver"
)
_PERMISSION = "run as root (become), and see that /etc/hccn.conf is writable (mount options, lsattr)"
_ADVICE = (
    (BUSY, "something else keeps the device network busy; see which process uses hccn_tool, then run again"),
    (_UNKNOWN_DEVICE[0], _NO_SUCH_DEVICE),
    (_UNKNOWN_DEVICE[1], _NO_SUCH_DEVICE),
    (
        _GONE,
        "an NPU is off the bus (on Atlas 800 model 9000 any missing NPU of the host stops a gateway); "
        "look at `npu-smi info -l` and lspci, repair it or take its host out, then run again",
    ),
    (
        "Get device health status failed!",
        "the device does not tell its health; look at `npu-smi info`, reboot the host, then run again",
    ),
    ("permission denied: pls check this cmd run permission.", _PERMISSION),
    ("Read file failed, cmd execute failed!", _PERMISSION),
    ("Write configurations to config file failed.", _PERMISSION),
    ("Delete configurations from config file failed.", _PERMISSION),
    ("Open file failed, cmd execute failed!", _PERMISSION),
    ("The hccn.conf can't access", "see that /etc/hccn.conf exists and belongs to root, then run again"),
    ("The hccn.conf has no enough space", "/etc/hccn.conf is at its size limit of 1 MB; shorten it"),
    ("Parsing configurations from config file failed", "repair /etc/hccn.conf: one key_N=value per line"),
    (
        "The ip address configured is conflicted!",
        "another device of its group uses the address, or the product keeps that net for itself "
        "(192.168.1.0/24, 192.168.2.0/24; Atlas 800 model 9000 in SMP mode also 192.168.3.0 to 192.168.5.0); "
        "choose another address",
    ),
    (
        "The segment of configured gateway doesn't match",
        "the gateway is outside the net of the device's address: it did not take the one that hccn_tool "
        "reported as set; look at /var/log/hccn_tool/hccn_config.log, reboot the host, run again",
    ),
    (
        "Unable to configure gateway, because ip is not configured!",
        "the device has no address: it did not take the one that hccn_tool reported as set; look at "
        "/var/log/hccn_tool/hccn_config.log, reboot the host, run again",
    ),
    (
        "No certificate found, please set certs firstly!",
        "the device has no TLS certificates, so it has no TLS switch; load them with `hccn_tool -tls`, or "
        "leave tls out",
    ),
    ("User aborts command.", "its question got no answer that it takes; report it with the driver's version"),
    (
        "Unable to configure IPV6 address, because mtu is less than 1280!",
        f"give an mtu of {LEAST_MTU_FOR_IPV6} or more, or leave IPv6 out",
    ),
    ("Route rows reaches max! Can not add anymore!", "the routing table of the device is full; want fewer"),
    ("The number of pfc priority queues exceeds", "the chip takes four priorities at most"),
    ("This device does not support", "the chip lacks it; leave it out for this device"),
    ("The ip address you configured is invalid!", "choose another address"),
    ("Can not config broadcast address!", "choose another address"),
    ("The command is not supported on this product.", "this product has no such device network"),
    (
        "Command execute failed!",
        "the device refused; look at /var/log/hccn_tool/hccn_config.log and `npu-smi info`, then run again",
    ),
)


def address_query(device: int) -> tuple[str, ...]:
    """Ask for the live address and netmask of a device; ``device`` is its physical id."""
    return ("-i", str(device), "-ip", "-g")


def address_order(device: int, interface: IPv4Interface) -> tuple[str, ...]:
    """Set the address and netmask of a device, live and in /etc/hccn.conf."""
    values = ("address", str(interface.ip), "netmask", str(interface.netmask))
    return ("-i", str(device), "-ip", "-s", *values)


def gateway_query(device: int) -> tuple[str, ...]:
    """Ask for the live gateway of a device."""
    return ("-i", str(device), "-gateway", "-g")


def gateway_order(device: int, gateway: IPv4Address) -> tuple[str, ...]:
    """Set the gateway of a device, live and in /etc/hccn.conf."""
    return ("-i", str(device), "-gateway", "-s", "gateway", str(gateway))


def detection_query(device: int) -> tuple[str, ...]:
    """Ask for the live detection address of a device."""
    return ("-i", str(device), "-netdetect", "-g")


def detection_order(device: int, address: IPv4Address) -> tuple[str, ...]:
    """Set the detection address of a device, live and in /etc/hccn.conf; 0.0.0.0 unsets it."""
    return ("-i", str(device), "-netdetect", "-s", "address", str(address))


def link_query(device: int) -> tuple[str, ...]:
    """Ask for the link state of a device."""
    return ("-i", str(device), "-link", "-g")


def health_query(device: int) -> tuple[str, ...]:
    """Ask whether a device reaches its detection address."""
    return ("-i", str(device), "-net_health", "-g")


def replay_query(device: int) -> tuple[str, ...]:
    """Ask how far the replay of /etc/hccn.conf, which a boot starts, is for a device."""
    return ("-i", str(device), "-cfg", "status")


def is_busy(result: Result) -> bool:
    """Tell whether the tool asks to try again."""
    return BUSY in _said(result)


def is_unknown_device(result: Result) -> bool:
    """Tell whether the host has no device of this id, now or ever."""
    return any(text in _said(result) for text in _UNKNOWN_DEVICE)


def is_gone(result: Result) -> bool:
    """Tell whether the device has dropped off the bus."""
    return _GONE in _said(result)


def names_missing(result: Result) -> bool:
    """Tell whether an answer says that the device is not there, or not any more."""
    return is_unknown_device(result) or is_gone(result)


def parse_address_answer(result: Result) -> IPv4Interface | None:
    """Understand the answer to :func:`address_query`; None when the device has no address."""
    if _NO_ADDRESS in _said(result):
        return None
    found = re.search(r"^ipaddr:(\S+)\r?\nnetmask:(\S+)$", result.stdout, re.MULTILINE)
    if found is None:
        raise failure(result)
    try:
        return parse_interface(found.group(1), found.group(2))
    except ValueError as error:
        raise unreadable(result, error) from error


def parse_gateway_answer(result: Result) -> IPv4Address | None:
    """Understand the answer to :func:`gateway_query`; None when there is no gateway.

    The interface that the line ends with is no part of the meaning: drivers name it differently.
    """
    if _NO_GATEWAY in _said(result):
        return None
    return _one_address(result, r"^default gateway:([^,\s]+), Iface:\S+$")


def parse_detection_answer(result: Result) -> IPv4Address | None:
    """Understand the answer to :func:`detection_query`, of both spellings; None when it is unset."""
    address = _one_address(result, r"^netdetect addr(?:ess)?: (\S+)$")
    return None if str(address) == _UNSET else address


def parse_link_answer(result: Result) -> str:
    """Understand the answer to :func:`link_query`: ``UP`` or ``DOWN``."""
    return _one_word(result, r"^link status: (\S+)$", LINK_STATES)


def parse_health_answer(result: Result) -> str:
    """Understand the answer to :func:`health_query`: one of HEALTH_WORDS."""
    return _one_word(result, r"^net health status: (.+)$", HEALTH_WORDS)


def parse_replay_answer(result: Result) -> str | None:
    """Understand the answer to :func:`replay_query`: one of REPLAY_STATES.

    None when this release of the tool has no such query.
    """
    if any(text in _said(result) for text in _UNKNOWN_COMMAND):
        return None
    return _one_word(result, r"^config status:(\S+)$", REPLAY_STATES)


def answer_to(order: Sequence[str]) -> str | None:
    """Return what to answer to the question that an order asks; None when it asks none."""
    words = tuple(order[2:])
    if words == ("-link", "-s", "down"):
        return _YES
    return _YES if words[:3] == ("-mtu", "-s", "size") and int(words[3]) < LEAST_MTU_FOR_IPV6 else None


def time_limit(order: Sequence[str]) -> int:
    """Return the seconds that a call may take: bringing a link up replays the file."""
    return _WITH_REPLAY if tuple(order[2:]) == ("-link", "-s", "up") else _QUICK


def check_order(result: Result) -> None:
    """Accept the answer to an order, or raise CliError that says what to do.

    Deleting what is not there and adding what is there is fine. So is a link that comes up although the
    replay of the file fails, since the orders that follow set what is wanted.
    """
    words = _said(result)
    kind = result.argv[result.argv.index("-i") + 3]
    if SUCCESS in result.stdout.splitlines() or _REPLAY_FAILED in words:
        return
    if not any(text in words for text in _REACHED.get(kind, ())):
        raise failure(result)


def lacks(result: Result) -> str | None:
    """Return the words of a chip or a release that lacks the setting that was asked for; else None."""
    return next((text for text in _UNSUPPORTED if text in _said(result)), None)


def says_no_address(result: Result) -> bool:
    """Tell whether the device has no address, IPv4 or IPv6."""
    return _NO_ADDRESS in _said(result)


def says_no_gateway(result: Result) -> bool:
    """Tell whether the device has no gateway, IPv4 or IPv6."""
    return _NO_GATEWAY in _said(result)


def matched(result: Result, pattern: str) -> re.Match[str]:
    """Return the first place of stdout that a pattern matches, line by line; raise CliError without one."""
    found = re.search(pattern, result.stdout.replace("\r\n", "\n"), re.MULTILINE)
    if found is None:
        raise failure(result)
    return found


def rows_below(result: Result, head: str) -> list[str]:
    """Return the lines of a table below its title, without blank ones; raise CliError without the title."""
    rows = [row.strip() for row in result.stdout.splitlines()]
    if head not in rows:
        raise failure(result)
    return [row for row in rows[rows.index(head) + 1 :] if row]


def failure(result: Result) -> CliError:
    """Return the error for an answer that is no success: the device, the tool's words, and what to do."""
    said = _said(result)
    for text, advice in _ADVICE:
        if text in said:
            return CliError(f"device {_device(result)}: hccn_tool said {text!r}; {advice}", result)
    return CliError(
        f"device {_device(result)}: hccn_tool gave an answer that this collection does not know: {said!r}; "
        "look at /var/log/hccn_tool/hccn_config.log, and report the answer with the driver's version",
        result,
    )


def silence(error: CliError) -> CliError:
    """Return the error for a call that gave no answer in time: the device and what to do."""
    if error.result is None:
        return error
    return CliError(
        f"device {_device(error.result)}: {error.message}; either an NPU does not tell its health (hccn_tool "
        "then tries for 300 s) or another process holds the lock of /etc/hccn.conf; look at `npu-smi info` "
        "and `fuser -v /etc/hccn.conf`, reboot the host if an NPU hangs, then run again",
        error.result,
    )


def _said(result: Result) -> str:
    return "\n".join(stream.strip() for stream in (result.stdout, result.stderr) if stream.strip())


def _device(result: Result) -> str:
    return result.argv[result.argv.index("-i") + 1]


def _one_address(result: Result, pattern: str) -> IPv4Address:
    found = re.search(pattern, result.stdout, re.MULTILINE)
    if found is None:
        raise failure(result)
    try:
        return parse_address(found.group(1))
    except ValueError as error:
        raise unreadable(result, error) from error


def _one_word(result: Result, pattern: str, known: tuple[str, ...]) -> str:
    found = re.search(pattern, result.stdout, re.MULTILINE)
    if found is None or found.group(1).strip() not in known:
        raise failure(result)
    return found.group(1).strip()


def unreadable(result: Result, error: ValueError) -> CliError:
    """Return the error for an answer with a value that is none."""
    return CliError(f"device {_device(result)}: hccn_tool printed a value that is none: {error}", result)
