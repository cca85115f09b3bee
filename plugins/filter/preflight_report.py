# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put together what the preflight found on all hosts."""

from __future__ import annotations

DOCUMENTATION = r"""
name: preflight_report
short_description: Put together what the preflight found on all hosts
version_added: 0.2.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Collects what the role npu_preflight left of each host, adds the addresses that two hosts share, and
    variables that are like an input of this collection and are none, and counts.
  - A host of which nothing was left, because it did not answer, is a warning. It does not stop the others.
positional: hostvars, more, time
options:
  _input:
    description: Names of the hosts, such as C(ansible_play_hosts_all).
    type: list
    elements: str
    required: true
  hostvars:
    description: The variables of all hosts, C(hostvars).
    type: dict
    required: true
  more:
    description: Further problems, as P(ascend.fleet.preflight_problems#filter) returns them.
    type: list
    elements: dict
    required: true
  time:
    description: When the hosts were looked at.
    type: str
    required: true
seealso:
  - plugin: ascend.fleet.problem_table
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show the problems of all hosts
  ansible.builtin.debug:
    msg: >-
      {{ (ansible_play_hosts_all | ascend.fleet.preflight_report(hostvars, [], now().isoformat())).problems
         | ascend.fleet.problem_table }}
"""

RETURN = r"""
_value:
  description: What the preflight writes as JSON.
  type: dict
  contains:
    time: {description: The time., type: str, sample: "2026-01-01T00:00:00"}
    errors: {description: How many problems stop a run., type: int, sample: 0}
    warnings: {description: How many are worth a look., type: int, sample: 1}
    notes: {description: How many are only to be known., type: int, sample: 0}
    problems:
      description: All problems, as P(ascend.fleet.preflight_problems#filter) returns them.
      type: list
      elements: dict
      sample: []
    hosts:
      description:
        - By name, what the release wants on the host, and what was found there.
        - Versions, system, kernel, memory, space, clock, NPUs with their health, processes, detected product.
      type: dict
      sample: {}
"""

from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.plugin_utils._preflight_report import report

if TYPE_CHECKING:
    from collections.abc import Callable


class FilterModule:
    """The filter C(ascend.fleet.preflight_report)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"preflight_report": report}
