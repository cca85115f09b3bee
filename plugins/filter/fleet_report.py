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
  description: The report; what a host has not told is null or empty.
  type: dict
  contains:
    schema:
      description: Version of this structure; it grows when a key goes away or means something else.
      type: int
    mode:
      description: V(check) when it is a plan, else V(run).
      type: str
    made:
      description: The time that was given.
      type: str
    totals:
      description: Number of hosts by RV(_value.nodes[].state).
      type: dict
    versions:
      description: What has a version on some host or is to have one, each with C(name) and C(title).
      type: list
      elements: dict
    reach:
      description: Who answers whom in the device network, as far as pings were asked for.
      type: dict
    nodes:
      description: One entry for each host, in the order of their names.
      type: list
      elements: dict
      contains:
        host:
          description: Its name in the inventory.
          type: str
        rack:
          description: The rack it stands in.
          type: str
        product:
          description: Its product in the catalog.
          type: str
        release:
          description: Its release in the catalog.
          type: str
        npus_wanted:
          description: How many NPU chips the product has.
          type: int
        state:
          description: How the run ended for it.
          type: str
          sample: changed
        before:
          description: Its versions before the run, by the names of RV(_value.versions).
          type: dict
        after:
          description: Its versions after the run.
          type: dict
        wanted:
          description: The versions of its release.
          type: dict
        stages:
          description: The stages that ended, each with C(stage), C(actions) and C(seconds).
          type: list
          elements: dict
        absent:
          description: The stages that its model or its ground does not have, each with C(stage) and C(why).
          type: list
          elements: dict
        npus:
          description: One entry for each chip, with its health, temperature (C), power (W), address and link.
          type: list
          elements: dict
        checks:
          description: What was verified, each with C(check), C(found), C(wanted), and C(passed) or null.
          type: list
          elements: dict
        warnings:
          description: What stops nothing and is worth a word.
          type: list
          elements: str
        failure:
          description: The step that failed, with its message.
          type: dict
  sample:
    {schema: 1, mode: run, made: "2026-11-21T08:00:00+00:00", totals: {}, versions: [], reach: {}, nodes: []}
"""

NOTED = (
    *OUTCOMES,
    "npu_preflight_outcome",
    "npu_fleet_started",
    "npu_fleet_failure",
    "npu_fleet_left",
    "npu_fleet_mindspore",
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
