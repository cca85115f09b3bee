# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run did to each node, as one structure and as a table for a terminal. Pure.

This file is private to the collection and may change at any time.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.plugin_utils._hdk import toolkit_warnings
from ansible_collections.ascend.fleet.plugins.plugin_utils._reach import reach
from ansible_collections.ascend.fleet.plugins.plugin_utils._stages import absent_stages

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SCHEMA = 1
WIDTH = 118
OUTCOMES = (
    "npu_driver_outcome",
    "npu_network_outcome",
    "cann_outcome",
    "torch_npu_outcome",
    "mindspore_outcome",
    "npu_verify_outcome",
    "npu_container_outcome",
)
ABSENT = "not applicable"
STAGE_WORDS = {
    "driver": "driver",
    "firmware": "firmware",
    "mcu": "MCU",
    "network": "device network",
    "torch_npu": "conda and torch_npu",
}
VERSIONS = {
    "driver": "driver",
    "firmware": "firmware",
    "cann": "CANN",
    "torch": "torch",
    "torch_npu": "torch_npu",
    "mindspore": "MindSpore",
}
FRAMEWORKS = ("torch", "torch_npu", "mindspore")  # a column each, where a node has it or is to have it
STATE_WORDS = {
    "failed": "FAILED",
    "not_started": "not started",
    "no_answer": "no answer",
    "reboot_due": "reboot due",
    "planned": "would change",
    "changed": "changed",
    "verified": "verified",
    "unchanged": "unchanged",
}


def versions_of(found: Mapping[str, Any], frameworks: Mapping[str, Any]) -> dict[str, Any]:
    """Return the installed versions of a node; ``frameworks`` has those of torch, torch_npu and mindspore.

    What a build adds to its version (2.1.0+cpu, PEP 440) is no difference from the release, and left out.
    """
    software = found.get("software") or {}
    return {
        "driver": (software.get("driver") or {}).get("version"),
        "firmware": (software.get("firmware") or {}).get("version"),
        "cann": software.get("cann_latest"),
        **{name: (frameworks.get(name) or "").partition("+")[0] or None for name in FRAMEWORKS},
    }


