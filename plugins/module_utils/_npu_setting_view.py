# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the settings of a node are shown: in the result of the module, and as text to compare.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils import _npu_setting_types as types
from ansible_collections.ascend.fleet.plugins.module_utils._npu_setting_plan import (
    as_text,
    match_vnpus,
    order_words,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ansible_collections.ascend.fleet.plugins.module_utils._converge import Step
    from ansible_collections.ascend.fleet.plugins.module_utils._npu_setting_plan import Found
    from ansible_collections.ascend.fleet.plugins.module_utils._npu_setting_wish import (
        Place,
        Vnpu,
        Wanted,
        Wish,
    )


def state_of(found: Found, wanted: Wanted) -> dict[str, Any]:
    """Return the declared settings as they were read."""
    return _state(
        wanted,
        {wish: found.reading(wish).value for wish in wanted.wishes},
        {chip.place: _vnpus(found.vnpus[chip.place]) for chip in wanted.vnpus},
    )


def expected_state(found: Found, wanted: Wanted, withheld: Mapping[tuple[str, ...], Step]) -> dict[str, Any]:
    """Return the declared settings as they will be, those withheld as they are."""
    values = {
        wish: found.reading(wish).value if order_words(found, wish) in withheld else wish.value
        for wish in wanted.wishes
    }
    vnpus = {}
    for chip in wanted.vnpus:
        match = match_vnpus(chip, found.vnpus[chip.place])
        spared = any(words[3:7] == chip.place.words for words in withheld)
        there = found.vnpus[chip.place] if spared else (*match.kept, *match.missing)
        vnpus[chip.place] = _vnpus(there)
    return _state(wanted, values, vnpus)


def _vnpus(vnpus: Sequence[Vnpu]) -> list[dict[str, Any]]:
    return [{"template": one.template, "vnpu_id": one.vnpu_id, "vgroup_id": one.vgroup_id} for one in vnpus]


def _state(wanted: Wanted, values: Mapping[Wish, Any], vnpus: Mapping[Place, Any]) -> dict[str, Any]:
    node: dict[str, Any] = {}
    cards: dict[int, dict[str, Any]] = {}
    chips: dict[tuple[int, int], dict[str, Any]] = {}
    for wish in wanted.wishes:
        place, setting = wish.place, wish.setting
        if place.npu_id is None:
            node[setting.name] = values[wish]
        elif setting.level == types.CHIP:
            _chip(chips, place)[setting.name] = values[wish]
        else:
            cards.setdefault(place.npu_id, {"npu_id": place.npu_id})[setting.name] = values[wish]
    for chip in wanted.vnpus:
        _chip(chips, chip.place)["vnpus"] = vnpus[chip.place]
    return {
        "node": node,
        "cards": [cards[card] for card in sorted(cards)],
        "chips": [chips[chip] for chip in sorted(chips)],
    }


def _chip(chips: dict[tuple[int, int], dict[str, Any]], place: Place) -> dict[str, Any]:
    ids = (place.npu_id or 0, place.chip_id or 0)
    return chips.setdefault(ids, {"npu_id": ids[0], "chip_id": ids[1]})


def diff_text(state: dict[str, Any]) -> str:
    """Return the settings as lines, one for each, for the diff of Ansible."""
    lines = [f"{name}: {as_text(value)}" for name, value in state["node"].items()]
    for entry in [*state["cards"], *state["chips"]]:
        place = f"card {entry['npu_id']}" + (f" chip {entry['chip_id']}" if "chip_id" in entry else "")
        lines += [
            f"{place} {name}: {_as_words(value)}" for name, value in entry.items() if not name.endswith("_id")
        ]
    return "".join(f"{line}\n" for line in lines)


def _as_words(value: Any) -> str:
    return ", ".join(one["template"] for one in value) if isinstance(value, list) else as_text(value)
