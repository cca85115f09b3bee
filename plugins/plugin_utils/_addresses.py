# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Spread the addresses of a rack's plan over the devices of its nodes, by the rules of its product. Pure.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import TYPE_CHECKING, Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_wish import WishError, understand
from ansible_collections.ascend.fleet.plugins.plugin_utils._address_layouts import Explicit, Subnets
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError, nearest, one_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Device = Mapping[str, Any]

_SPREAD = ("network", "networks", "first", "order", "gateways", "detection_address", "devices")
_KEYS = {
    "shared_subnet": ("network", "first", "gateway", "detection_address", "devices"),
    "two_subnets": _SPREAD,
    "four_subnets": _SPREAD,
    "rails": _SPREAD,
    "explicit": ("addresses", "prefix", "gateways", "detection_address", "devices"),
}
_NEEDED = {"explicit": ("addresses", "prefix")}
_SUBNETS = {"shared_subnet": 1, "two_subnets": 2, "four_subnets": 4}  # rails: as many as devices
# What else a product takes besides the pattern that the catalog names.
_ALSO = {
    "four_subnets": ("explicit",),
    "shared_subnet": ("rails", "explicit"),
    "two_subnets": ("rails", "explicit"),
}
_CARD = "card"  # a product that a host may have several of
_SMP, _AMP = "smp", "amp"
_MODES = (_SMP, _AMP)
_AMP_PATTERNS = ("shared_subnet", "rails", "explicit")  # without SMP the eight NPUs are alike
# hccn_tool of A3 refuses these, in a super pod and outside of one: they are the chips' own (virtual ports).
_KEPT_IN_POD, _KEPT_ALONE = IPv4Network("192.0.0.0/8"), IPv4Network("192.168.0.0/21")
_MOST_DEVICES = 64
_GROUP = 4  # NPUs of one ring on a board of the first generation


def spread(plan: Mapping[str, Any], product: Mapping[str, Any], index: int) -> list[dict[str, Any]]:
    """Return the devices of node number ``index`` (from 0) of the plan; see the filter C(device_addresses).

    Raises ProblemError that says what of the plan to correct.
    """
    given = {key: value for key, value in plan.items() if value is not None}
    pattern = _check_pattern(given, product)
    _check_keys(given, pattern, product)
    if isinstance(index, bool) or not isinstance(index, int) or index < 0:
        raise ProblemError(
            f"the node number {index!r}", "a number from 0", "count the nodes of the plan from 0"
        )
    count = _device_count(given, product)
    layout = Explicit(given) if pattern == "explicit" else Subnets(given, _SUBNETS.get(pattern, count))
    devices = layout.devices(count, index)
    problems = [*_broken_rules(devices, given, product), *_senseless(devices, product)]
    if problems:
        raise ProblemError(
            "; ".join(problems), "addresses that a device can have", "correct npu_network_plan"
        )
    return devices


def _check_pattern(plan: Mapping[str, Any], product: Mapping[str, Any]) -> str:
    rule, found = product["address_pattern"], plan.get("pattern")
    if rule is None:
        raise ProblemError(
            f"an address plan for {product['name']}",
            "none, because its chips have no network ports",
            "take npu_network_plan away from this host",
        )
    wanted = _AMP_PATTERNS if _mode(plan, product) == _AMP else (rule, *_ALSO[rule])
    if found not in wanted:
        raise ProblemError(
            f"the pattern {found}" if found else "an address plan without a pattern",
            f"{' or '.join(wanted)}, which is the rule of {product['name']}",
            f"set pattern: {wanted[0]} in npu_network_plan of this host's rack",
        )
    return str(found)


def _mode(plan: Mapping[str, Any], product: Mapping[str, Any]) -> str:
    """Return how the NPUs of a first generation board work together: smp (two rings of four) or amp."""
    mode = plan.get("work_mode", _SMP)
    if mode not in _MODES or ("work_mode" in plan and product["address_pattern"] != "four_subnets"):
        raise ProblemError(
            f"work_mode: {mode} for {product['name']}",
            f"{one_of(_MODES)} on boards of the first generation, nothing on others",
            "correct work_mode in npu_network_plan; ipmcget -d npuworkmode tells it",
        )
    return str(mode)


def _check_keys(plan: Mapping[str, Any], pattern: str, product: Mapping[str, Any]) -> None:
    by_rule = {"four_subnets": ("work_mode",), "two_subnets": ("super_pod",)}
    known = ("pattern", *_KEYS[pattern], *by_rule.get(product["address_pattern"], ()))
    for key in plan:
        if key not in known:
            raise ProblemError(
                f"the key {key} in an address plan with the pattern {pattern}",
                f"{one_of(known)}{nearest(key, known)}",
                "correct npu_network_plan",
            )
    needed = _NEEDED.get(pattern, ("network", "first"))
    for key in needed:
        if key not in plan and not (key == "network" and "networks" in plan):
            raise ProblemError(f"an address plan without {key}", key, f"add {key} to npu_network_plan")


