# SPDX-License-Identifier: GPL-3.0-or-later
"""One call of a CANN package: its voice, its log, its folders, and the record of the installation path."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from npu_simulator.installers import system
from npu_simulator.installers.cann.options import HOSTS, parse
from npu_simulator.installers.cann.placement import NEW_LAYOUT, place
from npu_simulator.installers.files import append, read, remove, value, write
from npu_simulator.installers.session import SECLOG, Finished

if TYPE_CHECKING:
    from npu_simulator.installers.cann.placement import Placement
    from npu_simulator.installers.package import Package
    from npu_simulator.installers.session import Session

DEFAULT_ROOT = "/usr/local/Ascend"
_OLD_VOICE = "[{tag}] [{time}] [{level}] {text}"
_NEW_VOICE = "[{tag}] [{time}] [{level}]: {text}"
_OLD_TIME = "%Y%m%d-%H:%M:%S"
_NEW_TIME = "%Y-%m-%d %H:%M:%S"
_BACKUP = "%Y%m%d%H%M%S"


class CannRun:
    """One call of a CANN package."""

    def __init__(self, session: Session, package: Package, words: list[str]) -> None:
        """Begin a call of ``package`` with the arguments ``words``."""
        self.session = session
        self.node = session.node
        self.package = package
        self.options = parse(words)
        self.home = "" if self.node.is_root else system.caller_home(self.node)
        self.record_file = f"{self.home or '/etc'}/Ascend/ascend_{self._record_name}_install.info"
        self.root = self._settled_root()
        self.tag = self.place().tag
        self.log_file = f"{self.home}{SECLOG}/ascend_{self.tag[0].lower()}{self.tag[1:]}_install.log"

    @property
    def _record_name(self) -> str:
        """Return whose record counts: the toolbox has one of its own."""
        return "toolbox" if self.package.part == "toolbox" else "cann"

    def _settled_root(self) -> str:
        default = f"{self.home}/Ascend" if self.home else DEFAULT_ROOT
        given = self.options.values.get("install-path", "").rstrip("/")
        return given or self.recorded_root or default

    @property
    def recorded_root(self) -> str:
        """Return the path that the first CANN package of this user was installed to, empty when none was."""
        return value(self.node, self.record_file, "Install_Path")

    @property
    def arch(self) -> str:
        """Return the node's architecture."""
        return self.node.read()["arch"]

    @property
    def host(self) -> str:
        """Return the package that kernels attach to: that of --type, else the first one of this version."""
        named = self.options.values.get("type")
        if named in HOSTS:
            return named
        there = (host for host in ("toolkit", "nnae", "nnrt") if self.has_host(host))
        return next(there, "toolkit")

    def has_host(self, host: str) -> bool:
        """Tell whether toolkit, nnae or nnrt of this version is completely installed below the same path."""
        return self.node.path(place(self.package.as_part(host), self.root, self.arch).info).is_file()

    def place(self) -> Placement:
        """Return the paths of this package as things are now."""
        host = self.host if self.package.part == "kernels" else "toolkit"
        return place(self.package, self.root, self.arch, host)

    @property
    def folder_mode(self) -> int:
        """Return the mode of folders: others may enter with --install-for-all, from 8.5 on always root's."""
        always = self.package.layout == NEW_LAYOUT and self.node.is_root
        return system.MODE_OTHERS if self.options.for_all or always else system.MODE_GROUP

    def say(self, text: str, level: str = "INFO") -> None:
        """Print one line and write it to the log."""
        new = self.package.layout == NEW_LAYOUT
        now = time.strftime(_NEW_TIME if new else _OLD_TIME)
        line = (_NEW_VOICE if new else _OLD_VOICE).format(tag=self.tag, time=now, level=level, text=text)
        self.session.print(line)
        append(self.node, self.log_file, line + "\n")

    def refuse(self, text: str) -> Finished:
        """Print an error and return what ends the installer with status 1."""
        self.say(text, "ERROR")
        return Finished(1)

    def open_log(self) -> None:
        """Make the log folder and name the log."""
        folder = self.node.path(self.log_file).parent
        if not folder.is_dir():
            folder.mkdir(parents=True)
            folder.chmod(0o750)
        self.say(f"LogFile:{self.log_file}")

    def record_root(self) -> None:
        """Note the installation path for the CANN packages that follow, keep another's record aside."""
        before = self.recorded_root
        if before and before != self.root:
            folder = self.record_file.rsplit("/", 1)[0]
            kept = f"{folder}/{time.strftime(_BACKUP)}/{self.record_file.rsplit('/', 1)[1]}"
            write(self.node, kept, read(self.node, self.record_file), 0o644)
            remove(self.node, self.record_file)
        lines = {"Install_Path": self.root}
        known = value(self.node, self.record_file, "Toolkit_InstallPath")
        if self.package.part == "toolkit":
            placed = self.place()
            known = placed.base if self.package.layout == NEW_LAYOUT else placed.tree
        if known:
            lines["Toolkit_InstallPath"] = known
        text = "".join(f"{key}={path}\n" for key, path in lines.items())
        write(self.node, self.record_file, text, 0o644)
