# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say which programs a host lacks, and which packages of its system bring them."""

from __future__ import annotations

DOCUMENTATION = r"""
name: program_plan
short_description: Say which programs a host lacks, and which packages bring them
version_added: 0.2.0
description:
  - Reads what programs say of their versions, compares it with what is wanted, and looks for packages of the
    system that have it.
author:
  - The ascend.fleet contributors (@ascend-fleet)
positional: programs, system
options:
  _input:
    description:
      - For each program a line with C(==), its name and its path, and then what it says for C(--version).
      - A program whose name ends with a version, such as V(gcc-10), stands for the one without it.
    type: str
    required: true
  programs:
    description: Program to the versions that work, such as V(==10.*).
    type: dict
    required: true
  system:
    description:
      - The host's system as P(ascend.fleet.system#lookup) describes it; V(null) when no package is to be
        looked for.
    type: dict
  allowed:
    description: Whether packages may be installed; V(null) when nobody has said it.
    type: bool
  beside:
    description: Whether a program such as V(gcc-10) can take the place of V(gcc), as it can in a build.
    type: bool
    default: true
seealso:
  - plugin: ascend.fleet.system
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Say what is to be installed
  ansible.builtin.debug:
    msg: "{{ (said.stdout | ascend.fleet.program_plan({'gcc': '==10.*'}, system, allowed=true)).packages }}"
"""

RETURN = r"""
_value:
  description:
    - C(packages) are to be installed, C(actions) say so in words, C(links) are names to paths of programs
      that are to stand first on the C(PATH), and C(problems), each with C(found), C(wanted) and C(fix), stand
      against it.
  type: dict
  sample: {packages: [gcc-10], actions: [install gcc-10 with apt for gcc==10.*], links: {}, problems: []}
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleFilterError
from ansible.module_utils.parsing.convert_bool import boolean

try:
    from packaging.specifiers import SpecifierSet
except ImportError as error:
    PACKAGING_ERROR: ImportError | None = error
else:
    PACKAGING_ERROR = None

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

# The version ends the first line: gcc (Debian 10.2.1-6) 10.2.1, cmake version 3.18.4.
_VERSION = re.compile(r"\d+(?:\.\d+)+")
_ANSWER = re.compile(r"^== (\S+) ?(\S*)\n([^=\n].*)?", re.MULTILINE)
# What builds ask for under a second name.
_ALSO = {"gcc": "cc", "g++": "c++"}
_CONSENT = "torch_npu_compilers_allowed"
_CONSENTS = f"`{_CONSENT}: true` (mindspore_compilers_allowed)"


@dataclass(frozen=True)
class Wish:
    """A program in wanted versions, what the host has of it, and the row of a package that has it."""

    program: str
    versions: str
    found: str | None
    package: Mapping[str, Any] | None
    rows: Sequence[Mapping[str, Any]]


def program_plan(
    said: str,
    programs: Mapping[str, str],
    system: Mapping[str, Any] | None = None,
    *,
    allowed: bool | None = None,
    beside: bool = True,
) -> dict[str, Any]:
    """Return what is to be installed and what stands against it; see the documentation above."""
    if PACKAGING_ERROR is not None:
        raise AnsibleFilterError(
            "the Python of ansible-core lacks packaging; install it"
        ) from PACKAGING_ERROR
    if allowed is not None:  # with -e it comes as text, and what is no yes is none
        allowed = boolean(allowed, strict=False)
    answers = {name: (path, last_version(text)) for name, path, text in _ANSWER.findall(said)}
    links: dict[str, str] = {}
    wishes = []
    for program, versions in programs.items():
        path = fitting_path(answers, program, versions, beside=beside)
        if path is None:
            found = answers.get(program, ("", None))[1]
            wishes.append(wish(program, versions, found, system, beside=beside))
        elif path != answers[program][0]:
            links |= dict.fromkeys(filter(None, (program, _ALSO.get(program))), path)
    due = [one for one in wishes if one.package] if allowed else []
    packages = list(dict.fromkeys(one.package["package"] for one in due if one.package))
    return {
        "packages": packages,
        "actions": [action(packages, due, system)] if system and due else [],
        "links": links,
        "problems": [problem(one, system, allowed, beside=beside) for one in wishes if one not in due],
    }


def last_version(text: str) -> str | None:
    """Return the version at the end of what a program says; None when it says none."""
    versions = _VERSION.findall(text)
    return versions[-1] if versions else None


def fitting_path(
    answers: Mapping[str, tuple[str, str | None]], program: str, versions: str, *, beside: bool
) -> str | None:
    """Return the path of the program, or of one beside it, in the wanted versions."""
    numbered = re.compile(rf"{re.escape(program)}-[\d.]+")
    names = [program, *(name for name in answers if beside and numbered.fullmatch(name))]
    for name in names:
        path, version = answers.get(name, ("", None))
        if version and SpecifierSet(versions).contains(version):
            return path
    return None


def wish(
    program: str, versions: str, found: str | None, system: Mapping[str, Any] | None, *, beside: bool
) -> Wish:
    """Return what is wanted with the first package that has it.

    A package whose version is not sourced is taken where the program is absent; it is looked at afterwards.
    """
    rows = [
        row
        for row in (system or {}).get("compilers", [])
        if row["program"] == program and (beside or row["command"] == program)
    ]
    for row in rows:
        fits = SpecifierSet(versions).contains(row["version"]) if row["version"] else found is None
        if fits:
            return Wish(program, versions, found, row, rows)
    return Wish(program, versions, found, None, rows)


def action(packages: Sequence[str], due: Sequence[Wish], system: Mapping[str, Any]) -> str:
    """Say in words what is to be installed and for what."""
    reasons = ", ".join(f"{one.program}{one.versions}" for one in due)
    return f"install {', '.join(packages)} with {system['package_manager']} for {reasons}"


def problem(
    one: Wish, system: Mapping[str, Any] | None, allowed: bool | None, *, beside: bool
) -> dict[str, str]:
    """Return what was found, what is wanted and what to do."""
    there = f"{one.program} {one.found}" if one.found else f"no {one.program}"
    return {
        "found": there + " on the host" + " that builds" * beside + "".join(offers(one, system)),
        "wanted": f"{one.program}{one.versions}",
        "fix": fix(one, system, allowed, beside=beside),
    }


def offers(one: Wish, system: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield what the system's packages have when none of them fits."""
    known = [f"{row['package']} {row['version']}" for row in one.rows if row["version"]]
    if system and known and not one.package:
        yield f", and {', '.join(known)} among the packages of {title(system)}"


def fix(one: Wish, system: Mapping[str, Any] | None, allowed: bool | None, *, beside: bool) -> str:
    """Say what to do."""
    elsewhere = ", or name a container that has it" * beside
    if not system or not one.package:
        return f"install it and put it first on the PATH of a login{elsewhere}"
    package = f"{one.package['package']} of {title(system)}"
    if allowed is None:
        return f"add {_CONSENTS} to the inventory to have {package} installed{elsewhere}"
    return f"install {package} yourself, because {_CONSENT} is false{elsewhere}"


def title(system: Mapping[str, Any]) -> str:
    """Return the name of a system as people say it."""
    return f"{system['distribution']} {system['version']}"


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter under its name."""
        return {"program_plan": program_plan}
