# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell how many chips a node is to have."""

from __future__ import annotations

DOCUMENTATION = r"""
name: chips_wanted
short_description: Tell how many chips a node is to have
version_added: 0.2.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Says how many chips C(npu-smi) is to show on a node. A server has those of its model.
  - A host of cards has those of all cards on its PCI bus, and a virtual machine those that it was given.
options:
  _input:
    description:
      - What the role P(ascend.fleet.npu_preflight#role) has noted of the node, C(npu_preflight_outcome).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Wait until all chips answer
  ascend.fleet.npu_info:
    gather_subset: [npus]
  become: true
  register: node
  until: node.chips | length == npu_preflight_outcome | ascend.fleet.chips_wanted
  retries: 30
  delay: 10
"""

RETURN = r"""
_value:
  description: How many; V(null) where the preflight has found no model.
  type: int
  sample: 16
"""

from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.plugin_utils._stages import chips_wanted

if TYPE_CHECKING:
    from collections.abc import Callable


class FilterModule:
    """The filter C(ascend.fleet.chips_wanted)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"chips_wanted": chips_wanted}
