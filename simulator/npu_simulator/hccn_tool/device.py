# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls that hccn_tool makes to a device, with the faults that a device can have."""

from __future__ import annotations

import copy
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from npu_simulator import fabric
from npu_simulator.hccn_tool import ipv4
from npu_simulator.hccn_tool.messages import Code, HccnError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from npu_simulator.state import Node, Npu, State

HEALTH_RETRIES = 300  # one a second: real-programs.md H17
GROUP = 4
_UNSET = {None, "0.0.0.0"}
_SUCCESS, _UNREACHABLE, _INIT = 0, 3, 6


class Device:
    """One device of the node, by physical id."""

    def __init__(self, node: Node, phy_id: int) -> None:
        """Address the device ``phy_id``; nothing is asked yet."""
        self.node = node
        self.phy_id = phy_id

    def check_health(self) -> None:
        """Wait for the device's health as every call does first.

        Raises HccnError DEVICE_MISSING at once for a device off the bus (910B/251), HEALTH_TIMEOUT after
        300 s for one that does not say how it is (910B/255).
        """
        for _second in range(HEALTH_RETRIES):
            state = self.node.read()
            if is_gone(state, self.phy_id):
                raise HccnError(Code.DEVICE_MISSING)
            if not _has_fault(state, "npu_dead", self.phy_id):
                return
            time.sleep(1)
        raise HccnError(Code.HEALTH_TIMEOUT)

    @contextmanager
    def asked(self) -> Iterator[Npu]:
        """Give the device's state for reading. Raises HccnError BUSY, or EXECUTE when the device fails."""
        self._take_busy_answer()
        state = self.node.read()
        if _has_fault(state, "hccn_fails", self.phy_id):
            raise HccnError(Code.EXECUTE)
        yield npu_of(state, self.phy_id)

    @contextmanager
    def ordered(self) -> Iterator[Npu]:
        """Give the device's state for changing; a device that ignores orders keeps the old one.

        Raises HccnError PERMISSION (caller is not root), BUSY or EXECUTE.
        """
        if not self.node.is_root:
            raise HccnError(Code.PERMISSION)
        self._take_busy_answer()
        with self.node.change() as state:
            if _has_fault(state, "hccn_fails", self.phy_id):
                raise HccnError(Code.EXECUTE)
            npu = npu_of(state, self.phy_id)
            yield copy.deepcopy(npu) if _has_fault(state, "hccn_ignores_set", self.phy_id) else npu

    def link(self) -> str:
        """Return UP or DOWN."""
        with self.asked() as npu:
            return link_of(self.node.read(), npu)

    def _take_busy_answer(self) -> None:
        key = str(self.phy_id)
        with self.node.change() as state:
            left = state["faults"].get("hccn_busy", {})
            busy = left.get(key, 0) > 0
            if busy:
                left[key] -= 1
        if busy:
            raise HccnError(Code.BUSY)


def npu_of(state: State, phy_id: int) -> Npu:
    """Return the device with this physical id."""
    return next(npu for npu in state["npus"] if npu["phy_id"] == phy_id)


def is_gone(state: State, phy_id: int) -> bool:
    """Tell whether the device is off the bus."""
    return not npu_of(state, phy_id)["present"] or _has_fault(state, "npu_gone", phy_id)


def link_of(state: State, npu: Npu) -> str:
    """Return UP or DOWN, a broken cable included."""
    return "DOWN" if _has_fault(state, "link_down", npu["phy_id"]) else npu["link"]


def net_health_of(node: Node, state: State, npu: Npu) -> int:
    """Return the code of the network health: what the state file says, else what detection would find."""
    live = npu["live"]
    if npu["net_health"] != _INIT:
        return npu["net_health"]
    if link_of(state, npu) == "DOWN":
        return _UNREACHABLE
    if live["netdetect"] in _UNSET:
        return _INIT
    return _SUCCESS if _detects(node, state, npu, str(live["netdetect"])) else _UNREACHABLE


def _detects(node: Node, state: State, npu: Npu, address: str) -> bool:
    """Tell whether detection finds ``address``: a device of the rack must answer, others only be in reach."""
    if fabric.knows(node, state, address):
        return fabric.answers(node, state, npu, address)
    return reaches(npu, address)


def reaches(npu: Npu, address: str) -> bool:
    """Tell whether the device has a way to ``address``: its own net, or a default gateway."""
    live = npu["live"]
    if not live["address"] or not live["netmask"]:
        return False
    return live["gateway"] is not None or ipv4.same_net(live["address"], address, live["netmask"])


def group_of(state: State, phy_id: int) -> list[Npu]:
    """Return the devices of the same group of four (0-3, 4-7), this one included."""
    first = phy_id - phy_id % GROUP
    return [npu for npu in state["npus"] if first <= npu["phy_id"] < first + GROUP]


def sister_of(state: State, phy_id: int) -> list[Npu]:
    """Return the two dies of the NPU that the device is a die of, this one included."""
    return [npu for npu in state["npus"] if npu["phy_id"] // 2 == phy_id // 2]


def _has_fault(state: State, key: str, phy_id: int) -> bool:
    return phy_id in state["faults"].get(key, [])
