# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read whose a place on a host is, and whether this user may make something there.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from ansible_collections.ascend.fleet.plugins.module_utils._host_ground import user_name

_MOUNTS = "/proc/self/mounts"


def owner_of(path: Path) -> str | None:
    """Return the user to whom ``path`` belongs, where a link leads; None when nothing is there."""
    return user_name(path.stat().st_uid) if path.exists() else None


def read_ground(folder: Path, mounts: str = _MOUNTS) -> dict[str, Any]:
    """Return ``path, owner, filesystem, writable`` of the nearest directory to ``folder`` that is there.

    ``writable`` is what the filesystem answers this user; many servers of NFS say no to root.
    """
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return {
        "path": str(there),
        "owner": owner_of(there),
        "filesystem": filesystem_of(there, Path(mounts).read_text(encoding="utf-8")),
        "writable": os.access(str(there), os.W_OK | os.X_OK),
    }


def filesystem_of(path: Path, table: str) -> str | None:
    """Return the type of the filesystem that holds ``path``; ``table`` is /proc/self/mounts (man 5 fstab)."""
    real = path.resolve()
    longest, kind = 0, None
    for line in table.splitlines():
        _device, place, its_kind, *_rest = line.split(" ")
        mounted = Path(re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), place))
        if (mounted == real or mounted in real.parents) and len(mounted.parts) >= longest:
            longest, kind = len(mounted.parts), its_kind
    return kind
