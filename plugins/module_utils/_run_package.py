# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialect of the vendor's C(.run) packages: what is wanted, what was found, and the arguments for it.

This module util is private to the collection and may change at any time. It is pure: it starts no program and
opens no file. The rows of the kinds stand in C(_package_kinds.py), the vendor's texts in
C(_package_words.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils._converge import Step
from ansible_collections.ascend.fleet.plugins.module_utils._package_kinds import KINDS, Kind
from ansible_collections.ascend.fleet.plugins.module_utils._package_words import (
    DONE,
    DONE_BUT_REBOOT,
    asks_for_reboot,
    is_effective_at_once,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

CHECK = "--check"
VERSION = "--version"
DEFAULT_INSTALL_PATH = "/usr/local/Ascend"
DEFAULT_USER = "HwHiAiUser"
INSTALL_LOG = "/var/log/ascend_seclog/ascend_install.log"
ABSENT = "absent"


@dataclass(frozen=True)
class Wanted:
    """What shall be installed, or absent.

    An empty version is any version, ``chip`` is that of the operators, ``arch`` is as ``uname -m`` says it.
    ``usual_path`` is where the package goes when it is not told a path.
    """

    kind: str
    version: str
    arch: str
    state: str = "present"
    chip: str | None = None
    install_path: str = DEFAULT_INSTALL_PATH
    usual_path: str = DEFAULT_INSTALL_PATH
    install_for_all: bool = True
    devel: bool = False
    whitelist: str | None = None
    scene: str | None = None
    injection_mode: str | None = None
    user: str = DEFAULT_USER
    group: str = DEFAULT_USER

    @property
    def name(self) -> str:
        """Return the thing in words: C(driver 23.0.3)."""
        return f"{self.kind} {self.version}".rstrip()

    @property
    def row(self) -> Kind:
        """Return the row of the kind."""
        return KINDS[self.kind]


@dataclass(frozen=True)
class Found:
    """What the version files prove.

    ``version`` is the installed one; CANN versions lie side by side, there it is the wanted one or None.
    ``in_use`` is the version that C(latest) points to, for kinds that have such a link only. ``there`` tells
    whether anything of it is there at all, ``path`` where.
    """

    version: str | None = None
    complete: bool = False
    in_use: str | None = None
    there: bool = False
    path: str | None = None

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
    if not wanted.row.side_by_side:
        part = software[wanted.kind]
        if not part:
            return Found()
        return Found(part["version"], part.get("complete", True), None, True, part.get("path"))
    in_use = version_in_use(wanted.kind, software)
    for part in parts_of(wanted.kind, software):
        same_arch = part["arch"] in (None, wanted.arch)
        if same_arch and same(part["version"], wanted.version):
            complete = part["complete"] and has_chip(wanted, part["chips"]) and has_all(wanted, part)
            return Found(part["version"], complete, in_use, True, part.get("path"))
    return Found(in_use=in_use)


def parts_of(kind: str, software: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the installed versions of a kind of which several may lie side by side."""
    parts = [*software["cann"], *software.get("toolbox", [])]
    return [part for part in parts if part["part"] == kind]


def version_in_use(kind: str, software: Mapping[str, Any]) -> str | None:
    """Return the version that the link of a kind leads to; None when it has no such link."""
    if kind == "toolkit":
        latest: str | None = software["cann_latest"]
        return latest
    used = (part["version"] for part in parts_of(kind, software) if part.get("in_use"))
    return next(used, None) if KINDS[kind].linked else None


def has_chip(wanted: Wanted, chips: Iterable[str]) -> bool:
    """Tell whether operators for the wanted chip are among ``chips``, the vendor's directories of them."""
    return not wanted.row.of_a_chip or wanted.chip is None or f"ascend{wanted.chip}" in chips


def has_all(wanted: Wanted, part: Mapping[str, Any]) -> bool:
    """Tell whether a part that was installed with a whitelist has what is wanted."""
    return part.get("whitelist") in (None, wanted.whitelist)


def goal(wanted: Wanted) -> Found:
    """Return the state that is reached in the end."""
    if wanted.state == ABSENT:
        return Found()
    in_use = wanted.version if wanted.row.linked else None
    return Found(wanted.version or None, True, in_use, True)


def plan(wanted: Wanted, found: Found) -> list[Step]:
    """Return the one step that is needed, or none.

    What is complete but not in use is run again: the vendor has no other way to make a version the one in use
    than to be the last one installed.
    """
    if wanted.state == ABSENT:
        return _removal(wanted, found)
    arguments = install_arguments(wanted, found)
    if found.version is None and not found.complete:
        return [Step(f"install {wanted.name}", arguments)]
    if not found.complete:
        return [Step(f"install {wanted.name} over an incomplete installation", arguments)]
    if wanted.version and not same(found.version, wanted.version):
        return [Step(f"change {wanted.kind} from {found.version} to {wanted.version}", arguments)]
    if wanted.row.linked and not same(found.in_use, wanted.version):
        return [Step(f"install {wanted.name} again, because {found.in_use or 'none'} is in use", arguments)]
    return []


def _removal(wanted: Wanted, found: Found) -> list[Step]:
    other = wanted.version and found.version and not same(found.version, wanted.version)
    if not found.there or other:
        return []
    name = f"{wanted.kind} {found.version or ''}".rstrip()
    return [Step(f"remove {name}" if found.complete else f"remove what is left of {name}")]


def install_arguments(wanted: Wanted, found: Found) -> tuple[str, ...]:
    """Return the arguments that install ``wanted`` where ``found`` is now, without questions."""
    row = wanted.row
    if row.change is not None and found.version is not None and found.complete:
        return row.change
    first = row.devel if wanted.devel and row.devel else row.first
    return (*first, *(word for name in row.takes for word in _OPTIONS[name](wanted)))


def _path_elsewhere(wanted: Wanted) -> tuple[str, ...]:
    return () if wanted.install_path == wanted.usual_path else (f"--install-path={wanted.install_path}",)


def _other_user(wanted: Wanted) -> tuple[str, ...]:
    if (wanted.user, wanted.group) == (DEFAULT_USER, DEFAULT_USER):
        return ()
    return (f"--install-username={wanted.user}", f"--install-usergroup={wanted.group}")


_OPTIONS: dict[str, Callable[[Wanted], tuple[str, ...]]] = {
    "for_all": lambda wanted: ("--install-for-all",) if wanted.install_for_all else (),
    "path": lambda wanted: (f"--install-path={wanted.install_path}",),
    "elsewhere": _path_elsewhere,
    "user": _other_user,
    "whitelist": lambda wanted: (f"--whitelist={wanted.whitelist}",) if wanted.whitelist else (),
    "scene": lambda wanted: (f"--install-scene={wanted.scene}",) if wanted.scene else (),
    "injection": lambda wanted: (
        (f"--injection-mode={wanted.injection_mode}",) if wanted.injection_mode else ()
    ),
    "prefix": lambda wanted: ("-p", wanted.install_path),
}


def same(found: str | None, wanted: str) -> bool:
    """Tell whether two versions are one; the vendor writes both C(23.0.RC3) and C(23.0.rc3)."""
    return found is not None and found.casefold() == wanted.casefold()


def successes(kind: str) -> set[int]:
    """Return the exit statuses that claim success. It is a claim: the version files are the proof."""
    return {DONE, DONE_BUT_REBOOT} if KINDS[kind].board else {DONE}


def reboot_needed(wanted: Wanted, status: int, text: str) -> bool:
    """Tell whether what was installed or removed becomes effective only with a reboot."""
    if not wanted.row.board:
        return False
    if status == DONE_BUT_REBOOT or asks_for_reboot(text):
        return True
    flashed = wanted.kind == "firmware" and wanted.state != ABSENT
    return flashed and not is_effective_at_once(text)


def said_version(kind: str, text: str) -> str | None:
    """Return the version that a package says it holds: C([INFO]driver version :25.5.1)."""
    match = re.search(rf"\b{kind} version\s*:\s*(\S+)", text)
    return match[1] if match else None


def evidence(wanted: Wanted) -> str:
    """Return the file that proves the version of ``wanted``."""
    proof = wanted.row.proof
    return f"{wanted.install_path}/{proof}" if "/" in proof or wanted.kind == "conda" else proof
