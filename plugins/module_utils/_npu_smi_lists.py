# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialect of npu-smi: the lists of C(-m) and C(-l), and the answer of C(phyid-remap).

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi import (
    NO_CARD,
    answer_lines,
    known,
    misunderstood,
    pair,
    pairs,
    whole_number,
)

if TYPE_CHECKING:
    from ansible_collections.ascend.fleet.plugins.module_utils._cli import Result

_MAPPING_FIELDS = {
    "NPU ID": "npu_id",
    "Chip ID": "chip_id",
    "Chip Logic ID": "logic_id",
    "Chip Phy-ID": "phy_id",
    "Slot ID": "slot_id",
    "Chip Name": "name",
}
_NO_NAME = re.compile(r".*\s{2}.*|[0-9]{1,2}")  # what only a row whose columns have moved has in this place
_PHYSICAL_ID = ("Chip Physical ID", "Chip Phy-ID")  # today's drivers; the 950 (facts: N5)


@dataclass(frozen=True)
class MappedChip:
    """One NPU of C(npu-smi info -m). ``name`` is null when the chip does not answer."""

    npu_id: int
    chip_id: int
    logic_id: int | None
    phy_id: int | None
    name: str | None


@dataclass(frozen=True)
class ListedCard:
    """One card of C(npu-smi info -l)."""

    npu_id: int
    chip_count: int | None
    product_name: str | None
    serial_number: str | None


@dataclass(frozen=True)
class CardList:
    """The cards that answer, and how many the driver counts, including those that were lost."""

    total: int
    cards: tuple[ListedCard, ...]

    @property
    def lost(self) -> int:
        """Return the number of cards that the driver counts but that do not answer."""
        return self.total - len(self.cards)


@dataclass(frozen=True)
class PhysicalId:
    """The chip that has a physical id."""

    phy_id: int
    logic_id: int | None
    npu_id: int
    chip_id: int


def parse_mapping(result: Result) -> list[MappedChip]:
    """Understand the answer to C(npu-smi info -m); the management controllers (Mcu) are left out."""
    lines = answer_lines(result)
    if lines == [NO_CARD]:
        return []
    columns = [_MAPPING_FIELDS.get(name, "") for name in re.split(r"\s{2,}", lines[0])]
    if columns[0] != "npu_id" or columns[-1] != "name" or not all(columns):
        raise misunderstood("the header of the mapping table", lines[0], result)
    chips: dict[tuple[int, int], MappedChip] = {}
    for line in lines[1:]:
        chip = _mapped_chip(columns, line, result)
        if chip is not None and (chip.npu_id, chip.chip_id) in chips:
            raise misunderstood("each chip once", line, result)
        if chip is not None:
            chips[chip.npu_id, chip.chip_id] = chip
    return list(chips.values())


def _mapped_chip(columns: list[str], line: str, result: Result) -> MappedChip | None:
    """Read one row; None for a row without logic and physical id, which is no NPU."""
    cells = line.split(None, len(columns) - 1)
    if len(cells) == len(columns) - 1:
        cells.append("")  # a chip that does not answer has no name (transcript npu-smi/910B3/188)
    if len(cells) != len(columns) or _NO_NAME.fullmatch(cells[-1]):
        raise misunderstood("a row of the mapping table", line, result)
    row = dict(zip(columns, cells))
    numbers = {name: whole_number(cell, line, result) for name, cell in row.items() if name != "name"}
    logic_id, phy_id = numbers.get("logic_id"), numbers.get("phy_id")
    if logic_id is None and phy_id is None:
        return None
    npu_id, chip_id = numbers.get("npu_id"), numbers.get("chip_id")
    if npu_id is None or chip_id is None:
        raise misunderstood("an NPU ID and a chip id", line, result)
    return MappedChip(npu_id, chip_id, logic_id, phy_id, known(row["name"]))


def parse_list(result: Result) -> CardList:
    """Understand the answer to C(npu-smi info -l); a lost card, printed as NPU ID -1, is only counted."""
    lines = answer_lines(result)
    if lines == [NO_CARD]:
        return CardList(0, ())
    key, count = pair(lines[0], result)
    if key not in ("Total Count", "Card Count"):
        raise misunderstood("the number of cards", lines[0], result)
    total = whole_number(count, lines[0], result)
    cards = [_listed_card(block, result) for block in _card_blocks(lines[1:], result)]
    if total != len(cards):  # lost cards are printed, too (transcript npu-smi/910B3/199)
        raise misunderstood(f"the count of the {len(cards)} cards below", lines[0], result)
    answering = tuple(card for card in cards if card.npu_id >= 0)
    if len({card.npu_id for card in answering}) != len(answering):
        raise misunderstood("each card once", lines[0], result)
    return CardList(total, answering)


def _card_blocks(lines: list[str], result: Result) -> list[dict[str, str]]:
    blocks: list[list[str]] = []
    for line in lines:
        key, _value = pair(line, result)
        if key == "NPU ID":
            blocks.append([])
        if not blocks:
            raise misunderstood("an NPU ID", line, result)
        blocks[-1].append(line)
    return [pairs(block, result) for block in blocks]


def _listed_card(block: dict[str, str], result: Result) -> ListedCard:
    line = f"NPU ID : {block['NPU ID']}"
    npu_id = whole_number(block["NPU ID"], line, result)
    if npu_id is None:
        raise misunderstood("an NPU ID", line, result)
    chip_count = block.get("Chip Count", "")
    return ListedCard(
        npu_id,
        whole_number(chip_count, f"Chip Count : {chip_count}", result),
        known(block.get("Product Name", "")),
        known(block.get("Serial Number", "")),
    )


def parse_physical_id(result: Result) -> PhysicalId:
    """Understand the answer to C(npu-smi info -t phyid-remap -p)."""
    lines = answer_lines(result)
    found = pairs(lines, result)
    numbers = {key: whole_number(value, f"{key} : {value}", result) for key, value in found.items()}
    phy_id = next((numbers[key] for key in _PHYSICAL_ID if key in numbers), None)
    npu_id, chip_id = numbers.get("NPU ID"), numbers.get("Chip ID")
    if phy_id is None or npu_id is None or chip_id is None:
        raise misunderstood("a physical id, an NPU ID and a chip id", " / ".join(lines), result)
    return PhysicalId(phy_id, numbers.get("Chip Logic ID"), npu_id, chip_id)
