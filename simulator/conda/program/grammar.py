# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of those of conda's commands that a deployment needs (conda/cli/helpers.py)."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, Any, Callable

from conda.program.activation import run, shell_words, uninitialised
from conda.program.create import create, install
from conda.program.installation import BASE
from conda.program.listing import info, list_environments, list_packages
from conda.program.remove import remove

if TYPE_CHECKING:
    from conda.program.installation import Installation
    from conda.program.terminal import Terminal

    Action = Callable[[Installation, argparse.Namespace, Terminal], int]

_SUMMARY = "conda is a tool for managing and deploying applications, environments and packages."


def parser(version: str) -> argparse.ArgumentParser:
    """Return conda's parser; ``version`` is what ``--version`` says."""
    top = argparse.ArgumentParser(prog="conda", description=_SUMMARY)
    top.add_argument("-V", "--version", action="version", version=f"conda {version}")
    top.set_defaults(json=False, yes=False, quiet=False)
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    _add_create(commands)
    _add_install(commands)
    _add_environments(commands)
    _add_info(commands)
    _add_remove(commands)
    _add_run(commands)
    _add_activation(commands)
    return top


def _add(commands: Any, name: str, action: Action, text: str = "") -> argparse.ArgumentParser:
    added: argparse.ArgumentParser = commands.add_parser(name, description=text, help=text or None)
    added.set_defaults(action=action, command=name)
    return added


def _add_prefix(command: argparse.ArgumentParser) -> None:
    group = command.add_mutually_exclusive_group()
    group.add_argument("-n", "--name", metavar="ENVIRONMENT", help="Name of environment.")
    group.add_argument("-p", "--prefix", metavar="PATH", help="Full path to environment location.")


def _add_output(command: argparse.ArgumentParser, *, prompt: bool = False) -> None:
    command.add_argument("--json", action="store_true", help="Report all output as json.")
    command.add_argument("-q", "--quiet", action="store_true", help="Do not display progress bar.")
    command.add_argument("-v", "--verbose", action="count", help="Can be used multiple times.")
    if prompt:
        command.add_argument("-y", "--yes", action="store_true", help="Do not ask for confirmation.")


def _add_channels(command: argparse.ArgumentParser) -> None:
    command.add_argument("-c", "--channel", action="append", help="Additional channel to search.")
    for flag in ("--override-channels", "--strict-channel-priority", "--offline", "-k", "--insecure"):
        command.add_argument(flag, action="store_true")
    command.add_argument("--solver", choices=["classic", "libmamba"])


def _add_create(commands: Any) -> None:
    command = _add(commands, "create", create, "Create a new conda environment.")
    _add_prefix(command)
    _add_channels(command)
    _add_output(command, prompt=True)
    command.add_argument("-d", "--dry-run", action="store_true", help="Only display what would be done.")
    command.add_argument("--no-default-packages", action="store_true")
    command.add_argument("packages", metavar="package_spec", nargs="*")


def _add_install(commands: Any) -> None:
    text = "Install a list of packages into a specified conda environment."
    command = _add(commands, "install", install, text)
    _add_prefix(command)
    _add_channels(command)
    _add_output(command, prompt=True)
    command.add_argument("-d", "--dry-run", action="store_true", help="Only display what would be done.")
    command.add_argument("packages", metavar="package_spec", nargs="*")


def _add_environments(commands: Any) -> None:
    top = commands.add_parser("env", help="Create and manage conda environments.")
    inner = top.add_subparsers(metavar="{list,remove}", required=True)
    _add_output(_add(inner, "list", list_environments, "List the Conda environments."))
    command = _add(inner, "remove", remove, "Remove an environment.")
    _add_prefix(command)
    _add_output(command, prompt=True)
    command.set_defaults(all=True, env=True)


def _add_info(commands: Any) -> None:
    command = _add(commands, "info", info, "Display information about current conda install.")
    command.add_argument("-e", "--envs", action="store_true", help="List all known conda environments.")
    _add_output(command)
    command = _add(commands, "list", list_packages, "List installed packages in a conda environment.")
    _add_prefix(command)
    _add_output(command)
    command.add_argument("regex", nargs="?", help="List only packages matching this regular expression.")


def _add_remove(commands: Any) -> None:
    command = _add(commands, "remove", remove, "Remove an environment.")
    _add_prefix(command)
    _add_output(command, prompt=True)
    command.add_argument("--all", action="store_true", help="Remove all packages and the environment itself.")
    command.set_defaults(env=False)


def _add_run(commands: Any) -> None:
    command = _add(commands, "run", run, "Run an executable in a conda environment.")
    _add_prefix(command)
    command.add_argument("-v", "--verbose", action="count")
    command.add_argument("--cwd", default=os.getcwd(), help="Directory for command to run in.")
    command.add_argument("--no-capture-output", "--live-stream", "-s", action="store_true")
    command.add_argument("executable_call", nargs=argparse.REMAINDER)


def _add_activation(commands: Any) -> None:
    for name in ("activate", "deactivate"):
        _add(commands, name, uninitialised).add_argument("environment", nargs="?")
    command = _add(commands, "shell.posix", shell_words)
    command.add_argument("change", choices=["activate", "deactivate"])
    command.add_argument("environment", nargs="?", default=BASE)
