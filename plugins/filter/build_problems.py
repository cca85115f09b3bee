# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say which programs of a host cannot build a wheel."""

from __future__ import annotations

DOCUMENTATION = r"""
name: build_problems
short_description: Say which programs of a host cannot build a wheel
version_added: 0.2.0
description:
  - Reads what programs say of their versions, and compares it with what a build needs.
author:
  - The ascend.fleet contributors (@ascend-fleet)
positional: programs
options:
  _input:
    description:
      - For each program a line with C(==), its name, and then what it says for C(--version).
    type: str
    required: true
  programs:
    description: Program to the versions that work, such as V(==10.*).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Say what cannot build
  ansible.builtin.debug:
    msg: "{{ said.stdout | ascend.fleet.build_problems({'gcc': '==10.*'}) }}"
"""

RETURN = r"""
_value:
  description:
    - One entry per problem, with C(found), C(wanted) and C(fix).
  type: list
  elements: dict
"""

import re
from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleFilterError

try:
    from packaging.specifiers import SpecifierSet
except ImportError as error:
    PACKAGING_ERROR: ImportError | None = error
else:
    PACKAGING_ERROR = None

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# The version ends the first line: gcc (Debian 10.2.1-6) 10.2.1, cmake version 3.18.4.
_VERSION = re.compile(r"\d+(?:\.\d+)+")


def build_problems(said: str, programs: Mapping[str, str]) -> list[dict[str, str]]:
    """Return all problems; see the documentation above."""
    if PACKAGING_ERROR is not None:
        raise AnsibleFilterError(
            "the Python of ansible-core lacks packaging; install it"
        ) from PACKAGING_ERROR
    lines = dict(re.findall(r"^== (\S+)\n([^=\n].*)?", said, re.MULTILINE))
    problems = []
    for program, wanted in programs.items():
        versions = _VERSION.findall(lines.get(program, ""))
        if not versions or not SpecifierSet(wanted).contains(versions[-1]):
            found = f"{program} {versions[-1]}" if versions else f"no {program}"
            problems.append(
                {
                    "found": f"{found} on the host that builds",
                    "wanted": f"{program}{wanted}",
                    "fix": "install it, put it first on the PATH of a login, or name a container that has it",
                }
            )
    return problems


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter under its name."""
        return {"build_problems": build_problems}
