# SPDX-License-Identifier: GPL-3.0-or-later
"""What the network stack of a simulated device holds: a part of the state file, lost at a boot."""

from __future__ import annotations

from typing import TypedDict


class Route(TypedDict):
    """One line of a device's routing table."""

    address: str
    netmask: str
    gateway: str


class ArpEntry(TypedDict):
    """One static line of a device's ARP table."""

    dev: str
    ip: str
    mac: str


class IpRule(TypedDict):
    """One rule that names the routing table for an address; ``dir`` is from or to."""

    dir: str
    ip: str
    table: str


class IpRoute(TypedDict):
    """One route of a numbered routing table; ``ip_mask`` is the length of the prefix."""

    ip: str
    ip_mask: str
    via: str
    dev: str
    table: str


class LinkChange(TypedDict):
    """When (seconds since 1970) a port went UP or DOWN."""

    time: float
    link: str


class _LiveWhenSet(TypedDict, total=False):
    """What a device's network stack holds only after it was set; hccn_tool/traffic.py has the defaults."""

    pfc: list[int]  # one 0 or 1 for each of the eight priorities
    dscp_tc: dict[str, int]  # traffic class by DSCP
    fec: str  # rs, off or auto
    roce_port: int  # UDP source port
    ip_rules: list[IpRule]
    ip_routes: list[IpRoute]


class Live(_LiveWhenSet):
    """What the device's own network stack holds; lost at a boot. ``mac`` null means the factory's."""

    address: str | None
    netmask: str | None
    gateway: str | None
    netdetect: str | None
    mtu: int
    mac: str | None
    ipv6_address: str | None
    ipv6_prefix: int | None
    ipv6_gateway: str | None
    ipv6_netdetect: str | None
    routes: list[Route]
    arp: list[ArpEntry]
    tls_enable: int
    tls_alarm_days: int
    config_status: str  # NONE, START, FAIL, SUCCESS: what `-cfg status` answers


def fresh_live(tls_enable: int = 1) -> Live:
    """Return what a device's network stack holds right after a boot."""
    return {
        "address": None,
        "netmask": None,
        "gateway": None,
        "netdetect": None,
        "mtu": 1500,
        "mac": None,
        "ipv6_address": None,
        "ipv6_prefix": None,
        "ipv6_gateway": None,
        "ipv6_netdetect": None,
        "routes": [],
        "arp": [],
        "tls_enable": tls_enable,
        "tls_alarm_days": 60,
        "config_status": "NONE",
    }
