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
  - Lists the hosts none of whose groups is a product with a playbook, of the catalog or of one of your own
    that C(npu_fleet_catalog) names.
  - A group whose name resembles that of a product, or is one without a playbook, makes it an error, and so
    does an inventory without any host of a product. Otherwise it is a note, because an inventory may hold
    other machines too.
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
from ansible_collections.ascend.fleet.plugins.plugin_utils._inventory import CATALOG, directories
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError
from jinja2 import pass_context

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jinja2.runtime import Context

OWN_GROUPS = ("all", "ungrouped")  # Ansible's
CONTROLLER = "localhost"


EXAMPLE = "atlas_800t_a2"


def unplaced_hosts(groups: Mapping[str, Sequence[str]], own: tuple[str, ...] = ()) -> list[dict[str, str]]:
    """Return a problem for each host that no playbook takes; see the documentation above.

    ``own`` are directories of a user's catalog. Raises ProblemError for one that is no catalog.
    """
    known = products_with_playbook(own)
    placed = {host for group in known.intersection(groups) for host in groups[group]}
    left = [host for host in groups.get("all", []) if host not in placed and host != CONTROLLER]
    problems = []
    for host in left:
        names = [group for group, hosts in groups.items() if host in hosts and group not in OWN_GROUPS]
        problems.append({"host": host, **(_mistake(names, own) or _other_machine(names, alone=not placed))})
    return problems


def _mistake(names: Sequence[str], own: tuple[str, ...]) -> dict[str, str]:
    """Return what is wrong with the name of one of a host's groups; nothing when nothing is."""
    known = sorted(products_with_playbook(own))
    for name in names:
        if name in Catalog(own).products:
            return {
                "severity": "error",
                "found": f"the group {name}, a product of the catalog without a playbook",
                "wanted": f"one of {', '.join(known)}",
                "fix": "take the host out of the inventory: this collection does not bring such a model up",
            }
        near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.75)
        if near:
            return {
                "severity": "error",
                "found": f"the group {name}, which is no product",
                "wanted": f"the name of a product (the nearest is {near[0]})",
                "fix": f"call the group {near[0]}, or what docs/products.md calls the hosts' product",
            }
    return {}


def _other_machine(names: Sequence[str], alone: bool) -> dict[str, str]:
    """Return that a host is in no group of a product; ``alone`` says that no host of the inventory is."""
    where = f"in no group of a product ({', '.join(names) or 'in no group at all'})"
    if alone:
        return {
            "severity": "error",
            "found": f"a host {where}, like every other",
            "wanted": f"a group named like the model of the host, such as {EXAMPLE}",
            "fix": "put the host into such a group; docs/products.md lists them all",
        }
    return {
        "severity": "note",
        "found": f"{where[0].upper()}{where[1:]}: no playbook touches it.",
        "wanted": "",
        "fix": "",
    }


@pass_context
def _unplaced_hosts(context: Context, groups: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    try:
        return unplaced_hosts(groups, directories(context.get(CATALOG)))
    except ProblemError:  # the lookups of the preflight tell of a catalog that is broken
        return unplaced_hosts(groups)


class FilterModule:
    """The filter C(ascend.fleet.unplaced_hosts)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"unplaced_hosts": _unplaced_hosts}
