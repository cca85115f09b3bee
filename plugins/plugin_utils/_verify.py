# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of a finished node: what was found against what is wanted, and what to do. Pure.

This file is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.plugin_utils._computed import (
    MINDSPORE,
    TORCH,
    last_words,
    outputs,
    same_version,
    seen_in,
)
from ansible_collections.ascend.fleet.plugins.plugin_utils._hccl_test import verdicts
from ansible_collections.ascend.fleet.plugins.plugin_utils._python_rules import advice
from ansible_collections.ascend.fleet.plugins.plugin_utils._reach import came_back, count_of, is_down

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BARE_METAL = "bare_metal"  # elsewhere the firmware is the host's business
IMAGE = "Write the image of the board's maker anew; no package of this release has its driver."


NOT_RUN = "not run: there is no NPU"
# packages-and-versions.md 8; 1.x names no platform. A run_check on the CPU is none.
_COMPUTED = re.compile(
    r"calculation is correct, MindSpore has been installed( on platform \[Ascend\])? successfully"
)
_FAILED = "MindSpore running check failed."


@dataclass(frozen=True)
class Check:
    """One check: ``passed`` is None when it could not be run."""

    check: str
    passed: bool | None
    found: str
    wanted: str
    action: str

    def as_result(self, host: str) -> dict[str, Any]:
        """Return the check as data, with one sentence for the person who has to act."""
        sentence = f"{host}: {self.check}: found {self.found}, wanted {self.wanted}. {self.action}"
        return {**asdict(self), "message": sentence}


