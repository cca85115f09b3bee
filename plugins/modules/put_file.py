# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of the same name; it has no part that runs on a host."""

from __future__ import annotations

DOCUMENTATION = r"""
module: put_file
short_description: Bring a file to a host that has no Python
version_added: 0.2.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - Sends a file of the controller through the connection, as the user who logs in. Nothing runs on the host.
  - It always sends. On hosts with a Python use M(ansible.builtin.copy), which sends what is not there.
attributes:
  check_mode:
    description: Can run in C(check_mode) and predict changes without making any.
    support: full
  diff_mode:
    description: Shows what would change, or has changed, in diff mode.
    support: none
  action:
    description: Has an action plugin that runs on the controller.
    support: full
options:
  src:
    description: The file of the controller.
    type: path
    required: true
  dest:
    description: The path on the host. Its directory must be there.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Bring the archive of a Python
  ascend.fleet.put_file:
    src: /srv/ascend/python.tar.gz
    dest: /var/tmp/python.tar.gz
"""

RETURN = r"""
dest:
  description: The path on the host.
  returned: success
  type: str
  sample: /var/tmp/python.tar.gz
"""
