# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find an operating system in the catalog."""

from __future__ import annotations

DOCUMENTATION = r"""
name: system
short_description: Tell what an operating system needs for driver and builds
version_added: 0.1.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Returns the entry of C(catalog/systems.yml) for a distribution and version, as Ansible's facts name them.
  - Reads files of the controller only; no network, no host.
options:
  _terms:
    description: The fact C(distribution), such as V(Debian).
    type: list
    elements: str
    required: true
  version:
    description: The fact C(distribution_version), such as V("12.5").
    type: str
    required: true
  kernel:
    description: The fact C(kernel). Kernel packages are named after it; without it their list is empty.
    type: str
extends_documentation_fragment:
  - ascend.fleet.catalog
"""

EXAMPLES = r"""
- name: Install what the driver's installer asks for
  ansible.builtin.package:
    name: >-
      {{ lookup('ascend.fleet.system', ansible_facts.distribution,
         version=ansible_facts.distribution_version).driver_packages }}
"""

RETURN = r"""
_raw:
  description: One mapping for each distribution.
  type: list
  elements: dict
  contains:
    key: {description: Key of the system., type: str, sample: debian_12}
    distribution: {description: The distribution., type: str, sample: Debian}
    also_called:
      description: Further names that the fact has for it; absent when there are none.
      type: list
      elements: str
      sample: [Uos, UnionTech]
    version: {description: What its version begins with., type: str, sample: "12"}
    family: {description: Key of the family., type: str, sample: debian}
    package_manager: {description: The package manager., type: str, sample: apt}
    driver_packages:
      description: Packages with the programs that the driver's installer asks for.
      type: list
      elements: str
      sample: [pciutils, net-tools]
    build_packages:
      description: Packages that building the driver's kernel modules takes.
      type: list
      elements: str
      sample: [dkms, gcc, make]
    kernel_packages:
      description: Headers of the running kernel.
      type: list
      elements: str
      sample: [linux-headers-6.1.0-18-arm64]
    compilers:
      description:
        - Packages with what source builds take, as C(program), C(package), C(command) (the name under which
          the package brings the program) and C(version) (V(null) when it is not sourced).
      type: list
      elements: dict
      sample:
        - {program: gcc, package: gcc, command: gcc, version: "10.2"}
        - {program: gcc, package: gcc-9, command: gcc-9, version: "9.3"}
    python_packages: {description: Packages with Python., type: list, elements: str, sample: [python3]}
    python: {description: The system's own Python., type: str, sample: "3.11"}
    glibc: {description: Its C library; V(null) when not known., type: str, sample: "2.36"}
    quirks:
      description:
        - What sets it apart.
        - V(old_python), V(externally_managed), V(no_dkms), V(licence_manager), V(end_of_life),
          V(hidden_service_pack) or V(debian_edition); C(catalog/systems.yml) explains them.
      type: list
      elements: str
      sample: [externally_managed]
    note: {description: What to know about it., type: str}
    source: {description: Where this knowledge comes from., type: str}
"""

from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog_lookup import CatalogLookup

if TYPE_CHECKING:
    from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog


class LookupModule(CatalogLookup):
    """The lookup C(ascend.fleet.system)."""

    def find(self, catalog: Catalog, term: str) -> dict[str, Any]:
        """Return the system of the distribution C(term)."""
        return catalog.system(term, self.get_option("version"), self.get_option("kernel"))
