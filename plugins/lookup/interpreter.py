# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the private Python for an architecture."""

from __future__ import annotations

DOCUMENTATION = r"""
name: interpreter
short_description: Find the private Python for an architecture
version_added: 0.2.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Returns the entry of C(catalog/interpreters.yml), the archive of a Python for nodes that have none, or
    one that is too old.
  - Reads files of the controller only; no network, no host.
options:
  _terms:
    description: Architectures, as C(uname -m) says them.
    type: list
    elements: str
    required: true
extends_documentation_fragment:
  - ascend.fleet.catalog
"""

EXAMPLES = r"""
- name: Show where the archive is
  ansible.builtin.debug:
    msg: "{{ lookup('ascend.fleet.interpreter', 'aarch64').url }}"
"""

RETURN = r"""
_raw:
  description: One mapping for each architecture.
  type: list
  elements: dict
  contains:
    version: {description: Version of Python., type: str, sample: 3.11.6}
    glibc: {description: Oldest C library that it runs with., type: str, sample: "2.17"}
    file:
      description: Name of the archive, which holds a folder C(python).
      type: str
      sample: cpython-3.11.6+20231002-aarch64-unknown-linux-gnu-install_only.tar.gz
    url: {description: Where it is offered; V(null) for nowhere., type: str}
    sha256: {description: Its checksum., type: str}
    source: {description: Where this knowledge comes from., type: str}
"""

from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog_lookup import CatalogLookup

if TYPE_CHECKING:
    from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog


class LookupModule(CatalogLookup):
    """The lookup C(ascend.fleet.interpreter)."""

    def find(self, catalog: Catalog, term: str) -> dict[str, Any]:
        """Return the Python for the architecture C(term)."""
        return catalog.interpreter(term)
