# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter failure_limit; the work is done in _failure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.plugin_utils._failure import failure_limit

if TYPE_CHECKING:
    from collections.abc import Callable

DOCUMENTATION = r"""
name: failure_limit
short_description: Say whether a rollout may go on to the next node
version_added: 0.1.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Counts the nodes of a rollout that have failed so far against a limit.
options:
  _input:
    description: The names of all hosts of the rollout.
    type: list
    elements: str
    required: true
  hostvars:
    description: The variables of all hosts.
    type: dict
    required: true
  limit:
    description: How many nodes may fail, as a number or as a share of the ended ones such as V(50%).
    type: raw
    required: true
"""

EXAMPLES = r"""
- name: Stop when too many nodes failed
  ansible.builtin.set_fact:
    stopped: "{{ ansible_play_hosts_all | ascend.fleet.failure_limit(hostvars, '50%') }}"
"""

RETURN = r"""
_value:
  description: Empty when the rollout may go on, else V(not_started), V(step) and V(message).
  type: dict
  sample: {}
"""


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return it by name."""
        return {"failure_limit": failure_limit}
