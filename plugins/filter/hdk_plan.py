# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say what driver and firmware of a node still need."""

from __future__ import annotations

DOCUMENTATION = r"""
name: hdk_plan
short_description: Say what driver and firmware of a node still need
version_added: 0.1.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Compares what M(ascend.fleet.npu_info) found on a node with the driver and firmware of a release.
  - The steps come in the vendor's order. Without a working driver it is driver, then firmware; else it is
    firmware, then driver, for upgrades and downgrades alike.
  - Firmware is left alone in a virtual machine and in a container.
  - What is installed or wanted must fit the firmware versions that the installed driver names
    (C(compatible_version_fw)); that of a new driver is known when it is installed.
  - A reboot is due after a step, and also when the node runs something else than is installed, as after a run
    that was cut before its reboot.
positional: wanted
options:
  _input:
    description:
      - The result of M(ascend.fleet.npu_info), gathered with V(software), V(npus) and V(boards).
    type: dict
    required: true
  wanted:
    description: The versions C(driver) and C(firmware); what is V(null) is left alone.
    type: dict
    required: true
seealso:
  - module: ascend.fleet.npu_info
"""

EXAMPLES = r"""
- name: Show what is due
  ansible.builtin.debug:
    msg: "{{ (found | ascend.fleet.hdk_plan(wanted)).reasons }}"
  vars:
    wanted: {driver: 24.1.0, firmware: 7.5.0.2.220}
# - upgrade firmware from 7.1.0.5.220 to 7.5.0.2.220
# - upgrade driver from 23.0.3 to 24.1.0
"""

RETURN = r"""
_value:
  description: The plan.
  type: dict
  contains:
    steps:
      description: What to install, in this order; empty when the wanted versions are installed.
      type: list
      elements: dict
      contains:
        part: {description: The part., type: str, choices: [driver, firmware]}
        action: {description: What to do., type: str, choices: [install, upgrade, downgrade, repair]}
        version: {description: The version to install., type: str, sample: 24.1.0}
    reboot: {description: Whether a reboot is due in the end., type: bool, sample: true}
    consents:
      description: What somebody has to agree to; V(reboot), V(flash) (of firmware) and V(downgrade).
      type: list
      elements: str
      sample: [reboot, flash]
    problems:
      description: What cannot come true; found, wanted and what to do of each.
      type: list
      elements: list
      sample: []
    warnings:
      description: What was not made for each other although it is installed.
      type: list
      elements: str
      sample: []
    reasons:
      description: The steps and the cause of a reboot that is due without a step, in words.
      type: list
      elements: str
      sample: [upgrade firmware from 7.1.0.5.220 to 7.5.0.2.220]
"""

from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleFilterError
from ansible_collections.ascend.fleet.plugins.plugin_utils._hdk import plan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def hdk_plan(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the plan; see the documentation above. Raises AnsibleFilterError for unreadable versions."""
    absent = [name for name in ("software", "driver_version", "cards") if name not in found]
    if found.get("software") is None and "software" not in absent:
        absent.append("software")
    if absent or wanted.get("driver", "") == "":
        raise AnsibleFilterError(
            f"hdk_plan: found no {', '.join(absent) or 'wanted driver'}; wanted a driver version and a "
            "result of ascend.fleet.npu_info (gather_subset: [software, npus, boards]); pass both"
        )
    try:
        return plan(found, wanted)
    except ValueError as error:
        raise AnsibleFilterError(f"hdk_plan: {error}") from error


class FilterModule:
    """The filter C(ascend.fleet.hdk_plan)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"hdk_plan": hdk_plan}
