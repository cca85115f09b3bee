# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be declared of a device's port: the suboptions of C(hccn_config)."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation that plugins take in with C(extends_documentation_fragment)."""

    DOCUMENTATION = r"""
options:
  devices:
    description:
      - What each device shall have.
      - A key that is omitted is neither read nor changed. A list is the whole list, so that an empty one
        removes all of its kind; O(devices[].dscp) is the exception, since no DSCP value can be removed.
      - A device that is not listed keeps its values, and no listed device can get its address.
      - Addresses that are doubled, nets that overlap, gateways outside their net and ids that the host does
        not have are refused, all in one message, before anything is set.
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
          - The IPv4 address of the device. It stays as it is when it is omitted.
          - Addresses in O(refused_networks) are refused.
        type: str
      prefix:
        description:
          - The length of the net's prefix, from 1 to 31. Needed with O(devices[].address).
        type: int
      gateway:
        description:
          - The default gateway of the device, inside the net of O(devices[].address), which it needs.
          - When it is omitted, the gateway stays as it is. One that a new address cannot reach is lost,
            with a warning.
        type: str
      detection_address:
        description:
          - The address that the device pings to know whether its network works.
          - When it is omitted, it stays as it is. V(0.0.0.0) unsets it.
        type: str
      mtu:
        version_added: 0.2.0
        description:
          - The size of the largest frame in bytes, from 68 to 9702.
          - A size below 1280 takes IPv6 away. The module agrees to that for you, with a warning, and
            refuses it where O(devices[].ipv6_address) is given.
        type: int
      tls:
        version_added: 0.2.0
        description:
          - Whether HCCL encrypts its connections. Both ends must agree, so give all devices of a cluster
            the same.
          - A query writes C(tls_enable_N) into a O(path) without it, so such a device is set without being
            asked for what it has, which is V(null) in the result.
        type: bool
      fec:
        version_added: 0.2.0
        description:
          - The forward error correction of the port. Only the first 910 can switch it; other chips are
            refused.
        type: str
        choices: [rs, 'off', auto]
      pfc:
        version_added: 0.2.0
        description:
          - The priorities, from 0 to 7, whose traffic is paused and not dropped (PFC), at most four. The
            others are not paused; an empty list turns it off.
        type: list
        elements: int
      dscp:
        version_added: 0.2.0
        description:
          - The traffic classes of DSCP values. Values that are not listed keep theirs.
        type: list
        elements: dict
        suboptions:
          value:
            description: The DSCP value, from 0 to 63.
            type: int
            required: true
          traffic_class:
            description: Its traffic class, from 0 to 3.
            type: int
            required: true
      routes:
        version_added: 0.2.0
        description:
          - The routes of the main table beside the default one, which is O(devices[].gateway).
          - When it is omitted, saved routes that an address change loses, and that the new net reaches, are
            set again.
        type: list
        elements: dict
        suboptions:
          network:
            description: The target, such as V(10.30.0.0/16).
            type: str
            required: true
          gateway:
            description: The router, in the net of the device.
            type: str
            required: true
      ip_rules:
        version_added: 0.2.0
        description:
          - Rules that choose a table by source or target address. Rules that name both, or neither, are not
            touched.
        type: list
        elements: dict
        suboptions:
          direction:
            description:
              - Whether O(devices[].ip_rules[].address) is the source (V(from)) or the target (V(to)).
            type: str
            choices: [from, to]
            required: true
          address:
            description: The IPv4 address.
            type: str
            required: true
          table:
            description: The number of the table, from 0 to 255.
            type: int
            required: true
      ip_routes:
        version_added: 0.2.0
        description:
          - The routes of numbered tables. Only tables that are listed here, or that O(path) has for the
            device, are looked at.
        type: list
        elements: dict
        suboptions:
          network:
            description: The target, such as V(0.0.0.0/0).
            type: str
            required: true
          gateway:
            description: The router, in the net of the device.
            type: str
            required: true
          table:
            description: The number of the table, from 0 to 255.
            type: int
            required: true
          interface:
            description:
              - The interface inside the device; C(eth) and the id of the device when it is omitted.
            type: str
      arp:
        version_added: 0.2.0
        description:
          - The static neighbours of the device. Neighbours that it has learned are not touched.
        type: list
        elements: dict
        suboptions:
          address:
            description: The IPv4 address of the neighbour.
            type: str
            required: true
          mac:
            description: Its MAC address.
            type: str
            required: true
          interface:
            description:
              - The interface inside the device; C(eth) and the id of the device when it is omitted.
            type: str
      ipv6_address:
        version_added: 0.2.0
        description:
          - The IPv6 address of the device. Chips without IPv6 are refused. It stays as it is when it is
            omitted; C(hccn_tool) cannot remove one.
        type: str
      ipv6_prefix:
        version_added: 0.2.0
        description:
          - The length of the net's prefix, from 1 to 127. Needed with O(devices[].ipv6_address).
          - A device that tells 128 is taken to have the saved one, since C(hccn_tool) was seen to print
            that whatever was set.
        type: int
      ipv6_gateway:
        version_added: 0.2.0
        description:
          - The IPv6 gateway, inside the net of O(devices[].ipv6_address), which it needs.
        type: str
      ipv6_detection_address:
        version_added: 0.2.0
        description:
          - The IPv6 address that the device pings. V(::) unsets it.
        type: str
      link:
        version_added: 0.2.0
        description:
          - Whether the port is V(up) or V(down). A boot brings it up.
          - A port that goes down loses its gateway, routes and IPv6 until it is up again, so this needs
            O(link_down_allowed). While it is wanted V(down), O(path) alone is looked at for these; where it
            says something else, the port goes up for the time of the change.
        type: str
        choices: [up, down]
"""
