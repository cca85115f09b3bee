# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that several programs of the simulator change, and others read meanwhile."""

from __future__ import annotations

import fcntl
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait until no other program has the folder for itself, and keep it until the block ends.

    The folder is made if need be; programs that only read need not wait.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def write_whole(file: Path, content: bytes) -> None:
    """Write the file so that who reads it meanwhile finds all of the old content, or all of the new."""
    part = file.with_name(f".{file.name}.part")
    part.write_bytes(content)
    part.replace(file)
