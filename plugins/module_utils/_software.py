# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of the vendor's software is installed, read from the version files that the packages leave.

The files say what is installed; what runs is known to npu-smi only. Everything is read below a root, C(/) on
a host. The parse functions are pure.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

INSTALL_INFO = "/etc/ascend_install.info"

_HOST_TYPES = (
    "full",
    "run",
)  # the installer marks the end of these types of installation, not of docker or devel
_FIRST_MARKED_MAJOR = 24  # driver 23.0 leaves no Driver_Install_Status, also not when it is complete
_RANGE = re.compile(r"\[\s*([^\[\],\s]+)\s*,\s*([^\[\],\s]+)\s*\]")
_TOOLKIT_INFO = "ascend_toolkit_install.info"
_OPS_INFO = "ascend_ops_install.info"
_KERNEL_BINARIES = "opp/built-in/op_impl/ai_core/tbe/kernel"


class VersionFileError(Exception):
    """A version file holds something that is not understood."""


def parse_assignments(text: str) -> dict[str, str]:
    """Return the C(key=value) lines of a version file; other lines (comments, headings) are left out."""
    pairs = (line.partition("=") for line in text.splitlines() if not line.lstrip().startswith("#"))
    return {key.strip(): value.strip().strip('"') for key, equals, value in pairs if equals}


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
    """Read what is installed below ``root``: C(driver), C(firmware), C(cann), C(cann_latest).

    ``install_path`` is where CANN lies, and driver and firmware unless /etc/ascend_install.info names another
    place. Raises VersionFileError, and OSError where a file is there but cannot be read.
    """
    install_info = parse_assignments(_text(_below(root, INSTALL_INFO)) or "")
    ascend = _below(root, install_path)
    return {
        "driver": _driver(root, install_info.get("Driver_Install_Path_Param") or install_path, install_info),
        "firmware": _firmware(root, install_info.get("Firmware_Install_Path_Param") or install_path),
        "cann": [{**part, "path": _shown(part["path"], root)} for part in _cann(ascend)],
        "cann_latest": _cann_latest(ascend),
    }


def _below(root: str, path: str) -> Path:
    return Path(root) / path.lstrip("/")


def _shown(path: Path, root: str) -> str:
    return "/" + str(path.relative_to(root))


def _text(path: Path) -> str | None:
    """Return a file's text, None if there is no such file."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, NotADirectoryError):
        return None


def _assignments(path: Path) -> dict[str, str]:
    return parse_assignments(_text(path) or "")


def _folders(path: Path) -> list[Path]:
    """Return the real subdirectories in order, without links; none if ``path`` is no directory."""
    if not path.is_dir():
        return []
    return sorted(entry for entry in path.iterdir() if entry.is_dir() and not entry.is_symlink())


def _driver(root: str, place: str, install_info: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the driver; version None when only a part of it is there, None when nothing is."""
    home = _below(root, place) / "driver"
    if not home.is_dir() or not any(home.iterdir()):
        return None
    info = _assignments(home / "version.info")
    version = driver_version(info)
    return {
        "version": version,
        "complete": driver_complete(version, install_info, (home / "tools" / "upgrade-tool").exists()),
        "compatible_firmware": parse_ranges(info.get("compatible_version_fw", "")),
        "path": _shown(home, root),
    }


def _firmware(root: str, place: str) -> dict[str, Any] | None:
    home = _below(root, place) / "firmware"
    version = _assignments(home / "version.info").get("Version")
    return {"version": version, "path": _shown(home, root)} if version else None


def _cann(ascend: Path) -> Iterator[dict[str, Any]]:
    """Yield the toolkits and kernels: below ascend-toolkit/VERSION and, from 8.5 on, cann-VERSION."""
    for tree in _folders(ascend / "ascend-toolkit"):
        if tree.name[0].isdigit():  # not "latest"
            yield from _old_tree(tree)
    for tree in _folders(ascend):
        if tree.name.startswith("cann-"):
            yield from _new_tree(tree)


def _old_tree(tree: Path) -> Iterator[dict[str, Any]]:
    toolkit = _part("toolkit", tree, tree.name, _TOOLKIT_INFO)
    yield toolkit
    kernels = tree / "opp_kernel"
    if kernels.is_dir():
        info = _assignments(kernels / "version.info")
        # "Version" is an internal number there, such as 7.6.0.1.220; the release stands in version_dir.
        version = info.get("version_dir") or info.get("Version")
        chips = _kernel_chips(tree)
        yield {
            "part": "kernels",
            "version": version or tree.name,
            "arch": toolkit["arch"],
            "path": kernels,
            "complete": bool(version) and bool(chips),
            "chips": chips,
        }


def _new_tree(tree: Path) -> Iterator[dict[str, Any]]:
    version = tree.name.partition("-")[2]
    yield _part("toolkit", tree, version, _TOOLKIT_INFO)
    if any(tree.glob(f"*-linux/{_OPS_INFO}")):
        yield {**_part("kernels", tree, version, _OPS_INFO), "chips": _kernel_chips(tree)}


def _part(part: str, tree: Path, version: str, file: str) -> dict[str, Any]:
    """Read the information file of a part; without one, or without a version in it, it is incomplete."""
    info: Mapping[str, str] = next((_assignments(path) for path in sorted(tree.glob(f"*-linux/{file}"))), {})
    arch = info.get("arch") or next(
        (home.name[: -len("-linux")] for home in sorted(tree.glob("*-linux"))), None
    )
    return {
        "part": part,
        "version": info.get("version") or version,
        "arch": arch,
        "path": tree,
        "complete": bool(info.get("version")),
        "chips": [],
    }


def _kernel_chips(tree: Path) -> list[str]:
    """Return for which chips operators are compiled, as their directories are called: ascend910b."""
    folders = _folders(tree / _KERNEL_BINARIES)
    return [folder.name for folder in folders if folder.name.startswith("ascend")]


def _cann_latest(ascend: Path) -> str | None:
    """Return the version that set_env.sh leads to: of the link cann, else of ascend-toolkit/latest.

    The latter is a link on some installations and a directory full of links on others.
    """
    for link in (ascend / "cann", ascend / "ascend-toolkit" / "latest"):
        info = next((_assignments(path) for path in sorted(link.glob(f"*-linux/{_TOOLKIT_INFO}"))), {})
        if info.get("version"):
            return info["version"]
        name = os.readlink(link).rstrip("/").rpartition("/")[2] if link.is_symlink() else ""
        version = name[len("cann-") :] if name.startswith("cann-") else name
        if version[:1].isdigit():
            return version
    return None
