# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether driver and firmware fit each other, and how the driver package asks that (ver_check.sh)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from npu_simulator.installers.files import InstallInfo, value
from npu_simulator.installers.session import Finished

if TYPE_CHECKING:
    from npu_simulator.installers.package import Package
    from npu_simulator.installers.session import HdkVoice

CHECK = "driver and firmware version relationship check"
WITHOUT_CHECK = ("devel", "docker")
_QUESTION = "[WARNING]driver required firmware version not match ,do you want to continue?  [y/n] "
_INPUT_ERROR = "ERR_NO:0x0002;ERR_DES:input error, please input again!"
_RANGE = re.compile(r"\[\s*([^\[\],\s]+)\s*,\s*([^\[\],\s]+)\s*\]")


def check_versions(voice: HdkVoice, package: Package | None = None, *, asks: bool = False) -> None:
    """Say what the check says on a host without the amct_acl package (transcript driver-run/910B/004).

    It goes on to the firmware that is installed; with ``asks`` one may stop there, with status 1.
    """
    info = InstallInfo(voice.session.node)
    if info.get("Driver_Install_Type") in WITHOUT_CHECK:
        voice.note("[INFO]devel or docker installmode, stop version relationship check")
        return
    _tell(voice, "[INFO]amct_acl is not installed, does not need to check.")
    voice.note("[INFO]preinstall_check success")
    place = info.get("Firmware_Install_Path_Param")
    firmware = value(voice.session.node, f"{place}/firmware/version.info", "Version") if place else ""
    if not info.exists:
        voice.note(f"[WARNING]not exist {info.path}, stop version relationship check")
    elif not firmware:
        voice.note("[WARNING]old firmware not installed, stop version relationship check")
    elif package is not None:
        _compare(voice, dict(package.version_info).get("compatible_version_fw", ""), firmware, asks=asks)


def _compare(voice: HdkVoice, ranges: str, firmware: str, *, asks: bool) -> None:
    if fits(ranges, firmware):
        _tell(voice, f"[INFO]{CHECK} success")
        return
    _tell(voice, f"[WARNING]{CHECK} fail")
    if not asks:
        return
    voice.session.print(_QUESTION)
    while True:
        answer = voice.session.answer()
        if answer == "y":
            return
        if answer in {"n", None}:  # at the end of stdin the real one asks without end
            voice.session.print("Stop installation!")
            raise Finished(1)
        voice.session.print(_INPUT_ERROR)


def _tell(voice: HdkVoice, text: str) -> None:
    voice.say(text)
    voice.note(text)


def fits(ranges: str, version: str) -> bool:
    """Tell whether ``version`` is in one of the inclusive ``ranges``, `[7.0.0,7.1.99]`; none fits all."""
    found = _RANGE.findall(ranges)
    numbers = _numbers(version)
    return not found or any(_numbers(low) <= numbers <= _numbers(high) for low, high in found)


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]
