#!/usr/bin/python
# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lead the device network of a host to what is wanted."""

from __future__ import annotations

DOCUMENTATION = r"""
module: hccn_config
short_description: Set addresses, gateways and detection addresses of a host's NPUs
version_added: 0.1.0
description:
  - Leads the device network of a host, the RoCE ports of its NPUs, to what is wanted. All devices of a host
    are handled in one call.
  - Each value is compared twice, with what the device has now and with what C(/etc/hccn.conf) holds, which
    a boot replays. Where only one of the two is right, the value is set again.
  - After the orders everything is read again. A device that reports success and keeps its old value makes
    the module fail.
  - Addresses may be shifted and traded among devices. The module finds an order in which no two devices have
    the same address at any time. A device of a circle steps aside to the highest free address of its wanted
    net, or to a link-local address where that net is full.
  - A gateway that goes with a change of address is set again, and so are lines of C(/etc/hccn.conf) that
    C(hccn_tool) deletes along with it, such as C(IPv6gateway_0).
  - Values that make no sense are refused before the first call, those of all devices in one message, since
    C(hccn_tool) accepts most of them.
author:
  - The ascend.fleet contributors (@ascend-fleet)
extends_documentation_fragment:
  - ascend.fleet.attributes
  - ascend.fleet.attributes.platform
options:
  devices:
    description:
      - What each device shall have.
      - A device that is not listed keeps its values, and no listed device can get its address.
    type: list
    elements: dict
    required: true
    suboptions:
      id:
        description:
          - The physical id of the device, as C(hccn_tool -i) wants it. It is no NPU ID.
        type: int
        required: true
      address:
        description:
          - The IPv4 address of the device.
          - The nets 192.168.1.0/24 and 192.168.2.0/24 are refused, because C(hccn_tool) refuses them.
        type: str
        required: true
      prefix:
        description:
          - The length of the net's prefix, from 1 to 31.
        type: int
        required: true
      gateway:
        description:
          - The default gateway of the device, inside the net of O(devices[].address).
          - When it is not given, the gateway stays as it is. One that the new address cannot reach is lost,
            with a warning.
        type: str
      detection_address:
        description:
          - The address that the device pings to know whether its network works.
          - When it is not given, it stays as it is. V(0.0.0.0) unsets it.
        type: str
  gateway_scope:
    description:
      - V(device) when each device has a gateway of its own, as in 910B.
      - V(group) when each group of four (devices 0 to 3, 4 to 7) has one gateway, as in 910. The devices of
        a group that name a gateway must name the same one. It is set on the one of them that has it saved,
        else on the first, because setting it on each would move it from one to the next at every run.
        Another gateway that is saved for a device of the group is taken out of the file.
    type: str
    choices: [device, group]
    default: device
  path:
    description:
      - The file that C(hccn_tool) keeps its values in.
    type: path
    default: /etc/hccn.conf
  busy_retries:
    description:
      - How often a call that C(hccn_tool) answers with C(busy) is tried again, one second apart.
    type: int
    default: 5
  replay_timeout:
    description:
      - How many seconds to wait for the replay of O(path) that a boot starts in the background. It is waited
        for only when a device does not have what the file holds.
    type: int
    default: 60
notes:
  - Where C(hccn_tool) is not installed, check mode plans for devices without any value, with a warning. A
    missing O(path) then counts as made, because the driver's installer brings both. A real run fails.
  - A missing O(path) is created with mode 0640. Damage that C(hccn_tool) would spread (an open last line,
    CR LF line ends, two settings glued together) is repaired under the lock of the file. Comments and unknown
    keys stay.
  - A call to C(hccn_tool) has 30 seconds.
"""

EXAMPLES = r"""
- name: Give two devices their addresses
  ascend.fleet.hccn_config:
    devices:
      - {id: 0, address: 10.20.1.1, prefix: 16, gateway: 10.20.0.1, detection_address: 10.20.0.1}
      - {id: 1, address: 10.20.1.2, prefix: 16, gateway: 10.20.0.1, detection_address: 10.20.0.1}

- name: Give all devices of an Atlas 800T A2 the addresses of the plan
  ascend.fleet.hccn_config:
    devices: "{{ plan | ascend.fleet.device_addresses(product, 0) }}"
  vars:
    plan: {pattern: shared_subnet, network: 10.20.0.0/16, gateway: 10.20.0.1, first: 10.20.1.1}
    product: "{{ lookup('ascend.fleet.product', 'atlas_800t_a2') }}"

- name: Give the devices of an Atlas 800 (model 9000) four subnets, without gateways
  ascend.fleet.hccn_config:
    gateway_scope: group
    devices:
      - {id: 0, address: 192.168.100.101, prefix: 24, detection_address: 192.168.100.100}
      - {id: 4, address: 192.168.100.100, prefix: 24, detection_address: 192.168.100.101}
"""

