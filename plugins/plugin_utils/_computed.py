# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read what was computed in the Python environments of a node, whatever else was printed with it. Pure.

This file is private to the collection and may change at any time.
"""

from __future__ import annotations

import json
import re
from typing import Any

TORCH = ("torch", "torch_npu", "available", "devices", "wrong")
MINDSPORE = ("mindspore", "said")
# How Python ends a traceback. Libraries may write more while the process ends.
_ENDS = re.compile(r"^[\w.]*(Error|Exception|Interrupt)\b.*$", re.MULTILINE)


def outputs(text: str) -> dict[str, tuple[int, str]]:
    """Return exit status and output by environment: each stands between C(== path) and C(== status)."""
    blocks = re.findall(r"^== (/.*)\n((?:.*\n)*?)== (\d+)$", text, re.MULTILINE)
    return {path: (int(status), output.strip() or "no output") for path, output, status in blocks}


def seen_in(output: str, keys: tuple[str, ...]) -> dict[str, Any] | None:
    """Return the last JSON object of ``output`` that has all ``keys``; None when there is none.

    It is looked for in every line: standard error is mixed in, and torch_npu and GE write after it.
    """
    decoder = json.JSONDecoder()
    for begin in reversed([found.start() for found in re.finditer(r'\{"', output)]):
        try:
            seen, _end = decoder.raw_decode(output, begin)
        except ValueError:
            continue
        if set(keys) <= set(seen):
            return dict(seen)
    return None


def same_version(found: str, wanted: str | None) -> bool:
    """Compare versions. A local part (C(+cpu)) counts only when it was asked for."""
    return found == wanted or ("+" not in (wanted or "") and found.partition("+")[0] == wanted)


def last_words(output: str) -> str:
    """Return the line that says why a program failed: where a traceback ends, else the last line."""
    errors = [found[0] for found in _ENDS.finditer(output)]
    return (errors or output.splitlines())[-1]


def versions_computed(text: str) -> dict[str, str]:
    """Return the versions that the first environment of each framework printed, by name."""
    versions: dict[str, str] = {}
    for _status, output in outputs(text).values():
        for keys, names in ((TORCH, ("torch", "torch_npu")), (MINDSPORE, ("mindspore",))):
            seen = seen_in(output, keys) or {}
            versions = {**{name: seen[name] for name in names if name in seen}, **versions}
    return versions
