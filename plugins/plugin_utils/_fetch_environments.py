# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work out what the Python environments of a host, and builds for them, will ask pip for. Pure.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.filter.environment_bounds import bounded
from ansible_collections.ascend.fleet.plugins.filter.source_builds import (
    pinned,
    source_builds,
    there,
)
from ansible_collections.ascend.fleet.plugins.module_utils._python_environment import major_minor, normalised
from ansible_collections.ascend.fleet.plugins.plugin_utils._declared import ROLES, Declared, declared

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_PIP = {"venv": ["pip"]}  # made without one where there is a wheelhouse; conda brings its own
_NAME = re.compile(r"[A-Za-z0-9._-]+")


def asked_of_pip(need: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Yield a Python with requirements for each environment of a host and for each build on it.

    What is built from source is asked of pip only where its wheel is among the need's C(wheelhouse) already.
    """
    for environments, sources in _frameworks(need):
        for one in environments:
            yield one.python, [*_on_an_index(need, one, sources), *_PIP.get(one.manager, [])]
        for build in _builds(need, environments, sources):
            if not build["container"]:
                yield major_minor(build["python"]), [*build["packages"], *_PIP.get(build["manager"], [])]


def builds_due(need: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the builds from source that a host needs, as the filter C(source_builds) describes them."""
    for environments, sources in _frameworks(need):
        yield from _builds(need, environments, sources)


def conda_makes_one(need: Mapping[str, Any]) -> bool:
    """Say whether conda makes any of a host's environments."""
    return any(one.manager == "conda" for environments, _sources in _frameworks(need) for one in environments)


def indexes(need: Mapping[str, Any], requirements: Sequence[str]) -> list[str]:
    """Return the indexes that pip is to ask for ``requirements`` beside its own."""
    index = need.get("inputs", {}).get("torch", {}).get("cpu_index_url")
    cpu = any(text.startswith("torch==") and text.endswith("+cpu") for text in requirements)
    return [index] if index and cpu else []


def _frameworks(need: Mapping[str, Any]) -> Iterator[tuple[list[Declared], Sequence[Mapping[str, Any]]]]:
    for framework in filter(need["frameworks"].__contains__, ROLES):
        inputs = need.get("inputs", {}).get(framework, {})
        if framework == "torch":
            inputs = {**inputs, "companions": need.get("companions")}
        environments = [
            replace(one, packages=tuple(bounded(one.packages)))
            for one in declared(framework, need["bill"], inputs)
        ]
        yield environments, inputs.get("sources") or []


def _on_an_index(need: Mapping[str, Any], one: Declared, sources: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the requirements without those that have to be built first."""
    arch, files = need["bill"]["arch"], need.get("wheelhouse", [])
    missing = set()
    for source in sources:
        version = pinned(source["name"], one.packages)
        if version and not there(source["name"], version, one.python, arch, files):
            missing.add(normalised(source["name"]))
    return [text for text in one.packages if normalised(_name(text)) not in missing]


def _name(requirement: str) -> str:
    found = _NAME.match(requirement)
    return found[0] if found else requirement


def _builds(
    need: Mapping[str, Any], environments: Sequence[Declared], sources: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    wanted = [
        {"python": one.python, "manager": one.manager, "packages": list(one.packages)} for one in environments
    ]
    return source_builds(sources, wanted, need.get("wheelhouse", []), need["bill"]["arch"])
