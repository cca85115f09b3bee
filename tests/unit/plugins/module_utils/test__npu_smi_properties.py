# SPDX-License-Identifier: GPL-3.0-or-later
"""What must hold for every text: a table of any layout reads back, and no text breaks the parsers."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError, Result
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi import (
    HEALTH_WORDS,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_board import (
    parse_card_board,
    parse_chip_board,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_chips import (
    Chip,
    Overview,
    Process,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_keys import (
    parse_chip_health,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_lists import (
    parse_list,
    parse_mapping,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_table import (
    parse_overview,
)
from hypothesis import given, settings
from hypothesis import strategies as st

PARSERS = (parse_overview, parse_mapping, parse_list, parse_card_board, parse_chip_board, parse_chip_health)


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


def answer(text: str, status: int = 0) -> Result:
    return Result(("npu-smi", "info"), status, text, "")


numbers = st.integers(0, 99999)
versions = st.from_regex(r"[0-9]{1,2}\.[0-9]\.(rc)?[0-9](\.[0-9a-zB]{1,4})?", fullmatch=True)
names = st.from_regex(r"(Ascend)?[39]10[ABP]?[0-9]?(-1)?", fullmatch=True)
bus_ids = st.from_regex(r"000[0-9]:[0-9A-F]{2}:[0-9A-F]{2}\.[0-7]", fullmatch=True).filter(
    lambda bus_id: bus_id != "0000:00:00.0"
)
process_names = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=15
).filter(lambda name: name not in ("NA", "-") and not name.isspace())


@st.composite
def chips(draw, layout: Layout, npu_id: int, chip_id: int, index: int) -> Chip:
    """A chip with a value in every column that the layout has."""
    memory = draw(st.integers(1, 99999)) if not layout.hbm or draw(st.booleans()) else None
    return Chip(
        npu_id=npu_id,
        chip_id=chip_id,
        phy_id=index if layout.second_id == "Phy-ID" else None,
        logic_id=index if layout.second_id == "Device" else None,
        bus_id=draw(st.none() | bus_ids),
        name=draw(names),
        health=draw(st.sampled_from(HEALTH_WORDS)),
        power_w=draw(st.none() | st.integers(1, 9999).map(lambda tenths: tenths / 10)),
        temperature_c=draw(st.integers(-40, 120)),
        ai_core_percent=draw(st.integers(0, 100)),
        memory_used_mb=None if memory is None else draw(st.integers(0, memory)),
        memory_total_mb=memory,
        hbm_used_mb=draw(numbers) if layout.hbm else None,
        hbm_total_mb=draw(st.integers(1, 99999)) if layout.hbm else None,
        hugepages_used=draw(numbers) if layout.hugepages else None,
        hugepages_total=draw(numbers) if layout.hugepages else None,
    )


@st.composite
def overviews(draw, layout: Layout) -> Overview:
    per_card = 1 if layout.split_name else draw(st.integers(1, 4))
    cards = draw(st.lists(st.integers(0, 33000), min_size=1, max_size=8, unique=True).map(sorted))
    places = [(card, chip) for card in cards for chip in range(per_card)]
    found = tuple(draw(chips(layout, card, chip, index)) for index, (card, chip) in enumerate(places))
    processes: tuple[Process, ...] = ()
    if layout.processes:
        drawn = st.builds(
            lambda place, pid, name, memory: Process(*place, pid, name, memory),
            st.sampled_from(places),
            st.integers(1, 4194304),
            st.none() | process_names,
            numbers,
        )
        processes = tuple(sorted(draw(st.lists(drawn, max_size=8)), key=lambda process: process.npu_id))
    return Overview(draw(versions), draw(versions), found, processes, ())


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_a_rendered_table_reads_back(layout, data):
    overview = data.draw(overviews(layout))
    assert parse_overview(answer(render(layout, overview))) == overview


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_a_table_without_one_of_its_lines_is_no_other_healthy_table(layout, data):
    """Whatever line is lost: no value may move to another chip, and no chip may vanish in silence."""
    overview = data.draw(overviews(layout))
    lines = render(layout, overview).splitlines()
    lost = data.draw(st.integers(0, len(lines) - 1))
    try:
        found = parse_overview(answer("\n".join(lines[:lost] + lines[lost + 1 :])))
    except CliError:
        return
    sound = {chip for chip in found.chips if chip.reason is None}
    assert sound <= set(overview.chips)
    assert len(found.chips) == len(overview.chips)


@pytest.mark.parametrize("parse", PARSERS)
@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=400), status=st.sampled_from([0, 215]))
def test_any_text_gives_a_result_or_an_error_of_the_collection(parse, text, status):
    with contextlib.suppress(CliError):
        parse(answer(text, status))


fragments = st.sampled_from(
    [
        "|",
        "+---+",
        "===",
        "NPU ID",
        "NPU   Name",
        "Chip",
        "Health",
        "Bus-Id",
        "Power(W)",
        "Temp(C)",
        "OK",
        "Alarm",
    ]
    + [
        "0",
        "-1",
        "NA",
        "-",
        "0000:C1:00.0",
        "92.3",
        "1 / 2",
        ":",
        "Total Count",
        "Chip Count",
        "Chip Name",
        "Mcu",
    ]
    + ["Chip Logic ID", "Process id", "Process name", "npu-smi 1 Version: 2", "Error Code", "\n", "  ", "\t"]
)


@pytest.mark.parametrize("parse", PARSERS)
@settings(max_examples=60, deadline=None)
@given(words=st.lists(fragments, max_size=60))
def test_any_mixture_of_its_own_words_gives_a_result_or_an_error(parse, words):
    with contextlib.suppress(CliError):
        parse(answer(" ".join(words)))
