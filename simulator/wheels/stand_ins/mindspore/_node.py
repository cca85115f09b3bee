# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated node that this Python runs on, as the simulator's own code on the node reads it."""

from __future__ import annotations

import os
import sys
from importlib import import_module

sys.path.append("/usr/lib/npu-simulator")
_hardware = import_module("npu_simulator.hardware")
_NODE = import_module("npu_simulator.state").Node.from_environment()
_LIBRARY = "libge_runner.so"


def devices() -> list[int]:
    """Return the physical ids of the chips that a program can open; none without a running driver."""
    state = _NODE.read()
    if state["running"]["driver"] is None:
        return []
    dead = state["faults"].get("npu_dead", [])
    return [npu["phy_id"] for npu in _hardware.on_the_bus(state) if npu["phy_id"] not in dead]


def has_cann() -> bool:
    """Tell whether the libraries of CANN are where the environment says."""
    folders = os.environ.get("LD_LIBRARY_PATH", "").split(":")
    return any(folder and os.path.isfile(_NODE.path(f"{folder}/{_LIBRARY}")) for folder in folders)
