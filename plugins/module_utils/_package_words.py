# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the vendor's packages say: statuses, texts and what to do about them. Pure.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

DONE = 0
DONE_BUT_REBOOT = 2

_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_REBOOT = re.compile(r"reboot (needed|now|required)", re.IGNORECASE)
_AT_ONCE = re.compile(r"takes effect immediately", re.IGNORECASE)

_STATUSES = {
    1: "the package says that it failed",
    124: "the time was up and the package was stopped",
    126: "the package could not be executed",
    127: "the package, or a program that it starts, was not found",
    137: "the package was killed, because memory ran out or because somebody ended it",
    -9: "the package was killed, because memory ran out or because somebody ended it",
    143: "the package was terminated from outside",
}

# A text of the vendor -> what to do about it.
_ADVICE = {
    r"ERR_NO:0x0003": "install_path and its parents must exist, belong to root and have mode 755",
    r"ERR_NO:0x0004": "the package does not know one of these arguments: it may be of another age or kind",
    r"ERR_NO:0x0080": "nothing is installed that could be removed: clear away the rest of the old one",
    r"ERR_NO:0x0090": "the old version could not be removed: stop what uses the NPUs, reboot, try again",
    r"ERR_NO:0x0091": "create the user and the group that run NPU jobs, HwHiAiUser, before the driver",
    r"ERR_NO:0x0093": "packages are installed as root: run the task with become",
    r"ERR_NO:0x0094": "another package is being installed on this node: wait until it ends, then run again",
    r"ERR_NO:0x009[56]": "user and group must be those of the last installation: uninstall to change them",
    r"list of missing tools": "install the programs of this list with the system's package manager",
    r"Arch mismatch": "choose the package for the architecture of this node",
    r"package and environment is not match": "the package is for another chip: correct the node's product",
    r"nodes are occupied": "stop the processes and containers that use /dev/davinci*, then run again",
    r"[Dd]kms": "install gcc, make, dkms and the kernel's headers; remove /var/lib/dkms/davinci_ascend",
    r"Driver_ko_install": "the kernel refused the modules: compare its headers with uname -r",
    r"crl_check failed": "the signature of the package was refused: get the package from the vendor again",
    r"given dir, or its parents, permission": "install_path and its parents must be of root and mode 755",
    r"(?i)no space left|free space only|enough (disk )?space|insufficient (disk )?space": (
        "make room where install_path and temporary_directory lie (df -h)"
    ),
    r"Extraction failed": "install tar, and make room in temporary_directory",
    r"(?i)checksums?: .* is different|error in checksums|not all good|unexpected archive size": (
        "the package is damaged or was cut off: get it anew"
    ),
    r"Read-only file system": (
        "mount the file system of install_path for writing, and look into dmesg why it is not"
    ),
    r"operators of .* are installed there": (
        "one path holds the operators of one chip: choose another install_path"
    ),
    r"please install it first": "install the toolkit of the same version before its operators",
    r"parameter are not supported|install_info exists": (
        "releases before 8.2.RC1 stay where the first one was installed: set install_path to that place"
    ),
    r"does not support the upgrade": (
        "remove the part that was installed with a whitelist, then install all of it"
    ),
    r"can only be installed on a physical machine": "firmware belongs to the host: leave it out on this node",
    r"plugin-install-helper .*non-zero": (
        "the settings of the container engine are not JSON, or config.toml not TOML: correct them; see "
        "/var/log/ascend-docker-runtime"
    ),
    r"EULA was not accepted": "accept the licence with licence_accepted",
    r"install it as the owner|install as the owner": (
        "install operators as the user who installed the toolkit"
    ),
}


def asks_for_reboot(text: str) -> bool:
    """Tell whether the text asks for a reboot."""
    return bool(_REBOOT.search(text))


def is_effective_at_once(text: str) -> bool:
    """Tell whether the text says that nothing more is needed."""
    return bool(_AT_ONCE.search(text))


def meaning(status: int) -> str:
    """Return what an exit status of a failed run means."""
    return _STATUSES.get(status, "a status that the vendor does not document")


def advice(text: str) -> list[str]:
    """Return what to do about the vendor's messages in ``text``, in the order of the table."""
    return [action for pattern, action in _ADVICE.items() if re.search(pattern, text)]


def without_colours(text: str) -> str:
    """Return the text without the terminal's colour codes."""
    return _COLOUR.sub("", text)


def last_lines(text: str, count: int = 10) -> list[str]:
    """Return the last lines that say something, without colours."""
    lines = (line.rstrip() for line in without_colours(text).splitlines())
    return [line for line in lines if line][-count:]


def paragraph(title: str, lines: Iterable[str]) -> str:
    """Return lines under a title, or nothing when there are none."""
    body = "".join(f"\n  {line}" for line in lines)
    return f"\n{title}:{body}" if body else ""
