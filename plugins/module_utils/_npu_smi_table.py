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
    BUS_ID,
    HEALTH_WORDS,
    NO_BUS_ID,
    Unread,
    answer_lines,
    known,
    misunderstood,
    read_bus_id,
    whole_number,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_chips import Chip, Overview, Process
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_measures import (
    Measures,
    columns,
    measures,
)

if TYPE_CHECKING:
    from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_measures import Columns

_ROW_CELLS = 3  # names, health or bus id, measured values
_PROCESS_NAME = 2  # the cell of a process row that may hold anything, even the cells' separator

_BANNER = re.compile(r"\|\s*npu-smi\s+(\S+)\s+Version:\s*(\S+)\s*\|")
_NO_PROCESSES = re.compile(r"\|\s*No running processes found in NPU ([0-9]+)\s*\|")
_NO_NAME = re.compile(r"[0-9]{1,2}")
_RULER = re.compile(r"[+=-]+")
_ID_COLUMNS = {"Chip": "chip_id", "Device": "logic_id", "Phy-ID": "phy_id"}


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
    columns: Columns


class _Reader:
    """Take the table line by line."""

    def __init__(self, result: Result) -> None:
        self.result = result
        self.versions: tuple[str, str] | None = None
        self.names: _Header | None = None
        self.buses: _Header | None = None
        self.name_split = False  # Ascend 950: NPU ID and name stand in two cells
        self.process_cells: tuple[int, ...] = ()  # widths, once the header of the process table has come
        self.process_ids = 0
        self.pending: tuple[str, Chip] | None = None  # a chip's first row, until the second one comes
        self.chips: list[Chip] = []
        self.processes: list[Process] = []
        self.idle: set[int] = set()  # NPU IDs said to have no processes
        self.warnings: list[str] = []

    def take(self, line: str) -> None:
        """Take one line of the answer."""
        if line.startswith("|"):
            if not line.endswith("|") or line == "|":  # wrapped or broken off, maybe within a number
                raise self._error("a row with its last bar", line)
            self._row(line, line[1:-1].split("|"))
        elif line.startswith("[WARNING]"):
            self.warnings.append(line)
        elif not _RULER.fullmatch(line):
            raise self._error("a row of the table", line)
        else:
            self._finish_chip()

    def overview(self) -> Overview:
        """Return what was read, once the answer is complete."""
        beginning = self.result.stdout.strip()[:80]
        if self.versions is None:
            raise self._error("the line of versions", beginning)
        if self.names is None or self.buses is None:
            raise self._error("the header of the chip table", beginning)
        self._finish_chip()
        told = self.idle | {process.npu_id for process in self.processes}
        asked = {chip.npu_id for chip in self.chips if chip.npu_id is not None}
        untold = sorted(asked - told) if self.process_cells else []
        return Overview(
            *self.versions, tuple(self.chips), tuple(self.processes), tuple(self.warnings), tuple(untold)
        )

    def _error(self, wanted: str, line: str) -> CliError:
        return misunderstood(wanted, line, self.result)

    def _row(self, line: str, cells: list[str]) -> None:
        if len(cells) == 1:
            self._sentence(line)
        elif cells[0].strip()[:1].isdigit() or not self._header(line, cells):
            if self.process_cells:
                self._finish_chip()
                self.processes.append(self._process(line, cells))
            else:
                self._chip_row(line, cells)

    def _sentence(self, line: str) -> None:
        banner, idle = _BANNER.fullmatch(line), _NO_PROCESSES.fullmatch(line)
        if banner and self.versions is None:
            self.versions = (banner.group(1), banner.group(2))
        elif idle:
            self.idle.add(self._id(idle.group(1), line))
        else:
            raise self._error("the line of versions, or that no process runs", line)

    def _header(self, line: str, cells: list[str]) -> bool:
        """Take a header row; tell whether it was one."""
        words = [cell.strip() for cell in cells]
        if words[1] == "Process id":
            self.process_cells = tuple(len(cell) for cell in cells)
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
        if self.chips or self.pending:  # the outputs of two calls, one in the other
            raise self._error("one header above all chips", line)
        ids, _middle, values = self._three_cells(line, cells)
        return _Header(tuple(ids.split()), columns(values, line, self.result))

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
            found = measures(self.names.columns, values, line, self.result)
            self.pending = (line, self._first_row(line, ids, word, found))
        elif BUS_ID.fullmatch(word):
            found = measures(self.buses.columns, values, line, self.result)
            self._add(self._second_row(line, ids, word, found), line)
            self.pending = None
        else:
            raise self._error("a known health word or a bus id", line)

    def _add(self, chip: Chip, line: str) -> None:
        known_ids = {(other.npu_id, other.chip_id) for other in self.chips if other.npu_id is not None}
        last = self.chips[-1] if self.chips and chip.npu_id is None else None
        again = last is not None and (last.chip_id, last.bus_id) == (chip.chip_id, chip.bus_id)
        if (chip.npu_id, chip.chip_id) in known_ids or (again and chip.bus_id):
            raise self._error(f"one chip {chip.chip_id} of NPU {chip.npu_id}", line)
        self.chips.append(chip)

    def _finish_chip(self) -> None:
        if self.pending is not None:
            line = self.pending[0]
            raise CliError(
                f"npu-smi printed {line!r} but no second row of this chip; ask it again", self.result
            )

    def _first_row(self, line: str, ids: str, health: str, found: Measures) -> Chip:
        number, *name = ids.split() or [""]
        npu_id = self._id(number, line)
        if not name:  # transcript npu-smi/910B3/186: health OK and zeros, but nothing of it was read
            return Chip(npu_id=npu_id, reason="the chip does not answer: npu-smi printed no name for it")
        if len(name) > 1 or _NO_NAME.fullmatch(name[0]):  # a name has no blanks: the NPU ID was torn
            raise self._error("an NPU ID and a name", line)
        return Chip(npu_id=npu_id, name=name[0], health=health, unread=found.unread, **found.values)

    def _second_row(self, line: str, ids: str, bus_id: str, found: Measures) -> Chip:
        numbers = self._ids(line, ids)
        if self.pending is None:  # transcript npu-smi/910B3/211
            chip = Chip(reason="npu-smi left out the row with the name and the health of this chip")
        else:
            chip = self.pending[1]
            if chip.name is None:
                return replace(chip, **numbers)
        chip = replace(chip, **numbers, **found.values, unread=chip.unread + found.unread)
        return self._without_doubtful(self._with_bus_id(chip, bus_id, line))

    def _with_bus_id(self, chip: Chip, text: str, line: str) -> Chip:
        bus_id, reason = read_bus_id(text, line, self.result)
        if text == NO_BUS_ID:
            return replace(chip, reason=chip.reason or reason)
        unread = (Unread("bus_id", reason),) if reason else ()
        return replace(chip, bus_id=bus_id, unread=chip.unread + unread)

    def _without_doubtful(self, chip: Chip) -> Chip:
        """Drop the utilisation of 0 of a chip whose temperature failed (transcript npu-smi/910B3/215)."""
        failed = any(entry.what == "temperature_c" for entry in chip.unread)
        if not failed or chip.ai_core_percent != 0:
            return chip
        reason = "npu-smi printed 0 for a chip of which it could not read the temperature"
        unread = (*chip.unread, Unread("ai_core_percent", reason))
        return replace(chip, ai_core_percent=None, unread=unread)

    def _ids(self, line: str, text: str) -> dict[str, Any]:
        """Return the chip's ids; a product whose table has no Chip column has one chip per NPU ID."""
        header = self.buses.ids if self.buses else ()
        names = [_ID_COLUMNS.get(word, "") for word in header]
        words = text.split()
        if len(names) != len(words) or not all(names):
            raise self._error(f"numbers for {' and '.join(header)}", line)
        return {"chip_id": 0, **{name: self._id(word, line) for name, word in zip(names, words)}}

    def _process(self, line: str, cells: list[str]) -> Process:
        ids = cells[0].split()
        behind_name = len(cells) - (len(self.process_cells) - _PROCESS_NAME - 1)
        if len(ids) != self.process_ids or not self._sound_cells(cells, behind_name):
            raise self._error("a row of the process table", line)
        return Process(
            npu_id=self._id(ids[0], line),
            chip_id=self._id(ids[1], line) if len(ids) > 1 else 0,
            pid=self._id(cells[1], line),
            name=known("|".join(cells[_PROCESS_NAME:behind_name])),
            memory_mb=whole_number(cells[behind_name], line, self.result),
        )

    def _sound_cells(self, cells: list[str], behind_name: int) -> bool:
        """Tell whether a row has the header's cells; a bar is the name's only if all are as wide."""
        if len(cells) <= len(self.process_cells):
            return len(cells) == len(self.process_cells)
        whole = [*cells[:_PROCESS_NAME], "|".join(cells[_PROCESS_NAME:behind_name]), *cells[behind_name:]]
        return tuple(len(cell) for cell in whole) == self.process_cells

    def _id(self, text: str, line: str) -> int:
        number = whole_number(text, line, self.result)
        if number is None or number < 0:
            raise self._error("an id", line)
        return number
