# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated node that this Python runs on, as the simulator's own code on the node reads it."""

from __future__ import annotations

import sys
from importlib import import_module

sys.path.append("/usr/lib/npu-simulator")
_hardware = import_module("npu_simulator.hardware")
NODE = import_module("npu_simulator.state").Node.from_environment()


def devices() -> list[int]:
    """Return the physical ids of the chips that a program can open; none without a running driver."""
    state = NODE.read()
    if state["running"]["driver"] is None:
        return []
    dead = state["faults"].get("npu_dead", [])
    return [npu["phy_id"] for npu in _hardware.on_the_bus(state) if npu["phy_id"] not in dead]


def chip() -> str:
    """Return the chip family of this node."""
    return str(NODE.read()["chip"])


def kernels_folder() -> str:
    """Return where precompiled operators for this node's chips lie below an operator folder."""
    return f"built-in/op_impl/ai_core/tbe/kernel/ascend{chip()}"
