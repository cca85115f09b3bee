# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialect of npu-smi: the big table of C(npu-smi info), every layout from driver 20.2 on.

A chip takes two rows: name, health, power and temperature, then bus id, utilisation and memory. Which columns
there are differs by product and driver, so they are read from the header. What has no value is null, and what
cannot be understood is an error that quotes the line: a wrong number would be worse than none.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError, Result
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi import (
    HEALTH_WORDS,
    NO_BUS_ID,
    answer_lines,
    known,
    misunderstood,
    whole_number,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi import MappedChip

_ERROR_NUMBER = 0x7FFD  # from here on the number is an error code (transcript npu-smi/910B3/215)
_ROW_CELLS = 3  # names, health or bus id, measured values
_PROCESS_NAME = 2  # the cell of a process row that may hold anything, even the cells' separator

_BANNER = re.compile(r"npu-smi\s+(\S+)\s+Version:\s*(\S+)")
_NO_PROCESSES = re.compile(r"No running processes found in NPU [0-9]+")
_RULER = re.compile(r"[+=-]+")
_BUS_ID = re.compile(r"\w+:\w+:\w+\.\w+|NA")
_TOKEN = re.compile(r"(?:[0-9]+|NA)\s*/\s*(?:[0-9]+|NA)|\S+")
_UTILISATION_950 = ("NPU Util(%)", "AICore(%)  ")  # as wide as before: columns are also told by position

_POWER = "Power(W)"
_SINGLE_COLUMNS = {"Temp(C)": "temperature_c", "AICore(%)": "ai_core_percent"}
_HUGEPAGES = "Hugepages-Usage(page)"
_PAIR_COLUMNS = {
    _HUGEPAGES: ("hugepages_used", "hugepages_total"),
    "Memory-Usage(MB)": ("memory_used_mb", "memory_total_mb"),
    "HBM-Usage(MB)": ("hbm_used_mb", "hbm_total_mb"),
}
_ID_COLUMNS = {"Chip": "chip_id", "Device": "logic_id", "Phy-ID": "phy_id"}


@dataclass(frozen=True)
class Chip:
    """One NPU chip. ``reason`` says why values are null that a healthy chip has."""

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


def parse_overview(result: Result) -> Overview:
    """Understand the answer to C(npu-smi info).

    Raises NotReadyError when the driver is not loaded and CliError for everything that is not such a table.
    """
    reader = _Reader(result)
    for line in answer_lines(result):
        reader.take(line)
    return reader.overview()


@dataclass(frozen=True)
class _Header:
    """One of the two header rows: the ids in its first cell, the columns of its last one by position."""

    ids: tuple[str, ...]
    columns: tuple[tuple[int, str], ...]


def _tokens(text: str) -> tuple[tuple[int, str], ...]:
    """Return the values in a cell with their positions; C(used / total) is one value."""
    return tuple((match.start(), match.group()) for match in _TOKEN.finditer(text))


class _Reader:
    """Take the table line by line."""

    def __init__(self, result: Result) -> None:
        self.result = result
        self.versions: tuple[str, str] | None = None
        self.names: _Header | None = None
        self.buses: _Header | None = None
        self.name_split = False  # Ascend 950: NPU ID and name stand in two cells
        self.process_cells = 0  # of a row, once the header of the process table has come
        self.process_ids = 0
        self.pending: tuple[str, Chip] | None = None  # a chip's first row, until the second one comes
        self.chips: list[Chip] = []
        self.processes: list[Process] = []
        self.warnings: list[str] = []

    def take(self, line: str) -> None:
        """Take one line of the answer."""
        if line.startswith("|"):
            cells = (line[1:-1] if line.endswith("|") else line[1:]).split("|")
            self._row(line, cells)
        elif line.startswith("[WARNING]"):
            self.warnings.append(line)
        elif not _RULER.fullmatch(line):
            raise self._error("a row of the table", line)

    def overview(self) -> Overview:
        """Return what was read, once the answer is complete."""
        beginning = self.result.stdout.strip()[:80]
        if self.versions is None:
            raise self._error("the line of versions", beginning)
        if self.names is None or self.buses is None:
            raise self._error("the header of the chip table", beginning)
        self._finish_chip()
        return Overview(*self.versions, tuple(self.chips), tuple(self.processes), tuple(self.warnings))

    def _error(self, wanted: str, line: str) -> CliError:
        return misunderstood(wanted, line, self.result)

    def _row(self, line: str, cells: list[str]) -> None:
        if len(cells) == 1:
            self._sentence(line)
        elif cells[0].strip()[:1].isdigit() or not self._header(line, cells):
            if self.process_cells:
                self.processes.append(self._process(line, cells))
            else:
                self._chip_row(line, cells)

    def _sentence(self, line: str) -> None:
        banner = _BANNER.search(line)
        if banner:
            self.versions = (banner.group(1), banner.group(2))
        elif not _NO_PROCESSES.search(line):
            raise self._error("the line of versions, or that no process runs", line)

    def _header(self, line: str, cells: list[str]) -> bool:
        """Take a header row; tell whether it was one."""
        words = [cell.strip() for cell in cells]
        if words[1] == "Process id":
            self.process_cells = len(cells)
            self.process_ids = 1 if words[0] == "NPU ID" else 2  # Ascend 950 has no Chip column
        elif "Health" in words:
            self.name_split = words[:2] == ["NPU ID", "Name"]
            self.names = self._columns(line, cells)
        elif "Bus-Id" in words:
            self.buses = self._columns(line, cells)
        else:
            return False
        return True

    def _columns(self, line: str, cells: list[str]) -> _Header:
        ids, _middle, values = self._three_cells(line, cells)
        found = _tokens(values.replace(*_UTILISATION_950))
        if not all(name in (_POWER, *_SINGLE_COLUMNS, *_PAIR_COLUMNS) for _start, name in found):
            raise self._error("a header of known columns", line)
        return _Header(tuple(ids.split()), found)

    def _three_cells(self, line: str, cells: list[str]) -> list[str]:
        if self.name_split and len(cells) == _ROW_CELLS + 1:
            cells = [f"{cells[0]} {cells[1]}", *cells[2:]]
        if len(cells) != _ROW_CELLS:
            raise self._error("a row of the chip table", line)
        return cells

    def _chip_row(self, line: str, cells: list[str]) -> None:
        if self.names is None or self.buses is None:
            raise self._error("the header of the chip table", line)
        ids, middle, values = self._three_cells(line, cells)
        word = middle.strip()
        if word in HEALTH_WORDS:
            self._finish_chip()
            self.pending = (line, self._first_row(line, ids, word, self._measures(self.names, line, values)))
        elif _BUS_ID.fullmatch(word):
            measures = self._measures(self.buses, line, values)
            self.chips.append(self._second_row(line, ids, word, measures))
            self.pending = None
        else:
            raise self._error("a known health word or a bus id", line)

    def _finish_chip(self) -> None:
        if self.pending is not None:
            line = self.pending[0]
            raise CliError(
                f"npu-smi printed {line!r} but no second row of this chip; ask it again", self.result
            )

    def _first_row(self, line: str, ids: str, health: str, measures: dict[str, Any]) -> Chip:
        number, *name = ids.split(None, 1) or [""]
        npu_id = self._id(number, line)
        if not name:  # transcript npu-smi/910B3/186: health OK and zeros, but nothing of it was read
            return Chip(npu_id=npu_id, reason="the chip does not answer: npu-smi printed no name for it")
        return Chip(npu_id=npu_id, name=name[0].strip(), health=health, **measures)

    def _second_row(self, line: str, ids: str, bus_id: str, measures: dict[str, Any]) -> Chip:
        numbers = self._ids(line, ids)
        if self.pending is None:  # transcript npu-smi/910B3/211
            chip = Chip(reason="npu-smi left out the row with the name and the health of this chip")
        else:
            chip = self.pending[1]
            if chip.name is None:
                return replace(chip, **numbers)
        if bus_id == NO_BUS_ID:  # transcript npu-smi/910B3/201
            reason = chip.reason or "npu-smi could not read the PCI bus id of this chip"
            return replace(chip, **numbers, reason=reason, **measures)
        return replace(chip, **numbers, bus_id=known(bus_id), **measures)

    def _ids(self, line: str, text: str) -> dict[str, Any]:
        """Return the chip's ids; a product whose table has no Chip column has one chip per NPU ID."""
        header = self.buses.ids if self.buses else ()
        names = [_ID_COLUMNS.get(word, "") for word in header]
        values = [whole_number(word, line, self.result) for word in text.split()]
        if len(names) != len(values) or not all(names):
            raise self._error(f"numbers for {' and '.join(header)}", line)
        return {"chip_id": 0, **dict(zip(names, values))}

    def _measures(self, header: _Header, line: str, text: str) -> dict[str, Any]:
        """Give the values of a row their names: by count, or by position where one is left blank."""
        tokens = _tokens(text)
        names = [name for _start, name in header.columns]
        if len(tokens) != len(names):
            places = dict(header.columns)
            names = [places.get(start, "") for start, _value in tokens]
            if not all(names):
                raise self._error("one value for each column", line)
        measures: dict[str, Any] = {}
        for name, (_start, value) in zip(names, tokens):
            measures.update(self._measure(name, value, line))
        return measures

    def _measure(self, name: str, text: str, line: str) -> dict[str, Any]:
        if name == _POWER:
            return {"power_w": self._power(text, line)}
        if name in _SINGLE_COLUMNS:
            number = whole_number(text, line, self.result)
            invalid = number is not None and number >= _ERROR_NUMBER
            return {_SINGLE_COLUMNS[name]: None if invalid else number}
        if known(text) is None:
            return {}
        used, slash, total = text.partition("/")
        if not slash:
            raise self._error(f"'used / total' for {name}", line)
        pair = [whole_number(used, line, self.result), whole_number(total, line, self.result)]
        if name != _HUGEPAGES and pair[1] == 0:  # not fitted, or not read
            return {}
        return dict(zip(_PAIR_COLUMNS[name], pair))

    def _power(self, text: str, line: str) -> float | None:
        value = known(text)
        if value is None:
            return None
        if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value):
            raise self._error("a power in watts", line)
        return float(value) or None  # nothing that runs draws 0.0 W: the power was not read

    def _process(self, line: str, cells: list[str]) -> Process:
        ids = cells[0].split()
        if len(ids) != self.process_ids or len(cells) < self.process_cells:
            raise self._error("a row of the process table", line)
        behind_name = len(cells) - (self.process_cells - _PROCESS_NAME - 1)
        return Process(
            npu_id=self._id(ids[0], line),
            chip_id=self._id(ids[1], line) if len(ids) > 1 else 0,
            pid=self._id(cells[1], line),
            name=known("|".join(cells[_PROCESS_NAME:behind_name])),
            memory_mb=whole_number(cells[behind_name], line, self.result),
        )

    def _id(self, text: str, line: str) -> int:
        number = whole_number(text, line, self.result)
        if number is None:
            raise self._error("an id", line)
        return number


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
