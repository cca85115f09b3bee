# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gather what the inventory says of the Python environments of frameworks."""

from __future__ import annotations

DOCUMENTATION = r"""
name: framework_inputs
short_description: Gather what the inventory says of the Python environments of frameworks
version_added: 0.2.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Evaluates those inputs of the roles P(ascend.fleet.torch_npu#role) and P(ascend.fleet.mindspore#role) that
    decide which environments there are and what pip is asked for. No credential is among them.
  - An input that is made of a variable that is not there counts as not given;
    P(ascend.fleet.argument_problems#lookup) says that it is wrong.
options:
  _terms:
    description: Takes no terms.
    type: list
    elements: str
    default: []
seealso:
  - plugin: ascend.fleet.declared_environments
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show what the inventory says
  ansible.builtin.debug:
    msg: "{{ lookup('ascend.fleet.framework_inputs') }}"
"""

RETURN = r"""
_raw:
  description: One mapping.
  type: list
  elements: dict
  contains:
    torch:
      description: What is given of the inputs of the role torch_npu, by name without prefix.
      type: dict
      sample: {environment: /opt/ascend/torch, companions: [torchvision]}
    mindspore:
      description: What is given of the inputs of the role mindspore, by name without prefix.
      type: dict
      sample: {}
"""

from contextlib import suppress
from typing import Any

from ansible.errors import AnsibleUndefinedVariable
from ansible.plugins.lookup import LookupBase
from ansible_collections.ascend.fleet.plugins.plugin_utils._declared import INPUTS, ROLES


class LookupModule(LookupBase):
    """The lookup C(ascend.fleet.framework_inputs)."""

    def run(self, terms: list[str], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        """Return what is given of the inputs of each framework."""
        self.set_options(var_options=variables, direct=kwargs)
        given = variables or {}
        return [{framework: self._given(framework, given) for framework in INPUTS}]

    def _given(self, framework: str, variables: dict[str, Any]) -> dict[str, Any]:
        named = {name: f"{ROLES[framework]}_{name}" for name in INPUTS[framework]}
        found = {}
        for name, variable in named.items():
            if variable in variables:
                with suppress(AnsibleUndefinedVariable):
                    found[name] = self._templar.template(variables[variable])
        return found
