# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring simulated racks up and down: one Docker container per inventory host that has `simulator_image`.

python simulator/racks.py up -i inventories/demo             make and start what is not there, keep what is
python simulator/racks.py fresh -i inventories/demo [host]   remove, and make anew
python simulator/racks.py fault -i inventories/demo node-a01-01 link_down '[3]'
"""

from __future__ import annotations

import argparse
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import node_access
import node_containers
import node_images
from docker_engine import DockerError
from node_containers import NodeError
from simulated_inventory import (
    InventoryError,
    SimulatedNode,
    inventory_name,
    read_inventory,
    simulated_nodes,
)

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = TypeVar("Answer")
AT_ONCE = 8


def select(inventory: Path, hosts: list[str]) -> list[SimulatedNode]:
    """Return the named nodes of an inventory, all without names. Raises InventoryError."""
    suites = [recipe.suite for recipe in node_images.recipes()]
    nodes = simulated_nodes(read_inventory(inventory), inventory_name(inventory), suites)
    unknown = sorted(set(hosts) - {node.name for node in nodes})
    if unknown:
        names = ", ".join(node.name for node in nodes)
        raise InventoryError(
            f"{inventory}: found no simulated host {', '.join(unknown)}, wanted some of {names}"
        )
    return [node for node in nodes if not hosts or node.name in hosts]


def each(do: Callable[[SimulatedNode], Answer], nodes: list[SimulatedNode]) -> list[Answer]:
    """Do the same with all nodes, some at once; raise NodeError with what failed on any of them."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        running = [pool.submit(do, node) for node in nodes]
    failures = [(node, error) for node, future in zip(nodes, running) if (error := future.exception())]
    expected = [_told(node, error) for node, error in failures if isinstance(error, (DockerError, NodeError))]
    if failures and len(expected) == len(failures):
        raise NodeError("\n  ".join(expected))
    return [future.result() for future in running]


def _told(node: SimulatedNode, error: DockerError | NodeError) -> str:
    return f"{node.name}: {error}" if isinstance(error, DockerError) else str(error)


def up(options: argparse.Namespace) -> None:
    """Make and start the nodes that are not there, and keep those that are."""
    _bring_up(select(options.inventory, options.host), inventory_name(options.inventory))


def fresh(options: argparse.Namespace) -> None:
    """Remove the nodes and make them as they come from the factory."""
    nodes = select(options.inventory, options.host)
    _remove(options.inventory, [node.container for node in nodes])
    _bring_up(nodes, inventory_name(options.inventory))


def down(options: argparse.Namespace) -> None:
    """Remove the nodes, and their network with the last of them."""
    name = inventory_name(options.inventory)
    hosts = [f"fleet-{name}-{host}" for host in options.host]
    removed = _remove(options.inventory, hosts or list(node_containers.existing(name)))
    node_containers.remove_network(name)
    print(f"racks: {removed} nodes of inventory {name} removed")


def fault(options: argparse.Namespace) -> None:
    """Set a fault of one node; without a value, clear it."""
    (node,) = select(options.inventory, [options.node])
    node_containers.ask(node.container, "fault", options.key, *options.value)


def clear(options: argparse.Namespace) -> None:
    """Switch all faults off."""
    each(lambda node: node_containers.ask(node.container, "clear"), select(options.inventory, options.host))


def state(options: argparse.Namespace) -> None:
    """Print the state of the nodes as one JSON mapping by host."""
    nodes = select(options.inventory, options.host)
    answers = each(lambda node: node_containers.ask(node.container, "state"), nodes)
    print(json.dumps({node.name: json.loads(answer) for node, answer in zip(nodes, answers)}, indent=2))


def log(options: argparse.Namespace) -> None:
    """Print the calls of vendor programs, one JSON mapping a line, each with its host."""
    nodes = select(options.inventory, options.host)
    for node, calls in zip(nodes, each(node_containers.calls, nodes)):
        for call in calls:
            print(json.dumps({"host": node.name, **call}))


def _bring_up(nodes: list[SimulatedNode], inventory: str) -> None:
    node_images.build_all()
    network = node_containers.make_network(inventory, internal=nodes[0].internal)
    there = node_containers.existing(inventory)

    def bring_up(node: SimulatedNode) -> str:
        found = there.get(node.container)
        if usable := node_containers.usable(found):
            node_containers.keep(node, usable)
        else:
            node_containers.remove([found.name] if found else [])
            node_containers.make(node, network)
        return node_containers.wait_for(node)

    keys = each(bring_up, nodes)
    old = [node.name for node in nodes if _is_outdated(node, there.get(node.container))]
    if old:
        print(f"racks: racks.py fresh gives the newest simulator to {', '.join(old)}, made with an older one")
    node_access.know_hosts({node.address: key for node, key in zip(nodes, keys)})
    node_access.name_hosts(inventory, {node.name: node.port for node in nodes if not node.internal})
    print(f"racks: {len(nodes)} nodes of inventory {inventory} answer SSH")


def _is_outdated(node: SimulatedNode, found: node_containers.Existing | None) -> bool:
    return found is not None and found.image != node_containers.image(node)


def _remove(inventory: Path, containers: list[str]) -> int:
    there = node_containers.existing(inventory_name(inventory))
    found = [there[name] for name in containers if name in there]
    for container in found:
        node_containers.usable(container)  # refuses another checkout's
    node_containers.remove([container.name for container in found])
    return len(found)


def command_line() -> argparse.ArgumentParser:
    """Return the parser of this program's arguments."""
    parser = argparse.ArgumentParser(description="Bring simulated racks up and down, break and mend them.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for do in (up, down, fresh, clear, state, log, fault):
        command = commands.add_parser(do.__name__, help=do.__doc__, description=do.__doc__)
        command.set_defaults(do=do)
        command.add_argument("-i", "--inventory", type=Path, required=True, help="as for ansible-playbook")
        if do is fault:
            command.add_argument("node", metavar="host")
            command.add_argument("key", help="one of those in simulator/README.md")
            command.add_argument("value", nargs="*", metavar="JSON", help="without it the fault is cleared")
        else:
            command.add_argument("host", nargs="*", help="only these; all without")
    return parser


def main(arguments: list[str]) -> None:
    """Run the command line; see the top of this file."""
    options = command_line().parse_args(arguments)
    try:
        options.do(options)
    except (DockerError, InventoryError, NodeError) as error:
        sys.exit(f"racks: {error}")


if __name__ == "__main__":
    main(sys.argv[1:])
