# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say what does not fit: what was found, what was wanted, and what to do about it.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

import difflib
import itertools
import os.path
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class ProblemError(Exception):
    """Something that stops the work and that a person can repair."""

    def __init__(self, found: str, wanted: str, fix: str) -> None:
        """Keep the three sentences: what was found, what was wanted, what to do."""
        super().__init__(f"found {found}; wanted {wanted}; {fix}")
        self.found = found
        self.wanted = wanted
        self.fix = fix

    def as_mapping(self) -> dict[str, str]:
        """Return the three sentences as the data that the preflight filter takes."""
        return {"found": self.found, "wanted": self.wanted, "fix": self.fix}


class CatalogFileError(ProblemError):
    """A file of the catalog that is wrong: no other choice helps, the file has to be repaired."""


def one_of(names: Iterable[str]) -> str:
    """List the choices for a sentence, each once: C(one of a, b, c)."""
    choices = list(dict.fromkeys(names))
    if not choices:
        return "nothing, because none is known"
    return choices[0] if len(choices) == 1 else f"one of {', '.join(choices)}"


def nearest(name: str, names: Iterable[str]) -> str:
    """Return C( (the nearest is x)) when one of ``names`` resembles ``name``, else nothing."""
    matches = difflib.get_close_matches(name, list(names), n=50)
    if "." in name:  # of versions, the one that begins alike: cann-8.1.rc1 for cann-8.1.0, and not cann-9.1.0
        matches.sort(key=lambda match: len(os.path.commonprefix([name, match])), reverse=True)
    return f" (the nearest is {matches[0]})" if matches else ""


def nearest_version(version: str, versions: Iterable[str]) -> str:
    """Return C( (the nearest is x)) for that of several versions that is next to ``version``, else nothing.

    Of the two neighbours it is the one that begins alike, else the newer one.
    """
    wished, known = _numbers(version), {_numbers(each): each for each in versions}
    newer = sorted(key for key in known if key > wished)[:1]
    older = sorted(key for key in known if key < wished)[-1:]
    near = max([*newer, *older], key=lambda key: _alike(wished, key), default=None)
    return f" (the nearest is {known[near]})" if near and wished and len(known) > 1 else ""


def _numbers(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, which say well enough what is near."""
    return tuple(map(int, re.findall(r"\d+", version)))


def _alike(left: tuple[int, ...], right: tuple[int, ...]) -> int:
    """Count the numbers with which two versions begin alike."""
    return len(list(itertools.takewhile(lambda pair: pair[0] == pair[1], zip(left, right))))
