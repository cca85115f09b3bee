# SPDX-License-Identifier: GPL-3.0-or-later
"""A catalog of one's own for the made packages: the shipped release with their checksums, and their zips.

The shipped release holds the vendor's checksums, which simulated packages cannot have. Name the directory in
`npu_fleet_catalog`, as anybody does whose packages are not the vendor's.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import yaml
from packages.release_packages import CATALOG

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_HEAD = "# SPDX-License-Identifier: GPL-3.0-or-later\n# Made by the simulator for its packages.\n---\n"


def write(release: str, packages: Path, zips: Mapping[str, str], catalog: Path) -> None:
    """Write ``releases/RELEASE.yml`` of ``catalog`` for the files in the directory ``packages``.

    ``zips`` names the zip that stands in for a package, by the package's name.
    """
    content = yaml.safe_load((CATALOG / f"releases/{release}.yml").read_text(encoding="utf-8"))
    content["packages"] = [_row(row, packages, zips) for row in content["packages"]]
    content.pop("archives", None)  # they are the vendor's
    file = catalog / f"releases/{release}.yml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(_HEAD + yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def _row(row: Mapping[str, Any], packages: Path, zips: Mapping[str, str]) -> dict[str, Any]:
    name = zips.get(row["file"], row["file"])
    made = packages / name
    if not made.is_file():
        return dict(row)
    return {**row, "file": name, "sha256": hashlib.sha256(made.read_bytes()).hexdigest()}
