# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which CANN, toolbox and container runtime are installed, read from the files that the packages leave.

This module util is private to the collection and may change at any time. Two trees of CANN are known: up to
8.3 ascend-toolkit/VERSION and its like, from 8.5 on cann-VERSION.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils._version_files import (
    assignments,
    below,
    folders,
    parse_assignments,
    shown,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

NEW_TREE = "cann-"
TOOLKIT_INFO = "ascend_toolkit_install.info"
RECORD = "ascend_cann_install.info"  # where the CANN packages of a user go: below /etc/Ascend or ~/Ascend
_KERNEL_BINARIES = "opp/built-in/op_impl/ai_core/tbe/kernel"
_ATB = re.compile(r"^\s*Ascend-cann-atb\s*:\s*(\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Place:
    """Where one kind of package lies in one tree; most of it is said from the version's folder on.

    ``trees`` finds the folders of the versions below the installation path, ``home`` is shown as the path,
    ``proofs`` and ``uninstallers`` are patterns, ``link`` leads to the version in use. ``optional`` parts are
    there only when their home or their proof is.
    """

    part: str
    trees: str
    proofs: tuple[str, ...]
    uninstallers: tuple[str, ...]
    link: str | None = None
    home: str = ""
    optional: bool = False


_OLD_KERNELS: dict[str, Any] = {
    "proofs": ("opp_kernel/version.info",),
    "uninstallers": ("opp_kernel/script/uninstall.sh",),
    "home": "opp_kernel",
    "optional": True,
}
_SCRIPTS = ("script/uninstall.sh", "*-linux/script/uninstall.sh")
PLACES = (
    Place(
        "toolkit",
        "ascend-toolkit/*",
        ("*-linux/ascend_toolkit_install.info",),
        ("*-linux/script/uninstall.sh", "cann_uninstall.sh"),
        link="ascend-toolkit/latest",
    ),
    Place("kernels", "ascend-toolkit/*", **_OLD_KERNELS),
    Place(
        "nnae",
        "nnae/*",
        ("ascend_nnae_install.info", "*-linux/ascend_nnae_install.info"),
        _SCRIPTS,
        link="nnae/latest",
    ),
    Place("kernels", "nnae/*", **_OLD_KERNELS),
    Place(
        "nnrt",
        "nnrt/*",
        ("*-linux/ascend_nnrt_install.info", "ascend_nnrt_install.info"),
        _SCRIPTS,
        link="nnrt/latest",
    ),
    Place("kernels", "nnrt/*", **_OLD_KERNELS),
    Place(
        "toolkit",
        "cann-*",
        ("*-linux/ascend_toolkit_install.info",),
        ("*-linux/script/uninstall.sh", "cann_uninstall.sh"),
        link="cann",
    ),
    Place(
        "ops",
        "cann-*",
        ("*-linux/ascend_ops_install.info",),
        ("*-linux/script/ops_uninstall.sh",),
        optional=True,
    ),
    Place(
        "nnal",
        "nnal/atb/*",
        ("version.info",),
        ("scripts/uninstall.sh", "../../nnal_uninstall.sh"),
        link="nnal/atb/latest",
    ),
    Place(
        "tfplugin",
        "tfplugin/*",
        ("ascend_tfplugin_install.info", "*-linux/ascend_tfplugin_install.info"),
        _SCRIPTS,
        link="tfplugin/latest",
    ),
)
TOOLBOX = Place(
    "toolbox",
    "toolbox/*",
    ("ascend_toolbox_install.info", "*-linux/ascend_toolbox_install.info"),
    _SCRIPTS,
    link="toolbox/latest",
)
RUNTIME = Place(
    "docker_runtime",
    "Ascend-Docker-Runtime",
    ("ascend_docker_runtime_install.info",),
    ("script/uninstall.sh",),
)
_OPERATORS = ("kernels", "ops")


def read_cann(root: str, ascend: Path) -> list[dict[str, Any]]:
    """Return the parts of CANN below ``ascend``, sorted by place, then version."""
    order: list[str] = []
    for place in PLACES:  # all parts of one version's folder stand together
        order += [place.trees] if place.trees not in order else []
    found = []
    for trees in order:
        places = [place for place in PLACES if place.trees == trees]
        for tree in _versions(ascend, trees):
            found += [part for place in places for part in _part(root, ascend, place, tree)]
    return found


def read_toolbox(root: str, ascend: Path) -> list[dict[str, Any]]:
    """Return the versions of the toolbox (ascend-dmi)."""
    trees = _versions(ascend, TOOLBOX.trees)
    return [part for tree in trees for part in _part(root, ascend, TOOLBOX, tree)]


def read_runtime(root: str, ascend: Path) -> dict[str, Any] | None:
    """Return the Ascend Docker Runtime; version None when only a part of it is there."""
    home = ascend / RUNTIME.trees
    if not home.is_dir():
        return None
    info = assignments(home / RUNTIME.proofs[0])
    version = info.get("version", "").lstrip("v") or None
    return {
        "version": version,
        "complete": version is not None,
        "path": shown(home, root),
        "injection_mode": info.get("injection-mode") or None,
    }


def _versions(ascend: Path, trees: str) -> list[Path]:
    """Return the folders of the versions; a link (latest) is none, nor is what has no version for a name."""
    parent, _slash, pattern = trees.rpartition("/")
    prefix = pattern[:-1]  # without the star
    return [
        tree
        for tree in folders(ascend / parent)
        if tree.name.startswith(prefix) and tree.name[len(prefix) :][:1].isdigit()
    ]


def _part(root: str, ascend: Path, place: Place, tree: Path) -> Iterator[dict[str, Any]]:
    """Yield the part of one version's folder; without a version in its file it is incomplete."""
    file = next((path for proof in place.proofs for path in sorted(tree.glob(proof))), None)
    there = (tree / place.home).is_dir() if place.home else file is not None
    if place.optional and not there:
        return
    text = text_of(file) if file else None
    version = _version(text or "")
    chips = kernel_chips(tree) if place.part in _OPERATORS else []
    named = tree.name[len(NEW_TREE) :] if tree.name.startswith(NEW_TREE) else tree.name
    yield {
        "part": place.part,
        "version": version or named,
        "arch": _arch(text or "", tree),
        "path": shown(tree / place.home, root),
        "complete": bool(version) and (bool(chips) or place.part != "kernels"),
        "chips": chips,
        "in_use": _leads(ascend / place.link, tree) if place.link else None,
        "whitelist": _whitelist(tree) if place.part == "toolkit" else None,
        "inner_version": parse_assignments(text or "").get("innerversion"),
        "owner": tree.stat().st_uid,
    }


def _version(text: str) -> str | None:
    """Return the release of a version file.

    ``Version`` of the kernels may be an internal number such as 7.6.0.1.220; the release then stands in
    ``version_dir``. The file of nnal is a list in words.
    """
    info = parse_assignments(text)
    atb = _ATB.search(text)
    return info.get("version") or info.get("version_dir") or info.get("Version") or (atb and atb[1]) or None


def _whitelist(tree: Path) -> str | None:
    """Return which part of the toolkit was installed, None for all of it (install.conf, from 8.5 on)."""
    confs = (assignments(path).get("whitelist") for path in sorted(tree.glob("*-linux/install.conf")))
    return next(confs, None) or None


def _arch(text: str, tree: Path) -> str | None:
    named = (home.name[: -len("-linux")] for home in sorted(tree.glob("*-linux")))
    return parse_assignments(text).get("arch") or next(named, None)


def _leads(link: Path, tree: Path) -> bool:
    """Tell whether ``link``, a link or a folder full of links, leads to the folder ``tree``."""
    if link.is_symlink():
        return os.path.realpath(link) == os.path.realpath(tree)
    inner = [entry for entry in sorted(link.iterdir()) if entry.is_symlink()] if link.is_dir() else []
    return any(os.path.realpath(entry).startswith(f"{os.path.realpath(tree)}/") for entry in inner)


def kernel_chips(tree: Path) -> list[str]:
    """Return for which chips operators are compiled, as their directories are called: ascend910b."""
    names = [folder.name for folder in folders(tree / _KERNEL_BINARIES)]
    return [name for name in names if name.startswith("ascend")]


def cann_latest(ascend: Path) -> str | None:
    """Return the version that set_env.sh leads to: of the links cann and ascend-toolkit/latest.

    A package of 8.5 or newer sets both. One of 8.3 or older knows the second only: when the links differ, the
    younger one tells what was installed last. The second is a folder full of links on some installations.
    """
    links = [ascend / "cann", ascend / "ascend-toolkit" / "latest"]
    there = [link for link in links if os.path.lexists(link)]
    there.sort(key=lambda link: os.lstat(link).st_mtime_ns, reverse=True)
    return next((version for version in map(_link_version, there) if version), None)


def _link_version(link: Path) -> str | None:
    """Return the version of the toolkit behind a link, else the one in the name that it points to."""
    info = next((text_of(path) or "" for path in sorted(link.glob(f"*-linux/{TOOLKIT_INFO}"))), "")
    if parse_assignments(info).get("version"):
        return parse_assignments(info)["version"]
    name = os.readlink(link).rstrip("/").rpartition("/")[2] if link.is_symlink() else ""
    version = name[len(NEW_TREE) :] if name.startswith(NEW_TREE) else name
    return version if version[:1].isdigit() else None


def uninstallers(root: str, part: Mapping[str, Any]) -> list[str]:
    """Return the paths of the scripts that remove an installed ``part``, the first one before the others."""
    path = part["path"]
    found = []
    for place in (*PLACES, TOOLBOX, RUNTIME):
        home = f"/{place.home}" if place.home else ""
        if place.part != part["part"] or not path.endswith(home):
            continue
        tree = below(root, path[: -len(home)] if home else path)
        found += [shown(file, root) for script in place.uninstallers for file in _matches(tree, script)]
    return list(dict.fromkeys(os.path.normpath(file) for file in found))


def _matches(tree: Path, script: str) -> list[Path]:
    """Return the files of a pattern, which may begin above the folder ``tree``."""
    while script.startswith("../"):
        tree, script = tree.parent, script[len("../") :]
    return sorted(tree.glob(script))
