# SPDX-License-Identifier: GPL-3.0-or-later
"""Read from an Ansible inventory which nodes to simulate, and how."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import yaml
from npu_simulator.state import State, fresh_state

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Answer = TypeVar("Answer", str, bool)
ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENTS = ("bare_metal", "vm", "container")
SSH_PORT = 22


class InventoryError(Exception):
    """The inventory does not say what a simulated node needs; the message has host, found and wanted."""


@dataclass(frozen=True)
class SimulatedNode:
    """One host of the inventory, as the simulator sees it.

    ``number`` is its place among all of them. ``internal`` nodes see each other and nothing else; no port of
    this machine leads to them.
    """

    name: str
    inventory: str
    number: int
    port: int
    suite: str
    state: State
    internal: bool = False

    @property
    def address(self) -> str:
        """Return what SSH calls the node, as known_hosts has it."""
        return self.name if self.internal else f"[127.0.0.1]:{self.port}"

    @property
    def container(self) -> str:
        """Return the name of the node's container."""
        return f"fleet-{self.inventory}-{self.name}"


def inventory_name(path: Path) -> str:
    """Return the name that an inventory is known by: of its folder, or of its file if that is not `hosts`."""
    parts = [part.split(".")[0] for part in path.resolve().parts]
    return next(part for part in reversed(parts) if part not in {"hosts", "inventory"})


def read_inventory(path: Path) -> dict[str, Any]:
    """Return what ``ansible-inventory --list`` says of the inventory at ``path``. Raises InventoryError."""
    program = Path(sys.executable).with_name("ansible-inventory")
    command = [str(program), "-i", str(path.resolve()), "--list"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if run.returncode:
        raise InventoryError(f"{path}: ansible-inventory cannot read it: {run.stderr.strip()}")
    return dict(json.loads(run.stdout))


def read_catalog() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the products and the chip families of the catalog."""
    products, chips = (
        yaml.safe_load((ROOT / f"catalog/{name}.yml").read_text(encoding="utf-8"))[name]
        for name in ("products", "chips")
    )
    return products, chips


def simulated_nodes(listing: Mapping[str, Any], inventory: str, suites: list[str]) -> list[SimulatedNode]:
    """Return the hosts of ``listing`` that have `simulator_image`, in the order of their names.

    ``listing`` is what :func:`read_inventory` returns, ``suites`` are the images there are.
    Raises InventoryError.
    """
    products, chips = read_catalog()
    variables = {
        host: own for host, own in sorted(listing["_meta"]["hostvars"].items()) if "simulator_image" in own
    }
    if not variables:
        raise InventoryError(
            f"inventory {inventory}: found no host with simulator_image, wanted at least one"
        )
    nodes = []
    for number, (host, own) in enumerate(variables.items()):
        key = _product_of(host, listing, products)
        product = {**products[key], "key": key}
        state = fresh_state(product, chips[product["chip"]], product["arch"][0], number)
        _adjust(host, own, state)
        suite = _one_of(host, "simulator_image", own["simulator_image"], suites)
        internal = _one_of(host, "simulator_internal", own.get("simulator_internal", False), (True, False))
        port = SSH_PORT if internal else _port(host, own)
        nodes.append(SimulatedNode(host, inventory, number, port, suite, state, internal))
    _refuse_two_networks(nodes)
    _refuse_shared_ports([node for node in nodes if not node.internal])
    return nodes


def _product_of(host: str, listing: Mapping[str, Any], products: Mapping[str, Any]) -> str:
    found = [group for group in products if host in _members(listing, group)]
    if len(found) != 1:
        raise InventoryError(
            f"{host}: found product groups {found}, wanted one of {', '.join(sorted(products))}: "
            "put the host into the group that is named after its server model"
        )
    return found[0]


def _members(listing: Mapping[str, Any], group: str) -> Iterator[str]:
    content = listing.get(group, {})
    yield from content.get("hosts", [])
    for child in content.get("children", []):
        yield from _members(listing, child)


def _adjust(host: str, own: Mapping[str, Any], state: State) -> None:
    """Let the host's variables `simulator_seconds` and `simulator_environment` change its first state."""
    for part, seconds in own.get("simulator_seconds", {}).items():
        _one_of(host, "simulator_seconds", part, sorted(state["seconds"]))
        state["seconds"][part] = float(seconds)
    state["boots"] = 0  # the first start of the container is the first boot
    environment = own.get("simulator_environment", state["environment"])
    state["environment"] = _one_of(host, "simulator_environment", environment, ENVIRONMENTS)


def _one_of(host: str, variable: str, found: Answer, wanted: Sequence[Answer]) -> Answer:
    if found not in wanted:
        raise InventoryError(f"{host}: found {variable} {found}, wanted one of {', '.join(map(str, wanted))}")
    return found


def _port(host: str, own: Mapping[str, Any]) -> int:
    port = own.get("ansible_port")
    if not isinstance(port, int):
        raise InventoryError(f"{host}: found ansible_port {port!r}, wanted a port number of this machine")
    return port


def _refuse_two_networks(nodes: list[SimulatedNode]) -> None:
    inside = [node.name for node in nodes if node.internal]
    if inside and len(inside) < len(nodes):
        raise InventoryError(
            f"found simulator_internal: true on {', '.join(inside)} only, wanted it on all hosts or on none: "
            "the nodes of an inventory share one network"
        )


def _refuse_shared_ports(nodes: list[SimulatedNode]) -> None:
    owner: dict[int, str] = {}
    for node in nodes:
        if node.port in owner:
            raise InventoryError(
                f"{node.name}: found ansible_port {node.port}, which {owner[node.port]} has too"
            )
        owner[node.port] = node.name
