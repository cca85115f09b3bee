# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide about CANN versions that lie side by side: which ones go, and which one was the one before. Pure.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

from functools import cmp_to_key
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils._version import compare_versions
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# What stands on something goes before it: operators and libraries before toolkit, nnae and nnrt.
_ORDER = ("ops", "kernels", "nnal", "tfplugin", "nnae", "nnrt", "toolkit")
_by_version = cmp_to_key(compare_versions)


def removals(software: Mapping[str, Any], keep: int, kept: Iterable[str] = ()) -> list[dict[str, str]]:
    """Return what goes, in the order of removal, when the ``keep`` newest versions stay.

    The version in use and those in ``kept`` stay, too, unless ``keep`` is 0: then everything goes. Raises
    ValueError for a version that cannot be compared.
    """
    parts = software["cann"]
    versions = sorted({part["version"] for part in parts}, key=_by_version, reverse=True)
    stay = {version.casefold() for version in (*versions[:keep], *kept, software["cann_latest"] or "")}
    if keep == 0:
        stay = set()
    going = [part for part in parts if part["version"].casefold() not in stay]
    oldest_first = sorted(going, key=lambda part: _by_version(part["version"]))
    ordered = sorted(oldest_first, key=lambda part: _ORDER.index(part["part"]))
    # one version completely before the next one: a cut run leaves no half of two
    ordered.sort(key=lambda part: _by_version(part["version"]))
    return [{"part": part["part"], "version": part["version"]} for part in ordered]


def previous(software: Mapping[str, Any]) -> str:
    """Return the newest complete toolkit that is older than the one in use.

    Raises ProblemError when there is none, and ValueError for a version that cannot be compared.
    """
    in_use = software["cann_latest"]
    complete = {
        part["version"] for part in software["cann"] if part["part"] == "toolkit" and part["complete"]
    }
    older = [version for version in complete if in_use and compare_versions(version, in_use) < 0]
    if not older:
        there = ", ".join(sorted(complete, key=_by_version)) or "none"
        raise ProblemError(
            f"the toolkits {there} with {in_use or 'none'} in use",
            "an older one beside it, to which the node can go back",
            "name the release with npu_fleet_rollback_to, such as cann-8.0.0",
        )
    return max(older, key=_by_version)
