# SPDX-License-Identifier: GPL-3.0-or-later
"""Real processes that hold the driver's device files, as the fault ``device_users`` says.

Each entry of the list: ``device`` (davinci0, davinci_manager ...), ``user`` (root without it), ``command``
(the name of the program, python3 without it) and ``container`` (an id: the process then lies in the cgroup of
that container, as on a real host). The processes are gone after a boot, like all others.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from npu_simulator.installers import system
from npu_simulator.installers.files import link, read, remove, write

if TYPE_CHECKING:
    from collections.abc import Mapping

    from npu_simulator.state import Node

PIDS = "/run/npu-simulator/device_users.json"
PROGRAMS = "/var/lib/npu-simulator/programs"
CGROUP_MOUNT = "/run/npu-simulator/cgroup"
RUN = "/usr/lib/npu-simulator/run"
_HOLD = f'"$0" infinity <"$1" & wait $!; exec {RUN} npu-simulator released $!'
_AS_USER = ("/usr/bin/setpriv", "--clear-groups", "--reuid")
_POLL_S = 0.005
_NAME_LENGTH = 15  # of a process, in the kernel
_CGROUP_V2 = "0::"


def settle(node: Node) -> None:
    """End the processes of an earlier call and start those that the fault asks for."""
    for pid in json.loads(read(node, PIDS) or "[]"):
        _end(pid)
    remove(node, PIDS)
    with node.change() as state:
        for npu in state["npus"]:
            npu["processes"] = []
    entries = node.read()["faults"].get("device_users") or []
    pids = [_start(node, entry) for entry in entries]
    if pids:
        write(node, PIDS, json.dumps(pids), 0o644)


def released(node: Node, pid: int) -> None:
    """Forget the process ``pid``: it has ended."""
    with node.change() as state:
        for npu in state["npus"]:
            npu["processes"] = [one for one in npu["processes"] if one["pid"] != pid]


def _start(node: Node, entry: Mapping[str, Any]) -> int:
    """Start a process as ``entry`` describes it and return its id."""
    command = str(entry.get("command", "python3"))
    program = f"{PROGRAMS}/{command}"
    link(node, program, "/bin/sleep")
    user = system.find_user(node, str(entry.get("user", "root")))
    if user is None:
        raise ValueError(f"device_users: found no user {entry.get('user')} on the node")
    device = str(entry.get("device", "davinci0"))
    if not node.path(f"/dev/{device}").exists():
        raise ValueError(f"device_users: found no /dev/{device}, wanted a driver that runs")
    as_user = [] if user.uid == node.uid else [*_AS_USER, str(user.uid)]
    watcher = subprocess.Popen(
        [*as_user, "/bin/sh", "-c", _HOLD, str(node.path(program)), str(node.path(f"/dev/{device}"))],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    pid = _child_of(watcher.pid, command)
    if entry.get("container"):
        _move_into_container(pid, str(entry["container"]))
    _show(node, device, {"pid": pid, "name": command, "memory_mb": 100})
    return pid


def _child_of(pid: int, command: str) -> int:
    """Return the child of ``pid`` as soon as it has become ``command``."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    while not (found := children.read_text(encoding="ascii").split()):
        time.sleep(_POLL_S)
    child = int(found[0])
    while Path(f"/proc/{child}/comm").read_text(encoding="utf-8").strip() != command[:_NAME_LENGTH]:
        time.sleep(_POLL_S)
    return child


def _show(node: Node, device: str, process: Any) -> None:
    """Let npu-smi show the process on the chip whose file it holds."""
    with node.change() as state:
        for npu in state["npus"]:
            if device == f"davinci{npu['phy_id']}":
                npu["processes"].append(process)


def _move_into_container(pid: int, container: str) -> None:
    """Put the process into a cgroup that is called as Docker calls those of its containers."""
    place = Path(CGROUP_MOUNT)
    if not place.is_dir():
        place.mkdir()
        second = Path("/proc/self/cgroup").read_text(encoding="utf-8").startswith(_CGROUP_V2)
        kind = ["-t", "cgroup2"] if second else ["-t", "cgroup", "-o", "pids"]
        subprocess.run(["mount", *kind, "cgroup", place], check=True)
    folder = place / "docker" / container
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cgroup.procs").write_text(f"{pid}\n", encoding="ascii")


def _end(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:  # somebody else has ended it, which is what the fault is for
        return
