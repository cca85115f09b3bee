# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts that are directories of this machine: real playbooks against the simulated programs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import yaml
from npu_simulator import fabric
from npu_simulator.state import CALLS_LOG, Node, fresh_state

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = f"""#!/bin/sh
PYTHONPATH={ROOT}/simulator exec {sys.executable} -m npu_simulator "$(basename "$0")" "$@"
"""
CHIP = {"npu_smi_names": ["910B3"], "pci": ["19e5:d802"]}


class LocalHosts:
    """Some simulated hosts that share a network, and the playbooks that run on them."""

    def __init__(self, folder: Path, names: list[str], family: str = "910b") -> None:
        self.folder = folder
        self.programs = folder / "bin"
        self.programs.mkdir()
        program = self.programs / "hccn_tool"  # alone: the hosts have no npu-smi
        program.write_text(PROGRAM, encoding="utf-8")
        program.chmod(0o755)
        (folder / "fabric").mkdir()
        self.nodes = {name: self._make(name, number, family) for number, name in enumerate(names)}

    def _make(self, name: str, number: int, family: str) -> Node:
        root = self.folder / name
        dies = 2 if family == "910_93" else 1
        product = {"key": "test", "name": "Test", "chip": family, "npus": 8, "chips_per_npu": dies}
        state = fresh_state(product, CHIP, "aarch64", number)
        state["running"]["driver"] = "25.5.1"
        node = Node(str(root), uid=0)
        node.name = name
        node.create(state)
        (root / "etc").mkdir()
        (root / "etc/hccn.conf").touch()
        node.path(fabric.FOLDER).symlink_to(self.folder / "fabric")
        return node

    def address(self, name: str, phy_id: int, address: str, gateway: str | None = None) -> None:
        """Give a device an address in a /24 net."""
        with self.nodes[name].change() as state:
            live = state["npus"][phy_id]["live"]
            live.update(address=address, netmask="255.255.255.0", gateway=gateway)

    def calls(self, name: str) -> list[list[str]]:
        """Return the calls of hccn_tool on a host, oldest first."""
        log = self.nodes[name].path(CALLS_LOG)
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        return [json.loads(line)["argv"] for line in lines if json.loads(line)["program"] == "hccn_tool"]

    def fault(self, name: str, **faults) -> None:
        """Break something on a host."""
        with self.nodes[name].change() as state:
            state["faults"] = faults

    def play(self, play: dict, *arguments: str, **variables) -> subprocess.CompletedProcess:
        """Run a play on the hosts; ``variables`` are those of each host by its name."""
        hosts = {
            name: {
                "ansible_connection": "local",
                "ansible_become": False,
                "ansible_python_interpreter": sys.executable,
                "simulated_root": str(self.folder / name),
                "simulated_host": name,
                **variables.get(name, {}),
            }
            for name in self.nodes
        }
        inventory, book = self.folder / "hosts.yml", self.folder / "play.yml"
        inventory.write_text(yaml.safe_dump({"all": {"hosts": hosts}}, sort_keys=False), encoding="utf-8")
        environment = {
            "PATH": f"{self.programs}:{os.environ['PATH']}",
            "NPU_SIMULATOR_ROOT": "{{ simulated_root }}",
            "NPU_SIMULATOR_HOST": "{{ simulated_host }}",
        }
        whole = {"hosts": "all", "gather_facts": False, "environment": environment, **play}
        book.write_text(yaml.safe_dump([whole], sort_keys=False), encoding="utf-8")
        program = Path(sys.executable).with_name("ansible-playbook")
        command = [str(program), "-i", str(inventory), *arguments, str(book)]
        settings = {
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".ansible/collections"),
            "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default",
            "ANSIBLE_CALLBACK_RESULT_FORMAT": "json",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOCALHOST_WARNING": "False",
        }
        return subprocess.run(
            command,
            cwd=self.folder,
            env={**os.environ, **settings},
            capture_output=True,
            text=True,
            check=False,
        )


def recap(run: subprocess.CompletedProcess) -> dict[str, dict[str, int]]:
    """Return what the last lines of a run say of each host."""
    found = {}
    for line in run.stdout.split("PLAY RECAP")[-1].splitlines():
        name, colon, rest = line.partition(" : ")
        if colon:
            pairs = (word.split("=") for word in rest.split())
            found[name.strip()] = {key: int(value) for key, value in pairs}
    return found


def read_json(path: Path) -> dict:
    """Return what a JSON file holds."""
    return json.loads(path.read_text(encoding="utf-8"))
