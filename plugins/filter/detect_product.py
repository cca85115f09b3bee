# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell which product a host seems to be."""

from __future__ import annotations

DOCUMENTATION = r"""
name: detect_product
short_description: Tell which product a host seems to be
version_added: 0.2.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Holds what the PCI bus, the firmware tables and the boards show against the products of the catalog.
  - A board that the catalog does not know is told by its chip family, with a warning. It is never an error.
  - A board that the catalog knows for another product than O(product) is an error.
  - Some models show the same ids. All of them are listed then.
  - Reads files of the controller only; no network, no host.
options:
  _input:
    description:
      - C(pci_devices) is what M(ascend.fleet.npu_info) returns under this name.
      - C(dmi) is a list of names, such as the facts C(product_name) and C(board_name).
      - C(board_ids) is a list of board ids; M(ascend.fleet.npu_info) has them with its subset V(board).
      - C(arch) is the fact C(architecture).
      - What is left out is not looked at.
    type: dict
    required: true
  product:
    description: The product that the inventory names, to hold the answer against it.
    type: str
  catalog:
    description: Directories of your own, as for P(ascend.fleet.product#lookup), as absolute paths.
    type: list
    elements: path
    default: []
seealso:
  - plugin: ascend.fleet.product
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Tell what an unknown host is
  ansible.builtin.debug:
    msg: "{{ {'pci_devices': chips, 'arch': 'aarch64'} | ascend.fleet.detect_product }}"
  vars:
    chip: {vendor: "19e5", device: d802, subsystem_vendor: "19e5", subsystem_device: "3002"}
    chips: "{{ [chip] * 8 }}"
"""

RETURN = r"""
_value:
  description: What the host seems to be.
  type: dict
  contains:
    chip: {description: Key of the chip family; V(null) when the bus does not tell., type: str, sample: 910b}
    chips: {description: How many chips are on the bus., type: int, sample: 8}
    pci:
      description: The PCI ids of the chips, with Huawei's vendor id also where another maker put its own.
      type: list
      elements: str
      sample: ["19e5:d802"]
    product: {description: Key of the product if it is a single one., type: str, sample: atlas_800i_a2}
    products:
      description: The products that the signs name; empty for an unknown board.
      type: list
      elements: str
      sample: [atlas_800i_a2]
    possible:
      description: Also those of which the catalog knows no signs, so that nothing speaks against them.
      type: list
      elements: str
      sample: [atlas_800i_a2]
    warning: {description: What to know about the answer; V(null) for nothing., type: str, sample: null}
    problems:
      description:
        - What speaks against O(product), as P(ascend.fleet.preflight_problems#filter) lists problems, without
          C(host). Empty without O(product).
      type: list
      elements: dict
      sample: []
"""

from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleFilterError
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog
from ansible_collections.ascend.fleet.plugins.plugin_utils._detection import detect, disagreement
from ansible_collections.ascend.fleet.plugins.plugin_utils._inventory import directories
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def detect_product(
    found: Mapping[str, Any], product: str | None = None, catalog: Sequence[str] = ()
) -> dict[str, Any]:
    """Return what a host seems to be; see the documentation above."""
    try:
        known = Catalog(directories(catalog))
        detected = detect(known, found)
        problem = disagreement(known, detected, product) if product else None
    except ProblemError as error:
        raise AnsibleFilterError(f"detect_product: {error}") from error
    severity = "error" if detected["products"] else "warning"
    return {**detected, "problems": [{"severity": severity, **problem.as_mapping()}] if problem else []}


class FilterModule:
    """The filter C(ascend.fleet.detect_product)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"detect_product": detect_product}
