# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say in which waves the hosts of some groups are taken."""

from __future__ import annotations

DOCUMENTATION = r"""
name: waves
short_description: Say in which waves the hosts of some groups are taken
version_added: 0.2.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Returns what C(npu_fleet_waves) says for the first host of these groups that has it, as the C(serial) of a
    play takes it; all hosts in one wave when no host has it.
  - Also in the first play of a run, where no variables of hosts are at hand.
  - Fails for what is no number of hosts and no share of them.
options:
  _terms:
    description: Names of groups; those that the inventory does not have are left out.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Take the hosts of a model in waves
  hosts: atlas_800t_a2
  serial: "{{ query('ascend.fleet.waves', 'atlas_800t_a2') }}"
  roles:
    - ascend.fleet.npu_driver
"""

RETURN = r"""
_raw:
  description: The size of each wave, as a number of hosts or a share.
  type: list
  elements: str
  sample: [1, "25%", "100%"]
"""

import re
from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase
from ansible_collections.ascend.fleet.plugins.plugin_utils._inventory import first_value, host_variables
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE = "npu_fleet_waves"
ALL = ["100%"]
WAVE = re.compile(r"[1-9][0-9]*|(100|[1-9][0-9]?)%")


def checked(waves: Any) -> list[Any]:
    """Return the waves as a list. Raises ProblemError for one that is no number of hosts and no share."""
    listed = waves if isinstance(waves, list) else [waves]
    wrong = [wave for wave in listed if not WAVE.fullmatch(str(wave))]
    if wrong or not listed:
        raise ProblemError(
            f"{VARIABLE}: {waves}",
            "numbers of hosts and shares of them",
            f'correct it in the inventory, such as `{VARIABLE}: [1, "25%", "100%"]`',
        )
    return listed


def hosts_of(names: list[str], groups: Mapping[str, list[str]]) -> list[str]:
    """Return the hosts of those groups that the inventory has, in its order."""
    return [host for name in names for host in groups.get(name, [])]


class LookupModule(LookupBase):
    """The lookup C(ascend.fleet.waves)."""

    def run(self, terms: list[str], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        """Return the waves; see the documentation above."""
        self.set_options(var_options=variables, direct=kwargs)
        given = variables or {}
        hosts = hosts_of(terms, given.get("groups") or {})
        waves = first_value(VARIABLE, hosts, host_variables(given, self._loader)) if hosts else None
        try:
            return list(ALL) if waves is None else checked(waves)
        except ProblemError as error:
            raise AnsibleError(f"waves: {error}") from error
