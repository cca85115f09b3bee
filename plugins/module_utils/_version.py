# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Order the vendor's version numbers: 24.1.0 > 24.1.rc3 > 24.1.rc2, 25.0.rc1.1 > 25.0.rc1, whatever the case.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re

_SEPARATOR = re.compile(r"[.-]")
_PART = re.compile(r"(?P<word>[a-z]*)(?P<number>\d*)")
_BUILD = re.compile(r"b\d+")
# A missing part stands between what comes before a release and what comes after it.
_RANKS = {"alpha": -3, "beta": -2, "rc": -1, "": 1, "sph": 2}
_END = (0, 0)


def version_key(version: str) -> tuple[tuple[int, int], ...]:
    """Return what orders ``version`` among others.

    A build number (25.3.rc1.b020, as npu-smi prints it) is left out: it is the same release. Raises
    ValueError for text that is no version of this vendor.
    """
    parts = [part for part in _SEPARATOR.split(version.lower()) if not _BUILD.fullmatch(part)]
    return (*(_part_key(part, version) for part in parts), _END)


def _part_key(part: str, version: str) -> tuple[int, int]:
    match = _PART.fullmatch(part)
    if not part or match is None or match["word"] not in _RANKS:
        raise ValueError(
            f"found the version {version!r}; wanted one such as 24.1.0, 24.1.rc3 or 8.0.RC1.alpha002"
        )
    return _RANKS[match["word"]], int(match["number"] or 0)


def compare_versions(left: str, right: str) -> int:
    """Return -1, 0 or 1 as ``left`` is older than, the same as or newer than ``right``."""
    left_key, right_key = version_key(left), version_key(right)
    return (left_key > right_key) - (left_key < right_key)
