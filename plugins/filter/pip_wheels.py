# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Understand what pip would take."""

from __future__ import annotations

DOCUMENTATION = r"""
name: pip_wheels
short_description: Understand what pip would take
version_added: 0.2.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Reads the reports of C(pip install --dry-run --report), one for each kind of host.
positional: present
options:
  _input:
    description:
      - Results of a loop, each with the report as C(stdout), and as C(item) a mapping with C(hosts) and
        C(releases).
    type: list
    elements: dict
    required: true
  present:
    description: Names of the wheels that are there.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Say which wheels are missing
  ansible.builtin.debug:
    msg: "{{ (reports.results | ascend.fleet.pip_wheels(present)).pins | flatten }}"
"""

RETURN = r"""
_value:
  description:
    - In C(wheels) all wheels once, as M(ascend.fleet.fetch_package) takes them. In C(rows) the same, as
      P(ascend.fleet.fetch_table#filter) takes them. In C(pins) for each report the requirements whose wheels
      are missing.
  type: dict
  sample: {wheels: [], rows: [], pins: []}
"""

from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleFilterError
from ansible_collections.ascend.fleet.plugins.plugin_utils import _fetch_report

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def pip_wheels(results: Sequence[Mapping[str, Any]], present: Sequence[str]) -> dict[str, Any]:
    """Return what the reports of pip name; see the documentation above."""
    try:
        return _fetch_report.pip_wheels(results, present)
    except ValueError as error:
        raise AnsibleFilterError(f"pip_wheels: {error}") from error


class FilterModule:
    """The filter C(ascend.fleet.pip_wheels)."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by name."""
        return {"pip_wheels": pip_wheels}
