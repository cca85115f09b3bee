# SPDX-License-Identifier: GPL-3.0-or-later
"""Cut the run that has loaded this plugin: kill it whole, or kill its SSH connections."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from ansible.plugins.callback import CallbackBase

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

DOCUMENTATION = """
name: fleet_cut
type: notification
short_description: Cut this run while a task works
description:
  - C(FLEET_CUT_TASK) is a part of the task's name, C(FLEET_CUT_AFTER) the seconds after its beginning,
    C(FLEET_CUT) what is cut, C(controller) or C(connection).
  - The run must be in a process group and have a folder of SSH sockets (ANSIBLE_SSH_CONTROL_PATH_DIR) of
    its own.
requirements:
  - enable it in ANSIBLE_CALLBACKS_ENABLED
"""


def processes_that_say(words: str) -> Iterator[int]:
    """Yield the ids of the processes in whose command line ``words`` stand."""
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            said = line.read_bytes().decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended meanwhile
        if words in said:
            yield int(line.parent.name)


def kill_the_run() -> None:
    """Kill this process, which is ansible-playbook, and all its workers."""
    os.killpg(os.getpgid(0), signal.SIGKILL)


def kill_the_connections() -> None:
    """Kill the ssh processes of this run, those it shares in the background among them."""
    for process in processes_that_say(os.environ["ANSIBLE_SSH_CONTROL_PATH_DIR"]):
        os.kill(process, signal.SIGKILL)


CUTS = {"controller": kill_the_run, "connection": kill_the_connections}


class CallbackModule(CallbackBase):
    """Waits for the task, then cuts once."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "fleet_cut"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """Start the clock when the task begins."""
        if os.environ["FLEET_CUT_TASK"] in task.get_name():
            cut = CUTS[os.environ["FLEET_CUT"]]
            threading.Timer(float(os.environ["FLEET_CUT_AFTER"]), cut).start()
