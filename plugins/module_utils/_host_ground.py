# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read what stands between a host and another driver: who uses the NPUs, what is missing, what was closed.

This module util is private to the collection and may change at any time. Nothing is changed. Everything is
read below a root, C(/) on a host.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import re
import struct
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils._version_files import assignments, below, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ansible_collections.ascend.fleet.plugins.module_utils._cli import Runner

INSTALL_INFO = "/etc/ascend_install.info"
_DEVICE = re.compile(r"/dev/(davinci(?:\d+|_manager))$")
_CONTAINER = re.compile(r"[0-9a-f]{64}")
# A package of the vendor that runs, or what makeself unpacked of one.
_PACKAGE = re.compile(r"(^|/)((Ascend|Atlas|A\d+)[-_][^/]*\.run|selfgz\d+(/|$))")
_GET_FLAGS = 0x80086601  # FS_IOC_GETFLAGS
_IMMUTABLE = 0x10  # FS_IMMUTABLE_FL, chattr +i
_INSPECT = (
    "{{.Id}}|{{.Name}}|{{range .HostConfig.Devices}}{{.PathOnHost}} {{end}}|"
    "{{range .Config.Env}}{{println .}}{{end}}"
)
_VISIBLE = "ASCEND_VISIBLE_DEVICES="
_TIMEOUT = 60
_FIELDS = 4  # of a line of /etc/group, the shorter one of the two tables


def read_kernel(root: str) -> dict[str, Any]:
    """Return the running kernel and whether its own headers are there, without which no module is built."""
    release = os.uname().release
    build = f"/lib/modules/{release}/build"
    return {"release": release, "build": build, "headers": below(root, build).is_dir()}


def read_holders(root: str) -> list[dict[str, Any]]:
    """Return the processes that hold /dev/davinci*, sorted by process id."""
    pids = sorted(int(name) for name in os.listdir(below(root, "/proc")) if name.isdigit())
    return [holder for holder in (_holder(root, pid) for pid in pids) if holder]


def _holder(root: str, pid: int) -> dict[str, Any] | None:
    home = below(root, f"/proc/{pid}")
    try:
        links = [os.readlink(home / "fd" / name) for name in os.listdir(home / "fd")]
        devices = sorted({match[1] for match in map(_DEVICE.search, links) if match})
        if not devices:
            return None
        container = _CONTAINER.search(text_of(home / "cgroup") or "")
        return {
            "pid": pid,
            "name": (text_of(home / "comm") or "").strip(),
            "user": user_name(home.stat().st_uid),
            "devices": devices,
            "container": container[0] if container else None,
        }
    except (FileNotFoundError, ProcessLookupError):  # it ended while it was looked at
        return None


def user_name(uid: int) -> str:
    """Return a user's name, the number when it has none here, as those of containers often have."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def read_containers(docker: Runner) -> list[dict[str, Any]]:
    """Return the running Docker containers that have NPUs, by device or by the Ascend Docker Runtime."""
    if not docker.available():
        return []
    listed = docker.run("ps", "--quiet", "--no-trunc", timeout=_TIMEOUT)
    ids = listed.stdout.split() if listed.status == 0 else []
    if not ids:
        return []
    told = docker.run("inspect", "--format", f"{_INSPECT}", *ids, timeout=_TIMEOUT).stdout
    return [container for container in map(_container, _blocks(told)) if container["devices"]]


def _blocks(told: str) -> Iterator[str]:
    """Yield the answers of docker inspect; the environment of a container takes several lines."""
    block: list[str] = []
    for line in told.splitlines():
        if _CONTAINER.match(line) and block:
            yield "\n".join(block)
            block = []
        block.append(line)
    if block:
        yield "\n".join(block)


def _container(block: str) -> dict[str, Any]:
    number, name, paths, environment = (*block.split("|", 3), "", "", "")[:4]
    devices = [match[1] for match in map(_DEVICE.search, paths.split()) if match]
    visible = next((line for line in environment.splitlines() if line.startswith(_VISIBLE)), "")
    asked = [visible[len(_VISIBLE) :]] if visible[len(_VISIBLE) :] else []
    return {"id": number, "name": name.lstrip("/"), "devices": devices or asked}


def read_installers(root: str) -> list[dict[str, Any]]:
    """Return the packages of the vendor that run just now."""
    found = []
    for name in sorted(os.listdir(below(root, "/proc"))):
        words = (text_of(below(root, f"/proc/{name}/cmdline")) or "").split("\0") if name.isdigit() else []
        if any(_PACKAGE.search(word) for word in words):
            found.append({"pid": int(name), "command": " ".join(words).strip()})
    return found


def read_account(root: str, user: str, group: str) -> dict[str, Any]:
    """Return whether the vendor's user is there, and whether it belongs to the vendor's group."""
    users = _table(root, "/etc/passwd")
    groups = _table(root, "/etc/group")
    entry = next((line for line in users if line[0] == user), None)
    mine = next((line for line in groups if line[0] == group), None)
    primary = next((line[0] for line in groups if entry and line[2] == entry[3]), None)
    members = mine[3].split(",") if mine else []
    home = entry[5] if entry else f"/home/{user}"
    return {
        "user": user,
        "group": group,
        "exists": entry is not None,
        "group_exists": mine is not None,
        "primary_group": primary,
        "member": primary == group or user in members,
        "home": home,
        "home_exists": below(root, home).exists(),
    }


def unknown_users(names: Iterable[str]) -> list[str]:
    """Return those of ``names`` that are no users here, nor of a directory that the host asks."""
    return [name for name in names if not _is_user(name)]


def _is_user(name: str) -> bool:
    try:
        return bool(pwd.getpwnam(name))
    except KeyError:
        return False


def _table(root: str, path: str) -> list[list[str]]:
    lines = (line.split(":") for line in (text_of(below(root, path)) or "").splitlines())
    return [line for line in lines if len(line) >= _FIELDS]


def read_last_user(root: str) -> dict[str, str | None]:
    """Return user and group of the last driver, which the vendor keeps."""
    info = assignments(below(root, INSTALL_INFO))
    return {"user": info.get("UserName"), "group": info.get("UserGroup")}


def immutable(root: str, paths: Iterable[str]) -> list[str]:
    """Return those of ``paths`` that somebody closed with chattr +i."""
    return [path for path in paths if below(root, path).exists() and _is_immutable(str(below(root, path)))]


def _is_immutable(path: str) -> bool:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        answer = fcntl.ioctl(descriptor, _GET_FLAGS, struct.pack("l", 0))
    except OSError:  # this file system has no such flags
        return False
    finally:
        os.close(descriptor)
    return bool(struct.unpack("l", answer)[0] & _IMMUTABLE)
