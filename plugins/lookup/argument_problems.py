# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hold the variables of a host against the argument specs of roles that run later."""

from __future__ import annotations

DOCUMENTATION = r"""
name: argument_problems
short_description: Find variables that a role of this collection would refuse
version_added: 0.1.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Takes from the variables of the host those that a role names as inputs, and validates them as the role
    itself will, so that a wrong type in the inventory is known before the first role changes anything.
  - Inputs that the host does not define are not checked; their defaults are the role's business.
options:
  _terms:
    description: Names of roles of this collection.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Show what is wrong in the inventory
  ansible.builtin.debug:
    msg: "{{ query('ascend.fleet.argument_problems', 'npu_driver', 'cann') }}"
"""

RETURN = r"""
_list:
  description: One mapping for each problem, with V(found), V(wanted) and V(fix).
  type: list
  elements: dict
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.yaml import yaml_load
from ansible.plugins.lookup import LookupBase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_UNDEFINED = re.compile(r"'(\w+)' is undefined")
ROLES = Path(__file__).resolve().parents[2] / "roles"


def options_of(role: str) -> dict[str, Any]:
    """Return the options of a role's argument spec, none of them required here."""
    path = ROLES / role / "meta/argument_specs.yml"
    spec = yaml_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
    unused = ("required", "default", "description")
    return {
        name: {key: value for key, value in option.items() if key not in unused}
        for name, option in spec.items()
    }


def problem(role: str, found: str) -> dict[str, str]:
    """Return one problem as the preflight shows it."""
    return {
        "found": found,
        "wanted": f"what the role {role} documents (ansible-doc -t role ascend.fleet.{role})",
        "fix": "correct the variable in the inventory",
    }


def unevaluated(role: str, name: str, error: AnsibleError) -> dict[str, str]:
    """Return why an input cannot be evaluated; most often a variable is missing of which it is made."""
    missing = _UNDEFINED.search(str(error))
    if missing is None:
        return problem(role, f"{name} cannot be evaluated: {error}")
    return {
        "found": f"no variable {missing[1]}",
        "wanted": f"it, for the input {name} of the role {role} is made of it",
        "fix": f"add {missing[1]} to the inventory",
    }


def problems_of(role: str, options: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Validate the ``given`` inputs of one role."""
    validated = ArgumentSpecValidator({name: options[name] for name in given}).validate(given)
    for message in validated.error_messages:
        yield problem(role, message)


class LookupModule(LookupBase):
    """The lookup C(ascend.fleet.argument_problems)."""

    def run(
        self, terms: list[str], variables: dict[str, Any] | None = None, **kwargs: Any
    ) -> list[dict[str, str]]:
        """Validate the inputs of every named role."""
        self.set_options(var_options=variables, direct=kwargs)
        found: list[dict[str, str]] = []
        for role in terms:
            options = options_of(role)
            given, broken = self._evaluate(role, options, variables or {})
            found += [*broken, *problems_of(role, options, given)]
        return found

    def _evaluate(
        self, role: str, options: Mapping[str, Any], variables: Mapping[str, Any]
    ) -> tuple[dict[str, Any], list[dict[str, str]]]:
        """Evaluate the role's inputs; one that cannot be evaluated is a problem of its own."""
        given: dict[str, Any] = {}
        broken = []
        for name in options:
            if name not in variables:
                continue
            try:
                given[name] = self._templar.template(variables[name])
            except AnsibleError as error:
                broken.append(unevaluated(role, name, error))
        return given, broken
