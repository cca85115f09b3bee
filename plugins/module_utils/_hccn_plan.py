# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the device network that was found to the one that is wanted: an ordered list of steps.

hccn_tool drops a gateway that a new address cannot reach, takes other lines of the file along when it does,
and writes the file last; what is set again, put back and in which order follows from that. Every step can be
repeated, so a run that was cut anywhere is finished by the next one.
All functions are pure. This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface
from typing import TYPE_CHECKING

from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_conf as conf
from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_tool as tool
from ansible_collections.ascend.fleet.plugins.module_utils._converge import Step
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_link import (
    down_steps,
    quiet_devices,
    raised,
    up_steps,
    wanted_up,
)
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_more import (
    steps_after_gateways,
    steps_before_addresses,
)
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_moves import after_moves, order_of_moves
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_refusals import refusals
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_terms import (
    WishError,
    group_members,
    group_name,
    group_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

    from ansible_collections.ascend.fleet.plugins.module_utils._hccn_moves import Found, Move
    from ansible_collections.ascend.fleet.plugins.module_utils._hccn_terms import Wanted


def plan(
    found: Found, wanted: Sequence[Wanted], group_gateway: bool, link_down_allowed: bool | None = None
) -> list[Step]:
    """List the steps that lead from ``found`` to ``wanted``, in order; raise WishError when none do.

    ``group_gateway``: the product keeps one gateway for each group of four (910), not one for each device.
    Devices that are not wanted keep what they have. A device whose link stays down is led by way of a link
    that is up, when it needs more than that.
    """
    problems = list(refusals(found, wanted, link_down_allowed))
    if problems:
        raise WishError(problems)
    up = wanted_up(found, wanted)
    steps = _steps(found, wanted, group_gateway, up)
    busy = {int(step.args[1]) for step in steps if step.args[0] == "-i"} & quiet_devices(found, wanted)
    return _steps(found, wanted, group_gateway, up | busy) if busy else steps


def _steps(found: Found, wanted: Sequence[Wanted], group_gateway: bool, up: Set[int]) -> list[Step]:
    """List the steps, the links of ``up`` coming up first."""
    moves = order_of_moves(replace(found, raised=frozenset(up)), wanted)
    gateways = gateways_after(found, wanted, moves, group_gateway)
    file_steps = [*_mending(found, wanted), *_take_out(found, wanted, gateways if group_gateway else {})]
    ground = raised(_after_edits(found, file_steps), wanted, up)
    changes = dict(_gateway_changes(ground, gateways, moves, group_gateway))
    return [
        *file_steps,
        *up_steps(up),
        *steps_before_addresses(ground, wanted),
        *(_move_step(move) for move in moves),
        *(_gateway_step(device, gateway) for device, gateway in changes.items()),
        *_put_back(ground, moves, changes, group_gateway),
        *_detection_steps(ground, wanted),
        *steps_after_gateways(ground, wanted, moves),
        *down_steps(ground, wanted),
    ]


def carrier_of(found: Found, members: Iterable[Wanted]) -> Wanted:
    """Return the device that carries the one gateway of a group: one that has it saved, else the first."""
    ordered = sorted(members, key=lambda wish: wish.id)
    return next((wish for wish in ordered if found.saved(wish.id).gateway == wish.gateway), ordered[0])


def groups_with_gateway(wanted: Iterable[Wanted]) -> list[list[Wanted]]:
    """Return the wishes that name a gateway, by group of four."""
    groups: dict[int, list[Wanted]] = {}
    for wish in wanted:
        if wish.gateway is not None:
            groups.setdefault(group_of(wish.id), []).append(wish)
    return list(groups.values())


def gateways_after(
    found: Found, wanted: Sequence[Wanted], moves: Sequence[Move], group_gateway: bool
) -> dict[int, IPv4Address]:
    """Return the gateway each device shall have: a wanted one, or a saved one that a detour would lose."""
    carriers = {carrier_of(found, members).id for members in groups_with_gateway(wanted)}
    gateways = {}
    for wish in wanted:
        kept = found.saved(wish.id).gateway
        _live, saved = after_moves(found, wish.id, moves)
        if wish.gateway is not None:
            if not group_gateway or wish.id in carriers:
                gateways[wish.id] = wish.gateway
        elif kept is not None and not group_gateway and saved.gateway != kept and _reaches(wish, kept):
            gateways[wish.id] = kept
    return gateways


def _reaches(wish: Wanted, gateway: IPv4Address) -> bool:
    return wish.address is not None and gateway in wish.address.network


def _mending(found: Found, wanted: Sequence[Wanted]) -> Iterator[Step]:
    if found.text is None and wanted:
        yield Step(f"create {found.path}, empty, owned by root, mode 0640", ("create",))
    damages = conf.damages(found.text or "")
    if damages and wanted:
        yield Step(f"repair {found.path}: {', '.join(damages)}", ("repair",))


def _take_out(found: Found, wanted: Sequence[Wanted], shared: Mapping[int, IPv4Address]) -> Iterator[Step]:
    """Take out saved gateways that hccn_tool stumbles over, and those that fight for a group at each boot."""
    declared = [wish for wish in wanted if wish.address is not None]
    reasons = {wish.id: "it is no address" for wish in declared if found.saved(wish.id).gateway is None}
    for carrier, gateway in shared.items():
        for device in group_members(carrier):
            if device != carrier and found.saved(device).gateway != gateway:
                reasons[device] = f"{group_name(carrier)} share {gateway}"
    for device, reason in sorted(reasons.items()):
        value = conf.value_of(found.conf, "gateway", device)
        if value is not None:
            yield Step(
                f"take gateway_{device}={value} out of {found.path}, because {reason}",
                ("take-out", f"gateway_{device}"),
            )


def _after_edits(found: Found, steps: Iterable[Step]) -> Found:
    text = found.conf
    for step in steps:
        text = text if step.args == ("create",) else conf.edited(text, step.args)
    return replace(found, text=text)


def _gateway_changes(
    found: Found, gateways: Mapping[int, IPv4Address], moves: Sequence[Move], group_gateway: bool
) -> Iterator[tuple[int, IPv4Address]]:
    shaken = {group_of(move.device) for move in moves} if group_gateway else set()
    for device, gateway in gateways.items():
        live, saved = after_moves(found, device, moves)
        if group_of(device) in shaken or not live.gateway == saved.gateway == gateway:
            yield device, gateway


def _move_step(move: Move) -> Step:
    return Step(move.why, tool.address_order(move.device, IPv4Interface(str(move.to))))


def _gateway_step(device: int, gateway: IPv4Address) -> Step:
    return Step(f"set the gateway of device {device} to {gateway}", tool.gateway_order(device, gateway))


def _put_back(
    found: Found, moves: Sequence[Move], changes: Mapping[int, IPv4Address], group_gateway: bool
) -> Iterator[Step]:
    """Put back what hccn_tool deletes together with a gateway."""
    shaken = {other for device in changes for other in group_members(device)} if group_gateway else set()
    for device in sorted({*(move.device for move in moves), *changes, *shaken}):
        lines = conf.companions(found.conf, device)
        if lines and (device in shaken or _drops_gateway(found, device, moves, changes.get(device))):
            yield Step(
                f"put back {', '.join(lines)} in {found.path}, lost with the gateway of device {device}",
                ("put-back", *lines),
            )


def _drops_gateway(found: Found, device: int, moves: Sequence[Move], gateway: IPv4Address | None) -> bool:
    """Tell whether hccn_tool may delete the saved gateway of a device on the way to ``gateway``.

    It is unknown whether a live gateway that is not saved outlives a change of address: think of both.
    """
    before, _saved = found.values(device)
    live, saved = after_moves(found, device, moves)
    if found.saved(device).gateway is not None and saved.gateway is None:
        return True
    if gateway is None:
        return False
    return any(_set_drops(held, saved.gateway, gateway) for held in (before.gateway, live.gateway))


def _set_drops(live: IPv4Address | None, saved: IPv4Address | None, gateway: IPv4Address) -> bool:
    """Tell whether setting ``gateway`` deletes a saved one: the file is first led to the live one."""
    if live is None:
        return saved is not None
    return live != gateway or saved not in (None, live)


def _detection_steps(found: Found, wanted: Sequence[Wanted]) -> Iterator[Step]:
    for wish in wanted:
        if wish.detection is None:
            continue
        target = None if wish.detection.is_unspecified else wish.detection
        live, saved = found.values(wish.id)
        if not live.detection == saved.detection == target:
            why = f"set the detection address of device {wish.id} to {wish.detection}"
            yield Step(why, tool.detection_order(wish.id, wish.detection))
