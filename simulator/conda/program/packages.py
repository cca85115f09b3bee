# SPDX-License-Identifier: GPL-3.0-or-later
"""The packages that the installation has brought along, in `pkgs`: there is no channel to download from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Iterable

from conda.program.errors import PackagesNotFoundError
from conda.program.specification import Specification, numbers, parse

if TYPE_CHECKING:
    from pathlib import Path

INDEX = "info/index.json"


@dataclass(frozen=True)
class Package:
    """An unpacked package and its record (info/index.json)."""

    folder: Path
    record: dict[str, Any]

    @property
    def name(self) -> str:
        """Return its name."""
        return str(self.record["name"])

    @property
    def version(self) -> str:
        """Return its version."""
        return str(self.record["version"])

    @property
    def dist(self) -> str:
        """Return `name-version-build`, also the name of its folder and of its record in environments."""
        return dist_name(self.record)

    @property
    def listed(self) -> dict[str, Any]:
        """Return it as conda lists it in JSON."""
        return listed(self.record)

    def from_channel(self, channels: list[str]) -> Package:
        """Return it as one of ``channels`` has it: a mirror brings the same packages under its own name."""
        if self.record["channel"] in channels or channels[0].startswith(("file://", "/")):
            return self
        return Package(self.folder, {**self.record, "channel": channels[0]})

    def fits(self, specification: Specification) -> bool:
        """Tell whether the package will do."""
        return specification.accepts(self.name, self.version, str(self.record["build"]))


def dist_name(record: dict[str, Any]) -> str:
    """Return the `name-version-build` of a record."""
    return f"{record['name']}-{record['version']}-{record['build']}"


def listed(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record as conda lists it in JSON."""
    return {
        "build_number": record["build_number"],
        "build_string": record["build"],
        "channel": record["channel"],
        "dist_name": dist_name(record),
        "name": record["name"],
        "platform": record["subdir"],
        "version": record["version"],
    }


def brought(cache: Path) -> list[Package]:
    """Return the packages below ``cache``, the newest version of each name first."""
    files = sorted(cache.glob(f"*/{INDEX}"))
    return newest_first(
        [Package(file.parents[1], json.loads(file.read_text(encoding="utf-8"))) for file in files]
    )


def newest_first(packages: Iterable[Package]) -> list[Package]:
    """Return ``packages`` in the order in which :func:`solve` is to try them."""
    return sorted(packages, key=lambda one: numbers(one.version), reverse=True)


def solve(packages: list[Package], wanted: Iterable[str], channels: Iterable[str]) -> list[Package]:
    """Return the packages for the specifications ``wanted`` and all that these depend on, by name.

    Raises PackagesNotFoundError for what is not there, InvalidSpecificationError for what cannot be read.
    """
    specifications = [parse(text) for text in wanted]
    missing = [one.text for one in specifications if not any(package.fits(one) for package in packages)]
    if missing:
        raise PackagesNotFoundError(missing, channels)
    chosen: dict[str, Package] = {}
    names = [one.name for one in specifications]
    while names:
        name = names.pop()
        if name in chosen:
            continue
        own = [one for one in specifications if one.name == name]
        fitting = [one for one in packages if one.name == name and all(one.fits(spec) for spec in own)]
        if not fitting:
            raise PackagesNotFoundError([one.text for one in own] or [name], channels)
        chosen[name] = fitting[0]
        names += fitting[0].record["depends"]
    return sorted(chosen.values(), key=lambda one: one.name)
