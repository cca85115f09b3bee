# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a package stands on: users, owners, recorded paths, room. Read once, judged all at once.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils._host_environment import BARE_METAL, CONTAINER
from ansible_collections.ascend.fleet.plugins.module_utils._package_source import remount, size_in_words
from ansible_collections.ascend.fleet.plugins.module_utils._run_package import ABSENT, parts_of, same
from ansible_collections.ascend.fleet.plugins.module_utils._software import INSTALL_INFO
from ansible_collections.ascend.fleet.plugins.module_utils._software_cann import RECORD
from ansible_collections.ascend.fleet.plugins.module_utils._version import compare_versions
from ansible_collections.ascend.fleet.plugins.module_utils._version_files import assignments, below

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ansible_collections.ascend.fleet.plugins.module_utils._run_package import Wanted

ROOT_UID = 0
_FREE_PATH_FROM = "8.2.RC1"  # from here on another path resets the record (canncommercial 82RC1 instg_0043)
_WHITELIST_FROM = "8.5.0"


@dataclass(frozen=True)
class Ground:
    """What was read; ``foreign`` are folders of others in the path (path, owner), sizes are in bytes.

    ``record`` is where the CANN packages of this user went before, ``user`` and ``group`` are those of the
    last driver. ``free``, ``read_only`` and ``no_exec`` concern the file systems of the installation path and
    of the temporary directory, ``one_device`` tells whether these are one.
    """

    uid: int
    environment: str
    record: str | None
    record_file: str
    user: str | None
    group: str | None
    foreign: tuple[tuple[str, str], ...]
    read_only: tuple[str, ...]
    no_exec: tuple[str, ...]
    free: tuple[tuple[str, int], ...]
    one_device: bool


def home_of(uid: int) -> str:
    """Return the home folder of the user who runs the packages, empty for root."""
    return "" if uid == ROOT_UID else pwd.getpwuid(uid).pw_dir


def usual_path(uid: int) -> str:
    """Return where packages go when they are told nothing."""
    return f"{home_of(uid)}/Ascend" if uid != ROOT_UID else "/usr/local/Ascend"


def recorded_path(root: str, uid: int) -> tuple[str | None, str]:
    """Return where the CANN packages of this user went before, and the file that says so."""
    file = f"{home_of(uid)}/Ascend/{RECORD}" if uid != ROOT_UID else f"/etc/Ascend/{RECORD}"
    info = assignments(below(root, file))
    return info.get("Install_Path") or info.get("Toolkit_InstallPath") or None, file


def read_ground(root: str, wanted: Wanted, temporary_directory: str, environment: str) -> Ground:
    """Read everything that stands between a node and ``wanted``."""
    uid = os.geteuid()
    record, record_file = recorded_path(root, uid)
    info = assignments(below(root, INSTALL_INFO))
    places = [wanted.install_path, temporary_directory]
    existing = [_existing(root, place) for place in places]
    stats = [os.statvfs(path) for path in existing]
    return Ground(
        uid=uid,
        environment=environment,
        record=record,
        record_file=record_file,
        user=info.get("UserName"),
        group=info.get("UserGroup"),
        foreign=tuple(_foreign(root, wanted.install_path, uid)),
        read_only=tuple(place for place, stat in zip(places, stats) if stat.f_flag & os.ST_RDONLY),
        no_exec=tuple(place for place, stat in zip(places, stats) if stat.f_flag & os.ST_NOEXEC),
        free=tuple((place, stat.f_bavail * stat.f_frsize) for place, stat in zip(places, stats)),
        one_device=os.stat(existing[0]).st_dev == os.stat(existing[1]).st_dev,
    )


def _existing(root: str, path: str) -> str:
    """Return the deepest folder of ``path`` that is there."""
    folder = below(root, path)
    while not folder.is_dir():
        folder = folder.parent
    return str(folder)


