# SPDX-License-Identifier: GPL-3.0-or-later
"""The node as npu-smi sees it: the cards on the bus, their readings, the user and the environment."""

from __future__ import annotations

import collections
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from npu_simulator.hardware import on_the_bus
from npu_simulator.npu_smi.answers import NotSimulatedError

if TYPE_CHECKING:
    from npu_simulator.state import Node, Npu, Process, State

VERSION_FILE = "/usr/local/Ascend/driver/version.info"
INSTALL_INFO = "/etc/ascend_install.info"
_DATA = Path(__file__).parent
_GONE_HEALTH = 0xFFFFFFFF


NO_BUS_ID = "0000:00:00.0"


def load(name: str) -> dict[str, Any]:
    """Return one of the data files that lie beside this module."""
    return cast("dict[str, Any]", json.loads((_DATA / name).read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Family:
    """How npu-smi shows one chip family."""

    key: str
    mcu: bool  # the card has an MCU that npu-smi lists as one more chip
    table: str
    board: dict[str, list[str]]
    ecc_enable_keys: list[str]
    ecc_counters: list[str]
    measures: dict[str, list[list[Any]]]
    mcu_measures: dict[str, list[list[Any]]]
    settings: dict[str, list[list[str]]]
    readings: dict[str, Any]
    one_bus: bool = False  # the chips of an NPU come and go together, and have physical ids of their own
    by_bus: bool = False  # cards are found by their PCI place: one that fails is not there at all
    forms: dict[str, str] = field(
        default_factory=dict
    )  # kinds of boards by product; a system of its own else

    @classmethod
    def load(cls, key: str) -> Family:
        """Read the family ``key``. Raises NotSimulatedError for a family without data."""
        families = load("families.json")
        if key not in families:
            raise NotSimulatedError(
                f"chip family {key}; there is {', '.join(sorted(set(families) - {'//'}))}"
            )
        return cls(key=key, **families[key])


@dataclass(frozen=True)
class Chip:
    """One chip as its driver answers for it; a dead one answers "occupied" to every query."""

    npu: Npu
    family: Family
    health: int
    error_codes: list[str]
    dead: bool
    card: int  # the NPU ID
    product: str

    @property
    def ddr(self) -> tuple[int, int]:
        """Used and total DDR in MB, zero on a chip that has none. npu-smi-and-hccn_tool.md 2.2, trap 9."""
        if self.family.table in {"training", "two dies"} and self.family.key != "910":
            return 0, 0
        return self.npu["memory_used_mb"], self.npu["memory_total_mb"]

    @property
    def id(self) -> int:
        """The Chip ID: the place on the card."""
        return self.npu["chip_id"]

    @property
    def firmware(self) -> str:
        """The firmware version that the chip runs, or NA."""
        return (None if self.dead else self.npu["firmware"]) or "NA"

    @property
    def processes(self) -> list[Process]:
        """The processes that the chip tells."""
        return [] if self.dead else self.npu["processes"]

    def fails(self, type_: str) -> bool:
        """Tell whether the chip fails a question: a dead one all, another those that its state names."""
        return self.dead or type_ in self.npu["readings"].get("failing", [])

    def reading(self, key: str) -> Any:
        """Return a value that the state may give, and else the family's usual one."""
        return self.npu["readings"].get(key, self.family.readings.get(key))


class Host:
    """A node at the moment of one npu-smi call."""

    def __init__(self, node: Node) -> None:
        """Read the state of ``node``. Raises NotSimulatedError for an unknown chip family."""
        self.node = node
        self.state: State = node.read()
        self.family = Family.load(self.state["chip"])
        chips = [self._chip(npu) for npu in on_the_bus(self.state)]
        self.chips = [chip for chip in chips if chip.health != _GONE_HEALTH]
        if self.family.one_bus or self.family.by_bus:  # real-programs.md N11: one die takes the other with it
            counts = collections.Counter(chip.card for chip in self.chips)
            self.chips = [chip for chip in self.chips if counts[chip.card] == chip.npu["chip_count"]]

    @property
    def lost_cards(self) -> int:
        """How many cards are off the bus; those that are found by their place there are not missed."""
        if self.family.by_bus:
            return 0
        return len({npu["npu_id"] for npu in self.state["npus"]} - {chip.card for chip in self.chips})

    @property
    def form(self) -> str:
        """The kind of board: soc (a system of its own), station or card; empty in a family of one kind."""
        return self.family.forms.get(self.state["product"], "soc") if self.family.forms else ""

    @property
    def driver(self) -> str | None:
        """The version of the driver that the kernel has loaded."""
        return self.state["running"]["driver"]

    @property
    def tool_version(self) -> str:
        """The version of this program: what the state says, else that of the driver package on the disk."""
        return self.state.get("tool_version") or self.package_line("Version") or self.driver or ""

    @property
    def in_container(self) -> bool:
        """Tell whether the vendor's detection finds a container."""
        return self.state["environment"] == "container"

    @property
    def in_vm(self) -> bool:
        """Tell whether the vendor's detection finds a virtual machine."""
        return self.state["environment"] == "vm"

    @property
    def driver_complete(self) -> bool:
        """Tell whether the driver's installer noted its own success. real-programs.md N15."""
        file = self.node.path(INSTALL_INFO)
        return file.exists() and "Driver_Install_Status=complete" in file.read_text(encoding="utf-8")

    def cards(self) -> list[list[Chip]]:
        """Return the chips of each card, cards in the order of their NPU IDs.

        A card found by its place goes when that cannot be read: transcripts npu-smi/310P3/186 and 201.
        """
        by_card: dict[int, list[Chip]] = {}
        unread = {chip.card for chip in self.chips if chip.dead or chip.npu["bus_id"] == NO_BUS_ID}
        for chip in self.chips:
            if self.family.by_bus and chip.card in unread:
                continue
            by_card.setdefault(chip.card, []).append(chip)
        return [by_card[card] for card in sorted(by_card)]

    def package_line(self, key: str) -> str | None:
        """Return the value of ``key=`` in the driver's version.info, None when there is none."""
        file = self.node.path(VERSION_FILE)
        if not file.exists():
            return None
        found = re.search(rf"^{re.escape(key)}=(.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
        return found.group(1).strip() if found else None

    def _card_id(self, npu: Npu) -> int:
        """Return the NPU ID; in a VM or container that of the PCI place. Transcripts npu-smi/310P3/218."""
        if not self.family.by_bus or not (self.in_vm or self.in_container):
            return npu["npu_id"]
        domain, bus, device, function = (int(part, 16) for part in re.split("[:.]", npu["bus_id"]))
        return (domain << 16) + (bus << 8) + (device << 3) + function

    def _chip(self, npu: Npu) -> Chip:
        faults = self.state["faults"]
        phy_id = str(npu["phy_id"])
        return Chip(
            npu=npu,
            family=self.family,
            health=faults.get("npu_health", {}).get(phy_id, npu["health"]),
            error_codes=faults.get("error_codes", {}).get(phy_id, npu["error_codes"]),
            dead=npu["phy_id"] in faults.get("npu_dead", []),
            card=self._card_id(npu),
            product=self.state["product_name"],
        )


def load_commands() -> dict[str, dict[str, dict[str, Any]]]:
    """Return the types of each sub-command with their scope, users, environments and families."""
    return cast("dict[str, dict[str, dict[str, Any]]]", load("commands.json"))
