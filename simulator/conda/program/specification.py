# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user wants: `python=3.9`, `python>=3.8,<3.12`, `conda-forge::pip==25.2` (conda's MatchSpec)."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from typing import Any, Callable

from conda.program.errors import InvalidSpecificationError

_WORDS = re.compile(r"^(?:(?P<channel>[\w./:-]+)::)?(?P<name>\w[\w.-]*)\s*(?P<constraint>.*)$")
_EXACT_BUILD = re.compile(r"^=(?P<version>[^=<>!,]+)=(?P<build>[^=]+)$")
_PART = re.compile(r"^(?P<sign>==|=|>=|<=|!=|>|<|)(?P<version>\d[\w.]*?)(?P<any>\.?\*)?$")
_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


def numbers(version: str) -> tuple[int, ...]:
    """Return the numbers of a version for comparing, without zeros at the end."""
    found = [int(number) for number in re.findall(r"\d+", version)]
    while found and not found[-1]:
        found.pop()
    return tuple(found)


@dataclass(frozen=True)
class Specification:
    """A package's name and the versions that will do; ``text`` is as conda prints it."""

    text: str
    name: str
    constraint: str
    build: str | None = None

    def accepts(self, name: str, version: str, build: str) -> bool:
        """Tell whether this package will do."""
        if name != self.name or self.build not in (None, build):
            return False
        return all(_fits(part, version) for part in self.constraint.split(",") if part)


def parse(text: str) -> Specification:
    """Read a specification. Raises InvalidSpecificationError."""
    words = _WORDS.match(text.strip())
    if words is None:
        raise InvalidSpecificationError(f"Invalid spec '{text}': Invalid package name", invalid_spec=text)
    constraint, build = words["constraint"].replace(" ", ""), None
    exact = _EXACT_BUILD.match(constraint)
    if exact:
        constraint, build = f"=={exact['version']}", exact["build"]
    for part in constraint.split(",") if constraint else ():
        if part != "*" and not _PART.match(part):
            raise InvalidSpecificationError(
                f"Invalid spec '{text}': Invalid version '{part}'", invalid_spec=text
            )
    return Specification(text.strip(), words["name"].lower(), constraint, build)


def _fits(part: str, version: str) -> bool:
    """Tell whether ``version`` fits one condition; `=3.9`, `3.9` and `3.9.*` mean every 3.9."""
    found = _PART.match(part)
    if found is None:  # a lone asterisk
        return True
    sign, wanted = found["sign"], found["version"]
    if sign in ("=", "") or found["any"]:
        is_one = version == wanted or version.startswith(f"{wanted}.")
        return not is_one if sign == "!=" else is_one
    return _SIGNS[sign](numbers(version), numbers(wanted))
