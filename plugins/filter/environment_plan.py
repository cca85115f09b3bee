# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say what a Python environment still needs."""

from __future__ import annotations

DOCUMENTATION = r"""
name: environment_plan
short_description: Say what a Python environment still needs
version_added: 0.1.0
description:
  - Compares what P(ascend.fleet.python_environment_info#module) found in one environment with what is wanted.
  - The result is a list of steps in the order in which they are to be done. It is empty when nothing is to be
    done.
author:
  - The ascend.fleet contributors (@ascend-fleet)
positional: wanted
options:
  _input:
    description:
      - One entry of the RV(ascend.fleet.python_environment_info#module:environments) of
        P(ascend.fleet.python_environment_info#module).
    type: dict
    required: true
  wanted:
    description:
      - What the environment shall be. The keys are C(path), C(manager) (V(conda) or V(venv)), C(python) (the
        first two or all numbers of its version, such as V(3.9)) and C(packages), a list of pip requirements
        with a name and version conditions, such as V(torch==2.1.0), V(numpy<2) or V(pyyaml).
      - Two more keys need not be there. C(wheels) names distributions that are to come from wheels on the
        node (those of CANN), C(absent) distributions that must not be there.
      - C(conda_packages) need not be there either. It lists what conda is to install before pip installs
        anything, as conda's own specs without blanks, such as V(mindspore-ascend=1.10.1), V(numpy>=1.20,<2)
        or V(mindspore::mindspore-ascend=1.10.1=py37_0). The manager must be V(conda).
      - C(brought) lists those of C(packages) that nobody asked for. They alone make nothing due in an
        environment that is there.
    type: dict
    required: true
seealso:
  - module: ascend.fleet.python_environment_info
"""

EXAMPLES = r"""
- name: Say what the environment needs
  ansible.builtin.debug:
    msg: "{{ found.environments[0] | ascend.fleet.environment_plan(wanted) | map(attribute='why') }}"
  vars:
    wanted:
      path: /opt/ascend/torch_npu
      manager: conda
      python: "3.9"
      packages: [torch==2.1.0, numpy<2]
# - create the conda environment /opt/ascend/torch_npu with Python 3.9
# - install numpy<2, torch==2.1.0
"""

RETURN = r"""
_value:
  description:
    - The steps. C(kind) is V(create), V(rebuild) (an environment of another kind or with another Python is in
      the way), V(remove), V(conda), V(install) or V(wheels), C(packages) are the requirements that are not
      satisfied, and C(why) is the step in words. C(lacking) are names of wheels that CANN was to bring and
      did not; it is absent when there are none.
  type: list
  elements: dict
  sample:
    - kind: install
      why: install numpy<2, torch==2.1.0
      packages:
        - numpy<2
        - torch==2.1.0
"""

from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleFilterError
from ansible_collections.ascend.fleet.plugins.module_utils._python_environment import normalised
from ansible_collections.ascend.fleet.plugins.plugin_utils._conda_spec import parse_conda_spec

try:
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.version import InvalidVersion, Version
except ImportError as error:
    PACKAGING_ERROR: ImportError | None = error
else:
    PACKAGING_ERROR = None

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

MANAGERS = ("conda", "venv")
WANTED_KEYS = {"path", "manager", "python", "packages"}


