# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Spread the addresses of a rack's plan over the devices of its nodes. Pure.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils._hccn_wish import WishError, understand
from ansible_collections.ascend.fleet.plugins.module_utils._ipv4 import parse_address
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError, nearest, one_of

if TYPE_CHECKING:
    from collections.abc import Mapping

SUBNETS = 4  # NPU i and NPU i + 4 share subnet i on the boards of the first generation (SMP mode)
_KEYS = {
    "shared_subnet": ("pattern", "network", "first", "gateway", "detection_address"),
    "four_subnets": ("pattern", "network", "first", "order", "gateways", "detection_address"),
}
_ORDERS = ("lower_first", "upper_first")


def spread(plan: Mapping[str, Any], product: Mapping[str, Any], index: int) -> list[dict[str, Any]]:
    """Return the devices of node number ``index`` (from 0) of the plan; see the filter C(device_addresses).

    Raises ProblemError that says what of the plan to correct.
    """
    pattern = _check_pattern(plan, product)
    given = {key: value for key, value in plan.items() if value is not None}
    _check_keys(given, pattern)
    if isinstance(index, bool) or not isinstance(index, int) or index < 0:
        raise ProblemError(
            f"the node number {index!r}", "a number from 0", "count the nodes of the plan from 0"
        )
    count = product["npus"] * product["chips_per_npu"]
    layout = _SharedSubnet(given) if pattern == "shared_subnet" else _FourSubnets(given)
    devices = layout.devices(count, index)
    try:
        understand(devices, group_gateway=product["gateway_scope"] == "group")
    except WishError as error:
        raise ProblemError(
            "; ".join(error.problems),
            "addresses that a device can have",
            "correct npu_network_plan",
        ) from error
    return devices


def _check_pattern(plan: Mapping[str, Any], product: Mapping[str, Any]) -> str:
    wanted = product["address_pattern"]
    found = plan.get("pattern")
    if wanted is None:
        raise ProblemError(
            f"an address plan for {product['name']}",
            "none, because its chips have no network ports",
            "take npu_network_plan away from this host",
        )
    if found != wanted:
        raise ProblemError(
            f"the pattern {found}" if found else "an address plan without a pattern",
            f"{wanted}, which is the rule of {product['name']}",
            f"set pattern: {wanted} in npu_network_plan of this host's rack",
        )
    return str(wanted)


def _check_keys(plan: Mapping[str, Any], pattern: str) -> None:
    known = _KEYS[pattern]
    for key in plan:
        if key not in known:
            raise ProblemError(
                f"the key {key} in an address plan with the pattern {pattern}",
                f"{one_of(known)}{nearest(key, known)}",
                "correct npu_network_plan",
            )
    for key in ("network", "first"):
        if key not in plan:
            raise ProblemError(f"an address plan without {key}", key, f"add {key} to npu_network_plan")


class _Layout:
    """What both patterns share: one network, the first address in it, and where it ends."""

    def __init__(self, plan: Mapping[str, Any]) -> None:
        self.network = _network(plan["network"])
        self.first = _address("first", plan["first"])
        self.detection = _optional("detection_address", plan.get("detection_address"))
        if self.first not in self.network:
            raise ProblemError(
                f"first: {self.first}, which is outside {self.network}",
                f"an address of {self.network}",
                "correct first or network in npu_network_plan",
            )

    @property
    def last_host(self) -> int:
        """The last address of the network that a host can have."""
        return int(self.network.broadcast_address) - 1

    def take(self, per_node: int, index: int) -> int:
        """Return the first of the ``per_node`` addresses of one node."""
        start = int(self.first) + index * per_node
        if start + per_node - 1 > self.last_host:
            fits = max(self.last_host - int(self.first) + 1, 0) // per_node
            raise ProblemError(
                f"an address plan for {fits} nodes ({self.first} to {IPv4Address(self.last_host)}, "
                f"{per_node} for each node)",
                f"addresses for node number {index + 1}",
                "set a lower first, a larger network or a second plan in npu_network_plan",
            )
        return start

    def device(
        self, number: int, address: int, network: IPv4Network, gateway: IPv4Address | None
    ) -> dict[str, Any]:
        """Return one device as C(ascend.fleet.hccn_config) takes it."""
        detection = self.detection or gateway
        return {
            "id": number,
            "address": str(IPv4Address(address)),
            "prefix": network.prefixlen,
            "gateway": gateway and str(gateway),
            "detection_address": detection and str(detection),
        }


