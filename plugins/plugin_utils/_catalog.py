# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the catalog: chip families, products, operating systems, package names and releases.

A user's own directory may hold the same files; its entries come before those of the collection.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ansible_collections.ascend.fleet.plugins.module_utils._version import version_key
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog_file import (
    CATALOG,
    check_directory,
    read_file,
)
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import (
    CatalogFileError,
    ProblemError,
    nearest,
    one_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class Catalog:
    """The collection's catalog with the user's own directories before it."""

    def __init__(self, directories: Sequence[str | Path] = ()) -> None:
        """Take the user's directories in the order in which they are asked."""
        self.directories = [Path(directory) for directory in directories]
        for directory in self.directories:
            check_directory(directory)
        self.directories.append(CATALOG)
        self._releases: dict[str, dict[str, Any]] = {}
        self._places: dict[
            tuple[str, str], list[Path]
        ] = {}  # the files that have an entry, the used one last

    @functools.cached_property
    def chips(self) -> dict[str, Any]:
        """Chip families by key."""
        return self._merged("chips", "chips")

    @functools.cached_property
    def products(self) -> dict[str, Any]:
        """Products by key."""
        systems = [system["key"] for system in self.systems]
        return self._merged("products", "products", {"chips": self.chips, "systems": systems})

    @functools.cached_property
    def oem_vendors(self) -> dict[str, Any]:
        """PCI vendor ids of other makers; always the collection's own."""
        vendors: dict[str, Any] = read_file(CATALOG / "products.yml", "products")["oem_vendors"]
        return vendors

    @functools.cached_property
    def compatibility(self) -> list[dict[str, Any]]:
        """The drivers on which each CANN runs; always the collection's own."""
        rows: list[dict[str, Any]] = read_file(CATALOG / "compatibility.yml", "compatibility")[
            "compatibility"
        ]
        return rows

    @functools.cached_property
    def package_names(self) -> dict[str, Any]:
        """The grammar of the file names; always the collection's own."""
        return read_file(CATALOG / "package_names.yml", "package_names")

    @functools.cached_property
    def python_rules(self) -> list[dict[str, Any]]:
        """Which Python packages must stand together; always the collection's own."""
        rules: list[dict[str, Any]] = read_file(CATALOG / "python_rules.yml", "python_rules")["rules"]
        return rules

    @functools.cached_property
    def python_builds(self) -> dict[str, Any]:
        """How distributions are built, by name; always the collection's own."""
        builds: dict[str, Any] = read_file(CATALOG / "python_rules.yml", "python_rules")["builds"]
        return builds

    @functools.cached_property
    def systems(self) -> list[dict[str, Any]]:
        """Operating systems with what their families have in common."""
        families = self._merged("systems", "families")
        systems = self._merged("systems", "systems", {"families": families})
        return [{**families[system["family"]], "key": key, **system} for key, system in systems.items()]

    def product(self, key: str) -> dict[str, Any]:
        """Return a product with its key, its family's gateway scope and, under ``family``, its chip family.

        Raises ProblemError for a product or a chip family that the catalog does not have.
        """
        product = self._entry(self.products, key, "product", "products.yml")
        family = self._entry(self.chips, product["chip"], "chip family", "chips.yml")
        return {
            "key": key,
            **product,
            "gateway_scope": family["gateway_scope"],
            "family": {"key": product["chip"], **family},
        }

    def system(self, distribution: str, version: str, kernel: str | None = None) -> dict[str, Any]:
        """Return the operating system that Ansible's facts name, with the header packages of ``kernel``.

        Raises ProblemError for a system that the catalog does not have.
        """
        name = f"{distribution} {version}"
        known = {
            f"{called} {row['version']}": row
            for row in self.systems
            for called in (row["distribution"], *row.get("also_called", []))
        }
        fitting = [title for title in known if f"{name}.".startswith(f"{title}.")]
        if not fitting:
            raise ProblemError(
                f"the operating system {name}",
                f"{one_of(known)}{nearest(name, known)}",
                "describe it in a systems.yml of your own and name its directory in npu_fleet_catalog",
            )
        system = known[max(fitting, key=len)]
        return {
            **system,
            "quirks": system.get("quirks", []),
            "build_packages": [
                package
                for package in system["build_packages"] + system.get("extra_packages", [])
                if package != "dkms" or "no_dkms" not in system.get("quirks", [])
            ],
            "kernel_packages": [title.format(kernel=kernel) for title in system["kernel_packages"] if kernel],
            "compilers": list(_compilers(system)),
        }

    def interpreter(self, arch: str) -> dict[str, Any]:
        """Return the private Python for an architecture. Raises ProblemError for one without."""
        interpreters = self._merged("interpreters", "interpreters")
        return self._entry(interpreters, arch, "architecture", "interpreters.yml")

    def _entry(self, entries: dict[str, Any], key: str, what: str, file: str) -> dict[str, Any]:
        if key not in entries:
            raise ProblemError(
                f"the {what} {key}",
                f"{one_of(entries)}{nearest(key, entries)}",
                f"correct the name, or describe the {what} in a {file} of your own and name its directory in "
                "`catalog`",
            )
        return entries[key]

    def release_names(self) -> list[str]:
        """Return the names of all releases, sorted."""
        files = (file for directory in self.directories for file in (directory / "releases").glob("*.yml"))
        return sorted({file.stem for file in files})

    def releases_by_age(self) -> list[str]:
        """Return the names of all releases, those of the oldest CANN first.

        Raises ProblemError for a file that is no release.
        """
        keys = {name: version_key(self.release(name)["cann"]["version"]) for name in self.release_names()}
        return sorted(keys, key=lambda name: (keys[name], name))

    def release(self, name: str) -> dict[str, Any]:
        """Return one release as its file says it.

        Raises ProblemError for a name without a file, and for a file that is no release.
        """
        if name not in self._releases:
            self._releases[name] = self._read_release(name)
        return self._releases[name]

    def _read_release(self, name: str) -> dict[str, Any]:
        file = self._release_file(name)
        parts = self.package_names["parts"]
        known = {"compatibility": self.compatibility, "chips": self.chips, "parts": parts}
        release = read_file(file, "release", known)
        if release["name"] != name:
            raise CatalogFileError(
                f"name: {release['name']} in {file}",
                f"name: {name}",
                "give the file and its `name` the same name",
            )
        return release

    def wheels(self, name: str) -> list[dict[str, Any]]:
        """Return the wheels of a release whose checksums are published, as C(file), C(sha256) and C(url)."""
        files = self._files("wheels", name)
        folders = read_file(files[0], "wheels")["folders"] if files else []
        return [
            {"file": wheel, "sha256": sha256, "url": folder["url"] + quote(wheel)}
            for folder in folders
            for wheel, sha256 in folder["files"].items()
        ]

    def shadows(
        self, name: str, product: Mapping[str, Any] | None = None, system: Mapping[str, Any] | None = None
    ) -> list[str]:
        """Say which entries of a release, product or system are not used because others come before them."""
        places = {
            f"The release {name} is that": self._files("releases", name),
            f"The wheels of the release {name} are those": self._files("wheels", name),
        }
        if product:
            places[f"The product {product['key']} is that"] = self._places_of("products", product["key"])
            places[f"The chip family {product['chip']} is that"] = self._places_of("chips", product["chip"])
        if system:
            places[f"The system {system['key']} is that"] = self._places_of("systems", system["key"])
            places[f"The systems' family {system['family']} is that"] = self._places_of(
                "families", system["family"]
            )
        return [
            f"{what} of {files[0]}; {file} is not used."
            for what, files in places.items()
            for file in files[1:]
        ]

    def _release_file(self, name: str) -> Path:
        names = self.release_names()
        if not name:
            raise ProblemError(
                "npu_fleet_release is empty",
                f"the name of a release: {one_of(names)}",
                "set npu_fleet_release to one of them, or to `newest`",
            )
        if name not in names:
            raise ProblemError(
                f"the release {name}",
                f"{one_of(names)}{nearest(name, names)}",
                f"set npu_fleet_release to a known release, or write releases/{name}.yml in a directory of "
                "your own and name that directory in npu_fleet_catalog",
            )
        return self._files("releases", name)[0]

    def _places_of(self, section: str, key: str) -> list[Path]:
        """Return the files with an entry that was read, the one that is used first."""
        return self._places.get((section, key), [])[::-1]

    def _files(self, folder: str, name: str) -> list[Path]:
        """Return the files of a release, the one that is used first."""
        files = [directory / folder / f"{name}.yml" for directory in self.directories]
        return [file for file in files if file.is_file()]

    def _merged(self, stem: str, section: str, known: Mapping[str, Any] | None = None) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for directory in reversed(self.directories):
            file = directory / f"{stem}.yml"
            if file.is_file():
                entries = read_file(file, stem, known).get(section, {})
                merged.update(entries)
                for key in entries:
                    self._places.setdefault((section, key), []).append(file)
        return merged


def _compilers(system: Mapping[str, Any]) -> Iterator[dict[str, str | None]]:
    """Yield the packages with each program, the plain one first; a version of None is not sourced."""
    for program, package in system.get("compiler_packages", {}).items():
        plain, *others = system.get("compilers", {}).get(program, [None])
        yield {"program": program, "command": program, "package": package, "version": plain}
        if program in system.get("compilers_side_by_side", []):
            for version in others:
                beside = f"{package}-{version.partition('.')[0]}"
                yield {"program": program, "command": beside, "package": beside, "version": version}
