# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say which CANN versions of a node go, and in which order."""

from __future__ import annotations

DOCUMENTATION = r"""
name: cann_removals
short_description: Say which CANN versions of a node go, and in which order
version_added: 0.2.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Keeps the newest versions, the one in use and those that are named, and returns what else is there.
  - Operators and libraries come before the toolkit that they stand on, one version before the next.
positional: keep
options:
  _input:
    description: RV(ascend.fleet.npu_info#module:software) of the node.
    type: dict
    required: true
  keep:
    description: How many versions stay, the newest ones; 0 for none at all.
    type: int
    required: true
  kept:
    description: Versions that stay in any case, unless O(keep) is 0.
    type: list
    elements: str
    default: []
seealso:
  - module: ascend.fleet.run_package
"""

EXAMPLES = r"""
- name: Show what would go
  ansible.builtin.debug:
    msg: "{{ found.software | ascend.fleet.cann_removals(2) }}"
# - {part: kernels, version: 7.0.0}
# - {part: toolkit, version: 7.0.0}
"""

RETURN = r"""
_value:
  description: What goes, in the order of removal.
  type: list
  elements: dict
  contains:
    part: {description: The part., type: str, sample: toolkit}
    version: {description: Its version., type: str, sample: 7.0.0}
"""

from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleFilterError
from ansible_collections.ascend.fleet.plugins.plugin_utils._cann import removals

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def cann_removals(
    software: Mapping[str, Any], keep: int, kept: list[str] | None = None
) -> list[dict[str, str]]:
    """Return what goes; see the documentation above. Raises AnsibleFilterError for unreadable input."""
    if keep < 0:
        raise AnsibleFilterError(f"cann_removals: found keep {keep}, wanted 0 or more versions that stay")
    try:
        return removals(software, keep, kept or [])
    except (KeyError, ValueError) as error:
        raise AnsibleFilterError(f"cann_removals: {error}; pass the software that npu_info found") from error


class FilterModule:
    """The filter C(ascend.fleet.cann_removals)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"cann_removals": cann_removals}
