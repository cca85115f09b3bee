# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure how long the collection takes to understand npu-smi's table of a node with 16 dies."""

from __future__ import annotations

import re
import statistics
import time
from typing import Any

from ansible_collections.ascend.fleet.plugins.module_utils._cli import Result
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_table import parse_overview

from bench.inventory import ROOT

# Two NPUs of two dies each, as a node with 910_93 prints them.
FIXTURE = ROOT / "tests/unit/fixtures/npu_smi/25.3.rc1/info-a3.txt"
NPUS = 8
DIES = 2
TIMES = 200
RULE = re.compile(r"^\+[=+]+\+$")


def large_table(text: str) -> str:
    """Return a table of 8 NPUs of 2 dies each, made of the first NPU of ``text``, without processes."""
    lines = text.splitlines()
    first, second = [place for place, line in enumerate(lines) if RULE.match(line)][:2]
    body = [_renumbered(line, npu) for npu in range(NPUS) for line in lines[first + 1 : second + 1]]
    return "\n".join([*lines[: first + 1], *body]) + "\n"


def _renumbered(line: str, npu: int) -> str:
    """Return a line of NPU 0 as one of NPU ``npu``: its number, and the dies' numbers on the node."""
    if "Ascend910" in line:
        return line.replace("| 0 ", f"| {npu} ", 1)
    die = re.match(r"\| (\d)     (\d)  ", line)
    if not die:
        return line
    return f"| {die[1]}     {npu * DIES + int(die[2]):<2} " + line[die.end() :]


def parsing() -> dict[str, Any]:
    """Return the median of many times, in milliseconds. Raises CliError when the table is not understood."""
    result = Result(("npu-smi", "info"), 0, large_table(FIXTURE.read_text(encoding="utf-8")), "")
    times = []
    for _turn in range(TIMES):
        start = time.perf_counter()
        overview = parse_overview(result)
        times.append(time.perf_counter() - start)
    return {"dies": len(overview.chips), "milliseconds": round(statistics.median(times) * 1000, 2)}
