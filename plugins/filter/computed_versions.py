# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the versions of frameworks out of what their environments printed."""

from __future__ import annotations

DOCUMENTATION = r"""
name: computed_versions
short_description: Read the versions of frameworks out of what their environments printed
version_added: 0.2.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Looks for the JSON object that the check of each environment prints. What libraries print before and after
    it, and an object that was cut, are passed over.
options:
  _input:
    description: The standard output of the checks of all environments, as the role npu_verify runs them.
    type: str
    required: true
seealso:
  - plugin: ascend.fleet.verify_checks
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show what is installed
  ansible.builtin.debug:
    msg: "{{ smoke.stdout | ascend.fleet.computed_versions }}"
# {torch: 2.1.0, torch_npu: 2.1.0.post10}
"""

RETURN = r"""
_value:
  description: The versions of the first environment of each framework; only what was printed.
  type: dict
  contains:
    torch: {description: Version of PyTorch., type: str, sample: 2.1.0}
    torch_npu: {description: Version of torch_npu., type: str, sample: 2.1.0.post10}
    mindspore: {description: Version of MindSpore., type: str, sample: 2.6.0}
"""

from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.plugin_utils._computed import versions_computed

if TYPE_CHECKING:
    from collections.abc import Callable


def computed_versions(text: str) -> dict[str, str]:
    """Return the versions; see the documentation above."""
    return versions_computed(text)


class FilterModule:
    """The filter C(ascend.fleet.computed_versions)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"computed_versions": computed_versions}
