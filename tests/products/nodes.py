# SPDX-License-Identifier: GPL-3.0-or-later
"""What is simulated: a node of each product, with the newest release that there is for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError
from ansible_collections.ascend.fleet.plugins.plugin_utils._release import Request, resolve

ROOT = Path(__file__).resolve().parents[2]
FIRST_PORT = 42361
ARM = "aarch64"  # wheels and conda are simulated for this architecture only
KNOWN = Catalog()
# The network of a node and its first address there; each node has nets, or a part of one, of its own.
PLANS = {
    "shared_subnet": (1, "10.20.0.0/16", "10.20.{net}.1"),
    "two_subnets": (2, "10.30.{net}.0/24", "10.30.{net}.1"),
    "four_subnets": (4, "10.40.{net}.0/24", "10.40.{net}.100"),
}


@dataclass(frozen=True)
class Simulated:
    """A node of one product; ``release`` is empty when none has it, ``reason`` then says why."""

    key: str
    arch: str
    port: int
    release: str = ""
    reason: str = ""

    @property
    def host(self) -> str:
        """Return the node's name."""
        return self.key.replace("_", "-")

    @property
    def product(self) -> dict[str, Any]:
        """Return the catalog's entry."""
        return KNOWN.product(self.key)

    @property
    def bill(self) -> dict[str, Any]:
        """Return what the node is to have."""
        return resolve(KNOWN, Request(self.release, self.key, self.arch))


def simulated(key: str, place: int) -> Simulated:
    """Return the node of the product ``key``, the first architecture of which it has."""
    arch = KNOWN.products[key]["arch"][0]
    reason = ""
    for release in reversed(KNOWN.releases_by_age()):
        try:
            bill = resolve(KNOWN, Request(release, key, arch))
        except ProblemError as problem:
            reason = reason or str(problem)
            continue
        if bill["torch"] in {None, *torches()}:
            return Simulated(key, arch, FIRST_PORT + place, release)
    return Simulated(key, arch, FIRST_PORT + place, "", reason)


def torches() -> set[str]:
    """Return the versions of torch that are simulated."""
    wheels = yaml.safe_load((ROOT / "simulator/wheels/wheels.yml").read_text(encoding="utf-8"))
    return set(wheels["stand_ins"]["torch"]["versions"])


def plan(node: Simulated) -> dict[str, Any]:
    """Return the variables of the node's device network, none where it has no such network."""
    pattern = node.product["address_pattern"]
    if not pattern:
        return {}
    nets, network, first = PLANS[pattern]
    net = nets * (node.port - FIRST_PORT)
    addresses = {"pattern": pattern, "network": network.format(net=net), "first": first.format(net=net)}
    return {"npu_network_plan": addresses, "npu_network_hosts": [node.host]}


def host_variables(node: Simulated, folder: Path) -> dict[str, Any]:
    """Return the variables of a node in the inventory of ``folder``."""
    without_torch = {} if node.arch == ARM else {"npu_fleet_catalog": [str(folder / "catalog")]}
    return {
        "ansible_port": node.port,
        "npu_fleet_release": node.release,
        **plan(node),
        **without_torch,
    }


def hosts(nodes: list[Simulated], folder: Path) -> dict[str, Any]:
    """Return the content of hosts.yml."""
    groups = {node.key: {"hosts": {node.host: host_variables(node, folder)}} for node in nodes}
    variables = {"ansible_host": "127.0.0.1", "simulator_image": "bookworm"}
    return {"all": {"vars": variables, "children": groups}}


def write_catalog(nodes: list[Simulated], folder: Path) -> None:
    """Write the releases of the other architecture without frameworks: a catalog of one's own does that."""
    releases = folder / "catalog/releases"
    releases.mkdir(parents=True, exist_ok=True)
    for name in {node.release for node in nodes if node.arch != ARM}:
        release = yaml.safe_load((ROOT / f"catalog/releases/{name}.yml").read_text(encoding="utf-8"))
        text = yaml.safe_dump({**release, "torch": [], "mindspore": []}, sort_keys=False)
        (releases / f"{name}.yml").write_text(text, encoding="utf-8")
