# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read IPv4 texts as strictly as hccn_tool does: no leading zeros, no hostmasks, no holes in a netmask.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Interface

_OCTET = r"(?:0|[1-9]\d{0,2})"
_DOTTED = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}", re.ASCII)


def parse_address(text: str) -> IPv4Address:
    """Read four plain decimal numbers; raise ValueError, which quotes the text, for anything else."""
    if not _DOTTED.fullmatch(text):
        raise ValueError(f"{text!r} is no IPv4 address")
    return IPv4Address(text)


def parse_interface(address: str, netmask: str) -> IPv4Interface:
    """Join an address and a dotted netmask; raise ValueError, which quotes the wrong one of the two."""
    parse_address(netmask)
    interface = IPv4Interface(f"{parse_address(address)}/{netmask}")
    if str(interface.netmask) != netmask:  # ipaddress takes 0.0.0.255 for a /24
        raise ValueError(f"{netmask!r} is no netmask")
    return interface