def verify_checks(node: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return all checks of a node.

    ``node`` has ``host``, ``bill``, ``npus``, ``devices`` (wanted), ``found`` (npu_info), ``ports``
    (hccn_info), ``environments`` (wanted: ``path``, ``framework`` and its versions), ``smoke`` (what they
    computed), optionally ``rules`` (of the catalog's Python packages), ``hccl`` (runs of hccl_test),
    ``link_down_allowed`` and, when the rack was pinged, ``pings`` (hccn_info) with their ``peers``.
    """
    checks = [
        *_version_checks(node),
        *_npu_checks(node),
        *_port_checks(node),
        *_reach_checks(node),
        *_framework_checks(node),
        *(Check(*verdict) for verdict in verdicts(node.get("hccl") or [], node["npus"])),
    ]
    return [check.as_result(node["host"]) for check in checks]


def _version_checks(node: Mapping[str, Any]) -> Iterator[Check]:
    """Compare what runs with the release: the loaded driver, the chips' firmware, the active CANN."""
    bill, found = node["bill"], node["found"]
    again = "Run the playbook again; it continues where the node stands."
    running = found["driver_version"] or (found["npu_smi"] or {}).get("reason") or "none"
    if bill["driver"]:
        yield Check(
            "running driver", found["driver_version"] == bill["driver"], running, bill["driver"], again
        )
    else:
        theirs = "that of the system's image"
        yield Check("running driver", found["driver_version"] is not None, running, theirs, IMAGE)
    flashed = sorted({card["firmware_version"] or "none" for card in found["cards"]})
    if bill.get("firmware") and found["software"].get("environment", BARE_METAL) == BARE_METAL:
        yield Check(
            "firmware of the NPUs",
            flashed == [bill["firmware"]],
            ", ".join(flashed) or "none",
            bill["firmware"],
            again,
        )
    cann = found["software"]["cann_latest"] or _run_time(found["software"]) or "none"
    yield Check("active CANN", cann == bill["cann"], cann, bill["cann"], again)


def _run_time(software: Mapping[str, Any]) -> str | None:
    """Return the version of nnae or nnrt in use, where there is no toolkit."""
    parts = (part for part in software.get("cann", []) if part["part"] in {"nnae", "nnrt"})
    return next((part["version"] for part in parts if part.get("in_use")), None)


def _npu_checks(node: Mapping[str, Any]) -> Iterator[Check]:
    """Check that all NPUs are there and healthy."""
    chips = node["found"]["chips"]
    yield Check(
        "number of NPUs",
        len(chips) == node["npus"],
        str(len(chips)),
        str(node["npus"]),
        "Look for a card that fell off the bus: npu-smi info -l, lspci, the iBMC's log.",
    )
    for chip in chips:
        codes = chip.get("error_codes") or []
        told = f"{chip['health']} ({', '.join(codes)})" if codes else chip["health"]
        borne = bool(codes) and set(codes) <= set(node.get("tolerated") or [])
        yield Check(
            f"health of NPU {chip['npu_id']} chip {chip['chip_id']}",
            chip["health"] == "OK" or borne,
            told or "no answer",
            f"OK, or no more than {', '.join(codes)}" if borne else "OK",
            f"See npu-smi info -t health -i {chip['npu_id']} -c {chip['chip_id']} for its error codes.",
        )


def _port_checks(node: Mapping[str, Any]) -> Iterator[Check]:
    """Check address and link of every port that the plan names, as far as it says them."""
    ports = {port["id"]: port for port in node["ports"]}
    for device in node["devices"]:
        port = ports.get(device["id"], {})
        if device.get("address"):
            yield _address_check(device, port)
        # Nobody wants a port up that is declared down; without consent it stays as it is.
        if not is_down(device) or node.get("link_down_allowed") is not False:
            yield _link_check(device, port)


def _address_check(device: Mapping[str, Any], port: Mapping[str, Any]) -> Check:
    said = [key for key in ("address", "prefix") if device.get(key)]
    wanted = "/".join(str(device[key]) for key in said)
    found = "/".join(str(port[key]) for key in said) if port.get("address") else "none"
    remedy = "Run the playbook again; if it stays, read /var/log/hccn_tool/hccn_config.log on the node."
    return Check(f"address of device {device['id']}", found == wanted, found, wanted, remedy)


def _link_check(device: Mapping[str, Any], port: Mapping[str, Any]) -> Check:
    wanted = "DOWN" if is_down(device) else "UP"
    remedy = f"Check cable, optical module and switch port: hccn_tool -i {device['id']} -lldp -g."
    if is_down(device):
        remedy = "Run the playbook site; with npu_network_link_down_allowed: true it takes the port down."
    found = port.get("link") or "no answer"
    return Check(f"link of device {device['id']}", found == wanted, found, wanted, remedy)


def _reach_checks(node: Mapping[str, Any]) -> Iterator[Check]:
    """Check for each device that was to ping its rail peers whether all of them answered."""
    pairs = list(zip(node.get("pings") or [], node.get("peers") or []))
    for number in sorted({ping["id"] for ping, _peer in pairs}):
        own = [(ping, peer) for ping, peer in pairs if ping["id"] == number]
        lost = [
            f"{peer['host']} {ping['address']}: {count_of(ping)}" for ping, peer in own if not came_back(ping)
        ]
        yield Check(
            f"reach of device {number}",
            not lost,
            "; ".join(lost) or f"answers from {len(own)} rail peers",
            f"answers from {len(own)} rail peers",
            "Compare link, switch port and light of both ends; with npu_verify_reach the playbook "
            "ascend.fleet.report shows them.",
        )


def _framework_checks(node: Mapping[str, Any]) -> Iterator[Check]:
    """Judge what was computed in each Python environment."""
    printed = outputs(node["smoke"].get("stdout") or "")
    for wanted in node["environments"]:
        judge = _torch_check if wanted["framework"] == "torch" else _mindspore_check
        silence = (node["smoke"].get("stderr") or "").strip() or "no output"
        told = {**wanted, "rules": node.get("rules") or ()}
        yield judge(told, node["npus"], *printed.get(wanted["path"], (1, silence)))


def _torch_check(wanted: Mapping[str, Any], npus: int | None, status: int, output: str) -> Check:
    name = f"computation on every NPU in {wanted['path']}"
    text = f"torch {wanted['torch']}, torch_npu {wanted['torch_npu']}, {npus} NPUs compute"
    if not npus:
        return Check(name, None, NOT_RUN, text, "Nothing.")
    seen = seen_in(output, TORCH)
    if status != 0 or seen is None:
        return _unfinished(name, text, wanted, status, output)
    passed = (
        same_version(seen["torch"], wanted["torch"])
        and same_version(seen["torch_npu"], wanted["torch_npu"])
        and seen["available"]
        and seen["devices"] == npus
        and not seen["wrong"]
    )
    works = seen["devices"] - len(seen["wrong"])
    found = f"torch {seen['torch']}, torch_npu {seen['torch_npu']}, {works} NPUs compute"
    return Check(name, passed, found, text, "Compare the failing NPUs with the health checks above.")


def _mindspore_check(wanted: Mapping[str, Any], npus: int | None, status: int, output: str) -> Check:
    name = f"MindSpore's run_check on every NPU in {wanted['path']}"
    text = f"MindSpore {wanted['mindspore']}, {npus} NPUs compute"
    if not npus:
        return Check(name, None, NOT_RUN, text, "Nothing.")
    seen = seen_in(output, MINDSPORE)
    if status != 0 or seen is None:
        return _unfinished(name, text, wanted, status, output)
    idle = [
        f"NPU {number}: {_reason(said)}" for number, said in enumerate(seen["said"]) if not _computed(said)
    ]
    passed = same_version(seen["mindspore"], wanted["mindspore"]) and not idle and len(seen["said"]) == npus
    works = len(seen["said"]) - len(idle)
    found = "; ".join([f"MindSpore {seen['mindspore']}, {works} NPUs compute", *idle])
    remedy = advice("\n".join(seen["said"]), wanted.get("rules", ())) or _by_hand(wanted["path"])
    return Check(name, passed, found, text, remedy)


def _computed(said: str) -> bool:
    return _COMPUTED.search(said) is not None


def _reason(said: str) -> str:
    """Return why MindSpore did not compute: the line below its own sentence, else the last one."""
    told = said.partition(_FAILED)[2].strip() or said.strip() or "no output"
    return told.splitlines()[0] if _FAILED in said else last_words(told)


def _unfinished(name: str, text: str, wanted: Mapping[str, Any], status: int, output: str) -> Check:
    """Judge a program that failed, or ended well without saying what it saw."""
    said = last_words(output)
    found = said if status != 0 else f"an end without a result ({said})"
    remedy = advice(output, wanted.get("rules", ())) or _by_hand(wanted["path"])
    return Check(name, False, found, text, remedy)


def _by_hand(path: str) -> str:
    return f"Run it by hand in a login shell to see all that {path}/bin/python says."
