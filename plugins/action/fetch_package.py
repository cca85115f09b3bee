# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show how far the downloads are while the module runs on the controller."""

from __future__ import annotations

import os
import re
import tempfile
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ansible.plugins.action import ActionBase
from ansible.utils import color  # a worker has no terminal, but inherits whether there was one
from ansible.utils.display import Display

if TYPE_CHECKING:
    from collections.abc import Iterator

MODULE = "ascend.fleet.fetch_package"
EVERY = 0.5  # seconds between two looks at the log
_PROGRESS = re.compile(r"^\S+ (?P<file>.+): (?P<share>\d+) % of ")
_WIDTH = 30
display = Display()


class ActionModule(ActionBase):
    """Run the module, and show the lines of its log meanwhile."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the module's result."""
        super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        local = self._connection.transport == "local"
        if self._task.check_mode or not local:
            return self.module(arguments, task_vars)
        with log_of(arguments.get("log")) as log, shown(log, color.ANSIBLE_COLOR):
            return self.module({**arguments, "log": log}, task_vars)

    def module(self, arguments: dict[str, Any], task_vars: dict[str, Any] | None) -> dict[str, Any]:
        """Run the module with these arguments."""
        result: dict[str, Any] = self._execute_module(
            module_name=MODULE, module_args=arguments, task_vars=task_vars
        )
        return result


@contextmanager
def log_of(path: str | None) -> Iterator[str]:
    """Give the log that the task names, or one that is removed in the end."""
    if path:
        yield os.path.abspath(os.path.expanduser(path))
        return
    with tempfile.NamedTemporaryFile(prefix="ascend-fleet-fetch-", suffix=".log") as file:
        yield file.name


@contextmanager
def shown(log: str, terminal: bool) -> Iterator[None]:
    """Show what is added to ``log`` until the block ends: with a bar on a terminal, else lines only."""
    done = threading.Event()
    view = View(log, terminal)
    watcher = threading.Thread(target=view.watch, args=(done,), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


class View:
    """What people see of a log that grows."""

    def __init__(self, log: str, terminal: bool) -> None:
        """Begin at the present end of the log."""
        self.log, self.terminal = log, terminal
        self.place = os.path.getsize(log) if os.path.exists(log) else 0
        self.shares: dict[str, int] = {}

    def watch(self, done: threading.Event) -> None:
        """Look again and again until the event is set, and once more then."""
        while not done.wait(EVERY):
            self.look()
        self.look()
        if self.shares:
            display.display("")

    def look(self) -> None:
        """Show the lines that are new."""
        if not os.path.exists(self.log):
            return
        with open(self.log, encoding="utf-8") as file:
            file.seek(self.place)
            lines = file.readlines()
            self.place = file.tell()
        for line in lines:
            self.show(line.rstrip("\n"))
        if self.terminal and self.shares:
            display.display(f"\r{progress_line(self.shares)}", newline=False)

    def show(self, line: str) -> None:
        """Show one line; one that is only about progress moves the bar of a terminal instead."""
        progress = _PROGRESS.match(line)
        if progress:
            self.shares[progress["file"]] = int(progress["share"])
            return
        _time, _blank, text = line.partition(" ")
        file, _colon, what = text.partition(": ")
        if what.startswith(("complete", "failed")):
            self.shares.pop(file, None)
        display.display(f"\r{text}" if self.terminal else text)


def progress_line(shares: dict[str, int]) -> str:
    """Return one line about all downloads that run: the mean of their shares, and each share."""
    mean = sum(shares.values()) // len(shares)
    filled = "#" * (mean * _WIDTH // 100)
    each = ", ".join(f"{share} %" for share in shares.values())
    return f"[{filled:<{_WIDTH}}] {len(shares)} running: {each} "
