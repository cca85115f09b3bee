# SPDX-License-Identifier: GPL-3.0-or-later
"""Note every module that a run executes on a host and every file it sends there, one JSON line each.

Ansible has no event for either. The worker processes are forks of the process that loads this plugin, so
what is wrapped here is wrapped in all of them. What runs on the controller itself (connection local) is not
noted; a task that is delegated to another host counts for that host.
"""

from __future__ import annotations

import json
import multiprocessing
import os
from functools import wraps
from typing import TYPE_CHECKING, Any

from ansible.plugins.action import ActionBase
from ansible.plugins.callback import CallbackBase
from ansible.plugins.connection.ssh import Connection

if TYPE_CHECKING:
    from collections.abc import Callable

DOCUMENTATION = """
name: fleet_bench
type: notification
short_description: Note modules executed on hosts and files sent to them
description:
  - Appends one JSON mapping a line to the file that the environment variable FLEET_BENCH_RECORDS names.
requirements:
  - enable it in ANSIBLE_CALLBACKS_ENABLED
"""

RECORDS = "FLEET_BENCH_RECORDS"
WORKER_END_SECONDS = 1


def note(kind: str, **facts: Any) -> None:
    """Append a record; one write of one line, so that the lines of several workers do not mix."""
    line = json.dumps({"kind": kind, **facts}) + "\n"
    file = os.open(os.environ[RECORDS], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(file, line.encode())
    finally:
        os.close(file)


class CallbackModule(CallbackBase):
    """Wraps Ansible when it is loaded, and notes the recap at the end."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "fleet_bench"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        """Wrap; Ansible makes one callback, in the process that starts the workers."""
        super().__init__()
        ActionBase.__init__ = wrap_action(ActionBase.__init__)
        ActionBase._execute_module = wrap_execution(ActionBase._execute_module)
        Connection.put_file = wrap_sending(Connection.put_file)
        Connection.exec_command = wrap_command(Connection.exec_command)

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """Note how many processor seconds the run has taken when a task begins, workers among them."""
        for worker in multiprocessing.active_children():
            worker.join(WORKER_END_SECONDS)  # they have answered; once they have ended, their seconds count
        note("clock", task=task.get_name(), seconds=round(sum(os.times()[:4]), 3))

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """Note what the recap says of each host."""
        for host in sorted(stats.processed):
            note("recap", host=host, **stats.summarize(host))


def wrap_action(make: Callable[..., None]) -> Callable[..., None]:
    """Let the connection of an action know for which host and task it works."""

    @wraps(make)
    def made(action: Any, *arguments: Any, **named: Any) -> None:
        make(action, *arguments, **named)
        task, variables = action._task, action._templar.available_variables
        host = task.delegate_to or variables["inventory_hostname"]
        action._connection.fleet_bench_origin = {"host": str(host), "task": task.get_name()}

    return made


def wrap_execution(execute: Callable[..., Any]) -> Callable[..., Any]:
    """Note each module that an action executes on a host; most actions execute one, some none or several."""

    @wraps(execute)
    def executed(action: Any, module_name: str | None = None, *arguments: Any, **named: Any) -> Any:
        if action._connection.transport != "local":
            module = str(module_name or action._task.action)
            note("execution", module=module, **action._connection.fleet_bench_origin)
        return execute(action, module_name, *arguments, **named)

    return executed


def wrap_sending(put: Callable[..., Any]) -> Callable[..., Any]:
    """Note each file that went to a host, whatever it is."""

    @wraps(put)
    def sent(connection: Any, in_path: str, out_path: str) -> Any:
        answer = put(connection, in_path, out_path)
        size = os.path.getsize(in_path)
        note("file", file=os.path.basename(in_path), bytes=size, **connection.fleet_bench_origin)
        return answer

    return sent


def wrap_command(execute: Callable[..., Any]) -> Callable[..., Any]:
    """Note each command that a host is given, a module or not."""

    @wraps(execute)
    def executed(connection: Any, *arguments: Any, **named: Any) -> Any:
        note("command", **connection.fleet_bench_origin)
        return execute(connection, *arguments, **named)

    return executed