def stages_of(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the stages that ended, in order, with what they did and how many seconds they took."""
    stages = []
    begun = facts.get("npu_fleet_started")
    for name in OUTCOMES:
        outcome = facts.get(name)
        if not outcome:
            continue
        ended = outcome["ended"]
        seconds = round(max(ended - begun, 0.0), 1) if begun is not None else None
        stages.append({"stage": outcome["stage"], "actions": outcome["actions"], "seconds": seconds})
        begun = ended
    return stages


def state_of(facts: Mapping[str, Any], stages: Sequence[Mapping[str, Any]], check_mode: bool) -> str:
    """Say in one word how the run ended for a node."""
    failure = facts.get("npu_fleet_failure")
    if failure:
        return "not_started" if failure.get("not_started") else "failed"
    if not facts.get("npu_preflight_outcome") and not facts.get("npu_verify_outcome"):
        return "no_answer"
    if (facts.get("npu_driver_outcome") or {}).get("reboot_due"):
        return "reboot_due"
    if any(stage["actions"] for stage in stages):
        return "planned" if check_mode else "changed"
    touched = any(facts.get(name) for name in OUTCOMES if name != "npu_verify_outcome")
    return "unchanged" if touched else "verified"


def warnings_of(facts: Mapping[str, Any]) -> list[str]:
    """Return what stops nothing and is worth a word: of the node as verified, else as its driver was left."""
    found = (facts.get("npu_verify_outcome") or {}).get("found") or {}
    if "software" in found:
        return list(toolkit_warnings(found["software"]))
    return list((facts.get("npu_driver_outcome") or {}).get("warnings") or [])


def npus_of(facts: Mapping[str, Any], found: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Return one entry per NPU chip: its health, its firmware, and its port in the device network."""
    verify = facts.get("npu_verify_outcome") or {}
    ports = {port["id"]: port for port in verify.get("devices") or []}
    cards = {card["npu_id"]: card for card in (found or {}).get("cards") or []}
    npus = []
    for chip in (found or {}).get("chips") or []:
        port = ports.get(chip["phy_id"], {})
        card = cards.get(chip["npu_id"], {})
        npus.append(
            {
                "id": chip["phy_id"],
                "npu_id": chip["npu_id"],
                "chip_id": chip["chip_id"],
                "name": chip["name"],
                "health": chip["health"],
                "firmware": card.get("firmware_version"),
                "temperature_c": chip["temperature_c"],
                "power_w": chip["power_w"],
                "address": port.get("address"),
                "prefix": port.get("prefix"),
                "gateway": port.get("gateway"),
                "link": port.get("link"),
                "net_health": port.get("health"),
            }
        )
    return npus


def node_report(host: str, facts: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """Return everything a reader wants to know of one node."""
    before = facts.get("npu_preflight_outcome") or {}
    verify = facts.get("npu_verify_outcome") or {}
    bill = before.get("bill") or verify.get("bill") or {}
    stages = stages_of(facts)
    left = facts.get("npu_fleet_left") or {}
    now = verify.get("found") or (left if "software" in left else before.get("found"))
    outcomes = (facts.get(name) or {} for name in ("torch_npu_outcome", "mindspore_outcome"))
    frameworks = {
        name: version for outcome in outcomes for name, version in outcome.get("before", {}).items()
    }
    return {
        "host": host,
        "rack": facts.get("npu_fleet_rack") or "nodes",
        "product": bill.get("product"),
        "release": bill.get("release"),
        "state": state_of(facts, stages, check_mode),
        "before": versions_of(before["found"], frameworks) if before else None,
        "after": versions_of(now, {**frameworks, **(verify.get("frameworks") or {})}) if now else None,
        "wanted": _wanted(bill, facts),
        "stages": stages,
        "absent": [{"stage": STAGE_WORDS[key], "why": why} for key, why in absent_stages(before).items()],
        "npus": npus_of(facts, now),
        "npus_wanted": before.get("npus") or verify.get("npus"),
        "checks": [
            *(verify.get("checks") or []),
            *((facts.get("npu_container_outcome") or {}).get("checks") or []),
        ],
        "warnings": warnings_of(facts),
        "failure": facts.get("npu_fleet_failure"),
    }


def _wanted(bill: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the versions of a bill; that of MindSpore only counts where the inventory asks for MindSpore."""
    asked = {**bill, "mindspore": bill.get("mindspore") if facts.get("npu_fleet_mindspore") else None}
    return {name: asked.get(name) for name in VERSIONS}


def fleet_report(
    facts_of_hosts: Mapping[str, Mapping[str, Any]], made: str, check_mode: bool
) -> dict[str, Any]:
    """Return the report of a run: ``facts_of_hosts`` maps a host name to its variables."""
    nodes = [node_report(host, facts, check_mode) for host, facts in sorted(facts_of_hosts.items())]
    return {
        "schema": SCHEMA,
        "mode": "check" if check_mode else "run",
        "made": made,
        "versions": _columns(nodes),
        "nodes": nodes,
        "reach": reach(facts_of_hosts),
        "totals": {state: count for state in STATE_WORDS if (count := _count(nodes, state))},
    }


def _columns(nodes: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return what has a version, with its title: the frameworks only that are somewhere, or are to be."""
    known = [versions or {} for node in nodes for versions in (node["before"], node["after"], node["wanted"])]
    return [
        {"name": name, "title": title}
        for name, title in VERSIONS.items()
        if name not in FRAMEWORKS or any(versions.get(name) for versions in known)
    ]


def _count(nodes: Iterable[Mapping[str, Any]], state: str) -> int:
    """Count the nodes in one state."""
    return sum(node["state"] == state for node in nodes)


def fleet_summary(report: Mapping[str, Any]) -> str:
    """Return the report as text for a terminal: a table of nodes, then what was done and what is wrong."""
    columns = {column["name"]: column["title"] for column in report["versions"] if column["name"] != "torch"}
    rows = [_summary_row(node, columns) for node in report["nodes"]]
    head = ["node", "result", *columns.values(), "device network", "NPUs healthy", "seconds"]
    lines = _table([head, *rows])
    for node in report["nodes"]:
        lines += _node_lines(node, report["mode"])
    totals = ", ".join(f"{count} {STATE_WORDS[state]}" for state, count in report["totals"].items())
    lines += [
        "",
        f"{len(rows)} nodes: {totals}"
        + ("; nothing was touched (check mode)" if report["mode"] == "check" else ""),
    ]
    return "\n".join(lines)


def _summary_row(node: Mapping[str, Any], versions: Iterable[str]) -> list[str]:
    """Return one node as a line of the summary table, with the named versions."""
    before, after = node["before"] or {}, node["after"] or {}
    absent = {entry["stage"] for entry in node["absent"]}
    healthy = sum(npu["health"] == "OK" for npu in node["npus"])
    addresses = [npu["address"] for npu in node["npus"] if npu["address"]]
    network = ABSENT if STAGE_WORDS["network"] in absent else "-"
    if addresses:
        network = f"{addresses[0]} .. {addresses[-1]}"
    seconds = sum(stage["seconds"] or 0 for stage in node["stages"])
    return [
        node["host"],
        STATE_WORDS[node["state"]],
        *(
            ABSENT if STAGE_WORDS.get(name) in absent else _change(before.get(name), after.get(name))
            for name in versions
        ),
        network,
        f"{healthy}/{node['npus_wanted']}" if node["npus_wanted"] else "-",
        f"{seconds:.0f}",
    ]


def _change(before: str | None, after: str | None) -> str:
    """Show a version, or the step from one to the other."""
    if before == after:
        return after or "-"
    return f"{before or 'none'} -> {after or 'none'}"


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Lay rows out in columns, with a rule under the first."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
    return [lines[0], "  ".join("-" * width for width in widths), *lines[1:]]


def _node_lines(node: Mapping[str, Any], mode: str) -> list[str]:
    """Return what was done to a node, its warnings and its failure, for reading below the table."""
    verb = "would" if mode == "check" else "did"
    lines = []
    for stage in node["stages"]:
        if stage["actions"]:
            took = f" ({stage['seconds']} s)" if stage["seconds"] is not None and mode != "check" else ""
            lines += _wrapped(f"{stage['stage']}{took}: {verb} " + "; ".join(stage["actions"]))
    if node["absent"]:
        lines += _wrapped(
            f"{ABSENT}: " + "; ".join(f"{gone['stage']} ({gone['why']})" for gone in node["absent"])
        )
    for text in node["warnings"]:
        lines += _wrapped(f"warning: {text}")
    failure = node["failure"]
    if failure:
        lines += _wrapped(f'{STATE_WORDS[node["state"]]} at "{failure["step"]}": {failure["message"]}')
    return ["", f"{node['host']}:", *lines] if lines else []


def _wrapped(text: str) -> list[str]:
    """Indent a text and wrap its lines, so that a terminal shows them as meant."""
    lines = []
    for number, line in enumerate(text.splitlines()):
        first = "  " if number == 0 else "    "
        lines += textwrap.wrap(line, WIDTH, initial_indent=first, subsequent_indent="    ")
    return lines
