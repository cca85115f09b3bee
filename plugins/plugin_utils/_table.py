# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Print problems as a table for people. Pure.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
import textwrap
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_COLUMNS = ("host", "found", "wanted", "what to do")
_SENTENCES = ("found", "wanted", "fix")
_HOST_WIDTH = 22
_PIECES = re.compile(r"[^-_/,]*[-_/,]+|[^-_/,]+")
_SMALLEST = 12
_TITLES = {
    "error": ("1 problem stops the run", "{count} problems stop the run"),
    "warning": ("1 warning", "{count} warnings"),
}


def problem_table(problems: Sequence[Mapping[str, Any]], width: int = 120) -> str:
    """Return a table of errors, one of warnings, and lines of notes; hosts with the same problem share a row.

    ``width`` is the longest line in characters.
    """
    parts = []
    for severity, (one, many) in _TITLES.items():
        rows = _merge([problem for problem in problems if problem["severity"] == severity])
        if rows:
            title = one if len(rows) == 1 else many.format(count=len(rows))
            parts.append("\n".join([title, *_draw(rows, width)]))
    notes = _merge([problem for problem in problems if problem["severity"] == "note"])
    if notes:
        lines = (
            textwrap.wrap(f"{hosts}: {text}", width, subsequent_indent="  ") for hosts, text, *_rest in notes
        )
        parts.append("\n".join(["To know", *(line for several in lines for line in several)]))
    return "\n\n".join(parts) or "No problem was found."


def _merge(problems: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    hosts: dict[tuple[str, ...], list[str]] = {}
    for problem in problems:
        named = hosts.setdefault(tuple(problem[name] for name in _SENTENCES), [])
        if problem["host"] not in named:
            named.append(problem["host"])
    return [(", ".join(named), *sentences) for sentences, named in hosts.items()]


def _draw(rows: list[tuple[str, ...]], width: int) -> list[str]:
    rest = (width - _HOST_WIDTH - 3 * (len(_COLUMNS) - 1)) // (len(_COLUMNS) - 1)
    widths = [_HOST_WIDTH] + [max(rest, _SMALLEST)] * (len(_COLUMNS) - 1)
    rule = "-+-".join("-" * column for column in widths)
    lines = [_line(_COLUMNS, widths)]
    for row in rows:
        cells = [_wrap(cell, column) for cell, column in zip(row, widths)]
        lines += [rule, *(_line(line, widths) for line in zip_longest(*cells, fillvalue=""))]
    return lines


def _wrap(text: str, width: int) -> list[str]:
    """Break at blanks; a longer word (a file name) gets lines of its own, broken behind its joints."""
    lines = [""]
    for word in text.split():
        pieces = [word] if len(word) <= width else _PIECES.findall(word)
        for number, piece in enumerate(pieces):
            gap = " " if lines[-1] and number == 0 else ""
            new_line = len(pieces) > 1 and number == 0
            if len(lines[-1]) + len(gap) + len(piece) <= width and not new_line:
                lines[-1] += gap + piece
            else:
                lines += textwrap.wrap(piece, width)
    return lines[1:] if lines[0] == "" and len(lines) > 1 else lines


def _line(cells: Sequence[str], widths: list[int]) -> str:
    return " | ".join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip()
