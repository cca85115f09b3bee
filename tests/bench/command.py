# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure a rack of simulated nodes: fresh, converged, and looked at with --check; then remove it."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Any

import demo
import racks
from simulated_inventory import read_inventory

from bench import inventory, measure, records
from bench.budgets import judge, read_budgets
from bench.parsing import parsing
from bench.tables import table

FOLDER = inventory.ROOT / ".build/bench"
MIRRORS = "tests/bench/mirrors.yml"
RUNS = {"first": (), "second": (), "check": ("--check",)}
RUN_COLUMNS = {
    "run": "run",
    "result": "result",
    "changed": "changed",
    "wall_seconds": "wall s",
    "cpu_seconds_per_host": "CPU s/host",
    "tasks_mean": "tasks/host",
    "executions_max": "modules/host max",
    "executions_mean": "mean",
    "ssh_commands_mean": "SSH commands/host",
    "bytes_max": "bytes/host max",
    "bytes_mean": "mean",
    "bytes_total": "all",
}
TASK_COLUMNS = {"per_host": "per host", "executions": "all", "task": "task", "module": "module"}
CLOCK_COLUMNS = {"per_host": "CPU s/host", "task": "task"}
DEAREST = 12
BUDGET_COLUMNS = {"verdict": "verdict", "figure": "figure", "budget": "budget", "what": "what"}


def command_line() -> argparse.ArgumentParser:
    """Return the parser of this program's arguments."""
    products = list(inventory.read_racks()["racks"])
    parser = argparse.ArgumentParser(prog="tests/bench", description=__doc__)
    parser.add_argument("--nodes", type=_at_least_one, default=8, metavar="N", help="default 8")
    parser.add_argument("--product", action="append", choices=products, help="repeatable; default all")
    parser.add_argument(
        "--installer-seconds", type=float, metavar="S", help="let each installer take this long (default 1)"
    )
    parser.add_argument("--json", type=Path, default=FOLDER.with_suffix(".json"), metavar="FILE")
    return parser


def _at_least_one(text: str) -> int:
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"found {number}, wanted at least 1")
    return number


def make_inventory(options: argparse.Namespace) -> tuple[Path, dict[str, list[str]]]:
    """Write the inventory that the options ask for; return its folder and the hosts of each mirror's rack."""
    settings = inventory.read_racks()
    products = (options.product or list(settings["racks"]))[: options.nodes]
    fleet = {**settings["fleet"], "npu_report_directory": str(FOLDER / "reports")}
    if options.installer_seconds is not None:
        fleet["simulator_seconds"] = dict.fromkeys(settings["installers"], options.installer_seconds)
    folder = FOLDER / "inventory"
    content = inventory.hosts(options.nodes, products, settings)
    inventory.write(folder, content, fleet)
    return folder, inventory.mirrored(content)


def simulator(program: str, *words: str) -> None:
    """Run a program of the simulator. Raises CalledProcessError."""
    subprocess.run([sys.executable, str(inventory.ROOT / "simulator" / program), *words], check=True)


def make_files(folder: Path) -> None:
    """Make the packages and wheels that the nodes need, and no others: all of them go to the mirrors."""
    simulator("node_images.py", "build")
    packages, wheelhouse = (str(FOLDER / name) for name in ("packages", "wheelhouse"))
    for need in demo.needs(read_inventory(folder), racks.select(folder, [])):
        products = [word for product in need.products for word in ("--product", product)]
        own = ("--release", need.release, "--arch", need.arch)
        simulator("packages/build.py", *own, *products, "--output", packages)
        simulator("wheels/build.py", *own, "--output", wheelhouse)
    simulator("conda/build.py", "--output", packages)


