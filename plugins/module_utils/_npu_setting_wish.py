# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user declares for npu-smi's settings, laid out on the cards and chips of the node, and checked.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils import _npu_setting_types as types
from ansible_collections.ascend.fleet.plugins.module_utils._npu_setting_types import Setting
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_families import family_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_lists import MappedChip

_PREFIX = "Ascend "  # before the name in the mapping table, not in the big one
_MOST_CPUS = 16
_LAST_REPLAYED = 7  # the highest NPU ID that the boot script knows


class WishError(ValueError):
    """What is declared makes no sense for this node; the message names all problems."""


@dataclass(frozen=True)
class Place:
    """Where a setting goes: the node (both null), a card, or a chip of a card. ``family`` is the chip's."""

    npu_id: int | None = None
    chip_id: int | None = None
    family: str = field(default="", compare=False)

    def __str__(self) -> str:
        """Return the place as a sentence names it."""
        if self.npu_id is None:
            return "the node"
        return f"card {self.npu_id}" if self.chip_id is None else f"chip {self.chip_id} of card {self.npu_id}"

    @property
    def words(self) -> tuple[str, ...]:
        """Return the arguments that name the place to npu-smi."""
        card = () if self.npu_id is None else ("-i", str(self.npu_id))
        return card if self.chip_id is None else (*card, "-c", str(self.chip_id))


@dataclass(frozen=True)
class Wish:
    """One value that one place shall have."""

    setting: Setting
    place: Place
    value: Any


@dataclass(frozen=True)
class Vnpu:
    """A virtual NPU: as declared the ids may be null, as found they are there."""

    template: str
    vnpu_id: int | None = None
    vgroup_id: int | None = None


@dataclass(frozen=True)
class VnpuWish:
    """The virtual NPUs that a chip shall have, no others."""

    place: Place
    vnpus: tuple[Vnpu, ...]


@dataclass(frozen=True)
class Wanted:
    """Everything that is declared, in the order in which it is set."""

    layout: Layout
    wishes: tuple[Wish, ...]
    vnpus: tuple[VnpuWish, ...] = ()

    def named(self, name: str) -> list[Wish]:
        """Return the wishes for one setting."""
        return [wish for wish in self.wishes if wish.setting.name == name]


class Layout:
    """The cards and chips of a node by their ids."""

    def __init__(self, chips: Sequence[MappedChip]) -> None:
        """Take what ``npu-smi info -m`` answers. Raises WishError for a chip of no known family."""
        self.places: dict[int, dict[int, Place]] = {}
        for chip in chips:
            self.places.setdefault(chip.npu_id, {})[chip.chip_id] = _place(chip)
        families = {place.family for card in self.places.values() for place in card.values()}
        self.families = tuple(sorted(families))

    @property
    def cards(self) -> list[int]:
        """Return the NPU IDs."""
        return sorted(self.places)

    def card(self, npu_id: int) -> Place:
        """Return the place of a whole card."""
        return Place(npu_id, None, self.places[npu_id][min(self.places[npu_id])].family)

    def controller(self, npu_id: int) -> Place:
        """Return the place of a card's MCU: its id follows the last chip's. real-programs.md N10."""
        return Place(npu_id, max(self.places[npu_id]) + 1, self.card(npu_id).family)

    def chips(self) -> list[Place]:
        """Return the places of all chips."""
        return [self.places[card][chip] for card in self.cards for chip in sorted(self.places[card])]


def _place(chip: MappedChip) -> Place:
    name = chip.name or ""
    family = family_of(name[len(_PREFIX) :] if name.startswith(_PREFIX) else name)
    if family is None:
        raise WishError(
            f"npu-smi info -m names chip {chip.chip_id} of card {chip.npu_id} {name!r}, which is no family "
            "that this module knows; a chip without a name does not answer: see npu-smi info and dmesg"
        )
    return Place(chip.npu_id, chip.chip_id, family)


