# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say which Python environments cannot be, before anything is installed."""

from __future__ import annotations

DOCUMENTATION = r"""
name: environment_conflicts
short_description: Say which Python environments cannot be
version_added: 0.2.0
description:
  - Finds environments of which two are to lie in one place, and requirements that contradict each other, such
    as those of MindSpore 2.10, which needs a newer protobuf than torch_npu and CANN can have.
  - Finds requirements with which a framework is known to fail, such as torch 2.1 where numpy 2 may come in.
    The catalog's C(python_rules.yml) has them.
  - What the packages themselves require is left to pip, which asks the index for it.
author:
  - The ascend.fleet contributors (@ascend-fleet)
options:
  _input:
    description:
      - The wanted environments, each with C(path) and C(packages), as P(ascend.fleet.environment_plan#filter)
        takes them.
    type: list
    elements: dict
    required: true
seealso:
  - plugin: ascend.fleet.environment_plan
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Say what cannot be
  ansible.builtin.debug:
    msg: "{{ wanted | ascend.fleet.environment_conflicts | map(attribute='found') }}"
  vars:
    wanted:
      - path: /opt/ascend/all
        packages: [torch==2.12.0, protobuf==3.20.0]
      - path: /opt/ascend/all
        packages: [mindspore==2.10.0, protobuf>=7.34.1]
# - two environments in /opt/ascend/all, of which one wants protobuf==3.20.0 and another one protobuf>=7.34.1
"""

RETURN = r"""
_value:
  description:
    - One entry per problem, with C(found), C(wanted) and C(fix).
  type: list
  elements: dict
"""

from collections import defaultdict
from itertools import combinations, permutations
from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleFilterError
from ansible_collections.ascend.fleet.plugins.module_utils._python_environment import normalised
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog

try:
    from ansible_collections.ascend.fleet.plugins.plugin_utils._python_rules import broken_rules
    from packaging.requirements import InvalidRequirement, Requirement
except ImportError as error:
    PACKAGING_ERROR: ImportError | None = error
else:
    PACKAGING_ERROR = None

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

EXACT = ("==", "===")


def environment_conflicts(environments: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return all problems; see the documentation above. Raises AnsibleFilterError for no requirement."""
    if PACKAGING_ERROR is not None:
        raise AnsibleFilterError(
            "the Python of ansible-core lacks its own requirement packaging; install it there"
        ) from PACKAGING_ERROR
    places: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for environment in environments:
        places[environment["path"].rstrip("/")].append(environment)
    return [problem for path, there in places.items() for problem in problems_of(path, there)]


def problems_of(path: str, there: list[Mapping[str, Any]]) -> Iterator[dict[str, str]]:
    """Yield what is wrong with the environments that are to lie in ``path``."""
    pairs = list(contradictions(text for environment in there for text in environment["packages"]))
    if len(there) > 1:
        words = "".join(f", of which one wants {one} and another one {other}" for one, other in pairs[:1])
        yield {
            "found": f"two environments in {path}{words}",
            "wanted": "a place of its own for each framework and each of its versions",
            "fix": "give them different paths (torch_npu_environment, mindspore_environment)",
        }
        return
    for one, other in pairs:
        yield {
            "found": f"{one} and {other} for the environment {path}",
            "wanted": "requirements that one version satisfies",
            "fix": "take one of them out of the requirements in the inventory, or choose another release",
        }
    yield from broken_rules(path, parsed(there[0]["packages"]), Catalog().python_rules)


def parsed(texts: Iterable[str]) -> list[Requirement]:
    """Return each requirement once. Raises AnsibleFilterError that quotes what is none."""
    requirements = []
    for text in dict.fromkeys(texts):
        try:
            requirements.append(Requirement(text))
        except InvalidRequirement as error:
            raise AnsibleFilterError(f"packages: found {text!r}, wanted a requirement: {error}") from error
    return requirements


def contradictions(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield pairs of requirements of which one names a version that the other one rules out."""
    named = defaultdict(list)
    for requirement in parsed(texts):
        named[normalised(requirement.name)].append(requirement)
    for wishes in named.values():
        for one, other in combinations(wishes, 2):
            if any(names_excluded(pin, rule) for pin, rule in permutations((one, other))):
                yield str(one), str(other)


def names_excluded(pin: Requirement, rule: Requirement) -> bool:
    """Tell whether ``rule`` rules out the version that ``pin`` names; 3.20.* names none."""
    exact = [part.version for part in pin.specifier if part.operator in EXACT and "*" not in part.version]
    return any(not rule.specifier.contains(version, prereleases=True) for version in exact)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter under its name."""
        return {"environment_conflicts": environment_conflicts}
