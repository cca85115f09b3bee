# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge what containers see of the NPUs."""

from __future__ import annotations

DOCUMENTATION = r"""
name: container_checks
short_description: Judge what containers see of the NPUs
version_added: 0.2.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Compares the NPUs that C(npu-smi info) lists in each container with those that it is to have, and judges
    the container's own check. A container that does not run fails, with the status of what it ran.
  - NPUs are compared by their places on the PCI bus, because C(npu-smi) may number them anew in a container.
options:
  _input:
    description:
      - C(host) is the host's name, C(chips) its chips (of M(ascend.fleet.npu_info)), C(seen) one mapping per
        container with C(container) (as declared), the results C(npu_smi) and C(check) of
        C(community.docker.docker_container_exec), and C(state), what the engine says of its state.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Keep the checks
  ansible.builtin.set_fact:
    checks: >-
      {{ {'host': inventory_hostname, 'chips': node.chips, 'seen': seen} | ascend.fleet.container_checks }}
"""

RETURN = r"""
_value:
  description:
    - One mapping per check with V(check), V(passed), V(found), V(wanted), V(action) and V(message).
  type: list
  elements: dict
"""

from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.plugin_utils._container_checks import container_checks

if TYPE_CHECKING:
    from collections.abc import Callable


class FilterModule:
    """The filter C(ascend.fleet.container_checks)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"container_checks": container_checks}
