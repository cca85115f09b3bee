# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Spread the addresses of a plan over the devices of one node."""

from __future__ import annotations

DOCUMENTATION = r"""
name: device_addresses
short_description: Spread the addresses of a plan over the devices of one node
version_added: 0.1.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Returns what M(ascend.fleet.hccn_config) sets on the node with this number of the plan.
  - With the pattern V(shared_subnet), all devices are in one subnet. Node n takes as many addresses in a row
    as it has devices, from C(first) plus n times that many.
  - With the pattern V(four_subnets), which boards of the first generation need (SMP mode), device i and
    device i + 4 share subnet i. A node takes two addresses in a row of each of the four subnets.
  - With the pattern V(two_subnets), for A3, the two chips of an NPU are in different subnets. The addresses
    of the virtual ports (vNIC) are the chips' own and no part of a plan; networks that they keep are refused.
  - With the pattern V(rails), device i of every node is in subnet i, for A2, A3, cards such as the 300T, and
    boards of the first generation in AMP mode. These may also have a V(shared_subnet).
  - With the pattern V(explicit), the addresses are those that the plan lists, and only checked.
  - What a node gets depends on its number alone, so nodes that are added at the end change nothing.
  - Fails with what to correct when the plan runs out, breaks the product's rule or contradicts itself.
positional: product, index
options:
  _input:
    description:
      - The plan. Its keys are C(pattern), C(network) (with several subnets the first of as many networks in a
        row, or C(networks), a list of them) and C(first), the first address of the first node.
      - With V(shared_subnet) also C(gateway).
      - With several subnets also C(order) (V(lower_first) gives devices 0 to 3 the lower address of each
        pair, V(upper_first) the upper one) and C(gateways), a list with an address or null for each subnet,
        or V(first) or V(last) for that host of each subnet.
      - With V(explicit) instead C(addresses), a list of addresses for each node, C(prefix), and C(gateways),
        one for each device or one for all.
      - C(work_mode) (V(smp) or V(amp)) tells how a board of the first generation joins its NPUs, C(super_pod)
        (V(false)) that an A3 server stands alone, C(devices) how many devices a node with cards has.
      - C(detection_address) is what the ports probe to tell their health. The default is the gateway.
    type: dict
    required: true
  product:
    description: The product, from P(ascend.fleet.product#lookup).
    type: dict
    required: true
  index:
    description: Number of the node in the plan, from 0.
    type: int
    required: true
  explain:
    description:
      - Return a mapping with C(found) and C(error) instead of failing; see P(ascend.fleet.release#lookup).
    type: bool
    default: false
seealso:
  - plugin: ascend.fleet.address_overlaps
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Set the device network
  ascend.fleet.hccn_config:
    devices: "{{ plan | ascend.fleet.device_addresses(product, index) }}"
  vars:
    plan: {pattern: shared_subnet, network: 10.20.0.0/16, gateway: 10.20.0.1, first: 10.20.1.1}
    product: "{{ lookup('ascend.fleet.product', 'atlas_800t_a2') }}"
    index: "{{ groups['rack_a01'].index(inventory_hostname) }}"

- name: Set the device network of a board with four subnets
  ascend.fleet.hccn_config:
    devices: "{{ plan | ascend.fleet.device_addresses(product, 0) }}"
  vars:
    plan:
      pattern: four_subnets
      network: 192.168.100.0/24
      first: 192.168.100.100
      order: upper_first
    product: "{{ lookup('ascend.fleet.product', 'atlas_800_9000') }}"
# NPU 0 to 3 get 192.168.100.101 to 192.168.103.101, NPU 4 to 7 get 192.168.100.100 to 192.168.103.100

- name: Set the device network of an A3 server, one subnet for each chip
  ascend.fleet.hccn_config:
    devices: "{{ plan | ascend.fleet.device_addresses(product, 0) }}"
  vars:
    plan: {pattern: rails, network: 10.20.0.0/24, first: 10.20.0.11, gateways: last}
    product: "{{ lookup('ascend.fleet.product', 'atlas_900_a3_superpod') }}"
"""

RETURN = r"""
_value:
  description: The devices of the node.
  type: list
  elements: dict
  contains:
    id: {description: Physical id of the NPU chip., type: int, sample: 0}
    address: {description: Its address., type: str, sample: 10.20.1.1}
    prefix: {description: Length of the network prefix in bits., type: int, sample: 16}
    gateway: {description: Its gateway; V(null) without one., type: str, sample: 10.20.0.1}
    detection_address: {description: What it probes; V(null) without one., type: str, sample: 10.20.0.1}
"""

from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleFilterError
from ansible_collections.ascend.fleet.plugins.plugin_utils._addresses import spread
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def device_addresses(
    plan: Mapping[str, Any], product: Mapping[str, Any], index: int, explain: bool = False
) -> Any:
    """Return the devices of one node; see the documentation above."""
    try:
        devices = spread(plan, product, index)
    except ProblemError as error:
        if explain:
            return {"found": None, "error": error.as_mapping()}
        raise AnsibleFilterError(f"device_addresses: {error}") from error
    return {"found": devices, "error": None} if explain else devices


class FilterModule:
    """The filter C(ascend.fleet.device_addresses)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"device_addresses": device_addresses}