def _foreign(root: str, path: str, uid: int) -> Iterator[tuple[str, str]]:
    """Yield the folders of ``path`` that belong neither to root nor to this user, with their owners."""
    folder = ""
    for name in path.strip("/").split("/"):
        folder = f"{folder}/{name}"
        place = below(root, folder)
        if place.is_dir() and place.stat().st_uid not in (ROOT_UID, uid):
            yield folder, _user_name(place.stat().st_uid)


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def problems(wanted: Wanted, ground: Ground, software: Mapping[str, Any], size: int | None) -> list[str]:
    """Return everything that stands in the way of an installation, in sentences; ``size`` in bytes."""
    found = [problem for check in _CHECKS for problem in check(wanted, ground, software)]
    return [*found, *_room(wanted, ground, size)] if size else found


def _root(wanted: Wanted, ground: Ground, _software: Mapping[str, Any]) -> Iterator[str]:
    if wanted.row.root_only and ground.uid != ROOT_UID:
        yield f"{wanted.name}: found {_user_name(ground.uid)}, wanted root; run the task with become"


def _environment(wanted: Wanted, ground: Ground, _software: Mapping[str, Any]) -> Iterator[str]:
    where = "a container" if ground.environment == CONTAINER else "a virtual machine"
    if wanted.kind == "firmware" and ground.environment != BARE_METAL:
        yield (
            f"{wanted.name}: found {where}, wanted bare metal; firmware is installed on the host only, "
            "leave it out here"
        )
    if wanted.kind == "driver" and ground.environment == CONTAINER:
        yield (
            f"{wanted.name}: found a container, wanted a host; install the driver on the host and map its "
            "devices and /usr/local/Ascend/driver into the container"
        )


def _vendor_user(wanted: Wanted, ground: Ground, _software: Mapping[str, Any]) -> Iterator[str]:
    last = (ground.user, ground.group)
    if wanted.kind == "driver" and all(last) and last != (wanted.user, wanted.group):
        yield (
            f"user: found {ground.user}:{ground.group} in {INSTALL_INFO}, wanted "
            f"{wanted.user}:{wanted.group}; the vendor keeps the user of the last installation: correct user "
            "and group, or remove the driver first"
        )


def _recorded_path(wanted: Wanted, ground: Ground, _software: Mapping[str, Any]) -> Iterator[str]:
    cann = wanted.row.side_by_side and wanted.kind != "toolbox"
    if not cann or ground.record in (None, wanted.install_path) or not _older(wanted, _FREE_PATH_FROM):
        return
    yield (
        f"install_path: found {ground.record} in {ground.record_file}, wanted {wanted.install_path}; "
        f"releases before {_FREE_PATH_FROM} stay where the first one was installed: set install_path to "
        f"{ground.record}, or remove what is there"
    )


def _older(wanted: Wanted, than: str) -> bool:
    return bool(wanted.version) and compare_versions(wanted.version, than) < 0


def _whitelist(wanted: Wanted, _ground: Ground, software: Mapping[str, Any]) -> Iterator[str]:
    if wanted.whitelist and _older(wanted, _WHITELIST_FROM):
        yield (
            f"whitelist: found {wanted.name}, wanted {_WHITELIST_FROM} or later; older packages take the "
            "word, install nothing and exit 0: leave whitelist out"
        )
    for part in parts_of(wanted.kind, software):
        has = part.get("whitelist")
        if has and has != wanted.whitelist and same(part["version"], wanted.version):
            yield (
                f"whitelist: found {wanted.name} with the whitelist {has}, wanted "
                f"{wanted.whitelist or 'all of it'}; the vendor cannot add to it: remove it first (state: "
                "absent)"
            )


def _owner(wanted: Wanted, ground: Ground, _software: Mapping[str, Any]) -> Iterator[str]:
    for folder, owner in ground.foreign:
        yield (
            f"install_path: found {folder} of {owner}, wanted one of root or of the user who installs; "
            "choose another path, run the task as its owner, or give the folder to root"
        )


