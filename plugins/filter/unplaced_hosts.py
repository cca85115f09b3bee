# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the hosts that no playbook takes, because none of their groups is a product."""

from __future__ import annotations

DOCUMENTATION = r"""
name: unplaced_hosts
short_description: Find the hosts that no playbook takes
version_added: 0.2.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Lists the hosts none of whose groups is a product of the catalog with a playbook.
  - A group whose name resembles that of a product, or is one without a playbook, makes it an error. Otherwise
    it is a note, because an inventory may hold other machines too.
options:
  _input:
    description: The hosts by group, such as C(groups).
    type: dict
    required: true
seealso:
  - plugin: ascend.fleet.product_groups
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show who is left out
  ansible.builtin.debug:
    msg: "{{ groups | ascend.fleet.unplaced_hosts | ascend.fleet.problem_table }}"
"""

RETURN = r"""
_value:
  description: One problem for each such host, as P(ascend.fleet.preflight_problems#filter) returns it.
  type: list
  elements: dict
"""

import difflib
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.filter.product_groups import products_with_playbook
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

OWN_GROUPS = ("all", "ungrouped")  # Ansible's
CONTROLLER = "localhost"


def unplaced_hosts(groups: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    """Return a problem for each host that no playbook takes; see the documentation above."""
    known = products_with_playbook()
    placed = {host for group in known.intersection(groups) for host in groups[group]}
    return [
        {"host": host, **_problem([group for group, hosts in groups.items() if host in hosts])}
        for host in groups.get("all", [])
        if host not in placed and host != CONTROLLER
    ]


def _problem(names: Sequence[str]) -> dict[str, str]:
    own = [name for name in names if name not in OWN_GROUPS]
    known = sorted(products_with_playbook())
    for name in own:
        if name in Catalog().products:
            return {
                "severity": "error",
                "found": f"the group {name}, a product of the catalog without a playbook",
                "wanted": f"one of {', '.join(known)}",
                "fix": "take the host out of the inventory: this collection does not bring such a model up",
            }
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.75)
        if near:
            return {
                "severity": "error",
                "found": f"the group {name}, which is no product",
                "wanted": f"one of {', '.join(known)} (the nearest is {near[0]})",
                "fix": "give the group the name of the hosts' product",
            }
    return {
        "severity": "note",
        "found": "In no group of a product: no playbook touches it.",
        "wanted": "",
        "fix": "",
    }


class FilterModule:
    """The filter C(ascend.fleet.unplaced_hosts)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"unplaced_hosts": unplaced_hosts}
