# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of npu-smi as people and machines spoil them, one test for each way."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError, Result
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi import Unread
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_board import parse_card_board
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_lists import parse_list, parse_mapping
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_table import parse_overview

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "npu_smi"
TABLE = (FIXTURES / "25.5.1/info-910b3.txt").read_text(encoding="utf-8")
TRUE = parse_overview(Result(("npu-smi", "info"), 0, TABLE, ""))
FIRST = next(line for line in TABLE.splitlines() if line.startswith("| 1     910B3"))
SECOND = TABLE.splitlines()[TABLE.splitlines().index(FIRST) + 1]


def answer(text: str) -> Result:
    return Result(("npu-smi", "info"), 0, text, "")


def text_of(case: str) -> str:
    return (FIXTURES / f"{case}.txt").read_text(encoding="utf-8")


def read(text: str):
    return parse_overview(answer(text))


@pytest.mark.parametrize(
    "text",
    [
        TABLE.replace("\n", "\r\n"),
        TABLE.replace("\n", "\n\n"),
        TABLE.replace("\n", "  \n"),
        TABLE.replace("| OK ", "| \x1b[32mOK\x1b[0m "),
        f"\x1b[?25l{TABLE}\x1b[0m",
        "".join(f"\t{line}\n" for line in TABLE.splitlines()),
        f"call drvMngGetConsoleLogLevel failed , g_conLogLevel = 3\n{TABLE}",
        TABLE.replace(f"{FIRST}\n", f"{FIRST}\nDrvMngGetConsoleLogLevel failed. (ret=4)\n"),
        re.sub(r"^\+.*\n", "", TABLE, flags=re.MULTILINE),
    ],
    ids=[
        "CRLF",
        "blank lines",
        "blanks",
        "colours",
        "cursor",
        "indented",
        "noise",
        "noise within",
        "bare",
    ],
)
def test_what_does_no_harm(text):
    assert read(text) == TRUE


def test_blanks_that_became_tabs():
    lines = []
    for line in TABLE.splitlines():
        pieces = [line[start : start + 8] for start in range(0, len(line), 8)]
        lines.append("".join(f"{piece.rstrip()}\t" if piece.endswith("  ") else piece for piece in pieces))
    assert any("\t" in line for line in lines)
    assert read("\n".join([*lines, ""])) == TRUE


@pytest.mark.parametrize("width", [24, 40, 60, 80, 98])
def test_lines_wrapped_by_a_narrow_terminal(width):
    pieces = [
        line[start : start + width] for line in TABLE.splitlines() for start in range(0, len(line), width)
    ]
    with pytest.raises(CliError):
        read("\n".join([*pieces, ""]))


def test_a_number_cut_by_the_end_of_the_answer_is_no_smaller_number():
    end = TABLE.index(SECOND) + SECOND.index("65536") + 3
    assert TABLE[:end].endswith(" 655")
    for ending in ("", "\n"):
        with pytest.raises(CliError):
            read(TABLE[:end] + ending)


def test_the_answers_of_two_calls_one_in_the_other():
    other = TABLE.replace("65536", "32768")
    mixed = [line for lines in zip(TABLE.splitlines(), other.splitlines()) for line in lines]
    with pytest.raises(CliError):
        read("\n".join([*mixed, ""]))
    with pytest.raises(CliError):
        read(TABLE + other)


@pytest.mark.parametrize("place", [FIRST, SECOND])
def test_a_row_that_comes_twice(place):
    with pytest.raises(CliError):
        read(TABLE.replace(place, f"{place}\n{place}"))


def test_a_masked_bus_id_is_null_with_a_reason():
    bus_id = TRUE.chips[1].bus_id
    masked = f"{bus_id[:5]}xx{bus_id[7:]}"
    chip = read(TABLE.replace(bus_id, masked)).chips[1]
    unread = Unread("bus_id", f"its value is masked: npu-smi printed {masked!r}")
    assert chip == replace(TRUE.chips[1], bus_id=None, unread=(unread,))


