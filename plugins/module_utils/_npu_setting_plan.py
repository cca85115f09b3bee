# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which orders lead from what npu-smi says to what is declared.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils import _npu_setting_types as types
from ansible_collections.ascend.fleet.plugins.module_utils._converge import Step
from ansible_collections.ascend.fleet.plugins.module_utils._npu_setting_answer import Reading
from ansible_collections.ascend.fleet.plugins.module_utils._npu_setting_share import (
    Sharing,
    parse_share_file,
    plan_sharing,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_setting_wish import WishError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ansible_collections.ascend.fleet.plugins.module_utils._npu_setting_wish import (
        Place,
        Vnpu,
        VnpuWish,
        Wanted,
        Wish,
    )

SHARE, RECOVERY = "device_share", "device_share_cfg_recover"


@dataclass
class Found:
    """What was read: values by setting and place, virtual NPUs by place, the share file, the power levels."""

    values: dict[tuple[str, Place], Reading] = field(default_factory=dict)
    vnpus: dict[Place, tuple[Vnpu, ...]] = field(default_factory=dict)
    levels: dict[str, str] = field(default_factory=dict)
    share_text: str | None = None

    def reading(self, wish: Wish) -> Reading:
        """Return what was read for a wish."""
        return self.values[wish.setting.name, wish.place]


def plan_settings(found: Found, wanted: Wanted, ordered: set[tuple[str, ...]]) -> list[Step]:
    """Return the orders in the order in which they are given.

    C(ordered) holds what this run has ordered already: of that, a value that cannot be read, or that takes
    effect later, counts as reached.
    """
    steps: list[Step] = []
    shared = False
    for wish in wanted.wishes:
        if wish.setting.name in (SHARE, RECOVERY):
            steps += [] if shared else plan_sharing(sharing_of(found, wanted))
            shared = True
        else:
            steps += _step(found, wish, ordered)
    for chip in wanted.vnpus:
        steps += _plan_vnpus(chip, found.vnpus[chip.place])
    return steps


def _step(found: Found, wish: Wish, ordered: set[tuple[str, ...]]) -> list[Step]:
    reading = found.reading(wish)
    if reading.value == wish.value:
        return []
    words = order_words(found, wish)
    if words in ordered and (reading.value is None or wish.setting.due):
        return []
    was = f"it is {as_text(reading.value)}" if reading.reason is None else reading.reason
    return [Step(f"set {wish.setting.name} of {wish.place} to {as_text(wish.value)} ({was})", words)]


def order_words(found: Found, wish: Wish) -> tuple[str, ...]:
    """Return the arguments of ``npu-smi set`` for a wish. Raises WishError for a level the board has not."""
    setting, value = wish.setting, wish.value
    argument = setting.values.get(value, str(value))
    if setting.name == "nve_level":
        if value not in found.levels:
            raise WishError(
                f"nve_level of {wish.place} is {value!r}; this board has {', '.join(found.levels)}"
            )
        argument = found.levels[value]
    return ("set", "-t", setting.type, *wish.place.words, setting.flag, argument)


def as_text(value: Any) -> str:
    """Return a value as YAML writes it."""
    return str(value).lower() if isinstance(value, bool) else ("unknown" if value is None else str(value))


def sharing_of(found: Found, wanted: Wanted) -> Sharing:
    """Return what is known and wanted about the sharing of devices."""
    cards = wanted.named(SHARE)
    switch = next(iter(wanted.named(RECOVERY)), None)
    return Sharing(
        chips={card: sorted(wanted.layout.places[card]) for card in wanted.layout.cards},
        live={wish.place.npu_id or 0: found.reading(wish).value for wish in cards},
        wanted={wish.place.npu_id or 0: wish.value for wish in cards},
        recovery=None if switch is None else found.reading(switch).value,
        recovering=None if switch is None else switch.value,
        file=parse_share_file(found.share_text),
    )


@dataclass(frozen=True)
class VnpuMatch:
    """The virtual NPUs of a chip that stay, those that nobody wants, and those that are missing."""

    kept: tuple[Vnpu, ...]
    surplus: tuple[Vnpu, ...]
    missing: tuple[Vnpu, ...]


def match_vnpus(wish: VnpuWish, found: Sequence[Vnpu]) -> VnpuMatch:
    """Find a virtual NPU for each that is wanted, first for those with an id of their own."""
    kept: list[Vnpu] = []
    left = list(found)
    missing: list[Vnpu] = []
    for vnpu in sorted(wish.vnpus, key=lambda one: (one.vnpu_id is None, one.vgroup_id is None)):
        match = next((one for one in left if _fits(one, vnpu)), None)
        if match is None:
            missing.append(vnpu)
        else:
            left.remove(match)
            kept.append(match)
    return VnpuMatch(tuple(kept), tuple(left), tuple(missing))


def _plan_vnpus(wish: VnpuWish, found: Sequence[Vnpu]) -> list[Step]:
    """Destroy what is not wanted, then create what is missing."""
    match = match_vnpus(wish, found)
    destroyed = [_destroy(wish.place, vnpu) for vnpu in match.surplus]
    return [*destroyed, *(_create(wish.place, vnpu) for vnpu in match.missing)]


def _fits(found: Vnpu, wanted: Vnpu) -> bool:
    return (
        found.template == wanted.template
        and wanted.vnpu_id in (None, found.vnpu_id)
        and wanted.vgroup_id in (None, found.vgroup_id)
    )


def _destroy(place: Place, vnpu: Vnpu) -> Step:
    words = ("set", "-t", types.VNPU_DESTROY, *place.words, "-v", str(vnpu.vnpu_id))
    return Step(f"destroy virtual NPU {vnpu.vnpu_id} ({vnpu.template}) of {place}", words)


def _create(place: Place, vnpu: Vnpu) -> Step:
    number = () if vnpu.vnpu_id is None else ("-v", str(vnpu.vnpu_id))
    group = () if vnpu.vgroup_id is None else ("-g", str(vnpu.vgroup_id))
    words = ("set", "-t", types.VNPU_CREATE, *place.words, "-f", vnpu.template, *number, *group)
    name = "" if vnpu.vnpu_id is None else f" {vnpu.vnpu_id}"
    return Step(f"create virtual NPU{name} of template {vnpu.template} on {place}", words)


def type_of(step: Step) -> str | None:
    """Return the type of C(npu-smi set) that a step uses, or None for a step that is no such order."""
    return step.args[2] if step.args[:2] == ("set", "-t") else None


def danger_of(step: Step) -> str:
    """Return what a step puts at risk, empty when nothing."""
    kind = type_of(step)
    if kind == types.VNPU_DESTROY:
        return types.VNPU_LOSS
    return types.BY_TYPE[kind].endangers if kind in types.BY_TYPE else ""


def unverified(
    found: Found, wanted: Wanted, withheld: Mapping[tuple[str, ...], Step]
) -> Iterator[dict[str, Any]]:
    """Name the wishes that the last reading does not confirm, and why."""
    for wish in wanted.wishes:
        reading = found.reading(wish)
        if reading.value == wish.value or order_words(found, wish) in withheld:
            continue
        reason = reading.reason or f"npu-smi says {as_text(reading.value)} until it takes effect"
        place = wish.place
        yield {
            "setting": wish.setting.name,
            "npu_id": place.npu_id,
            "chip_id": place.chip_id,
            "reason": reason,
        }
