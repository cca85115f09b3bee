# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say which Jupyter kernels have to be written or removed."""

from __future__ import annotations

DOCUMENTATION = r"""
name: jupyter_kernel_plan
short_description: Say which Jupyter kernels have to be written or removed
version_added: 0.2.0
description:
  - Compares the kernels that P(ascend.fleet.python_environment_info#module) found with those that are wanted.
  - A kernel starts the Python of its environment, with the variables that the node gives to services, because
    Jupyter starts it from no login shell.
author:
  - The ascend.fleet contributors (@ascend-fleet)
positional: wanted
options:
  _input:
    description:
      - The RV(ascend.fleet.python_environment_info#module:kernels) that were found, in the order of
        O(wanted).
    type: list
    elements: dict
    required: true
  wanted:
    description:
      - One entry per kernel and user, with C(name), C(user), C(environment) (its prefix), C(display_name),
        C(variables) and C(state) (V(present) or V(absent)).
    type: list
    elements: dict
    required: true
  variables:
    description: The RV(ascend.fleet.python_environment_info#module:variables) of the node.
    type: dict
"""

EXAMPLES = r"""
- name: Say which kernels are due
  ansible.builtin.debug:
    msg: "{{ due | map(attribute='why') }}"
  vars:
    due: "{{ found.kernels | ascend.fleet.jupyter_kernel_plan(wanted, found.variables) }}"
"""

RETURN = r"""
_value:
  description:
    - One entry per step, with C(path) (of C(kernel.json)), C(user), C(content) (empty for a kernel that is
      removed) and C(why).
  type: list
  elements: dict
"""

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


def jupyter_kernel_plan(
    found: Iterable[Mapping[str, Any]],
    wanted: Iterable[Mapping[str, Any]],
    variables: Mapping[str, str] | None = None,
) -> list[dict[str, str]]:
    """Return the steps; see the documentation above."""
    steps = []
    for there, wish in zip(found, wanted):
        spec = kernel_spec(wish, variables or {}) if wish["state"] == "present" else None
        if spec != there["spec"]:
            content = json.dumps(spec, indent=1, sort_keys=True) + "\n" if spec else ""
            whose = f"of {wish['user']}" if wish["user"] else "of all users"
            why = f"{'write' if spec else 'remove'} the Jupyter kernel {wish['name']} {whose}"
            steps.append({"path": there["path"], "user": wish["user"], "content": content, "why": why})
    return steps


def kernel_spec(wish: Mapping[str, Any], variables: Mapping[str, str]) -> dict[str, Any]:
    """Return the content of kernel.json; the programs of the environment come first on its PATH."""
    programs = f"{wish['environment']}/bin"
    path = [programs, *(part for part in variables.get("PATH", "").split(":") if part and part != programs)]
    own = {"PATH": ":".join(path)} if len(path) > 1 else {}
    return {
        "argv": [f"{programs}/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": wish["display_name"],
        "language": "python",
        "metadata": {"debugger": True},
        "env": {**variables, **own, **{name: str(value) for name, value in wish["variables"].items()}},
    }


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter under its name."""
        return {"jupyter_kernel_plan": jupyter_kernel_plan}
