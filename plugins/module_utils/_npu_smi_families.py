# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialect of npu-smi: which family of chips a name belongs to.

The families are those of the collection's catalogue. The name alone tells them apart, but C(910B) without a
number behind it is a chip of the first generation.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re

_FAMILIES = (
    (re.compile(r"310|MiniD"), "310"),  # MiniD: -m of drivers 20.x and 21.x
    (re.compile(r"310B[0-9]+"), "310b"),
    (re.compile(r"310P[0-9]*"), "310p"),
    (re.compile(r"910|910A|910B|910Pro[AB]|910Premium[AB]"), "910"),
    (re.compile(r"910B[0-9]+C?(-[0-9]+)?"), "910b"),
    (re.compile(r"Ascend910|910_93[0-9]*"), "910_93"),  # A3 prints no generation
    (re.compile(r"(Ascend)?950\w*"), "950"),
)


def family_of(name: str | None) -> str | None:
    """Return the family of a chip by the name in the big table, or None when the name tells nothing."""
    return next((family for pattern, family in _FAMILIES if pattern.fullmatch(name or "")), None)
