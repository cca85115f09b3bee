# SPDX-License-Identifier: GPL-3.0-or-later
"""The big table of npu-smi over answers of all driver generations."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError, Result
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi import Unread
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_chips import (
    Chip,
    Process,
    merge_chips,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_lists import (
    MappedChip,
    parse_mapping,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_table import (
    parse_overview,
)
from bench.parsing import large_table

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "npu_smi"


def answer(text: str, status: int = 0, stderr: str = "") -> Result:
    return Result(("npu-smi", "info"), status, text, stderr)


def fixture(case: str) -> Result:
    return answer((FIXTURES / f"{case}.txt").read_text(encoding="utf-8"))


def text_of(case: str) -> str:
    return fixture(case).stdout


OVERVIEWS = {
    "20.2.0/info-310-card": (
        ("20.2.0", "20.2.0"),
        4,
        Chip(24, 2, None, 2, "0000:3E:00.0", "310", "Warning", (), None, 13.1, 52, 14, 2652, 8192),
    ),
    "21.0.4/info-310-card": (
        ("21.0.4", "21.0.4.B030"),
        2,
        Chip(
            5, 1, None, 3, "0000:06:00.0", "310", "OK", (), None, 12.7, 62, 3, 2691, 8192, None, None, 1, 970
        ),
    ),
    "21.0.rc1/info-910a": (
        ("1.9.3", "21.0.rc1"),
        2,
        Chip(3, 0, None, None, "0000:01:00.0", "910A", "OK", (), None, 66.3, 34, 0, 403, 15171, 3, 32768),
    ),
    "22.0.2/info-310p3": (
        ("22.0.0", "22.0.2"),
        1,
        Chip(
            2, 0, None, 0, "0000:5E:00.0", "310P3", "OK", (), None, 16.9, 52, 1, 941, 21534, None, None, 0, 0
        ),
    ),
    "22.0.3/info-910a": (
        ("22.0.3", "22.0.3"),
        2,
        Chip(
            *(0, 0, None, None, "0000:61:00.0", "910A", "Critical", (), None),
            *(68.1, 40, 0, 1900, 15077, 10000, 32768, 15, 15),
        ),
    ),
    "23.0.0/info-310b4": (
        ("23.0.0", "23.0.0"),
        1,
        Chip(0, 0, None, 0, None, "310B4", "Alarm", (), None, None, 58, 0, 3702, 15610, None, None, 15, 15),
    ),
    "24.1.rc2/info-910b3": (
        ("24.1.rc2", "24.1.rc2.b050"),
        4,
        Chip(
            *(1, 0, None, None, "0000:C2:00.0", "910B3", "OK", (), None),
            *(91.5, 39, 3, None, None, 60650, 65536, 0, 0),
        ),
    ),
    "25.2.3/info-310p3-duo": (
        ("25.2.3", "25.2.3"),
        4,
        Chip(
            *(32896, 1, None, 3, "0000:82:00.0", "310P3", "OK", (), None),
            *(None, 63, 0, 15023, 44270, None, None, 7100, 7100),
        ),
    ),
    "25.3.rc1/info-a3": (
        ("25.3.rc1", "25.3.rc1"),
        4,
        Chip(
            *(1, 1, 3, None, "0000:9B:00.0", "Ascend910", "Warning", (), None),
            *(None, 37, 0, None, None, 3101, 65536, 0, 0),
        ),
    ),
    "25.5.1/info-910b3": (
        ("25.5.1", "25.5.1"),
        8,
        Chip(
            *(7, 0, None, None, "0000:42:00.0", "910B3", "OK", (), None),
            *(97.5, 45, 21, None, None, 3307, 65536, 0, 0),
        ),
    ),
    "25.7.rc1/info-950": (
        ("25.7.rc1", "25.7.rc1"),
        2,
        Chip(
            *(1, 0, None, None, "0000:93:00.0", "950PR", "OK", (), None),
            *(202.4, 56, 2, None, None, 4121, 86016, 0, 0),
        ),
    ),
    "26.0.rc1/info-910b4": (
        ("26.0.rc1", "26.0.rc1"),
        2,
        Chip(
            *(1, 0, None, None, "0000:C2:00.0", "910B4", "OK", (), None),
            *(82.5, 32, 0, None, None, 2791, 32768, 0, 0),
        ),
    ),
}


@pytest.mark.parametrize("case", OVERVIEWS)
def test_the_table_of_every_generation(case):
    versions, count, chip = OVERVIEWS[case]
    overview = parse_overview(fixture(case))
    assert (overview.tool_version, overview.driver_version) == versions
    assert len(overview.chips) == count
    assert chip in [replace(found, unread=()) for found in overview.chips]


@pytest.mark.parametrize("case", OVERVIEWS)
def test_lines_cut_at_the_right_indented_and_with_carriage_returns(case):
    wanted = parse_overview(fixture(case))
    cut = re.compile(r" \|$")
    for change in (lambda line: f"{line} \r", lambda line: f"\t{line}", lambda line: cut.sub("|", line)):
        text = "\n".join(change(line) if line.startswith("|") else line for line in text_of(case).split("\n"))
        assert parse_overview(answer(text)) == wanted


def test_processes():
    assert parse_overview(fixture("24.1.rc2/info-910b3")).processes == (
        Process(1, 0, 31007, "python", 57311),
        Process(1, 0, 31008, "ray::worker|TP0", 20),
        Process(1, 0, 31009, None, 3),
    )
    assert parse_overview(fixture("26.0.rc1/info-910b4")).processes == (
        Process(0, 0, 41231, "python3", 1200),
    )
    assert parse_overview(fixture("25.7.rc1/info-950")).processes == (Process(1, 0, 7001, "python3", 4000),)
    assert parse_overview(fixture("20.2.0/info-310-card")).processes == ()


HEALTHY = parse_overview(fixture("25.5.1/info-910b3")).chips
NO_TOTAL = "npu-smi printed no total, for this and for any other memory"
UNREAD = (
    Unread("power_w", "npu-smi printed 0.0, which stands for a failed query"),
    Unread("temperature_c", "npu-smi printed 32766, which stands for a failed query"),
    Unread("memory_used_mb", NO_TOTAL),
    Unread("memory_total_mb", NO_TOTAL),
    Unread("hbm_used_mb", NO_TOTAL),
    Unread("hbm_total_mb", NO_TOTAL),
    Unread("ai_core_percent", "npu-smi printed 0 for a chip of which it could not read the temperature"),
)


@pytest.mark.parametrize(
    ("case", "wanted"),
    [
        (
            "no-bus-id",
            replace(HEALTHY[1], bus_id=None, reason="npu-smi could not read the PCI bus id of this chip"),
        ),
        ("blank-power", replace(HEALTHY[1], power_w=None)),
        (
            "unread-values",
            replace(
                HEALTHY[1],
                **dict.fromkeys(
                    ("power_w", "temperature_c", "hbm_used_mb", "hbm_total_mb", "ai_core_percent")
                ),
                unread=UNREAD,
            ),
        ),
        (
            "one-occupied",
            Chip(1, 0, reason="the chip does not answer: npu-smi printed no name for it"),
        ),
        (
            "no-first-row",
            replace(
                HEALTHY[1],
                **dict.fromkeys(("npu_id", "name", "health", "power_w", "temperature_c")),
                hugepages_used=None,
                hugepages_total=None,
                reason="npu-smi left out the row with the name and the health of this chip",
            ),
        ),
    ],
)
def test_a_chip_with_missing_values_has_nulls_and_the_others_are_untouched(case, wanted):
    chips = parse_overview(fixture(f"25.5.1/info-{case}")).chips
    assert chips[1] == wanted
    assert chips[:1] + chips[2:] == HEALTHY[:1] + HEALTHY[2:]


def test_a_lost_chip_is_not_in_the_table():
    assert parse_overview(fixture("25.5.1/info-one-lost")).chips == HEALTHY[:1] + HEALTHY[2:]


def test_warnings_and_noise_are_no_rows():
    overview = parse_overview(fixture("25.5.1/info-incomplete-driver"))
    assert overview.chips == HEALTHY
    assert [text[:52] for text in overview.warnings] == [
        "[WARNING]The driver package may not be completely in"
    ]
    assert parse_overview(fixture("25.5.1/info-with-noise")).chips == HEALTHY


ROW = "| 0     910B3               | OK            | 90.5        38                0     / 0             |"
SECOND_ROW = (
    "| 0                         | 0000:C1:00.0  | 0           0    / 0          3300  / 65536         |"
)


@pytest.mark.parametrize(
    ("old", "new", "quoted"),
    [
        (ROW, ROW.replace("| OK ", "| Fine "), "| Fine "),
        (ROW, ROW.replace("90.5", "hot "), "hot"),
        (ROW, ROW.replace("38  ", "38C "), "38C"),
        (ROW, ROW.replace("38  ", "38 7"), "38 7"),
        (ROW, ROW.replace("0     / 0", "none     "), "none"),
        (ROW, ROW.replace("| 0     910B3", "|       910B3"), "910B3"),
        (ROW, ROW.replace("38", "  ").replace("90.5  ", "  90.5"), "  90.5"),
        (SECOND_ROW, "", ROW),
        (SECOND_ROW, SECOND_ROW.replace("0000:C1:00.0", "somewhere   "), "somewhere"),
        (SECOND_ROW, SECOND_ROW.replace("| 0   ", "| 0  1"), "| 0  1"),
        (SECOND_ROW, SECOND_ROW.replace("3300  / 65536", "3300          "), "3300"),
        (SECOND_ROW, SECOND_ROW[:40] + "|" + SECOND_ROW[41:], SECOND_ROW[:40]),
        ("Temp(C)", "Temp(F)", "Temp(F)"),
        ("| Chip  ", "| Tile  ", "Tile"),
        ("Version: ", "Release: ", "Release: 25.5.1"),
        ("Health ", "Mood   ", "Mood"),
        ("| 2211          |", "| soon          |", "soon"),
        ("| 0       0                 | 2211", "| 0                         | 2211", "2211"),
        ("| 0       0                 | 2211", "| 0       0       0         | 2211", "0       0       0"),
        ("| 100                      |", "| much                     |", "much"),
        ("No running processes found in NPU 3", "NPU 3 is bored", "NPU 3 is bored"),
        ("+-----", "segmentation fault", "segmentation fault"),
    ],
)
def test_what_is_not_understood_is_quoted(old, new, quoted):
    text = text_of("25.5.1/info-910b3")
    assert old in text
    with pytest.raises(CliError) as caught:
        parse_overview(answer(text.replace(old, new, 1)))
    assert quoted in caught.value.message


def test_a_table_cut_off_anywhere_is_an_error_until_its_last_chip_is_there():
    lines = text_of("21.0.rc1/info-910a").splitlines()
    assert (
        len(parse_overview(answer("\n".join([*lines[:8], ""]))).chips) == 1
    )  # a whole chip: nothing tells of another
    for end in (0, 1, 3, 4, 7, 10):
        with pytest.raises(CliError):
            parse_overview(answer("\n".join([*lines[:end], ""])))


def merged(table: str, mapping: str) -> list[Chip]:
    return merge_chips(parse_overview(fixture(table)).chips, parse_mapping(fixture(mapping)))


def test_the_logic_id_stands_for_a_physical_id_that_is_not_printed():
    chips = merged("25.5.1/info-910b3", "25.5.1/m-910b3")
    assert [(chip.npu_id, chip.logic_id, chip.phy_id) for chip in chips] == [
        (npu, npu, npu) for npu in range(8)
    ]
    duo = merge_chips(
        parse_overview(fixture("25.2.3/info-310p3-duo")).chips,
        [
            MappedChip(npu, chip, 2 * (npu > 32) + chip, None, "Ascend 310P3")
            for npu in (32, 32896)
            for chip in (0, 1)
        ],
    )
    assert [(chip.npu_id, chip.chip_id, chip.phy_id) for chip in duo] == [
        (32, 0, 0),
        (32, 1, 1),
        (32896, 0, 2),
        (32896, 1, 3),
    ]


def test_a_printed_physical_id_is_taken():
    chips = merge_chips(
        parse_overview(fixture("25.3.rc1/info-a3")).chips,
        [MappedChip(die // 2, die % 2, die, die + 8, "Ascend910") for die in range(4)],
    )
    assert [(chip.logic_id, chip.phy_id) for chip in chips] == [(0, 8), (1, 9), (2, 10), (3, 11)]
    assert [
        (chip.chip_id, chip.phy_id, chip.logic_id) for chip in merged("25.7.rc1/info-950", "25.7.rc1/m-950")
    ] == [
        (0, 0, None),
        (0, 1, None),
    ]


def test_the_chip_without_a_first_row_gets_its_npu_id_from_the_mapping():
    chips = merged("25.5.1/info-no-first-row", "25.5.1/m-910b3")
    assert [chip.npu_id for chip in chips] == list(range(8))
    assert (chips[1].name, chips[1].phy_id, chips[1].health) == ("910B3", 1, None)
    assert "left out the row" in chips[1].reason


def test_two_rows_that_may_be_either_chip_stay_without_an_npu_id():
    chips = list(parse_overview(fixture("25.5.1/info-no-first-row")).chips)
    mapped = parse_mapping(fixture("25.5.1/m-910b3"))
    found = merge_chips([chip for chip in chips if chip.npu_id != 3], mapped)
    assert [chip.npu_id for chip in found] == [0, 1, 2, 3, 4, 5, 6, 7, None]
    assert [chip.npu_id for chip in found if chip.health is None] == [1, 3, None]
    assert all(chip.reason for chip in found if chip.health is None)


def test_a_chip_that_only_the_mapping_knows_is_reported():
    chips = merged("25.5.1/info-one-lost", "25.5.1/m-910b3")
    assert (chips[1].npu_id, chips[1].health, chips[1].phy_id) == (1, None, 1)
    assert "-m lists this chip" in chips[1].reason


def test_a_chip_that_the_mapping_does_not_know_has_no_ids():
    chips = merged("25.5.1/info-910b3", "25.5.1/m-one-lost")
    assert (chips[1].health, chips[1].logic_id, chips[1].phy_id) == ("OK", None, None)


def test_sixteen_dies_are_read_in_less_than_two_milliseconds():
    table = answer(large_table(text_of("25.3.rc1/info-a3")))
    assert len(parse_overview(table).chips) == 16
    durations = []
    for _attempt in range(20):
        start = time.perf_counter()
        parse_overview(table)
        durations.append(time.perf_counter() - start)
    print(f"parsed 16 dies in {min(durations) * 1000:.2f} ms")
    assert min(durations) < 0.002
