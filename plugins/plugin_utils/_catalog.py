# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the catalog: chip families, products, operating systems, package names and releases.

A user's own directory may hold the same files; its entries come before those of the collection.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from ansible.module_utils.common.yaml import SafeLoader
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError, nearest, one_of
from ansible_collections.ascend.fleet.plugins.plugin_utils._schema import violations

if TYPE_CHECKING:
    from collections.abc import Sequence

CATALOG = Path(__file__).resolve().parents[2] / "catalog"
_FLOAT = "tag:yaml.org,2002:float"


class _TextLoader(SafeLoader):
    """Keep 3.10 and 24.1 the texts that they are, make every key text, and refuse a key that stands twice."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != _FLOAT]
        for first, resolvers in SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[str, Any]:
        """Build one mapping with text keys."""
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(self.construct_object(key_node, deep=True))
            if key in mapping:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key} stands twice", key_node.start_mark
                )
            mapping[key] = self.construct_object(value_node, deep=True)
        return mapping


def _construct_map(loader: _TextLoader, node: yaml.MappingNode) -> dict[str, Any]:
    return loader.construct_mapping(node)


_TextLoader.add_constructor("tag:yaml.org,2002:map", _construct_map)


class Catalog:
    """The collection's catalog with the user's own directories before it."""

    def __init__(self, directories: Sequence[str | Path] = ()) -> None:
        """Take the user's directories in the order in which they are asked."""
        self.directories = [Path(directory) for directory in directories]
        for directory in self.directories:
            if not directory.is_dir():
                raise ProblemError(
                    f"no directory {directory}",
                    "a directory with releases/, products.yml or chips.yml",
                    "correct `catalog`",
                )
        self.directories.append(CATALOG)

    @functools.cached_property
    def chips(self) -> dict[str, Any]:
        """Chip families by key."""
        return self._merged("chips", "chips")

    @functools.cached_property
    def products(self) -> dict[str, Any]:
        """Products by key."""
        return self._merged("products", "products")

    @functools.cached_property
    def package_names(self) -> dict[str, Any]:
        """The grammar of the file names; always the collection's own."""
        return read_file(CATALOG / "package_names.yml", "package_names")

    @functools.cached_property
    def systems(self) -> list[dict[str, Any]]:
        """Operating systems with what their families have in common."""
        families, systems = self._merged("systems", "families"), self._merged("systems", "systems")
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
        known = {f"{row['distribution']} {row['version']}": row for row in self.systems}
        fitting = [title for title in known if f"{name}.".startswith(f"{title}.")]
        if not fitting:
            raise ProblemError(
                f"the operating system {name}",
                f"{one_of(known)}{nearest(name, known)}",
                "describe it in a systems.yml of your own and name its directory in `catalog`",
            )
        system = known[max(fitting, key=len)]
        return {
            **system,
            "build_packages": system["build_packages"] + system.get("extra_packages", []),
            "kernel_packages": [title.format(kernel=kernel) for title in system["kernel_packages"] if kernel],
        }

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

    def release(self, name: str) -> dict[str, Any]:
        """Return one release as its file says it.

        Raises ProblemError for a name without a file, and for a file that is no release.
        """
        file = self._release_file(name)
        release = read_file(file, "release")
        if release["name"] != name:
            raise ProblemError(
                f"name: {release['name']} in {file}",
                f"name: {name}",
                "give the file and its `name` the same name",
            )
        return release

    def shadows(self, name: str) -> list[str]:
        """Say which files of a release's name are not read because another one comes before them."""
        first, *others = [file for file in self._release_files(name) if file.is_file()]
        return [f"The release {name} is that of {first}; {file} is not used." for file in others]

    def _release_file(self, name: str) -> Path:
        names = self.release_names()
        if name not in names:
            raise ProblemError(
                f"the release {name}",
                f"{one_of(names)}{nearest(name, names)}",
                f"set npu_fleet_release to a known release, or write releases/{name}.yml in a directory of "
                "your own and name that directory in `catalog`",
            )
        return next(file for file in self._release_files(name) if file.is_file())

    def _release_files(self, name: str) -> list[Path]:
        return [directory / "releases" / f"{name}.yml" for directory in self.directories]

    def _merged(self, stem: str, section: str) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for directory in reversed(self.directories):
            file = directory / f"{stem}.yml"
            if file.is_file():
                merged.update(read_file(file, stem)[section])
        return merged


def read_file(file: Path, schema: str) -> dict[str, Any]:
    """Read one catalog file and check it against ``catalog/schema/<schema>.json``.

    Raises ProblemError that names the file and every place that is wrong.
    """
    try:
        content = yaml.load(file.read_text(encoding="utf-8"), Loader=_TextLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ProblemError(
            f"{file}, which cannot be read: {error}", "a YAML file", "repair the file"
        ) from error
    wrong = list(violations(content, _schema(schema)))
    if wrong:
        raise ProblemError(
            f"{file} with {'; '.join(wrong)}", f"a {schema} file of the catalog", "repair the file"
        )
    return content


@functools.cache
def _schema(name: str) -> dict[str, Any]:
    text = (CATALOG / "schema" / f"{name}.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
