# SPDX-License-Identifier: GPL-3.0-or-later
"""Boot a simulated node: process 1 of its container, until sshd takes its place.

Docker starts the container anew when process 1 ends, which is what a reboot does. Everything that a boot
changes is therefore done here.
"""

from __future__ import annotations

import os
import subprocess
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from npu_simulator.hardware import PCI_TREE, write_pci_tree
from npu_simulator.state import Node

if TYPE_CHECKING:
    from npu_simulator.state import State

PROGRAM = Path("/usr/lib/npu-simulator/run")
RUNTIME = Path("/run/npu-simulator")  # in a tmpfs: empty after each boot
IDENTITY = Path("/etc/npu-simulator")  # read by sitecustomize.py, uname, arch and systemd-detect-virt
HOST_KEY = Path("/etc/ssh/ssh_host_ed25519_key")
DOCKER_MARK = Path("/.dockerenv")
PCI_DEVICES = Path("/sys/bus/pci/devices")
DMI = Path("/sys/devices/virtual/dmi/id")
ENGINES = ("containerd", "docker")
SERVICES = Path("/etc/init.d")
ENABLED = Path("/etc/rc2.d")  # what starts with the system: S and a number before the name
CONTROL_GROUPS = Path("/sys/fs/cgroup")
MAKERS = {"bare_metal": "Huawei", "vm": "QEMU", "container": "Huawei"}


def main() -> None:
    """Boot, and become sshd."""
    state = wait_for_power(Node())
    RUNTIME.mkdir()
    write_identity(state, IDENTITY)
    write_pci_tree(state, Path(PCI_TREE))
    write_dmi(state, RUNTIME / "dmi")
    write_boot_id(RUNTIME / "boot_id")
    show(Path(PCI_TREE), PCI_DEVICES)
    show(RUNTIME / "dmi", DMI)
    show(RUNTIME / "boot_id", Path("/proc/sys/kernel/random/boot_id"))
    if state["environment"] != "container" and DOCKER_MARK.exists():
        DOCKER_MARK.unlink()
    subprocess.run([PROGRAM, "boot"], check=True)
    connect_power_switch(RUNTIME / "power")
    start_engines(SERVICES)
    start_web_server(ENABLED)
    become_sshd()


def wait_for_power(node: Node) -> State:
    """Return the node's state, but not while the fault `no_return` keeps the node away."""
    state = node.read()
    if state["faults"].get("no_return"):
        print("npu-simulator: the fault no_return keeps this node away until it is cleared", flush=True)
    while state["faults"].get("no_return"):
        time.sleep(1)
        state = node.read()
    return state


def write_identity(state: State, folder: Path) -> None:
    """Write what the stand-ins of uname and systemd-detect-virt say until the next boot."""
    (folder / "arch").write_text(f"{state['arch']}\n", encoding="ascii")
    (folder / "environment").write_text(f"{state['environment']}\n", encoding="ascii")


def write_dmi(state: State, folder: Path) -> None:
    """Write the files that tell maker and model of the server; without them sysfs has the Docker host's."""
    folder.mkdir()
    (folder / "sys_vendor").write_text(f"{MAKERS[state['environment']]}\n", encoding="utf-8")
    (folder / "product_name").write_text(f"{state['dmi_product']}\n", encoding="utf-8")


def write_boot_id(file: Path) -> None:
    """Give this boot its own id: the kernel's is the Docker host's and stays."""
    file.write_text(f"{uuid.uuid4()}\n", encoding="ascii")
    file.chmod(0o444)


def show(made: Path, real: Path) -> None:
    """Show the file or folder ``made`` at ``real``, whether or not the Docker host has something there."""
    if real.exists():
        bind(made, real)
        return
    parent = next(folder for folder in real.parents if folder.exists())
    stage = RUNTIME / f"with_{real.name}"
    for (
        child
    ) in parent.iterdir():  # no folder can be made in sysfs: show a copy of the parent that has one more
        (stage / child.name).mkdir(parents=True)
        bind(child, stage / child.name)
    place = stage / real.relative_to(parent)
    place.mkdir(parents=True)
    bind(made, place)
    bind(stage, parent)


def bind(source: Path, target: Path) -> None:
    """Mount ``source``, with what is mounted below it, at ``target`` as well."""
    subprocess.run(["mount", "--rbind", source, target], check=True)


def connect_power_switch(switch: Path) -> None:
    """Let whoever writes into ``switch`` cut the power: process 1 ends, and with it everything at once."""
    os.mkfifo(switch)
    switch.chmod(0o622)
    subprocess.Popen(["/bin/sh", "-c", 'read -r word <"$0"; kill -TERM 1', switch])


def start_engines(services: Path) -> None:
    """Start the node's own container engines, which make control groups below those of the node."""
    engines = [name for name in ENGINES if (services / name).exists()]
    if not engines:
        return
    for folder in (CONTROL_GROUPS, *CONTROL_GROUPS.iterdir()):
        if folder.is_mount() and not folder.is_symlink():
            subprocess.run(["mount", "-o", "remount,bind,rw", folder], check=True)
    for name in engines:
        subprocess.run(["service", name, "start"], check=True)


def start_web_server(enabled: Path) -> None:
    """Start nginx where it was installed and enabled: the mirror of a rack serves after a reboot, too."""
    if list(enabled.glob("S??nginx")):
        subprocess.run(["service", "nginx", "start"], check=True)


def become_sshd() -> None:
    """Replace this process by sshd; its host key is made at the first boot, inside the node."""
    if not HOST_KEY.exists():
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", HOST_KEY], check=True)
    Path("/run/sshd").mkdir()
    os.execv("/usr/sbin/sshd", ["/usr/sbin/sshd", "-D", "-e"])


if __name__ == "__main__":
    main()
