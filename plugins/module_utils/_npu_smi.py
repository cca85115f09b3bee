# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialect of npu-smi: what to ask, which answers are refusals, and the answers of few lines.

Pure functions over text. The big table of C(npu-smi info) has a file of its own, C(_npu_smi_table.py). Text
decides, not status: npu-smi gives 0 for several refusals, and prints its errors on standard output.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError, Result

HEALTH_WORDS = ("OK", "Warning", "Alarm", "Critical", "UNKNOWN")
NO_BUS_ID = "0000:00:00.0"  # what a failed PCI query leaves in the answer

_NO_VALUE = ("", "-", "NA")
_NO_CARD = "There is no NPU card on this server."
_NOISE = re.compile(r"(?:call )?DrvMngGetConsoleLogLevel failed", re.IGNORECASE)
_NOT_READY = (
    (
        re.compile(r"dcmi module initialize failed\. ret is -[0-9]+"),
        "the driver is not loaded; install it, or reboot if it was installed just now",
    ),
    (
        re.compile(r"error while loading shared libraries: .*"),
        "the driver is only partly installed; install it again",
    ),
)
_REFUSALS = (
    (
        re.compile(r"dcmi model initialized failed, because the device is used\. ret is -[0-9]+"),
        "another container, or a process in another namespace, holds the NPUs; stop it "
        "(/proc/uda/namespace_node names the owner)",
    ),
    (
        re.compile(r"npu get board type failed.*"),
        "the driver's devices or files are missing here; run on the host, or mount all of them",
    ),
    (
        re.compile(r"Invalid (?:card|chip) id\..*"),
        "the card is no longer on the bus; see dmesg and lspci, then power-cycle the server",
    ),
    (
        re.compile(r"This device does not support querying .*"),
        "this product has nothing to answer here",
    ),
    (
        re.compile(r"This command can(?:not)? be executed .*"),
        "run as root on the host, outside of virtual machines and containers",
    ),
)


class NotReadyError(CliError):
    """The program is there, but the driver behind it is not loaded; a bare or half-installed host."""


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
class ChipHealth:
    """The answer of C(npu-smi info -t health -c). Error codes are hexadecimal, without C(0x)."""

    health: str
    error_codes: tuple[str, ...]
    information: tuple[str, ...]


def overview_query() -> tuple[str, ...]:
    """Ask for the big table."""
    return ("info",)


def mapping_query() -> tuple[str, ...]:
    """Ask which NPU ID and chip have which logic and physical id."""
    return ("info", "-m")


def list_query() -> tuple[str, ...]:
    """Ask for the list of cards."""
    return ("info", "-l")


def board_query(card: int, chip: int | None = None) -> tuple[str, ...]:
    """Ask for versions, serial number and PCI ids of a card, or of one chip on it."""
    return ("info", "-t", "board", "-i", str(card), *(() if chip is None else ("-c", str(chip))))


def health_query(card: int, chip: int) -> tuple[str, ...]:
    """Ask for the error codes of one chip."""
    return ("info", "-t", "health", "-i", str(card), "-c", str(chip))


def misunderstood(wanted: str, line: str, result: Result) -> CliError:
    """Return the error for a line that is not ``wanted``."""
    return CliError(
        f"npu-smi printed {line!r} where {wanted} was expected; report this with the driver version",
        result,
    )


def known(text: str) -> str | None:
    """Return the value, or None where npu-smi prints that there is none (C(NA), C(-) or nothing)."""
    value = text.strip()
    return None if value in _NO_VALUE else value


def whole_number(text: str, line: str, result: Result) -> int | None:
    """Return the number, or None where npu-smi has none. Raises CliError for anything else."""
    value = known(text)
    if value is None:
        return None
    if not re.fullmatch(r"-?[0-9]{1,18}", value):
        raise misunderstood("a whole number", line, result)
    return int(value)


