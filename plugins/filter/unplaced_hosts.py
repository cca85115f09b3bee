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
    does an inventory without any host of a product, and one without any host. Otherwise it is a note, because
    an inventory may hold other machines too.
  - A group that C(npu_fleet_groups) names and that is no product with hosts is an error, too.
options:
  _input:
    description: The hosts by group, such as C(groups).
    type: dict
    required: true
  family:
    description: The family of products that a play is for; having no host of it is an error. Any if empty.
    type: str
    default: ""
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

from ansible_collections.ascend.fleet.plugins.filter.product_groups import (
    product_groups,
    products_with_playbook,
)
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog
from ansible_collections.ascend.fleet.plugins.plugin_utils._inventory import (
    CATALOG,
    GROUPS,
    directories,
    names_of,
)
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError, nearest, one_of
from jinja2 import pass_context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from jinja2.runtime import Context

OWN_GROUPS = ("all", "ungrouped")  # Ansible's
CONTROLLER = "localhost"
EXAMPLE = "atlas_800t_a2"


def unplaced_hosts(
    groups: Mapping[str, Sequence[str]],
    own: tuple[str, ...] = (),
    family: str = "",
    only: tuple[str, ...] | None = None,
) -> list[dict[str, str]]:
    """Return a problem for each host that no playbook takes; see the documentation above.

    ``own`` are directories of a user's catalog, ``only`` the groups that a run is for, if it says so. Raises
    ProblemError for a directory that is no catalog.
    """
    having = {group for group, hosts in groups.items() if hosts}
    placed = {host for group in having & products_with_playbook(own) for host in groups[group]}
    left = [host for host in groups.get("all", []) if host not in placed and host != CONTROLLER]
    if not left and not placed:
        return [_NO_HOSTS]
    problems = _not_taken(groups, left, own, alone=not placed)
    return [*problems, *(_no_groups(having, own, family, only) if placed else [])]


_NO_HOSTS = {
    "host": CONTROLLER,
    "severity": "error",
    "found": "the inventory has no hosts",
    "wanted": f"hosts, each in a group named like its model, such as {EXAMPLE}",
    "fix": "give `-i inventory`, the path of one that exists",
}


def _not_taken(
    groups: Mapping[str, Sequence[str]], left: Sequence[str], own: tuple[str, ...], alone: bool
) -> list[dict[str, str]]:
    """Return a problem for each host that is ``left``; ``alone`` says that the inventory has no others."""
    problems = []
    for host in left:
        names = [group for group, hosts in groups.items() if host in hosts and group not in OWN_GROUPS]
        problems.append({"host": host, **(_mistake(names, own) or _other_machine(names, alone=alone))})
    return problems


def _no_groups(
    having: Iterable[str], own: tuple[str, ...], family: str, only: tuple[str, ...] | None
) -> list[dict[str, str]]:
    """Return which groups are asked for and have no host; ``having`` are the groups that have one."""
    known = product_groups(having, None, own)
    asked = [name for name in only or () if name not in known]
    problems = [
        {
            "host": CONTROLLER,
            "severity": "error",
            "found": f"{GROUPS}: {name}, which is no product with hosts in this inventory",
            "wanted": f"{one_of(known)}{nearest(name, known)}",
            "fix": f"correct {GROUPS}, or put hosts into the group {name}, or give another inventory with -i",
        }
        for name in asked
    ]
    taken = [name for name in product_groups(having, family, own) if only is None or name in only]
    if problems or taken:
        return problems
    return [
        {
            "host": CONTROLLER,
            "severity": "error",
            "found": f"no host of the family {family} among {', '.join(known if only is None else only)}",
            "wanted": "a host in the group of one of its products, which docs/products.md lists",
            "fix": "use the playbook site, which takes every family, or that of the hosts' family",
        }
    ]


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
def _unplaced_hosts(
    context: Context, groups: Mapping[str, Sequence[str]], family: str = ""
) -> list[dict[str, str]]:
    only = names_of(context.get(GROUPS))
    try:
        return unplaced_hosts(groups, directories(context.get(CATALOG)), family, only)
    except ProblemError:  # the lookups of the preflight tell of a catalog that is broken
        return unplaced_hosts(groups, (), family, only)


class FilterModule:
    """The filter C(ascend.fleet.unplaced_hosts)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"unplaced_hosts": _unplaced_hosts}
