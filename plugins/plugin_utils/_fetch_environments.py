# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work out what the Python environments of a host, and builds for them, will ask pip for. Pure.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.filter.environment_bounds import bounded
from ansible_collections.ascend.fleet.plugins.filter.source_builds import (
    pinned,
    source_builds,
    there,
)
from ansible_collections.ascend.fleet.plugins.module_utils._python_environment import major_minor, normalised
from ansible_collections.ascend.fleet.plugins.plugin_utils._conda_spec import parse_conda_spec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_KERNEL = ["ipykernel"]
_PIP = {"venv": ["pip"]}  # made without one where there is a wheelhouse; conda brings its own
_NAME = re.compile(r"[A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Wanted:
    """An environment: its place, its Python (two numbers), what makes it, and what pip is asked for."""

    path: str
    python: str
    manager: str
    packages: list[str]

    def as_environment(self) -> dict[str, Any]:
        """Return what the filter C(source_builds) takes."""
        return {"python": self.python, "manager": self.manager, "packages": self.packages}


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


def _frameworks(need: Mapping[str, Any]) -> Iterator[tuple[list[Wanted], Sequence[Mapping[str, Any]]]]:
    for framework, environments in (("torch", _of_torch), ("mindspore", _of_mindspore)):
        if need["bill"][framework] and framework in need["frameworks"]:
            inputs = need.get("inputs", {}).get(framework, {})
            yield _with_kernels(list(environments(need, inputs)), inputs), inputs.get("sources") or []


def _of_torch(need: Mapping[str, Any], inputs: Mapping[str, Any]) -> Iterator[Wanted]:
    bill, common = need["bill"], [*need.get("companions", []), *filter(None, [inputs.get("apex")])]
    first = {
        "path": inputs.get("environment"),
        "torch_version": inputs.get("torch_version") or bill["torch"],
        "version": inputs.get("version") or bill["torch_npu"],
    }
    requirements = _or(inputs.get("requirements"), bill["python_packages"])
    for one in [first, *(inputs.get("environments") or [])]:
        pins = [f"torch=={_for_cpu(one['torch_version'], bill, inputs)}", f"torch_npu=={one['version']}"]
        packages = [*_or(one.get("requirements"), requirements), *pins, *common]
        yield _wanted(one, inputs, bill, packages)


def _for_cpu(version: str, bill: Mapping[str, Any], inputs: Mapping[str, Any]) -> str:
    """Return the build of torch that a host gets, as the role torch_npu asks for it."""
    named = bool(inputs.get("cpu_index_url")) and bill["arch"] == "x86_64" and "+" not in version
    return f"{version}+cpu" if named else version


def indexes(need: Mapping[str, Any], requirements: Sequence[str]) -> list[str]:
    """Return the indexes that pip is to ask for ``requirements`` beside its own."""
    index = need.get("inputs", {}).get("torch", {}).get("cpu_index_url")
    cpu = any(text.startswith("torch==") and text.endswith("+cpu") for text in requirements)
    return [index] if index and cpu else []


def _of_mindspore(need: Mapping[str, Any], inputs: Mapping[str, Any]) -> Iterator[Wanted]:
    bill = need["bill"]
    project = inputs.get("project") or bill["mindspore_project"]
    by_conda = {parse_conda_spec(text).name for text in inputs.get("conda_packages") or []}
    own = [] if project in by_conda else [f"{project}=={inputs.get('version') or bill['mindspore']}"]
    requirements = _or(inputs.get("requirements"), bill["mindspore_packages"])
    packages = [*requirements, *own, *(inputs.get("companions") or [])]
    yield _wanted({"path": inputs.get("environment")}, inputs, bill, packages)


def _wanted(
    one: Mapping[str, Any], inputs: Mapping[str, Any], bill: Mapping[str, Any], packages: list[str]
) -> Wanted:
    python = one.get("python") or inputs.get("python") or bill["python"]
    manager = one.get("manager") or inputs.get("manager") or "conda"
    return Wanted(one["path"] or "", major_minor(str(python)), manager, bounded(packages))


def _or(given: list[str] | None, otherwise: list[str]) -> list[str]:
    """Return what was given, which may be empty; nothing given is None."""
    return otherwise if given is None else given


def _with_kernels(environments: list[Wanted], inputs: Mapping[str, Any]) -> list[Wanted]:
    """Let environments with a kernel for Jupyter have what it starts; one without a place is the first's."""
    kernels = [one for one in inputs.get("jupyter_kernels") or [] if one.get("state", "present") == "present"]
    places = {one.get("environment") or environments[0].path for one in kernels}
    return [
        Wanted(one.path, one.python, one.manager, [*one.packages, *_KERNEL]) if one.path in places else one
        for one in environments
    ]


def _on_an_index(need: Mapping[str, Any], one: Wanted, sources: Sequence[Mapping[str, Any]]) -> list[str]:
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
    need: Mapping[str, Any], environments: Sequence[Wanted], sources: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    wanted = [one.as_environment() for one in environments]
    return source_builds(sources, wanted, need.get("wheelhouse", []), need["bill"]["arch"])