def environment_plan(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List the steps from ``found`` to ``wanted``; see the documentation above.

    Raises AnsibleFilterError when something that is no environment is in the way, or when ``wanted`` holds
    something that cannot be compared.
    """
    if PACKAGING_ERROR is not None:
        raise AnsibleFilterError(
            "the Python of ansible-core lacks its own requirement packaging; install it there"
        ) from PACKAGING_ERROR
    if absent := WANTED_KEYS - set(wanted):
        raise AnsibleFilterError(f"the wanted environment lacks {', '.join(sorted(absent))}; add it")
    if wanted["manager"] not in MANAGERS:
        raise AnsibleFilterError(f"manager: found {wanted['manager']!r}, wanted one of {', '.join(MANAGERS)}")
    requirements = [parse_requirement(text) for text in sorted(wanted["packages"], key=str.lower)]
    ground = prepare(found, wanted)
    missing = requirements if ground else unsatisfied(requirements, found["packages"])
    packages = [text for text, _requirement in missing]
    if not ground and set(packages) <= set(wanted.get("brought", [])):
        packages = []
    steps = [*(ground or removal(found, wanted)), *conda_steps(found, wanted, fresh=bool(ground))]
    if packages:
        steps.append(step("install", f"install {', '.join(packages)}", packages))
    return [*steps, *wheel_steps(found, wanted, fresh=bool(ground))]


def removal(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """Yield the step that takes out what must not be there."""
    there = {package["name"] for package in found["packages"]}
    names = [name for name in wanted.get("absent", []) if normalised(name) in there]
    if names:
        yield step("remove", f"remove {', '.join(names)}", names)


def conda_steps(
    found: Mapping[str, Any], wanted: Mapping[str, Any], *, fresh: bool
) -> Iterable[dict[str, Any]]:
    """Yield the step that installs packages of conda.

    Raises AnsibleFilterError for what is no spec of conda, and for an environment that conda does not make.
    """
    texts = sorted(wanted.get("conda_packages", []), key=str.lower)
    if texts and wanted["manager"] != "conda":
        raise AnsibleFilterError(
            f"{wanted['path']}: found conda_packages ({', '.join(texts)}) for a {wanted['manager']}, wanted "
            "the manager conda; set it, or take them out"
        )
    try:
        specs = [parse_conda_spec(text) for text in texts]
    except ValueError as error:
        raise AnsibleFilterError(f"{wanted['path']}: conda_packages: {error}") from error
    there = [] if fresh else found.get("conda_packages", [])
    missing = [spec.text for spec in specs if not spec.satisfied(there)]
    if missing:
        yield step("conda", f"install {', '.join(missing)} with conda", missing)


def wheel_steps(
    found: Mapping[str, Any], wanted: Mapping[str, Any], *, fresh: bool
) -> Iterable[dict[str, Any]]:
    """Yield the step that installs the wheels which CANN brings; without paths when CANN is not there yet."""
    files = {wheel["name"]: wheel for wheel in found.get("wheels", [])}
    names = [
        name
        for name in wanted.get("wheels", [])
        if fresh or not files.get(normalised(name), {}).get("current", False)
    ]
    if names:
        lacking = [name for name in names if normalised(name) not in files]
        paths = [files[normalised(name)]["path"] for name in names if name not in lacking]
        plan = step("wheels", f"install {', '.join(names)} from the tree of CANN", paths)
        yield {**plan, "lacking": lacking} if lacking else plan


def prepare(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the step that makes the environment itself, if one is needed."""
    name = f"the {wanted['manager']} environment {wanted['path']} with Python {wanted['python']}"
    if not found["exists"]:
        return [step("create", f"create {name}")]
    if found["manager"] is None:
        raise AnsibleFilterError(
            f"{wanted['path']}: found something that is no Python environment, wanted a {wanted['manager']} "
            "environment or nothing; move it away or choose another path"
        )
    if found["manager"] != wanted["manager"]:
        return [step("rebuild", f"rebuild {name} (now a {found['manager']} environment)")]
    if found["python"] is None:
        return [step("rebuild", f"rebuild {name} (now without a working interpreter)")]
    if not python_fits(found["python"], str(wanted["python"])):
        return [step("rebuild", f"rebuild {name} (now Python {found['python']})")]
    return []


def python_fits(found: str, wanted: str) -> bool:
    """Tell whether ``found`` has all numbers of ``wanted``: 3.9.18 fits 3.9 and not 3.1."""
    numbers = wanted.split(".")
    return found.split(".")[: len(numbers)] == numbers


def parse_requirement(text: str) -> tuple[str, Requirement]:
    """Return the requirement with its text; only a name, extras and version conditions can be compared."""
    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        raise AnsibleFilterError(
            f"packages: found {text!r}, wanted a pip requirement such as torch==2.1.0: {error}"
        ) from error
    if requirement.url or requirement.marker:
        raise AnsibleFilterError(
            f"packages: found {text!r}, wanted a name with version conditions only; write what applies to "
            "this host without a marker, and a wheel's version instead of its address"
        )
    return text, requirement


def unsatisfied(
    requirements: Iterable[tuple[str, Requirement]], packages: Iterable[Mapping[str, str]]
) -> list[tuple[str, Requirement]]:
    """Return the requirements that the installed packages do not satisfy."""
    versions: dict[str, list[str]] = {}
    for package in packages:
        versions.setdefault(package["name"], []).append(package["version"])
    return [
        (text, wish)
        for text, wish in requirements
        if not satisfied(wish, versions.get(normalised(wish.name), []))
    ]


def satisfied(requirement: Requirement, versions: list[str]) -> bool:
    """Tell whether exactly one version is installed and it fits; two of them are a broken installation."""
    if len(versions) != 1:
        return False
    try:
        return requirement.specifier.contains(Version(versions[0]), prereleases=True)
    except InvalidVersion as error:
        raise AnsibleFilterError(
            f"{requirement.name}: found the installed version {versions[0]!r}, which is none that pip knows; "
            f"uninstall {requirement.name} from the environment"
        ) from error


def step(kind: str, why: str, packages: Iterable[str] = ()) -> dict[str, Any]:
    """Return one entry of the plan."""
    return {"kind": kind, "why": why, "packages": list(packages)}


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter under its name."""
        return {"environment_plan": environment_plan}
