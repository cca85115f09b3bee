# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a rollout does not apply to a node, and how many chips it is to have. Pure.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_GUESTS = {"vm": "a virtual machine", "container": "a container"}


def absent_stages(outcome: Mapping[str, Any]) -> dict[str, str]:
    """Return why a stage does not apply to a node, by stage; see the filter C(absent_stages).

    ``outcome`` is what the role npu_preflight has noted; without a model or a release nothing is known.
    """
    model, bill = outcome.get("model"), outcome.get("bill")
    return dict(_absent(model, bill, _environment(outcome))) if model and bill else {}


def _environment(outcome: Mapping[str, Any]) -> str:
    software = (outcome.get("found") or {}).get("software") or {}
    return str(software.get("environment", ""))


def _absent(model: Mapping[str, Any], bill: Mapping[str, Any], environment: str) -> Iterator[tuple[str, str]]:
    name, guest = model["name"], _GUESTS.get(environment)
    if not model["driver"]:
        yield "driver", f"the driver of {name} comes with the system's image"
    elif environment == "container":
        yield "driver", "the driver belongs to the host of a container"
    if not model["firmware"]:
        yield "firmware", f"the firmware of {name} comes with the system's image"
    elif guest:
        yield "firmware", f"the firmware belongs to the host of {guest}"
    if not model["mcu"]:
        yield "mcu", f"there is no MCU package for {name}"
    elif guest:
        yield "mcu", f"the MCU belongs to the host of {guest}"
    if not model["address_pattern"]:
        yield "network", f"{name} has no RoCE ports"
    if not model["family"]["frameworks"]:
        yield "torch_npu", f"there is no framework for {model['family']['name']}"
    elif not bill.get("torch_npu"):
        yield "torch_npu", f"none is wanted, or the release {bill['release']} has none for this node"


def chips_wanted(outcome: Mapping[str, Any]) -> int | None:
    """Return how many chips npu-smi is to show on a node; None without a model.

    A host may hold several cards, and a virtual machine may be given some chips only: what the PCI bus shows
    is taken for what there is.
    """
    model = outcome.get("model")
    if not model:
        return None
    per_npu = model["chips_per_npu"]
    whole: int = model["npus"] * per_npu
    seen = _functions(model, outcome.get("found") or {})
    if not seen or (model["form"] != "card" and _environment(outcome) != "vm"):
        return whole
    return seen * per_npu // int(model.get("pci_functions", per_npu))


def _functions(model: Mapping[str, Any], found: Mapping[str, Any]) -> int:
    """Return how many functions of the bus are chips of the model, whoever has made the card."""
    wanted = {pci.split(":")[1] for pci in model["pci"]}
    return sum(device["device"] in wanted for device in found.get("pci_devices") or [])
