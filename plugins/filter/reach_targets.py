# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say which devices of a rack a node pings."""

from __future__ import annotations

DOCUMENTATION = r"""
name: reach_targets
short_description: Say which devices of a rack a node pings
version_added: 0.2.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Each device pings its rail peers, which are the devices of the same id on the other hosts.
  - A sample is spread evenly over the rack, and each host asks the next one, so every device is asked.
positional: host, mode, most
options:
  _input:
    description:
      - The devices of each host of the rack, by host name, as P(ascend.fleet.device_addresses#filter) returns
        them. Their order is that of the ring.
    type: dict
    required: true
  host:
    description: The host that pings.
    type: str
    required: true
  mode:
    description: V(full) for all rail peers, V(sample) for some, V(none) for nobody.
    type: str
    choices: [none, sample, full]
    default: sample
  most:
    description:
      - How many pings the host makes at most. A sample has fewer or as many, but one for each device. A full
        mesh that takes more is an error.
    type: int
    default: 64
seealso:
  - module: ascend.fleet.hccn_info
"""

EXAMPLES = r"""
- name: Ping the same device of the next hosts
  ascend.fleet.hccn_info:
    pings: "{{ (rack | ascend.fleet.reach_targets('node-1', 'sample', 16)).pings }}"
  become: true
  vars:
    rack:
      node-1: [{id: 0, address: 10.20.1.1}]
      node-2: [{id: 0, address: 10.20.1.9}]
"""

RETURN = r"""
_value:
  description: Whom to ping, in two lists of the same length.
  type: dict
  contains:
    pings:
      description: What M(ascend.fleet.hccn_info) takes.
      type: list
      elements: dict
      sample: [{id: 0, address: 10.20.1.9}]
    peers:
      description: Whose address it is.
      type: list
      elements: dict
      sample: [{host: node-2, id: 0}]
"""

from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleFilterError
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError
from ansible_collections.ascend.fleet.plugins.plugin_utils._reach import SAMPLE, targets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def reach_targets(
    rack: Mapping[str, Sequence[Mapping[str, Any]]], host: str, mode: str = SAMPLE, most: int = 64
) -> dict[str, Any]:
    """Return the pings of one host; see the documentation above."""
    try:
        return targets(rack, host, mode, most)
    except ProblemError as error:
        raise AnsibleFilterError(f"reach_targets: {error}") from error


class FilterModule:
    """The filter C(ascend.fleet.reach_targets)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"reach_targets": reach_targets}