def understand(options: Mapping[str, Any], chips: Sequence[MappedChip]) -> Wanted:
    """Return what is wanted where. Raises WishError, which names all problems at once."""
    layout = Layout(chips)
    problems: list[str] = []
    wishes = [*_of_node(options["node"] or {}, layout), *_of_cards(options, layout, problems)]
    wishes += _of_chips(options, layout, problems)
    for wish in wishes:
        problems += _problems(wish)
    vnpus = list(_vnpus(options, layout))
    problems += [problem for wish in vnpus for problem in _vnpu_problems(wish, options["node"] or {})]
    distinct = list(dict.fromkeys(problems))
    if distinct:
        raise WishError(f"{len(distinct)} problem(s); {'; '.join(distinct)}")
    order = {setting.name: at for at, setting in enumerate(types.SETTINGS)}
    once = sorted(dict.fromkeys(wishes), key=lambda wish: order[wish.setting.name])
    return Wanted(layout, tuple(once), tuple(vnpus))


def _declared(options: Mapping[str, Any], level: str) -> Iterator[tuple[Setting, Any]]:
    for name in types.NAMES[level]:
        if options.get(name) is not None:
            yield types.BY_NAME[name], options[name]


def _of_node(options: Mapping[str, Any], layout: Layout) -> Iterator[Wish]:
    for setting, value in _declared(options, types.NODE):
        for family in layout.families:
            yield Wish(setting, Place(family=family), value)


def _of_cards(options: Mapping[str, Any], layout: Layout, problems: list[str]) -> list[Wish]:
    listed = {entry["npu_id"]: entry for entry in options["cards"]}
    problems += _listing_problems([(entry["npu_id"],) for entry in options["cards"]], "card")
    problems += [
        f"card {card} is not on this node, which has {_numbers(layout.cards)}"
        for card in listed
        if card not in layout.places
    ]
    wishes = []
    for card in layout.cards:
        both = _merged(options["all_cards"], listed.get(card))
        for setting, value in _declared(both, types.CARD):
            whole = setting.level == types.CARD
            wishes.append(Wish(setting, layout.card(card) if whole else layout.controller(card), value))
    return wishes


def _of_chips(options: Mapping[str, Any], layout: Layout, problems: list[str]) -> list[Wish]:
    listed = {(entry["npu_id"], entry["chip_id"]): entry for entry in options["chips"]}
    problems += _listing_problems([(entry["npu_id"], entry["chip_id"]) for entry in options["chips"]], "chip")
    there = {(place.npu_id, place.chip_id) for place in layout.chips()}
    problems += [
        f"chip {chip} of card {card} is not on this node; see npu-smi info -m"
        for card, chip in listed
        if (card, chip) not in there
    ]
    wishes = []
    for place in layout.chips():
        own = listed.get((place.npu_id or 0, place.chip_id or 0))
        for setting, value in _declared(_merged(options["all_chips"], own), types.CHIP):
            spared = _beyond_first(setting, place) and (own or {}).get(setting.name) is None
            if not spared:
                wishes.append(Wish(setting, place, _cpu_numbers(value)))
    return wishes


