# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the groups of the inventory that are server models with a playbook."""

from __future__ import annotations

DOCUMENTATION = r"""
name: product_groups
short_description: Find the groups of the inventory that are server models with a playbook
version_added: 0.2.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Returns those groups of the inventory that have hosts and are products of the catalog, or of a catalog of
    your own that C(npu_fleet_catalog) names for the first host of any group.
  - It is for the C(hosts) of a play, also of the first one of a run, where no variables of hosts are at hand.
  - There it runs in Ansible's main process, and loads the filters of this collection. Ansible's workers
    inherit them and need not load them for each task of each host.
options:
  _terms:
    description: Leave only the products of these families, such as V(atlas_a3); all if empty.
    type: list
    elements: str
    default: []
  only:
    description: Of these, leave only those that are named here; all if it is not given.
    type: list
    elements: str
    version_added: 0.2.0
seealso:
  - plugin: ascend.fleet.product_groups
    plugin_type: filter
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
_raw:
  description: The names of products, in alphabetical order.
  type: list
  elements: str
  sample: [atlas_800_9000, atlas_800t_a2]
"""

from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.loader import filter_loader
from ansible.plugins.lookup import LookupBase
from ansible_collections.ascend.fleet.plugins.filter.product_groups import product_groups
from ansible_collections.ascend.fleet.plugins.plugin_utils._inventory import (
    host_variables,
    names_of,
    own_catalogs,
)
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError

FILTERS = "ascend.fleet.product_groups"  # with one filter of a collection Ansible loads all of them


class LookupModule(LookupBase):
    """The lookup C(ascend.fleet.product_groups)."""

    def run(self, terms: list[str], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[str]:
        """Return the groups; see the documentation above."""
        self.set_options(var_options=variables, direct=kwargs)
        filter_loader.get(FILTERS)
        given = variables or {}
        groups = {name: hosts for name, hosts in (given.get("groups") or {}).items() if hosts}
        only = names_of(kwargs.get("only"))
        try:
            catalogs = own_catalogs(groups, host_variables(given, self._loader))
            found = {name for family in terms or [""] for name in product_groups(groups, family, catalogs)}
        except ProblemError as error:
            raise AnsibleError(f"product_groups: {error}") from error
        return sorted(name for name in found if only is None or name in only)
