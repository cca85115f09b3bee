# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that all lookups of the catalog share."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation that plugins take in with C(extends_documentation_fragment)."""

    DOCUMENTATION = r"""
options:
  catalog:
    description:
      - Directories of your own with C(products.yml), C(chips.yml), C(systems.yml), C(interpreters.yml),
        C(downloads.yml), C(releases/<name>.yml) or C(wheels/<name>.yml).
      - Their entries come before those of the collection, the first directory's before the second's.
      - A YAML file under another name is refused, for nothing would read it.
      - A relative path counts from the directory of the playbook.
    type: list
    elements: path
    default: []
    vars:
      - name: npu_fleet_catalog
  explain:
    description:
      - Return a mapping with C(found) and C(error) instead of failing.
      - C(error) is V(null), or a mapping of three texts C(found), C(wanted) and C(fix), which
        P(ascend.fleet.preflight_problems#filter) takes.
    type: bool
    default: false
"""
