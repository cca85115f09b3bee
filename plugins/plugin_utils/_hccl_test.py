# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge what hccl_test of CANN measured: a bandwidth for each size, and whether the sums were right. Pure.

This file is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FACTOR = 2  # from one size to the next, hccl_test's option -f
ABSENT, NO_MPI, STOPPED = 101, 103, 124  # of the role's own script, and of coreutils' timeout
_UNITS = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3}
# The documentation spells the second column avg_time, the programs aveg_time.
_HEADER = re.compile(
    r"data_size\(Bytes\):\s*\|\s*ave?g_time\(us\):\s*\|\s*alg_bandwidth\(GB/s\):\s*\|\s*check_result:"
)
# NULL: a sum that the data type cannot hold is not compared.
_ROW = re.compile(r"\s*(\d+)\s*\|\s*(\d+(?:\.\d+)?)\s*\|\s*(\d+(?:\.\d+)?)\s*\|\s*(success|failed|NULL)\s*")
_SHOWN = 200  # characters of an output that nobody understands


class Row(NamedTuple):
    """One size of the table: bytes, microseconds, gigabytes a second, and the tool's word for the sums."""

    size: int
    time: float
    bandwidth: float
    result: str


class Verdict(NamedTuple):
    """One check in words; C(passed) is None when it was not run."""

    check: str
    passed: bool | None
    found: str
    wanted: str
    action: str


def size_in_bytes(text: str) -> int:
    """Return a size as hccl_test takes it, such as 8K or 64M, in bytes. Raises ValueError for another one."""
    match = re.fullmatch(r"(\d+)([KMG]?)", text)
    if match is None:
        raise ValueError(f"found the size {text!r}, wanted a number with K, M, G or nothing after it")
    return int(match[1]) * _UNITS[match[2]]


def parse_table(output: str, last: str) -> list[Row]:
    """Return the rows of the table, up to the size ``last``.

    Raises ValueError that quotes an output without a table, a line that is no row, or a table cut off.
    """
    head = _HEADER.search(output)
    if head is None:
        raise ValueError(f"no table: {_quoted(output)}")
    rows = []
    for line in output[head.end() :].splitlines():
        match = _ROW.fullmatch(line)
        if match:
            rows.append(Row(int(match[1]), float(match[2]), float(match[3]), match[4]))
        elif "|" in line:
            raise ValueError(f"a line that is no row: {line.strip()!r}")
    if not rows or rows[-1].size * FACTOR <= size_in_bytes(last):
        raise ValueError(f"a table that ends before the size {last}: {_quoted(output)}")
    return rows


def verdicts(runs: list[Mapping[str, Any]], npus: int | None) -> Iterator[Verdict]:
    """Yield one verdict for each of ``runs``.

    A run has ``name``, ``program``, ``mpi``, ``last`` (size), ``floor`` (GB/s, 0 for none), and ``result``
    (of the command, or of the build when that failed).
    """
    for run in runs:
        floor = f", at least {run['floor']:g} GB/s" if run["floor"] else ""
        name, wanted = run["name"], f"right sums of every size up to {run['last']}{floor}"
        if not npus:
            yield Verdict(name, None, "not run: there is no NPU", wanted, "Nothing.")
        elif run["result"]["rc"] != 0:
            yield Verdict(name, False, *_failure(run, wanted))
        else:
            yield _judged(run, wanted)


def _judged(run: Mapping[str, Any], wanted: str) -> Verdict:
    try:
        rows = parse_table(run["result"]["stdout"], run["last"])
    except ValueError as error:
        return Verdict(run["name"], False, str(error), wanted, "Run it by hand to see all that it says.")
    best = max(rows, key=lambda row: row.bandwidth)
    wrong = [str(row.size) for row in rows if row.result != "success"]
    measured = f"{best.bandwidth:g} GB/s at {best.size} bytes"
    found = f"{measured}; wrong or uncompared sums of {', '.join(wrong)} bytes" if wrong else measured
    action = "Compare links, light and addresses of the devices, and what else computes on the NPUs."
    return Verdict(run["name"], not wrong and best.bandwidth >= run["floor"], found, wanted, action)


def _failure(run: Mapping[str, Any], wanted: str) -> tuple[str, str, str]:
    result = run["result"]
    if result["rc"] == ABSENT:
        return (
            f"no {run['program']}",
            wanted,
            "Add `npu_verify_hccl_test_build_allowed: true` to the inventory to have it built with make, or "
            "name where a built one is in npu_verify_hccl_test_program.",
        )
    if result["rc"] == NO_MPI:
        return (
            f"no {run['mpi']}/bin/mpirun",
            wanted,
            "Install MPI, or name its home in npu_verify_hccl_test_mpi.",
        )
    if result["rc"] == STOPPED:
        return ("no end before the time was up", wanted, "Look at the links, or allow it a longer timeout.")
    said = _quoted(f"{result['stdout']}\n{result['stderr']}")
    return (f"the status {result['rc']}: {said}", wanted, "Run it by hand to see all that it says.")


def _quoted(output: str) -> str:
    """Return the end of an output on one line, where programs say why they stop."""
    words = " ".join(output.split())
    return repr(words[-_SHOWN:]) if words else "no output"