def answer_lines(result: Result) -> list[str]:
    """Return the lines of an answer, stripped, without blank ones and the library's noise.

    Raises NotReadyError when the driver is not loaded, CliError for a refusal or a bad exit status.
    """
    lines = _spoken_lines(result)
    if result.status != 0:
        first = next(iter([*lines, *result.stderr.splitlines()]), "")
        raise CliError(f"npu-smi refused: {first!r}; check that this driver knows the command", result)
    return lines


def _spoken_lines(result: Result) -> list[str]:
    """Return the lines of an answer whatever its exit status; raise for the refusals known by their text."""
    _check(f"{result.stdout}\n{result.stderr}", result)
    lines = (line.strip() for line in result.stdout.splitlines())
    return [line for line in lines if line and not _NOISE.match(line)]


def _check(text: str, result: Result) -> None:
    for pattern, advice in _NOT_READY:
        found = pattern.search(text)
        if found:
            raise NotReadyError(f"{found.group()}: {advice}", result)
    for pattern, advice in _REFUSALS:
        found = pattern.search(text)
        if found:
            raise CliError(f"npu-smi refused: {found.group()!r}; {advice}", result)


def _pair(line: str, result: Result) -> tuple[str, str]:
    """Split ``key : value`` at the first colon; values such as PCI bus ids hold colons, too."""
    key, colon, value = line.partition(":")
    if not colon:
        raise misunderstood("'key : value'", line, result)
    return key.strip(), value.strip()


_MAPPING_FIELDS = {
    "NPU ID": "npu_id",
    "Chip ID": "chip_id",
    "Chip Logic ID": "logic_id",
    "Chip Phy-ID": "phy_id",
    "Slot ID": "slot_id",
    "Chip Name": "name",
}


def parse_mapping(result: Result) -> list[MappedChip]:
    """Understand the answer to :func:`mapping_query`; the management controllers (Mcu) are left out."""
    lines = answer_lines(result)
    if lines == [_NO_CARD]:
        return []
    header = next(iter(lines), "")
    columns = [_MAPPING_FIELDS.get(name, "") for name in re.split(r"\s{2,}", header)]
    if columns[0] != "npu_id" or columns[-1] != "name" or not all(columns):
        raise misunderstood("the header of the mapping table", header, result)
    chips = (_mapped_chip(columns, line, result) for line in lines[1:])
    return [chip for chip in chips if chip is not None]


def _mapped_chip(columns: list[str], line: str, result: Result) -> MappedChip | None:
    """Read one row; None for a row without logic and physical id, which is no NPU."""
    cells = line.split(None, len(columns) - 1)
    if len(cells) == len(columns) - 1:
        cells.append("")  # a chip that does not answer has no name (transcript npu-smi/910B3/188)
    if len(cells) != len(columns):
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
    """Understand the answer to :func:`list_query`; a lost card, printed as NPU ID -1, is only counted."""
    lines = answer_lines(result)
    if lines == [_NO_CARD]:
        return CardList(0, ())
    pairs = [_pair(line, result) for line in lines]
    if not pairs or pairs[0][0] not in ("Total Count", "Card Count"):
        raise misunderstood("the number of cards", next(iter(lines), ""), result)
    total = whole_number(pairs[0][1], lines[0], result)
    cards = [_listed_card(block, result) for block in _blocks(pairs[1:], result)]
    answering = tuple(card for card in cards if card.npu_id >= 0)
    if total is None or total < len(answering):
        raise misunderstood(f"a count of at least {len(answering)} cards", lines[0], result)
    return CardList(total, answering)


def _blocks(pairs: list[tuple[str, str]], result: Result) -> list[dict[str, str]]:
    blocks: list[dict[str, str]] = []
    for key, value in pairs:
        if key == "NPU ID":
            blocks.append({})
        elif not blocks:
            raise misunderstood("an NPU ID", f"{key} : {value}", result)
        blocks[-1][key] = value
    return blocks


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
_CARD_NUMBERS = {"NPU ID": "npu_id", "Chip Count": "chip_count", "Slot ID": "slot_id", "BOM ID": "bom_id"}
_CARD_PCI = {
    "PCI Vendor ID": "pci_vendor",
    "PCI Device ID": "pci_device",
    "Subsystem Vendor ID": "pci_subsystem_vendor",
    "Subsystem Device ID": "pci_subsystem_device",
}
_CHIP_TEXTS = {
    "Chip Type": "chip_type",
    "Chip Name": "chip_name",
    "NPU Name": "npu_name",
    "Chip Version": "chip_version",
    "Board ID": "board_id",
    "Die ID": "die_id",
    "VDie ID": "vdie_id",
    "NDie ID": "ndie_id",
    "PCIe Bus Info": "bus_id",
    "Firmware Version": "firmware_version",
}
_CHIP_NUMBERS = {"NPU ID": "npu_id", "Chip ID": "chip_id", "Chip Position ID": "position_id"}


