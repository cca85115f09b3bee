# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the inventory of the measured nodes: the demo's settings, other hosts."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "inventories/demo"
# How the demo's variables name the checkout; from another folder that would be another place.
CHECKOUT = "{{ inventory_dir }}/../.."
HEADER = "# SPDX-License-Identifier: GPL-3.0-or-later\n# Made by tests/bench.\n---\n"


def read_racks() -> dict[str, Any]:
    """Return the content of racks.yml."""
    return dict(yaml.safe_load(Path(__file__).with_name("racks.yml").read_text(encoding="utf-8")))


def share(nodes: int, products: list[str]) -> dict[str, int]:
    """Deal ``nodes`` out to the products, the first ones get what is left over.

    >>> share(3, ["a", "b"])
    {'a': 2, 'b': 1}
    """
    each, left = divmod(nodes, len(products))
    return {product: each + (place < left) for place, product in enumerate(products)}


def container(host: str) -> str:
    """Return the name that a measured node has for the others; it is that of its container."""
    return f"fleet-bench-{host}"


def hosts(nodes: int, products: list[str], racks: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of hosts.yml. Raises KeyError for a product that racks.yml does not have."""
    port = racks["first_port"]
    groups: dict[str, Any] = {"package_mirrors": {"hosts": {}}}
    for product, number in share(nodes, products).items():
        rack = racks["racks"][product]
        names = [f"{rack['node']}-{place:02}" for place in range(1, number + 1)]
        groups[product] = {"vars": {"simulator_image": rack["image"]}, "hosts": dict.fromkeys(names, {})}
        groups[rack["rack"]] = {
            "vars": {"rack_mirror": container(names[0])},
            "hosts": {name: {"ansible_port": port + place} for place, name in enumerate(names)},
        }
        groups["package_mirrors"]["hosts"][names[0]] = {}
        port += number
    return {"all": {"vars": {"ansible_host": "127.0.0.1"}, "children": groups}}


def mirrored(content: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the hosts of each mirror's rack, by the mirror, out of the content of hosts.yml."""
    groups = content["all"]["children"]
    racks = [list(group["hosts"]) for group in groups.values() if "rack_mirror" in group.get("vars", {})]
    return {mirror: rack for mirror in groups["package_mirrors"]["hosts"] for rack in racks if mirror in rack}


def write(folder: Path, content: Mapping[str, Any], fleet: Mapping[str, Any]) -> None:
    """Write the inventory into ``folder`` anew: ``content`` as hosts.yml, ``fleet`` over the demo's own."""
    shutil.rmtree(folder, ignore_errors=True)
    groups = folder / "group_vars"
    for source in sorted((DEMO / "group_vars").glob("*/*.yml")):
        if source.parent.name in {"all", *content["all"]["children"]}:
            target = groups / source.relative_to(DEMO / "group_vars")
            target.parent.mkdir(parents=True, exist_ok=True)
            text = source.read_text(encoding="utf-8").replace(CHECKOUT, str(ROOT))
            target.write_text(text, encoding="utf-8")
    (folder / "hosts.yml").write_text(HEADER + yaml.safe_dump(dict(content)), encoding="utf-8")
    # read after the demo's files of the same folder, therefore stronger
    (groups / "all/zz_bench.yml").write_text(HEADER + yaml.safe_dump(dict(fleet)), encoding="utf-8")
