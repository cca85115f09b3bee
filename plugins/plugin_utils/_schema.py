# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check a value against the part of JSON Schema that the catalog's schemas use.

The controller of a site has no jsonschema package, yet a bad file of the user must be refused by name. A test
holds this reading of the schemas equal to jsonschema's.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import nearest, one_of

if TYPE_CHECKING:
    from collections.abc import Iterator

KEYWORDS = frozenset(
    ["type", "enum", "pattern", "minimum", "minItems", "items", "properties", "required"]
    + ["additionalProperties", "propertyNames", "$ref", "$defs", "$schema", "title", "description"]
)
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
    "array": (list,),
    "object": (dict,),
}


Place = tuple[str | int, ...]  # keys and numbers from the top of the file down
Finding = tuple[Place, str]


def findings(value: Any, schema: dict[str, Any]) -> Iterator[Finding]:
    """Yield the place and what is wrong there, as C(found ...; wanted ...), depth first."""
    yield from _check(value, schema, schema, ())


def violations(value: Any, schema: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with ``value``, as C(place: found ...; wanted ...), depth first."""
    for place, text in findings(value, schema):
        yield f"{title(place)}: {text}"


def title(place: Place) -> str:
    """Return a place for a sentence: C(packages[3].file), or C(the file)."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return text.removeprefix(".") or "the file"


def _check(value: Any, schema: dict[str, Any], root: dict[str, Any], place: Place) -> Iterator[Finding]:
    schema = _follow(schema, root)
    wrong_type = _wrong_type(value, schema)
    if wrong_type:
        yield place, wrong_type
        return
    yield from ((place, text) for text in _wrong_value(value, schema))
    if isinstance(value, dict):
        yield from _check_mapping(value, schema, root, place)
    if isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            yield from _check(item, schema["items"], root, (*place, number))


def _follow(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref")
    return root["$defs"][reference.removeprefix("#/$defs/")] if reference else schema


def _wrong_type(value: Any, schema: dict[str, Any]) -> str | None:
    if "type" not in schema:
        return None
    names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if any(_is_a(value, name) for name in names):
        return None
    return f"found {_describe(value)}; wanted {' or '.join(names)}"


def _is_a(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    return isinstance(value, _TYPES[name])


def _describe(value: Any) -> str:
    for name, types in _TYPES.items():
        if isinstance(value, types) and _is_a(value, name):
            return f"{name} {value!r}" if name in {"string", "integer", "boolean"} else name
    return f"{type(value).__name__} {value!r}"


def _wrong_value(value: Any, schema: dict[str, Any]) -> Iterator[str]:
    if "enum" in schema and value not in schema["enum"]:
        yield f"found {value!r}; wanted {one_of([str(choice) for choice in schema['enum']])}"
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        yield f"found {value!r}; wanted text that matches {schema['pattern']}"
    if isinstance(value, int) and value < schema.get("minimum", value):
        yield f"found {value}; wanted at least {schema['minimum']}"
    if isinstance(value, list) and len(value) < schema.get("minItems", 0):
        yield f"found {len(value)} entries; wanted at least {schema['minItems']}"


def _check_mapping(
    value: dict[str, Any], schema: dict[str, Any], root: dict[str, Any], place: Place
) -> Iterator[Finding]:
    known = schema.get("properties", {})
    for name in schema.get("required", []):
        if name not in value:
            yield place, f"found no {name}; wanted one"
    others = schema.get("additionalProperties", True)
    for key, item in value.items():
        inner = (*place, key)
        yield from ((inner, text) for text in _wrong_value(key, schema.get("propertyNames", {})))
        if key in known:
            yield from _check(item, known[key], root, inner)
        elif others is False:
            yield inner, f"found this key; wanted {one_of(known)}{nearest(key, known)}"
        elif others is not True:
            yield from _check(item, others, root, inner)
