#!/usr/bin/python
# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lead the device network of a host to what is wanted."""

from __future__ import annotations

DOCUMENTATION = r"""
module: hccn_config
short_description: Lead the ports of a host's NPUs to what is wanted
version_added: 0.1.0
description:
  - Leads the device network of a host, the RoCE ports of its NPUs, to what is wanted. All devices of a host
    are handled in one call.
  - Each value is compared twice, with what the device has now and with what C(/etc/hccn.conf) holds, which
    a boot replays. Where only one of the two is right, the value is set again.
  - Only what is declared is asked for, so that a host that has it costs one query for each declared key of a
    device.
  - After the orders everything is read again. A device that reports success and keeps its old value makes
    the module fail.
  - Addresses may be shifted and traded among devices. The module finds an order in which no two devices have
    the same address at any time. A device of a circle steps aside to the highest free address of its wanted
    net, or to an address that no router leads to where that net is full.
  - A gateway, and routes, that go with a change of address are set again, and so are lines of
    C(/etc/hccn.conf) that C(hccn_tool) deletes along with it, such as C(IPv6gateway_0).
  - Values that make no sense are refused before the first order, those of all devices in one message, since
    C(hccn_tool) accepts most of them.
author:
  - The ascend.fleet contributors (@ascend-fleet)
extends_documentation_fragment:
  - ascend.fleet.attributes
  - ascend.fleet.attributes.platform
  - ascend.fleet.hccn_devices
options:
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
  refused_networks:
    description:
      - The IPv4 nets that the chip keeps for itself, so that C(hccn_tool) refuses addresses in them.
      - The default is that of 910 and 910B. A 910 in SMP mode also keeps 192.168.3.0 to 192.168.5.0. A3 in a
        super pod keeps all of 192.0.0.0/8, outside of one 192.168.0.0/21.
    type: list
    elements: str
    default: [192.168.1.0/24, 192.168.2.0/24]
    version_added: 0.2.0
  link_down_allowed:
    description:
      - Consent to take ports down where O(devices[].link=down).
      - V(true) takes them down, V(false) leaves them up. Unset fails before anything is set when a port would
        go down.
    type: bool
    version_added: 0.2.0
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
  - A call to C(hccn_tool) has 30 seconds, one that brings a port up 60.
  - What C(hccn_tool) prints for O(devices[].pfc), O(devices[].dscp), O(devices[].ip_rules),
    O(devices[].ip_routes) and the IPv6 gateway is known from its source, not from hardware. An answer that is
    not understood makes the module fail and is quoted.
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

- name: Turn TLS off and make priority 4 lossless, whatever the addresses are
  ascend.fleet.hccn_config:
    devices:
      - {id: 0, tls: false, pfc: [4], dscp: [{value: 33, traffic_class: 1}]}
      - {id: 1, tls: false, pfc: [4], dscp: [{value: 33, traffic_class: 1}]}

- name: Lead a second network over another router
  ascend.fleet.hccn_config:
    devices:
      - id: 0
        address: 10.20.1.1
        prefix: 16
        mtu: 4200
        routes: [{network: 10.30.0.0/16, gateway: 10.20.0.2}]
        arp: [{address: 10.20.0.2, mac: '02:00:5e:10:00:01'}]

- name: Take one port out of service
  ascend.fleet.hccn_config:
    link_down_allowed: true
    devices: [{id: 3, link: down}]
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
  description: The values of the listed devices as they were found, as far as they are declared.
  type: list
  elements: dict
  returned: success
  contains: &state
    id:
      description: The physical id.
      type: int
      sample: 0
    live:
      description:
        - What the device has now. Beside the keys below it has those of O(devices) that are declared for it,
          written as there.
      type: dict
      sample: {address: 10.20.1.1, prefix: 16, gateway: 10.20.0.1, detection_address: 10.20.0.1, mtu: 1500}
      contains: &values
        address:
          description: The IPv4 address, null when there is none or it is not declared.
          type: str
          sample: 10.20.1.1
        prefix:
          description: The length of the net's prefix, null when there is no address.
          type: int
          sample: 16
        gateway:
          description: The gateway, null when there is none. One that is not declared is told where an address
            changes.
          type: str
          sample: 10.20.0.1
        detection_address:
          description: The detection address, null when it is unset or not declared.
          type: str
          sample: 10.20.0.1
    saved:
      description: What the next boot will give it, as O(path) holds it. A link is not saved.
      type: dict
      sample: {address: 10.20.1.1, prefix: 16, gateway: 10.20.0.1, detection_address: 10.20.0.1, mtu: 1500}
      contains: *values
after:
  description: The values as they were read after the last order; in check mode what the plan leads to.
  type: list
  elements: dict
  returned: success
  contains: *state
"""

