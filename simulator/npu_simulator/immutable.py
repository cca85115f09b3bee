# SPDX-License-Identifier: GPL-3.0-or-later
"""The attribute of `chattr +i`, which the driver's installer gives its files against all but its uninstaller.

The state's ``immutable`` names the folder whose content has it. On a node whose container may set attributes
the files have it, too; elsewhere the state is all there is.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from npu_simulator.state import Node

FLAG = 0x10  # FS_IMMUTABLE_FL
_GET, _SET = 0x80086601, 0x40086602  # FS_IOC_GETFLAGS, FS_IOC_SETFLAGS
_APART_FROM = (5, 15)
_CANNOT = (errno.EPERM, errno.ENOTTY, errno.EOPNOTSUPP, errno.EINVAL)


def protect(node: Node, folder: str) -> None:
    """Protect what lies in ``folder`` (chattr -R +i FOLDER/*)."""
    with node.change() as state:
        state["immutable"] = [folder]
    _set(node, folder, on=True)


def release(node: Node, folder: str) -> None:
    """Take the protection away."""
    with node.change() as state:
        state.pop("immutable", None)
    _set(node, folder, on=False)


def _set(node: Node, folder: str, *, on: bool) -> None:
    """Set or clear the flag of all files, where Docker can still remove them with their container.

    Before Linux 5.15 overlayfs gave the flag to the file below. A folder of a test is no node.
    """
    if node.root or _kernel() < _APART_FROM:
        return
    for file in _files(node.path(folder)):
        try:
            change_flag(file, on=on)
        except OSError as error:
            if error.errno not in _CANNOT:
                raise
            return


def _kernel() -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", os.uname().release)[:2])


def _files(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            file = folder.joinpath(parent, name)
            if not file.is_symlink():
                yield file


def change_flag(file: Path, *, on: bool) -> None:
    """Set or clear the flag of one file. Raises OSError where that is not possible."""
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
    try:
        flags = struct.unpack("l", fcntl.ioctl(descriptor, _GET, struct.pack("l", 0)))[0]
        wanted = flags | FLAG if on else flags & ~FLAG
        if wanted != flags:
            fcntl.ioctl(descriptor, _SET, struct.pack("l", wanted))
    finally:
        os.close(descriptor)
