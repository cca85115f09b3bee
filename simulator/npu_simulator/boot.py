# SPDX-License-Identifier: GPL-3.0-or-later
"""What a boot does to a simulated node, and the programs that ask for one.

A boot makes the pending driver and firmware live, the devices lose their network settings, and the driver's
service replays them from /etc/hccn.conf in the background, one `hccn_tool -cfg recovery` per device.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, TextIO

from npu_simulator import __main__ as programs
from npu_simulator import board_image, device_nodes, fabric, kernel
from npu_simulator.installers.files import InstallInfo, read, value
from npu_simulator.installers.version_check import fits
from npu_simulator.live import fresh_live
from npu_simulator.npu_smi import at_boot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from npu_simulator.state import Node, State

HCCN_CONF = "/etc/hccn.conf"
RUN = "/usr/lib/npu-simulator/run"
NET_HEALTH_INIT = 6
END_PROCESS_ONE = "import os, signal, sys, time; time.sleep(float(sys.argv[1])); os.kill(1, signal.SIGTERM)"
GRACE_S = 1.0
_MINUTE_S = 60
_NOT_ROOT = "{program}: Need to be root\n"


def main(argv: list[str], node: Node, _stdin: TextIO, _stdout: TextIO, stderr: TextIO) -> int:
    """Run ``boot``, ``boot replay``, ``shutdown [option ...] [time]`` or ``reboot [option ...]``."""
    if argv == ["boot"]:
        boot(node)
        return 0
    if argv == ["boot", "replay"]:
        replay(node)
        return 0
    program, words = argv[0], argv[1:]
    if program not in {"shutdown", "reboot"}:
        stderr.write(f"usage: boot [replay], found {' '.join(argv)}\n")
        return 2
    if not node.is_root:
        stderr.write(_NOT_ROOT.format(program=program))
        return 1
    if "-c" not in words and not node.read()["faults"].get("no_reboot"):
        fabric.leave(node)
        start_in_background([sys.executable, "-c", END_PROCESS_ONE, str(delay_s(words))])
    return 0


def boot(node: Node) -> None:
    """Do what a start of the machine does, and begin the replay of the device network."""
    image_driver = node.read().get("image_driver")
    if image_driver:
        board_image.lay_down(node, image_driver)
    driver = image_driver or complete_driver(node)
    fabric.open_to_all(node)
    with node.change() as state:
        state["boots"] += 1
        state["pending"]["driver"] = None
        state["faults"].pop("device_users", None)
        _settle_chips(state)
        at_boot.restore(node, state)
        driver = driver if driver is not None and _takes_firmware(node, state) else None
        state["running"]["driver"] = driver
    device_nodes.refresh(node)
    kernel.settle_headers(node)
    if driver is not None and read(node, HCCN_CONF):
        start_in_background([RUN, "boot", "replay"])


def _settle_chips(state: State) -> None:
    firmware = state["pending"]["firmware"]
    for npu in state["npus"]:
        npu["live"] = fresh_live(npu["live"]["tls_enable"])
        npu["net_health"] = NET_HEALTH_INIT
        npu["link_changes"] = [{"time": time.time(), "link": "UP"}]
        npu["ai_core_percent"] = 0
        npu["processes"] = []
        if firmware is not None and npu["present"]:
            npu["firmware"] = firmware
    state["pending"]["firmware"] = None


def complete_driver(node: Node) -> str | None:
    """Return the version of the driver that the kernel loads: the installed one, if it is complete."""
    info = InstallInfo(node)
    base = f"{info.get('Driver_Install_Path_Param')}/driver"
    version = value(node, f"{base}/version.info", "Version")
    finished = info.get("Driver_Install_Status") == "complete"
    if version and finished and node.path(f"{base}/tools/upgrade-tool").exists():
        return version
    return None


def _takes_firmware(node: Node, state: State) -> bool:
    """Tell whether the installed driver starts on the chips' firmware (facts 3.1: mismatch)."""
    base = f"{InstallInfo(node).get('Driver_Install_Path_Param')}/driver"
    ranges = value(node, f"{base}/version.info", "compatible_version_fw")
    versions = {npu["firmware"] for npu in state["npus"] if npu["present"]}
    return all(version is None or fits(ranges, version) for version in versions)


def replay(node: Node) -> None:
    """Restore the saved network settings of every device, one after the other."""
    for npu in node.read()["npus"]:
        words = ["-i", str(npu["phy_id"]), "-cfg", "recovery"]
        programs.run("hccn_tool", words, node, (io.StringIO(), io.StringIO(), io.StringIO()))


def delay_s(words: Sequence[str]) -> float:
    """Return how many seconds `shutdown` waits: its time argument is in minutes, `now` is none."""
    for word in words:
        number = word[1:] if word.startswith("+") else word
        if number.isdigit():
            return int(number) * _MINUTE_S + GRACE_S
    return GRACE_S


def start_in_background(command: Sequence[str]) -> None:
    """Start a process that outlives this one."""
    subprocess.Popen(  # the child is nobody's to wait for: process 1 takes it over
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
        env=dict(os.environ),
    )
