# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""List what stands in the way of a rollout on one host."""

from __future__ import annotations

DOCUMENTATION = r"""
name: preflight_problems
short_description: List what stands in the way of a rollout on one host
version_added: 0.1.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Holds what was found against what product and release need. Whatever the input leaves out is not checked.
  - A host can be worked on when the list has no entry with the severity V(error). A V(note) is only to be
    known.
options:
  _input:
    description:
      - C(host) is the host's name. It is required.
      - C(product) is the answer of P(ascend.fleet.product#lookup), C(release) that of
        P(ascend.fleet.release#lookup) and C(addresses) that of P(ascend.fleet.device_addresses#filter), each
        V(null) when there is none.
      - C(product_error), C(release_error) and C(address_error) are the C(error) of the same with
        O(ascend.fleet.release#lookup:explain), and so is C(system_error), which is a warning.
      - C(facts) holds the facts C(architecture) and C(nodename), C(system) the answer of
        P(ascend.fleet.system#lookup).
      - C(found) is the result of M(ascend.fleet.npu_info).
      - C(packages) holds, by file name, C(path), C(exists), C(sha256) and C(wanted_sha256), which is V(null)
        when nobody published one. C(due) are the names of all packages that are to be installed, wherever
        they lie; they need the consent to the licence.
      - C(installers) holds the same of installers that are no packages of the release, such as conda's.
      - C(environments) holds, for each Python environment that is to be made, C(path), C(python), C(arch),
        C(packages) (requirements), C(built) (names of those that can be built), C(wheelhouse), C(files) that
        lie there, and C(noted), those that must.
      - C(available) is the list of file names where the packages are, so that a package for another
        architecture can be told from a missing one.
      - C(plan) is the answer of P(ascend.fleet.hdk_plan#filter).
      - C(consents) holds C(licence), C(reboot), C(flash), C(downgrade) and C(kill), each V(true), V(false) or
        V(null) for unset. C(host_ground) is the result of M(ascend.fleet.npu_host_info), and so is C(ready)
        after the system packages were provided; C(build_needed) tells whether modules are built there.
      - C(node) is the result of M(ascend.fleet.npu_host_info) on any host, also when no driver is due.
        C(limits) holds C(memory_gb), C(clock_seconds), and C(space_gb) by path; C(names) are names that must
        resolve there.
      - C(detected) is the answer of P(ascend.fleet.detect_product#filter) for the host's product, and
        C(product_confirmed) tells whether somebody has confirmed that product.
      - C(products) are the products into whose groups the inventory puts the host.
      - C(unread) is the message of the task that failed to look at the host.
    type: dict
    required: true
seealso:
  - plugin: ascend.fleet.problem_table
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Stop when something is in the way
  ansible.builtin.assert:
    that: problems | selectattr('severity', 'equalto', 'error') | length == 0
    fail_msg: "{{ problems | ascend.fleet.problem_table }}"
  vars:
    product: "{{ lookup('ascend.fleet.product', 'atlas_800t_a2', explain=true) }}"
    problems: >-
      {{ {'host': inventory_hostname, 'product': product.found, 'product_error': product.error,
          'facts': ansible_facts} | ascend.fleet.preflight_problems }}
"""

RETURN = r"""
_value:
  description: The problems, errors first.
  type: list
  elements: dict
  contains:
    host: {description: The host., type: str, sample: node-a01-03}
    severity: {description: Whether it stops the run., type: str, choices: [error, warning, note]}
    found: {description: What was found., type: str, sample: 7 NPU chips on the PCI bus}
    wanted: {description: What was wanted., type: str, sample: "8, as Atlas 800T A2 has"}
    fix: {description: What to do. A note has none., type: str}
"""

from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleFilterError
from ansible_collections.ascend.fleet.plugins.plugin_utils._preflight import problems_of
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def preflight_problems(ground: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the problems of one host; see the documentation above."""
    try:
        return problems_of(ground)
    except ProblemError as error:
        raise AnsibleFilterError(f"preflight_problems: {error}") from error


class FilterModule:
    """The filter C(ascend.fleet.preflight_problems)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"preflight_problems": preflight_problems}
