# SPDX-License-Identifier: GPL-3.0-or-later
"""`-mtu` and `-mac`: size of frames and hardware address of a device's port."""

from __future__ import annotations

import re

from npu_simulator.hccn_tool.ipv6 import LEAST_MTU
from npu_simulator.hccn_tool.messages import Code, HccnError
from npu_simulator.hccn_tool.session import Session, no_words, ordered_pairs

MTU_RANGE = range(68, 9703)
_MTU_WARNING = (
    "[WARNING] The minimum limit of mtu in IPv6 protocol is 1280 bytes. If the mtu is configured to be less"
    " than 1280, it will result in the loss of IPv6 addresses and the inability to use the IPv6 protocol.\n"
    "Are you sure you want to continue?"
)
_MAC = re.compile(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}")
_REFUSED_MACS = frozenset({"00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"})


def mtu(session: Session, words: list[str]) -> list[str] | None:
    """Run `-mtu -s size N` or `-mtu -g`."""
    return session.choose(words, {"-s": _set_mtu, "-g": _get_mtu})


def mac(session: Session, words: list[str]) -> list[str] | None:
    """Run `-mac -s mac M` or `-mac -g`."""
    return session.choose(words, {"-s": _set_mac, "-g": _get_mac})


def checked_mtu(text: str) -> int:
    """Return the size; leading zeros pass. Raises HccnError PARAMETER (no number) or MTU_RANGE."""
    if not text.isdigit():
        raise HccnError(Code.PARAMETER)
    if int(text) not in MTU_RANGE:
        raise HccnError(Code.MTU_RANGE)
    return int(text)


def order_mtu(session: Session, size: int) -> None:
    """Set the size on the device; a small one takes IPv6 away."""
    with session.device.ordered() as npu:
        npu["live"]["mtu"] = size
        if size < LEAST_MTU:
            npu["live"].update({"ipv6_address": None, "ipv6_prefix": None, "ipv6_gateway": None})


def order_mac(session: Session, address: str) -> None:
    """Set the address on the device. Raises HccnError MAC_INVALID (form, multicast, reserved)."""
    if not _MAC.fullmatch(address) or address[1] == "1" or address.lower() in _REFUSED_MACS:
        raise HccnError(Code.MAC_INVALID)
    with session.device.ordered() as npu:
        npu["live"]["mac"] = address.lower()


def _get_mtu(session: Session, words: list[str]) -> list[str]:
    no_words(words)
    with session.device.asked() as npu:
        return [f"mtu:{npu['live']['mtu']}"]


def _set_mtu(session: Session, words: list[str]) -> None:
    """Set the size and save it as typed (hccn_tool/910B/148)."""
    (size,) = ordered_pairs(words, "size")
    if checked_mtu(size) < LEAST_MTU:
        session.confirm(_MTU_WARNING)
    order_mtu(session, int(size))
    session.file.save("mtu", session.phy_id, size)


def _get_mac(session: Session, words: list[str]) -> list[str]:
    no_words(words)
    with session.device.asked() as npu:
        return [f"mac addr: {npu['live']['mac'] or npu['mac']}"]


def _set_mac(session: Session, words: list[str]) -> None:
    (address,) = ordered_pairs(words, "mac")
    order_mac(session, address)
    session.file.save("mac_addr", session.phy_id, address)
