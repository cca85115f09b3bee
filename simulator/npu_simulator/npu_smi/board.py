# SPDX-License-Identifier: GPL-3.0-or-later
"""`npu-smi info -t board`: card, chip, MCU. Transcripts npu-smi/*/023-025, 189, 229; real-programs.md N10."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from npu_simulator.npu_smi import answers
from npu_simulator.npu_smi.answers import Answer, DeviceFailedError, Row, rows
from npu_simulator.npu_smi.host import NO_BUS_ID

if TYPE_CHECKING:
    from npu_simulator.npu_smi.grammar import Request
    from npu_simulator.npu_smi.host import Chip, Host

_CARD_FAILED = "Failed to query card pcie info.\n"
_BOARD_FAILED = 'Failed to query "board" info.\n'


def card_board(request: Request, host: Host) -> Answer:
    """Answer `-t board -i N`. A chip that does not answer leaves NA, exit status 197."""
    chip = request.card[0]
    text = rows(_card_rows(chip, len(request.card), host))
    if chip.dead:
        return Answer(_CARD_FAILED + text + _BOARD_FAILED, answers.DEVICE_FAILED)
    return Answer(text)


def _card_rows(chip: Chip, count: int, host: Host) -> list[Row]:
    versions: list[Row] = [
        ("Software Version", host.driver),
        ("Firmware Version", chip.firmware),
        ("Compatibility", compatibility(chip, host)),
    ]
    blocks: dict[str, list[Row]] = {
        "label": _label_rows(chip),
        "versions": versions,
        "made": _made_rows(chip),
        "pci": _pci_rows(chip),
        "NPU ID": [("NPU ID", chip.card)],
        "Chip Count": [("Chip Count", count)],
        "Chip Fault": [("Chip Fault", 0)],
    }
    return [row for name in chip.family.board["card"] for row in blocks[name]]


def _label_rows(chip: Chip) -> list[Row]:
    values = [("Product Name", chip.reading("product_name")), ("Model", chip.reading("model"))]
    values += [("Manufacturer", chip.reading("manufacturer")), ("Serial Number", chip.npu["serial"])]
    return [(key, "NA" if chip.dead else value) for key, value in values]


def _made_rows(chip: Chip) -> list[Row]:
    """Board, PCB and BOM come from the MCU where there is one, and then fail with the chip."""
    if not chip.family.mcu:
        values = (chip.npu["board_id"], chip.reading("pcb_id"), chip.reading("bom_id"))
    elif chip.dead:
        values = ("NA", "NA", "NA")
    else:
        values = (_mcu_board_id(chip), chip.reading("mcu_pcb_id"), chip.reading("mcu_bom_id"))
    board, pcb, bom = zip(("Board ID", "PCB ID", "BOM ID"), values)
    main = chip.reading("main_board_id")
    return [board, *([("Main Board ID", main)] if main else []), pcb, bom]


def _mcu_board_id(chip: Chip) -> str:
    return chip.reading("mcu_board_id") or chip.npu["board_id"]


def _pci_rows(chip: Chip) -> list[Row]:
    pci = chip.npu["pci"]
    ids = [pci["vendor"], pci["device"], pci["subsystem_vendor"], pci["subsystem_device"]]
    names = ["PCI Vendor ID", "PCI Device ID", "Subsystem Vendor ID", "Subsystem Device ID"]
    return [
        ("PCIe Bus Info", NO_BUS_ID if chip.dead else chip.npu["bus_id"]),
        ("Slot ID", _slot_id(chip)),
        ("Class ID", "NA"),
        *((name, "0x0000" if chip.dead else f"0x{id_.upper()}") for name, id_ in zip(names, ids)),
    ]


def _slot_id(chip: Chip) -> object:
    """Return the slot; cards that are found by their PCI place have none. real-programs.md N20."""
    if chip.family.by_bus or chip.npu["bus_id"] == "NA":
        return "NA"
    return 0 if chip.dead else chip.npu["slot_id"]


def compatibility(chip: Chip, host: Host) -> str:
    """Return OK, NOK, UNKNOWN, or NOT SUPPORT for another user than root.

    Compared are the chip's firmware and the range that the driver package names (``compatible_version_fw``).
    """
    if not host.node.is_root:
        return "NOT SUPPORT"
    span = re.findall(r"[\d.]+", host.package_line("compatible_version_fw") or "")
    version = _numbers(chip.firmware)
    if len(span) != len(("lowest", "highest")) or not version:
        return "UNKNOWN"
    return "OK" if _numbers(span[0]) <= version <= _numbers(span[1]) else "NOK"


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]


def chip_board(request: Request, _host: Host) -> Answer:
    """Answer `-t board -i N -c C`, where C may be the MCU."""
    if request.is_mcu:
        return Answer(rows(_mcu_rows(request.card)))
    chip = request.the_chip
    if chip.dead:
        raise DeviceFailedError
    return Answer(rows(_chip_rows(chip)))


def _mcu_rows(card: list[Chip]) -> list[Row]:
    chip = card[0]
    return [
        ("NPU ID", chip.card),
        ("Chip ID", len(card)),
        ("Chip Name", "MCU"),
        ("Board ID", _mcu_board_id(chip)),
        ("PCB ID", "NA"),
        ("BOM ID", chip.reading("mcu_bom_id")),
        ("Chip Position ID", len(card)),
        ("Firmware Version", chip.reading("mcu_firmware")),
    ]


def _chip_rows(chip: Chip) -> list[Row]:
    values = {
        "NPU ID": chip.card,
        "NPU Name": chip.reading("npu_name"),
        "Chip ID": chip.id,
        "Chip Type": "Ascend",
        "Chip Name": chip.npu["name"],
        "Chip Version": chip.reading("chip_version"),
        "Board ID": chip.npu["board_id"],
        "PCB ID": "NA",
        "BOM ID": 0,
        "VDie ID": chip.reading("vdie_id"),
        "NDie ID": chip.reading("ndie_id"),
        "Die ID": chip.reading("vdie_id"),
        "Chip Position ID": chip.id,
        "PCIe Bus Info": chip.npu["bus_id"],
        "Firmware Version": chip.firmware,
    }
    return [(name, values[name]) for name in chip.family.board["chip"]]
