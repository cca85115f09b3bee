# SPDX-License-Identifier: GPL-3.0-or-later
"""The firmware package. Its installer is not public: lines that logs of the field show are marked, the rest
follows the driver's installer (packages-and-versions.md 3.2 and 11).

Logs: 7.7.0.1.231 on eight 910B4, 7.5.0.2.220 and 6.3.0.1.241 on eight 910A, 7.1.0.3.220 on 310B.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from npu_simulator.installers import system
from npu_simulator.installers.driver.checks import FULL_DISK_MB, INPUT_ERROR
from npu_simulator.installers.files import InstallInfo, remove, remove_if_empty, shim, value, write
from npu_simulator.installers.session import (
    BUSY,
    INSTALL_LOG,
    OPERATION_LOG,
    SECLOG,
    Finished,
    HdkVoice,
    broken_disk,
)
from npu_simulator.installers.version_check import CHECK, fits

if TYPE_CHECKING:
    from npu_simulator.installers.package import Package
    from npu_simulator.installers.session import Session
    from npu_simulator.state import Node

DEFAULT_PATH = "/usr/local/Ascend"
DEFAULT_USER = "HwHiAiUser"
NEEDED_MB = 32
REBOOT = (
    2  # as the driver: installed, reboot needed (packages-and-versions.md 3.1; inferred for the firmware)
)
ACTIONS = ("--full", "--upgrade", "--check", "--version", "--uninstall")
KEYS = ("Firmware_Install_Type", "Firmware_Install_Path_Param")
_NOT_INSTALLED = (
    "[ERROR]ERR_NO:0x0080;ERR_DES:Firmware package is not installed on this device, uninstall failed"
)
_GONE = (
    "Firmware package uninstalled successfully! Uninstallation takes effect immediately."  # log of the field
)
_NO_ROOT = "do not have root permission, operation failed, please use root permission!"


def main(session: Session, package: Package, words: list[str]) -> int:
    """Run the firmware package with ``words`` and return its exit status."""
    voice = HdkVoice(session, "Firmware")
    try:
        _start(session, voice, package, words)
        _act(session, voice, package, words)
    except Finished as end:
        return int(str(end.code))
    except OSError as error:  # the node's own disk: full, or read-only
        session.complain(broken_disk(error, DEFAULT_PATH))
        return 1
    finally:
        session.release()
    return 0


def _start(session: Session, voice: HdkVoice, package: Package, words: list[str]) -> None:
    folder = session.node.path(SECLOG)
    if session.node.is_root and not folder.is_dir():
        folder.mkdir(parents=True)
        folder.chmod(0o750)
    voice.stamp("Start")
    voice.say(f"[INFO]LogFile: {INSTALL_LOG}")
    voice.say(f"[INFO]OperationLogFile: {OPERATION_LOG}")
    voice.log(f"[INFO]UserCommand: {package.file} {' '.join(words)}")
    if not session.node.is_root:
        voice.say(f"[ERROR]ERR_NO:0x0093;ERR_DES:{_NO_ROOT}")
        raise Finished(1)
    base = _installed_version(session.node)
    if base:
        voice.report(f"[INFO]base version is {base}.")


def _installed_path(node: Node) -> str:
    return InstallInfo(node).get("Firmware_Install_Path_Param")


def _installed_version(node: Node) -> str:
    return value(node, f"{_installed_path(node)}/firmware/version.info", "Version")


def _act(session: Session, voice: HdkVoice, package: Package, words: list[str]) -> None:
    chosen = [word for word in words if word in ACTIONS]
    unknown = [word for word in words if word not in {*ACTIONS, "--quiet", "--force"}]
    if unknown:
        tail = f"{unknown[0]}. Try './xxx.run --help' for more information."
        raise voice.refuse(f"[ERROR]ERR_NO:0x0004;ERR_DES: Unrecognized parameters: {tail}")
    if len(chosen) != 1:
        raise voice.refuse("[ERROR]ERR_NO:0x0004;ERR_DES:param need used with full/upgrade.")
    if chosen == ["--check"]:
        _compare_with_driver(voice, package)
        raise voice.finish(0)
    if chosen == ["--version"]:
        voice.say(f"[INFO]firmware version :{package.version}")
        raise Finished(0)
    if chosen == ["--uninstall"]:
        _uninstall(session, voice, package.file, words)
    _install(session, voice, package, words)


def _install(session: Session, voice: HdkVoice, package: Package, words: list[str]) -> None:
    upgrade = "--upgrade" in words
    voice.say("[WARNING]Do not power off or restart the system during the installation/upgrade")
    if not session.occupy():
        raise voice.refuse(BUSY)
    _check_host(session, voice, package)
    if not upgrade and "--quiet" not in words and _installed_version(session.node):
        _ask(session, voice, package)
    operation = "Upgrade" if upgrade else "Install"
    details = f"cmdlist={' '.join(words)}"
    result = _flash(session, voice, package)
    voice.record(operation, package.file, result, details if upgrade else f"install_type=full; {details}")
    if result == "failed":
        raise voice.finish(1)
    done = "upgraded" if upgrade and _installed_path(session.node) else "installed"
    lies = session.struck("installer_lies") is not None
    if not lies:
        _settle(session, package)
    when = "Reboot now or after driver installation for the installation/upgrade to take effect."
    voice.report(f"[INFO]Firmware package {done} successfully! {when}")  # log of the field
    raise voice.finish(0 if lies else REBOOT)


def _compare_with_driver(voice: HdkVoice, package: Package) -> None:
    """Tell whether the installed driver takes this firmware (guide 001; words as the driver's, inferred)."""
    path = InstallInfo(voice.session.node).get("Driver_Install_Path_Param")
    ranges = value(voice.session.node, f"{path}/driver/version.info", "compatible_version_fw") if path else ""
    if ranges:
        fit = fits(ranges, package.version)
        voice.report(f"[{'INFO' if fit else 'WARNING'}]{CHECK} {'success' if fit else 'fail'}")


def _check_host(session: Session, voice: HdkVoice, package: Package) -> None:
    """Refuse what cannot work: a guest, another chip, no driver to flash through, no space."""
    node, state = session.node, session.node.read()
    if state["environment"] != "bare_metal":  # packages-and-versions.md 3.2 and 9
        raise voice.refuse("[ERROR]The firmware package can only be installed on a physical machine.")
    if not system.fits_device(node, package.pci_devices):
        raise voice.refuse(
            "[ERROR]The current installation package and environment is not match, please check."
        )
    driver_path = InstallInfo(node).get("Driver_Install_Path_Param") or DEFAULT_PATH
    tool = node.path(f"{driver_path}/driver/tools/upgrade-tool")
    # Installed is enough: a driver that waits for the reboot is followed by the firmware, then by one reboot
    # (packages-and-versions.md 3.1 and 3.2, exit status 2 and the order of a first installation).
    if not tool.exists():
        text = "Driver package is not installed on this device, please install driver package first"
        raise voice.refuse(f"[ERROR]ERR_NO:0x0080;ERR_DES:{text}")
    if session.struck("read_only") is not None:
        session.complain(f"mkdir: cannot create directory '{driver_path}/firmware': Read-only file system")
        raise voice.refuse(f"[ERROR]create {driver_path}/firmware failed")  # inferred
    if session.struck("disk_full") is not None:
        need = f"cannot install firmware package (greater than {NEEDED_MB}M)"
        ask = "please make sure enough space under the installation path"
        raise voice.refuse(f"[ERROR]free space only {FULL_DISK_MB // 10}M, {need}, {ask}")


def _ask(session: Session, voice: HdkVoice, package: Package) -> None:
    where = f"Firmware package has been installed on the path {_installed_path(session.node)}"
    versions = f"the version is {_installed_version(session.node)}"
    question = f"and the version of this package is {package.version},do you want to continue?  [y/n] "
    voice.say(f"[INFO]{where}, {versions}, {question}")  # log of the field
    while True:
        answer = session.answer()
        if answer == "y":
            return
        if answer == "n":
            voice.say("[INFO]installation Stoped!")
            raise voice.finish(0)
        voice.say(INPUT_ERROR)


def _flash(session: Session, voice: HdkVoice, package: Package) -> str:
    """Show the progress of the flashing and return `success` or `failed`."""
    session.reach("begin")
    voice.report("[INFO]upgradePercentage: 0%")
    session.hang_if_told()
    session.wait(0.7)
    session.reach("files")
    voice.report("[INFO]upgradePercentage: 90%")
    if session.struck("installer_half") is not None:
        session.node.path(f"{DEFAULT_PATH}/firmware/script").mkdir(parents=True, exist_ok=True)
        remove(session.node, f"{DEFAULT_PATH}/firmware/version.info")
        raise Finished(1)
    if session.struck("installer_fails") is not None:
        voice.report(f"[ERROR]Upgrade firmware failed, details in : {INSTALL_LOG}")
        voice.say("[INFO]Failed to install firmware package, please retry after uninstall and reboot!")
        return "failed"
    session.wait(0.3)
    voice.report("[INFO]upgradePercentage: 100%")
    count = len(system.ready_npus(session.node))
    voice.report(f"[INFO]The firmware of [{count}] chips are successfully upgraded.")  # log of the field
    return "success"


def _settle(session: Session, package: Package) -> None:
    node = session.node
    info = InstallInfo(node)
    path = _installed_path(node) or DEFAULT_PATH
    info.put_if_absent("UserName", DEFAULT_USER)
    info.put_if_absent("UserGroup", DEFAULT_USER)
    info.put("Firmware_Install_Type", "full")
    info.put("Firmware_Install_Path_Param", path)
    shim(node, f"{path}/firmware/script/uninstall.sh", f"installers uninstall firmware {path}")
    session.reach("scripts")
    with node.change() as state:  # the chips have it; they run it after the next boot
        state["pending"]["firmware"] = package.version
    session.reach("before_version")
    write(node, f"{path}/firmware/version.info", package.version_text, 0o444)
    session.reach("end")


def _uninstall(session: Session, voice: HdkVoice, subject: str, words: list[str]) -> None:
    details = f"cmdlist={' '.join(words) or 'none'}"
    path = _installed_path(session.node)
    if not path:
        voice.record("Uninstall", subject, "failed", details)
        raise voice.refuse(_NOT_INSTALLED)
    _take_away(session, path)
    voice.record("Uninstall", subject, "success", details)
    voice.report(f"[INFO]{_GONE}")
    raise voice.finish(0)


def _take_away(session: Session, path: str) -> None:
    """Remove the package's files; the chips keep the firmware they run."""
    node = session.node
    remove(node, f"{path}/firmware/version.info")
    session.reach("removal")
    remove(node, f"{path}/firmware")
    remove_if_empty(node, path)
    InstallInfo(node).drop(*KEYS)


def uninstall_script(session: Session, path: str, words: list[str]) -> int:
    """Run the installed firmware/script/uninstall.sh (log of the field: two lines, no start and end)."""
    voice = HdkVoice(session, "Firmware")
    if not session.node.is_root:
        voice.say(f"[ERROR]ERR_NO:0x0093;ERR_DES:{_NO_ROOT}")
        return 1
    version = value(session.node, f"{path}/firmware/version.info", "Version") or "none"
    voice.report(f"[INFO]base version is {version}.")
    unknown = [word for word in words if word not in {"--quiet", "--uninstall"}]
    if unknown:
        tail = f"{unknown[0]}. Only support '--quiet'."
        voice.report(f"[ERROR]ERR_NO:0x0004;ERR_DES: Unrecognized parameters: {tail}")
        return 1
    _take_away(session, path)
    voice.record("Uninstall", f"Ascend-firmware-{version}", "success", f"cmdlist={' '.join(words) or 'none'}")
    voice.report(f"[INFO]{_GONE}")
    return 0
