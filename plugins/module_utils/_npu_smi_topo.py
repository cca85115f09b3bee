# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialect of npu-smi: the matrix of C(-t topo), which tells how the NPUs of a node are connected.

The rows are named C(NPU0) and so on, on an A3 C(Phy-ID0), and network cards C(NIC0). Behind the matrix stand
the names of the network cards and a legend, which differ by product.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi import (
    answer_lines,
    known,
    misunderstood,
)

if TYPE_CHECKING:
    from ansible_collections.ascend.fleet.plugins.module_utils._cli import Result

_AFFINITY = "CPU Affinity"
_NODE = re.compile(r"(NPU|Phy-ID|NIC)([0-9]{1,5})")
_LINKS = ("X", "SYS", "PHB", "PIX", "PXB", "HCCS", "HCCS_SW", "SIO", "UB", "NA")
_CPUS = re.compile(r"[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*")
_LEGEND = re.compile(r"Legend:|\S+ += .*")
_CARD_NAME = re.compile(r"(NIC[0-9]{1,5}):(.*)")


def parse_topology(result: Result) -> dict[str, Any]:
    """Understand the answer to C(npu-smi info -t topo).

    Returns C(nodes): a list of C(name), C(id), C(cpu_affinity) and C(links), the kind of connection by the
    name of the other side, which is None where npu-smi does not know it; and C(nics): the names of network
    cards by the matrix's name. Raises CliError when a row or a column is missing.
    """
    lines = answer_lines(result)
    head = lines[0].replace(_AFFINITY, "").split()
    if not head or not all(_NODE.fullmatch(name) for name in head) or len(set(head)) != len(head):
        raise misunderstood("the header of the matrix", lines[0], result)
    rows = [_row(line, head, result) for line in lines[1:] if _NODE.fullmatch(line.split()[0])]
    if [row["name"] for row in rows] != head:
        found = ", ".join(row["name"] for row in rows) or "none"
        raise misunderstood(f"one row for each of {', '.join(head)}", f"rows {found}", result)
    return {"nodes": rows, "nics": _card_names(lines[1 + len(rows) :], head, result)}


def _row(line: str, head: list[str], result: Result) -> dict[str, Any]:
    name, *words = line.split()
    links, rest = words[: len(head)], words[len(head) :]
    own = head.index(name) if name in head else -1
    sound = len(links) == len(head) and all(link in _LINKS for link in links) and len(rest) <= 1
    if not sound or [place for place, link in enumerate(links) if link == "X"] != [own]:
        raise misunderstood("a row of the matrix", line, result)
    if rest and not _CPUS.fullmatch(rest[0]):
        raise misunderstood("numbers of CPUs", line, result)
    others = {other: known(link) for other, link in zip(head, links) if other != name}
    number = int("".join(char for char in name if char.isdigit()))
    return {"name": name, "id": number, "cpu_affinity": rest[0] if rest else None, "links": others}


def _card_names(lines: list[str], head: list[str], result: Result) -> dict[str, str | None]:
    """Return the names of the network cards; the legend says nothing new."""
    names: dict[str, str | None] = {}
    for line in lines:
        found = _CARD_NAME.fullmatch(line)
        if found and found.group(1) in head and found.group(1) not in names:
            names[found.group(1)] = known(found.group(2))
        elif found or not _LEGEND.fullmatch(line):
            raise misunderstood("the name of a network card or the legend", line, result)
    return names
