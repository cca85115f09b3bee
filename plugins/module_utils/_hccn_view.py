# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show the device network to people: values before and after, the diff, losses, and what was not taken.

All functions are pure. This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_conf as conf
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_conf import Values
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_moves import after_moves, order_of_moves
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_plan import (
    carrier_of,
    gateways_after,
    groups_with_gateway,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ansible_collections.ascend.fleet.plugins.module_utils._hccn_moves import Found
    from ansible_collections.ascend.fleet.plugins.module_utils._hccn_wish import Wanted


class DeviceState(NamedTuple):
    """The values of one device, live and saved; what is not managed is left out (None)."""

    id: int
    live: Values
    saved: Values

    def as_result(self) -> dict[str, Any]:
        """Return the state as the module returns it."""
        return {"id": self.id, "live": _as_result(self.live), "saved": _as_result(self.saved)}


def states_of(found: Found, wanted: Sequence[Wanted], group_gateway: bool) -> list[DeviceState]:
    """Return the values that were found.

    A gateway that a group of four shares is shown with each device that wants it, wherever it is saved.
    """
    carriers = {wish.id: wish.id for wish in wanted}
    if group_gateway:
        for members in groups_with_gateway(wanted):
            carriers.update(dict.fromkeys((wish.id for wish in members), carrier_of(found, members).id))
    states = []
    for wish in wanted:
        live, saved = found.values(wish.id)
        gateways = [values.gateway for values in found.values(carriers[wish.id])]
        if group_gateway and wish.gateway is None:
            gateways = [None, None]
        live, saved = replace(live, gateway=gateways[0]), replace(saved, gateway=gateways[1])
        states.append(DeviceState(wish.id, _managed(live, wish), _managed(saved, wish)))
    return states


def expected_states(found: Found, wanted: Sequence[Wanted], group_gateway: bool) -> list[DeviceState]:
    """Return the values that the plan leads to."""
    moves = order_of_moves(found, wanted)
    gateways = gateways_after(found, wanted, moves, group_gateway)
    states = []
    for wish in wanted:
        pair = []
        for values in after_moves(found, wish.id, moves):
            kept = None if group_gateway else gateways.get(wish.id, values.gateway)
            target = wish.detection if wish.detection and not wish.detection.is_unspecified else None
            pair.append(Values(wish.address, wish.gateway or kept, target))
        states.append(DeviceState(wish.id, pair[0], pair[1]))
    return states


def diff_text(states: Sequence[DeviceState], path: str, text: str | None) -> str:
    """Return the states as lines for C(--diff), and what is wrong with the file before them."""
    lines = [f"{path}: missing"] if text is None else [f"{path}: {damage}" for damage in conf.damages(text)]
    for state in states:
        if state.live == state.saved:
            lines.append(f"device {state.id}: {_in_words(state.live)}")
        else:
            lines.append(f"device {state.id} live: {_in_words(state.live)}")
            lines.append(f"device {state.id} saved: {_in_words(state.saved)}")
    return "".join(f"{line}\n" for line in lines)


def losses(before: Sequence[DeviceState], after: Sequence[DeviceState]) -> list[str]:
    """Say which gateways go because nobody states them and the new address cannot reach them."""
    found = []
    for old, new in zip(before, after):
        gateway = old.saved.gateway or old.live.gateway
        if gateway is not None and new.live.gateway is None and new.saved.gateway is None:
            found.append(
                f"device {new.id} loses its gateway {gateway}, which is outside the net of its new address "
                f"{new.saved.address}; give a gateway if it shall have one"
            )
    return found


def not_taken(states: Sequence[DeviceState], wanted: Sequence[Wanted], path: str) -> Iterator[str]:
    """Say for each value that differs from the wanted one: device, wanted, found live, found in the file."""
    for state, wish in zip(states, wanted):
        target = wish.detection if wish.detection and not wish.detection.is_unspecified else None
        for name, wants, live, saved in (
            ("address", wish.address, state.live.address, state.saved.address),
            ("gateway", wish.gateway, state.live.gateway, state.saved.gateway),
            ("detection address", target, state.live.detection, state.saved.detection),
        ):
            managed = wants is not None or (name == "detection address" and wish.detection is not None)
            if managed and not live == saved == wants:
                yield (
                    f"device {wish.id}: wanted {name} {wants or 'none'}, found {live or 'none'} on the "
                    f"device and {saved or 'none'} in {path}"
                )


def _managed(values: Values, wish: Wanted) -> Values:
    return values if wish.detection is not None else replace(values, detection=None)


def _as_result(values: Values) -> dict[str, Any]:
    return {
        "address": None if values.address is None else str(values.address.ip),
        "prefix": None if values.address is None else values.address.network.prefixlen,
        "gateway": None if values.gateway is None else str(values.gateway),
        "detection_address": None if values.detection is None else str(values.detection),
    }


def _in_words(values: Values) -> str:
    words = [str(values.address) if values.address else "no address"]
    if values.gateway:
        words.append(f"gateway {values.gateway}")
    if values.detection:
        words.append(f"detection address {values.detection}")
    return ", ".join(words)
