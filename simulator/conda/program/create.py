# SPDX-License-Identifier: GPL-3.0-or-later
"""`conda create` and `conda install`: words and order of conda 25.11 with its default solver, libmamba."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

from conda.program.channel import fetch, offered
from conda.program.configuration import ask
from conda.program.errors import ArgumentError, CondaValueError, DryRunError, NotWritableError
from conda.program.installation import Installation, may_write, subdir
from conda.program.packages import Package, newest_first, solve
from conda.program.specification import parse

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
_NOTHING = "All requested packages already installed."
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
    _carry_out(installation, environment, packages, options, terminal)
    terminal.say(_HINT.format(name=options.name or environment.prefix))
    terminal.result(_result(environment, packages))
    return 0


def install(installation: Installation, options: argparse.Namespace, terminal: Terminal) -> int:
    """Add packages to an environment (conda's manual, "conda install"): what fits already stays as it is.

    The Python stays, too, unless it is asked for. What replaces another version is listed as new.
    """
    if not options.packages:
        raise CondaValueError("too few arguments, must supply command line package specs or --file")
    environment = installation.existing(options)
    if not may_write(environment.prefix):
        raise NotWritableError(str(environment.prefix), os.geteuid(), os.getegid())
    channels = list(dict.fromkeys([*(options.channel or []), *_configured(installation, options)]))
    names = {parse(text).name for text in options.packages}
    kept = [f"python=={one['version']}" for one in environment.records("python") if "python" not in names]
    solution = _solved(installation, [*options.packages, *kept], channels, terminal)
    packages = [one for one in solution if not _fits_already(environment, one.name, options.packages)]
    if not packages:
        terminal.say(f"\n# {_NOTHING}\n")
        terminal.result({"message": _NOTHING, "success": True})
        return 0
    _carry_out(installation, environment, packages, options, terminal)
    terminal.result(_result(environment, packages))
    return 0


def _fits_already(environment: Environment, name: str, texts: list[str]) -> bool:
    own = [one for one in map(parse, texts) if one.name == name]
    return any(
        all(one.accepts(name, record["version"], record.get("build", "")) for one in own)
        for record in environment.records(name)
    )


def _carry_out(
    installation: Installation,
    environment: Environment,
    packages: list[Package],
    options: argparse.Namespace,
    terminal: Terminal,
) -> None:
    """Show the plan, ask, and do it. Raises DryRunError where it is only to be shown."""
    terminal.say(_plan_text(environment, options.packages, packages))
    if options.dry_run:
        terminal.result(_result(environment, packages, dry_run=True))
        raise DryRunError
    terminal.say()
    terminal.confirm()
    terminal.say()
    _transact(installation, environment, packages, options, terminal)


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
    """Return the packages for ``specs``: those in `pkgs`, whatever the channels are, and those of folders."""
    if not specs:
        return []
    terminal.say("Channels:\n" + "".join(f" - {name}\n" for name in channels) + f"Platform: {subdir()}")
    with terminal.step("Collecting package metadata (repodata.json)"):
        ask(channels)
        local = offered(channels, subdir(), installation.root / "pkgs")
        packages = newest_first([*local, *installation.packages])
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
        fetch(packages)
        environment.install(packages, options.packages, options.command_line, installation.version)
        installation.register(environment)


def _result(environment: Environment, packages: list[Package], *, dry_run: bool = False) -> dict[str, Any]:
    actions = {"FETCH": [], "LINK": [one.listed for one in packages], "PREFIX": str(environment.prefix)}
    result = {"actions": actions, "prefix": str(environment.prefix), "success": True}
    return {**result, "dry_run": True} if dry_run else result
