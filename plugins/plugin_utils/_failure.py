# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a rollout treats nodes that fail: the sentence to keep, and when later waves do not start. Pure.

This file is private to the collection and may change at any time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_EVIDENCE = ("stderr", "stdout")
_EVIDENCE_LINES = 8


def failure_text(result: Mapping[str, Any]) -> str:
    """Return what a person needs to know of a failed task: its message, or those of its failed items.

    The last lines of a command's output follow when the message does not hold them already.
    """
    items = [item for item in result.get("results") or [] if item.get("failed") or item.get("unreachable")]
    if items:
        return "\n".join(failure_text(item) for item in items)
    text = str(result.get("msg") or "the task failed without a message").strip()
    for stream in _EVIDENCE:
        lines = str(result.get(stream) or "").strip().splitlines()[-_EVIDENCE_LINES:]
        if lines and lines[-1] not in text:
            text += f"\n{stream}: " + "\n".join(lines)
    return text


def failure_limit(hosts: Iterable[str], hostvars: Mapping[str, Any], limit: int | str) -> dict[str, Any]:
    """Return why the next node must not start, or an empty mapping when it may.

    ``limit`` is a number of nodes, or a share of the nodes that have ended such as ``50%``.
    """
    ended = [facts for facts in (hostvars[host] for host in hosts) if _has_ended(facts)]
    failed = sum(bool(facts.get("npu_fleet_failure")) for facts in ended)
    if not failed or failed <= _allowed(limit, len(ended)):
        return {}
    return {
        "not_started": True,
        "step": "the failure limit",
        "message": f"{failed} of the {len(ended)} nodes before this one failed, and npu_fleet_failure_limit "
        f"allows {limit}. Mend them and run the same command again; finished nodes cost nothing.",
    }


def _has_ended(facts: Mapping[str, Any]) -> bool:
    """Tell whether a node has had its turn, well or not."""
    failure = facts.get("npu_fleet_failure") or {}
    return (bool(failure) and not failure.get("not_started")) or bool(facts.get("npu_verify_outcome"))


def _allowed(limit: int | str, ended: int) -> float:
    """Return how many nodes may have failed."""
    text = str(limit).strip()
    return ended * float(text[:-1]) / 100 if text.endswith("%") else float(text)
