# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the rank table of HCCL out of what was read from the servers."""

from __future__ import annotations

DOCUMENTATION = r"""
name: rank_table
short_description: Make the rank table of HCCL out of what was read from the servers
version_added: 0.2.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Numbers the devices of all servers from rank 0, in the order of the servers and of the devices of each.
  - Version V(1.0) (910, A2) takes the addresses of the ports. Version V(1.2) (A3) takes those of the virtual
    ports and makes the super device ids out of them. Version V(2.0) (A5) takes the levels that the devices
    bring along, because the network of A5 is not read.
  - Fails with all problems at once; a device without an address is named with the reason.
positional: version
options:
  _input:
    description:
      - The servers in the order of their ranks. Each has C(server_id) (unique in the job, such as the host's
        address) and C(devices), as M(ascend.fleet.hccn_info) returns them. For V(1.0) it must be asked for
        V(address), for V(1.2) for V(vnic).
      - C(host_ip), C(container_ip) and C(hardware_type) are written when they are given, C(super_pod_id)
        (with V(1.2)) is 0 when it is not.
      - With V(2.0) a device has C(levels), a list of C(net_layer), C(net_instance_id), C(net_type) and
        C(addresses), these with C(address), C(ports), C(type) (V(EID) unless given) and C(plane_id).
    type: list
    elements: dict
    required: true
  version:
    description: The version of the table.
    type: str
    choices: ["1.0", "1.2", "2.0"]
    default: "1.0"
  rings:
    description:
      - Whether the boards have two rings of four devices (0 to 3, 4 to 7), which a job must not cross unless
        all eight take part, as boards of the first generation have in SMP mode.
    type: bool
    default: false
seealso:
  - module: ascend.fleet.hccn_info
"""

EXAMPLES = r"""
- name: Read the ports of this server
  ascend.fleet.hccn_info:
    gather_subset: [address]
  become: true
  register: network

- name: Write a rank table for this server alone
  ansible.builtin.copy:
    content: "{{ servers | ascend.fleet.rank_table | to_nice_json }}\n"
    dest: /tmp/rank_table.json
    mode: "0644"
  vars:
    servers:
      - server_id: 10.0.0.1
        devices: "{{ network.devices }}"
"""

RETURN = r"""
_value:
  description: The rank table, ready for C(to_nice_json).
  type: dict
"""

from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleFilterError
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError
from ansible_collections.ascend.fleet.plugins.plugin_utils._rank_table import rank_table as make

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def rank_table(
    servers: Sequence[Mapping[str, Any]], version: str = "1.0", rings: bool = False
) -> dict[str, Any]:
    """Return the rank table; see the documentation above."""
    try:
        return make(servers, version, rings)
    except ProblemError as error:
        raise AnsibleFilterError(f"rank_table: {error}") from error


class FilterModule:
    """The filter C(ascend.fleet.rank_table)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"rank_table": rank_table}
