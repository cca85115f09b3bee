# SPDX-License-Identifier: GPL-3.0-or-later
"""What installers ask the node's operating system: users, programs, permissions, space."""

from __future__ import annotations

import json
import os
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from npu_simulator import device_nodes
from npu_simulator.installers.files import read

if TYPE_CHECKING:
    from npu_simulator.state import Node, Npu

PROGRAM_FOLDERS = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
MODE_OTHERS = 0o755
MODE_GROUP = 0o750
_PASSWD_FIELDS = 7
_GROUP_FIELDS = 4
_TOOLS = Path(__file__).with_name("tools.json")


class User(NamedTuple):
    """One line of /etc/passwd, as far as it matters here."""

    name: str
    uid: int
    gid: int
    home: str


def users(node: Node) -> list[User]:
    """Return the users of the node, from its own /etc/passwd."""
    lines = _table(node, "/etc/passwd", _PASSWD_FIELDS)
    return [User(line[0], int(line[2]), int(line[3]), line[5]) for line in lines]


def find_user(node: Node, name: str) -> User | None:
    """Return the user called ``name``."""
    return next((user for user in users(node) if user.name == name), None)


def caller_home(node: Node) -> str:
    """Return the home folder of the user who runs the installer."""
    return next((user.home for user in users(node) if user.uid == node.uid), "/root")


def groups(node: Node) -> dict[str, tuple[int, list[str]]]:
    """Return the node's groups: name -> id and extra members."""
    lines = _table(node, "/etc/group", _GROUP_FIELDS)
    return {line[0]: (int(line[2]), [name for name in line[3].split(",") if name]) for line in lines}


def _table(node: Node, path: str, fields: int) -> list[list[str]]:
    lines = (line.split(":") for line in read(node, path).splitlines())
    return [line for line in lines if len(line) == fields]


def is_member(node: Node, user: User, group: str) -> bool:
    """Tell whether ``user`` belongs to ``group``, as their own group or an extra one."""
    gid, members = groups(node)[group]
    return user.gid == gid or user.name in members


def missing_tools(node: Node) -> list[str]:
    """Return the programs that the driver installer demands and the node lacks, in the installer's order."""
    wanted = json.loads(_TOOLS.read_text(encoding="utf-8"))["driver"]
    return [tool for tool in wanted if not has_program(node, tool)]


def has_program(node: Node, name: str) -> bool:
    """Tell whether the program ``name`` is on the node's path."""
    return any(os.access(node.path(f"{folder}/{name}"), os.X_OK) for folder in PROGRAM_FOLDERS)


def may_enter(node: Node, user: User, path: str) -> bool:
    """Tell whether ``user`` may search every folder down to ``path``."""
    return all(_searchable(node.path(folder).stat(), user) for folder in _chain(path))


def _searchable(folder: os.stat_result, user: User) -> bool:
    if folder.st_uid == user.uid:
        return bool(folder.st_mode & stat.S_IXUSR)
    if folder.st_gid == user.gid:
        return bool(folder.st_mode & stat.S_IXGRP)
    return bool(folder.st_mode & stat.S_IXOTH)


def may_write(node: Node, path: str) -> bool:
    """Tell whether the calling user may make something in the folder ``path``."""
    return bool(node.root) or os.access(path, os.W_OK | os.X_OK)


def foreign_folder(node: Node, path: str) -> bool:
    """Tell whether ``path`` or a folder above it belongs to somebody else than root or the caller."""
    owners = {0, os.geteuid()}
    return any(node.path(folder).stat().st_uid not in owners for folder in _chain(path))


def closed_folder(node: Node, path: str, wanted: int) -> bool:
    """Tell whether ``path`` or a folder above it has a mode below ``wanted``, compared as numbers."""
    modes = (stat.S_IMODE(node.path(folder).stat().st_mode) & 0o777 for folder in _chain(path))
    return any(int(f"{mode:o}") < int(f"{wanted:o}") for mode in modes)


def _chain(path: str) -> list[str]:
    """Return ``path`` and the folders above it, without the root."""
    parts = [part for part in path.split("/") if part]
    return ["/" + "/".join(parts[: count + 1]) for count in range(len(parts))]


def free_megabytes(node: Node, path: str) -> int:
    """Return the free space where ``path`` lies, in MB."""
    return shutil.disk_usage(node.path(path)).free // (1024 * 1024)


def present_npus(node: Node) -> list[Npu]:
    """Return the chips that are on the bus."""
    state = node.read()
    gone = state["faults"].get("npu_gone") or []
    return [npu for npu in state["npus"] if npu["present"] and npu["phy_id"] not in gone]


def ready_npus(node: Node) -> list[Npu]:
    """Return the chips that are on the bus and answer."""
    dead = node.read()["faults"].get("npu_dead") or []
    return [npu for npu in present_npus(node) if npu["phy_id"] not in dead]


def fits_device(node: Node, pci_devices: tuple[str, ...]) -> bool:
    """Tell whether the bus holds a chip with one of ``pci_devices``, or no chip at all."""
    found = {npu["pci"]["device"] for npu in present_npus(node)}
    return not found or not pci_devices or bool(found & set(pci_devices))


def in_use(node: Node) -> bool:
    """Tell whether a process holds one of the chips."""
    return any(npu["processes"] for npu in present_npus(node)) or bool(device_nodes.holders(node))
