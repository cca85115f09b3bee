# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read what conda calls a package match specification, and compare versions in conda's order. Pure.

The rules are those of conda's manual ("Package match specifications") and of its conda/models/version.py.
This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_SPEC = re.compile(r"(?:[^\s:=]+::|[a-z]+://[^\s=]+::)?(?P<name>[A-Za-z0-9_][\w.-]*)(?P<rest>.*)")
_BUILD = re.compile(r"==?(?P<version>[\w.+!]+)=(?P<build>[\w.*]+)")
_CONDITION = re.compile(r"(?P<sign>==|=|>=|<=|!=|>|<)(?P<version>[\w.+!]*\w)(?P<any>\.?\*)?")
_SIGNS: Mapping[str, Callable[[int, int], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_RANKS = {"dev": -1, "post": 2}
_ZERO = (1, 0, "")


@dataclass(frozen=True)
class CondaSpec:
    """One wish: a package's name, and conditions (sign, version) on its version; ``text`` is as written."""

    text: str
    name: str
    conditions: tuple[tuple[str, str], ...]
    build: str

    def satisfied(self, packages: Sequence[Mapping[str, str]]) -> bool:
        """Tell whether exactly one of ``packages`` (name, version, build) has the name, and fits."""
        own = [package for package in packages if package["name"] == self.name]
        return len(own) == 1 and self._accepts(own[0])

    def _accepts(self, package: Mapping[str, str]) -> bool:
        fits = all(_fits(package["version"], sign, version) for sign, version in self.conditions)
        return fits and fnmatchcase(package["build"], self.build)


def parse_conda_spec(text: str) -> CondaSpec:
    """Return the wish that ``text`` is. Raises ValueError when it is none."""
    found = _SPEC.fullmatch(text)
    if found is None:
        raise ValueError(
            f"found {text!r}, wanted a conda spec such as mindspore-ascend=1.10.1 or numpy>=1.20,<2"
        )
    name, rest = found["name"].lower(), found["rest"]
    exact = _BUILD.fullmatch(rest)
    if exact:
        return CondaSpec(text, name, (("==", exact["version"]),), exact["build"])
    conditions = tuple(_condition(text, part) for part in rest.split(",")) if rest else ()
    return CondaSpec(text, name, conditions, "*")


def _condition(text: str, part: str) -> tuple[str, str]:
    found = _CONDITION.fullmatch(part)
    if found is None or (found["any"] and found["sign"] not in ("=", "==", "!=")):
        raise ValueError(
            f"found {text!r} with the condition {part!r}, wanted one of =, ==, !=, <, <=, >, >= and a "
            "version, without blanks"
        )
    sign = {"==": "=", "!=": "!=*"}.get(found["sign"], "=") if found["any"] else found["sign"]
    return sign, found["version"]


def _fits(version: str, sign: str, wanted: str) -> bool:
    """Tell whether ``version`` fits one condition; =1.10 means every 1.10, as 1.10.* does."""
    if sign in ("=", "!=*"):
        rest = version.removeprefix(wanted)
        begins = version.startswith(wanted) and not (wanted[-1].isdigit() and rest[:1].isdigit())
        return begins == (sign == "=")
    return _SIGNS[sign](compare_conda_versions(version, wanted), 0)


def compare_conda_versions(left: str, right: str) -> int:
    """Return -1, 0 or 1 as conda orders them: 1.1dev < 1.1a < 1.1 = 1.1.0 < 1.1.post1 < 1.10."""
    for ours, theirs in zip_longest(_parts(left), _parts(right), fillvalue=()):
        for one, other in zip_longest(ours, theirs, fillvalue=_ZERO):
            if one != other:
                return 1 if one > other else -1
    return 0


def _parts(version: str) -> list[tuple[tuple[int, int, str], ...]]:
    """Return the parts between dots; words stand before numbers, and a part begins with a number."""
    parts = []
    for part in re.split(r"[._-]", version.lower().partition("+")[0]):
        runs = re.findall(r"\d+|[a-z]+", part)
        runs = ["0", *runs] if runs and not runs[0].isdigit() else runs
        parts.append(
            tuple((1, int(run), "") if run.isdigit() else (_RANKS.get(run, 0), 0, run) for run in runs)
        )
    return parts
