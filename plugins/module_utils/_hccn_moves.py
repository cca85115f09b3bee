# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Change the addresses of a host's devices in an order that never gives two of them the same one.

hccn_tool compares a new address with the live ones of the group of four and refuses a double, so a shift of
addresses starts at its far end, and a circle is broken by letting one device step aside.
All functions are pure. This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import TYPE_CHECKING

from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_conf as conf
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_conf import Values
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_wish import (
    POINT_TO_POINT,
    RESERVED,
    WishError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ansible_collections.ascend.fleet.plugins.module_utils._hccn_wish import Wanted

# Where a device waits when the wanted net has no free address: link-local, so no router and no plan has it.
_WAITING_ROOM = IPv4Network("169.254.0.0/16")
_NOTHING = Values()


@dataclass(frozen=True)
class Found:
    """What was read: the file's path, its text (None: no such file) and the live values of each device."""

    path: str
    text: str | None
    live: Mapping[int, Values]

    @property
    def conf(self) -> str:
        """Return the file's text as it is once it is repaired."""
        return conf.repaired(self.text or "")

    def values(self, device: int) -> tuple[Values, Values]:
        """Return the live and the saved values of a device."""
        return self.live.get(device, _NOTHING), self.saved(device)

    def saved(self, device: int) -> Values:
        """Return what the file holds for a device."""
        return conf.saved_values(self.conf, device)


@dataclass(frozen=True)
class Move:
    """One change of address; ``partners``: whom the device steps aside for, None when ``to`` is wanted."""

    device: int
    to: IPv4Interface
    partners: tuple[int, ...] | None = None

    @property
    def why(self) -> str:
        """Return the move in words."""
        sentence = f"set the address of device {self.device} to {self.to}"
        if self.partners is None:
            return sentence
        others = ", ".join(str(device) for device in self.partners)
        plural = "s" if len(self.partners) > 1 else ""
        return f"{sentence} for a moment, to trade addresses with device{plural} {others}"


def order_of_moves(found: Found, wanted: Sequence[Wanted]) -> list[Move]:
    """Order the changes of address so that none sets an address that another device still has live."""
    live = {device: values.address.ip for device, values in found.live.items() if values.address}
    pending = {wish.id: wish.address for wish in wanted if _is_due(found, wish)}
    moves = []
    while pending:
        free = [device for device in sorted(pending) if not _holders(live, device, pending[device].ip)]
        move = Move(free[0], pending.pop(free[0])) if free else _step_aside(found, wanted, live, pending)
        live[move.device] = move.to.ip
        moves.append(move)
    return moves


def after_moves(found: Found, device: int, moves: Sequence[Move]) -> tuple[Values, Values]:
    """Return the live and saved values of a device after its moves.

    With each one hccn_tool drops a saved gateway that the new address cannot reach, and sets one that it can.
    """
    live, saved = found.values(device)
    for move in moves:
        if move.device == device:
            reachable = saved.gateway is not None and saved.gateway in move.to.network
            gateway = saved.gateway if reachable else None
            live = replace(live, address=move.to, gateway=gateway)
            saved = replace(saved, address=move.to, gateway=gateway)
    return live, saved


def _is_due(found: Found, wish: Wanted) -> bool:
    live, saved = found.values(wish.id)
    return not live.address == saved.address == wish.address


def _holders(live: Mapping[int, IPv4Address], device: int, address: IPv4Address) -> list[int]:
    return sorted(other for other, held in live.items() if held == address and other != device)


def _step_aside(
    found: Found,
    wanted: Sequence[Wanted],
    live: Mapping[int, IPv4Address],
    pending: Mapping[int, IPv4Interface],
) -> Move:
    """Break a circle: every pending address is held by another pending device, and no two want the same."""
    circle: list[int] = []
    device = min(pending)
    while device not in circle:
        circle.append(device)
        device = _holders(live, device, pending[device].ip)[0]
    taken = {*live.values(), *_spoken_for(found, wanted)}
    return Move(circle[0], _free_address(pending[circle[0]], taken), tuple(sorted(circle[1:])))


def _spoken_for(found: Found, wanted: Sequence[Wanted]) -> Iterator[IPv4Address]:
    """Yield every address that the device network of this host has or shall have."""
    for wish in wanted:
        yield wish.address.ip
        yield from (address for address in (wish.gateway, wish.detection) if address)
    for device in {*found.live, *conf.devices_in(found.conf)}:
        for values in found.values(device):
            yield from (address for address in (values.gateway, values.detection) if address)
            yield from [values.address.ip] if values.address else []


def _free_address(wanted: IPv4Interface, taken: set[IPv4Address]) -> IPv4Interface:
    """Return the highest free address of the wanted net, for plans fill a net from below.

    A net without one (two hosts on a point-to-point line) gives way to a link-local address.
    """
    for network in (wanted.network, _WAITING_ROOM):
        edge = 0 if network.prefixlen >= POINT_TO_POINT else 1
        last, first = int(network.broadcast_address) - edge, int(network.network_address) + edge
        for number in range(last, first - 1, -1):
            address = IPv4Address(number)
            if address not in taken and not any(address in net for net in RESERVED):
                return IPv4Interface(f"{address}/{network.prefixlen}")
    raise WishError(
        [f"no address is free in {wanted.network} and {_WAITING_ROOM} for devices to trade addresses"]
    )
