# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Print what was fetched as a table for people."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fetch_table
short_description: Print what was fetched as a table for people
version_added: 0.2.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - One row for each file with its size, the host that it comes from and its state, and the bytes of all.
positional: by_hand, news
options:
  _input:
    description:
      - Mappings with V(file), V(size) in bytes or nothing, V(url) or V(archive) (the zip that held it) or
        nothing, and V(state), as M(ascend.fleet.fetch_package) returns them.
    type: list
    elements: dict
    required: true
  by_hand:
    description: What people have to get themselves, as P(ascend.fleet.fetch_list#lookup) returns it.
    type: list
    elements: dict
    default: []
  news:
    description: Names of files that came in this run by other means than the module.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Show what was fetched
  ascend.fleet.show:
    text: "{{ fetched.files | ascend.fleet.fetch_table }}"
"""

RETURN = r"""
_value:
  description: The table.
  type: str
"""

from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.plugin_utils._fetch_report import fetch_table

if TYPE_CHECKING:
    from collections.abc import Callable


class FilterModule:
    """The filter C(ascend.fleet.fetch_table)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"fetch_table": fetch_table}