def run_all(folder: Path, racks_of: dict[str, list[str]]) -> dict[str, dict[str, Any]]:
    """Start the nodes fresh, do the runs, remove the nodes, and return the runs' figures by name."""
    hosts = [host for rack in racks_of.values() for host in rack]
    make_files(folder)
    measure.adopt_orphans()
    runs = {}
    try:
        simulator("racks.py", "fresh", "-i", str(folder))
        print(
            f"bench: making {len(racks_of)} of {len(hosts)} nodes the mirrors of their racks ...", flush=True
        )
        runs["mirror"] = measure.playbook("mirror", FOLDER, list(racks_of), file=MIRRORS)
        for name, words in RUNS.items():
            print(f"bench: {name} run of site.yml on {len(hosts)} nodes ...", flush=True)
            runs[name] = measure.playbook(name, FOLDER, hosts, *words)
    finally:
        simulator("racks.py", "down", "-i", str(folder))
    return runs


def add_copies(runs: dict[str, dict[str, Any]], racks_of: dict[str, list[str]]) -> None:
    """Say how often a file left the controller for a rack, until the nodes had their release.

    A first run that failed has not fetched everything: then there is no such figure.
    """
    if not runs["first"]["invalid"]:
        noted = [records.parse((FOLDER / f"{name}.jsonl").read_text("utf-8")) for name in measure.CHANGING]
        runs["mirror"]["copies_per_mirror"] = records.copies([one for run in noted for one in run], racks_of)


def add_ratio(first: dict[str, Any], slowest: float, seconds: float | None) -> None:
    """Put the first run's time in relation to the slowest node's installers, if they are no trifle."""
    if seconds:
        first["wall_per_installer_time"] = round(first["wall_seconds"] / slowest, 2)


def about(options: argparse.Namespace, nodes: int) -> dict[str, Any]:
    """Return where and when it was measured."""
    return {
        "time": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "nodes": nodes,
        "installer_seconds": options.installer_seconds,
        "processors": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "ansible_core": version("ansible-core"),
    }


def show(result: dict[str, Any]) -> str:
    """Return the tables of a result."""
    runs = list(result["runs"].values())
    invalid = {run["run"]: run["invalid"] for run in runs if run["invalid"]}
    rows = [{**run, "result": "invalid" if run["invalid"] else "done"} for run in runs]
    setting = ", ".join(f"{key} {value}" for key, value in result["about"].items())
    return "\n".join(
        [
            f"\nThe mirrors' run, then runs of site.yml ({setting})\n",
            table(RUN_COLUMNS, rows),
            *(f"{name} run: {why}, see {FOLDER / name}.log" for name, why in invalid.items()),
            "\nRemote module executions of the second run, in the order of its tasks\n",
            table(TASK_COLUMNS, result["runs"]["second"]["tasks"]),
            f"\nProcessor seconds of the controller, second run, the {DEAREST} dearest tasks\n",
            table(CLOCK_COLUMNS, result["runs"]["second"]["clock"][:DEAREST]),
            "\nBudgets\n",
            table(BUDGET_COLUMNS, result["budgets"]),
            "\nNot measured\n",
            *(f"{row['what']}: {row['reason']}" for row in result["budgets"] if row["reason"]),
        ]
    )


def bench(options: argparse.Namespace) -> dict[str, Any]:
    """Make the nodes, measure, and return everything that was found. Raises CalledProcessError."""
    folder, racks_of = make_inventory(options)
    nodes = racks.select(folder, [])
    setting = about(options, len(nodes))
    runs = run_all(folder, racks_of)
    add_copies(runs, racks_of)
    slowest = max(sum(node.state["seconds"].values()) for node in nodes)
    add_ratio(runs["first"], slowest, options.installer_seconds)
    return {
        "about": setting,
        "runs": runs,
        "budgets": judge(read_budgets(), {**runs, "parsing": parsing()}),
    }


def main(arguments: list[str]) -> int:
    """Run the command line; 0 also for what is over its budget, 1 when a run measured nothing."""
    options = command_line().parse_args(arguments)
    FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        result = bench(options)
    except subprocess.CalledProcessError as error:
        sys.exit(f"bench: the simulator did not do its part: {error}")
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(show(result))
    print(f"\nbench: all figures are in {options.json}")
    return 1 if any(run["invalid"] for run in result["runs"].values()) else 0
