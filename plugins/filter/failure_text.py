# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter failure_text; the work is done in _failure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.plugin_utils._failure import failure_text

if TYPE_CHECKING:
    from collections.abc import Callable

DOCUMENTATION = r"""
name: failure_text
short_description: Say why a task failed
version_added: 0.1.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Returns the message of a failed task, or of its failed items, with the last lines of the output.
options:
  _input:
    description: What the task returned, such as V(ansible_failed_result).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Keep the reason
  ansible.builtin.set_fact:
    reason: "{{ ansible_failed_result | ascend.fleet.failure_text }}"
"""

RETURN = r"""
_value:
  description: The text.
  type: str
  sample: the checksum of the package is wrong
"""


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return it by name."""
        return {"failure_text": failure_text}
