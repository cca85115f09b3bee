# SPDX-License-Identifier: GPL-3.0-or-later
"""Text tables for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

GAP = "  "


def table(columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> str:
    """Return lines of aligned columns; ``columns`` maps keys of the rows to headings.

    Numbers stand at the right of their column, everything else at the left; None is a dash.
    """
    cells = [[_text(row[key]) for key in columns] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns.values(), *cells)]
    right = [bool(rows) and all(_is_number(row[key]) for row in rows) for key in columns]
    lines = [list(columns.values()), ["-" * width for width in widths], *cells]
    return "\n".join(
        GAP.join(
            cell.rjust(width) if at_right else cell.ljust(width)
            for cell, width, at_right in zip(line, widths, right)
        ).rstrip()
        for line in lines
    )


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))


def _text(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.2f}" if isinstance(value, float) else str(value)
