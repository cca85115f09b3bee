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
  - Inputs that the host does not define, or defines as the role does, are not checked; their defaults are the
    role's business. Those of the role that asks are checked.
  - The inputs of the whole fleet (C(npu_fleet_*)) are validated with those of every role.
  - A variable of which inputs of several roles are made is named once.
  - A text is no list here, and a list is no text, though the role's own validation takes them for each other.
options:
  _terms:
    description:
      - Names of roles of this collection, with the entry point when it is another than V(main), such as
        V(package_fetch:bundle).
    type: list
    elements: str
    required: true
  asking:
    description: The role that asks, whose defaults are checked, too; that of the task if it is not given.
    type: str
    version_added: 0.2.0
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
from ansible_collections.ascend.fleet.plugins.plugin_utils._input_names import fleet_inputs
from ansible_collections.ascend.fleet.plugins.plugin_utils._input_types import wrong_types
from ansible_collections.ascend.fleet.plugins.plugin_utils._input_values import wrong_values
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_WRONG_TYPE = re.compile(r"argument '(\w+)' is of type (\w+) and we were unable to convert to (\w+)")
_UNKNOWN_KEY = re.compile(r"(\S+)\. Supported parameters include: (.*)\.$")
_BLAMED = re.compile(r"\S+( of the type |: | is empty$)")
_NAMED = re.compile(r"\w+")
_UNDEFINED = re.compile(r"'(\w+)' is undefined")
ROLES = Path(__file__).resolve().parents[2] / "roles"
FLEET = "npu_fleet"  # stands where a role's name stands, for the inputs of the whole fleet


def options_of(role: str, entry: str = "") -> dict[str, Any]:
    """Return the options of one entry point of a role's argument spec, none of them required here."""
    if role == FLEET:
        return fleet_inputs()
    path = ROLES / role / "meta/argument_specs.yml"
    spec = yaml_load(path.read_text(encoding="utf-8"))["argument_specs"][entry or "main"]["options"]
    unused = ("required", "default", "description")
    return {
        name: {key: value for key, value in option.items() if key not in unused}
        for name, option in spec.items()
    }


def own_defaults(role: str) -> dict[str, Any]:
    """Return the defaults of a role, which a play that imports it shows among the variables of its hosts."""
    path = ROLES / role / "defaults/main.yml"
    return dict(yaml_load(path.read_text(encoding="utf-8")) or {}) if path.exists() else {}


def problem(role: str, found: str, wanted: str = "", fix: str = "") -> dict[str, str]:
    """Return one problem as the preflight shows it; ``wanted`` is what the role's documentation says."""
    documented = f"the role {role} documents (ansible-doc -t role ascend.fleet.{role})"
    if role == FLEET:
        documented = "docs/inventory.md says"
    return {
        "found": found,
        "wanted": f"{wanted}, as {documented}" if wanted else f"what {documented}",
        "fix": fix or "correct the variable in the inventory",
    }


def _reason(error: BaseException | None) -> ProblemError | None:
    """Return the problem that a plugin of this collection gave as the cause of an error, if one did."""
    while error is not None and not isinstance(error, ProblemError):
        error = error.__cause__
    return error


def unevaluated(role: str, name: str, error: AnsibleError) -> dict[str, str]:
    """Return why an input cannot be evaluated; most often a variable is missing of which it is made."""
    reason = _reason(error)
    if reason is not None:
        return reason.as_mapping()
    missing = _UNDEFINED.search(str(error))
    if missing is None:
        return problem(role, f"{name} cannot be evaluated: {error}")
    return {
        "found": f"no variable {missing[1]}",
        "wanted": f"a value: the input {name} needs it",
        "fix": f"add {missing[1]} to the inventory",
    }


def problems_of(role: str, options: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Validate the ``given`` inputs of one role."""
    wrong = list(wrong_types(options, given))
    for each in wrong:
        yield problem(role, each.found(), f"the type {each.wanted}", each.fix())
    named = {input_of(each.name) for each in wrong}
    left = {name: value for name, value in given.items() if name not in named}
    messages = ArgumentSpecValidator({name: options[name] for name in left}).validate(left).error_messages
    types = [match for match in map(_WRONG_TYPE.match, messages) if match]
    for name, found, wanted in (match.groups() for match in types):
        shown = f" ({left[name]})" if isinstance(left.get(name), str | int | float) else ""
        yield problem(role, f"{name} of the type {found}{shown}", f"the type {wanted}")
    for message in (
        messages if not types else []
    ):  # the others only repeat in another way what has a wrong type
        unknown = _UNKNOWN_KEY.match(message)
        if unknown:
            yield problem(role, f"the unknown key {unknown[1]}", f"one of {unknown[2]}")
        else:
            yield problem(role, message)


def input_of(name: str) -> str:
    """Return the input that a name such as C(npu_network_plan.addresses[0]) is within."""
    match = _NAMED.match(name)
    return match[0] if match else name


def _wrong_inputs(found: list[dict[str, str]]) -> set[str]:
    """Return the inputs whose value was found wrong."""
    return {input_of(each["found"]) for each in found if _BLAMED.match(each["found"])}


def _blamed(name: str, variables: Mapping[str, Any], found: list[dict[str, str]]) -> bool:
    """Tell whether an input is made of a variable that was found wrong already."""
    wrong = _wrong_inputs(found)
    made_of = set(_NAMED.findall(str(variables.get(name)))) if wrong else set()
    return bool(made_of & wrong)


class LookupModule(LookupBase):
    """The lookup C(ascend.fleet.argument_problems)."""

    def run(
        self, terms: list[str], variables: dict[str, Any] | None = None, **kwargs: Any
    ) -> list[dict[str, str]]:
        """Validate the inputs of every named role."""
        self.set_options(var_options=variables, direct=kwargs)
        found: list[dict[str, str]] = []
        given_names = tuple(variables or {})
        for term in [FLEET, *terms]:
            role, _colon, entry = term.partition(":")
            if not any(name.startswith(f"{role}_") for name in given_names):
                continue  # nothing to validate: inputs are named after their role
            options = options_of(role, entry)
            sound = {
                name: option for name, option in options.items() if not _blamed(name, variables or {}, found)
            }
            ours = {FLEET, kwargs.get("asking") or (variables or {}).get("role_name")}
            given, broken = self._evaluate(role, sound, variables or {}, ours)
            told = _wrong_inputs(found)
            found += [each for each in broken if input_of(each["found"]) not in told]
            found += [*problems_of(role, sound, given), *wrong_values(given)]
        return list({each["found"]: each for each in reversed(found)}.values())[::-1]

    def _evaluate(
        self, role: str, options: Mapping[str, Any], variables: Mapping[str, Any], ours: set[str | None]
    ) -> tuple[dict[str, Any], list[dict[str, str]]]:
        """Evaluate the role's inputs; one that cannot be evaluated is a problem of its own."""
        given: dict[str, Any] = {}
        broken = []
        named = [name for name in options if name in variables]
        defaults = own_defaults(role) if named and role not in ours else {}
        for name in named:
            if name in defaults and variables[name] == defaults[name]:
                continue
            try:
                given[name] = self._templar.template(variables[name])
            except AnsibleError as error:
                broken.append(unevaluated(role, name, error))
        return given, broken