def _tree_owner(wanted: Wanted, ground: Ground, software: Mapping[str, Any]) -> Iterator[str]:
    for part in _bases(wanted, software):
        owner = part.get("owner")
        if owner is not None and owner != ground.uid:
            yield (
                f"{wanted.name}: found {part['part']} {part['version']} of {_user_name(owner)}, wanted the "
                f"user who installs ({_user_name(ground.uid)}); install operators as the owner of the toolkit"
            )


def _bases(wanted: Wanted, software: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the complete parts that ``wanted`` can stand on."""
    row = wanted.row
    parts = [part for kind in row.needs for part in parts_of(kind, software) if part["complete"]]
    parts = [part for part in parts if part["arch"] in (None, wanted.arch)]
    return [part for part in parts if row.of_any_version or same(part["version"], wanted.version)]


def lacks_base(wanted: Wanted, software: Mapping[str, Any]) -> Iterator[str]:
    """Yield what must be installed before ``wanted``; in check mode it may still come."""
    if not wanted.row.needs or wanted.state == ABSENT or _bases(wanted, software):
        return
    kinds = wanted.row.needs
    there = sorted(
        f"{part['part']} {part['version']}"
        for kind in kinds
        for part in parts_of(kind, software)
        if part["complete"]
    )
    version = "" if wanted.row.of_any_version else f" {wanted.version}"
    yield (
        f"{wanted.name}: found {', '.join(there) or f'no {kinds[0]}'}, wanted {' or '.join(kinds)}{version} "
        f"below {wanted.install_path}; install it first"
    )


def _other_chips(wanted: Wanted, _ground: Ground, software: Mapping[str, Any]) -> Iterator[str]:
    """Refuse operators of a second chip in one tree, from 8.5 on (official 8.5 and 9.0 guides)."""
    if wanted.kind != "ops" or wanted.chip is None:
        return
    for part in parts_of("ops", software):
        others = [chip for chip in part["chips"] if chip != f"ascend{wanted.chip}"]
        if others and same(part["version"], wanted.version):
            yield (
                f"chip: found operators for {', '.join(others)} in {part['path']}, wanted "
                f"ascend{wanted.chip}; one path holds the operators of one chip: remove those, or choose "
                "another install_path"
            )


def _writable(_wanted: Wanted, ground: Ground, _software: Mapping[str, Any]) -> Iterator[str]:
    for place in ground.read_only:
        yield (
            f"{place}: found a file system that is mounted read-only, wanted one that can be written; look "
            "into dmesg for the reason, and mount it anew"
        )


def _executable(wanted: Wanted, ground: Ground, _software: Mapping[str, Any]) -> Iterator[str]:
    for place in ground.no_exec:
        why, after = "packages run what they unpack there", "; it may be set back after the installation"
        if place == wanted.install_path:
            why, after = "what is installed runs from there", " and in /etc/fstab"
        yield (
            f"{place}: found a file system that is mounted noexec, wanted one from which programs run, "
            f"because {why}; {remount(place)}{after}"
        )


def _room(wanted: Wanted, ground: Ground, size: int) -> Iterator[str]:
    """Refuse too little room: the package itself and what it unpacks, and what it installs."""
    (target, target_free), (temporary, temporary_free) = ground.free
    installed, unpacked = size * wanted.row.grows, size * (wanted.row.grows + 1)
    needs = [(target, installed, target_free), (temporary, unpacked, temporary_free)]
    if ground.one_device:
        needs = [(f"{target} and {temporary}", installed + unpacked, target_free)]
    for place, need, free in needs:
        if free < need:
            yield (
                f"{place}: found {size_in_words(free)} free, wanted {size_in_words(need)} for a package of "
                f"{size_in_words(size)} (estimated); make room, or mount a larger file system there"
            )


_CHECKS = (
    *(_root, _environment, _vendor_user, _recorded_path, _whitelist),
    *(_owner, _tree_owner, _other_chips, _writable, _executable),
)
