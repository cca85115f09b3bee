# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say which Python environments an inventory declares, before the roles that make them are there. Pure.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils._python_environment import major_minor
from ansible_collections.ascend.fleet.plugins.plugin_utils._conda_spec import parse_conda_spec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROLES = {"torch": "torch_npu", "mindspore": "mindspore"}
INPUTS = {
    "torch": (
        *("environment", "environments", "version", "torch_version", "python", "manager", "conda"),
        *("requirements", "companions", "apex", "cpu_index_url", "conda_packages"),
        *("jupyter_kernels", "sources"),
    ),
    "mindspore": (
        *("environment", "version", "project", "python", "manager", "conda"),
        *("requirements", "companions", "conda_packages", "jupyter_kernels", "sources"),
    ),
}
_CONDA = "/opt/miniforge3"  # the default of both roles, and conda is that of their managers
_KERNEL = "ipykernel"  # what a kernel of Jupyter starts; a kernel without an environment is the first one's


@dataclass(frozen=True)
class Declared:
    """An environment: its place, its framework (a Python project), its Python (two numbers), what makes it.

    ``packages`` is what pip is asked for, the framework and its version among it unless conda brings it;
    ``conda_packages`` what conda is asked for.
    """

    path: str
    framework: str
    version: str
    python: str
    manager: str
    packages: tuple[str, ...]
    conda_packages: tuple[str, ...]

    @property
    def proof(self) -> str:
        """Return the folder that is there when the framework is."""
        name = f"{self.framework}-{self.version}.dist-info"
        return f"{self.path}/lib/python{self.python}/site-packages/{name}"


def declared(framework: str, bill: Mapping[str, Any], inputs: Mapping[str, Any]) -> list[Declared]:
    """Return the environments of a framework (C(torch), C(mindspore)), the one of the release first.

    ``inputs`` are those of the framework's role by name without prefix; what they leave out, or null, the
    bill of the release says, or the role's default.
    """
    found = list({"torch": _of_torch, "mindspore": _of_mindspore}[framework](bill, inputs))
    kernels = _list(inputs, "jupyter_kernels")
    places = {one.get("environment") or found[0].path for one in kernels if found and _present(one)}
    return [replace(one, packages=(*one.packages, _KERNEL)) if one.path in places else one for one in found]


def _present(kernel: Mapping[str, Any]) -> bool:
    return bool(kernel.get("state", "present") == "present")


def _for_cpu(version: str, arch: str, inputs: Mapping[str, Any]) -> str:
    """Return the build of torch that a host gets: on x86_64 the one for the CPU has a name of its own."""
    named = bool(inputs.get("cpu_index_url")) and arch == "x86_64" and "+" not in version
    return f"{version}+cpu" if named else version


def _of_torch(bill: Mapping[str, Any], inputs: Mapping[str, Any]) -> Iterator[Declared]:
    own = {
        "path": _place(inputs, "torch_npu"),
        "torch_version": _or(inputs, "torch_version", bill["torch"]),
        "version": _or(inputs, "version", bill["torch_npu"]),
    }
    requirements = _list(inputs, "requirements", bill["python_packages"])
    common = [*_list(inputs, "companions"), *filter(None, [inputs.get("apex")])]
    for one in [*([own] if own["version"] else []), *_list(inputs, "environments")]:
        torch = _for_cpu(one["torch_version"], bill["arch"], inputs)
        pins = [f"torch=={torch}", f"torch_npu=={one['version']}"]
        packages = [*_list(one, "requirements", requirements), *pins, *common]
        yield _made(one, "torch_npu", packages, bill, inputs)


def _of_mindspore(bill: Mapping[str, Any], inputs: Mapping[str, Any]) -> Iterator[Declared]:
    own = {"path": _place(inputs, "mindspore"), "version": _or(inputs, "version", bill["mindspore"])}
    if not own["version"]:
        return
    project = _or(inputs, "project", bill["mindspore_project"])
    by_conda = {parse_conda_spec(text).name for text in _list(inputs, "conda_packages")}
    pins = [] if project in by_conda else [f"{project}=={own['version']}"]
    requirements = _list(inputs, "requirements", bill["mindspore_packages"])
    yield _made(own, project, [*requirements, *pins, *_list(inputs, "companions")], bill, inputs)


def _made(
    one: Mapping[str, Any],
    framework: str,
    packages: Sequence[str],
    bill: Mapping[str, Any],
    inputs: Mapping[str, Any],
) -> Declared:
    return Declared(
        path=one["path"],
        framework=framework,
        version=one["version"],
        python=major_minor(str(_or(one, "python", _or(inputs, "python", bill["python"])))),
        manager=_or(one, "manager", _or(inputs, "manager", "conda")),
        packages=tuple(packages),
        conda_packages=tuple(_list(one, "conda_packages", _list(inputs, "conda_packages"))),
    )


def _place(inputs: Mapping[str, Any], name: str) -> str:
    """Return where the environment of the release is to lie."""
    return _or(inputs, "environment", f"{_or(inputs, 'conda', _CONDA)}/envs/{name}")


def _or(given: Mapping[str, Any], name: str, otherwise: Any) -> Any:
    """Return what was given, which may be empty; nothing given is None."""
    value = given.get(name)
    return otherwise if value is None else value


def _list(given: Mapping[str, Any], name: str, otherwise: Sequence[Any] = ()) -> Sequence[Any]:
    """Return the list that was given. Raises TypeError for a text, whose letters Python would take."""
    value = _or(given, name, otherwise)
    if isinstance(value, str):
        raise TypeError(f"{name}: found the text {value!r}, wanted a list")
    return list(value)
