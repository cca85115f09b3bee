# SPDX-License-Identifier: GPL-3.0-or-later
"""How conda talks: steps that are `done`, questions with a default, JSON instead of both."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Iterator, TextIO

from conda.program.errors import CondaError, DeclinedError


@dataclass
class Terminal:
    """The streams of one call; ``json`` silences everything but the result, ``yes`` answers questions."""

    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    json: bool = False
    yes: bool = False
    quiet: bool = False

    def say(self, text: str = "") -> None:
        """Print one line, unless the result is wanted as JSON."""
        if not self.json:
            self._write(text + "\n")

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Tell the title of what the block does, and how it ended. A terminal does not see `working`."""
        if self.json or self.quiet:
            yield
            return
        self._write(f"{title}: " if self.stdout.isatty() else f"{title}: ...working... ")
        result = "failed\n"
        try:
            yield
            result = "done\n"
        finally:
            self._write(result)

    def confirm(self, question: str = "Proceed", *, default: bool = True) -> None:
        """Ask a question. Raises DeclinedError on no; the end of stdin is the default answer."""
        if self.yes or self.json:
            return
        meanings = {"": default, "y": True, "yes": True, "n": False, "no": False}
        while True:
            self._write(f"{question} ({'[y]/n' if default else 'y/[n]'})? ")
            answer = self.stdin.readline().strip().lower()
            if answer in meanings:
                break
            self._write(f"Invalid choice: {answer}\n")
        self._write("\n")
        if not meanings[answer]:
            raise DeclinedError

    def result(self, content: Any) -> None:
        """Print the result as JSON if it is wanted so."""
        if self.json:
            self._write(json.dumps(content, indent=2, sort_keys=True) + "\n")

    def fail(self, error: CondaError) -> None:
        """Tell an error; one that is none (the end of a dry run) is not in the JSON."""
        if self.json and error.status:
            self.result(error.content)
        elif not self.json:
            self.stderr.write(error.text)

    def _write(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