def _merged(general: Mapping[str, Any] | None, own: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what holds for one place: its own entry wins over the general one."""
    own = {name: value for name, value in (own or {}).items() if value is not None}
    return {**(general or {}), **own}


def _cpu_numbers(value: Any) -> Any:
    """Return C(cpu_num_cfg) as npu-smi writes it: AI, control and data CPUs, joined by colons."""
    return f"{value['ai']}:{value['control']}:{value['data']}" if isinstance(value, dict) else value


def _beyond_first(setting: Setting, place: Place) -> bool:
    return place.family in setting.first_chip_only and bool(place.chip_id)


def _listing_problems(ids: Sequence[tuple[int, ...]], what: str) -> list[str]:
    return [
        f"{what} {'/'.join(map(str, entry))} is listed {ids.count(entry)} times; write all of it in one entry"
        for entry in dict.fromkeys(ids)
        if ids.count(entry) > 1
    ]


def _problems(wish: Wish) -> Iterator[str]:
    setting, family = wish.setting, wish.place.family
    if family not in setting.families:
        yield (
            f"{setting.name}: {_chips_of(family)} have no such setting, those of {_list(setting.families)} "
            "have; take it out for this node"
        )
    elif _beyond_first(setting, wish.place):
        yield (
            f"{setting.name}: {_chips_of(family)} take it for chip 0 alone, not for {wish.place}; take it out"
        )
    if setting.highest and not setting.lowest <= wish.value <= setting.highest:
        yield (
            f"{setting.name} of {wish.place} is {wish.value}; give a number from {setting.lowest} to "
            f"{setting.highest}"
        )
    if setting.name == "cpu_num_cfg":
        yield from _cpu_problems(wish)


def _cpu_problems(wish: Wish) -> Iterator[str]:
    """Judge what every product refuses; the sum is the product's (4, 8 or 16) and judged by npu-smi."""
    ai, control, data = (int(number) for number in wish.value.split(":"))
    if data != 0 or control < 1 or ai < 0 or ai + control > _MOST_CPUS:
        yield (
            f"cpu_num_cfg of {wish.place} is {wish.value} (AI:control:data); give at least one control CPU, "
            "no data CPU, and as many together as the chip has (310B: 4, 310P: 8 or 16)"
        )


def _vnpus(options: Mapping[str, Any], layout: Layout) -> Iterator[VnpuWish]:
    listed = {(entry["npu_id"], entry["chip_id"]): entry for entry in options["chips"]}
    for place in layout.chips():
        both = _merged(options["all_chips"], listed.get((place.npu_id or 0, place.chip_id or 0)))
        if both.get("vnpus") is not None:
            wanted = [Vnpu(one["template"], one["vnpu_id"], one["vgroup_id"]) for one in both["vnpus"]]
            yield VnpuWish(place, tuple(wanted))


def _vnpu_problems(wish: VnpuWish, node: Mapping[str, Any]) -> Iterator[str]:
    family = wish.place.family
    if wish.vnpus and node.get("vnpu_mode") == "vm":
        yield "vnpus need vnpu_mode docker, but it is declared as vm; take one of them out"
    if family not in types.VNPU_FAMILIES:
        yield f"vnpus: {_chips_of(family)} cannot be split, those of {_list(types.VNPU_FAMILIES)} can"
    if family != "310p" and any(vnpu.vgroup_id is not None for vnpu in wish.vnpus):
        yield f"vnpus of {wish.place}: only chips of 310p have vgroup_id; take it out"
    ids = [vnpu.vnpu_id for vnpu in wish.vnpus if vnpu.vnpu_id is not None]
    twice = sorted({one for one in ids if ids.count(one) > 1})
    if twice:
        yield f"vnpus of {wish.place}: vnpu_id {_numbers(twice)} is given more than once"


def _chips_of(family: str) -> str:
    return f"chips of {family}"


def _list(families: Sequence[str]) -> str:
    return ", ".join(families)


def _numbers(values: Sequence[int]) -> str:
    return ", ".join(map(str, values)) or "none"


def doubts(wanted: Wanted) -> Iterator[str]:
    """Say what the boot script will not replay though the switch is on. real-programs.md N22."""
    if not any(wish.value for wish in wanted.named("device_share_cfg_recover")):
        return
    if "910_93" in wanted.layout.families:
        yield "device_share_cfg_recover is on, but the boot script of today's drivers shares nothing on A3"
    beyond = [card for card in wanted.layout.cards if card > _LAST_REPLAYED]
    if beyond:
        yield (
            f"device_share_cfg_recover is on, but the boot script of today's drivers shares only cards 0 to "
            f"{_LAST_REPLAYED}, not {_numbers(beyond)}"
        )
