# SPDX-License-Identifier: GPL-3.0-or-later
"""What a boot makes of the settings of npu-smi: what was due counts, what nothing restores is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from npu_simulator.npu_smi import share_file
from npu_simulator.npu_smi.resets import settle

if TYPE_CHECKING:
    from npu_simulator.state import Node, Npu, State

_LIVE_ONLY = {"op-timeout-cfg": "", "custom-op": "custom-op-cfg-recover"}  # and the switch that restores them


def restore(node: Node, state: State) -> None:
    """Change the state of a node that starts. real-programs.md N22: shares of an A3 are not replayed."""
    kept = state.get("npu_smi_settings", {})
    shared = share_file.replayed(node) if state["chip"] != "910_93" else set()
    if kept.get("multi-die-policy-cfg-recover") != "1":
        kept.pop("multi-die-policy", None)
    for npu in state["npus"]:
        _restore_chip(npu, kept, npu["npu_id"] in shared)


def _restore_chip(npu: Npu, kept: dict[str, str], shared: bool) -> None:
    readings = npu["readings"]
    settle(readings)
    if readings.get("device_share") or shared:
        readings["device_share"] = shared
    for type_, switch in _LIVE_ONLY.items():
        if kept.get(switch) != "1":
            readings.get("settings", {}).pop(type_, None)
    if readings.get("vnpus") and kept.get("vnpu-cfg-recover", "1") == "0":
        readings["vnpus"] = []
