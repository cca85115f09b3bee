# SPDX-License-Identifier: GPL-3.0-or-later
"""The file /etc/hccn.conf itself: opened, locked, read and rewritten in place, as the vendor does it."""

from __future__ import annotations

import fcntl
from contextlib import contextmanager
from stat import S_IROTH, S_IWOTH
from typing import TYPE_CHECKING

from npu_simulator.hccn_tool import conf
from npu_simulator.hccn_tool.messages import Code, HccnError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import IO

    from npu_simulator.state import Node

PATH = "/etc/hccn.conf"


class ConfFile:
    """The configuration file of one node. Every access waits without limit for the lock (910B/283)."""

    def __init__(self, node: Node) -> None:
        """Look at the file of ``node``; a symbolic link is followed."""
        self._node = node
        self.path = node.path(PATH)

    def exists(self) -> bool:
        """Tell whether the file is there; the vendor's program never creates it."""
        return self.path.exists()

    def value(self, name: str, phy_id: int) -> str | None:
        """Return the saved value of ``name`` for a device, or None. Raises HccnError as :meth:`text` does."""
        return conf.value(self.text(), f"{name}_{phy_id}")

    def text(self) -> str:
        """Return the whole text. Raises HccnError FILE_ACCESS (missing) or FILE_READ (not readable)."""
        with self._opened("r", Code.FILE_READ) as stream:
            return stream.read()

    def save(self, name: str, phy_id: int, new: str) -> None:
        """Save a value. Raises HccnError FILE_ACCESS (missing) or FILE_WRITE (not writable)."""
        self.edit(lambda text: conf.with_value(text, f"{name}_{phy_id}", new), Code.FILE_WRITE)

    def drop(self, name: str, phy_id: int) -> None:
        """Drop every line that contains ``name_<phy_id>=``. Raises HccnError FILE_ACCESS or FILE_DELETE."""
        self.edit(lambda text: conf.without(text, f"{name}_{phy_id}="), Code.FILE_DELETE)

    def edit(self, change: Callable[[str], str], refusal: Code) -> None:
        """Rewrite the text in place (same inode, same mode); ``refusal`` is the code when that is refused."""
        with self._opened("r+", refusal) as stream:
            before = stream.read()
            after = change(before)
            if after != before:
                stream.seek(0)
                stream.truncate()
                stream.write(after)

    @contextmanager
    def _opened(self, mode: str, refusal: Code) -> Iterator[IO[str]]:
        if not self.exists():
            raise HccnError(Code.FILE_ACCESS)
        if not self._node.is_root and not self._others_may(S_IWOTH if "+" in mode else S_IROTH):
            raise HccnError(refusal)
        try:
            stream = open_file(str(self.path), mode)
        except OSError as error:
            raise HccnError(refusal) from error
        with stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield stream

    def _others_may(self, bit: int) -> bool:
        return bool(self.path.stat().st_mode & bit)


def open_file(path: str, mode: str) -> IO[str]:
    """Open the file so that every byte survives a rewrite."""
    return open(path, mode, encoding="latin-1", newline="")
