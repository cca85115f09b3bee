# SPDX-License-Identifier: GPL-3.0-or-later
"""The true grammar of npu-smi: print invented chips, processes and cards as each generation prints them."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from ansible_collections.ascend.fleet.plugins.module_utils._cli import Result
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi import HEALTH_WORDS
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_chips import Chip, Overview, Process
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_types import TYPES

MIXED = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:-/|()"
NAMES = ("310", "310P3", "310B4", "910A", "910ProB", "910B3", "910B4-1", "Ascend910", "950PR")


def answer(text: str, status: int = 0) -> Result:
    return Result(("npu-smi", "info"), status, text, "")


@dataclass(frozen=True)
class Layout:
    """One family of the big table: widths of the three cells, places of the columns in the last one."""

    widths: tuple[int, int, int]
    id_width: int
    second_id: str  # "", "Device" or "Phy-ID"
    places: tuple[int, int]  # of the second and the third column
    hugepages: bool
    hbm: bool
    processes: tuple[int, ...]  # widths of the process table's cells; none: no such table
    utilisation: str = "AICore(%)"
    split_name: bool = False


LAYOUTS = {
    "F1 310 narrow": Layout((19, 17, 40), 8, "Device", (18, 18), False, False, ()),
    "F2 310 with huge pages": Layout((19, 17, 62), 8, "Device", (18, 39), True, False, ()),
    "F3 910 narrow": Layout((22, 15, 45), 6, "", (11, 29), False, True, ()),
    "F4 910": Layout((22, 15, 52), 6, "", (12, 30), True, True, (22, 15, 26, 25)),
    "F5 910B": Layout((27, 15, 52), 6, "", (12, 30), True, True, (27, 15, 26, 25)),
    "F5a A3": Layout((27, 15, 52), 6, "Phy-ID", (12, 30), True, True, (27, 15, 26, 25)),
    "F6 310P": Layout((19, 17, 54), 8, "Device", (13, 31), True, False, ()),
    "F7 310P wide": Layout((31, 17, 54), 8, "Device", (13, 31), True, False, (31, 17, 26, 27)),
    "F8 26.x": Layout((27, 15, 70), 6, "", (21, 45), True, True, (27, 15, 20, 23, 25)),
    "F9 unreleased": Layout((27, 15, 53), 6, "", (12, 30), True, True, (27, 15, 26, 26)),
    "F10 950": Layout((27, 15, 53), 7, "", (12, 30), True, True, (27, 15, 26, 26), "NPU Util(%)", True),
}


def row(*cells: tuple[int, str]) -> str:
    """Render cells of the given widths; like printf, a text that is too long widens its cell."""
    return "|" + "|".join(f" {text:<{width - 1}}" for width, text in cells) + "|"


def columns(layout: Layout, *texts: str) -> str:
    """Render the last cell of a row: up to three columns at the layout's places."""
    cell = ""
    for place, text in zip((0, *layout.places), texts):
        cell = f"{cell:<{place}}{text}" if len(cell) < place or not place else f"{cell} {text}"
    return cell


def ids(layout: Layout, first: object, second: object) -> str:
    if layout.split_name:
        return f"{first!s:<{layout.id_width}}| {second}"
    return f"{first!s:<{layout.id_width}}{second}"


def pair(used: int | None, total: int | None) -> str:
    return f"{used or 0:<5}/ {total or 0}"


def chip_rows(layout: Layout, chip: Chip) -> list[str]:
    nothing = "-" if layout.second_id == "Phy-ID" else "NA"
    power = nothing if chip.power_w is None else f"{chip.power_w:.1f}"
    second_id = {"": "", "Device": chip.logic_id, "Phy-ID": chip.phy_id}[layout.second_id]
    hugepages = [pair(chip.hugepages_used, chip.hugepages_total)] if layout.hugepages else []
    hbm = [pair(chip.hbm_used_mb, chip.hbm_total_mb)] if layout.hbm else []
    first = columns(layout, power, str(chip.temperature_c), *hugepages)
    memory = pair(chip.memory_used_mb, chip.memory_total_mb)
    second = columns(layout, str(chip.ai_core_percent), memory, *hbm)
    chip_id = "" if layout.split_name else chip.chip_id
    middle, last = layout.widths[1:]
    return [
        row((layout.widths[0], ids(layout, chip.npu_id, chip.name)), (middle, chip.health), (last, first)),
        row(
            (layout.widths[0], ids(layout, chip_id, second_id)), (middle, chip.bus_id or "NA"), (last, second)
        ),
    ]


