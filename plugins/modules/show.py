# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of the same name; it has no part that runs on a host."""

from __future__ import annotations

DOCUMENTATION = r"""
module: show
short_description: Show a text on the terminal as it is
version_added: 0.1.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Prints a table or a longer text line by line, without the quoting of M(ansible.builtin.debug).
  - Runs on the controller only.
attributes:
  check_mode:
    description: Can run in C(check_mode) and predict changes without making any.
    support: full
  diff_mode:
    description: Shows what would change, or has changed, in diff mode.
    support: none
    details: It changes nothing.
  action:
    description: Has an action plugin that runs on the controller.
    support: full
options:
  text:
    description: The text.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show what the run did
  ascend.fleet.show:
    text: "{{ report | ascend.fleet.fleet_summary }}"
  delegate_to: localhost
  run_once: true
"""

RETURN = r""" # """