class _SharedSubnet(_Layout):
    """All devices of all nodes in one subnet; a node takes as many addresses in a row as it has devices."""

    def __init__(self, plan: Mapping[str, Any]) -> None:
        super().__init__(plan)
        self.gateway = _optional("gateway", plan.get("gateway"))
        _check_gateway("gateway", self.gateway, self.network)

    def devices(self, count: int, index: int) -> list[dict[str, Any]]:
        """Return the ``count`` devices of one node."""
        start = self.take(count, index)
        _check_free("gateway", self.gateway, start, count)
        return [self.device(number, start + number, self.network, self.gateway) for number in range(count)]


class _FourSubnets(_Layout):
    """Four subnets in a row; device i and device i + 4 share subnet i, a node takes two addresses of each."""

    def __init__(self, plan: Mapping[str, Any]) -> None:
        super().__init__(plan)
        self.upper_first = _order(plan.get("order", _ORDERS[0])) == "upper_first"
        self.networks = _four_networks(self.network)
        self.gateways = _gateways(plan.get("gateways"), self.networks)

    def devices(self, count: int, index: int) -> list[dict[str, Any]]:
        """Return the ``count`` devices of one node."""
        per_subnet = count // SUBNETS
        start = self.take(per_subnet, index) - int(self.network.network_address)
        for network, gateway in zip(self.networks, self.gateways):
            _check_free("gateways", gateway, int(network.network_address) + start, per_subnet)
        return [self._device(number, start, per_subnet) for number in range(count)]

    def _device(self, number: int, start: int, per_subnet: int) -> dict[str, Any]:
        row, subnet = divmod(number, SUBNETS)
        place = per_subnet - 1 - row if self.upper_first else row
        network = self.networks[subnet]
        address = int(network.network_address) + start + place
        return self.device(number, address, network, self.gateways[subnet])


def _four_networks(first: IPv4Network) -> list[IPv4Network]:
    try:
        return [
            IPv4Network((int(first.network_address) + number * first.num_addresses, first.prefixlen))
            for number in range(SUBNETS)
        ]
    except AddressValueError as error:
        raise ProblemError(
            f"network: {first}, behind which there is no room for four networks",
            "the first of four networks in a row",
            "set a lower network in npu_network_plan",
        ) from error


def _gateways(texts: Any, networks: list[IPv4Network]) -> list[IPv4Address | None]:
    if texts is None:
        return [None] * SUBNETS
    if not isinstance(texts, list) or len(texts) != SUBNETS:
        raise ProblemError(
            f"gateways: {texts}",
            "a list of four, one for each subnet, with null where there is none",
            "correct gateways in npu_network_plan",
        )
    gateways = [_optional("gateways", text) for text in texts]
    for gateway, network in zip(gateways, networks):
        _check_gateway("gateways", gateway, network)
    return gateways


def _order(text: Any) -> str:
    if text not in _ORDERS:
        raise ProblemError(f"order: {text}", one_of(_ORDERS), "correct order in npu_network_plan")
    return str(text)


def _network(text: Any) -> IPv4Network:
    try:
        network = IPv4Network(text if isinstance(text, str) and "/" in text else "")
    except (AddressValueError, NetmaskValueError, ValueError) as error:
        raise ProblemError(
            f"network: {text} ({error})" if "/" in str(text) else f"network: {text}",
            "a network such as 10.20.0.0/16",
            "correct network in npu_network_plan",
        ) from error
    return network


def _address(name: str, text: Any) -> IPv4Address:
    try:
        return parse_address(str(text))
    except ValueError as error:
        raise ProblemError(
            f"{name}: {text}", "an IPv4 address such as 10.20.1.1", f"correct {name} in npu_network_plan"
        ) from error


def _optional(name: str, text: Any) -> IPv4Address | None:
    return None if text is None else _address(name, text)


def _check_gateway(name: str, gateway: IPv4Address | None, network: IPv4Network) -> None:
    if gateway is not None and gateway not in network:
        raise ProblemError(
            f"{name}: {gateway}, which is outside {network}",
            f"the router's address in {network}",
            f"correct {name} or network in npu_network_plan",
        )


def _check_free(name: str, gateway: IPv4Address | None, start: int, count: int) -> None:
    if gateway is not None and start <= int(gateway) < start + count:
        raise ProblemError(
            f"{name}: {gateway}, which a device of this node would take "
            f"({IPv4Address(start)} to {IPv4Address(start + count - 1)})",
            "a gateway that no device takes",
            "set another first or another gateway in npu_network_plan",
        )


def overlaps(devices_by_host: Mapping[str, list[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """Return a problem for every host that takes an address which a host before it has."""
    owners: dict[str, str] = {}
    shared: dict[tuple[str, str], list[str]] = {}
    for host, devices in devices_by_host.items():
        for device in devices:
            owner = owners.setdefault(device["address"], host)
            if owner != host:
                shared.setdefault((host, owner), []).append(device["address"])
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
