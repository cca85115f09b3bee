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
  - Reads the RoCE ports of the NPUs with C(hccn_tool), all devices in one call, for the chips 910 (910A),
    910B (A2) and 910_93 (A3).
  - What a device does not have is V(null), with the reason in RV(devices[].reasons). So is what C(hccn_tool)
    prints in a form that this collection does not know; the reason then quotes the line.
  - A device that gives no answer has RV(devices[].reason), and the others are read.
  - Writes nothing. C(hccn_tool -tls -g) of root writes the key C(tls_enable_N) into C(/etc/hccn.conf) when
    the file lacks it, so the subset V(tls) asks only the devices that have the key. The others have V(null)
    and the reason; M(ascend.fleet.hccn_config) with its option C(tls) writes it.
author:
  - The ascend.fleet contributors (@ascend-fleet)
extends_documentation_fragment:
  - ascend.fleet.attributes
  - ascend.fleet.attributes.info
options:
  devices:
    description:
      - The physical ids of the devices.
      - By default all devices that the host has.
    type: list
    elements: int
  gather_subset:
    description:
      - What to ask each device for. Each one is one call of C(hccn_tool) for each device.
      - V(address), V(gateway), V(detection), V(link) and V(health) are the default.
      - V(neighbour) is the switch and its port as LLDP tells them, V(history) when the link changed,
        V(config) how the replay of C(/etc/hccn.conf) went, V(resources) what RoCE has allocated.
      - V(all) is everything.
    type: list
    elements: str
    choices:
      - all
      - address
      - gateway
      - detection
      - link
      - health
      - ipv6
      - vnic
      - speed
      - mac
      - mtu
      - fec
      - config
      - history
      - neighbour
      - optical
      - statistics
      - resources
      - tls
    default: [address, gateway, detection, link, health]
    version_added: 0.2.0
  pings:
    description:
      - Addresses to ping, each from one device. Each one is one call of C(hccn_tool), which sends three
        packets and waits for those that do not come back.
    type: list
    elements: dict
    default: []
    version_added: 0.2.0
    suboptions:
      id:
        description: Physical id of the device that asks.
        type: int
        required: true
      address:
        description: IPv4 address that is to answer.
        type: str
        required: true
  busy_retries:
    description:
      - How often a call that C(hccn_tool) answers with C(busy) is tried again, one second apart.
    type: int
    default: 5
  path:
    description:
      - The file in which C(hccn_tool) keeps its settings; it is only read.
    type: path
    default: /etc/hccn.conf
    version_added: 0.2.0
notes:
  - Run it with C(become); without root some devices refuse to answer.
  - The C(hccn_tool) of A5 (950) takes other arguments; on its hosts this module fails and says so.
seealso:
  - module: ascend.fleet.hccn_config
  - module: ascend.fleet.npu_info
"""

EXAMPLES = r"""
- name: Read the ports of all NPUs of the host
  ascend.fleet.hccn_info:
  become: true
  register: network

- name: Show which links are down
  ansible.builtin.debug:
    msg: "{{ network.devices | rejectattr('link', 'equalto', 'UP') | map(attribute='id') }}"

- name: Read where the cables of the first two devices lead, and what light they get
  ascend.fleet.hccn_info:
    devices: [0, 1]
    gather_subset: [link, neighbour, optical]
  become: true
  register: cables

- name: Show switch and port
  ansible.builtin.debug:
    msg: "{{ item.neighbour.switch }} {{ item.neighbour.port }}"
  loop: "{{ cables.devices }}"
  loop_control:
    label: "{{ item.id }}"
  when: item.neighbour is not none

- name: Ping a device of another host
  ascend.fleet.hccn_info:
    devices: [0]
    gather_subset: [address]
    pings:
      - id: 0
        address: 10.20.1.2
  become: true
