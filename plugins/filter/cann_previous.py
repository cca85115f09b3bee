# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say which CANN version a node had before the one in use."""

from __future__ import annotations

DOCUMENTATION = r"""
name: cann_previous
short_description: Say which CANN version a node had before the one in use
version_added: 0.2.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Returns the newest complete toolkit beside the one in use that is older than it.
  - It is an error when there is none.
options:
  _input:
    description: RV(ascend.fleet.npu_info#module:software) of the node.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show to which version the node could go back
  ansible.builtin.debug:
    msg: "{{ found.software | ascend.fleet.cann_previous }}"
# 7.0.0
"""

RETURN = r"""
_value:
  description: The version.
  type: str
"""

from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleFilterError
from ansible_collections.ascend.fleet.plugins.plugin_utils._cann import previous
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def cann_previous(software: Mapping[str, Any]) -> str:
    """Return the version; see the documentation above. Raises AnsibleFilterError when there is none."""
    try:
        return previous(software)
    except (KeyError, ValueError) as error:
        raise AnsibleFilterError(f"cann_previous: {error}; pass the software that npu_info found") from error
    except ProblemError as error:
        raise AnsibleFilterError(f"cann_previous: {error}") from error


class FilterModule:
    """The filter C(ascend.fleet.cann_previous)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"cann_previous": cann_previous}
