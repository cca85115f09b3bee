# SPDX-License-Identifier: GPL-3.0-or-later
"""The installed driver/script/uninstall.sh (hicann/driver uninstall.sh, transcripts 201 to 205)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from npu_simulator.installers import system
from npu_simulator.installers.driver import layout, removal
from npu_simulator.installers.files import InstallInfo, remove, remove_if_empty, value
from npu_simulator.installers.session import Finished, HdkVoice

if TYPE_CHECKING:
    from npu_simulator.installers.session import Session

_NOT_ROOT = "do not have root permission, operation failed,         please use root permission!"


def main(session: Session, path: str, words: list[str]) -> int:
    """Uninstall the driver under ``path`` and return the exit status."""
    voice = HdkVoice(session, "Driver")
    try:
        _uninstall(session, voice, path, words)
    except Finished as end:
        return int(str(end.code))
    return 0


def _uninstall(session: Session, voice: HdkVoice, path: str, words: list[str]) -> None:
    if not session.node.is_root:
        voice.say(f"[ERROR]ERR_NO:0x0093;ERR_DES:{_NOT_ROOT}")
        raise Finished(1)
    version = value(session.node, f"{path}/driver/version.info", "Version")
    if version:
        voice.report(f"[INFO]base version is {version}.")
    subject = f"Ascend-driver-{version or 'none'}"
    details = f"cmdlist={'--quiet' if '--quiet' in words else 'none'}"
    unknown = next((word for word in words if word not in {"--quiet", "--force"}), None)
    if unknown is not None:
        text = f" Unrecognized parameters: {unknown}. Only support '--quiet' and '--force'."
        voice.report(f"[ERROR]ERR_NO:0x0004;ERR_DES:{text}")
        voice.record("Uninstall", subject, "failed", details)
        raise Finished(1)
    if "--force" not in words and system.in_use(session.node) and removal.occupied(session.node, voice):
        voice.record("Uninstall", subject, "failed", details)
        raise Finished(1)
    _remove(session, voice, path)
    voice.record("Uninstall", subject, "success", details)


def _remove(session: Session, voice: HdkVoice, path: str) -> None:
    info = InstallInfo(session.node)
    install_type = info.get("Driver_Install_Type")
    removal.take_away(session, path)
    remove(session.node, layout.CUSTOM_PROCESS_CONF)
    remove_if_empty(session.node, path)
    if info.exists:
        info.drop(
            *removal.RECORD_KEYS
        )  # Driver_Install_For_All stays beside firmware keys (D7, transcript 205)
    voice.say(removal.farewell(install_type))