RETURN = r"""
actions:
  description: What was done, or in check mode would be done, in words and in order.
  type: list
  elements: str
  returned: success
  sample:
    - set the address of device 0 to 10.20.1.1/16
    - set the gateway of device 0 to 10.20.0.1
    - set the detection address of device 0 to 10.20.0.1
before:
  description: The values of the listed devices as they were found. Detection addresses only where wanted.
  type: list
  elements: dict
  returned: success
  contains: &state
    id:
      description: The physical id.
      type: int
      sample: 0
    live:
      description: What the device has now.
      type: dict
      sample: {address: 10.20.1.1, prefix: 16, gateway: 10.20.0.1, detection_address: 10.20.0.1}
      contains: &values
        address:
          description: The IPv4 address, null when there is none.
          type: str
          sample: 10.20.1.1
        prefix:
          description: The length of the net's prefix, null when there is no address.
          type: int
          sample: 16
        gateway:
          description: The gateway, null when there is none.
          type: str
          sample: 10.20.0.1
        detection_address:
          description: The detection address, null when it is unset or not managed.
          type: str
          sample: 10.20.0.1
    saved:
      description: What the next boot will give it, as O(path) holds it.
      type: dict
      sample: {address: 10.20.1.1, prefix: 16, gateway: 10.20.0.1, detection_address: 10.20.0.1}
      contains: *values
after:
  description: The values as they were read after the last order; in check mode what the plan leads to.
  type: list
  elements: dict
  returned: success
  contains: *state
"""

from functools import partial
from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ascend.fleet.plugins.module_utils._cli import (
    CliError,
    MissingProgramError,
    ModuleRunner,
)
from ansible_collections.ascend.fleet.plugins.module_utils._converge import (
    Outcome,
    UnsettledError,
    converge,
)
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_device import DeviceNetwork
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_plan import plan
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_tool import PROGRAM
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_view import (
    diff_text,
    expected_states,
    losses,
    not_taken,
    states_of,
)
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_wish import WishError, understand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ansible_collections.ascend.fleet.plugins.module_utils._hccn_moves import Found
    from ansible_collections.ascend.fleet.plugins.module_utils._hccn_wish import Wanted

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "devices": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "id": {"type": "int", "required": True},
            "address": {"type": "str", "required": True},
            "prefix": {"type": "int", "required": True},
            "gateway": {"type": "str"},
            "detection_address": {"type": "str"},
        },
    },
    "gateway_scope": {"type": "str", "choices": ["device", "group"], "default": "device"},
    "path": {"type": "path", "default": "/etc/hccn.conf"},
    "busy_retries": {"type": "int", "default": 5},
    "replay_timeout": {"type": "int", "default": 60},
}


def network_of(module: AnsibleModule) -> DeviceNetwork:
    """Return the device network of this host; without hccn_tool only check mode goes on."""
    options = module.params
    runner = ModuleRunner(module, PROGRAM)
    if not runner.available():
        if not module.check_mode:
            raise MissingProgramError(
                f"{PROGRAM} is not on this host; install the NPU driver first, which brings it"
            )
        module.warn(
            f"{PROGRAM} is not on this host yet, so the plan is made for devices without any value and for "
            f"{options['path']} as it is"
        )
    return DeviceNetwork(runner, options["path"], options["busy_retries"], options["replay_timeout"])


def disbelief(found: Found, wanted: Sequence[Wanted], group_gateway: bool, error: UnsettledError) -> str:
    """Return the sentence for devices that reported success and did not take a value."""
    problems = list(not_taken(states_of(found, wanted, group_gateway), wanted, found.path)) or [str(error)]
    return (
        f"{PROGRAM} reported success, but the second reading differs; {'; '.join(problems)}; look at "
        "`npu-smi info` and /var/log/hccn_tool/hccn_config.log, reboot the host, then run again"
    )


def answer(
    module: AnsibleModule, outcome: Outcome[Found], wanted: Sequence[Wanted], group_gateway: bool
) -> dict[str, Any]:
    """Return the result of the module, and warn of gateways that are lost."""
    path, found = module.params["path"], outcome.before
    before, expected = (show(found, wanted, group_gateway) for show in (states_of, expected_states))
    foreseen = module.check_mode and outcome.changed
    after = expected if foreseen else states_of(outcome.after, wanted, group_gateway)
    for loss in losses(before, expected):
        module.warn(loss)
    return {
        "changed": outcome.changed,
        "actions": outcome.actions,
        "before": [state.as_result() for state in before],
        "after": [state.as_result() for state in after],
        "diff": {
            "before": diff_text(before, path, found.text),
            "after": diff_text(after, path, "" if foreseen else outcome.after.text),
        },
    }


def main() -> None:
    """Understand the wish, converge, answer."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    group_gateway = module.params["gateway_scope"] == "group"
    try:
        wanted = understand(module.params["devices"], group_gateway)
        network = network_of(module)
        outcome = converge(
            read=partial(network.read, wanted),
            plan=partial(plan, wanted=wanted, group_gateway=group_gateway),
            apply=network.apply,
            check_mode=module.check_mode,
        )
    except WishError as error:
        module.fail_json(msg=str(error))
    except CliError as error:
        module.fail_json(**error.as_failure())
    except UnsettledError as error:
        module.fail_json(msg=disbelief(network.found, wanted, group_gateway, error))
    for note in network.notes:
        module.warn(note)
    module.exit_json(**answer(module, outcome, wanted, group_gateway))


if __name__ == "__main__":
    main()
