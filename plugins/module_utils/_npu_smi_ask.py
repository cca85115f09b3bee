# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask npu-smi what is wanted, in as few calls as possible, and put the answers together.

A refusal that concerns one card, one chip or one type of information leaves nulls and a reason; an answer
that cannot be understood is an error. The big table, C(-m) and C(-l) are asked once for the host.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError, MissingProgramError
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi import (
    NotReadyError,
    RefusedError,
    Unread,
    board_query,
    health_query,
    list_query,
    mapping_query,
    misunderstood,
    overview_query,
    physical_id_query,
    topology_query,
    type_query,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_board import (
    parse_card_board,
    parse_chip_board,
    silent_board,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_chips import Chip, merge_chips
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_families import family_of
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_keys import (
    CardAnswer,
    Values,
    error_codes,
    health_word,
    parse_chip_health,
    parse_type,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_lists import (
    parse_list,
    parse_mapping,
    parse_physical_id,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_table import parse_overview
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_topo import parse_topology
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_types import TYPES

if TYPE_CHECKING:
    from ansible_collections.ascend.fleet.plugins.module_utils._cli import Result, Runner

BLOCKS = ("common", "usages", "memory", "ecc")  # types that become a mapping of each chip
SUBSETS = ("npus", "boards", "chip_boards", *TYPES, "topo", "phyid_remap")
NOTHING: dict[str, Any] = {
    **dict.fromkeys(("driver_version", "tool_version", "npu_smi", "node", "lost_cards", "topology")),
    **{name: [] for name in ("chips", "processes", "cards", "unread")},
}


@dataclass(frozen=True)
class Answers:
    """Run npu-smi with a time limit."""

    smi: Runner
    timeout: int  # seconds per call

    def to(self, query: tuple[str, ...]) -> Result:
        """Return the answer to a query; see :meth:`_cli.Runner.run`."""
        return self.smi.run(*query, timeout=self.timeout)


def ask_npu_smi(smi: Runner, subset: list[str], devices: list[int], timeout: int) -> dict[str, Any]:
    """Ask for what ``subset`` wants; a host without a running driver gives a reason instead of an error.

    ``devices`` are the numbers of C(/dev/davinci*), ``timeout`` is in seconds per call. Raises CliError.
    """
    wanted = [name for name in SUBSETS if name in subset]
    if not wanted:
        return NOTHING
    try:
        return {**NOTHING, **_Survey(Answers(smi, timeout), wanted, devices).take()}
    except (MissingProgramError, NotReadyError) as error:
        return {**NOTHING, "npu_smi": {"available": False, "reason": error.message, "warnings": []}}


def _place(chip: dict[str, Any]) -> tuple[bool, int, int]:
    """Return where a chip belongs in the list; without an NPU ID at the end."""
    return (chip["npu_id"] is None, chip["npu_id"] or 0, chip["chip_id"] or 0)


class _Survey:
    """The answers so far, chips and cards by their ids."""

    def __init__(self, answers: Answers, wanted: list[str], devices: list[int]) -> None:
        self.answers = answers
        self.wanted = wanted
        self.devices = devices
        self.chips: list[dict[str, Any]] = []
        self.cards: dict[int, dict[str, Any]] = {}
        self.unread: list[dict[str, Any]] = []
        self.single: set[int] = set()  # cards that answer for their only chip
        self.found: dict[str, Any] = {"npu_smi": {"available": True, "reason": None, "warnings": []}}

    def take(self) -> dict[str, Any]:
        """Ask everything in the order of the subsets and return it."""
        if "npus" in self.wanted:
            self._npus()
        listed = parse_list(self.answers.to(list_query()))
        card_ids = [card.npu_id for card in listed.cards]
        if "boards" in self.wanted:
            self.cards = {card: self._board(card) for card in card_ids}
        for kind in (name for name in self.wanted if name in TYPES):
            for card in card_ids:
                self._type(kind, card)
        self._per_chip()
        if "topo" in self.wanted:
            self._topology()
        if "phyid_remap" in self.wanted:
            self._physical_ids()
        cards = [self.cards[card] for card in sorted(self.cards)]
        chips = sorted(self.chips, key=_place)
        rest = {"lost_cards": listed.lost, "chips": chips, "cards": cards, "unread": self.unread}
        return {**self.found, **rest, "node": self._node(len(card_ids))}

    def _note(self, card: int | None, chip: int | None, unread: Unread) -> None:
        self.unread.append({"npu_id": card, "chip_id": chip, **asdict(unread)})

    def _node(self, cards: int) -> dict[str, Any] | None:
        families = sorted({chip["family"] for chip in self.chips if chip["family"]})
        healthy = [chip for chip in self.chips if chip["health"] == "OK"]
        counts = {"chip_count": len(self.chips), "healthy_chip_count": len(healthy)}
        known = counts if "npus" in self.wanted else dict.fromkeys(counts)
        return {"families": families, "card_count": cards, **known}

    def _npus(self) -> None:
        overview = parse_overview(self.answers.to(overview_query()))
        mapped = parse_mapping(self.answers.to(mapping_query()))
        chips = merge_chips(overview.chips, mapped)
        self.chips = [self._entry(self._with_error_codes(chip)) for chip in chips]
        for card in overview.without_processes:
            self._note(card, None, Unread("processes", "npu-smi's list of processes does not name this NPU"))
        self.found.update(
            driver_version=overview.driver_version,
            tool_version=overview.tool_version,
            npu_smi={"available": True, "reason": None, "warnings": list(overview.warnings)},
            processes=[asdict(process) for process in overview.processes],
        )

    def _with_error_codes(self, chip: Chip) -> Chip:
        """Ask a chip that is not healthy for its error codes; if it refuses, the chip's reason says so."""
        asked_later = "health" in self.wanted
        if chip.health in (None, "OK") or chip.npu_id is None or chip.chip_id is None or asked_later:
            return chip
        try:
            answer = parse_chip_health(self.answers.to(health_query(chip.npu_id, chip.chip_id)))
        except CliError as error:
            return replace(chip, reason=f"its error codes could not be read: {error.message}")
        return replace(chip, error_codes=answer.error_codes)

    def _entry(self, chip: Chip) -> dict[str, Any]:
        entry = {**asdict(chip), "family": family_of(chip.name), "error_information": []}
        entry.update(dict.fromkeys(("board", "product_type", *BLOCKS)))
        del entry["unread"]
        for unread in chip.unread:
            self._note(chip.npu_id, chip.chip_id, unread)
        if chip.name and not entry["family"]:
            reason = f"npu-smi printed the name {chip.name!r}, which belongs to no family known here"
            self._note(chip.npu_id, chip.chip_id, Unread("family", reason))
        return entry

    def _chip(self, card: int, chip: int) -> dict[str, Any]:
        """Return the entry of a chip, a new one if the big table was not asked or has lost it."""
        for entry in self.chips:
            if (entry["npu_id"], entry["chip_id"]) == (card, chip):
                return entry
        reason = "npu-smi info does not list this chip" if "npus" in self.wanted else None
        self.chips.append(self._entry(Chip(npu_id=card, chip_id=chip, reason=reason)))
        return self.chips[-1]

    def _board(self, card: int) -> dict[str, Any]:
        try:
            return {**parse_card_board(self.answers.to(board_query(card))), "mcu": None}
        except RefusedError as error:  # gone since it was listed
            return {**silent_board(card, error.message), "mcu": None}

    def _type(self, kind: str, card: int) -> None:
        try:
            result = self.answers.to(type_query(kind, card))
            answer = parse_type(kind, result)
        except RefusedError as error:
            self._note(card, None, Unread(kind, error.message))
            return
        if answer.npu_id != card:
            raise misunderstood(f"the answer of NPU {card}", f"NPU ID : {answer.npu_id}", result)
        if answer.single:
            self.single.add(card)
        for chip, values in answer.chips.items():
            self._keep(kind, self._chip(card, chip), values, result)
        self._keep_of_card(kind, card, answer)

    def _keep(self, kind: str, entry: dict[str, Any], values: Values, result: Result) -> None:
        for unread in values.unread:
            what = kind if unread.what == "*" else f"{kind}.{unread.what}"
            self._note(entry["npu_id"], entry["chip_id"], Unread(what, unread.reason))
        found = dict(values.values)
        if kind in BLOCKS:
            entry[kind] = found
        elif kind == "health":
            self._keep_health(entry, found, result)
        else:  # power, temp and product give one value each, newer than the table's
            entry.update((name, value) for name, value in found.items() if value is not None)

    def _keep_health(self, entry: dict[str, Any], found: dict[str, Any], result: Result) -> None:
        entry["health"] = health_word(found["health"], result)
        entry["error_codes"] = list(error_codes(found["error_codes"], result))
        entry["error_information"] = (found["error_information"] or "").splitlines()

    def _keep_of_card(self, kind: str, card: int, answer: CardAnswer) -> None:
        for values in (answer.card, answer.mcu):
            if values is None:
                continue
            board = self.cards.setdefault(card, {**silent_board(card, None), "mcu": None})
            known = {name: value for name, value in values.values.items() if value is not None}
            board["mcu"] = {**dict.fromkeys(("health", "temperature_c", "power_w")), **(board["mcu"] or {})}
            board["mcu"].update(known)
            for unread in values.unread:
                self._note(card, None, Unread(f"{kind}.{unread.what}", unread.reason))

    def _per_chip(self) -> None:
        for chip in self.chips:
            if chip["npu_id"] is None or chip["chip_id"] is None:
                continue
            if "chip_boards" in self.wanted:
                self._chip_board(chip)
            if "health" in self.wanted and chip["npu_id"] not in self.single:
                self._chip_health(chip)

    def _chip_board(self, chip: dict[str, Any]) -> None:
        card, number = chip["npu_id"], chip["chip_id"]
        try:
            board = parse_chip_board(self.answers.to(board_query(card, number)))
        except RefusedError as error:
            self._note(card, number, Unread("board", error.message))
            return
        reason = board.pop("reason")
        if reason:
            self._note(card, number, Unread("board", reason))
        chip["board"] = {name: value for name, value in board.items() if name not in ("npu_id", "chip_id")}

    def _chip_health(self, chip: dict[str, Any]) -> None:
        """Ask for the codes of a chip; its health stands in the card's answer, and is worse or the same."""
        card, number = chip["npu_id"], chip["chip_id"]
        try:
            answer = parse_chip_health(self.answers.to(health_query(card, number)))
        except RefusedError as error:
            self._note(card, number, Unread("error_codes", error.message))
            return
        chip["error_codes"] = list(answer.error_codes)
        chip["error_information"] = list(answer.information)

    def _topology(self) -> None:
        try:
            self.found["topology"] = parse_topology(self.answers.to(topology_query()))
        except RefusedError as error:
            self._note(None, None, Unread("topology", error.message))

    def _physical_ids(self) -> None:
        """Ask which chip has each physical id: those of the device files, or those assumed so far."""
        assumed = sorted(chip["phy_id"] for chip in self.chips if chip["phy_id"] is not None)
        for number in self.devices or assumed:
            try:
                result = self.answers.to(physical_id_query(number))
                answer = parse_physical_id(result)
            except RefusedError as error:
                self._note(None, None, Unread(f"phyid_remap of {number}", error.message))
                continue
            if answer.phy_id != number:
                raise misunderstood(f"physical id {number}", str(answer.phy_id), result)
            entry = self._chip(answer.npu_id, answer.chip_id)
            entry["phy_id"] = answer.phy_id
            entry["logic_id"] = entry["logic_id"] if answer.logic_id is None else answer.logic_id
