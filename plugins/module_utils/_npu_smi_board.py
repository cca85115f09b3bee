# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialect of npu-smi: the answers of C(-t board), for a card and for a chip.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi import (
    COMPLAINT,
    answer_lines,
    known,
    misunderstood,
    pairs,
    read_bus_id,
    spoken_lines,
    whole_number,
)

if TYPE_CHECKING:
    from ansible_collections.ascend.fleet.plugins.module_utils._cli import Result

_CARD_TEXTS = {
    "Product Name": "product_name",
    "Model": "model",
    "Manufacturer": "manufacturer",
    "Serial Number": "serial_number",
    "Software Version": "software_version",
    "Firmware Version": "firmware_version",
    "Compatibility": "compatibility",
    "Board ID": "board_id",
    "Main Board ID": "main_board_id",
    "PCB ID": "pcb_id",
    "PCIe Bus Info": "bus_id",
}
_CARD_NUMBERS = {
    "NPU ID": "npu_id",
    "Chip Count": "chip_count",
    "Slot ID": "slot_id",
    "BOM ID": "bom_id",
    "Chip Fault": "faulty_chips",
    "Faulty Chip Count": "faulty_chips",
}
_CARD_PCI = {
    "PCI Vendor ID": "pci_vendor",
    "PCI Device ID": "pci_device",
    "Subsystem Vendor ID": "pci_subsystem_vendor",
    "Subsystem Device ID": "pci_subsystem_device",
}
CHIP_TEXTS = {
    "Chip Type": "chip_type",
    "Chip Name": "chip_name",
    "NPU Name": "npu_name",
    "Chip Version": "chip_version",
    "Board ID": "board_id",
    "Die ID": "die_id",
    "VDie ID": "vdie_id",
    "NDie ID": "ndie_id",
    "DDie ID": "ddie_id",
    "PCIe Bus Info": "bus_id",
    "Firmware Version": "firmware_version",
}
CHIP_NUMBERS = {"NPU ID": "npu_id", "Chip ID": "chip_id", "Chip Position ID": "position_id"}
# Every driver prints these; one that is missing was lost on the way.
_ALWAYS_OF_CARD = ("NPU ID", "Firmware Version", "Chip Count")
_ALWAYS_OF_CHIP = ("NPU ID", "Chip ID", "Firmware Version")


def parse_card_board(result: Result) -> dict[str, Any]:
    """Understand the answer to C(npu-smi info -t board -i).

    ``reason`` quotes what npu-smi complained about beside its answer; a dead chip makes most values null. The
    four PCI ids have four hexadecimal digits without C(0x), as in sysfs.
    """
    found, reason = _board_pairs(result, _ALWAYS_OF_CARD)
    board = _board(found, _CARD_TEXTS, _CARD_NUMBERS, result)
    board.update((name, _pci_number(found.get(label, ""), result)) for label, name in _CARD_PCI.items())
    return {**board, "reason": reason or board["reason"]}


def parse_chip_board(result: Result) -> dict[str, Any]:
    """Understand the answer to C(npu-smi info -t board -i -c)."""
    found, reason = _board_pairs(result, _ALWAYS_OF_CHIP)
    board = _board(found, CHIP_TEXTS, CHIP_NUMBERS, result)
    return {**board, "reason": reason or board["reason"]}


def silent_board(card: int, reason: str | None) -> dict[str, Any]:
    """Return the board of a card that does not answer, or was not asked for it."""
    names = [*_CARD_TEXTS.values(), *_CARD_NUMBERS.values(), *_CARD_PCI.values()]
    return {**dict.fromkeys(names), "npu_id": card, "reason": reason}


def _board_pairs(result: Result, always: tuple[str, ...]) -> tuple[dict[str, str], str | None]:
    """Return the pairs, and the complaint that a failing device puts before them (transcript 910B3/189)."""
    lines = spoken_lines(result)
    complaints = [line for line in lines if COMPLAINT.fullmatch(line)]
    if not any(line.startswith("NPU ID") for line in lines):
        lines, complaints = answer_lines(result), []
    found = pairs([line for line in lines if line not in complaints], result)
    absent = [label for label in always if label not in found]
    if absent:
        raise misunderstood(f"a line {absent[0]!r}", lines[-1], result)
    return found, " ".join(complaints) or None


def _board(
    found: dict[str, str], texts: dict[str, str], numbers: dict[str, str], result: Result
) -> dict[str, Any]:
    board: dict[str, Any] = dict.fromkeys([*numbers.values(), *texts.values()])
    board.update(
        (name, whole_number(found[label], f"{label} : {found[label]}", result))
        for label, name in numbers.items()
        if label in found
    )
    if board["npu_id"] is None:
        raise misunderstood("an NPU ID", f"NPU ID : {found['NPU ID']}", result)
    board.update((name, known(found[label])) for label, name in texts.items() if label in found)
    bus_id = board["bus_id"] or ""
    board["bus_id"], board["reason"] = read_bus_id(bus_id, f"PCIe Bus Info : {bus_id}", result)
    return board


def _pci_number(text: str, result: Result) -> str | None:
    value = known(text)
    if value is None:
        return None
    if not re.fullmatch(r"0x[0-9A-Fa-f]{4}", value):
        raise misunderstood("a PCI id", value, result)
    number = value[2:].lower()
    return None if number == "0000" else number
