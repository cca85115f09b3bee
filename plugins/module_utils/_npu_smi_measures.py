# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialect of npu-smi: the measured values in a row of the big table, told by the header's columns.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Tuple

from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi import (
    Unread,
    known,
    masked,
    misunderstood,
    read_value,
    whole_number,
)

if TYPE_CHECKING:
    from ansible_collections.ascend.fleet.plugins.module_utils._cli import Result

Columns = Tuple[Tuple[int, str], ...]  # position and name, left to right

_TOKEN = re.compile(r"(?:[0-9]+|NA|[xX*]+)\s*/\s*(?:[0-9]+|NA|[xX*]+)|\S+")
_UTILISATION_950 = ("NPU Util(%)", "AICore(%)  ")  # as wide as before: columns are also told by position
_SINGLE_COLUMNS = {
    "Power(W)": ("power_w", "watt"),
    "Temp(C)": ("temperature_c", "celsius"),
    "AICore(%)": ("ai_core_percent", "percent"),
}
_HUGEPAGES = "Hugepages-Usage(page)"
_PAIR_COLUMNS = {
    _HUGEPAGES: ("hugepages_used", "hugepages_total"),
    "Memory-Usage(MB)": ("memory_used_mb", "memory_total_mb"),
    "HBM-Usage(MB)": ("hbm_used_mb", "hbm_total_mb"),
}


@dataclass(frozen=True)
class Measures:
    """The values of a row by field name, and which of its columns could not be read."""

    values: dict[str, Any]
    unread: tuple[Unread, ...]


def tokens(text: str) -> Columns:
    """Return the values in a cell with their positions; C(used / total) is one value."""
    return tuple((match.start(), match.group()) for match in _TOKEN.finditer(text))


def columns(cell: str, line: str, result: Result) -> Columns:
    """Return the columns that a header's last cell names. Raises CliError for an unknown one."""
    found = tokens(cell.replace(*_UTILISATION_950))
    if not all(name in _SINGLE_COLUMNS or name in _PAIR_COLUMNS for _start, name in found):
        raise misunderstood("a header of known columns", line, result)
    return found


def measures(header: Columns, cell: str, line: str, result: Result) -> Measures:
    """Give the values of a row their names: by count, or by position where one is left blank.

    Raises CliError for a value that belongs to no column, or is none of its kind.
    """
    found = tokens(cell)
    names = [name for _start, name in header]
    if len(found) != len(names):
        places = dict(header)
        names = [places.get(start, "") for start, _value in found]
        if not all(names):
            raise misunderstood("one value for each column", line, result)
    values: dict[str, Any] = {}
    unread: list[Unread] = []
    for name, (_start, text) in zip(names, found):
        read = _single if name in _SINGLE_COLUMNS else _pair
        got, reasons = read(name, text, line, result)
        values.update(got)
        unread.extend(reasons)
    told = {*values, *(entry.what for entry in unread)}
    if not told & {"memory_total_mb", "hbm_total_mb"}:
        unread.extend(_no_memory(names))
    return Measures(values, tuple(unread))


def _single(name: str, text: str, line: str, result: Result) -> tuple[dict[str, Any], list[Unread]]:
    field, kind = _SINGLE_COLUMNS[name]
    value, reason = read_value(kind, text, line, result)
    return {field: value}, [Unread(field, reason)] if reason else []


def _pair(name: str, text: str, line: str, result: Result) -> tuple[dict[str, Any], list[Unread]]:
    """Return used and total, or nothing where the total is 0: not fitted, or not read."""
    fields = _PAIR_COLUMNS[name]
    if known(text) is None:
        return {}, []
    used, slash, total = text.partition("/")
    if not slash:
        raise misunderstood(f"'used / total' for {name}", line, result)
    if masked(used.strip()) or masked(total.strip()):
        return {}, [Unread(field, f"its value is masked: npu-smi printed {text!r}") for field in fields]
    pair = [whole_number(used, line, result), whole_number(total, line, result)]
    if any(number is not None and number < 0 for number in pair):
        raise misunderstood(f"no negative number for {name}", line, result)
    if name != _HUGEPAGES and pair[1] == 0:
        return {}, []
    return dict(zip(fields, pair)), []


def _no_memory(names: list[str]) -> list[Unread]:
    """Say so where neither memory was read; one of the two is not fitted on most products."""
    fields = [field for name in names if name != _HUGEPAGES for field in _PAIR_COLUMNS.get(name, ())]
    return [Unread(field, "npu-smi printed no total, for this and for any other memory") for field in fields]
