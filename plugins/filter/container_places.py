# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say where on a node the files lie that containers need."""

from __future__ import annotations

DOCUMENTATION = r"""
name: container_places
short_description: Say where on a node the files lie that containers need
version_added: 0.2.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Returns what one call of M(ansible.builtin.find) has to look for, to know which device files and which
    files of the driver a node can give to containers. C(catalog/containers.yml) has the list.
options:
  _input:
    description: Chip family of the node, such as V(910b).
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Read what the node can give to containers
  ansible.builtin.find:
    paths: "{{ places | map(attribute='directory') | unique }}"
    patterns: "{{ places | map(attribute='name') | unique }}"
    file_type: any
  vars:
    places: "{{ '910b' | ascend.fleet.container_places }}"
"""

RETURN = r"""
_value:
  description: One mapping for each file with C(directory) and C(name), which may be a pattern.
  type: list
  elements: dict
  sample: [{"directory": "/dev", "name": "davinci*"}]
"""

from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.plugin_utils._containers import places

if TYPE_CHECKING:
    from collections.abc import Callable


class FilterModule:
    """The filter C(ascend.fleet.container_places)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"container_places": places}
