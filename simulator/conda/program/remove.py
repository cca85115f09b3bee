# SPDX-License-Identifier: GPL-3.0-or-later
"""`conda env remove` and `conda remove --all` (conda/cli/main_remove.py)."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from conda.program.errors import (
    CondaEnvironmentError,
    CondaValueError,
    NoEnvironmentError,
    NotAnEnvironmentError,
)

if TYPE_CHECKING:
    import argparse

    from conda.program.environment import Environment
    from conda.program.installation import Installation
    from conda.program.terminal import Terminal

_SURE = (
    "Everything found within the environment ({prefix}), including any conda environment configurations and "
    "any non-conda files, will be deleted. Do you wish to continue?\n"
)


def remove(installation: Installation, options: argparse.Namespace, terminal: Terminal) -> int:
    """Remove a whole environment; single packages stay, since nothing here depends on the difference."""
    if not options.all:
        raise CondaValueError('no package names supplied,\n       try "conda remove -h" for more details')
    environment = _removable(installation, options)
    terminal.say(f"\nRemove all packages in environment {environment.prefix}:\n")
    if not options.env:
        _show_packages(environment, terminal)
    terminal.confirm(_SURE.format(prefix=environment.prefix), default=False)
    shutil.rmtree(environment.prefix)
    installation.unregister(environment)
    terminal.result({"success": True})
    return 0


def _removable(installation: Installation, options: argparse.Namespace) -> Environment:
    environment = installation.meant(options)
    if str(environment.prefix) == os.environ.get("CONDA_PREFIX", str(installation.root)):
        raise CondaEnvironmentError(
            "cannot remove current environment. deactivate and run conda remove again"
        )
    if environment.prefix == installation.root:
        raise CondaEnvironmentError("cannot remove root environment, add -n NAME or -p PREFIX option")
    if not environment.prefix.is_dir():
        raise NoEnvironmentError(str(environment.prefix))
    if not environment.exists:
        raise NotAnEnvironmentError(str(environment.prefix))
    return environment


def _show_packages(environment: Environment, terminal: Terminal) -> None:
    dists = [f"{one['name']}-{one['version']}-{one['build']}" for one in environment.records()]
    terminal.say(f"\n## Package Plan ##\n\n  environment location: {environment.prefix}\n")
    if dists:
        terminal.say("\nThe following packages will be REMOVED:\n\n" + "".join(f"  {one}\n" for one in dists))
    terminal.say()
    terminal.confirm()
    for title in ("Preparing transaction", "Verifying transaction", "Executing transaction"):
        with terminal.step(title):
            pass
