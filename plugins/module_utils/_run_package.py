# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialect of the vendor's C(.run) packages: arguments, statuses, texts, and what proves an installation.

This module util is private to the collection and may change at any time. It is pure: it starts no program and
opens no file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils._converge import Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

KINDS = ("driver", "firmware", "toolkit", "kernels", "conda")
BOARD_KINDS = ("driver", "firmware")  # effective after a reboot
SIDE_BY_SIDE_KINDS = ("toolkit", "kernels")  # the others have one version at a time
CHECK = "--check"
DEFAULT_INSTALL_PATH = "/usr/local/Ascend"
INSTALL_LOG = "/var/log/ascend_seclog/ascend_install.log"
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
    r"(?i)checksums?: .* is different|error in checksums|not all good": "the package is damaged: get it anew",
}


@dataclass(frozen=True)
class Wanted:
    """What shall be installed.

    An empty version is any version, ``chip`` is that of the kernels, ``arch`` is as ``uname -m`` says it.
    """

    kind: str
    version: str
    arch: str
    chip: str | None = None
    install_path: str = DEFAULT_INSTALL_PATH
    install_for_all: bool = True

    @property
    def name(self) -> str:
        """Return the thing in words: C(driver 23.0.3)."""
        return f"{self.kind} {self.version}".rstrip()


@dataclass(frozen=True)
class Found:
    """What the version files prove.

    ``version`` is the installed one; CANN versions lie side by side, there it is the wanted one or None.
    ``in_use`` is the version that C(latest) points to, for the toolkit only.
    """

    version: str | None = None
    complete: bool = False
    in_use: str | None = None

    def __str__(self) -> str:
        """Return the state in words."""
        words = [self.version or "no version", "complete" if self.complete else "not complete"]
        return ", ".join([*words, f"{self.in_use} in use"] if self.in_use else words)

    def as_diff(self) -> dict[str, Any]:
        """Return the state for the diff."""
        state: dict[str, Any] = {"version": self.version, "complete": self.complete}
        return {**state, "in_use": self.in_use} if self.in_use else state


def find(wanted: Wanted, software: Mapping[str, Any]) -> Found:
    """Pick what concerns ``wanted`` out of what the version files say about the whole node."""
    if wanted.kind not in SIDE_BY_SIDE_KINDS:
        part = software[wanted.kind]
        return Found(part["version"], part.get("complete", True)) if part else Found()
    in_use = software["cann_latest"] if wanted.kind == "toolkit" else None
    for part in software["cann"]:
        same_arch = part["arch"] in (None, wanted.arch)
        if part["part"] == wanted.kind and same_arch and same(part["version"], wanted.version):
            return Found(part["version"], part["complete"] and has_chip(wanted, part["chips"]), in_use)
    return Found(in_use=in_use)


def has_chip(wanted: Wanted, chips: Iterable[str]) -> bool:
    """Tell whether kernels for the wanted chip are among ``chips``, the names of the vendor's directories."""
    return wanted.kind != "kernels" or f"ascend{wanted.chip}" in chips


def goal(wanted: Wanted) -> Found:
    """Return the state that a finished installation shows."""
    return Found(wanted.version or None, True, wanted.version if wanted.kind == "toolkit" else None)


def plan(wanted: Wanted, found: Found) -> list[Step]:
    """Return the one step that is needed, or none.

    A toolkit that is complete but not in use is run again: the vendor has no other way to make a version the
    one in use than to be the last one installed.
    """
    arguments = install_arguments(wanted, found)
    if found.version is None and not found.complete:
        return [Step(f"install {wanted.name}", arguments)]
    if not found.complete:
        return [Step(f"install {wanted.name} over an incomplete installation", arguments)]
    if wanted.version and not same(found.version, wanted.version):
        return [Step(f"change {wanted.kind} from {found.version} to {wanted.version}", arguments)]
    if wanted.kind == "toolkit" and not same(found.in_use, wanted.version):
        return [Step(f"install {wanted.name} again, because {found.in_use or 'none'} is in use", arguments)]
    return []


def install_arguments(wanted: Wanted, found: Found) -> tuple[str, ...]:
    """Return the arguments that install ``wanted`` where ``found`` is now, without questions."""
    for_all = ("--install-for-all",) if wanted.install_for_all else ()
    if wanted.kind == "toolkit":
        return ("--install", "--quiet", *for_all, f"--install-path={wanted.install_path}")
    if wanted.kind == "kernels":
        return ("--install", "--quiet", *for_all)
    if wanted.kind == "conda":
        return ("-b", "-u", "-p", wanted.install_path)  # without questions, over what is there, into the path
    if found.version is not None and found.complete:
        return ("--upgrade", "--quiet")  # keeps path, user and for-all, and refuses arguments for them
    if wanted.kind == "firmware":
        return ("--full", "--quiet")
    elsewhere = wanted.install_path != DEFAULT_INSTALL_PATH
    path = (f"--install-path={wanted.install_path}",) if elsewhere else ()
    return ("--full", "--quiet", *for_all, *path)


def lacks_ground(wanted: Wanted, software: Mapping[str, Any]) -> str | None:
    """Return why ``wanted`` cannot be installed on this node yet, or None."""
    if wanted.kind != "kernels":
        return None
    if find(replace(wanted, kind="toolkit"), software).complete:
        return None
    toolkits = [
        part["version"] for part in software["cann"] if part["part"] == "toolkit" and part["complete"]
    ]
    found = ", ".join(sorted(toolkits)) or "none"
    return f"{wanted.name}: found the toolkits {found}, wanted toolkit {wanted.version}; install it first"


def same(found: str | None, wanted: str) -> bool:
    """Tell whether two versions are one; the vendor writes both C(23.0.RC3) and C(23.0.rc3)."""
    return found is not None and found.casefold() == wanted.casefold()


def successes(kind: str) -> set[int]:
    """Return the exit statuses that claim success. It is a claim: the version files are the proof."""
    return {DONE, DONE_BUT_REBOOT} if kind in BOARD_KINDS else {DONE}


def reboot_needed(kind: str, status: int, text: str) -> bool:
    """Tell whether a finished installation becomes effective only with a reboot."""
    if kind not in BOARD_KINDS:
        return False
    if status == DONE_BUT_REBOOT or _REBOOT.search(text):
        return True
    return kind == "firmware" and not _AT_ONCE.search(text)


def meaning(status: int) -> str:
    """Return what an exit status of a failed run means."""
    return _STATUSES.get(status, "a status that the vendor does not document")


def advice(text: str) -> list[str]:
    """Return what to do about the vendor's messages in ``text``, in the order of the table."""
    return [action for pattern, action in _ADVICE.items() if re.search(pattern, text)]


def evidence(wanted: Wanted) -> str:
    """Return the file that proves the version of ``wanted``."""
    return {
        "driver": f"{wanted.install_path}/driver/version.info",
        "firmware": f"{wanted.install_path}/firmware/version.info",
        "toolkit": "ascend_toolkit_install.info",
        "kernels": "version.info of the kernels",
        "conda": f"{wanted.install_path}/conda-meta",
    }[wanted.kind]


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
