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
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_aspect import Unsupported, said
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_aspects import ASPECTS, LINK
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_conf import Values
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_moves import after_moves, order_of_moves
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_plan import (
    carrier_of,
    gateways_after,
    groups_with_gateway,
)
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_tool import LEAST_MTU_FOR_IPV6

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ansible_collections.ascend.fleet.plugins.module_utils._hccn_aspect import Aspect
    from ansible_collections.ascend.fleet.plugins.module_utils._hccn_moves import Found
    from ansible_collections.ascend.fleet.plugins.module_utils._hccn_terms import Wanted


class DeviceState(NamedTuple):
    """The values of one device, live and saved; what is not managed is left out (None).

    The last two hold the declared aspects as the module returns them. The link is live only.
    """

    id: int
    live: Values
    saved: Values
    live_ports: Mapping[str, Any]
    saved_ports: Mapping[str, Any]

    def as_result(self) -> dict[str, Any]:
        """Return the state as the module returns it."""
        return {
            "id": self.id,
            "live": {**_as_result(self.live), **self.live_ports},
            "saved": {**_as_result(self.saved), **self.saved_ports},
        }


# The file knows nothing of links.
_SAVED = [aspect for aspect in ASPECTS if aspect is not LINK]


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
        ports = found.ports.get(wish.id, {})
        live_ports = _ports(wish, {each.name: ports.get(each.name) for each in ASPECTS})
        saved_ports = _ports(wish, {each.name: each.saved(found.conf, wish.id) for each in _SAVED})
        pair = [_managed(values, wish, found) for values in (live, saved)]
        states.append(DeviceState(wish.id, pair[0], pair[1], live_ports, saved_ports))
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
            pair.append(_managed(Values(wish.address, wish.gateway or kept, target), wish, found))
        saved_ports = _ports(wish, {each.name: wish.more.get(each.name) for each in _SAVED})
        states.append(DeviceState(wish.id, pair[0], pair[1], _ports(wish, wish.more), saved_ports))
    return states


def diff_text(states: Sequence[DeviceState], path: str, text: str | None) -> str:
    """Return the states as lines for C(--diff), and what is wrong with the file before them."""
    lines = [f"{path}: missing"] if text is None else [f"{path}: {damage}" for damage in conf.damages(text)]
    for state in states:
        live = _in_words(state.live, state.live_ports)
        shared = {name: value for name, value in state.live_ports.items() if name in state.saved_ports}
        if (state.live, shared) == (state.saved, state.saved_ports):
            lines.append(f"device {state.id}: {live}")
        else:
            lines.append(f"device {state.id} live: {live}")
            lines.append(f"device {state.id} saved: {_in_words(state.saved, state.saved_ports)}")
    return "".join(f"{line}\n" for line in lines)


def losses(before: Sequence[DeviceState], after: Sequence[DeviceState], text: str = "") -> list[str]:
    """Say what goes along with what is wanted: gateways that the new address cannot reach, IPv6."""
    found = []
    for old, new in zip(before, after):
        gateway = old.saved.gateway or old.live.gateway
        if gateway is not None and new.live.gateway is None and new.saved.gateway is None:
            found.append(
                f"device {new.id} loses its gateway {gateway}, which is outside the net of its new address "
                f"{new.saved.address}; give a gateway if it shall have one"
            )
        if _takes_ipv6(old, new) and conf.value_of(text, "IPv6address", new.id) is not None:
            found.append(f"device {new.id} loses its IPv6 address to an MTU below {LEAST_MTU_FOR_IPV6}")
    return found


def _takes_ipv6(old: DeviceState, new: DeviceState) -> bool:
    mtu = new.saved_ports.get("mtu")
    return mtu is not None and mtu < LEAST_MTU_FOR_IPV6 and old.saved_ports.get("mtu") != mtu


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
        yield from _not_taken_ports(state, wish, path)


def _not_taken_ports(state: DeviceState, wish: Wanted, path: str) -> Iterator[str]:
    for aspect in _declared(wish):
        wants = aspect.results(wish.more[aspect.name], wish.more[aspect.name])
        for name, want in wants.items():
            live, saved = state.live_ports[name], state.saved_ports.get(name, want)
            if not live == saved == want:
                yield (
                    f"device {wish.id}: wanted {name} {said(want)}, found {said(live)} on the device and "
                    f"{said(saved)} in {path}"
                )


def _declared(wish: Wanted) -> list[Aspect]:
    return [aspect for aspect in ASPECTS if aspect.name in wish.more]


def _ports(wish: Wanted, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of the declared aspects as the module returns them."""
    shown: dict[str, Any] = {}
    for aspect in _declared(wish):
        if aspect.name in values:
            value = values[aspect.name]
            known = None if isinstance(value, Unsupported) else value
            shown.update(aspect.results(known, wish.more[aspect.name]))
    return shown


def _managed(values: Values, wish: Wanted, found: Found) -> Values:
    """Return the values without what nobody declared; a gateway is told where an address changes too."""
    if wish.address is None:
        values = replace(values, address=None, gateway=None)
    if wish.gateway is None and not found.around:
        values = replace(values, gateway=None)
    return values if wish.detection is not None else replace(values, detection=None)


def _as_result(values: Values) -> dict[str, Any]:
    return {
        "address": None if values.address is None else str(values.address.ip),
        "prefix": None if values.address is None else values.address.network.prefixlen,
        "gateway": None if values.gateway is None else str(values.gateway),
        "detection_address": None if values.detection is None else str(values.detection),
    }


def _in_words(values: Values, ports: Mapping[str, Any]) -> str:
    words = [str(values.address)] if values.address else [] if ports else ["no address"]
    if values.gateway:
        words.append(f"gateway {values.gateway}")
    if values.detection:
        words.append(f"detection address {values.detection}")
    words += [f"{name.replace('_', ' ')} {said(value)}" for name, value in ports.items()]
    return ", ".join(words)
