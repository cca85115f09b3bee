# SPDX-License-Identifier: GPL-3.0-or-later
"""Take the driver away: `--uninstall` of the package, and what an installation removes before it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from npu_simulator import immutable, kernel
from npu_simulator.installers import system
from npu_simulator.installers.driver import layout
from npu_simulator.installers.driver.run import DEFAULT_PATH
from npu_simulator.installers.files import remove, remove_if_empty
from npu_simulator.installers.session import GREEN, INSTALL_LOG, PLAIN, RED

if TYPE_CHECKING:
    from npu_simulator.installers.driver.run import DriverRun
    from npu_simulator.installers.session import HdkVoice, Session
    from npu_simulator.state import Node

NOT_INSTALLED = (
    "[ERROR]ERR_NO:0x0080;ERR_DES:Driver package is not installed on this device, uninstall failed"
)
STAT_ERROR = ("stat: missing operand", "Try 'stat --help' for more information.")
OCCUPIED = (
    "The davinci nodes are occupied by some processes, please stop processes and install or uninstall again"
)
RECORD_KEYS = (
    "Driver_Install_Path_Param",
    "Driver_Install_Type",
    "Driver_Install_Mode",
    "Driver_Install_Status",
)
FORCE_HINT = "If you want to install or uninstall the driver forcibly, add the force parameter."


def uninstall(run: DriverRun) -> None:
    """Uninstall as `--uninstall` does; without an installation it fails. Ends with Finished."""
    if not run.installed_path:
        run.record("failed")
        raise run.voice.refuse(NOT_INSTALLED)
    install_type = run.installed_type
    remove_driver(run)
    run.info.drop("Driver_Install_For_All")
    run.record("success")
    run.voice.say(farewell(install_type))
    raise run.voice.finish(0)


def remove_driver(run: DriverRun, new_path: str | None = None) -> None:
    """Remove the installed driver; with ``new_path`` because another one follows there."""
    if not run.options.force and system.in_use(run.node) and occupied(run.node, run.voice):
        run.record("failed")
        raise run.voice.finish(1)
    old_path = run.installed_path
    if run.installed_type == "docker":
        for line in STAT_ERROR:  # transcript 043
            run.session.complain(line)
    take_away(run.session, old_path)
    if new_path is None:
        remove(run.node, layout.CUSTOM_PROCESS_CONF)
        run.info.drop(*RECORD_KEYS)
    if old_path == DEFAULT_PATH != new_path or new_path is None:
        remove_if_empty(run.node, old_path)


def occupied(node: Node, voice: HdkVoice) -> bool:
    """Say that processes hold the chips, on a host that cares: a virtual machine goes on."""
    if node.read()["environment"] == "vm":
        return False
    voice.report(f"[ERROR]{RED}{OCCUPIED}, details in : {INSTALL_LOG} {PLAIN}")
    voice.say(f"[INFO]{FORCE_HINT} For details, see [--help].")
    return True


def take_away(session: Session, path: str) -> None:
    """Remove the driver's own files, version.info first; hccn.conf, vnpu.cfg, log rotation stay (D8, D9)."""
    node = session.node
    immutable.release(node, f"{path}/driver")
    remove(node, f"{path}/driver/version.info")
    session.reach("removal")
    remove(node, f"{path}/driver")
    if not kernel.leftover_build(node):  # dkms does not know a tree whose first build failed
        remove(node, kernel.DKMS_TREE)
    for file in layout.SYSTEM_FILES:
        remove(node, file)
    with node.change() as state:
        state["pending"]["driver"] = None


def farewell(install_type: str) -> str:
    """Return the last line of an uninstallation; the loaded modules stay until a reboot."""
    done = f"[INFO]{GREEN}Driver package uninstalled successfully! "
    if install_type in {"docker", "devel"}:
        return f"{done}Uninstallation takes effect immediately. {PLAIN}"
    return f"{done}{PLAIN}{RED}Reboot needed for uninstallation to take effect! {PLAIN}"
