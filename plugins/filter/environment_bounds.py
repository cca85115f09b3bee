# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Give environments the bounds that their frameworks need and say nowhere."""

from __future__ import annotations

DOCUMENTATION = r"""
name: environment_bounds
short_description: Give environments the bounds that their frameworks need and say nowhere
version_added: 0.2.0
description:
  - Adds requirements to environments whose framework fails with the newest version of a package that comes
    with every environment, such as setuptools for torch 2.1.
  - The catalog's C(python_rules.yml) has them, where C(brought) is true. An environment that names one
    version of the package itself, or newer ones only, gets no bound;
    P(ascend.fleet.environment_conflicts#filter) judges it.
author:
  - The ascend.fleet contributors (@ascend-fleet)
options:
  _input:
    description:
      - The wanted environments, each with C(packages), as P(ascend.fleet.environment_plan#filter) takes them.
    type: list
    elements: dict
    required: true
seealso:
  - plugin: ascend.fleet.environment_conflicts
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Complete what an environment asks pip for
  ansible.builtin.debug:
    msg: "{{ wanted | ascend.fleet.environment_bounds | map(attribute='packages') }}"
  vars:
    wanted:
      - path: /opt/ascend/torch
        packages: [torch==2.1.0, numpy<2]
# - [torch==2.1.0, numpy<2, setuptools<70]
"""

RETURN = r"""
_value:
  description:
    - The environments, with the bounds behind their other C(packages), and in C(brought) once more.
  type: list
  elements: dict
"""

from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleFilterError
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog
from ansible_collections.ascend.fleet.plugins.plugin_utils._python_rules import bounds

try:
    from packaging.requirements import InvalidRequirement, Requirement
except ImportError as error:
    PACKAGING_ERROR: ImportError | None = error
else:
    PACKAGING_ERROR = None

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence


def environment_bounds(environments: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the environments with their bounds; see the documentation above."""
    whole = [bounded(one["packages"]) for one in environments]
    return [
        {**one, "packages": packages, "brought": packages[len(one["packages"]) :]}
        for one, packages in zip(environments, whole, strict=True)
    ]


def bounded(packages: Iterable[str]) -> list[str]:
    """Return requirements with the bounds that belong to them. What is no requirement is left to pip."""
    if PACKAGING_ERROR is not None:
        raise AnsibleFilterError(
            "the Python of ansible-core lacks its own requirement packaging; install it there"
        ) from PACKAGING_ERROR
    texts = list(packages)
    return [*texts, *bounds(list(parsed(texts)), Catalog().python_rules)]


def parsed(texts: Iterable[str]) -> Iterator[Requirement]:
    """Yield what is a requirement."""
    for text in texts:
        try:
            yield Requirement(text)
        except InvalidRequirement:
            continue


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter under its name."""
        return {"environment_bounds": environment_bounds}
