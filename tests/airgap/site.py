# SPDX-License-Identifier: GPL-3.0-or-later
"""The site: simulated nodes and a controller, in a network of Docker that has no way out."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from typing import Any

from docker_engine import CHECKOUT_LABEL, docker

from airgap import connected

NETWORK = "fleet-airgap"
CONTROLLER = "fleet-airgap-controller"
IMAGE = "ascend-fleet/node:bookworm"
USER = "fleet"
LIMIT = 1500  # seconds for one command
_RECAP = re.compile(r"^(?P<host>airgap-\S+)\s*:(?P<figures>.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Run:
    """How a command ended: its status and all that it said."""

    status: int
    text: str

    @property
    def recap(self) -> dict[str, dict[str, int]]:
        """Return the figures of the last lines of a playbook, by host."""
        return {
            match["host"]: {key: int(count) for key, count in re.findall(r"(\w+)=(\d+)", match["figures"])}
            for match in _RECAP.finditer(self.text)
        }


def start() -> None:
    """Make the nodes and the controller, and bring the controller what somebody carries there by hand."""
    connected.simulator("racks.py", "fresh", "-i", str(connected.INVENTORY))
    docker(
        *("run", "--detach", "--init", "--name", CONTROLLER, "--hostname", "controller"),
        *("--network", NETWORK, "--label", f"{CHECKOUT_LABEL}={connected.ROOT}"),
        *("--entrypoint", "sleep", IMAGE, "infinity"),
    )
    root("rm", "-r", "/usr/local/bin")  # nothing is simulated on the controller
    home = f"/home/{USER}"
    carry = {
        connected.BUNDLE: "/srv/fleet",
        connected.INVENTORY: "/srv/fleet/inventory",
        connected.CATALOG: "/srv/fleet/catalog",
        **{
            connected.ROOT / ".demo/ssh" / name: f"{home}/.ssh/{name}"
            for name in ("id_ed25519", "known_hosts")
        },
    }
    root("mkdir", "--mode=700", f"{home}/.ssh")
    for here, there in carry.items():
        docker("cp", str(here), f"{CONTROLLER}:{there}")
    root("chown", "--recursive", USER, "/srv/fleet", home)


def stop() -> None:
    """Remove controller, nodes and network."""
    if docker("ps", "--all", "--quiet", "--filter", f"name=^{CONTROLLER}$"):
        docker("rm", "--force", "--volumes", CONTROLLER)
    if connected.INVENTORY.exists():
        connected.simulator("racks.py", "down", "-i", str(connected.INVENTORY))


def root(*words: str) -> str:
    """Run a command on the controller as root and return what it prints. Raises DockerError."""
    return docker("exec", CONTROLLER, *words)


def run(command: str, name: str = "") -> Run:
    """Run a line of shell on the controller, where the README of the bundle says: as a user, in /srv/fleet.

    What it says is also kept in ``name``.log.
    """
    words = ["docker", "exec", "--user", USER, "--workdir", "/srv/fleet", CONTROLLER, "bash", "-c", command]
    done = subprocess.run(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=LIMIT,
    )
    if name:
        (connected.FOLDER / f"{name}.log").write_text(done.stdout, encoding="utf-8")
    return Run(done.returncode, done.stdout)


def ansible(command: str, name: str = "") -> Run:
    """Run a line of shell in the Python environment that the bundle's script has made."""
    return run(f". venv/bin/activate && {command}", name)


def on_node(host: str, command: str) -> str:
    """Run a line of shell on a node as root and return what it prints. Raises DockerError."""
    return docker("exec", f"fleet-airgap-{host}", "bash", "-c", command)


def report() -> dict[str, dict[str, Any]]:
    """Return what the last run's report says, by host."""
    nodes = json.loads(root("cat", "/srv/fleet/reports/fleet.json"))["nodes"]
    return {node["host"]: node for node in nodes}
