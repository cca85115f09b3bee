# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of all aspects, in the order that hccn_tool needs around the IPv4 addresses.

All functions are pure. This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ansible_collections.ascend.fleet.plugins.module_utils._converge import Step
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_aspect import Change
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_aspects import (
    AFTER_GATEWAYS,
    BEFORE_ADDRESSES,
    IP_ROUTES,
    ROUTES,
)
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_ipv6 import ipv6_steps
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_tables import (
    lost_routes,
    without_foreign_routes,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ansible_collections.ascend.fleet.plugins.module_utils._hccn_aspect import Aspect
    from ansible_collections.ascend.fleet.plugins.module_utils._hccn_moves import Found, Move
    from ansible_collections.ascend.fleet.plugins.module_utils._hccn_terms import Wanted


def steps_before_addresses(found: Found, wanted: Sequence[Wanted]) -> Iterator[Step]:
    """Lead what does not depend on addresses, and what addresses depend on."""
    for aspect in BEFORE_ADDRESSES:
        for wish in wanted:
            yield from _steps_of(aspect, found, wish, moved=False)


def steps_after_gateways(found: Found, wanted: Sequence[Wanted], moves: Sequence[Move]) -> Iterator[Step]:
    """Lead what an address change may lose, set again what it lost and nobody declares, then lead IPv6."""
    after = replace(found, text=_text_after(found, moves))
    moved = {move.device: move.to.network for move in moves}
    for wish in wanted:
        if wish.id in moved:
            undeclared = {each.name for each in (ROUTES, IP_ROUTES)} - set(wish.more)
            for name, order in lost_routes(found.conf, after.conf, wish.id, moved[wish.id]):
                if name in undeclared:
                    yield Step(order.why, order.args)
    for aspect in AFTER_GATEWAYS:
        for wish in wanted:
            yield from _steps_of(aspect, after, wish, moved=wish.id in moved)
    yield from ipv6_steps(after, wanted)


def _text_after(found: Found, moves: Sequence[Move]) -> str:
    text = found.conf
    for move in moves:
        text = without_foreign_routes(text, move.device, move.to.network)
    return text


def _steps_of(aspect: Aspect, found: Found, wish: Wanted, moved: bool) -> Iterator[Step]:
    """Lead one aspect of one device; after an address change the file was replayed to its main table."""
    if aspect.name not in wish.more:
        return
    live = found.ports.get(wish.id, {}).get(aspect.name)
    if moved and aspect is ROUTES:
        live = aspect.replayed(None, aspect.saved(found.conf, wish.id))
    shaken = moved or wish.id in found.raised
    yield from aspect.steps(Change(wish.id, found.path, found.conf, live, wish.more[aspect.name], shaken))
