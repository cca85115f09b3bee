# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The terms of the device network: what a device shall have, groups of four, nets that a chip refuses.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

GROUP_SIZE = (
    4  # devices 0-3 and 4-7: hccn_tool compares addresses inside such a group, a 910 has one gateway in it
)
# hccn_tool of 910 and 910B refuses these: the host talks to its devices there
RESERVED = (IPv4Network("192.168.1.0/24"), IPv4Network("192.168.2.0/24"))


@dataclass(frozen=True)
class Wanted:
    """What one device shall have; what is None, and an aspect that is not in ``more``, is not managed.

    ``detection`` 0.0.0.0: no detection. ``more``: the wanted values of the aspects, by name.
    """

    id: int
    address: IPv4Interface | None = None
    gateway: IPv4Address | None = None
    detection: IPv4Address | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


class WishError(ValueError):
    """The wish cannot be met or would do harm; holds every problem of every device."""

    def __init__(self, problems: Sequence[str]) -> None:
        """Keep the problems and join them to one message."""
        self.problems = list(problems)
        super().__init__("the device network cannot be as wanted: " + "; ".join(self.problems))


def group_of(device: int) -> int:
    """Return the number of the group of four that a device belongs to."""
    return device // GROUP_SIZE


def group_members(device: int) -> range:
    """Return the ids of a device's group of four, its own among them."""
    first = group_of(device) * GROUP_SIZE
    return range(first, first + GROUP_SIZE)


def group_name(device: int) -> str:
    """Return the name of a device's group of four for people."""
    members = group_members(device)
    return f"devices {members[0]} to {members[-1]}"


def stance(device: int, wanted: Sequence[Wanted]) -> str:
    """Say why a device keeps its address."""
    listed = device in {wish.id for wish in wanted}
    return "whose address is not declared" if listed else "which is not in the list"
