# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put together what the preflight found on all hosts, for a table and for machines. Pure.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.plugin_utils._addresses import overlaps
from ansible_collections.ascend.fleet.plugins.plugin_utils._input_names import misspelt
from ansible_collections.ascend.fleet.plugins.plugin_utils._plan_places import double_places

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_BILL = (
    "release",
    "driver",
    "firmware",
    "mcu",
    "cann",
    "torch",
    "torch_npu",
    "mindspore",
    "python",
    "drivers",
)
_NODE = ("kernel", "memory", "space", "clock", "python", "dmi", "resolved", "holders", "containers")
_SILENT = {
    "severity": "warning",
    "found": "no answer",
    "wanted": "a host that can be looked at",
    "fix": "mend what the message above names, or leave the host out with --limit",
}


def report(
    hosts: Sequence[str], hostvars: Mapping[str, Any], more: Sequence[Mapping[str, Any]], time: str
) -> dict[str, Any]:
    """Return the report on ``hosts``; see the filter C(preflight_report)."""
    variables = {host: hostvars[host] for host in hosts}  # worked out each time they are asked for
    outcomes = {host: own.get("npu_preflight_outcome") for host, own in variables.items()}
    looked = {host: outcome for host, outcome in outcomes.items() if outcome}
    problems = [dict(problem) for outcome in looked.values() for problem in outcome["problems"]]
    problems += [{"host": host, **_SILENT} for host in hosts if host not in looked]
    problems += [{"host": host, **problem} for host, own in variables.items() for problem in misspelt(own)]
    problems += overlaps({host: outcome["devices"] for host, outcome in looked.items()})
    problems += double_places(
        {host: outcome["plan"] for host, outcome in looked.items() if outcome.get("plan")}
    )
    problems += [dict(problem) for problem in more]
    counts = {
        f"{severity}s": sum(problem["severity"] == severity for problem in problems)
        for severity in ("error", "warning", "note")
    }
    return {
        "time": time,
        **counts,
        "problems": problems,
        "hosts": {host: _host(outcome) for host, outcome in looked.items()},
    }


def _host(outcome: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known of one host: what it is to have, and what it is and has."""
    bill, node, found = (outcome.get(name) or {} for name in ("bill", "node", "found"))
    software = found.get("software") or {}
    chips = found.get("chips") or []
    return {
        "wanted": {name: bill.get(name) for name in _BILL},
        "product": (outcome.get("model") or {}).get("key"),
        "detected": outcome.get("detected"),
        "system": (outcome.get("system") or {}).get("key"),
        "architecture": outcome.get("architecture"),
        "installed": {
            "driver": (software.get("driver") or {}).get("version"),
            "driver_running": found.get("driver_version"),
            "firmware": (software.get("firmware") or {}).get("version"),
            "cann": sorted({part["version"] for part in software.get("cann") or [] if part["version"]}),
        },
        "environment": software.get("environment"),
        "npus": [
            {name: chip.get(name) for name in ("npu_id", "chip_id", "name", "health")} for chip in chips
        ],
        "npus_on_bus": len(found.get("pci_devices") or []),
        "processes": found.get("processes") or [],
        **{name: node.get(name) for name in _NODE},
    }
