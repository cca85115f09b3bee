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
  - Playbooks for the whole fleet name their hosts with it. It is the first filter of this collection in a run
    and runs in Ansible's main process; its workers inherit what is loaded there and need not load it for each
    task of each host.
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
"""

EXAMPLES = r"""
- name: Look at the whole fleet
  hosts: "{{ groups | ascend.fleet.product_groups }}"
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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PLAYBOOKS = Path(__file__).resolve().parents[2] / "playbooks"


@functools.lru_cache(maxsize=1)
def families() -> dict[str, str]:
    """Return the name of the playbook of each of the catalog's products that has one."""
    playbooks = {path.stem for path in PLAYBOOKS.glob("*.yml")}
    named = {key: product["playbook"] for key, product in Catalog().products.items()}
    return {key: playbook for key, playbook in named.items() if playbook in playbooks}


def products_with_playbook() -> frozenset[str]:
    """Return the keys of the catalog's products that a playbook of this collection is for."""
    return frozenset(families())


def product_groups(names: Iterable[str], family: str | None = None) -> list[str]:
    """Return those of ``names`` that are products with a playbook; see the documentation above."""
    known = families()
    return sorted(name for name in {*names} if name in known and family in {None, "", known[name]})


class FilterModule:
    """The filter C(ascend.fleet.product_groups)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"product_groups": product_groups}
