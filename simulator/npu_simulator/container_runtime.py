# SPDX-License-Identifier: GPL-3.0-or-later
"""How NPUs come into containers of a node on which a Docker engine runs.

`ascend-docker-runtime` does what the vendor's does: it adds devices and files to a container that wants NPUs,
and hands it to runc. `runc` stands for the kernel: a container sees the driver through its device
files, and is given a state with just these chips. The real runc does the rest.
"""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

from npu_simulator.device_nodes import SHARED
from npu_simulator.state import CALLS_LOG, STATE_FILE

if TYPE_CHECKING:
    from npu_simulator.state import Node

RUNC = "/usr/sbin/runc"
REAL_RUNC = "/usr/lib/npu-simulator/runc"
PROGRAMS = "/usr/lib/npu-simulator"
STATES = "/run/npu-simulator/containers"
LIST = "/etc/ascend-docker-runtime.d/base.list"
VARIABLE = "ASCEND_VISIBLE_DEVICES"
INFO = "/usr/local/Ascend/Ascend-Docker-Runtime/ascend_docker_runtime_install.info"
LIBRARIES = "LD_LIBRARY_PATH=/usr/local/Ascend/driver/lib64"  # which of the folders it names is not known
_DEVICE = re.compile(r"/dev/davinci([0-9]+)")
_RANGE = re.compile(r"([0-9]+)(?:-([0-9]+))?")


def main(argv: list[str], node: Node, _stdin: TextIO, _stdout: TextIO, stderr: TextIO) -> int:
    """Run ``runc WORDS`` or ``ascend-docker-runtime WORDS``; this process becomes the next program."""
    program, words = argv[0], argv[1:]
    if "create" in words:
        bundle = words[words.index("--bundle") + 1]
        try:
            change(Path(bundle) / "config.json", program, node)
        except ValueError as error:
            stderr.write(f"{program}: {error}\n")
            return 1
        node.log_call(program, words, 0)
    return become(REAL_RUNC if program == "runc" else RUNC, words)


def become(program: str, words: list[str]) -> NoReturn:
    """Replace this process by ``program``."""
    os.execv(program, [program, *words])


def change(file: Path, program: str, node: Node) -> None:
    """Let a container's specification have what this program adds. Raises ValueError for unknown NPUs."""
    specification = json.loads(file.read_text(encoding="utf-8"))
    if program == "runc":
        show_driver(specification, node, file.parent.name)
    else:
        give_npus(specification, node)
    file.write_text(json.dumps(specification), encoding="utf-8")


def give_npus(specification: dict[str, Any], node: Node) -> None:
    """Add devices and files of the NPUs that the environment names (Ascend/mind-cluster, runtime)."""
    environment = dict(word.partition("=")[::2] for word in specification["process"].get("env", []))
    numbers = wanted(environment.get(VARIABLE, ""))
    if not numbers:
        return
    for path in (*(f"/dev/davinci{number}" for number in numbers), *(f"/dev/{name}" for name in SHARED)):
        if not node.path(path).exists():
            raise ValueError(f"{path} does not exist")
        add_device(specification, node, path)
    if node.path(INFO).is_file() and "\ninjection-mode=cdi\n" in node.path(INFO).read_text(encoding="utf-8"):
        specification["process"]["env"].append(LIBRARIES)  # README of the runtime: the mode cdi sets it
    for path in node.path(LIST).read_text(encoding="utf-8").split():
        if node.path(path).exists():
            add_mount(specification, os.path.realpath(node.path(path)), path, "ro")


def wanted(text: str) -> list[int]:
    """Return the numbers in C(0,2-4). Raises ValueError for other words."""
    numbers: set[int] = set()
    for word in filter(None, text.split(",")):
        match = _RANGE.fullmatch(word)
        if not match:
            raise ValueError(f"invalid {VARIABLE}: {text}")
        numbers.update(range(int(match[1]), int(match[2] or match[1]) + 1))
    return sorted(numbers)


def show_driver(specification: dict[str, Any], node: Node, container: str) -> None:
    """Show a container that has device files of chips the driver's state with these chips only."""
    paths = (device["path"] for device in specification["linux"].get("devices", []))
    numbers = {int(match[1]) for match in map(_DEVICE.fullmatch, paths) if match}
    if not numbers:
        return
    state = node.read()
    state["npus"] = [npu for npu in state["npus"] if npu["phy_id"] in numbers]
    state["environment"] = "container"
    folder = node.path(f"{STATES}/{container}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / Path(STATE_FILE).name).write_text(json.dumps(state), encoding="utf-8")
    add_mount(specification, str(folder), str(Path(STATE_FILE).parent), "rw")
    log = str(Path(CALLS_LOG).parent)
    add_mount(specification, str(node.path(log)), log, "rw")
    add_mount(specification, PROGRAMS, PROGRAMS, "ro")


def add_device(specification: dict[str, Any], node: Node, path: str) -> None:
    """Add a device file of the node, and the right to use it."""
    number = os.stat(node.path(path)).st_rdev
    place = {"type": "c", "major": os.major(number), "minor": os.minor(number)}
    linux = specification["linux"]
    mode = stat.S_IRUSR | stat.S_IWUSR | stat.S_IRGRP | stat.S_IWGRP | stat.S_IROTH | stat.S_IWOTH
    linux.setdefault("devices", []).append({**place, "path": path, "fileMode": mode, "uid": 0, "gid": 0})
    rights = linux.setdefault("resources", {}).setdefault("devices", [])
    rights.append({**place, "allow": True, "access": "rwm"})


def add_mount(specification: dict[str, Any], source: str, target: str, how: str) -> None:
    """Add a file or folder of the node."""
    mount = {"destination": target, "type": "bind", "source": source, "options": ["rbind", how]}
    specification["mounts"].append(mount)