def parse_card_board(result: Result) -> dict[str, Any]:
    """Understand the answer to :func:`board_query` for a card.

    ``reason`` quotes what npu-smi complained about beside its answer; a dead chip makes most values null. The
    four PCI ids have four hexadecimal digits without C(0x), as in sysfs.
    """
    pairs, reason = _board_pairs(result)
    board = _board(pairs, _CARD_TEXTS, _CARD_NUMBERS, result)
    board.update((name, _pci_number(pairs.get(label, ""), result)) for label, name in _CARD_PCI.items())
    return {**board, "reason": reason}


def parse_chip_board(result: Result) -> dict[str, Any]:
    """Understand the answer to :func:`board_query` for a chip."""
    pairs, reason = _board_pairs(result)
    return {**_board(pairs, _CHIP_TEXTS, _CHIP_NUMBERS, result), "reason": reason}


def _board_pairs(result: Result) -> tuple[dict[str, str], str | None]:
    """Return the pairs, and the complaint that a failing device puts before them (transcript 910B3/189)."""
    lines = _spoken_lines(result)
    complaints = [line for line in lines if line.startswith("Failed to query ")]
    if not any(line.startswith("NPU ID") for line in lines):
        return dict(_pair(line, result) for line in answer_lines(result)), None
    pairs = dict(_pair(line, result) for line in lines if line not in complaints)
    return pairs, " ".join(complaints) or None


def _board(
    pairs: dict[str, str], texts: dict[str, str], numbers: dict[str, str], result: Result
) -> dict[str, Any]:
    board: dict[str, Any] = {
        name: whole_number(pairs.get(label, ""), f"{label} : {pairs.get(label)}", result)
        for label, name in numbers.items()
    }
    if board["npu_id"] is None:
        raise misunderstood("an NPU ID", next(iter(result.stdout.splitlines()), ""), result)
    board.update((name, known(pairs.get(label, ""))) for label, name in texts.items())
    if board["bus_id"] == NO_BUS_ID:
        board["bus_id"] = None
    return board


def _pci_number(text: str, result: Result) -> str | None:
    value = known(text)
    if value is None:
        return None
    if not re.fullmatch(r"0x[0-9A-Fa-f]{4}", value):
        raise misunderstood("a PCI id", value, result)
    number = value[2:].lower()
    return None if number == "0000" else number


def parse_chip_health(result: Result) -> ChipHealth:
    """Understand the answer to :func:`health_query`.

    Without error codes the health stands here as C(OK) even if the big table warns: believe the table.
    """
    answers: dict[str, str] = {}
    information: list[str] = []
    for line in answer_lines(result):
        key, _colon, value = (part.strip() for part in line.partition(":"))
        if information or key == "Error Information" or line.startswith("Failed to get error information"):
            information.append(value if key in ("", "Error Information") else line)
        elif key in ("NPU ID", "Health Status", "Health", "Error Code") and key not in answers:
            answers[key] = value
        else:  # such as the card's answer, which has several blocks
            raise misunderstood("the health of one chip", line, result)
    health = answers.get("Health Status") or answers.get("Health", "")
    if health not in HEALTH_WORDS:
        raise misunderstood("a health word", health or next(iter(result.stdout.splitlines()), ""), result)
    codes = (known(answers.get("Error Code", "")) or "").split()
    return ChipHealth(health, tuple(codes), tuple(text for text in information if known(text)))
