# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say where Python environments cannot be made, before anything is touched."""

from __future__ import annotations

DOCUMENTATION = r"""
name: environment_refusals
short_description: Say where Python environments cannot be made
version_added: 0.2.0
description:
  - Finds places in which their owner may not write, such as a home on NFS whose server takes root for nobody.
  - Finds a conda that belongs to somebody else.
author:
  - The ascend.fleet contributors (@ascend-fleet)
positional: owner
options:
  _input:
    description:
      - Those RV(ascend.fleet.python_environment_info#module:environments) in which something is to be made
        or changed.
    type: list
    elements: dict
    required: true
  owner:
    description: The user that makes them, and as whom they were read.
    type: str
    required: true
  conda:
    description: The entry of the conda that makes them. Without it nothing is said of conda.
    type: dict
seealso:
  - module: ascend.fleet.python_environment_info
"""

EXAMPLES = r"""
- name: Say what cannot be made
  ansible.builtin.debug:
    msg: "{{ found.environments | ascend.fleet.environment_refusals('root') | map(attribute='found') }}"
"""

RETURN = r"""
_value:
  description:
    - One entry per problem, with C(found), C(wanted) and C(fix).
  type: list
  elements: dict
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

ROOT = "root"


def environment_refusals(
    due: Iterable[Mapping[str, Any]], owner: str, conda: Mapping[str, Any] | None = None
) -> list[dict[str, str]]:
    """Return all problems; see the documentation above."""
    problems = list(foreign_conda(conda, owner)) if conda else []
    grounds = {found["ground"]["path"]: found for found in due if not found["ground"]["writable"]}
    return problems + [closed_ground(found, owner) for found in grounds.values()]


def foreign_conda(conda: Mapping[str, Any], owner: str) -> Iterator[dict[str, str]]:
    """Yield the problem of a conda that is neither the owner's nor the system's."""
    if conda["owner"] not in {None, ROOT, owner}:
        yield {
            "found": f"conda in {conda['path']}, which belongs to {conda['owner']}",
            "wanted": f"one of {owner}" if owner == ROOT else f"one of {owner} or of {ROOT}",
            "fix": (
                f"name another prefix (torch_npu_conda, mindspore_conda), or let {conda['owner']} own the "
                "environments (torch_npu_owner, mindspore_owner)"
            ),
        }


def closed_ground(found: Mapping[str, Any], owner: str) -> dict[str, str]:
    """Return the problem of a directory in which the owner may not write."""
    ground = found["ground"]
    kind = ground["filesystem"] or "an unknown filesystem"
    squashed = owner == ROOT and kind.startswith("nfs")
    reason = ", whose server takes root for nobody (root_squash) or exports it read-only" if squashed else ""
    other = ""
    if ground["owner"] != owner:
        other = f"let {ground['owner']} own the environments (torch_npu_owner, mindspore_owner), or "
    return {
        "found": f"{ground['path']} of {ground['owner']} on {kind}{reason}, where {owner} may not write",
        "wanted": f"a place where {owner} can make {found['path']}",
        "fix": f"{other}name a path on a disk of the node",
    }


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter under its name."""
        return {"environment_refusals": environment_refusals}
