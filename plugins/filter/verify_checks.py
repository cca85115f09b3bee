# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge a finished node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.plugin_utils import _verify
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DOCUMENTATION = r"""
name: verify_checks
short_description: Judge a finished node
version_added: 0.1.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Compares what was read from a node with what its release and its address plan want.
options:
  _input:
    description:
      - A mapping with V(host), V(bill) (the resolved release), V(npus) (wanted number), V(devices) (wanted
        network), V(found) (of M(ascend.fleet.npu_info)), V(ports) (of M(ascend.fleet.hccn_info)),
        V(environments) (wanted), V(smoke) (what was computed in them), and optionally V(pings) (of
        M(ascend.fleet.hccn_info)) with their V(peers) (of P(ascend.fleet.reach_targets#filter)).
      - A device of V(devices) without an address is not asked for one, and one with the V(link) V(down) is to
        be down; where V(link_down_allowed) is V(false) its link is not looked at.
      - V(tolerated) are the error codes with which chips of such a node work nevertheless.
      - V(hccl) are runs of hccl_test, each with C(name), C(program), C(mpi), C(last) (size), C(floor) (GB/s)
        and C(result) (of the command).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Keep the checks
  ansible.builtin.set_fact:
    checks: "{{ read | ascend.fleet.verify_checks }}"
"""

RETURN = r"""
_value:
  description:
    - One mapping per check with V(check), V(passed), V(found), V(wanted), V(action) and V(message).
  type: list
  elements: dict
"""


def verify_checks(node: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return all checks of a node; see the documentation above."""
    return _verify.verify_checks({**node, "rules": Catalog().python_rules})


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return it by name."""
        return {"verify_checks": verify_checks}
