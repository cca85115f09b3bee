# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a CANN package puts its files: the trees of 8.3 and older, and of 8.5 and newer (placements.json)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from npu_simulator.installers.package import Package

NEW_LAYOUT = "cann"
OLD_LAYOUT = "ascend-toolkit"
_TABLE = Path(__file__).with_name("placements.json")
_FOLDER_OF_TYPE = {"toolkit": "ascend-toolkit", "nnae": "nnae", "nnrt": "nnrt"}


@dataclass(frozen=True)
class Placement:
    """The paths of one version of one package; ``set_env`` is empty when the package has none.

    ``tree`` holds all versions, ``base`` is the folder of this one, ``info`` proves the installation, and
    ``links`` (path -> target) are those that lead to the version installed last.
    """

    tag: str
    tree: str
    base: str
    info: str
    uninstaller: str
    whole_uninstaller: str
    set_env: str
    links: Mapping[str, str]


def place(package: Package, root: str, arch: str, host: str = "toolkit") -> Placement:
    """Return the paths of ``package`` below the installation path ``root`` on a machine of ``arch``.

    ``host`` is what kernels attach to: toolkit, nnae or nnrt.
    """
    row = json.loads(_TABLE.read_text(encoding="utf-8"))[package.layout][package.part]
    words = {"root": root, "version": package.version, "arch": arch, "chip": package.chip or ""}
    words["host"] = _FOLDER_OF_TYPE[host]
    words["tree"] = row["tree"].format(**words)
    words["base"] = row["base"].format(**words)
    texts = {
        key: row.get(key, "").format(**words) for key in Placement.__dataclass_fields__ if key != "links"
    }
    links = {path.format(**words): target.format(**words) for path, target in row["links"].items()}
    return Placement(links=links, **texts)
