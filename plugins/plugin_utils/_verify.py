# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of a finished node: what was found against what is wanted, and what to do. Pure.

This file is private to the collection and may change at any time.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.plugin_utils._reach import came_back, count_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BARE_METAL = "bare_metal"  # elsewhere the firmware is the host's business
IMAGE = "Write the image of the board's maker anew; no package of this release has its driver."


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
    (hccn_info), ``smoke`` (the result of the smoke test) and, when the rack was pinged, ``pings`` (hccn_info)
    with their ``peers``.
    """
    checks = [
        *_version_checks(node),
        *_npu_checks(node),
        *_port_checks(node),
        *_reach_checks(node),
        *_framework_checks(node),
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
    cann = found["software"]["cann_latest"] or "none"
    yield Check("active CANN", cann == bill["cann"], cann, bill["cann"], again)


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
        where = f"health of NPU {chip['npu_id']} chip {chip['chip_id']}"
        yield Check(
            where,
            chip["health"] == "OK",
            chip["health"] or "no answer",
            "OK",
            f"See npu-smi info -t health -i {chip['npu_id']} -c {chip['chip_id']} for its error codes.",
        )


def _port_checks(node: Mapping[str, Any]) -> Iterator[Check]:
    """Check address and link of every port that the plan names."""
    ports = {port["id"]: port for port in node["ports"]}
    for device in node["devices"]:
        port = ports.get(device["id"], {})
        wanted = f"{device['address']}/{device['prefix']}"
        address = f"{port['address']}/{port['prefix']}" if port.get("address") else "none"
        yield Check(
            f"address of device {device['id']}",
            address == wanted,
            address,
            wanted,
            "Run the playbook again; if it stays, read /var/log/hccn_tool/hccn_config.log on the node.",
        )
        yield Check(
            f"link of device {device['id']}",
            port.get("link") == "UP",
            port.get("link") or "no answer",
            "UP",
            f"Check cable, optical module and switch port: hccn_tool -i {device['id']} -lldp -g.",
        )


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
            "Compare link, switch port and light of both ends; the report has them.",
        )


def _framework_checks(node: Mapping[str, Any]) -> Iterator[Check]:
    """Judge what the smoke test printed."""
    bill, smoke = node["bill"], node["smoke"]
    if not bill.get("torch_npu"):
        return
    name = "computation on every NPU"
    wanted = f"torch {bill['torch']}, torch_npu {bill['torch_npu']}, {node['npus']} NPUs compute"
    if smoke["rc"] != 0:
        lines = (smoke.get("stderr") or smoke.get("stdout") or "no output").strip().splitlines()
        yield Check(name, False, lines[-1], wanted, "Run the smoke test by hand to see the whole traceback.")
        return
    seen = json.loads(smoke["stdout"].strip().splitlines()[-1])
    passed = (
        seen["torch"].split("+")[0] == bill["torch"]
        and seen["torch_npu"].split("+")[0] == bill["torch_npu"]
        and seen["available"]
        and seen["devices"] == node["npus"]
        and not seen["wrong"]
    )
    works = seen["devices"] - len(seen["wrong"])
    text = f"torch {seen['torch']}, torch_npu {seen['torch_npu']}, {works} NPUs compute"
    yield Check(name, passed, text, wanted, "Compare the failing NPUs with the health checks above.")
