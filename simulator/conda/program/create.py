# SPDX-License-Identifier: GPL-3.0-or-later
"""`conda create`: words and order of conda 25.11 with its default solver, libmamba."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

from conda.program.errors import ArgumentError, CondaValueError, DryRunError, NotWritableError
from conda.program.installation import Installation, may_write, subdir
from conda.program.packages import Package, solve

if TYPE_CHECKING:
    import argparse

    from conda.program.environment import Environment
    from conda.program.terminal import Terminal

_EXISTS = """WARNING: A conda environment already exists at '{prefix}'

Remove existing environment?
This will remove ALL directories contained within this specified prefix directory, including any other conda \
environments.

"""
_FOLDER = """WARNING: A directory already exists at the target location '{prefix}'
but it is not a conda environment.
Continue creating environment"""
_PLAN = """
## Package Plan ##

  environment location: {prefix}
"""
_HINT = """#
# To activate this environment, use
#
#     $ conda activate {name}
#
# To deactivate an active environment, use
#
#     $ conda deactivate
"""


def create(installation: Installation, options: argparse.Namespace, terminal: Terminal) -> int:
    """Make an environment; an old one in its place is removed, after a question."""
    environment = _target(installation, options)
    channels = list(dict.fromkeys([*(options.channel or []), *_configured(installation, options)]))
    if environment.exists and not options.dry_run:
        terminal.confirm(_EXISTS.format(prefix=environment.prefix), default=False)
        shutil.rmtree(environment.prefix)
    elif environment.prefix.is_dir() and not environment.exists:
        terminal.confirm(_FOLDER.format(prefix=environment.prefix), default=False)
    packages = _solved(installation, options.packages, channels, terminal)
    terminal.say(_plan_text(environment, options.packages, packages))
    if options.dry_run:
        terminal.result(_result(environment, packages, dry_run=True))
        raise DryRunError
    terminal.say()
    terminal.confirm()
    terminal.say()
    _transact(installation, environment, packages, options, terminal)
    terminal.say(_HINT.format(name=options.name or environment.prefix))
    terminal.result(_result(environment, packages))
    return 0


def _target(installation: Installation, options: argparse.Namespace) -> Environment:
    if not options.name and not options.prefix:
        raise ArgumentError("one of the arguments -n/--name -p/--prefix is required")
    environment = installation.meant(options)
    if environment.prefix == installation.root:
        raise CondaValueError("The target prefix is the base prefix. Aborting.")
    if not may_write(environment.prefix):
        raise NotWritableError(str(environment.prefix), os.geteuid(), os.getegid())
    return environment


def _configured(installation: Installation, options: argparse.Namespace) -> list[str]:
    if not options.override_channels:
        return installation.channels
    if not options.channel:
        raise ArgumentError(
            "At least one -c / --channel flag must be supplied when using --override-channels."
        )
    return []


def _solved(
    installation: Installation, specs: list[str], channels: list[str], terminal: Terminal
) -> list[Package]:
    """Return the packages for ``specs``. Whatever the channels are: they are the ones in `pkgs`."""
    if not specs:
        return []
    terminal.say("Channels:\n" + "".join(f" - {name}\n" for name in channels) + f"Platform: {subdir()}")
    with terminal.step("Collecting package metadata (repodata.json)"):
        packages = installation.packages
    with terminal.step("Solving environment"):
        return [one.from_channel(channels) for one in solve(packages, specs, channels)]


def _plan_text(environment: Environment, specs: list[str], packages: list[Package]) -> str:
    text = _PLAN.format(prefix=environment.prefix)
    if specs:
        text += "\n  added / updated specs:\n" + "".join(f"    - {one}\n" for one in specs)
    if packages:
        text += "\n\nThe following NEW packages will be INSTALLED:\n\n"
    for one in packages:
        text += f"  {one.name:<18} {one.record['channel']}/{one.record['subdir']}::{one.dist} \n"
    return text


def _transact(  # what the real one does in these steps, we do in the last
    installation: Installation,
    environment: Environment,
    packages: list[Package],
    options: argparse.Namespace,
    terminal: Terminal,
) -> None:
    if packages:
        terminal.say()
    for title in ("Downloading and Extracting Packages", "Preparing transaction", "Verifying transaction"):
        with terminal.step(title):
            pass
    with terminal.step("Executing transaction"):
        environment.install(packages, options.packages, options.command_line, installation.version)
        installation.register(environment)


def _result(environment: Environment, packages: list[Package], *, dry_run: bool = False) -> dict[str, Any]:
    actions = {"FETCH": [], "LINK": [one.listed for one in packages], "PREFIX": str(environment.prefix)}
    result = {"actions": actions, "prefix": str(environment.prefix), "success": True}
    return {**result, "dry_run": True} if dry_run else result
