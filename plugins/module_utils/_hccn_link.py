# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links that go up before all else and down after it, and what that does to a device.

A link that comes up replays /etc/hccn.conf to its device. One that goes down takes gateway, routes and IPv6
away, so that they cannot be set, nor asked for, while it is down (transcripts hccn_tool/910B/126 to 137).
All functions are pure. This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils._converge import Step
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_aspect import Change
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_aspects import ASPECTS, LINK, LOST_WITH_LINK
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_port import DOWN, UP

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence, Set

    from ansible_collections.ascend.fleet.plugins.module_utils._hccn_conf import Values
    from ansible_collections.ascend.fleet.plugins.module_utils._hccn_moves import Found
    from ansible_collections.ascend.fleet.plugins.module_utils._hccn_terms import Wanted


def without_downs(wanted: Sequence[Wanted]) -> list[Wanted]:
    """Return the wishes without those for a link that is down, for a user who does not agree to them."""
    return [
        replace(
            wish,
            more={name: value for name, value in wish.more.items() if (name, value) != (LINK.name, DOWN)},
        )
        for wish in wanted
    ]


def taken_down(found: Found, wanted: Sequence[Wanted]) -> list[int]:
    """Return the devices whose link is to go down."""
    return [wish.id for wish in wanted if _wants(wish, DOWN) and _live(found, wish.id) != DOWN]


def wanted_up(found: Found, wanted: Sequence[Wanted]) -> set[int]:
    """Return the devices whose link is to come up."""
    return {wish.id for wish in wanted if _wants(wish, UP) and _live(found, wish.id) == DOWN}


def quiet_devices(found: Found, wanted: Sequence[Wanted]) -> set[int]:
    """Return the devices whose link is down and stays so."""
    return {wish.id for wish in wanted if _wants(wish, DOWN) and _live(found, wish.id) == DOWN}


def told_by_file(wish: Wanted, live: Values, ports: Mapping[str, Any], saved: Values, text: str) -> Any:
    """Return the values of a quiet device: the file speaks for what a link that is down takes away."""
    if not (_wants(wish, DOWN) and ports.get(LINK.name) == DOWN):
        return live, ports
    kept = {
        each.name: each.as_live(each.saved(text, wish.id)) for each in LOST_WITH_LINK if each.name in ports
    }
    return replace(live, gateway=saved.gateway), {**ports, **kept}


def raised(found: Found, wanted: Sequence[Wanted], up: Set[int]) -> Found:
    """Return what is found once the links of ``up`` are up: lists are replayed, the rest is not known."""
    live, ports = dict(found.live), dict(found.ports)
    for device in up:
        if device in live:
            live[device] = replace(live[device], gateway=None, detection=None)
        known = found.ports.get(device, {})
        replayed = {
            each.name: each.replayed(known[each.name], each.saved(found.conf, device))
            for each in ASPECTS
            if each.name in known
        }
        ports[device] = {**replayed, LINK.name: UP}
    return replace(found, live=live, ports=ports, raised=frozenset(up))


def up_steps(up: Set[int]) -> Iterator[Step]:
    """Bring links up."""
    for device in sorted(up):
        yield from LINK.steps(Change(device, "", "", DOWN, UP))


def down_steps(found: Found, wanted: Sequence[Wanted]) -> Iterator[Step]:
    """Take links down."""
    for wish in wanted:
        if _wants(wish, DOWN):
            yield from LINK.steps(Change(wish.id, "", "", _live(found, wish.id), DOWN))


def _wants(wish: Wanted, link: str) -> bool:
    return bool(wish.more.get(LINK.name) == link)


def _live(found: Found, device: int) -> Any:
    return found.ports.get(device, {}).get(LINK.name)
