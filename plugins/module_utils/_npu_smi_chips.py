# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the answers of npu-smi say of chips and processes, and how the big table and C(-m) are joined.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi import Unread
    from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_lists import MappedChip


@dataclass(frozen=True)
class Chip:
    """One NPU chip. ``reason`` says why nearly all of it is null, ``unread`` why single values are."""

    npu_id: int | None = None
    chip_id: int | None = None
    phy_id: int | None = None
    logic_id: int | None = None
    bus_id: str | None = None
    name: str | None = None
    health: str | None = None
    error_codes: tuple[str, ...] = ()
    reason: str | None = None
    power_w: float | None = None
    temperature_c: int | None = None
    ai_core_percent: int | None = None
    memory_used_mb: int | None = None
    memory_total_mb: int | None = None
    hbm_used_mb: int | None = None
    hbm_total_mb: int | None = None
    hugepages_used: int | None = None
    hugepages_total: int | None = None
    unread: tuple[Unread, ...] = ()


@dataclass(frozen=True)
class Process:
    """One process of the host that holds memory of a chip; npu-smi prints at most eight per chip."""

    npu_id: int
    chip_id: int
    pid: int
    name: str | None
    memory_mb: int | None


@dataclass(frozen=True)
class Overview:
    """All that the big table says. ``warnings`` are the lines that npu-smi adds below it."""

    tool_version: str
    driver_version: str
    chips: tuple[Chip, ...]
    processes: tuple[Process, ...]
    warnings: tuple[str, ...]
    without_processes: tuple[int, ...] = ()  # NPU IDs of which the list of processes says nothing


def merge_chips(chips: Sequence[Chip], mapped: Sequence[MappedChip]) -> list[Chip]:
    """Join the table with C(npu-smi info -m), in the order of NPU ID and chip.

    A chip that only the mapping knows is added with a reason. Where no physical id is printed, the logic id
    stands for it: on servers of Ascend 910 and 910B both are equal.
    """
    printed = {(chip.npu_id, chip.chip_id) for chip in chips}
    missing = [entry for entry in mapped if (entry.npu_id, entry.chip_id) not in printed]
    entries: dict[tuple[int | None, int | None], MappedChip] = {
        (entry.npu_id, entry.chip_id): entry for entry in mapped
    }
    whole = [
        _with_ids(chip, entries.get((chip.npu_id, chip.chip_id))) for chip in _with_missing(chips, missing)
    ]
    return sorted(whole, key=lambda chip: (chip.npu_id is None, chip.npu_id or 0, chip.chip_id or 0))


def _with_missing(chips: Sequence[Chip], missing: Sequence[MappedChip]) -> list[Chip]:
    """Join chips without an NPU ID and mapped chips without a row, if it is clear which is which."""
    found = [chip for chip in chips if chip.npu_id is not None]
    headless = [chip for chip in chips if chip.npu_id is None]
    if [chip.chip_id for chip in headless] == [entry.chip_id for entry in missing]:
        pairs = zip(headless, missing)
        return found + [replace(chip, npu_id=entry.npu_id, name=_plain_name(entry)) for chip, entry in pairs]
    reason = "npu-smi info -m lists this chip, npu-smi info does not"
    added = [
        Chip(npu_id=entry.npu_id, chip_id=entry.chip_id, name=_plain_name(entry), reason=reason)
        for entry in missing
    ]
    return found + headless + added


def _plain_name(entry: MappedChip) -> str | None:
    """Return the name as the table prints it: 910B3, where the mapping says "Ascend 910B3"."""
    prefix = "Ascend "
    name = entry.name
    return name[len(prefix) :] if name and name.startswith(prefix) else name


def _with_ids(chip: Chip, entry: MappedChip | None) -> Chip:
    if entry is None:
        return chip
    logic_id = entry.logic_id if entry.logic_id is not None else chip.logic_id
    candidates = (entry.phy_id, chip.phy_id, logic_id)
    phy_id = next((number for number in candidates if number is not None), None)
    return replace(chip, phy_id=phy_id, logic_id=logic_id)
