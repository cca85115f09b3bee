# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of a node as installers handle them: whole texts, key=value files, links, trees."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from npu_simulator.state import Node

SHIM = '#!/bin/sh\n# Stand-in of a vendor program\nexec /usr/lib/npu-simulator/run {words} "$@"\n'


def read(node: Node, path: str) -> str:
    """Return the text of ``path``, empty when there is no such file."""
    file = node.path(path)
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def write(node: Node, path: str, text: str, mode: int = 0o644) -> None:
    """Write ``text`` to ``path`` anew, with its folder, whatever was there."""
    file = node.path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    remove(node, path)
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)


def append(node: Node, path: str, text: str, mode: int = 0o640) -> None:
    """Append ``text`` to ``path``; a new file gets ``mode``."""
    file = node.path(path)
    made = not file.exists()
    with file.open("a", encoding="utf-8") as stream:
        stream.write(text)
    if made:
        file.chmod(mode)


def shim(node: Node, path: str, words: str, mode: int = 0o555) -> None:
    """Make ``path`` a program that runs ``words`` in the simulator."""
    write(node, path, SHIM.format(words=words), mode)


def link(node: Node, path: str, target: str) -> None:
    """Make ``path`` a symbolic link to ``target`` as the node sees it."""
    file = node.path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    remove(node, path)
    file.symlink_to(target)


def remove(node: Node, path: str) -> None:
    """Remove the file, link or whole folder ``path`` if it is there."""
    file = node.path(path)
    if file.is_symlink() or file.is_file():
        file.unlink()
    elif file.is_dir():
        shutil.rmtree(file)


def remove_if_empty(node: Node, path: str) -> None:
    """Remove the folder ``path`` when nothing is in it."""
    folder = node.path(path)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def value(node: Node, path: str, key: str) -> str:
    """Return what stands behind ``key=`` in ``path``, empty when it does not stand there."""
    for line in read(node, path).splitlines():
        if line.startswith(f"{key}="):
            return line.split("=", 1)[1]
    return ""


class InstallInfo:
    """The shared record /etc/ascend_install.info of driver and firmware."""

    path = "/etc/ascend_install.info"

    def __init__(self, node: Node) -> None:
        """Look at the record of ``node``."""
        self.node = node

    @property
    def exists(self) -> bool:
        """Tell whether there is a record."""
        return self.node.path(self.path).is_file()

    def get(self, key: str) -> str:
        """Return the value of ``key``, empty when it is absent."""
        return value(self.node, self.path, key)

    def put(self, key: str, text: str) -> None:
        """Set ``key``: its old line goes, the new one comes last."""
        self._rewrite([*self._without(key), f"{key}={text}"])

    def put_if_absent(self, key: str, text: str) -> None:
        """Set ``key`` unless it has a value."""
        if not self.get(key):
            self.put(key, text)

    def drop(self, *keys: str) -> None:
        """Take the lines of ``keys`` out; a record without any install path is deleted."""
        self._rewrite(self._without(*keys))
        if "install_path_param" not in read(self.node, self.path).lower():
            remove(self.node, self.path)

    def _without(self, *keys: str) -> list[str]:
        lines = read(self.node, self.path).splitlines()
        return [line for line in lines if line.split("=", 1)[0] not in keys]

    def _rewrite(self, lines: list[str]) -> None:
        write(self.node, self.path, "".join(f"{line}\n" for line in lines), 0o644)
