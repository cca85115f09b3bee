# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of `npu-smi info`, `-l` and `-m`: layout of the newest driver, transcripts npu-smi/*/006-008."""

from __future__ import annotations

from typing import TYPE_CHECKING

from npu_simulator.npu_smi import texts
from npu_simulator.npu_smi.answers import Answer, rows

if TYPE_CHECKING:
    from npu_simulator.npu_smi.host import Chip, Host

HEALTH_WORDS = {0: "OK", 1: "Warning", 2: "Alarm", 3: "Critical", 4: "UNKNOWN"}
NO_BUS_ID = "0000:00:00.0"
SHOWN_PROCESSES = 8  # real-programs.md N14

_EDGE = "+" + "-" * 97 + "+\n"
_RULE = "+" + "-" * 27 + "+" + "-" * 15 + "+" + "-" * 53 + "+\n"
_END = _RULE.replace("-", "=")
_HEAD = (
    "| NPU   Name                | Health        | Power(W)    Temp(C)           Hugepages-Usage(page) |\n"
    "| Chip                      | Bus-Id        | AICore(%)   Memory-Usage(MB)  HBM-Usage(MB)         |\n"
)
_PROCESS_HEAD = (
    "| NPU     Chip              | Process id    | Process name             | Process memory(MB)       |\n"
)


def big_table(host: Host) -> Answer:
    """Answer `npu-smi info`."""
    cards = host.cards()
    text = _EDGE + f"| npu-smi {host.tool_version:<24} Version: {host.driver:<53} |\n" + _RULE + _HEAD + _END
    text += "".join("".join(map(_chip_lines, card)) + _END for card in cards)
    text += _RULE + _PROCESS_HEAD + _END
    text += "".join(_process_lines(card) + _END for card in cards)
    if not host.in_container and not host.driver_complete:
        text += texts.INCOMPLETE_DRIVER
    return Answer(text)


def _chip_lines(chip: Chip) -> str:
    npu = chip.npu
    if chip.dead:  # real-programs.md N12
        values = ("", HEALTH_WORDS[0], 0.0, 0, (0, 0), NO_BUS_ID, 0, (0, 0), (0, 0))
    else:
        ddr = (npu["memory_used_mb"], npu["memory_total_mb"]) if chip.family.ddr else (0, 0)
        values = (
            npu["name"],
            HEALTH_WORDS.get(chip.health, ""),
            npu["power_w"],
            npu["temperature_c"],
            (npu["hugepages_used"], npu["hugepages_total"]),
            npu["bus_id"],
            npu["ai_core_percent"],
            ddr,
            (npu["hbm_used_mb"], npu["hbm_total_mb"]),
        )
    name, health, power, temperature, pages, bus_id, ai_core, memory, hbm = values
    first = (
        f"| {chip.card:<5} {name:<20}| {health:<13} | {power:<11.1f} {temperature:<17} "
        f"{pages[0]:<6}/ {pages[1]:<13} |\n"
    )
    second = (
        f"| {chip.id:<26}| {bus_id:<13} | {ai_core:<11} {memory[0]:<5}/ {memory[1]:<10} "
        f"{hbm[0]:<6}/ {hbm[1]:<13} |\n"
    )
    return (first if health else "") + second  # real-programs.md N13: an unknown health loses the first line


def _process_lines(card: list[Chip]) -> str:
    lines = [
        f"| {chip.card:<7} {chip.id:<18}| {process['pid']:<13} | {process['name'][:15]:<24} "
        f"| {process['memory_mb']:<24} |\n"
        for chip in card
        for process in chip.processes[:SHOWN_PROCESSES]
    ]
    none = f"| No running processes found in NPU {card[0].card:<7}" + " " * 55 + "|\n"
    return "".join(lines) or none


def card_list(host: Host) -> Answer:
    """Answer `npu-smi info -l`. A lost card is counted and stands first, as -1. real-programs.md N8, N11."""
    lost = [(-1, 0)] * host.lost
    cards = [(card[0].card, len(card)) for card in host.cards()]
    text = rows([("Total Count", len(lost) + len(cards))]) + "\n"
    for card, count in lost + cards:
        text += rows([("NPU ID", card), ("Chip Count", count)]) + "\n"
    return Answer(text)


def mapping(host: Host) -> Answer:
    """Answer `npu-smi info -m`. Lost cards with an MCU leave its row, as -1. real-programs.md N9, N11."""
    lines = [("NPU ID", "Chip ID", "Chip Logic ID", "Chip Name".ljust(30))]
    if host.family.mcu:
        lines += [_mcu_line(-1, 0)] * host.lost
    for card in host.cards():
        lines += [_mapping_line(chip) for chip in card]
        if host.family.mcu:
            lines.append(_mcu_line(card[0].card, len(card)))
    return Answer(
        "".join("\t" + "".join(f"{cell:<31}" for cell in line[:3]) + line[3] + "\n" for line in lines)
    )


def _mapping_line(chip: Chip) -> tuple[str, str, str, str]:
    name = " " if chip.dead else f"Ascend {chip.npu['name']}"
    return str(chip.card), str(chip.id), str(chip.npu["logic_id"]), name


def _mcu_line(card: int, chip: int) -> tuple[str, str, str, str]:
    return str(card), str(chip), "-", "Mcu".ljust(30)
