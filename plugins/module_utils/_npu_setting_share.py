# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sharing of devices and the file that a boot replays it from, C(/etc/device_share.cfg).

Facts (real-programs.md N21, N22 and section 3, npu-smi 5): a line is written only while the switch is on; a
changed line, or a line before others, damages the file, and later orders are not saved although npu-smi
reports success. Only orders in ascending order into an empty list leave it clean. So a file that is not
exactly what is wanted is deleted, and everything is ordered again.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ansible_collections.ascend.fleet.plugins.module_utils._converge import Step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SHARE_FILE = "/etc/device_share.cfg"
REMOVE = "remove"

_ON = "device-share-recover:enable"
_OFF = "device-share-recover:disable"
_START, _END = "[device-share-config start]", "[device-share-config end]"
_LINE = re.compile(r"npu-smi set -t device-share -i ([0-9]+)(?: -c ([0-9]+))? -d ([01])")


@dataclass(frozen=True)
class ShareFile:
    """The file as read: its switch, the chips in its first block, and whether it is undamaged."""

    exists: bool
    switch: bool
    listed: Mapping[tuple[int, int], bool]
    clean: bool

    @property
    def shared(self) -> set[tuple[int, int]]:
        """Return the chips that a boot shares."""
        return {chip for chip, on in self.listed.items() if on}


def parse_share_file(text: str | None) -> ShareFile:
    """Understand the file; whatever is not exactly as npu-smi writes it makes it damaged, not an error."""
    if text is None:
        return ShareFile(False, False, {}, True)
    lines = text.splitlines()
    end = lines.index(_END) if _END in lines else len(lines)
    entries = [_LINE.fullmatch(line) for line in lines[2:end]]
    chips = [(int(entry[1]), int(entry[2] or 0)) for entry in entries if entry]
    clean = (
        lines[:2] in ([_ON, _START], [_OFF, _START])
        and end == len(lines) - 1
        and all(entries)
        and chips == sorted(set(chips))
    )
    listed = dict(zip(chips, [entry[3] == "1" for entry in entries if entry]))
    return ShareFile(True, lines[:1] == [_ON], listed, clean)


@dataclass(frozen=True)
class Sharing:
    """What is known and wanted about the sharing of a node's cards.

    C(chips): the chips of each card. C(live): what each declared card says, null when unread. C(wanted): what
    each declared card shall have. C(recovery): what the switch says, null when nobody asked. C(recovering):
    what the switch shall be, null when it is not declared.
    """

    chips: Mapping[int, Sequence[int]]
    live: Mapping[int, bool | None]
    wanted: Mapping[int, bool]
    recovery: bool | None
    recovering: bool | None
    file: ShareFile

    def cards(self, wanted: bool) -> list[int]:
        """Return the cards that shall, or shall not, be shared, in ascending order."""
        return sorted(card for card, value in self.wanted.items() if value is wanted)

    @property
    def to_list(self) -> set[tuple[int, int]]:
        """Return the chips that the file shall name: those wanted, and those of cards nobody declared."""
        declared = {(card, chip) for card in self.cards(True) for chip in self.chips[card]}
        return declared | {chip for chip in self.file.shared if chip[0] not in self.wanted}

    @property
    def file_matters(self) -> bool:
        """Tell whether a boot shall share from the file: declared, or left on by somebody."""
        return self.recovering is True or (self.recovering is None and self.file.switch)


def plan_sharing(sharing: Sharing) -> list[Step]:
    """Return the orders that lead to what is wanted, live and in the file; none when all is right."""
    switched_off = sharing.recovering is False and sharing.recovery is not False
    off = [_share(card, False) for card in sharing.cards(False) if sharing.live.get(card) is not False]
    if not sharing.file_matters:
        on = [_share(card, True) for card in sharing.cards(True) if sharing.live.get(card) is not True]
        return [*([_switch(False)] if switched_off else []), *sorted(off + on, key=_card_of)]
    if sharing.recovery is False or not _appendable(sharing, bool(off)):
        return _anew(sharing, off)
    missing = {card for card, chip in sharing.to_list - sharing.file.shared}
    return [
        _share(card, True)
        for card in sorted(
            missing | {card for card in sharing.cards(True) if sharing.live.get(card) is not True}
        )
    ]


def _appendable(sharing: Sharing, changed: bool) -> bool:
    """Tell whether the file is right, or only lacks lines that come after all of its own."""
    listed = sorted(sharing.file.listed)
    new = sorted(sharing.to_list - sharing.file.shared)
    surplus = sharing.file.shared - sharing.to_list
    follows = not new or not listed or new[0] > listed[-1]
    return sharing.file.exists and sharing.file.clean and not changed and not surplus and follows


def _anew(sharing: Sharing, off: list[Step]) -> list[Step]:
    stale = sharing.file.exists and (not sharing.file.clean or bool(sharing.file.listed) or bool(off))
    remove = [Step(f"delete {SHARE_FILE}, which is not what a boot shall replay", (REMOVE, SHARE_FILE))]
    cards = sorted({card for card, chip in sharing.to_list})
    return [*off, *(remove if stale else []), _switch(True), *(_share(card, True) for card in cards)]


def _switch(on: bool) -> Step:
    words = ("set", "-t", "device-share-cfg-recover", "-d", str(int(on)))
    return Step(f"set device_share_cfg_recover of the node to {str(on).lower()}", words)


def _share(card: int, on: bool) -> Step:
    words = ("set", "-t", "device-share", "-i", str(card), "-d", str(int(on)))
    return Step(f"set device_share of card {card} to {str(on).lower()}", words)


def _card_of(step: Step) -> int:
    return int(step.args[4])
