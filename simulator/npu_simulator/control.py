# SPDX-License-Identifier: GPL-3.0-or-later
"""The node's own command `npu-simulator`: show the state, set and clear faults."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TextIO

from npu_simulator import device_nodes, device_users, kernel
from npu_simulator.hardware import refresh_pci_tree
from npu_simulator.hccn_tool.history import note_faults

if TYPE_CHECKING:
    from npu_simulator.state import Node

USAGE = "usage: npu-simulator state | fault KEY [JSON] | clear\n"
_ONE_VALUE = 2
FAULTS = frozenset(
    {
        "installer_fails",
        "installer_half",
        "installer_lies",
        "installer_hangs",
        "disk_full",
        "read_only",
        "device_users",
        "kernel_headers_missing",
        "hot_reset",
        "power_off_at",
        "power_off_after",
        "hccn_ignores_set",
        "link_down",
        "npu_health",
        "error_codes",
        "npu_gone",
        "npu_dead",
        "npu_smi_init",
        "npu_smi_ignores_set",
        "npu_smi_lies",
        "npu_smi_hangs",
        "hccn_busy",
        "hccn_fails",
        "lldp_port",
        "optical_absent",
        "ping_fails",
        "ping_loses",
        "no_reboot",
        "no_return",
    }
)


def main(argv: list[str], node: Node, _stdin: TextIO, stdout: TextIO, stderr: TextIO) -> int:
    """Run ``state``, ``fault KEY JSON`` (set), ``fault KEY`` (clear) or ``clear`` (all faults off)."""
    if argv == ["state"]:
        stdout.write(json.dumps(node.read(), indent=2) + "\n")
        return 0
    if argv == ["clear"]:
        with node.change() as state:
            state["faults"] = {}
            note_faults(state)
        _take_effect(node)
        return 0
    if argv[:1] == ["released"] and len(argv) == _ONE_VALUE:
        device_users.released(node, int(argv[1]))
        return 0
    if argv[:1] == ["fault"] and len(argv) in {2, 3}:
        return _fault(argv[1], argv[2:], node, stderr)
    stderr.write(USAGE)
    return 2


def _fault(key: str, value: list[str], node: Node, stderr: TextIO) -> int:
    if key not in FAULTS:
        stderr.write(f"npu-simulator: found fault {key}, wanted one of {', '.join(sorted(FAULTS))}\n")
        return 2
    try:
        setting = json.loads(value[0]) if value else None
    except ValueError as error:
        stderr.write(f"npu-simulator: the value of {key} is no JSON: {error}\n")
        return 2
    with node.change() as state:
        state["faults"].pop(key, None)
        if value:
            state["faults"][key] = setting
        note_faults(state)
    try:
        _take_effect(node, key)
    except ValueError as error:
        stderr.write(f"npu-simulator: {error}\n")
        return 2
    return 0


def _take_effect(node: Node, key: str | None = None) -> None:
    """Do to the running node what the faults ask for at once; ``key`` names the only one that changed."""
    refresh_pci_tree(node)
    device_nodes.refresh(node)
    if key in {None, "kernel_headers_missing"}:
        kernel.settle_headers(node)
    if key in {None, "device_users"}:
        device_users.settle(node)
