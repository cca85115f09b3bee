# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the vendor's programs: the only place of the modules that starts a process.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import abc
import os
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ansible.module_utils.basic import AnsibleModule

TIMEOUT_STATUS = 124  # what coreutils' timeout answers when the time is up
KILLED_STATUSES = (137, -9)  # the same for a program that did not end and was killed
DRIVER_HOME = "/usr/local/Ascend/driver"
PROGRAM_DIRECTORIES = [f"{DRIVER_HOME}/tools", "/usr/local/bin", "/usr/local/sbin"]
LIBRARY_DIRECTORIES = [f"{DRIVER_HOME}/lib64", f"{DRIVER_HOME}/lib64/common", f"{DRIVER_HOME}/lib64/driver"]


@dataclass(frozen=True)
class Result:
    """What one run of a program gave: its arguments, exit status and both streams."""

    argv: tuple[str, ...]
    status: int
    stdout: str
    stderr: str

    @property
    def command(self) -> str:
        """Return the command as one would type it."""
        return " ".join(shlex.quote(word) for word in self.argv)


class CliError(Exception):
    """A program answered in a way that cannot be accepted."""

    def __init__(self, message: str, result: Result | None = None) -> None:
        """Keep the message and the run that caused it."""
        super().__init__(message)
        self.message = message
        self.result = result

    def as_failure(self) -> dict[str, Any]:
        """Return the keyword arguments of C(fail_json)."""
        if self.result is None:
            return {"msg": self.message}
        run = self.result
        return {
            "msg": f"{self.message} (command: {run.command}, exit status {run.status})",
            "cmd": list(run.argv),
            "rc": run.status,
            "stdout": run.stdout,
            "stderr": run.stderr,
        }


class MissingProgramError(CliError):
    """The program is not on this host."""


class Runner(abc.ABC):
    """Something that can run one vendor program."""

    program: str

    @abc.abstractmethod
    def run(self, *arguments: str, stdin: str | None = None, timeout: int = 30) -> Result:
        """Run the program with ``arguments`` and return what it gave, whatever its exit status.

        ``timeout`` is in seconds. Raises MissingProgramError when the program is absent and CliError when
        the time is up.
        """

    @abc.abstractmethod
    def available(self) -> bool:
        """Tell whether the program is on this host."""


class ModuleRunner(Runner):
    """Run a program through AnsibleModule, in the C locale and with a time limit."""

    def __init__(self, module: AnsibleModule, program: str, directories: Sequence[str] = ()) -> None:
        """Look the program up in ``directories``, the driver's folders and PATH."""
        self.module = module
        self.program = program
        self.path = module.get_bin_path(program, opt_dirs=[*directories, *PROGRAM_DIRECTORIES])

    def available(self) -> bool:
        """Tell whether the program was found."""
        return self.path is not None

    def run(self, *arguments: str, stdin: str | None = None, timeout: int = 30) -> Result:
        """Run the program; see :meth:`Runner.run`."""
        if self.path is None:
            raise MissingProgramError(f"{self.program} is not on this host; install the NPU driver first")
        status, stdout, stderr = self.module.run_command(
            ["timeout", "--kill-after=5", str(timeout), self.path, *arguments],
            data=stdin if stdin is not None else "",
            binary_data=False,
            environ_update=program_environment(),
        )
        result = Result((self.program, *arguments), status, stdout, stderr)
        if status in (TIMEOUT_STATUS, *KILLED_STATUSES):
            raise CliError(f"{self.program} gave no answer within {timeout} s", result)
        return result


def program_environment() -> dict[str, str]:
    """Return the environment that vendor programs need: the C locale and the driver's libraries."""
    libraries = [*LIBRARY_DIRECTORIES, os.environ.get("LD_LIBRARY_PATH", "")]
    return {"LC_ALL": "C", "LD_LIBRARY_PATH": ":".join(path for path in libraries if path)}