from functools import partial
from ipaddress import IPv4Network
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
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_aspects import ASPECTS
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_device import DeviceNetwork
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_link import without_downs
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_plan import plan
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_terms import RESERVED, WishError
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_tool import PROGRAM
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_view import (
    diff_text,
    expected_states,
    losses,
    not_taken,
    states_of,
)
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_wish import understand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ansible_collections.ascend.fleet.plugins.module_utils._hccn_moves import Found
    from ansible_collections.ascend.fleet.plugins.module_utils._hccn_terms import Wanted

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "devices": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "required_together": [("address", "prefix"), ("ipv6_address", "ipv6_prefix")],
        "options": {
            "id": {"type": "int", "required": True},
            "address": {"type": "str"},
            "prefix": {"type": "int"},
            "gateway": {"type": "str"},
            "detection_address": {"type": "str"},
            "ipv6_prefix": {"type": "int"},
            **{aspect.name: dict(aspect.option) for aspect in ASPECTS},
        },
    },
    "gateway_scope": {"type": "str", "choices": ["device", "group"], "default": "device"},
    "refused_networks": {"type": "list", "elements": "str", "default": [str(net) for net in RESERVED]},
    "link_down_allowed": {"type": "bool"},
    "path": {"type": "path", "default": "/etc/hccn.conf"},
    "busy_retries": {"type": "int", "default": 5},
    "replay_timeout": {"type": "int", "default": 60},
}


def refused_networks(texts: Sequence[str]) -> list[IPv4Network]:
    """Read the nets that the chip keeps for itself; raise WishError for a text that is none."""
    try:
        return [IPv4Network(text) for text in texts]
    except ValueError as error:
        raise WishError([f"refused_networks: {error}; write nets such as 192.168.1.0/24"]) from error


def network_of(module: AnsibleModule) -> DeviceNetwork:
    """Return the device network of this host; without hccn_tool only check mode goes on."""
    options = module.params
    runner = ModuleRunner(module, PROGRAM)
    refused = refused_networks(options["refused_networks"])
    network = DeviceNetwork(
        runner, options["path"], options["busy_retries"], options["replay_timeout"], refused
    )
    if not runner.available():
        network.notes.append(
            f"{PROGRAM} is not on this host yet, so the plan is made for devices without any value and for "
            f"{options['path']} as it is"
        )
    return network


def wishes_of(module: AnsibleModule, network: DeviceNetwork, group_gateway: bool) -> list[Wanted]:
    """Understand what is wanted; raise WishError with all that is wrong with it, unknown ids among that."""
    options = module.params
    try:
        wanted = understand(options["devices"], group_gateway, network.found.refused)
    except WishError as error:
        ids = [device["id"] for device in options["devices"]]
        raise WishError([*error.problems, *network.absent(ids)]) from error
    if not network.runner.available() and not module.check_mode:
        raise MissingProgramError(
            f"{PROGRAM} is not on this host; install the NPU driver first, which brings it"
        )
    if options["link_down_allowed"] is not False:
        return wanted
    kept = without_downs(wanted)
    network.notes += [
        f"device {wish.id}: its link stays up, since link_down_allowed is false"
        for wish, permitted in zip(wanted, kept)
        if wish != permitted
    ]
    return kept


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
    """Return the result of the module, and warn of what is lost."""
    path, found = module.params["path"], outcome.before
    before, expected = (show(found, wanted, group_gateway) for show in (states_of, expected_states))
    foreseen = module.check_mode and outcome.changed
    after = expected if foreseen else states_of(outcome.after, wanted, group_gateway)
    for loss in losses(before, expected, found.conf):
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


def lead(module: AnsibleModule) -> dict[str, Any]:
    """Understand the wish, converge, return the result; raise WishError or CliError."""
    group_gateway = module.params["gateway_scope"] == "group"
    network = network_of(module)
    wanted = wishes_of(module, network, group_gateway)
    allowed = module.params["link_down_allowed"]
    try:
        outcome = converge(
            read=partial(network.read, wanted),
            plan=partial(plan, wanted=wanted, group_gateway=group_gateway, link_down_allowed=allowed),
            apply=network.apply,
            check_mode=module.check_mode,
        )
    except UnsettledError as error:
        raise CliError(disbelief(network.found, wanted, group_gateway, error)) from error
    for note in network.notes:
        module.warn(note)
    return answer(module, outcome, wanted, group_gateway)


def main() -> None:
    """Lead the device network there and answer."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    try:
        result = lead(module)
    except WishError as error:
        module.fail_json(msg=str(error))
    except CliError as error:
        module.fail_json(**error.as_failure())
    module.exit_json(**result)


if __name__ == "__main__":
    main()
