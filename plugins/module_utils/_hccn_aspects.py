# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All aspects of a port beside its IPv4 address, gateway and detection address, and when they are set.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

from ansible_collections.ascend.fleet.plugins.module_utils._hccn_arp import ARP
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_ipv6 import (
    IPV6_ADDRESS,
    IPV6_DETECTION,
    IPV6_GATEWAY,
)
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_port import DSCP, FEC, LINK, MTU, PFC, TLS
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_routes import ROUTES
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_tables import IP_ROUTES, IP_RULES

BEFORE_ADDRESSES = (MTU, FEC, PFC, DSCP, TLS)  # an MTU below 1280 takes IPv6 away, a greater one allows it
AFTER_GATEWAYS = (ROUTES, IP_ROUTES, IP_RULES, ARP)  # an address change loses routes
IPV6 = (IPV6_ADDRESS, IPV6_GATEWAY, IPV6_DETECTION)
ASPECTS = (*BEFORE_ADDRESSES, *AFTER_GATEWAYS, *IPV6, LINK)
# What a device whose link is down cannot be asked for, so that the file speaks for it.
LOST_WITH_LINK = (ROUTES, IP_ROUTES, *IPV6)
