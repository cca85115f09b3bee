# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read what a host is like: its names in the firmware, memory, free space, clock, C library, resolved names.

This module util is private to the collection and may change at any time. Nothing is changed. Files are read
below a root, C(/) on a host; only names are resolved by a program, C(getent), as everything on the host does.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils._cli import TIMEOUT_STATUS, CliError
from ansible_collections.ascend.fleet.plugins.module_utils._version_files import below, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ansible_collections.ascend.fleet.plugins.module_utils._cli import Runner

_DMI_FOLDERS = ("/sys/class/dmi/id", "/sys/devices/virtual/dmi/id")
_DMI_NAMES = ("sys_vendor", "product_name", "board_name")
_MEMORY = {"MemTotal": "total_mb", "MemAvailable": "available_mb"}
_KIB_PER_MIB = 1024
_BYTES_PER_MIB = 1 << 20
_RESOLVE_SECONDS = 5


def read_dmi(root: str) -> dict[str, str | None]:
    """Return the names of maker, server and board in the firmware's tables; null for what is not there."""
    return {name: _first(root, name) for name in _DMI_NAMES}


def _first(root: str, name: str) -> str | None:
    texts = (text_of(below(root, f"{folder}/{name}")) for folder in _DMI_FOLDERS)
    return next((text.strip() for text in texts if text and text.strip()), None)


def read_memory(root: str) -> dict[str, int | None]:
    """Return the host's memory in MiB; null where /proc/meminfo does not say it."""
    found: dict[str, int | None] = dict.fromkeys(_MEMORY.values())
    for line in (text_of(below(root, "/proc/meminfo")) or "").splitlines():
        name, _colon, rest = line.partition(":")
        if name in _MEMORY and rest.split():
            found[_MEMORY[name]] = int(rest.split()[0]) // _KIB_PER_MIB
    return found


def read_space(root: str, paths: Iterable[str]) -> list[dict[str, Any]]:
    """Return for each path the filesystem in which it is, or would be made, and what is free there in MiB."""
    return [_space(root, path) for path in paths]


def _space(root: str, path: str) -> dict[str, Any]:
    place = below(root, path)
    while not place.exists():
        place = place.parent
    counts = os.statvfs(place)
    return {
        "path": path,
        "mount": str(Path("/") / _mount(place, below(root, "/")).relative_to(root)),
        "device": place.stat().st_dev,
        "free_mb": counts.f_bavail * counts.f_frsize // _BYTES_PER_MIB,
        "total_mb": counts.f_blocks * counts.f_frsize // _BYTES_PER_MIB,
        "read_only": bool(counts.f_flag & os.ST_RDONLY),
        "no_exec": bool(counts.f_flag & os.ST_NOEXEC),
    }


def _mount(place: Path, root: Path) -> Path:
    """Return the highest folder from ``root`` to ``place`` that is in the same filesystem."""
    device = place.stat().st_dev
    while place != root and place.parent.stat().st_dev == device:
        place = place.parent
    return place


def read_clock(controller_time: float | None) -> dict[str, float | None]:
    """Return the host's clock in seconds since 1970, and how far it is ahead of the controller's."""
    now = time.time()
    ahead = None if controller_time is None else round(now - controller_time, 1)
    return {"epoch": round(now, 1), "ahead_s": ahead}


def read_python() -> dict[str, str | None]:
    """Return the Python that runs this, and the version of the C library; null for another C library."""
    library, version = platform.libc_ver()
    return {
        "version": platform.python_version(),
        "executable": sys.executable,
        "glibc": version if library == "glibc" else None,
    }


def resolve(getent: Runner, names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return for each name its addresses in order, and why there are none; nothing without getent."""
    if not getent.available():
        return {}
    return {name: _resolve(getent, name) for name in names}


def _resolve(getent: Runner, name: str) -> dict[str, Any]:
    try:
        told = getent.run("ahosts", name, timeout=_RESOLVE_SECONDS)
    except CliError as error:
        if error.result is None or error.result.status != TIMEOUT_STATUS:
            raise
        return {"addresses": [], "reason": f"no answer within {_RESOLVE_SECONDS} s"}
    addresses = [line.split()[0] for line in told.stdout.splitlines() if line.split()]
    unknown = None if addresses else told.stderr.strip() or "nobody knows it"
    return {"addresses": list(dict.fromkeys(addresses)), "reason": unknown}
