# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all modules say about check mode, diff mode, platform and idempotence.

A module names C(ascend.fleet.attributes) and behind it one of the variants: C(ascend.fleet.attributes.info)
when it only reads, C(ascend.fleet.attributes.platform) when it changes something.
"""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation that plugins take in with C(extends_documentation_fragment)."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return what it would change, without changing the target.
    support: full
  diff_mode:
    description: Returns what has changed, or in check mode would change, when in diff mode.
"""

    # For modules that change something: all of them read the state again after they changed it.
    PLATFORM = r"""
options: {}
attributes:
  diff_mode:
    support: full
  platform:
    description: The operating systems of the target.
    support: full
    platforms: linux
  idempotent:
    description: When run twice in a row outside check mode, the second run changes nothing.
    support: full
"""

    # For modules that only read.
    INFO = r"""
options: {}
attributes:
  check_mode:
    details:
      - This module does not change anything.
  diff_mode:
    support: none
    details:
      - This module does not change anything.
  platform:
    description: The operating systems of the target.
    support: full
    platforms: linux
  idempotent:
    description: When run twice in a row outside check mode, the second run changes nothing.
    support: full
    details:
      - This module does not change anything.
"""