def _device_count(plan: Mapping[str, Any], product: Mapping[str, Any]) -> int:
    """Return how many devices a node has: of the product, or of the plan where cards are counted."""
    own = product["npus"] * product["chips_per_npu"]
    count = plan.get("devices", own)
    if count != own and product.get("form") != _CARD:
        raise ProblemError(
            f"devices: {count}", f"{own}, as many as {product['name']} has", "take devices out of the plan"
        )
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= _MOST_DEVICES:
        raise ProblemError(
            f"devices: {count}",
            f"how many devices each node has, 1 to {_MOST_DEVICES}",
            "correct devices in npu_network_plan",
        )
    return count


def _senseless(devices: list[dict[str, Any]], product: Mapping[str, Any]) -> Sequence[str]:
    """Return what M(ascend.fleet.hccn_config) would refuse."""
    try:
        understand(devices, group_gateway=product["gateway_scope"] == "group")
    except WishError as error:
        return error.problems
    return ()


def _broken_rules(
    devices: list[dict[str, Any]], plan: Mapping[str, Any], product: Mapping[str, Any]
) -> Iterator[str]:
    """Yield what is against the product's own rule, whichever pattern it came from."""
    nets = {each["id"]: IPv4Interface(f"{each['address']}/{each['prefix']}").network for each in devices}
    rule = product["address_pattern"]
    if rule == "four_subnets" and _mode(plan, product) == _SMP:
        yield from _broken_groups(nets)
    if rule == "two_subnets":
        for die in range(0, len(nets) - 1, 2):
            if nets[die] == nets[die + 1]:
                yield f"devices {die} and {die + 1}: both chips of an NPU are in {nets[die]}"
        kept = _KEPT_IN_POD if boolean(plan.get("super_pod", True), strict=False) else _KEPT_ALONE
        for each in devices:
            if IPv4Address(each["address"]) in kept:
                yield f"device {each['id']}: {each['address']} lies in {kept}, which the chips keep"


def _broken_groups(nets: Mapping[int, IPv4Network]) -> Iterator[str]:
    """Yield what is against SMP mode: devices i and i + 4 share a subnet, the four subnets differ."""
    for number, net in nets.items():
        other = number + _GROUP
        if other in nets and nets[other] != net:
            yield f"devices {number} and {other} are in {net} and {nets[other]}, they need one subnet"
        twins = [earlier for earlier in range(number) if number < _GROUP and nets[earlier] == net]
        if twins:
            yield f"devices {twins[0]} and {number} are both in {net}, they need different subnets"


def overlaps(devices_by_host: Mapping[str, list[Device]]) -> list[dict[str, Any]]:
    """Return the problems between hosts: shared addresses, a device at a gateway's place, torn networks.

    Devices without an address, of which only other settings are declared, take no part.
    """
    placed = {
        host: [each for each in devices if each.get("address") and each.get("prefix")]
        for host, devices in devices_by_host.items()
    }
    return [*_shared_addresses(placed), *_taken_gateways(placed), *_torn_networks(placed)]


def _shared_addresses(devices_by_host: Mapping[str, list[Device]]) -> list[dict[str, Any]]:
    """Return a problem for every host that takes an address which a host before it has."""
    owners: dict[str, str] = {}
    shared: dict[tuple[str, str], list[str]] = {}
    for host, devices in devices_by_host.items():
        for each in devices:
            owner = owners.setdefault(each["address"], host)
            if owner != host:
                shared.setdefault((host, owner), []).append(each["address"])
    return [_overlap(host, owner, addresses) for (host, owner), addresses in shared.items()]


def _overlap(host: str, owner: str, addresses: list[str]) -> dict[str, Any]:
    listed = addresses[0] if len(addresses) == 1 else f"{addresses[0]} and {len(addresses) - 1} more"
    return {
        "host": host,
        "severity": "error",
        "found": f"the device address {listed}, which {owner} has too",
        "wanted": "an address for one device only",
        "fix": "set another first or network in npu_network_plan of one of the two racks",
    }


def _taken_gateways(devices_by_host: Mapping[str, list[Device]]) -> Iterator[dict[str, Any]]:
    """Yield a problem for every host with a device at an address that another host calls its gateway."""
    users: dict[str, str] = {}
    for host, devices in devices_by_host.items():
        for each in devices:
            if each.get("gateway"):
                users.setdefault(each["gateway"], host)
    for host, devices in devices_by_host.items():
        for each in devices:
            if each["address"] in users:
                yield {
                    "host": host,
                    "severity": "error",
                    "found": f"the device address {each['address']}, which is the gateway of "
                    f"{users[each['address']]}",
                    "wanted": "a gateway that no device takes",
                    "fix": "set another first or another gateway in npu_network_plan of one of the two racks",
                }


def _torn_networks(devices_by_host: Mapping[str, list[Device]]) -> Iterator[dict[str, Any]]:
    """Yield a problem for every host whose network is a part of another host's, but not the same."""
    seen: dict[IPv4Network, str] = {}
    for host, devices in devices_by_host.items():
        own = {IPv4Interface(f"{each['address']}/{each['prefix']}").network for each in devices}
        for net in sorted(own - set(seen)):
            for other, owner in seen.items():
                if net.overlaps(other) and owner != host:
                    yield {
                        "host": host,
                        "severity": "error",
                        "found": f"the network {net}, which overlaps {other} of {owner}",
                        "wanted": "the same network, or networks apart",
                        "fix": "correct network in npu_network_plan of one of the two racks",
                    }
                    break
            seen[net] = host
