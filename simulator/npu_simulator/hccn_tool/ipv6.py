# SPDX-License-Identifier: GPL-3.0-or-later
"""The `-inet6` forms of `-ip`, `-gateway` and `-netdetect`.

Only 910B/046 and 047 record them; keys and texts otherwise from hicann/driver ascend910B/hccn_tool.
"""

from __future__ import annotations

from ipaddress import AddressValueError, IPv6Address
from typing import TYPE_CHECKING

from npu_simulator.hccn_tool.messages import Code, HccnError
from npu_simulator.hccn_tool.session import Session, no_words, pairs

if TYPE_CHECKING:
    from npu_simulator.live import Live

LEAST_MTU = 1280
_LONGEST_PREFIX = 128


def get_address(session: Session, words: list[str]) -> list[str]:
    """Answer `-ip -inet6 -g`."""
    no_words(words)
    live = _live(session)
    if live["ipv6_address"] is None:
        raise HccnError(Code.NO_ADDRESS)
    return [f"ipv6_address:{live['ipv6_address']}", f"prefix_length:{live['ipv6_prefix']}"]


def set_address(session: Session, words: list[str]) -> None:
    """Run `-ip -inet6 -s ipv6_address A prefix_length N`."""
    given = pairs(words, "ipv6_address", "prefix_length")
    order_address(session, given["ipv6_address"], given["prefix_length"])
    session.file.save("IPv6address", session.phy_id, given["ipv6_address"])
    session.file.save("IPv6netmask", session.phy_id, given["prefix_length"])


def order_address(session: Session, address: str, prefix: str) -> None:
    """Give the device an IPv6 address. Raises HccnError IP_INVALID, MTU_TOO_SMALL and those of the device."""
    _check(address)
    if not prefix.isdigit() or int(prefix) > _LONGEST_PREFIX:
        raise HccnError(Code.IP_INVALID)
    if _live(session)["mtu"] < LEAST_MTU:
        raise HccnError(Code.MTU_TOO_SMALL)
    if not session.file.exists():
        raise HccnError(Code.FILE_ACCESS)
    with session.device.ordered() as npu:
        npu["live"].update({"ipv6_address": address, "ipv6_prefix": int(prefix)})


def get_gateway(session: Session, words: list[str]) -> list[str]:
    """Answer `-gateway -inet6 -g`."""
    no_words(words)
    gateway = _live(session)["ipv6_gateway"]
    if gateway is None:
        raise HccnError(Code.NO_GATEWAY)
    return [f"default gateway:{gateway}, Iface:eth{session.phy_id}"]


def set_gateway(session: Session, words: list[str]) -> None:
    """Run `-gateway -inet6 -s ipv6_gateway G`."""
    gateway = pairs(words, "ipv6_gateway")["ipv6_gateway"]
    if _live(session)["ipv6_address"] is None:
        raise HccnError(Code.NO_IP_FOR_GATEWAY)
    order_gateway(session, gateway)
    session.file.save("IPv6gateway", session.phy_id, gateway)


def order_gateway(session: Session, gateway: str) -> None:
    """Give the device an IPv6 gateway. Raises HccnError IP_INVALID and those of the device."""
    _check(gateway)
    with session.device.ordered() as npu:
        npu["live"]["ipv6_gateway"] = gateway


def get_detection(session: Session, words: list[str]) -> list[str]:
    """Answer `-netdetect -inet6 -g`."""
    no_words(words)
    return [f"netdetect addr: {_live(session)['ipv6_netdetect'] or '::'}"]


def set_detection(session: Session, words: list[str]) -> None:
    """Run `-netdetect -inet6 -s ipv6_address A`."""
    address = pairs(words, "ipv6_address")["ipv6_address"]
    order_detection(session, address)
    session.file.save("IPv6netdetect", session.phy_id, address)


def order_detection(session: Session, address: str) -> None:
    """Give the device an IPv6 detection address. Raises HccnError IP_INVALID and those of the device."""
    _check(address)
    with session.device.ordered() as npu:
        npu["live"]["ipv6_netdetect"] = address


def _live(session: Session) -> Live:
    with session.device.asked() as npu:
        return npu["live"]


def _check(address: str) -> None:
    try:
        IPv6Address(address)
    except AddressValueError as error:
        raise HccnError(Code.IP_INVALID) from error
