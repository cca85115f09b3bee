# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a run as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.plugin_utils._report import OUTCOMES, fleet_report

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DOCUMENTATION = r"""
name: fleet_report
short_description: Report what a run did to each node
version_added: 0.1.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Collects what the roles of this collection noted for each host.
  - Returns one structure for people and programs.
options:
  _input:
    description: The names of the hosts.
    type: list
    elements: str
    required: true
  hostvars:
    description: The variables of all hosts.
    type: dict
    required: true
  made:
    description: When the report is made, as an ISO 8601 time.
    type: str
    required: true
  check_mode:
    description: Whether the run was in check mode, so that what it noted is a plan.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Keep the report as JSON
  ansible.builtin.copy:
    dest: reports/fleet.json
    content: >-
      {{ ansible_play_hosts_all | ascend.fleet.fleet_report(hostvars, now(utc=true).isoformat())
         | to_nice_json }}
    mode: "0644"
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
_value:
  description: With V(schema), V(mode), V(made), V(totals) by result, and V(nodes) with one entry per host.
  type: dict
  sample: {"schema": 1, "mode": "run", "made": "2026-11-21T08:00:00+00:00", "totals": {}, "nodes": []}
"""

NOTED = (
    *OUTCOMES,
    "npu_preflight_outcome",
    "npu_fleet_started",
    "npu_fleet_failure",
    "npu_fleet_left",
    "npu_fleet_rack",
)


def report(
    hosts: list[str], hostvars: Mapping[str, Any], made: str, check_mode: bool = False
) -> dict[str, Any]:
    """Pick what the roles noted of each host and hand it to the pure report."""
    facts = {host: {name: hostvars[host].get(name) for name in NOTED} for host in hosts}
    return fleet_report(facts, made, check_mode)


class FilterModule:
    """The filter C(ascend.fleet.fleet_report)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return it by name."""
        return {"fleet_report": report}
