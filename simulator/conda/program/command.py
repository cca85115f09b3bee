# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in of conda: those of its commands that a deployment needs, on the packages that it brought."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Sequence, TextIO

from conda.program.errors import CondaError
from conda.program.grammar import parser
from conda.program.installation import Installation
from conda.program.simulator import logged
from conda.program.terminal import Terminal


def script() -> int:
    """Run as `bin/conda` of an installation, and log the call."""
    root, words = Path(sys.argv[0]).resolve().parents[1], sys.argv[1:]
    with logged("conda", words) as call:
        call.status = main(words, root, (sys.stdin, sys.stdout, sys.stderr))
    return call.status


def main(words: Sequence[str], root: Path, streams: tuple[TextIO, TextIO, TextIO]) -> int:
    """Run ``conda WORD ...`` of the installation in ``root`` and return its exit status."""
    installation = Installation(root)
    try:
        options = parser(installation.version).parse_args(list(words) or ["--help"])
    except SystemExit as end:  # argparse has said what there is to say
        return int(end.code or 0)
    options.command_line = shlex.join([str(root / "bin/conda"), *words])
    terminal = Terminal(*streams, json=options.json, yes=options.yes, quiet=options.quiet)
    try:
        status: int = options.action(installation, options, terminal)
    except CondaError as error:
        terminal.fail(error)
        return error.status
    return status
