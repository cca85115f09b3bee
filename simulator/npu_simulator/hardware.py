# SPDX-License-Identifier: GPL-3.0-or-later
"""What the host itself shows of its NPUs: lspci, dmidecode and the PCI part of sysfs."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from pathlib import Path

    from npu_simulator.state import Node, Npu, State

USAGE_ERROR = 1
NOT_SIMULATED = 70
PCI_TREE = "/run/npu-simulator/pci"  # shown at /sys/bus/pci/devices
PCI_CLASS = "0x120000"  # processing accelerator
_CLASS_NAME = "Processing accelerators"
_VENDORS = {"19e5": "Huawei Technologies Co., Ltd."}
_REVISION = "20"  # lspci of 910B servers in the field


def on_the_bus(state: State) -> list[Npu]:
    """Return the chips that the PCI bus still shows."""
    gone = state["faults"].get("npu_gone", [])
    return [npu for npu in state["npus"] if npu["present"] and npu["phy_id"] not in gone]


def write_pci_tree(state: State, folder: Path) -> None:
    """Make ``folder`` hold what /sys/bus/pci/devices shows of the NPUs, without those that are gone."""
    chips = {_place(npu): npu for npu in on_the_bus(state)}
    folder.mkdir(parents=True, exist_ok=True)
    for entry in folder.iterdir():
        if entry.name not in chips:
            shutil.rmtree(entry)
    for bus_id, npu in chips.items():
        device = folder / bus_id
        device.mkdir(exist_ok=True)
        (device / "class").write_text(PCI_CLASS + "\n", encoding="utf-8")
        for name, value in npu["pci"].items():
            (device / name).write_text(f"0x{value}\n", encoding="utf-8")


def _place(npu: Npu) -> str:
    """Return where sysfs shows a chip. npu-smi has no bus id of a system on chip; this one is made up."""
    return npu["bus_id"].lower() if npu["bus_id"] != "NA" else "0000:00:00.0"


def refresh_pci_tree(node: Node) -> None:
    """Let the PCI bus of a running node show what its state says now; root only."""
    folder = node.path(PCI_TREE)
    if folder.is_dir():
        write_pci_tree(node.read(), folder)


def main(argv: list[str], node: Node, _stdin: TextIO, stdout: TextIO, stderr: TextIO) -> int:
    """Run ``lspci ARGUMENTS`` or ``dmidecode ARGUMENTS``; exit status 70 for what is not simulated."""
    program, words = argv[0], argv[1:]
    if program == "lspci":
        return _lspci(words, node.read(), stdout, stderr)
    return _dmidecode(words, node, stdout, stderr)


def _not_simulated(program: str, words: list[str], stderr: TextIO) -> int:
    stderr.write(f"{program}: not simulated: {' '.join(words)}\n")
    return NOT_SIMULATED


def _lspci(words: list[str], state: State, stdout: TextIO, stderr: TextIO) -> int:
    """List the NPUs (a real host lists more), with ``-n``, ``-nn`` and ``-D`` understood."""
    if not set(words) <= {"-n", "-nn", "-D"}:
        return _not_simulated("lspci", words, stderr)
    functions = {_place(npu): npu for npu in on_the_bus(state)}  # two chips of a Duo are one function
    for bus_id, npu in sorted(functions.items()):
        stdout.write(f"{bus_id if '-D' in words else bus_id.split(':', 1)[1]} {_function(npu, words)}\n")
    return 0


def _function(npu: Npu, words: list[str]) -> str:
    vendor, device = npu["pci"]["vendor"], npu["pci"]["device"]
    class_id = PCI_CLASS[2:6]
    if "-n" in words:
        return f"{class_id}: {vendor}:{device} (rev {_REVISION})"
    name = _VENDORS.get(vendor, "Unknown vendor")
    if "-nn" in words:
        return f"{_CLASS_NAME} [{class_id}]: {name} Device [{vendor}:{device}] (rev {_REVISION})"
    return f"{_CLASS_NAME}: {name} Device {device} (rev {_REVISION})"


def _dmidecode(words: list[str], node: Node, stdout: TextIO, stderr: TextIO) -> int:
    """Tell the server's own name: ``-t 1`` (or ``-t system``) and ``-s system-product-name``; root only."""
    product = node.read()["dmi_product"]
    if not node.is_root:
        stdout.write("# dmidecode 3.4\nScanning /dev/mem for entry point.\n")
        stderr.write("/sys/firmware/dmi/tables/smbios_entry_point: Permission denied\n")
        stderr.write("/dev/mem: Permission denied\n")
        return USAGE_ERROR
    if words == ["-s", "system-product-name"]:
        stdout.write(product + "\n")
    elif words in (["-t", "1"], ["-t", "system"]):
        stdout.write(_system_table(product))
    else:
        return _not_simulated("dmidecode", words, stderr)
    return 0


def _system_table(product: str) -> str:
    lines = ["Manufacturer: Huawei", f"Product Name: {product}", "Version: To be filled by O.E.M."]
    lines += ["Serial Number: Not Specified", "Wake-up Type: Power Switch", "Family: Not Specified"]
    head = "# dmidecode 3.4\nGetting SMBIOS data from sysfs.\nSMBIOS 3.3.0 present.\n\n"
    return head + "Handle 0x0001, DMI type 1, 27 bytes\nSystem Information\n\t" + "\n\t".join(lines) + "\n\n"
