# SPDX-License-Identifier: GPL-3.0-or-later
"""The containers that play the nodes: made, started, asked and removed."""

from __future__ import annotations

import hashlib
import io
import ipaddress
import json
import tarfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import node_access
from docker_engine import CHECKOUT_LABEL, DESCRIPTION_LABEL, INVENTORY_LABEL, DockerError, docker, last_words
from npu_simulator.fabric import FOLDER as SHARED_FOLDER
from npu_simulator.state import CALLS_LOG, STATE_FILE

if TYPE_CHECKING:
    from typing import Any

    from simulated_inventory import SimulatedNode

CHECKOUT = str(Path(__file__).resolve().parents[1])
START_SECONDS = 60
KEY_FILE = "/etc/ssh/authorized_keys/fleet"
ENGINE_SUITE = "docker"  # node/images.yml
HOST_KEY = "/etc/ssh/ssh_host_ed25519_key.pub"
# Half of the range for benchmarks between networks (RFC 2544); VPN programs like to take the other, 198.18.
ADDRESSES = ipaddress.ip_network("198.19.0.0/16")
NODES_PREFIX = 22


class NodeError(Exception):
    """A node cannot be made or reached; the message has its name, what was found and what to do."""


def description(node: SimulatedNode) -> str:
    """Return the checksum of everything that the inventory and the catalog say of a node."""
    facts = [node.name, node.number, node.port, node.suite, node.state, *["internal"][: node.internal]]
    content = json.dumps(facts, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def image(node: SimulatedNode) -> str:
    """Return the name of the image that a node is made from."""
    return f"ascend-fleet/node:{node.suite}"


def network_name(inventory: str) -> str:
    """Return the name of the Docker network of an inventory's nodes."""
    return f"fleet-{inventory}"


def create_arguments(node: SimulatedNode, network: ipaddress.IPv4Network) -> list[str]:
    """Return the arguments of ``docker create`` for a node in ``network``.

    SYS_ADMIN and the two unconfined profiles let the node mount its own boot id and sysfs folders; SYS_PTRACE
    lets its root see the open files of other users' processes, LINUX_IMMUTABLE use chattr. ``always`` brings
    it back when its process 1 ends, which is what a reboot is. The volume is the one place that the nodes of
    an inventory share: what each one's ports are, for `hccn_tool -ping`. A node with a Docker engine of its
    own makes networks for its containers, which NET_ADMIN allows. Who is in an internal network finds the
    node by its name there; the others by a port of this machine.
    """
    labels = {
        INVENTORY_LABEL: node.inventory,
        CHECKOUT_LABEL: CHECKOUT,
        DESCRIPTION_LABEL: description(node),
    }
    more = ["--cap-add", "NET_ADMIN"] if node.suite == ENGINE_SUITE else []
    way = ["--network-alias", node.name] if node.internal else ["--publish", f"127.0.0.1:{node.port}:22"]
    cgroups = "host" if node.state["environment"] == "container" else "private"
    return [
        *("--name", node.container, "--hostname", node.name),
        *("--network", network_name(node.inventory), "--ip", str(network[node.number + 2])),
        *("--mount", f"type=volume,source={network_name(node.inventory)},target={SHARED_FOLDER}"),
        *(*way, "--restart", "always", "--tmpfs", "/run"),
        *("--cap-add", "SYS_ADMIN", "--cap-add", "SYS_PTRACE", "--cap-add", "LINUX_IMMUTABLE"),
        *more,
        *("--security-opt", "seccomp=unconfined"),
        *("--security-opt", "apparmor=unconfined", "--cgroupns", cgroups),
        *(word for name, value in labels.items() for word in ("--label", f"{name}={value}")),
        image(node),
    ]


def make_network(inventory: str, *, internal: bool = False) -> ipaddress.IPv4Network:
    """Return the address range of the inventory's network, which is made unless it is there.

    An ``internal`` one has no way out. Raises NodeError when one of the other kind is there.
    """
    name = network_name(inventory)
    if not docker("network", "ls", "--quiet", "--filter", f"name=^{name}$"):
        _create_network(name, inventory, ["--internal"][:internal])
    wanted = "{{.Internal}} {{(index .IPAM.Config 0).Subnet}}"
    closed, subnet = docker("network", "inspect", "--format", wanted, name).split()
    if (closed == "true") != internal:
        kind = "without" if closed == "true" else "with"
        raise NodeError(
            f"network {name}: found one {kind} a way out, wanted the other kind, as simulator_internal says: "
            "racks.py down removes it with its nodes"
        )
    return ipaddress.IPv4Network(subnet)


def _create_network(name: str, inventory: str, options: list[str]) -> None:
    ranges = list(ADDRESSES.subnets(new_prefix=NODES_PREFIX))
    first = zlib.crc32(name.encode()) % len(ranges)
    labels = ["--label", f"{INVENTORY_LABEL}={inventory}", "--label", f"{CHECKOUT_LABEL}={CHECKOUT}"]
    for candidate in ranges[first:] + ranges[:first]:
        try:
            docker("network", "create", *options, *labels, "--subnet", str(candidate), name)
        except DockerError as error:
            if "overlaps" not in str(error):
                raise
        else:
            return
    raise NodeError(
        f"network {name}: found no free /{NODES_PREFIX} in {ADDRESSES}; remove networks of other inventories"
    )


@dataclass(frozen=True)
class Existing:
    """A container that is there. ``image`` is an id instead of a name when a newer image took the name."""

    name: str
    state: str  # in Docker's words: created, running, restarting, exited ...
    image: str
    checkout: str
    description: str


def existing(inventory: str) -> dict[str, Existing]:
    """Return the containers of an inventory by name."""
    fields = ["{{.Names}}", "{{.State}}", "{{.Image}}"]
    fields += [f'{{{{.Label "{label}"}}}}' for label in (CHECKOUT_LABEL, DESCRIPTION_LABEL)]
    label = f"label={INVENTORY_LABEL}={inventory}"
    lines = docker("ps", "--all", "--filter", label, "--format", "\t".join(fields)).splitlines()
    rows = (line.split("\t") for line in lines)
    return {row[0]: Existing(*row) for row in rows}


def usable(found: Existing | None) -> Existing | None:
    """Return ``found`` unless its making was cut short or its checkout is gone: such a node is made anew.

    Raises NodeError when another checkout owns it.
    """
    if not found or found.checkout == CHECKOUT:
        return found if found and found.state != "created" else None
    if Path(found.checkout).exists():
        raise NodeError(
            f"{found.name}: found a node of the checkout {found.checkout}, wanted one of {CHECKOUT}: "
            "run make clean there, then this again"
        )
    return None


def keep(node: SimulatedNode, found: Existing) -> None:
    """Let a node that is there go on as it is, and answer to this checkout's key. Raises NodeError."""
    if found.description != description(node):
        raise NodeError(
            f"{node.name}: found a node made from another description (the inventory or the catalog "
            "has changed since), wanted one as described now: racks.py fresh makes it anew, empty"
        )
    if found.state == "exited":
        docker("start", found.name)
    _give(node.container, {KEY_FILE: node_access.public_key()})


def make(node: SimulatedNode, network: ipaddress.IPv4Network) -> None:
    """Make a node as it comes from the factory, and start it."""
    docker("create", *create_arguments(node, network))
    state = json.dumps(node.state, indent=1) + "\n"
    _give(node.container, {STATE_FILE: state, KEY_FILE: node_access.public_key()})
    docker("start", node.container)


def wait_for(node: SimulatedNode) -> str:
    """Wait until the node answers SSH and return its host key. Raises NodeError with its last words."""
    host, port = place = _place(node)
    if not node_access.answers(place, START_SECONDS):
        raise NodeError(
            f"{node.name}: no SSH answer at port {port} of {host} within {START_SECONDS} s, "
            f"container {node.container} said last: {last_words(node.container) or 'nothing'}"
        )
    return docker("exec", node.container, "cat", HOST_KEY)


def _place(node: SimulatedNode) -> tuple[str, int]:
    """Return where this machine finds the node's sshd; the Docker host has an address in every network."""
    if not node.internal:
        return "127.0.0.1", node.port
    wanted = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
    return docker("inspect", "--format", wanted, node.container), node.port


def ask(container: str, *words: str) -> str:
    """Run the node's own command ``npu-simulator WORD ...`` and return what it printed."""
    return docker("exec", container, "/usr/lib/npu-simulator/run", "npu-simulator", *words)


def calls(node: SimulatedNode) -> list[dict[str, Any]]:
    """Return the log of vendor program calls on a node, oldest first."""
    return [json.loads(line) for line in docker("exec", node.container, "cat", CALLS_LOG).splitlines()]


def remove(names: list[str]) -> None:
    """Remove containers with all that they hold."""
    if names:
        docker("rm", "--force", "--volumes", *names)


def remove_network(inventory: str) -> None:
    """Remove the inventory's network, and what its nodes shared, once no node is left in it."""
    name = network_name(inventory)
    if not existing(inventory) and docker("network", "ls", "--quiet", "--filter", f"name=^{name}$"):
        docker("network", "rm", name)
        docker("volume", "rm", "--force", name)


def _give(container: str, files: dict[str, str]) -> None:
    """Put files of root into a container, running or not."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name.lstrip("/"))
            member.size = len(content.encode())
            member.mode = 0o666 if name == STATE_FILE else 0o644
            tar.addfile(member, io.BytesIO(content.encode()))
    docker("cp", "-", f"{container}:/", data=archive.getvalue())