def process_row(layout: Layout, process: Process) -> str:
    chip_id = "" if layout.split_name else process.chip_id
    texts = (
        f"{process.npu_id:<8}{chip_id}",
        str(process.pid),
        process.name or "",
        str(process.memory_mb),
        "NA",
    )
    return row(*zip(layout.processes, texts))


def header_rows(layout: Layout) -> list[str]:
    first = ids(layout, "NPU ID" if layout.split_name else "NPU", "Name")
    second = ids(layout, "" if layout.split_name else "Chip", layout.second_id)
    hugepages = ["Hugepages-Usage(page)"] if layout.hugepages else []
    hbm = ["HBM-Usage(MB)"] if layout.hbm else []
    top = columns(layout, "Power(W)", "Temp(C)", *hugepages)
    bottom = columns(layout, layout.utilisation, "Memory-Usage(MB)", *hbm)
    left, middle, last = layout.widths
    return [
        row((left, first), (middle, "Health"), (last, top)),
        row((left, second), (middle, "Bus-Id"), (last, bottom)),
    ]


def process_rows(layout: Layout, overview: Overview) -> list[str]:
    if not layout.processes:
        return []
    words = ["NPU ID" if layout.split_name else "NPU     Chip", "Process id", "Process name"]
    words += ["Process memory(MB)", "Process id in container"]
    ruler = "+" + "+".join("=" * width for width in layout.widths) + "+"
    lines = [ruler.replace("=", "-"), row(*zip(layout.processes, words)), ruler]
    for npu_id in sorted({chip.npu_id for chip in overview.chips}):
        mine = [process for process in overview.processes if process.npu_id == npu_id]
        nothing = row((sum(layout.widths) + 2, f"No running processes found in NPU {npu_id}"))
        lines += [process_row(layout, process) for process in mine] or [nothing]
        lines.append(ruler)
    return lines


def render(layout: Layout, overview: Overview) -> str:
    """Print an overview as npu-smi does."""
    ruler = "+" + "+".join("=" * width for width in layout.widths) + "+"
    banner = f"npu-smi {overview.tool_version:<25}Version: {overview.driver_version}"
    width = sum(layout.widths) + 2
    lines = ["+" + "-" * width + "+", row((width, banner)), ruler.replace("=", "-")]
    lines += [*header_rows(layout), ruler]
    joints = "-" if layout.second_id == "Phy-ID" else "+"
    separator = "+" + ruler[1:-1].replace("=", "-").replace("+", joints) + "+"
    for chip, following in zip(overview.chips, [*overview.chips[1:], None]):
        same_card = following is not None and following.npu_id == chip.npu_id
        lines += [*chip_rows(layout, chip), separator if same_card else ruler]
    return "\n".join([*lines, *process_rows(layout, overview), *overview.warnings, ""])


def invented(layout: Layout, random: Random) -> Overview:
    """Invent a node that this layout can print: a value in every column that it has."""
    per_card = 1 if layout.split_name else random.randint(1, 4)
    cards = sorted(random.sample(range(33000), random.randint(1, 8)))
    places = [(card, chip) for card in cards for chip in range(per_card)]
    chips = tuple(_chip(layout, place, index, random) for index, place in enumerate(places))
    processes: list[Process] = []
    if layout.processes:
        processes = [_process(random.choice(places), random) for _turn in range(random.randint(0, 8))]
    ordered = tuple(sorted(processes, key=lambda process: process.npu_id))
    return Overview(_version(random), _version(random), chips, ordered, ())


def _version(random: Random) -> str:
    suffix = random.choice(["", ".rc1", ".1", ".rc2.b030", ".B030", ".spc001"])
    return f"{random.randint(1, 26)}.{random.randint(0, 5)}{suffix}"


