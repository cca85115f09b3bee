# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge what containers see and do: the NPUs that npu-smi lists in them, and the user's own check. Pure.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError, Result
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_table import parse_overview
from ansible_collections.ascend.fleet.plugins.plugin_utils._containers import numbers_of
from ansible_collections.ascend.fleet.plugins.plugin_utils._verify import Check

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PROGRAM = ("npu-smi", "info")


def container_checks(node: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the checks of all containers of a node; see the filter C(container_checks)."""
    checks = [check for seen in node["seen"] for check in _checks(seen, node["chips"])]
    return [check.as_result(node["host"]) for check in checks]


def _checks(seen: Mapping[str, Any], chips: Sequence[Mapping[str, Any]]) -> Iterator[Check]:
    container = seen["container"]
    ended = _ended(seen.get("state") or {})
    if ended:
        yield _running(container["name"], ended)
        return
    numbers = numbers_of(container, [chip["phy_id"] for chip in chips])
    if numbers:
        yield _npus(container["name"], [chip for chip in chips if chip["phy_id"] in numbers], seen["npu_smi"])
    if container.get("check"):
        yield _own(container, seen["check"])


def _ended(state: Mapping[str, Any]) -> str:
    """Say how a container ended, or nothing while it runs and where its state is not known."""
    if not state or (state.get("Running") and not state.get("Restarting")):
        return ""
    reason = f" ({state['Error']})" if state.get("Error") else ""
    return f"{state.get('Status', 'ended')}, status {state.get('ExitCode')}{reason}"


def _running(name: str, ended: str) -> Check:
    action = f"What it ran has ended: see docker logs {name}. A container lives as long as its command."
    return Check(f"the container {name} runs", False, ended, "running", action)


def _npus(name: str, wanted: Sequence[Mapping[str, Any]], answer: Mapping[str, Any]) -> Check:
    """Compare the chips in a container with those of the host by their places on the bus."""
    what = f"NPUs in the container {name}"
    action = f"See docker exec {name} npu-smi info, and docker inspect {name}."
    text = f"NPU {', '.join(str(chip['phy_id']) for chip in wanted)}"
    places = sorted(str(chip["bus_id"]) for chip in wanted)
    try:
        table = parse_overview(_result(answer))
    except CliError as error:
        return Check(what, False, _last_line(answer) or str(error), text, action)
    found = sorted(str(chip.bus_id) for chip in table.chips)
    passed = found == places
    return Check(what, passed, text if passed else f"{len(found)} at {', '.join(found)}", text, action)


def _own(container: Mapping[str, Any], answer: Mapping[str, Any]) -> Check:
    status = answer.get("rc")
    said = _last_line(answer)
    found = f"status {status}" + (f" ({said})" if said else "")
    words = " ".join(map(str, container["check"]))
    action = f"Run it by hand: docker exec {container['name']} {words}"
    return Check(f"own check of the container {container['name']}", status == 0, found, "status 0", action)


def _result(answer: Mapping[str, Any]) -> Result:
    status = answer.get("rc")
    text = answer.get("stdout", "")
    said = answer.get("stderr") or answer.get("msg") or ""
    return Result(PROGRAM, 1 if status is None else status, text, said)


def _last_line(answer: Mapping[str, Any]) -> str:
    """Return the last line that was said: on the error stream, else on the other, else why nothing was."""
    texts = (answer.get("stderr"), answer.get("stdout"), answer.get("msg"))
    return next((text.strip().splitlines()[-1] for text in texts if text and text.strip()), "")
