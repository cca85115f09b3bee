# SPDX-License-Identifier: GPL-3.0-or-later
"""`-netdetect` and `-net_health`: the address that a device pings, and how that goes."""

from __future__ import annotations

from npu_simulator.hccn_tool import ipv4, ipv6
from npu_simulator.hccn_tool.device import net_health_of
from npu_simulator.hccn_tool.messages import Code, HccnError
from npu_simulator.hccn_tool.session import Session, no_words, pairs

HEALTH_WORDS = (  # real-programs.md H23; any other code is a failure
    "Success",
    "Socket fail",
    "Receive timeout",
    "Unreachable",
    "Time exceeded",
    "Fault",
    "Init",
    "Thread error",
    "Detect ip set",
    "Unknown",
)


def command(session: Session, words: list[str]) -> list[str] | None:
    """Run `-netdetect [-inet6] -s|-g`."""
    if words[:1] == ["-inet6"]:
        return session.choose(words[1:], {"-s": ipv6.set_detection, "-g": ipv6.get_detection})
    return session.choose(words, {"-s": _set, "-g": _get})


def order_detection(session: Session, address: str) -> None:
    """Give the device an address to ping; 0.0.0.0 unsets it. Raises HccnError IP_INVALID or BROADCAST."""
    if ipv4.number(address) == ipv4.BROADCAST:
        raise HccnError(Code.BROADCAST)
    with session.device.ordered() as npu:
        npu["live"]["netdetect"] = address


def health(session: Session, words: list[str]) -> list[str] | None:
    """Run `-net_health -g`."""
    if len(words) != 1:
        raise HccnError(Code.COUNT)
    return session.choose(words, {"-g": _health})


def _get(session: Session, words: list[str]) -> list[str]:
    no_words(words)
    with session.device.asked() as npu:
        return [f"netdetect addr: {npu['live']['netdetect'] or '0.0.0.0'}"]


def _set(session: Session, words: list[str]) -> None:
    address = pairs(words, "address")["address"]
    order_detection(session, address)
    session.file.save("netdetect", session.phy_id, address)


def _health(session: Session, _words: list[str]) -> list[str]:
    with session.device.asked() as npu:
        code = net_health_of(session.node, session.node.read(), npu)
    if code not in range(len(HEALTH_WORDS)):
        raise HccnError(Code.EXECUTE)
    return [f"net health status: {HEALTH_WORDS[code]}"]
