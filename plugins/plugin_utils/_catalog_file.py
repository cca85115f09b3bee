# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read one file of the catalog: as text where YAML would make a number, checked, every error with its line.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from ansible.module_utils.common.yaml import SafeLoader
from ansible_collections.ascend.fleet.plugins.plugin_utils._contradictions import contradictions
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import (
    CatalogFileError,
    nearest,
    one_of,
)
from ansible_collections.ascend.fleet.plugins.plugin_utils._schema import Finding, Place, findings, title

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CATALOG = Path(__file__).resolve().parents[2] / "catalog"
# What a directory of the user's may hold; the other files of the catalog are always the collection's own.
OWN_FILES = ("chips.yml", "products.yml", "systems.yml", "interpreters.yml", "downloads.yml")
OWN_FOLDERS = ("releases", "wheels")
_LACKS = re.compile(r"found no (\w+); wanted one")
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


def check_directory(directory: Path) -> None:
    """Raise ProblemError for a user's directory that is none, and for a file in it that nothing reads."""
    wanted = ["releases/<name>.yml", "wheels/<name>.yml", *OWN_FILES]
    if not directory.is_dir():
        raise CatalogFileError(
            f"no directory {directory}",
            f"a directory with {', '.join(wanted[:-1])} or {wanted[-1]}",
            "correct npu_fleet_catalog (the option `catalog`)",
        )
    try:
        file, near = next(_unread(directory), (None, ""))
    except OSError as error:
        raise CatalogFileError(
            f"{directory}, which cannot be read: {error}", "a directory to be read", "correct its rights"
        ) from error
    if file:
        raise CatalogFileError(
            f"{file}, which nothing reads",
            f"{one_of(wanted)}{near} in a directory of npu_fleet_catalog",
            "give it the name of what it is, or take it out of the directory",
        )


def _unread(directory: Path) -> Iterator[tuple[Path, str]]:
    """Yield YAML files under a name that is never read, also those in a folder with almost the right name."""
    for path in sorted(directory.iterdir()):
        if not path.is_dir():
            if _is_yaml(path) and path.name not in OWN_FILES:
                yield path, nearest(path.name, OWN_FILES)
        elif path.name not in OWN_FOLDERS:
            near = nearest(path.name, OWN_FOLDERS)
            if near and any(map(_is_yaml, path.iterdir())):
                yield path, near
    for folder in OWN_FOLDERS:
        for path in sorted((directory / folder).glob("*")):
            if _is_yaml(path) and path.suffix != ".yml":
                yield path, f" (the nearest is {folder}/{path.stem}.yml)"


def _is_yaml(path: Path) -> bool:
    return path.suffix in {".yml", ".yaml"} and not path.name.startswith(".")


def read_file(file: Path, schema: str, known: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Read a catalog file; check it against ``catalog/schema/<schema>.json``, its parts against each other.

    ``known`` is what other files say, for C(_contradictions). Raises ProblemError that names the file, every
    place that is wrong, and its line.
    """
    try:
        text = file.read_text(encoding="utf-8")
        content, wrong = _checked(text, schema)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CatalogFileError(
            f"{file}, which cannot be read: {error}", "a YAML file", "repair the file"
        ) from error
    wrong = wrong or list(contradictions(schema, content, known or {}))
    if wrong:
        lines = dict(_lines(_load(text)[0]))
        texts = [f"line {_line(lines, place)}: {title(place)}: {text}" for place, text in _together(wrong)]
        raise CatalogFileError(
            f"{file} with {'; '.join(texts)}", f"a {schema} file of the catalog", "repair the file"
        )
    return dict(content)


def _together(wrong: list[Finding]) -> list[Finding]:
    """Return the findings with all keys that one place lacks in one sentence."""
    lacking: dict[Place, list[str]] = {}
    for place, text in wrong:
        lacks = _LACKS.fullmatch(text)
        if lacks:
            lacking.setdefault(place, []).append(lacks[1])
    said: dict[tuple[Place, str], None] = {}
    for place, text in wrong:
        many = lacking.get(place, []) if _LACKS.fullmatch(text) else []
        said[place, f"found no {', '.join(many)}; wanted each of them" if len(many) > 1 else text] = None
    return list(said)


@functools.lru_cache(maxsize=64)
def _checked(text: str, schema: str) -> tuple[Any, list[Finding]]:
    """Return the content of a text and what its schema finds wrong with it. Raises yaml.YAMLError.

    A text is read once: workers of Ansible have what its main process has read. Nobody changes the content.
    """
    content = _load(text)[1]
    return content, list(findings(content, _schema(schema)))


def load_text(text: str) -> Any:
    """Return the content of a file of the catalog, or of a test's table. Raises yaml.YAMLError."""
    return _load(text)[1]


def _load(text: str) -> tuple[yaml.Node | None, Any]:
    loader = _TextLoader(text)
    try:
        node = loader.get_single_node()
        return node, None if node is None else loader.construct_document(node)
    finally:
        loader.dispose()


def _lines(node: yaml.Node | None, place: Place = ()) -> Iterator[tuple[Place, int]]:
    """Yield the line of every place; that of a key rather than that of its value."""
    if node is None:
        return
    if not place:
        yield place, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*place, str(key.value))
            yield inner, key.start_mark.line + 1
            yield from _lines(value, inner)
    if isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield (*place, number), item.start_mark.line + 1
            yield from _lines(item, (*place, number))


def _line(lines: Mapping[Place, int], place: Place) -> int:
    while place not in lines and place:
        place = place[:-1]
    return lines.get(place, 1)


@functools.cache
def _schema(name: str) -> dict[str, Any]:
    text = (CATALOG / "schema" / f"{name}.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
