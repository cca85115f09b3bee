# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan driver and firmware of a node: what to install, in which order, and whether a reboot is due. Pure.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils._version import compare_versions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ACTIONS = {-1: "upgrade", 1: "downgrade"}
_GUESTS = {"vm": "a virtual machine", "container": "a container"}


def plan(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return steps, reboot, consents and reasons; see the filter C(hdk_plan).

    Raises ValueError for a version that cannot be compared.
    """
    driver = found["software"]["driver"]
    firmware = found["software"]["firmware"]
    guest = _GUESTS.get(found["software"].get("environment", ""))
    if guest:  # firmware belongs to the host (the vendor's installation guide)
        wanted = {**wanted, "firmware": None}
    due = dict(_due(driver, firmware, wanted))
    order = ("firmware", "driver") if driver and driver["complete"] else ("driver", "firmware")
    steps = [{"part": part, "action": due[part][0], "version": wanted[part]} for part in order if part in due]
    reasons = [due[step["part"]][1] for step in steps]
    reasons += [text for part, text in _not_live(found, driver, firmware) if part not in due]
    return {
        "steps": steps,
        "reboot": bool(reasons),
        "consents": _consents(steps, bool(reasons)),
        "reasons": reasons,
        "problems": list(_problems(driver, firmware, wanted, due, guest)),
        "warnings": list(toolkit_warnings(found["software"])),
    }


def _problems(
    driver: Mapping[str, Any] | None,
    firmware: Mapping[str, Any] | None,
    wanted: Mapping[str, Any],
    due: Mapping[str, Any],
    guest: str | None,
) -> Iterator[tuple[str, str, str]]:
    """Yield what cannot come true, as found, wanted and what to do."""
    if guest == _GUESTS["container"] and "driver" in due:
        yield (
            "a container",
            "the driver on the host, and its devices mapped into the container",
            "take this host out of the inventory; manage the host that runs it",
        )
    if driver and driver["complete"] and "driver" not in due:
        version = wanted.get("firmware") or (firmware or {}).get("version")
        ranges = driver.get("compatible_firmware") or []
        if version and ranges and not _within(version, ranges):
            yield (
                f"driver {driver['version']}, which goes with firmware {_ranges(ranges)}",
                f"firmware {version}",
                "choose a release whose driver and firmware belong together (compatible_version_fw in the "
                "driver's version.info)",
            )


def _within(version: str, ranges: list[Mapping[str, str]]) -> bool:
    return any(
        compare_versions(one["lowest"], version) <= 0 <= compare_versions(one["highest"], version)
        for one in ranges
    )


def _ranges(ranges: list[Mapping[str, str]]) -> str:
    return " or ".join(f"{one['lowest']} to {one['highest']}" for one in ranges)


def toolkit_warnings(software: Mapping[str, Any]) -> Iterator[str]:
    """Yield a toolkit in use that the driver does not name as compatible (inferred from both lists)."""
    driver = software["driver"] or {}
    trains = driver.get("compatible_versions") or []
    for part in software.get("cann") or []:
        inner = part.get("inner_version")
        known = part["part"] == "toolkit" and part.get("in_use") and inner and trains
        if known and not any(inner.startswith(train) for train in trains):
            yield (
                f"CANN {part['version']} ({inner}) is in use, and driver {driver['version']} names "
                f"{', '.join(trains)} as compatible"
            )


def _due(
    driver: Mapping[str, Any] | None, firmware: Mapping[str, Any] | None, wanted: Mapping[str, Any]
) -> Iterator[tuple[str, tuple[str, str]]]:
    if wanted["driver"] is None:  # it comes with the system's image
        return
    if driver and not driver["complete"]:
        yield "driver", ("repair", f"repair driver {wanted['driver']} (an installation was not completed)")
    elif step := _difference("driver", driver, wanted["driver"]):
        yield "driver", step
    if wanted.get("firmware") and (step := _difference("firmware", firmware, wanted["firmware"])):
        yield "firmware", step


def _difference(part: str, found: Mapping[str, Any] | None, wanted: str) -> tuple[str, str] | None:
    if found is None:
        return "install", f"install {part} {wanted} (none is installed)"
    order = compare_versions(found["version"], wanted)
    if order == 0:
        return None
    return _ACTIONS[order], f"{_ACTIONS[order]} {part} from {found['version']} to {wanted}"


def _not_live(
    found: Mapping[str, Any], driver: Mapping[str, Any] | None, firmware: Mapping[str, Any] | None
) -> Iterator[tuple[str, str]]:
    """Yield what the node runs other than what is installed; one card without a version says nothing."""
    running = found["driver_version"]
    if (
        driver
        and driver["complete"]
        and (running is None or compare_versions(running, driver["version"]) != 0)
    ):
        yield (
            "driver",
            f"reboot, because driver {driver['version']} is installed and {running or 'none'} runs",
        )
    cards = found["cards"] or []
    if firmware and cards and all(card["firmware_version"] is None for card in cards):
        yield "firmware", f"reboot, because firmware {firmware['version']} is installed and no NPU runs any"
    if firmware:
        for card in cards:
            live = card["firmware_version"]
            if live is not None and compare_versions(live, firmware["version"]) != 0:
                yield (
                    "firmware",
                    f"reboot, because firmware {firmware['version']} is installed and NPU {card['npu_id']} "
                    f"runs {live}",
                )


def _consents(steps: list[dict[str, Any]], reboot: bool) -> list[str]:
    needed = {
        "reboot": reboot,
        "flash": any(step["part"] == "firmware" for step in steps),
        "downgrade": any(step["action"] == "downgrade" for step in steps),
    }
    return [name for name, is_needed in needed.items() if is_needed]
