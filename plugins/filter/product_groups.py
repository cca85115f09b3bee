# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the groups that are server models with a playbook."""

from __future__ import annotations

DOCUMENTATION = r"""
name: product_groups
short_description: Find the groups that are server models with a playbook
version_added: 0.2.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Leaves of the names of groups those that are products of the catalog and that have a playbook in this
    collection, which is named after their family.
  - Products of your own count too; their C(products.yml) is in a directory that C(npu_fleet_catalog) names
    for the host at hand. Where a play names its hosts there is none; the lookup of the same name is for that.
options:
  _input:
    description: Names of groups, such as C(groups) or C(group_names).
    type: list
    elements: str
    required: true
  family:
    description: Leave only the products of this family, a playbook's name such as V(atlas_a3); all if empty.
    type: str
    version_added: 0.2.0
seealso:
  - plugin: ascend.fleet.product_groups
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Look at the whole fleet
  hosts: "{{ query('ascend.fleet.product_groups') }}"
  vars:
    npu_fleet_product: "{{ group_names | ascend.fleet.product_groups | first }}"
  roles:
    - ascend.fleet.npu_preflight
"""

RETURN = r"""
_value:
  description: The names of products, in alphabetical order.
  type: list
  elements: str
  sample: [atlas_800_9000, atlas_800t_a2]
"""

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog
from ansible_collections.ascend.fleet.plugins.plugin_utils._inventory import CATALOG, directories
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError
from jinja2 import pass_context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from jinja2.runtime import Context

PLAYBOOKS = Path(__file__).resolve().parents[2] / "playbooks"


@functools.lru_cache(maxsize=8)
def families(own: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the name of the playbook of each product that has one; ``own`` are catalogs of a user's.

    Raises ProblemError for a directory or a file that is no catalog.
    """
    playbooks = {path.stem for path in PLAYBOOKS.glob("*.yml")}
    named = {key: product["playbook"] for key, product in Catalog(own).products.items()}
    return {key: playbook for key, playbook in named.items() if playbook in playbooks}


def products_with_playbook(own: tuple[str, ...] = ()) -> frozenset[str]:
    """Return the keys of the products that a playbook of this collection is for."""
    return frozenset(families(own))


def product_groups(names: Iterable[str], family: str | None = None, own: tuple[str, ...] = ()) -> list[str]:
    """Return those of ``names`` that are products with a playbook; see the documentation above."""
    known = families(own)
    return sorted(name for name in {*names} if name in known and family in {None, "", known[name]})


@pass_context
def _product_groups(context: Context, names: Iterable[str], family: str | None = None) -> list[str]:
    named = list(names)
    try:
        return product_groups(named, family, directories(context.get(CATALOG)))
    except ProblemError:  # the lookups of the preflight tell of a catalog that is broken
        return product_groups(named, family)


class FilterModule:
    """The filter C(ascend.fleet.product_groups)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"product_groups": _product_groups}
