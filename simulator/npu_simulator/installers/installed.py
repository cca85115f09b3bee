# SPDX-License-Identifier: GPL-3.0-or-later
"""What the uninstallers on a node know of the packages that left them there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from npu_simulator.installers.files import read, write
from npu_simulator.installers.package import PackageError, as_mapping, from_mapping

if TYPE_CHECKING:
    from npu_simulator.installers.package import Package
    from npu_simulator.state import Node

FOLDER = "/var/lib/npu-simulator/installed"


def remember(node: Node, package: Package, root: str) -> str:
    """Keep what ``package`` is, and return the words that its uninstaller starts with: part, root, name."""
    folder = node.path(FOLDER)
    if not folder.is_dir():
        folder.mkdir(parents=True)
        folder.chmod(0o1777)
    write(node, _file(node, package.stem), json.dumps(as_mapping(package)), 0o644)
    return f"{package.part} {root} {package.stem}"


def recall(node: Node, stem: str) -> Package:
    """Return the package that was installed from ``stem``.run. Raises PackageError."""
    text = read(node, _file(node, stem))
    if not text:
        raise PackageError(f"found no {_file(node, stem)}, wanted what the installer of {stem} left there")
    return from_mapping(json.loads(text))


def components_in(node: Node, folder: str) -> list[str]:
    """Return the folders that the sub-packages of all packages made below version folders like ``folder``."""
    files = node.path(f"{FOLDER}/{node.uid}").glob("*.json")
    kept = (json.loads(file.read_text(encoding="utf-8")) for file in files)
    return [part["directory"] for one in kept if one["version"] in folder for part in one["components"]]


def _file(node: Node, stem: str) -> str:
    return f"{FOLDER}/{node.uid}/{stem}.json"
