# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find device addresses that two hosts would take."""

from __future__ import annotations

DOCUMENTATION = r"""
name: address_overlaps
short_description: Find device addresses that two hosts would take
version_added: 0.1.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Compares the device addresses of all hosts, whatever plan they come from.
  - Finds addresses that two hosts take, devices at the address of another host's gateway, and networks that
    overlap without being the same.
options:
  _input:
    description:
      - The devices of each host, as P(ascend.fleet.device_addresses#filter) returns them, by host name.
    type: dict
    required: true
seealso:
  - plugin: ascend.fleet.problem_table
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show which racks want the same addresses
  ansible.builtin.debug:
    msg: "{{ devices_by_host | ascend.fleet.address_overlaps | ascend.fleet.problem_table }}"
"""

RETURN = r"""
_value:
  description: One problem for each pair of hosts, as P(ascend.fleet.preflight_problems#filter) returns it.
  type: list
  elements: dict
"""

from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.plugin_utils._addresses import overlaps

if TYPE_CHECKING:
    from collections.abc import Callable


class FilterModule:
    """The filter C(ascend.fleet.address_overlaps)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"address_overlaps": overlaps}
