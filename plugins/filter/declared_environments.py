# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say which Python environments an inventory declares."""

from __future__ import annotations

DOCUMENTATION = r"""
name: declared_environments
short_description: Say which Python environments an inventory declares
version_added: 0.2.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Returns the environments that the roles P(ascend.fleet.torch_npu#role) and P(ascend.fleet.mindspore#role)
    make, before they have made any, so that those of all frameworks can be judged together.
options:
  _input:
    description:
      - The bill of materials, as P(ascend.fleet.release#lookup) returns it. It says what the inventory does
        not say.
    type: dict
    required: true
  inputs:
    description: What the inventory says, as P(ascend.fleet.framework_inputs#lookup) returns it.
    type: dict
    required: true
  frameworks:
    description: Whose environments are wanted.
    type: list
    elements: str
    choices: [torch, mindspore]
    default: [torch, mindspore]
seealso:
  - plugin: ascend.fleet.framework_inputs
    plugin_type: lookup
  - plugin: ascend.fleet.environment_conflicts
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Say what cannot be, of all frameworks of this host
  ansible.builtin.debug:
    msg: "{{ declared | ascend.fleet.environment_conflicts }}"
  vars:
    inputs: "{{ lookup('ascend.fleet.framework_inputs') }}"
    declared: "{{ npu_preflight_outcome.bill | ascend.fleet.declared_environments(inputs) }}"
"""

RETURN = r"""
_value:
  description: The environments, those of torch_npu first, of each framework that of the release first.
  type: list
  elements: dict
  contains:
    path: {description: Where it lies., type: str, sample: /opt/miniforge3/envs/torch_npu}
    framework: {description: The Python project of its framework., type: str, sample: torch_npu}
    version: {description: The version of the framework., type: str, sample: 2.1.0.post8}
    python: {description: The first two numbers of its Python., type: str, sample: "3.10"}
    manager: {description: What makes it., type: str, choices: [conda, venv]}
    packages:
      description: What pip is asked for, the framework among it unless conda brings it.
      type: list
      elements: str
      sample: [numpy<2, torch==2.1.0, torch_npu==2.1.0.post8]
    conda_packages: {description: What conda is asked for., type: list, elements: str, sample: []}
    proof:
      description: A folder that is there when the framework is.
      type: str
      sample: /opt/miniforge3/envs/torch_npu/lib/python3.10/site-packages/torch_npu-2.1.0.post8.dist-info
"""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.plugin_utils._declared import ROLES, Declared, declared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


def declared_environments(
    bill: Mapping[str, Any], inputs: Mapping[str, Any], frameworks: Iterable[str] = tuple(ROLES)
) -> list[dict[str, Any]]:
    """Return the environments; see the documentation above."""
    return [
        shown(one)
        for framework in frameworks
        for one in declared(framework, bill, inputs.get(framework) or {})
    ]


def shown(one: Declared) -> dict[str, Any]:
    """Return an environment in types that Ansible knows."""
    lists = {"packages": list(one.packages), "conda_packages": list(one.conda_packages)}
    return {**asdict(one), **lists, "proof": one.proof}


class FilterModule:
    """The filter C(ascend.fleet.declared_environments)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"declared_environments": declared_environments}
