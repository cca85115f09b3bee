# SPDX-License-Identifier: GPL-3.0-or-later
"""`conda run`, and the shell words behind `conda activate`: what makes an environment the active one."""

from __future__ import annotations

import os
import shlex
import subprocess
from typing import TYPE_CHECKING

from conda.program.errors import CondaError, CondaValueError

if TYPE_CHECKING:
    import argparse

    from conda.program.environment import Environment
    from conda.program.installation import Installation
    from conda.program.terminal import Terminal

_FAILED = "ERROR conda.cli.main_run:execute(125): `conda run {words}` failed. (See above for error)\n"
_UNINITIALISED = "Run 'conda init' before 'conda {command}'"


def variables(installation: Installation, environment: Environment) -> dict[str, str]:
    """Return the variables of a shell in which ``environment`` is active."""
    name = installation.name_of(environment) or str(environment.prefix)
    return {
        "PATH": os.pathsep.join([str(environment.prefix / "bin"), *_path()]),
        "CONDA_PREFIX": str(environment.prefix),
        "CONDA_SHLVL": "1",
        "CONDA_DEFAULT_ENV": name,
        "CONDA_PROMPT_MODIFIER": f"({name}) ",
    }


def _path() -> list[str]:
    """Return the search path without the environment that is active now."""
    active = os.environ.get("CONDA_PREFIX")
    found = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return [folder for folder in found if active is None or folder != os.path.join(active, "bin")]


def run(installation: Installation, options: argparse.Namespace, terminal: Terminal) -> int:
    """Run a program in an environment and return its exit status (conda/cli/main_run.py)."""
    environment = installation.existing(options)
    words = options.executable_call[1:] if options.executable_call[:1] == ["--"] else options.executable_call
    if not words:
        raise CondaValueError("No executable call was provided.")
    shell = ["bash", "-c", '"$@"', "conda-run", *words]  # for the shell's words when there is no such program
    environ = {**os.environ, **variables(installation, environment)}
    pipe = None if options.no_capture_output else subprocess.PIPE
    result = subprocess.run(
        shell, env=environ, cwd=options.cwd, stdout=pipe, stderr=pipe, text=True, check=False
    )
    for text, stream in ((result.stdout, terminal.stdout), (result.stderr, terminal.stderr)):
        if text:
            stream.write(f"{text}\n")
    if result.returncode:
        terminal.stderr.write(_FAILED.format(words=" ".join(words)))
    return result.returncode


def shell_words(installation: Installation, options: argparse.Namespace, terminal: Terminal) -> int:
    """Print what `conda activate` and `conda deactivate` evaluate in a POSIX shell."""
    if options.change == "activate":
        by_path = os.sep in options.environment
        options.prefix, options.name = (options.environment, None)[:: 1 if by_path else -1]
        environment = installation.existing(options)
        for name, value in variables(installation, environment).items():
            terminal.say(f"export {name}={shlex.quote(value)}")
        return 0
    terminal.say(f"export PATH={shlex.quote(os.pathsep.join(_path()))}")
    terminal.say("unset CONDA_PREFIX CONDA_SHLVL CONDA_DEFAULT_ENV CONDA_PROMPT_MODIFIER")
    return 0


def uninitialised(_installation: Installation, options: argparse.Namespace, _terminal: Terminal) -> int:
    """Refuse `conda activate` outside of a shell that knows conda."""
    raise CondaError(_UNINITIALISED.format(command=options.command))