"""

RETURN = r"""
devices:
  description:
    - One entry per device, in the order of O(devices), with the keys of what O(gather_subset) asks for.
  returned: success
  type: list
  elements: dict
  contains:
    id: {description: Physical id., type: int, sample: 0}
    reason: {description: Why the device gave no answer at all., type: str, sample: null}
    reasons:
      description: Why a fact is V(null), by the name of the fact.
      type: dict
      sample: {speed_mbps: "the port does not know its speed, as when the link is down"}
    address: {description: Live IPv4 address., type: str, sample: 10.20.1.1}
    prefix: {description: Length of the network prefix in bits., type: int, sample: 16}
    gateway:
      description: Live default gateway. Boards of the first generation answer with that of the group of four.
      type: str
      sample: 10.20.0.1
    detection_address: {description: The address that the port probes., type: str, sample: 10.20.0.1}
    link: {description: V(UP) or V(DOWN)., type: str, sample: UP}
    health: {description: What the port's probes say., type: str, sample: Success}
    ipv6_address: {description: Live IPv6 address., type: str, sample: "fd00::1"}
    ipv6_prefix: {description: Length of its network prefix in bits., type: int, sample: 64}
    vnic_link: {description: V(UP) or V(DOWN) of the virtual port., type: str, sample: UP}
    vnic_address: {description: Address of the virtual port., type: str, sample: 192.168.2.199}
    vnic_prefix: {description: Length of its network prefix in bits., type: int, sample: 24}
    speed_mbps: {description: Speed of the port in Mbit/s., type: int, sample: 200000}
    mac: {description: Hardware address in lower case., type: str, sample: "02:4e:00:01:00:00"}
    mtu_bytes: {description: Largest packet in bytes., type: int, sample: 1500}
    fec: {description: "Forward error correction: V(rs), V(off) or V(auto).", type: str, sample: rs}
    config_status:
      description:
        - How the last replay of C(/etc/hccn.conf) went, V(NONE), V(START), V(FAIL), V(SUCCESS) or V(FAULT).
      type: str
      sample: SUCCESS
    link_history:
      description: When the link changed, in the device's own time without a zone.
      type: dict
      contains:
        now: {description: The device's clock., type: str, sample: "2026-11-21T01:15:55"}
        up_count: {description: How often it came up., type: int, sample: 2}
        down_count: {description: How often it went down. V(null) with old drivers., type: int, sample: 1}
        changes:
          description: The changes in the order in which the device tells them, each with C(time) and C(link).
          type: list
          elements: dict
          sample: [{time: "2026-11-21T00:59:15", link: UP}]
    neighbour:
      description: What the switch says of itself.
      type: dict
      contains:
        switch: {description: Its name., type: str, sample: leaf-1}
        port: {description: The port that the cable sits in., type: str, sample: "400GE1/1/1:1"}
        chassis: {description: What identifies it., type: str, sample: "00:e0:fc:00:00:01"}
        port_description: {description: What the port is called., type: str, sample: "400GE1/1/1:1"}
        description: {description: Its model and software., type: str, sample: simulated switch}
        time_to_live_s: {description: How many seconds this holds., type: int, sample: 120}
    optical:
      description:
        - The optical module. Lists have one value for each lane. What the module does not tell is V(null).
      type: dict
      contains:
        present: {description: Whether the module is there., type: bool, sample: true}
        temperature_c: {description: Temperature in degrees Celsius., type: float, sample: 45}
        wavelength_nm: {description: Wave length in nanometres., type: float, sample: 850}
        voltage_mv: {description: Supply voltage in millivolts., type: float, sample: 3292.4}
        voltage_high_mv: {description: Its upper threshold., type: float, sample: 3465.0}
        voltage_low_mv: {description: Its lower threshold., type: float, sample: 3135.0}
        temperature_high_c: {description: Upper threshold of the temperature., type: float, sample: 75}
        temperature_low_c: {description: Lower threshold of the temperature., type: float, sample: -5}
        tx_power_mw: {description: Sent power in milliwatts., type: list, elements: float, sample: [1.14]}
        rx_power_mw: {description: Received power in milliwatts., type: list, elements: float, sample: [0.98]}
        tx_bias_ma: {description: Bias current in milliamperes., type: list, elements: float, sample: [7.93]}
        tx_power_high_mw: {description: Upper threshold of the sent power., type: float, sample: 3.16}
        tx_power_low_mw: {description: Lower threshold of the sent power., type: float, sample: 0.22}
        rx_power_high_mw: {description: Upper threshold of the received power., type: float, sample: 3.16}
        rx_power_low_mw: {description: Lower threshold of the received power., type: float, sample: 0.1}
        host_snr_db: {description: Signal to noise on the host side., type: list, elements: float, sample: []}
        media_snr_db: {description: Signal to noise on the fibre., type: list, elements: float, sample: []}
        tx_los: {description: "Lanes without a signal to send, one bit each.", type: int, sample: 0}
        rx_los: {description: "Lanes without light, one bit each.", type: int, sample: 0}
        tx_lol: {description: "Lanes whose sender has no lock, one bit each.", type: int, sample: 0}
        rx_lol: {description: "Lanes whose receiver has no lock, one bit each.", type: int, sample: 0}
        vendor: {description: Its maker., type: str, sample: HUAWEI}
        part_number: {description: Its part number., type: str, sample: 02313AVA}
        serial_number: {description: Its serial number., type: str, sample: X0001}
        identifier: {description: Its kind., type: str, sample: QSFP28 or later}
        manufactured: {description: "When it was made, as the module says.", type: str, sample: "2024-01-01"}
        other: {description: All other lines as text., type: dict, sample: {vendor rev: NA}}
    statistics:
      description: Every packet counter that the port has, by its name.
      type: dict
      sample: {mac_tx_mac_pause_num: 0, roce_rx_all_pkt_num: 17}
    roce_resources:
      description: How many RoCE objects the device has made and still has, by their name.
      type: dict
      sample: {qp_active: 1, mr_active: 0}
    tls:
      description: The TLS switch and the certificates.
      type: dict
      contains:
        enabled: {description: Whether HCCL's connections are encrypted., type: bool, sample: false}
        preset: {description: Whether the certificates are the vendor's own., type: bool, sample: true}
        alarm_days: {description: How many days before its end a certificate alarms., type: int, sample: 60}
        certificates:
          description: C(name), C(subject), C(issuer), C(start), C(end) (GMT) and C(state) of each.
          type: list
          elements: dict
          sample: [{name: pub, start: "2022-01-01T00:00:00Z", end: "2049-01-01T00:00:00Z", state: normal}]
pings:
  description: One entry for each of O(pings), in their order.
  returned: success
  type: list
  elements: dict
  contains:
    id: {description: Physical id of the device that asked., type: int, sample: 0}
    address: {description: The address that was asked., type: str, sample: 10.20.1.2}
    sent: {description: Packets sent., type: int, sample: 3}
    received: {description: Packets that came back., type: int, sample: 3}
    mean_ms: {description: Their mean time in milliseconds., type: float, sample: 0.05}
    reason: {description: Why there is no count., type: str, sample: null}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_facts as facts
from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError, ModuleRunner
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_device import DeviceNetwork
from ansible_collections.ascend.fleet.plugins.module_utils._locked_file import read_locked

ARGUMENTS = {
    "devices": {"type": "list", "elements": "int"},
    "gather_subset": {
        "type": "list",
        "elements": "str",
        "choices": [facts.ALL, *facts.QUESTIONS],
        "default": list(facts.BASIC),
    },
    "pings": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {"id": {"type": "int", "required": True}, "address": {"type": "str", "required": True}},
    },
    "busy_retries": {"type": "int", "default": 5},
    "path": {"type": "path", "default": "/etc/hccn.conf"},
}


def main() -> None:
    """Read every device and answer."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    wanted = module.params
    network = DeviceNetwork(ModuleRunner(module, "hccn_tool"), wanted["path"], wanted["busy_retries"], 0)
    subsets = facts.chosen(wanted["gather_subset"])
    try:
        file = read_locked(wanted["path"]) if "tls" in subsets else None
        devices = facts.read_host(network.ask, wanted["devices"], subsets, file)
        pings = [facts.ping(network.ask, each["id"], each["address"]) for each in wanted["pings"]]
    except CliError as error:
        module.fail_json(**error.as_failure())
    module.exit_json(changed=False, devices=devices, pings=pings)


if __name__ == "__main__":
    main()
