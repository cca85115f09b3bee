# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Change the addresses of a host's devices in an order that never gives two of them the same one.

hccn_tool compares a new address with the live ones of the group of four and refuses a double, so a shift of
addresses starts at its far end, and a circle is broken by letting one device step aside.
All functions are pure. This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Network, ip_interface
from typing import TYPE_CHECKING, Any, Union

from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_conf as conf
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_conf import Values
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_terms import RESERVED, WishError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence, Set
    from ipaddress import IPv6Address, IPv6Interface

    from ansible_collections.ascend.fleet.plugins.module_utils._hccn_terms import Wanted

    Address = Union[IPv4Address, IPv6Address]
    Interface = Union[IPv4Interface, IPv6Interface]

# Where a device waits when the wanted net has no free address: link-local, so no router and no plan has it.
_WAITING_ROOM = IPv4Network("169.254.0.0/16")
_WAITING_ROOM6 = IPv6Network("2001:db8:ffff:ffff::/64")  # for documentation, likewise
_NOTHING = Values()
IPV4 = 4


@dataclass(frozen=True)
class Found:
    """What was read: the file's path, its text (None: no such file) and the live values of each device.

    ports: live values of the declared aspects, by device and name. refused: nets that the chip keeps for
    itself. raised: devices whose link comes up before all else, which replays the file to them. around: also
    gateways that nobody declares and devices outside the list were read, as is done where addresses change.
    """

    path: str
    text: str | None
    live: Mapping[int, Values]
    ports: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    refused: Sequence[IPv4Network] = RESERVED
    raised: frozenset[int] = frozenset()
    around: bool = True

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
    to: Interface
    partners: tuple[int, ...] | None = None

    @property
    def why(self) -> str:
        """Return the move in words."""
        kind = "address" if self.to.version == IPV4 else "IPv6 address"
        sentence = f"set the {kind} of device {self.device} to {self.to}"
        if self.partners is None:
            return sentence
        others = ", ".join(str(device) for device in self.partners)
        plural = "s" if len(self.partners) > 1 else ""
        return f"{sentence} for a moment, to trade addresses with device{plural} {others}"


@dataclass(frozen=True)
class Board:
    """Who has and who wants what: addresses by device, and those that no device may wait at."""

    held: Mapping[int, Set[Address]]
    due: Mapping[int, Interface]
    taken: Set[Address]
    refused: Sequence[IPv4Network] = ()


def is_due(found: Found, wish: Wanted) -> bool:
    """Tell whether the IPv4 address of a device is to be set."""
    live, saved = found.values(wish.id)
    if wish.address is None:
        return False
    return wish.id in found.raised or not live.address == saved.address == wish.address


def order_of_moves(found: Found, wanted: Sequence[Wanted]) -> list[Move]:
    """Order the changes of IPv4 addresses so that none sets one that another device still has live."""
    held: dict[int, set[Address]] = {}
    for device, values in found.live.items():
        replayed = found.saved(device) if device in found.raised else values
        held[device] = {each.address.ip for each in (values, replayed) if each.address}
    due = {wish.id: wish.address for wish in wanted if wish.address and is_due(found, wish)}
    return order_on(Board(held, due, set(_spoken_for(found, wanted)), found.refused))


def order_on(board: Board) -> list[Move]:
    """Order the changes of addresses of one board, of either version."""
    held, pending = dict(board.held), dict(board.due)
    moves = []
    while pending:
        free = [device for device in sorted(pending) if not _holders(held, device, pending[device].ip)]
        move = Move(free[0], pending.pop(free[0])) if free else _step_aside(board, held, pending)
        held[move.device] = {move.to.ip}
        moves.append(move)
    return moves


def after_moves(found: Found, device: int, moves: Sequence[Move]) -> tuple[Values, Values]:
    """Return the live and saved values of a device after its moves.

    With each one hccn_tool drops a saved gateway that the new address cannot reach, and sets one that it can.
    """
    live, saved = found.values(device)
    for move in moves:
        if move.device == device and isinstance(move.to, IPv4Interface):
            reachable = saved.gateway is not None and saved.gateway in move.to.network
            gateway = saved.gateway if reachable else None
            live = replace(live, address=move.to, gateway=gateway)
            saved = replace(saved, address=move.to, gateway=gateway)
    return live, saved


def _holders(held: Mapping[int, Set[Address]], device: int, address: Address) -> list[int]:
    return sorted(other for other, addresses in held.items() if address in addresses and other != device)


def _step_aside(board: Board, held: Mapping[int, Set[Address]], pending: Mapping[int, Interface]) -> Move:
    """Break a circle: every pending address is held by another pending device, and no two want the same."""
    circle: list[int] = []
    device = min(pending)
    while device not in circle:
        circle.append(device)
        device = _holders(held, device, pending[device].ip)[0]
    taken = set(board.taken).union(*held.values())
    to = _free_address(pending[circle[0]], taken, board.refused)
    return Move(circle[0], to, tuple(sorted(circle[1:])))


def _spoken_for(found: Found, wanted: Sequence[Wanted]) -> Iterator[Address]:
    """Yield every address that the device network of this host has or shall have."""
    for wish in wanted:
        yield from [wish.address.ip] if wish.address else []
        yield from (address for address in (wish.gateway, wish.detection) if address)
    for device in {*found.live, *conf.devices_in(found.conf)}:
        for values in found.values(device):
            yield from (address for address in (values.gateway, values.detection) if address)
            yield from [values.address.ip] if values.address else []


def _free_address(wanted: Interface, taken: Set[Address], refused: Sequence[IPv4Network]) -> Interface:
    """Return the highest free address of the wanted net, for plans fill a net from below.

    A net without one (two hosts on a point-to-point line) gives way to an address that no router leads to.
    """
    room = _WAITING_ROOM if wanted.version == IPV4 else _WAITING_ROOM6
    for network in (wanted.network, room):
        edge = 0 if network.max_prefixlen - network.prefixlen <= 1 else 1
        last, first = int(network.broadcast_address) - edge, int(network.network_address) + edge
        for number in range(last, first - 1, -1):
            address = network.network_address + (number - int(network.network_address))
            if address not in taken and not any(address in net for net in refused):
                return ip_interface(f"{address}/{network.prefixlen}")
    raise WishError([f"no address is free in {wanted.network} and {room} for devices to trade addresses"])
