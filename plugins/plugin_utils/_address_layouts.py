# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the patterns of an address plan lay the devices of a node out over subnets. Pure.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils._ipv4 import parse_address
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError, one_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    Device = dict[str, Any]

ORDERS = ("lower_first", "upper_first")
FIRST, LAST = "first", "last"  # gateways: the first or the last host of each subnet
_NUMBERS = {2: "two", 4: "four", 8: "eight", 16: "sixteen"}


def device(number: int, address: IPv4Address, length: int, gateway: Any, detection: Any) -> Device:
    """Return one device as C(ascend.fleet.hccn_config) takes it."""
    probed = detection or gateway
    return {
        "id": number,
        "address": str(address),
        "prefix": length,
        "gateway": gateway and str(gateway),
        "detection_address": probed and str(probed),
    }


class Subnets:
    """Device i lies in subnet i modulo their number; a node takes as many addresses of each as it needs.

    One subnet: all devices in a row. Four: devices i and i + 4 share one. As many as devices: rails.
    """

    def __init__(self, plan: Mapping[str, Any], number: int) -> None:
        """Read network or networks, first, order and gateways. Raises ProblemError."""
        self.networks = _networks(plan, number)
        self.first = _address("first", plan["first"])
        self.detection = _optional("detection_address", plan.get("detection_address"))
        self.gateways = _gateways(plan, self.networks)
        self.upper_first = _order(plan.get("order", ORDERS[0])) == "upper_first"
        self.gateway_key = "gateway" if number == 1 else "gateways"
        if self.first not in self.networks[0]:
            raise ProblemError(
                f"first: {self.first}, which is outside {self.networks[0]}",
                f"an address of {self.networks[0]}",
                "correct first or network in npu_network_plan",
            )

    def devices(self, count: int, index: int) -> list[Device]:
        """Return the ``count`` devices of node number ``index``. Raises ProblemError when one is full."""
        per_subnet = -(-count // len(self.networks))
        start = int(self.first) - int(self.networks[0].network_address) + index * per_subnet
        for network in self.networks:
            self._check_room(network, start, per_subnet, index)
        for network, gateway in zip(self.networks, self.gateways):
            _check_free(self.gateway_key, gateway, int(network.network_address) + start, per_subnet)
        return [self._device(number, start, per_subnet) for number in range(count)]

    def _device(self, number: int, start: int, per_subnet: int) -> Device:
        row, subnet = divmod(number, len(self.networks))
        place = per_subnet - 1 - row if self.upper_first else row
        network = self.networks[subnet]
        address = IPv4Address(int(network.network_address) + start + place)
        return device(number, address, network.prefixlen, self.gateways[subnet], self.detection)

    def _check_room(self, network: IPv4Network, start: int, per_subnet: int, index: int) -> None:
        last_host = network.num_addresses - 2
        if start + per_subnet - 1 > last_host:
            offset = start - index * per_subnet
            base = int(network.network_address)
            fits = max(last_host - offset + 1, 0) // per_subnet
            raise ProblemError(
                f"an address plan for {fits} nodes ({IPv4Address(base + offset)} to "
                f"{IPv4Address(base + last_host)}, {per_subnet} for each node)",
                f"addresses for node number {index + 1}",
                "set a lower first, a larger network or a second plan in npu_network_plan",
            )


class Explicit:
    """Every address as it is listed: one list for each node."""

    def __init__(self, plan: Mapping[str, Any]) -> None:
        """Read addresses, prefix, gateways and detection address. Raises ProblemError."""
        self.rows = plan["addresses"]
        self.prefix = plan["prefix"]
        self.gateways = plan.get("gateways")
        self.detection = _optional("detection_address", plan.get("detection_address"))

    def devices(self, count: int, index: int) -> list[Device]:
        """Return the devices of node number ``index``. Raises ProblemError when it has no full list."""
        rows = self.rows if isinstance(self.rows, list) else []
        row = rows[index] if index < len(rows) else None
        if not isinstance(row, list) or len(row) != count:
            raise ProblemError(
                f"addresses with {'no list' if row is None else row} for node number {index + 1}",
                f"a list of {count} addresses for each node",
                "complete addresses in npu_network_plan",
            )
        gateways = self.gateways if isinstance(self.gateways, list) else [self.gateways] * count
        if len(gateways) != count:
            raise ProblemError(
                f"gateways: {self.gateways}",
                f"a list of {count}, one for each device, with null where there is none",
                "correct gateways in npu_network_plan",
            )
        return [self._device(number, row[number], gateways[number]) for number in range(count)]

    def _device(self, number: int, text: Any, gateway_text: Any) -> Device:
        address, gateway = _address("addresses", text), _optional("gateways", gateway_text)
        network = _network(f"{address}/{self.prefix}", strict=False)
        _check_gateway("gateways", gateway, network)
        return device(number, address, network.prefixlen, gateway, self.detection)


def _networks(plan: Mapping[str, Any], number: int) -> list[IPv4Network]:
    """Return the subnets: those that are listed, or the first one and those that follow it."""
    if plan.get("networks") is None:
        return _in_a_row(_network(plan["network"]), number)
    texts = plan["networks"]
    if not isinstance(texts, list) or len(texts) != number:
        raise ProblemError(
            f"networks: {texts}",
            f"a list of {_NUMBERS.get(number, number)} networks",
            "correct networks in npu_network_plan",
        )
    networks = [_network(text) for text in texts]
    for place, network in enumerate(networks):
        for other in networks[:place]:
            if network.overlaps(other):
                raise ProblemError(
                    f"networks: {network}, which overlaps {other}",
                    "subnets apart from each other",
                    "correct networks in npu_network_plan",
                )
    return networks


def _in_a_row(first: IPv4Network, number: int) -> list[IPv4Network]:
    try:
        return [
            IPv4Network((int(first.network_address) + place * first.num_addresses, first.prefixlen))
            for place in range(number)
        ]
    except AddressValueError as error:
        raise ProblemError(
            f"network: {first}, behind which there is no room for {_NUMBERS.get(number, number)} networks",
            f"the first of {_NUMBERS.get(number, number)} networks in a row",
            "set a lower network in npu_network_plan",
        ) from error


def _gateways(plan: Mapping[str, Any], networks: list[IPv4Network]) -> list[IPv4Address | None]:
    """Return the gateway of each subnet, in order."""
    if len(networks) == 1:
        gateway = _optional("gateway", plan.get("gateway"))
        _check_gateway("gateway", gateway, networks[0])
        return [gateway]
    texts = plan.get("gateways")
    if texts is None:
        return [None] * len(networks)
    if texts in (FIRST, LAST):
        return [network[1 if texts == FIRST else -2] for network in networks]
    if not isinstance(texts, list) or len(texts) != len(networks):
        raise ProblemError(
            f"gateways: {texts}",
            f"a list of {_NUMBERS.get(len(networks), len(networks))}, one for each subnet, with null where "
            f"there is none, or {one_of((FIRST, LAST))} host of each",
            "correct gateways in npu_network_plan",
        )
    gateways = [_optional("gateways", text) for text in texts]
    for gateway, network in zip(gateways, networks):
        _check_gateway("gateways", gateway, network)
    return gateways


def _order(text: Any) -> str:
    if text not in ORDERS:
        raise ProblemError(f"order: {text}", one_of(ORDERS), "correct order in npu_network_plan")
    return str(text)


def _network(text: Any, strict: bool = True) -> IPv4Network:
    try:
        network = IPv4Network(text if isinstance(text, str) and "/" in text else "", strict=strict)
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
