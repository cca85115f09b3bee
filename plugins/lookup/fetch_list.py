# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work out what a fleet needs to have fetched."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fetch_list
short_description: Work out what a fleet needs to have fetched
version_added: 0.2.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Takes the bills of all hosts together, so that each file is named once, with the hosts that need it.
  - A package comes out of the vendor's zip, whose checksum is published and which holds its signature,
    unless the package itself has an address and a published checksum.
  - Asks no host and no network.
options:
  _terms:
    description:
      - Lists of needs, one mapping for each host.
      - V(host) is its name, V(answer) what P(ascend.fleet.release#lookup) says of it with C(explain=true).
      - V(parts) are the parts of CANN and driver that it gets, V(frameworks) a list of V(torch) and
        V(mindspore), V(companions) further requirements beside torch, V(glibc) the newest version of the C
        library that its wheels may want.
      - V(inputs) may hold, for V(torch) and V(mindspore), what the inventory says of their environments,
        under the names of the roles' inputs without prefix, V(wheelhouse) the names of the files that are in
        the wheelhouse.
      - V(conda_installer) is the name of its installer of conda, in which C({arch}) becomes its architecture;
        a host without an environment that conda makes gets none. V(directory) may hold the names of the files
        that are beside the packages, among them an installer that the catalog does not know.
      - V(interpreter) may be true for a host that is to get the private Python of C(interpreters.yml).
    type: list
    elements: list
    required: true
extends_documentation_fragment:
  - ascend.fleet.catalog
seealso:
  - module: ascend.fleet.fetch_package
"""

EXAMPLES = r"""
- name: Work out what two hosts need
  ansible.builtin.set_fact:
    wanted: "{{ lookup('ascend.fleet.fetch_list', needs) }}"
  vars:
    needs:
      - host: node-a01-01
        answer: "{{ lookup('ascend.fleet.release', 'cann-8.2.rc1', product='atlas_800t_a2', explain=true) }}"
        parts: [driver, firmware, toolkit, kernels]
        frameworks: [torch]
        glibc: "2.28"
        conda_installer: Miniforge3-Linux-aarch64.sh
"""

RETURN = r"""
_raw:
  description: One mapping for each list.
  type: list
  elements: dict
  contains:
    packages:
      description: What M(ascend.fleet.fetch_package) takes as O(ascend.fleet.fetch_package#module:files).
      type: list
      elements: dict
      sample: []
    wheels:
      description: The same for wheels that are not on PyPI or whose checksum the vendor publishes.
      type: list
      elements: dict
      sample: []
    by_hand:
      description:
        - What people have to get themselves, as C(file), C(origin) (the page that offers it; V(null) when
          none is known) and C(hosts).
      type: list
      elements: dict
      sample: []
    problems:
      description: Why hosts have no bill, as P(ascend.fleet.problem_table#filter) takes it.
      type: list
      elements: dict
      sample: []
    repositories:
      description:
        - What is built from a repository of git, as C(file) (the archive for it), C(git), C(ref) and
          C(hosts). An empty C(ref) is the whole repository.
      type: list
      elements: dict
      sample: []
    environments:
      description:
        - What pip is asked, once for each kind of host; C(arguments) of C(pip download), C(markers) of such a
          host, C(python), C(arch), C(requirements), C(hosts) and C(releases).
      type: list
      elements: dict
      sample: []
"""

from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog_file import CATALOG, read_file
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog_lookup import CatalogLookup
from ansible_collections.ascend.fleet.plugins.plugin_utils._fetch_list import fetch_list

if TYPE_CHECKING:
    from pathlib import Path

    from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog


def downloads_of(directories: list[Path]) -> dict[str, dict[str, Any]]:
    """Return the sites and installers of all catalogs; those of the user come before the collection's."""
    merged: dict[str, dict[str, Any]] = {"sites": {}, "conda_installers": {}}
    for directory in reversed(directories):
        file = directory / "downloads.yml"
        if file.is_file() or directory == CATALOG:
            content = read_file(file, "downloads")
            for section, entries in merged.items():
                entries.update(content[section])
    return merged


class LookupModule(CatalogLookup):
    """The lookup C(ascend.fleet.fetch_list)."""

    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        """Work out every list of needs."""
        self.set_options(var_options=variables, direct=kwargs)
        return [self._answer(term) for term in terms]

    def find(self, catalog: Catalog, term: Any) -> dict[str, Any]:
        """Work out one list of needs."""
        return fetch_list(term, downloads_of(catalog.directories), catalog.interpreter)
