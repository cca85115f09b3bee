# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of the vendor's software is installed, read from the version files that the packages leave.

The files say what is installed; what runs is known to npu-smi only. Everything is read below a root, C(/) on
a host. The parse functions are pure.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils._host_environment import environment
from ansible_collections.ascend.fleet.plugins.module_utils._software_cann import (
    cann_latest,
    read_cann,
    read_runtime,
    read_toolbox,
)
from ansible_collections.ascend.fleet.plugins.module_utils._version_files import (
    assignments,
    below,
    parse_assignments,
    shown,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

INSTALL_INFO = "/etc/ascend_install.info"

_HOST_TYPES = (
    "full",
    "run",
)  # the installer marks the end of these types of installation, not of docker or devel
_FIRST_MARKED_MAJOR = 24  # driver 23.0 leaves no Driver_Install_Status, also not when it is complete
_RANGE = re.compile(r"\[\s*([^\[\],\s]+)\s*,\s*([^\[\],\s]+)\s*\]")
_NAMES = re.compile(r"\[\s*([^\[\],\s]+)\s*\]")


class VersionFileError(Exception):
    """A version file holds something that is not understood."""


def driver_version(info: Mapping[str, str]) -> str | None:
    """Return the driver's version of its version.info; from HDK 26 on C(Version) may be that of a library."""
    return info.get("package_version") or info.get("Version") or None


def parse_ranges(text: str) -> list[dict[str, str]]:
    """Return the inclusive ranges of C(compatible_version_fw), such as C([6.4.0,6.4.99],[7.0.0,7.7.99]).

    Raises VersionFileError for anything else that is not empty.
    """
    ranges = [{"lowest": lowest, "highest": highest} for lowest, highest in _RANGE.findall(text)]
    if _RANGE.sub("", text).strip(", \t"):
        raise VersionFileError(
            f"compatible_version_fw: found {text!r}; wanted ranges such as [7.0.0,7.7.99]; "
            "install the driver again"
        )
    return ranges


def driver_complete(version: str | None, install_info: Mapping[str, str], upgrade_tool: bool) -> bool:
    """Tell whether the driver's installation came to its end.

    ``install_info`` is /etc/ascend_install.info, ``upgrade_tool`` whether driver/tools/upgrade-tool exists. A
    failed installation leaves no version.info; newer drivers also write a mark at the end of one for a host.
    """
    if version is None:
        return False
    if install_info.get("Driver_Install_Type", "full") not in _HOST_TYPES:
        return True
    marked = install_info.get("Driver_Install_Status") == "complete"
    return upgrade_tool and (marked or not _is_marked(version))


def _is_marked(version: str) -> bool:
    major = re.match(r"[0-9]+", version)
    return major is None or int(major.group()) >= _FIRST_MARKED_MAJOR


def read_software(root: str, install_path: str) -> dict[str, Any]:
    """Read what is installed below ``root``, and whether it is bare metal, a virtual machine or a container.

    ``install_path`` is where CANN lies, and driver and firmware unless /etc/ascend_install.info names another
    place. Raises VersionFileError, and OSError where a file is there but cannot be read.
    """
    install_info = parse_assignments(text_of(below(root, INSTALL_INFO)) or "")
    ascend = below(root, install_path)
    driver_place = install_info.get("Driver_Install_Path_Param") or install_path
    firmware_place = install_info.get("Firmware_Install_Path_Param") or install_path
    return {
        "environment": environment(root),
        "driver": _driver(root, driver_place, install_info),
        "firmware": _firmware(root, firmware_place),
        "cann": read_cann(root, ascend),
        "cann_latest": cann_latest(ascend),
        "toolbox": read_toolbox(root, ascend),
        "docker_runtime": read_runtime(root, ascend),
    }


def _driver(root: str, place: str, install_info: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the driver; version None when only a part of it is there, None when nothing is."""
    home = below(root, place) / "driver"
    if not home.is_dir() or not any(home.iterdir()):
        return None
    info = assignments(home / "version.info")
    version = driver_version(info)
    return {
        "version": version,
        "complete": driver_complete(version, install_info, (home / "tools" / "upgrade-tool").exists()),
        "compatible_firmware": parse_ranges(info.get("compatible_version_fw", "")),
        "compatible_versions": _NAMES.findall(info.get("compatible_version", "")),
        "path": shown(home, root),
    }


def _firmware(root: str, place: str) -> dict[str, Any] | None:
    home = below(root, place) / "firmware"
    version = assignments(home / "version.info").get("Version")
    return {"version": version, "path": shown(home, root)} if version else None
