# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look for packages where they should be, and hold them against their checksums."""

from __future__ import annotations

DOCUMENTATION = r"""
name: package_files
short_description: Look for packages in a directory of the controller
version_added: 0.1.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Says of each package whether it is there and whether its checksum is right.
  - A checksum comes from the catalog, else from a file C(SHA256SUMS) beside the packages.
    A package without one is not hashed.
  - Packages of a mirror (V(http://), V(https://)) or on the nodes (V(node:/path)) are not looked for, nor
    those of what is no absolute path; P(ascend.fleet.argument_problems#lookup) tells of that.
options:
  _terms:
    description: The directory.
    type: list
    elements: str
    required: true
  packages:
    description: Mappings with V(file) and V(sha256), as P(ascend.fleet.release#lookup) lists them.
    type: list
    elements: dict
    required: true
seealso:
  - plugin: ascend.fleet.preflight_problems
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Look for the packages of a release
  ansible.builtin.set_fact:
    files: "{{ lookup('ascend.fleet.package_files', '/srv/ascend', packages=release.packages) }}"
"""

RETURN = r"""
_raw:
  description: One mapping for each directory.
  type: list
  elements: dict
  contains:
    packages:
      description: By file name, with V(path), V(exists), V(size) in bytes, V(sha256) and V(wanted_sha256).
      type: dict
      sample: {}
    available:
      description: What lies in the directory.
      type: list
      elements: str
      sample: [SHA256SUMS]
"""

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansible.plugins.lookup import LookupBase

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_HERE = re.compile(r"~?/")
_SUM_LINE = re.compile(r"^([0-9a-f]{64}) [ *](.+)$", re.MULTILINE)


def sums_of(directory: Path) -> dict[str, str]:
    """Return what the file SHA256SUMS of a directory says, by file name; empty without the file."""
    listed = directory / "SHA256SUMS"
    if not listed.is_file():
        return {}
    text = listed.read_text(encoding="utf-8")
    return {match[2].removeprefix("./"): match[1] for match in _SUM_LINE.finditer(text)}


def hash_of(path: Path) -> str:
    """Return the sha256 of a file."""
    with path.open("rb") as stream:
        digest = hashlib.sha256()
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def look(directory: Path, packages: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Say of each package whether it is in ``directory``, and what its checksum is and should be."""
    sums = sums_of(directory) if packages else {}
    found = {}
    for package in packages:
        path = directory / package["file"]
        wanted = package.get("sha256") or sums.get(package["file"])
        exists = path.is_file()
        found[package["file"]] = {
            "path": str(path),
            "exists": exists,
            "size": path.stat().st_size if exists else None,
            "sha256": hash_of(path) if exists and wanted else None,
            "wanted_sha256": wanted,
        }
    available = sorted(entry.name for entry in directory.iterdir()) if directory.is_dir() else []
    return {"packages": found, "available": available}


class LookupModule(LookupBase):
    """The lookup C(ascend.fleet.package_files)."""

    def run(self, terms: list[str], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        """Look into every directory."""
        self.set_options(var_options=variables, direct=kwargs)
        packages = self.get_option("packages")
        return [self._answer(str(term), packages) for term in terms]

    def _answer(self, source: str, packages: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Look into one directory; what lies elsewhere is not looked for."""
        if not _HERE.match(source):
            return {"packages": {}, "available": []}
        return look(Path(self._loader.path_dwim(source)), packages)
