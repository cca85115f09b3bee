#!/usr/bin/python
# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the device network of the NPUs of a host."""

from __future__ import annotations

DOCUMENTATION = r"""
module: hccn_info
short_description: Read the device network of the NPUs
version_added: 0.1.0
description:
  - Reads address, gateway, detection address, link and health of the RoCE ports with C(hccn_tool), all
    devices in one call.
  - What a device does not have is V(null). A device that gives no answer has a V(reason), and the others
    are read.
author:
  - The ascend.fleet contributors (@ascend-fleet)
extends_documentation_fragment:
  - ascend.fleet.attributes
  - ascend.fleet.attributes.info
options:
  devices:
    description:
      - The physical ids of the devices.
    type: list
    elements: int
    required: true
  busy_retries:
    description:
      - How often a call that C(hccn_tool) answers with C(busy) is tried again, one second apart.
    type: int
    default: 5
notes:
  - Run it with C(become); without root some devices refuse to answer.
seealso:
  - module: ascend.fleet.hccn_config
"""

EXAMPLES = r"""
- name: Read the ports of a board with eight NPUs
  ascend.fleet.hccn_info:
    devices: "{{ range(8) }}"
  become: true
  register: network

- name: Show which links are down
  ansible.builtin.debug:
    msg: "{{ network.devices | rejectattr('link', 'equalto', 'UP') | map(attribute='id') }}"
"""

RETURN = r"""
devices:
  description: One entry per device, in the order of O(devices).
  returned: success
  type: list
  elements: dict
  contains:
    id: {description: Physical id., type: int, sample: 0}
    address: {description: Live IPv4 address., type: str, sample: 10.20.1.1}
    prefix: {description: Length of the network prefix in bits., type: int, sample: 16}
    gateway:
      description: Live default gateway. Boards of the first generation answer with that of the group of four.
      type: str
      sample: 10.20.0.1
    detection_address: {description: The address that the port probes., type: str, sample: 10.20.0.1}
    link: {description: V(UP) or V(DOWN)., type: str, sample: UP}
    health: {description: What the port's probes say., type: str, sample: Success}
    reason: {description: Why a device gave no answer., type: str, sample: null}
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_tool as tool
from ansible_collections.ascend.fleet.plugins.module_utils._cli import (
    CliError,
    MissingProgramError,
    ModuleRunner,
)
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_device import DeviceNetwork

NOTHING: dict[str, Any] = dict.fromkeys(
    ("address", "prefix", "gateway", "detection_address", "link", "health", "reason")
)


def read_device(network: DeviceNetwork, device: int) -> dict[str, Any]:
    """Return what one device says of its port; with a reason when it does not answer."""
    try:
        address = tool.parse_address_answer(network.ask(tool.address_query(device)))
        gateway = tool.parse_gateway_answer(network.ask(tool.gateway_query(device)))
        detection = tool.parse_detection_answer(network.ask(tool.detection_query(device)))
        link = tool.parse_link_answer(network.ask(tool.link_query(device)))
        health = tool.parse_health_answer(network.ask(tool.health_query(device)))
    except MissingProgramError:
        raise
    except CliError as error:
        return {"id": device, **NOTHING, "reason": error.message}
    return {
        "id": device,
        "address": address and str(address.ip),
        "prefix": address and address.network.prefixlen,
        "gateway": gateway and str(gateway),
        "detection_address": detection and str(detection),
        "link": link,
        "health": health,
        "reason": None,
    }


def main() -> None:
    """Read every device and answer."""
    module = AnsibleModule(
        argument_spec={
            "devices": {"type": "list", "elements": "int", "required": True},
            "busy_retries": {"type": "int", "default": 5},
        },
        supports_check_mode=True,
    )
    network = DeviceNetwork(ModuleRunner(module, "hccn_tool"), "", module.params["busy_retries"], 0)
    try:
        devices = [read_device(network, device) for device in module.params["devices"]]
    except MissingProgramError as error:
        module.fail_json(**error.as_failure())
    module.exit_json(changed=False, devices=devices)


if __name__ == "__main__":
    main()
