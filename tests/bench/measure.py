# SPDX-License-Identifier: GPL-3.0-or-later
"""Run ansible-playbook and measure it: time, processor seconds, and what the callback plugin notes."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import records
from bench.inventory import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

PLUGINS = Path(__file__).with_name("callback_plugins")
CHANGING = ("mirror", "first")  # the runs that find something to do
PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


@dataclass(frozen=True)
class Cost:
    """What a process and all its descendants took; ``status`` is its exit status.

    ``left_seconds`` are those of the processes that outlived it; ``cpu_seconds`` has them too.
    """

    status: int
    wall_seconds: float
    cpu_seconds: float
    left_seconds: float


def adopt_orphans() -> None:
    """Let what outlives its parent become a child of this process: ssh's shared connections do.

    Only what a process has waited for counts in its RUSAGE_CHILDREN. Raises OSError.
    """
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER) failed")


def cost(command: list[str], environment: Mapping[str, str], log: Path) -> Cost:
    """Run a command with its output in ``log`` and end what it left running."""
    before, start = _processor_seconds(), time.monotonic()
    with log.open("wb") as output:
        run = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    wall, ended = time.monotonic() - start, _processor_seconds()
    end_children()
    after = _processor_seconds()
    return Cost(run.returncode, round(wall, 2), round(after - before, 2), round(after - ended, 2))


def end_children() -> None:
    """End the children of this process, adopted ones among them, and wait for each."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()
    for child in map(int, children):
        os.kill(child, signal.SIGTERM)
        os.waitpid(child, 0)


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def playbook(
    name: str, folder: Path, hosts: list[str], *options: str, file: str = "site.yml"
) -> dict[str, Any]:
    """Run a playbook of the checkout on the inventory in ``folder`` and return its figures.

    ``name`` is that of the log and of the file of records, both in ``folder``.
    """
    noted, log = folder / f"{name}.jsonl", folder / f"{name}.log"
    noted.unlink(missing_ok=True)
    program = Path(sys.executable).with_name("ansible-playbook")
    # A folder for sockets: a short name, and no connection that an earlier run left open.
    with tempfile.TemporaryDirectory(prefix="fleet-bench-") as sockets:
        environment = {
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_CALLBACK_PLUGINS": str(PLUGINS),
            "ANSIBLE_CALLBACKS_ENABLED": "fleet_bench",
            "ANSIBLE_SSH_CONTROL_PATH_DIR": sockets,
            "FLEET_BENCH_RECORDS": str(noted),
        }
        command = [str(program), file, "-i", str(folder / "inventory"), *options]
        spent = cost(command, environment, log)
    found = records.parse(noted.read_text(encoding="utf-8")) if noted.exists() else []
    return figures(name, spent, found, hosts)


def figures(name: str, spent: Cost, found: list[records.Record], hosts: list[str]) -> dict[str, Any]:
    """Return the figures of a run; ``invalid`` says why they measure nothing, if so."""
    executed, commanded, sent = (
        add_up(found, hosts) for add_up in (records.executions, records.commands, records.bytes_sent)
    )
    changed = records.changed(found)
    return {
        "run": name,
        "status": spent.status,
        "invalid": _invalid(name, spent.status, found),
        "wall_seconds": spent.wall_seconds,
        "cpu_seconds": spent.cpu_seconds,
        "cpu_seconds_per_host": round(spent.cpu_seconds / len(hosts), 2),
        "changed": changed,
        "tasks_mean": round(records.tasks(found) / len(hosts), 2),
        "executions_max": executed.max,
        "executions_mean": executed.mean,
        "executions_by_host": executed.hosts,
        "ssh_commands_mean": commanded.mean,
        "bytes_max": sent.max,
        "bytes_mean": sent.mean,
        "bytes_total": sent.total,
        "tasks": records.by_task(found, hosts),
        "clock": records.clock(found, hosts, spent.cpu_seconds - spent.left_seconds, spent.left_seconds),
    }


def _invalid(name: str, status: int, found: list[records.Record]) -> str | None:
    """Say why a run measures nothing: it failed, or it changed what had to be converged."""
    changed, trouble = records.changed(found), records.trouble(found)
    if trouble:
        return f"ansible-playbook ended with status {status}, trouble with {', '.join(trouble)}"
    if status:
        return f"ansible-playbook ended with status {status}"
    if not any(record["kind"] == "recap" for record in found):
        return "no host was recapped"
    return f"{changed} tasks changed something" if changed and name not in CHANGING else None
