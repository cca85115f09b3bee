# SPDX-License-Identifier: GPL-3.0-or-later
"""The node's power: what cuts it in the middle of something, once, as the faults say.

``power_off_at`` maps a part to a stage of its installer; ``power_off_after`` maps a vendor program to the
number of its calls that are still let through. Process 1 ends, all else dies with it, and Docker starts
the node again: what lies on the disk stays as it is.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from npu_simulator.state import Node

SWITCH = "/run/npu-simulator/power"  # a FIFO on whose other side node/init.py waits
STAGES = ("begin", "removal", "files", "scripts", "before_version", "end")
_LONG_S = 60.0


def reach(node: Node, part: str, stage: str) -> None:
    """Cut the power when the fault ``power_off_at`` wants it at this ``stage`` of the installer."""
    if (node.read()["faults"].get("power_off_at") or {}).get(part) == stage:
        _forget(node, "power_off_at", part)
        cut(node)


def count_call(node: Node, program: str) -> None:
    """Cut the power after the call of ``program`` that the fault ``power_off_after`` counts down to."""
    left = (node.read()["faults"].get("power_off_after") or {}).get(program)
    if left is None:
        return
    if left > 1:
        with node.change() as state:
            state["faults"]["power_off_after"][program] = left - 1
        return
    _forget(node, "power_off_after", program)
    cut(node)


def cut(node: Node) -> None:
    """Cut the power; does not return. Raises OSError on a node without a switch."""
    descriptor = os.open(node.path(SWITCH), os.O_WRONLY | os.O_NONBLOCK)
    os.write(descriptor, b"off\n")
    os.close(descriptor)
    while True:
        time.sleep(_LONG_S)


def _forget(node: Node, fault: str, key: str) -> None:
    with node.change() as state:
        del state["faults"][fault][key]
        if not state["faults"][fault]:
            del state["faults"][fault]
