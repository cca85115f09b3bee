# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in of the driver's upgrade-tool: the system version and the boot status of each device.

Only the parts that others rely on are known: `Get system version(V) succeed` with its JSON line (samples of
drivers 21.0.1 and 22.0.3), and `boot status:16` on one line per device that is up (hicann/driver
run_driver_install.sh counts them, and takes any line with "fail" for a device that is not).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from npu_simulator.hardware import on_the_bus

if TYPE_CHECKING:
    from npu_simulator.state import Node, Npu, State

STARTED = 16
NOT_SIMULATED = 70
FAILED = 1
_QUESTIONS = ("--system_version", "--boot_status")
_WORDS = 3  # --device_index N QUESTION


def main(argv: list[str], node: Node, _stdin: TextIO, stdout: TextIO, stderr: TextIO) -> int:
    """Run `upgrade-tool --device_index N --system_version|--boot_status`; N is a logic id, or -1 for all."""
    if len(argv) != _WORDS or argv[0] != "--device_index" or argv[2] not in _QUESTIONS or not node.is_root:
        stderr.write(f"upgrade-tool: not simulated: {' '.join(argv)} (user id {node.uid})\n")
        return NOT_SIMULATED
    state = node.read()
    chips = [npu for npu in on_the_bus(state) if argv[1] in {"-1", str(npu["logic_id"])}]
    if not chips or state["running"]["driver"] is None:
        stderr.write(f"{argv[2]} fail: no device {argv[1]}\n")
        return FAILED
    answer = _system_version if argv[2] == _QUESTIONS[0] else _boot_status
    stdout.write("{\n" + "".join(answer(npu, state) for npu in chips) + "}\n")
    return 0


def _dead(npu: Npu, state: State) -> bool:
    return npu["phy_id"] in state["faults"].get("npu_dead", [])


def _system_version(npu: Npu, state: State) -> str:
    device, version = npu["logic_id"], state["running"]["driver"]
    if _dead(npu, state):
        return f"Get system version fail, deviceId({device})\n"
    head = f"Get system version({version}) succeed, deviceId({device})\n"
    return head + f'\t{{"device_id":{device}, "version":{version}}}\n'


def _boot_status(npu: Npu, state: State) -> str:
    device = npu["logic_id"]
    if _dead(npu, state):
        return f"Get device({device}) boot status fail\n"
    return f'\t{{"device_id":{device}, boot status:{STARTED}}}\n'
