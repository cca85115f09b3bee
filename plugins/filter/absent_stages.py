# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell which stages of a rollout do not apply to a node."""

from __future__ import annotations

DOCUMENTATION = r"""
name: absent_stages
short_description: Tell which stages of a rollout do not apply to a node
version_added: 0.2.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Says for each stage that a server model, its chips or a guest system does not have why that is so.
    Playbooks do not attempt it then, and the report says C(not applicable).
options:
  _input:
    description:
      - What the role P(ascend.fleet.npu_preflight#role) has noted of the node, C(npu_preflight_outcome).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Set the device network of the nodes that have one
  ansible.builtin.include_role:
    name: ascend.fleet.npu_network
  when: "'network' not in npu_preflight_outcome | ascend.fleet.absent_stages"
"""

RETURN = r"""
_value:
  description:
    - The reason for each of V(driver), V(firmware), V(mcu), V(network) and V(torch_npu) that does not apply.
    - Empty where everything does, and where the preflight found neither model nor release.
  type: dict
  sample: {"network": "Atlas 300I Pro has no RoCE ports"}
"""

from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.plugin_utils._stages import absent_stages

if TYPE_CHECKING:
    from collections.abc import Callable


class FilterModule:
    """The filter C(ascend.fleet.absent_stages)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"absent_stages": absent_stages}