@pytest.mark.parametrize("mask", ["**", "xx", "XX"])
def test_masked_numbers_are_null_with_a_reason(mask):
    chip = read(TABLE.replace(FIRST, FIRST.replace(" 39 ", f" {mask} "))).chips[1]
    assert " 39 " in FIRST
    assert (chip.temperature_c, chip.unread[0].what) == (None, "temperature_c")
    assert mask in chip.unread[0].reason
    used = str(TRUE.chips[1].hbm_used_mb)
    chip = read(TABLE.replace(SECOND, SECOND.replace(used, "x" * len(used)))).chips[1]
    assert (chip.hbm_used_mb, chip.hbm_total_mb) == (None, None)
    assert {entry.what for entry in chip.unread} == {"hbm_used_mb", "hbm_total_mb"}


@pytest.mark.parametrize(
    "torn",
    ["| x     910B3", "| 1 2   910B3", "| -1    910B3", "| 1     9 0B3", "| 12    3    ", "| 1     910 B3"],
)
def test_an_npu_id_that_is_masked_torn_or_negative_is_refused(torn):
    row = torn + FIRST[len(torn) :]
    with pytest.raises(CliError, match=re.escape(row[:20])):
        read(TABLE.replace(FIRST, row))


def test_ids_beyond_all_indexes_and_two_dies_with_one_bus_id():
    chips = read(text_of("25.2.3/info-310p3-duo")).chips
    assert [(chip.npu_id, chip.chip_id, chip.logic_id) for chip in chips] == [
        (32, 0, 0),
        (32, 1, 1),
        (32896, 0, 2),
        (32896, 1, 3),
    ]
    assert chips[2].bus_id == chips[3].bus_id
    assert chips[0].bus_id != chips[2].bus_id


def test_one_chip_with_two_entries_is_refused():
    row = FIRST.replace("| 1 ", "| 0 ", 1)
    with pytest.raises(CliError, match="where one chip 0 of NPU 0 was expected"):
        read(TABLE.replace(FIRST, row))


@pytest.mark.parametrize("row", ["| 22|11", "| 2211          | pyth|on3               | 1|00  "])
def test_a_bar_in_a_number_of_a_process_is_not_one_of_its_name(row):
    whole = next(line for line in TABLE.splitlines() if "| 2211 " in line)
    start = whole.index("| 2211 ")
    with pytest.raises(CliError):
        read(TABLE.replace(whole, whole[:start] + row + whole[start + len(row) :]))


def test_a_mapping_whose_columns_moved():
    text = text_of("25.5.1/m-910b3")
    row = "\t3                              0                              3  "
    assert row in text
    for torn in (row.replace("3  ", "3 1", 1), row.replace("\t3", "\t3 1")):
        with pytest.raises(CliError):
            parse_mapping(answer(text.replace(row, torn)))
    with pytest.raises(CliError, match="each chip once"):
        parse_mapping(answer(text.replace(row, row.replace("\t3", "\t2"))))


def test_a_list_that_breaks_off_is_no_list_of_lost_cards():
    lines = text_of("25.5.1/l-910b3").splitlines(keepends=True)
    for end in range(len(lines) - 3):
        with pytest.raises(CliError):
            parse_list(answer("".join(lines[:end])))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("0000:82:00.0", "0000:"),
        ("0000:82:00.0", "0000:82:00"),
        ("Serial Number", "Manufacturer "),
        (": 0x19E5", ": 19E5"),
    ],
)
def test_a_board_with_a_broken_line(old, new):
    text = text_of("25.5.1/board-910b3")
    assert old in text
    with pytest.raises(CliError):
        parse_card_board(answer(text.replace(old, new, 1)))


def test_a_board_with_a_masked_bus_id():
    board = parse_card_board(answer(text_of("25.5.1/board-910b3").replace("0000:82:00.0", "0000:xx:00.0")))
    assert (board["bus_id"], board["serial_number"]) == (None, "2106030000NXPA000003")
    assert board["reason"] == "its value is masked: npu-smi printed '0000:xx:00.0'"
