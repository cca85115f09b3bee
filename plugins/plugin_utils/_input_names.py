# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Know the inputs of this collection, and find variables that look like one and are none.

Ansible takes a variable with a wrong letter without a word, and a role then goes by its default.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

import difflib
import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansible.module_utils.common.yaml import yaml_load

if TYPE_CHECKING:
    from collections.abc import Iterable

COLLECTION = Path(__file__).resolve().parents[2]
_FLEET = "npu_fleet_"
_OUTCOME = "_outcome"  # what a role leaves of each host
_LIKELY = 0.93  # how alike a name without one of our prefixes is to an input that it was meant to be
_LIKELY_WITH_PREFIX = 0.75


def _read(path: Path) -> dict[str, Any]:
    return dict(yaml_load(path.read_text(encoding="utf-8")))


@functools.cache
def fleet_inputs() -> dict[str, Any]:
    """Return the inputs of the whole fleet by name, in the form of argument specs."""
    return dict(_read(COLLECTION / "meta/inventory.yml")["inputs"])


@functools.cache
def known_names() -> frozenset[str]:
    """Return the names of all inputs of the fleet and of its roles, and of what playbooks leave of a host."""
    specs = (_read(path)["argument_specs"] for path in COLLECTION.glob("roles/*/meta/argument_specs.yml"))
    options = {name for spec in specs for entry in spec.values() for name in entry.get("options") or {}}
    worked_out = _read(COLLECTION / "meta/inventory.yml")["worked_out"]
    return frozenset(options.union(fleet_inputs(), worked_out))


@functools.cache
def _prefixes() -> tuple[str, ...]:
    roles = [path.name for path in COLLECTION.glob("roles/*") if path.is_dir()]
    return (_FLEET, *sorted(f"{role}_" for role in roles))


@functools.cache
def _meant(name: str) -> tuple[bool, str | None]:
    """Return whether a name has one of our prefixes, and the input that was meant by it, if one is likely."""
    ours = name.startswith(_prefixes())
    likely = _LIKELY_WITH_PREFIX if ours else _LIKELY
    near = difflib.get_close_matches(name, sorted(known_names()), n=1, cutoff=likely)
    return ours, near[0] if near else None


def misspelt(names: Iterable[str]) -> list[dict[str, str]]:
    """Return a problem for each variable that is no input of this collection, but was meant to be one.

    A name that is like an input is a warning. One that only begins like those of a role is a note, for it may
    be the site's own.
    """
    unknown = (name for name in names if name not in known_names() and not name.endswith(_OUTCOME))
    return [
        _problem(name, near)
        for name, (ours, near) in ((name, _meant(name)) for name in unknown if not name.startswith("_"))
        if ours or near
    ]


def _problem(name: str, near: str | None) -> dict[str, str]:
    if near is None:
        return {"severity": "note", "found": f"Nothing reads the variable {name}.", "wanted": "", "fix": ""}
    return {
        "severity": "warning",
        "found": f"the variable {name}, which nothing reads",
        "wanted": f"the name of an input (the nearest is {near})",
        "fix": f"call it {near}, or take it out of the inventory",
    }
