# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a run as text for a terminal."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_summary
short_description: Show the report of a run as a table for a terminal
version_added: 0.1.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - One line per node with the versions it had and has, then what was done to each node and what is wrong.
options:
  _input:
    description: The report, as P(ascend.fleet.fleet_report#filter) returns it.
    type: dict
    required: true
seealso:
  - plugin: ascend.fleet.fleet_report
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show what the run did
  ascend.fleet.show:
    text: "{{ report | ascend.fleet.fleet_summary }}"
"""

RETURN = r"""
_value:
  description: The table and the texts below it.
  type: str
"""

from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.plugin_utils._report import fleet_summary

if TYPE_CHECKING:
    from collections.abc import Callable


class FilterModule:
    """The filter C(ascend.fleet.fleet_summary)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return it by name."""
        return {"fleet_summary": fleet_summary}
