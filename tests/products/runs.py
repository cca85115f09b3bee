# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring the nodes up, run site.yml on them twice, and note what became of each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench import inventory, measure, records

from products import nodes

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = nodes.ROOT / ".build/products"
AT_ONCE = 8  # nodes side by side
FLEET = {"npu_fleet_waves": ["100%"], "simulator_releases": [], "npu_report_directory": str(FOLDER)}


@dataclass
class Result:
    """What became of a node: how both runs ended, what it has now, and what the second one cost."""

    first: str = ""
    second: str = ""
    executions: int = 0
    after: dict[str, Any] | None = None
    absent: list[str] | None = None
    failure: str = ""


def simulator(program: str, *words: str) -> None:
    """Run a program of the simulator; its words are shown when it fails. Raises CalledProcessError."""
    command = [sys.executable, str(nodes.ROOT / "simulator" / program), *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def play(chosen: list[nodes.Simulated]) -> dict[str, Result]:
    """Play all nodes, some at a time, and return the results by product."""
    results: dict[str, Result] = {}
    for start in range(0, len(chosen), AT_ONCE):
        results.update(_play_together(chosen[start : start + AT_ONCE]))
    return results


def _play_together(some: list[nodes.Simulated]) -> dict[str, Result]:
    folder = FOLDER / "inventory"
    inventory.write(folder, nodes.hosts(some, FOLDER), FLEET)
    nodes.write_catalog(some, FOLDER)
    for node in some:
        words = ("--release", node.release, "--arch", node.arch, "--product", node.key)
        simulator("packages/build.py", *words, "--output", str(nodes.ROOT / ".demo/packages"))
    torches = {node.release for node in some if node.arch == nodes.ARM and node.bill["torch"]}
    if torches:
        releases = [word for release in sorted(torches) for word in ("--release", release)]
        simulator("wheels/build.py", *releases, "--output", str(nodes.ROOT / ".demo/wheelhouse"))
    simulator("conda/build.py", "--output", str(nodes.ROOT / ".demo/packages"))
    simulator("racks.py", "fresh", "-i", str(folder))
    try:
        return _run_twice(some)
    finally:
        simulator("racks.py", "down", "-i", str(folder))


def _run_twice(some: list[nodes.Simulated]) -> dict[str, Result]:
    hosts = [node.host for node in some]
    results = {node.key: Result() for node in some}
    for name in ("first", "second"):
        measure.playbook(name, FOLDER, hosts)
        told = _report(FOLDER / "fleet.json")
        for node in some:
            _note(results[node.key], name, told.get(node.host))
    executed = records.executions(records.parse((FOLDER / "second.jsonl").read_text(encoding="utf-8")), hosts)
    for node in some:
        results[node.key].executions = executed.hosts[node.host]
    return results


def _report(file: Path) -> dict[str, dict[str, Any]]:
    if not file.exists():  # the preflight has stopped the run
        return {}
    told = {node["host"]: node for node in json.loads(file.read_text(encoding="utf-8"))["nodes"]}
    os.remove(file)  # a run that stops early must not find that of the run before
    return told


def _note(result: Result, name: str, told: dict[str, Any] | None) -> None:
    if told is None:
        result.failure = f"no report: see {FOLDER / name}.log"
        return
    setattr(result, name, told["state"])
    result.after = told["after"]
    result.absent = [entry["stage"] for entry in told["absent"]]
    if told["failure"]:
        result.failure = f"{told['failure']['step']}: {told['failure']['message']}"


def table(chosen: list[nodes.Simulated], results: dict[str, Result]) -> str:
    """Return what became of every product as lines of one table."""
    head = ("product", "arch", "release", "first run", "second run", "modules", "not applicable")
    rows = [head, *(_row(node, results.get(node.key)) for node in chosen)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows
    )


def _row(node: nodes.Simulated, result: Result | None) -> tuple[str, ...]:
    if result is None:
        return (node.key, node.arch, node.release or "none", *("-",) * 3, node.reason[:80])
    absent = ", ".join(result.absent or []) or "-"
    executed = str(result.executions)
    return (node.key, node.arch, node.release, result.first, result.second, executed, absent)
