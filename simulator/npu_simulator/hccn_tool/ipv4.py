# SPDX-License-Identifier: GPL-3.0-or-later
"""IPv4 arithmetic with the vendor's idea of what is valid."""

from __future__ import annotations

import re

from npu_simulator.hccn_tool.messages import Code, HccnError

BROADCAST = 0xFFFFFFFF
_OCTET = re.compile(r"0|[1-9][0-9]{0,2}")
_OCTETS = 4
BITS = 32
_OCTET_MAX = 255


def number(text: str) -> int:
    """Return the address as a number; leading zeros, blanks, octets over 255 raise HccnError IP_INVALID."""
    octets = text.split(".")
    if len(octets) != _OCTETS or not all(_OCTET.fullmatch(octet) for octet in octets):
        raise HccnError(Code.IP_INVALID)
    if any(int(octet) > _OCTET_MAX for octet in octets):
        raise HccnError(Code.IP_INVALID)
    return int.from_bytes(bytes(int(octet) for octet in octets), "big")


def host(text: str) -> int:
    """Return an address that a device may have; 0.0.0.0 and 255.255.255.255 raise HccnError IP_INVALID."""
    found = number(text)
    if found in {0, BROADCAST}:
        raise HccnError(Code.IP_INVALID)
    return found


def mask(text: str) -> int:
    """Return a netmask; one with holes raises HccnError IP_INVALID, 0.0.0.0 and 255.255.255.255 do not."""
    found = number(text)
    if found and (found | (found - 1)) != BROADCAST:
        raise HccnError(Code.IP_INVALID)
    return found


def same_net(one: str, other: str, netmask: str) -> bool:
    """Tell whether two addresses lie in one net. Raises HccnError IP_INVALID."""
    bits = number(netmask)
    return number(one) & bits == number(other) & bits


def base_and_mask(net: str) -> tuple[str, str]:
    """Return address and netmask of a net such as 192.168.0.0/21."""
    base, _slash, length = net.partition("/")
    bits = BROADCAST << (BITS - int(length)) & BROADCAST
    return base, _text(bits)


def network(address: str, netmask: str) -> str:
    """Return the address of the net that ``address`` lies in."""
    bits = number(address) & number(netmask)
    return _text(bits)


def _text(bits: int) -> str:
    return ".".join(str(octet) for octet in bits.to_bytes(_OCTETS, "big"))
