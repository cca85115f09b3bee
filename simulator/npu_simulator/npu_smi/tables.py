# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of `npu-smi info`, `-l` and `-m`: layouts in tables.json, transcripts npu-smi/*/006-008."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from npu_simulator.npu_smi import texts
from npu_simulator.npu_smi.answers import Answer, NotSimulatedError, Row, rows
from npu_simulator.npu_smi.host import NO_BUS_ID, load

if TYPE_CHECKING:
    from npu_simulator.npu_smi.host import Chip, Host

HEALTH_WORDS = {0: "OK", 1: "Warning", 2: "Alarm", 3: "Critical", 4: "UNKNOWN"}
SHOWN_PROCESSES = 8  # real-programs.md N14


@dataclass(frozen=True)
class Layout:
    """One layout of the table; see the head of tables.json."""

    widths: list[int]
    between: str
    power: str
    processes: bool
    banner: str
    head: list[str]
    first: str
    second: str
    process_head: str
    process: str
    name_length: int = 15

    @classmethod
    def of(cls, host: Host) -> Layout:
        """Return the layout of the node's chips and of the driver whose grammar it has."""
        data = load("tables.json")
        name, grammar = host.family.table, host.state.get("grammar")
        if grammar is not None and name not in data["grammars"].get(grammar, {}):
            known = ", ".join(key for key, names in data["grammars"].items() if name in names)
            raise NotSimulatedError(f"the grammar {grammar} for {host.family.key}; there is {known}")
        name = data["grammars"][grammar][name] if grammar is not None else name
        return cls(**data["layouts"][name])

    @property
    def edge(self) -> str:
        """The line without joints."""
        return "+" + "-" * (sum(self.widths) + len(self.widths) - 1) + "+\n"

    @property
    def rule(self) -> str:
        """The line with joints."""
        return "+" + "+".join("-" * width for width in self.widths) + "+\n"

    @property
    def end(self) -> str:
        """The line behind a card."""
        return self.rule.replace("-", "=")


def big_table(host: Host) -> Answer:
    """Answer `npu-smi info`."""
    layout, cards = Layout.of(host), host.cards()
    banner = layout.banner.format(tool=host.tool_version, driver=host.driver)
    text = f"{layout.edge}{banner}\n{layout.rule}" + "".join(f"{line}\n" for line in layout.head) + layout.end
    between = layout.edge if layout.between == "plain" else layout.rule
    for card in cards:
        text += between.join(_chip_lines(chip, layout) for chip in card) + layout.end
    if layout.processes:
        text += f"{layout.rule}{layout.process_head}\n{layout.end}"
        text += "".join(_process_lines(card, layout) + layout.end for card in cards)
    if not host.in_container and not host.family.by_bus and not host.driver_complete:
        text += texts.INCOMPLETE_DRIVER
    return Answer(text)


def _chip_lines(chip: Chip, layout: Layout) -> str:
    cells = _cells(chip)
    shown = {"all": True, "first": chip.id == 0, "none": False}[layout.power]
    missing = "-" if layout.power == "first" else "NA"
    cells["power"] = f"{cells['power']:.1f}" if shown else missing
    first = layout.first.format(**cells) + "\n"
    return (first if cells["health"] else "") + layout.second.format(**cells) + "\n"  # real-programs.md N13


def _cells(chip: Chip) -> dict[str, Any]:
    npu = chip.npu
    place = {"card": chip.card, "chip": chip.id, "phy_id": npu["phy_id"], "logic_id": npu["logic_id"]}
    if chip.dead:  # real-programs.md N12
        names = ("pages_used", "pages_total", "aicore", "ddr_used", "ddr_total", "hbm_used", "hbm_total")
        empty = {"name": "", "health": HEALTH_WORDS[0], "power": 0.0, "temperature": 0, "bus": NO_BUS_ID}
        return {**place, **dict.fromkeys(names, 0), **empty}
    ddr_used, ddr_total = chip.ddr
    return {
        **place,
        "name": npu["name"],
        "health": HEALTH_WORDS.get(chip.health, ""),
        "power": npu["power_w"],
        "temperature": npu["temperature_c"],
        "bus": npu["bus_id"],
        "aicore": npu["ai_core_percent"],
        "pages_used": npu["hugepages_used"],
        "pages_total": npu["hugepages_total"],
        "ddr_used": ddr_used,
        "ddr_total": ddr_total,
        "hbm_used": npu["hbm_used_mb"],
        "hbm_total": npu["hbm_total_mb"],
    }


def _process_lines(card: list[Chip], layout: Layout) -> str:
    lines = [
        layout.process.format(
            card=chip.card,
            chip=chip.id,
            pid=process["pid"],
            name=process["name"][: layout.name_length],
            memory=process["memory_mb"],
        )
        for chip in card
        for process in chip.processes[:SHOWN_PROCESSES]
    ]
    width = len(layout.edge) - len("|  |\n")
    none = f"| {f'No running processes found in NPU {card[0].card}':<{width}} |"
    return "".join(f"{line}\n" for line in lines or [none])


def card_list(host: Host) -> Answer:
    """Answer `npu-smi info -l`. A lost card is counted and stands first, as -1. real-programs.md N8, N11."""
    cards = host.cards()
    text = rows([("Total Count", host.lost_cards + len(cards))]) + "\n"
    for _lost in range(host.lost_cards):
        text += rows([("NPU ID", -1), ("Chip Count", 0)]) + "\n"
    for card in cards:
        chip = card[0]
        label: list[Row] = []
        if host.family.by_bus:
            label = [("Product Name", chip.reading("product_name")), ("Serial Number", chip.npu["serial"])]
        text += rows([("NPU ID", chip.card), *label, ("Chip Count", len(card))]) + "\n"
    return Answer(text)


def mapping(host: Host) -> Answer:
    """Answer `npu-smi info -m`. Lost cards with an MCU leave its row, as -1. real-programs.md N9, N11."""
    two_ids = host.family.one_bus
    lines = [
        ["NPU ID", "Chip ID", "Chip Logic ID", *(["Chip Phy-ID"] if two_ids else []), "Chip Name".ljust(30)]
    ]
    if host.family.mcu:
        lines += [_mcu_line(-1, 0, two_ids)] * host.lost_cards
    for card in host.cards():
        lines += [_mapping_line(chip, two_ids) for chip in card]
        if host.family.mcu:
            lines.append(_mcu_line(card[0].card, len(card), two_ids))
    return Answer(
        "".join("\t" + "".join(f"{cell:<31}" for cell in line[:-1]) + line[-1] + "\n" for line in lines)
    )


def _mapping_line(chip: Chip, two_ids: bool) -> list[str]:
    npu = chip.npu
    prefix = "" if npu["name"].startswith("Ascend") else "Ascend "
    name = prefix.lstrip("Ascend") if chip.dead else prefix + npu["name"]
    ids = [npu["logic_id"], *([npu["phy_id"]] if two_ids else [])]
    return [str(chip.card), str(chip.id), *map(str, ids), name]


def _mcu_line(card: int, chip: int, two_ids: bool) -> list[str]:
    return [str(card), str(chip), *(["-"] * (2 if two_ids else 1)), "Mcu".ljust(30)]
