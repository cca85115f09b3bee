# SPDX-License-Identifier: GPL-3.0-or-later
"""Run site.yml on the rows' nodes, cut and uncut."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import inventory

from resume.rows import IMAGES

if TYPE_CHECKING:
    from resume.rows import Row

ROOT = inventory.ROOT
FOLDER = ROOT / ".build/resume"
PLUGINS = Path(__file__).with_name("callback_plugins")
AT_ONCE = 3  # runs side by side
LIMIT = 1800  # seconds for one run
_RECAP = re.compile(r"^(?P<host>resume-\d+)\s*:(?P<figures>.*)$", re.MULTILINE)


def simulator(program: str, *words: str) -> str:
    """Run a program of the simulator and return what it prints. Raises CalledProcessError."""
    command = [sys.executable, str(ROOT / "simulator" / program), *words]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def racks(command: str, *words: str) -> str:
    """Ask racks.py for something about the rows' nodes."""
    return simulator("racks.py", command, "-i", str(FOLDER / "inventory"), *words)


def site(name: str, host: str = "all", **cut: str) -> tuple[int, str]:
    """Run site.yml and return its exit status and output, which also lies in FOLDER."""
    log = FOLDER / f"{name}.log"
    program = Path(sys.executable).with_name("ansible-playbook")
    with tempfile.TemporaryDirectory(prefix="fleet-resume-") as sockets, log.open("wb") as output:
        status = subprocess.run(
            [program, "site.yml", "-i", str(FOLDER / "inventory"), "--limit", host],
            cwd=ROOT,
            env={**os.environ, "ANSIBLE_SSH_CONTROL_PATH_DIR": sockets, "ANSIBLE_NOCOLOR": "1", **cut},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=LIMIT,
            start_new_session=True,
        ).returncode
    return status, log.read_text(encoding="utf-8", errors="replace")


def recap(text: str) -> dict[str, dict[str, int]]:
    """Return the figures of the last lines of a run, by host."""
    return {
        match["host"]: {key: int(count) for key, count in re.findall(r"(\w+)=(\d+)", match["figures"])}
        for match in _RECAP.finditer(text)
    }


def in_words(figures: dict[str, int] | None) -> str:
    """Say how a run ended for a host."""
    if figures is None:
        return "no recap"
    for key in ("unreachable", "failed"):
        if figures[key]:
            return key
    return f"{figures['changed']} changes"


def cut_all(rows: list[Row]) -> None:
    """Do the first run of every row: the power cuts of a product together, each other cut in its own run.

    Ansible ends a playbook when a play has lost all its hosts, so that the next product would have no turn.
    """
    for product in IMAGES:
        cut_power(product, [row for row in rows if row.cut == "power" and row.product == product])
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(cut_one, (row for row in rows if row.cut != "power")))


def cut_power(product: str, rows: list[Row]) -> None:
    """Run site.yml for nodes that lose their power on the way."""
    for row in rows:
        fault, value = row.fault
        racks("fault", row.host, fault, json.dumps(value))
    _status, text = site(f"first-power-{product}", ":".join(row.host for row in rows))
    figures = recap(text)
    faults = {host: state["faults"] for host, state in json.loads(racks("state")).items()}
    for row in rows:
        row.first = in_words(figures.get(row.host))
        row.happened = row.fault[0] not in faults[row.host] and row.first in ("unreachable", "failed")


def cut_one(row: Row) -> None:
    """Run site.yml for the node of one row and cut it."""
    status, text = site(
        f"first-{row.host}",
        row.host,
        ANSIBLE_CALLBACK_PLUGINS=str(PLUGINS),
        ANSIBLE_CALLBACKS_ENABLED="fleet_cut",
        FLEET_CUT=row.cut,
        FLEET_CUT_TASK=row.where["task"],
        FLEET_CUT_AFTER=str(row.where["after"]),
    )
    if row.cut == "controller":
        row.happened = status < 0
        row.first = f"killed by signal {-status}" if status < 0 else f"exit status {status}"
    else:
        row.first = in_words(recap(text).get(row.host))
        row.happened = row.first in ("unreachable", "failed")


def again(rows: list[Row]) -> None:
    """Run the same command for all nodes, and once more, and note how both ended."""
    for name, attribute in (("again", "again"), ("third", "third")):
        _status, text = site(name)
        figures = recap(text)
        for row in rows:
            setattr(row, attribute, in_words(figures.get(row.host)))


def play(rows: list[Row], rest: dict[str, Any], content: dict[str, Any]) -> None:
    """Make the nodes, cut, run again, and remove the nodes."""
    fleet = {**rest["fleet"], "npu_report_directory": str(FOLDER / "reports")}
    inventory.write(FOLDER / "inventory", content, fleet)
    simulator("demo.py", "-i", str(FOLDER / "inventory"), "--packages")
    try:
        racks("fresh")
        cut_all(rows)
        again(rows)
    finally:
        racks("down")
