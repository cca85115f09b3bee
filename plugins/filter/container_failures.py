# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say why the container engine did not do what it was asked for."""

from __future__ import annotations

DOCUMENTATION = r"""
name: container_failures
short_description: Say why the container engine did not do what it was asked for
version_added: 0.2.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Reads what modules of C(community.docker) say when an image cannot be pulled or loaded or a container
    cannot be started, and says what was found, what was wanted and what to do. The engine's own sentence is
    quoted.
options:
  _input:
    description:
      - C(host) is the host's name, C(asked) what was asked for, V(pull), V(load) or V(start), C(results) the
        results of the items, each with C(image_wanted) or C(container_wanted), the loop's variable.
    type: dict
    required: true
seealso:
  - plugin: ascend.fleet.problem_table
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Stop when an image could not be pulled
  ansible.builtin.assert:
    that: failures | length == 0
    fail_msg: "{{ failures | ascend.fleet.problem_table }}"
  vars:
    failures: >-
      {{ {'host': inventory_hostname, 'asked': 'pull', 'results': pulled.results}
         | ascend.fleet.container_failures }}
"""

RETURN = r"""
_value:
  description: One mapping for each that failed, as P(ascend.fleet.problem_table#filter) takes it.
  type: list
  elements: dict
"""

from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.plugin_utils._container_failures import container_failures

if TYPE_CHECKING:
    from collections.abc import Callable


class FilterModule:
    """The filter C(ascend.fleet.container_failures)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"container_failures": container_failures}
