# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Print problems as a table for people."""

from __future__ import annotations

DOCUMENTATION = r"""
name: problem_table
short_description: Print problems as a table for people
version_added: 0.1.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - One table for each severity, errors first, with the columns host, found, wanted and what to do.
  - Notes follow as lines of their own. Hosts with the same problem share a row.
positional: width
options:
  _input:
    description: Problems, as P(ascend.fleet.preflight_problems#filter) returns them, of any number of hosts.
    type: list
    elements: dict
    required: true
  width:
    description: Longest line in characters.
    type: int
    default: 120
"""

EXAMPLES = r"""
- name: Show what is in the way, of all hosts
  ansible.builtin.debug:
    msg: "{{ problems | ascend.fleet.problem_table(100) }}"
"""

RETURN = r"""
_value:
  description: The tables, or one sentence that there is no problem.
  type: str
"""

from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.plugin_utils._table import problem_table

if TYPE_CHECKING:
    from collections.abc import Callable


class FilterModule:
    """The filter C(ascend.fleet.problem_table)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"problem_table": problem_table}