def _chip(layout: Layout, place: tuple[int, int], index: int, random: Random) -> Chip:
    memory = random.randint(1, 99999) if not layout.hbm or random.random() < 0.5 else None
    hbm = random.randint(1, 99999) if layout.hbm else None
    pages = random.randint(0, 99999) if layout.hugepages else None
    bus = f"000{random.randint(0, 9)}:{random.randint(1, 255):02X}:{random.randint(0, 31):02X}.0"
    return Chip(
        *place,
        phy_id=index if layout.second_id == "Phy-ID" else None,
        logic_id=index if layout.second_id == "Device" else None,
        bus_id=random.choice([bus, bus, None]),
        name=random.choice(NAMES),
        health=random.choice(HEALTH_WORDS),
        power_w=random.choice([None, random.randint(1, 9999) / 10]),
        temperature_c=random.randint(-40, 120),
        ai_core_percent=random.randint(0, 100),
        memory_used_mb=None if memory is None else random.randint(0, memory),
        memory_total_mb=memory,
        hbm_used_mb=None if hbm is None else random.randint(0, hbm),
        hbm_total_mb=hbm,
        hugepages_used=None if pages is None else random.randint(0, pages),
        hugepages_total=pages,
    )


def _process(place: tuple[int, int], random: Random) -> Process:
    name = "".join(random.choice(MIXED) for _letter in range(random.randint(1, 15)))
    return Process(
        *place,
        pid=random.randint(1, 4194304),
        name=random.choice([None, "python3", "ray::worker|TP0", name if name != "-" else "a"]),
        memory_mb=random.randint(0, 99999),
    )


@dataclass(frozen=True)
class Card:
    """What one card answers to one type: the values of its chips, of the card and of its controller."""

    kind: str
    npu_id: int
    chips: tuple[dict[str, str], ...]  # label: value, as printed
    card: dict[str, str]
    mcu: dict[str, str]
    single: bool = False  # the 950 prints neither count nor ids


MCU_OF = {"common": ("Temperature(C)", "NPU Real-time Power(W)"), "health": ("Health",)}


def invented_card(kind: str, random: Random) -> Card:
    """Invent an answer to a type; every chip has the same lines, as in the vendor's program."""
    fields = {label: of for label, (_name, of) in TYPES[kind].fields.items() if label != "Error Information"}
    if kind == "power":
        fields.pop("Power Dissipation(W)")
    if kind == "temp":
        fields.pop("Temperature (C)")
    if kind == "health":
        fields.pop("Error Code")
    single = random.random() < 0.2
    most = 1 if single else random.randint(1, 4)
    always = "Temperature(C)"  # in common on every product
    labels = [label for label in fields if label == always or random.random() < 0.8] or list(fields)[:1]
    chips = tuple(
        {label: _printed(fields[label], label, random) for label in labels} for _chip in range(most)
    )
    of_card = kind == "power" and not single and random.random() < 0.3
    card = {"Power Dissipation(W)": _printed("watt", "", random)} if of_card else {}
    mcu = {label: _mcu(label, random) for label in MCU_OF.get(kind, ())} if not single else {}
    return Card(kind, random.randint(0, 33000), () if of_card else chips, card, mcu, single)


def _mcu(label: str, random: Random) -> str:
    return _printed({"T": "celsius", "N": "watt", "H": "text"}[label[0]], label, random)


def _printed(kind: str, label: str, random: Random) -> str:
    if kind == "text":
        words = {"Health": HEALTH_WORDS, "Product Type": ("Atlas 300I Duo", "Atlas 300V Pro")}
        return random.choice(words.get(label, ("0x56", "0xC2")))
    if kind == "watt":
        return f"{random.randint(1, 9999) / 10:.1f}"
    limits = {"percent": (0, 100), "celsius": (-40, 120), "size": (1, 131072), "count": (0, 99999)}
    return str(random.randint(*limits[kind]))


def render_card(card: Card) -> str:
    """Print an answer as npu-smi does."""
    width = 40 if card.kind == "ecc" else 30
    pairs: list[tuple[str, str] | None] = [("NPU ID", str(card.npu_id))]
    if not card.single:
        pairs += [("Chip Count", str(len(card.chips) or 1)), None]
    for number, chip in enumerate(card.chips):
        mark = [] if card.single else [("Chip ID", str(number))]
        block = list(chip.items())
        pairs += [*mark, *block, None] if TYPES[card.kind].opens else [*block, *mark, None]
    pairs += card.card.items()
    if card.mcu:
        mark = [("Chip Name", "mcu")]
        block = list(card.mcu.items())
        pairs += [*mark, *block] if TYPES[card.kind].opens else [*block, *mark]
    return "".join("\n" if pair is None else f"\t{pair[0]:<{width}} : {pair[1]}\n" for pair in pairs)
