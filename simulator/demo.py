# SPDX-License-Identifier: GPL-3.0-or-later
"""Show the whole way on simulated racks: images, nodes, packages, then the collection's site playbook.

python simulator/demo.py -i inventories/demo              all of it; nodes that are there stay as they are
python simulator/demo.py -i inventories/demo --packages   only make the packages that the inventory needs
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import node_images
import racks
from docker_engine import DockerError
from simulated_inventory import ROOT, InventoryError, read_inventory

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from simulated_inventory import SimulatedNode

DEMO = ROOT / ".demo"


@dataclass(frozen=True)
class Need:
    """A release for which packages are to be made, the products that get it, and their architecture."""

    release: str
    arch: str
    products: tuple[str, ...]


def needs(listing: Mapping[str, Any], nodes: list[SimulatedNode]) -> Iterator[Need]:
    """Tell what the nodes of an inventory need: the release each is to have, and `simulator_releases`."""
    wanted: dict[tuple[str, str], set[str]] = {}
    for node in nodes:
        own = listing["_meta"]["hostvars"][node.name]
        if "npu_fleet_release" not in own:
            raise InventoryError(f"{node.name}: found no npu_fleet_release, wanted the release it is to have")
        for release in {own["npu_fleet_release"], *own.get("simulator_releases", [])}:
            wanted.setdefault((release, node.state["arch"]), set()).add(node.state["product"])
    for (release, arch), products in sorted(wanted.items()):
        yield Need(release, arch, tuple(sorted(products)))


def make_packages(inventory: Path) -> None:
    """Make what the inventory's nodes install.

    Raises InventoryError, DockerError (conda's Python comes from the node images), and CalledProcessError
    of a builder, which has said why.
    """
    found = list(needs(read_inventory(inventory), racks.select(inventory, [])))
    node_images.build_all()
    for need in found:
        products = [word for product in need.products for word in ("--product", product)]
        _build("packages", DEMO / "packages", "--release", need.release, "--arch", need.arch, *products)
    releases = [
        word for release in sorted({need.release for need in found}) for word in ("--release", release)
    ]
    _build("wheels", DEMO / "wheelhouse", *releases)
    _build("conda", DEMO / "packages")


def _build(kind: str, output: Path, *words: str) -> None:
    program = ROOT / f"simulator/{kind}/build.py"
    subprocess.run([sys.executable, str(program), *words, "--output", str(output)], check=True)


def converge(inventory: Path) -> int:
    """Run the site playbook and return its exit status."""
    program = Path(sys.executable).with_name("ansible-playbook")
    return subprocess.run([str(program), "site.yml", "-i", str(inventory)], cwd=ROOT, check=False).returncode


def next_commands(inventory: Path) -> str:
    """Return what to try next, as one would type it in the checkout."""
    playbook = f".venv/bin/ansible-playbook site.yml -i {inventory}"
    return f"""
Two commands to try next:

  Let a node drift, and see what would be done about it, without doing it:
    .venv/bin/ansible node-a01-01 -i {inventory} -b -m ansible.builtin.command -a \\
      'hccn_tool -i 0 -ip -s address 10.20.9.9 netmask 255.255.0.0'
    {playbook} -l node-a01-01 --check --diff

  Upgrade one rack, and leave the other alone:
    {playbook} -l rack_a01 -e npu_fleet_release=cann-8.0.0
"""


def main(arguments: list[str]) -> int:
    """Run the command line; see the top of this file."""
    parser = argparse.ArgumentParser(description="Show the whole way on simulated racks.")
    parser.add_argument("-i", "--inventory", type=Path, required=True, help="as for ansible-playbook")
    parser.add_argument("--packages", action="store_true", help="only make the packages")
    options = parser.parse_args(arguments)
    if not options.packages:
        racks.main(["up", "-i", str(options.inventory)])
    try:
        make_packages(options.inventory)
    except (DockerError, InventoryError) as error:
        sys.exit(f"demo: {error}")
    except subprocess.CalledProcessError as error:
        return error.returncode
    if options.packages:
        return 0
    status = converge(options.inventory)
    if status == 0:
        print(next_commands(options.inventory))
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
