# SPDX-License-Identifier: GPL-3.0-or-later
"""The driver's files in /dev: one for each chip, and three for all of them (packages-and-versions.md 9)."""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING

from npu_simulator.hardware import on_the_bus

if TYPE_CHECKING:
    from npu_simulator.state import Node

SHARED = ("davinci_manager", "devmm_svm", "hisi_hdc")
_NULL = os.makedev(1, 3)  # no driver stands behind them: they behave like /dev/null
_MODE = stat.S_IFCHR | 0o666
_PATTERN = re.compile(r"davinci\d+")


def refresh(node: Node) -> None:
    """Have exactly the device files that the running driver makes."""
    state = node.read()
    chips = on_the_bus(state) if state["running"]["driver"] else []
    wanted = {f"davinci{npu['phy_id']}" for npu in chips} | (set(SHARED) if chips else set())
    folder = node.path("/dev")
    folder.mkdir(exist_ok=True)
    there = {one.name for one in folder.iterdir() if _PATTERN.fullmatch(one.name) or one.name in SHARED}
    for name in there - wanted:
        (folder / name).unlink()
    for name in wanted - there:
        _make(node, name)


def _make(node: Node, name: str) -> None:
    file = node.path(f"/dev/{name}")
    if node.root or os.geteuid() != 0:
        file.touch()
    else:
        os.mknod(file, _MODE, _NULL)
        file.chmod(0o666)


def holders(node: Node) -> list[int]:
    """Return the ids of the processes that hold one of the device files, as /proc tells; none off a node."""
    found: list[int] = []
    if node.root:
        return found
    for entry in os.listdir("/proc"):
        if entry.isdigit() and _holds_one(f"/proc/{entry}/fd"):
            found.append(int(entry))
    return sorted(found)


def _holds_one(folder: str) -> bool:
    try:
        links = [os.readlink(f"{folder}/{name}") for name in os.listdir(folder)]
    except (FileNotFoundError, PermissionError, ProcessLookupError):  # it ended, or it is not ours to see
        return False
    return any(link.startswith("/dev/") and _is_device(link[len("/dev/") :]) for link in links)


def _is_device(name: str) -> bool:
    return name in SHARED or _PATTERN.fullmatch(name) is not None
