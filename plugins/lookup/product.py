# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find a product in the catalog."""

from __future__ import annotations

DOCUMENTATION = r"""
name: product
short_description: Tell what is known of a server model or card
version_added: 0.1.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Returns the entry of C(catalog/products.yml) together with its chip family.
  - Reads files of the controller only; no network, no host.
options:
  _terms:
    description: Keys of products, such as V(atlas_800t_a2).
    type: list
    elements: str
    required: true
extends_documentation_fragment:
  - ascend.fleet.catalog
seealso:
  - plugin: ascend.fleet.release
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Show how many NPUs the model has
  ansible.builtin.debug:
    msg: "{{ lookup('ascend.fleet.product', 'atlas_800t_a2').npus }}"
"""

RETURN = r"""
_raw:
  description: One mapping for each product.
  type: list
  elements: dict
  contains:
    key: {description: Key of the product., type: str, sample: atlas_800t_a2}
    name: {description: Name of the product., type: str, sample: Atlas 800T A2}
    chip: {description: Key of the chip family., type: str, sample: 910b}
    family:
      description: The entry of C(catalog/chips.yml), with its C(key).
      type: dict
      sample: {key: 910b, name: Ascend 910B (A2), pci: ["19e5:d802"], device_network: true}
    form: {description: "V(server), V(card) or V(board).", type: str, sample: server}
    npus: {description: "NPUs of one server or board, or of one card.", type: int, sample: 8}
    chips_per_npu: {description: Chips of one NPU., type: int, sample: 1}
    arch: {description: Architectures of the host., type: list, elements: str, sample: [aarch64]}
    pci: {description: PCI ids of the chips., type: list, elements: str, sample: ["19e5:d802"]}
    subsystem: {description: PCI subsystem ids., type: list, elements: str, sample: ["19e5:3000"]}
    board_ids: {description: Board ids that npu-smi prints., type: list, elements: str, sample: ["0x30"]}
    dmi: {description: Product names that dmidecode prints., type: list, elements: str, sample: []}
    address_pattern:
      description: How device addresses are spread, for P(ascend.fleet.device_addresses#filter).
      type: str
      sample: shared_subnet
    gateway_scope:
      description:
        - Whether a node keeps one gateway for each device (V(device)) or for each group of four (V(group)).
        - V(null) without a device network.
      type: str
      sample: device
    driver:
      description: Whether there is a driver package; not where the driver comes with the system's image.
      type: bool
      sample: true
    mcu: {description: Whether there is an MCU package., type: bool, sample: true}
    firmware: {description: Whether there is a firmware package., type: bool, sample: true}
    use: {description: What the product is for., type: str, sample: training}
    playbook:
      description: Family of models that are brought to a release in the same way.
      type: str
      sample: atlas_a2_training
    needs:
      description: Least versions that run on the model, as C(part) and C(from).
      type: list
      elements: dict
      sample: [{part: driver, from: 24.1.rc1}]
    note: {description: What to know about it., type: str}
    source: {description: Where this knowledge comes from., type: str}
"""

from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog_lookup import CatalogLookup

if TYPE_CHECKING:
    from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog


class LookupModule(CatalogLookup):
    """The lookup C(ascend.fleet.product)."""

    def find(self, catalog: Catalog, term: str) -> dict[str, Any]:
        """Return the product with the key C(term)."""
        return catalog.product(term)
