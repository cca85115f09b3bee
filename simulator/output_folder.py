# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder of made files that knows what each was made from, so that nothing is made twice."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from shared_files import alone, write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SUMS = "SHA256SUMS"
_NOTES = ".made.json"


class OutputFolder:
    """The folder, its SHA256SUMS for the users of the files, and its notes about their recipes."""

    def __init__(self, path: Path) -> None:
        """Read the notes of ``path``; see ``opened``."""
        self.path = path
        notes = path / _NOTES
        self._made: dict[str, dict[str, str]] = (
            json.loads(notes.read_text(encoding="utf-8")) if notes.exists() else {}
        )

    def has(self, name: str, recipe: str) -> bool:
        """Tell whether the file is there and was made from ``recipe``."""
        return (self.path / name).exists() and self._made.get(name, {}).get("recipe") == recipe

    def note(self, name: str, recipe: str, sha256: str) -> None:
        """Remember that the file was made from ``recipe`` and has this checksum."""
        self._made[name] = {"recipe": recipe, "sha256": sha256}
        sums = "".join(f"{one['sha256']}  {name}\n" for name, one in sorted(self._made.items()))
        write_whole(self.path / SUMS, sums.encode())
        write_whole(self.path / _NOTES, (json.dumps(self._made, indent=1) + "\n").encode())


@contextmanager
def opened(path: Path) -> Iterator[OutputFolder]:
    """Open the folder while no other program makes files in it."""
    with alone(path):
        yield OutputFolder(path)
