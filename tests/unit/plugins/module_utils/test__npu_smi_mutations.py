# SPDX-License-Identifier: GPL-3.0-or-later
"""Damaged answers of npu-smi: a value is the true one or null; what is not understood is our own error.

ASCEND_FLEET_MUTATIONS is how many answers are tried in total, 3000 without it; `make nightly` tries 100000.
"""

from __future__ import annotations

import os
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from random import Random

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_board import (
    parse_card_board,
    parse_chip_board,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_chips import Chip, Overview
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_keys import parse_chip_health, parse_type
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_lists import (
    parse_list,
    parse_mapping,
    parse_physical_id,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_table import parse_overview
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_topo import parse_topology
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_types import TYPES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from npu_smi_grammar import LAYOUTS, answer, invented, invented_card, render, render_card
from npu_smi_mutations import DAMAGING, KEEPING, interleaved

VARIABLE = "ASCEND_FLEET_MUTATIONS"
TOTAL = int(os.environ.get(VARIABLE, "3000"))
SHORT = {
    "25.5.1/m-910b3": parse_mapping,
    "25.3.rc1/m-a3": parse_mapping,
    "25.7.rc1/m-950": parse_mapping,
    "22.0.2/l-310p3": parse_list,
    "25.5.1/l-one-lost": parse_list,
    "25.5.1/board-910b3": parse_card_board,
    "25.5.1/board-chip-a3": parse_chip_board,
    "23.0.5/health-alarm": parse_chip_health,
    "25.5.1/phyid-remap-a3": parse_physical_id,
    "25.5.1/topo-910b3": parse_topology,
    "25.3.rc1/topo-a3": parse_topology,
}
KINDS = len(LAYOUTS) + len(TYPES) + len(SHORT)
CASES = KINDS * (len(KEEPING) + len(DAMAGING)) + len(LAYOUTS) + len(TYPES)
FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "npu_smi"
EACH = max(1, TOTAL // CASES + 1)
TRIES = settings(
    max_examples=EACH,
    deadline=None,
    database=None,
    derandomize=VARIABLE not in os.environ,  # every change meets the same damage, every night another one
    suppress_health_check=list(HealthCheck),
)
seeds = st.integers(0, 2**48)
NUMBERS = tuple(
    field.name for field in fields(Chip) if field.name.endswith(("_w", "_c", "_percent", "_mb", "_used"))
)
NUMBERS += ("hugepages_total", "logic_id", "phy_id")
WORDS = ("health", "bus_id")


def check_chip(chip: Chip, true: dict[tuple[int | None, int | None], Chip]) -> None:
    """Each value is the true one of this chip, or null; of a chip without an NPU ID that of one such chip."""
    if chip.npu_id is not None:
        assert (chip.npu_id, chip.chip_id) in true
        candidates = [true[chip.npu_id, chip.chip_id]]
    else:
        assert chip.reason
        candidates = [other for other in true.values() if other.chip_id == chip.chip_id]
    told = {name: getattr(chip, name) for name in (*NUMBERS, *WORDS)}
    values = {name: value for name, value in told.items() if value is not None}
    assert any(all(getattr(other, name) == value for name, value in values.items()) for other in candidates)


def check_overview(found: Overview, true: Overview) -> None:
    chips: dict[tuple[int | None, int | None], Chip] = {
        (chip.npu_id, chip.chip_id): chip for chip in true.chips
    }
    for chip in found.chips:
        check_chip(chip, chips)
    numbers = {(entry.npu_id, entry.chip_id, entry.pid): entry.memory_mb for entry in true.processes}
    pids = {(entry.npu_id, entry.chip_id, entry.pid, entry.memory_mb) for entry in true.processes}
    for process in found.processes:
        place = (process.npu_id, process.chip_id, process.pid)
        assert place in numbers
        assert process.memory_mb is None or (*place, process.memory_mb) in pids


@pytest.mark.parametrize("change", KEEPING)
@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@TRIES
@given(seed=seeds)
def test_a_table_that_only_looks_different(layout, change, seed):
    random = Random(seed)
    true = invented(layout, random)
    assert parse_overview(answer(change(render(layout, true), random))) == true


@pytest.mark.parametrize("change", DAMAGING)
@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@TRIES
@given(seed=seeds)
def test_a_damaged_table_has_no_wrong_value(layout, change, seed):
    random = Random(seed)
    true = invented(layout, random)
    try:
        found = parse_overview(answer(change(render(layout, true), random)))
    except CliError:
        return
    check_overview(found, true)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@TRIES
@given(seed=seeds)
def test_two_tables_in_one_are_refused(layout, seed):
    random = Random(seed)
    first, second = (render(layout, invented(layout, random)) for _turn in range(2))
    with pytest.raises(CliError):
        parse_overview(answer(interleaved(first, second, random)))


def true_values(card) -> dict[tuple[object, str], float | str]:
    """Return what a card's answer says, by chip (or None for the card) and field."""
    values: dict[tuple[object, str], float | str] = {}
    for number, chip in enumerate(card.chips):
        values.update(_named(card.kind, number, chip))
    for whole in (card.card, card.mcu):
        values.update(_named(card.kind, None, whole))
    return values


def _named(kind: str, place: object, printed: dict[str, str]) -> dict[tuple[object, str], float | str]:
    named = {**TYPES[kind].fields, **{label: ("power_w", "watt") for label in printed if "Power" in label}}
    named.setdefault("Temperature(C)", ("temperature_c", "celsius"))
    return {
        (place, named[label][0]): text if named[label][1] == "text" else float(text)
        for label, text in printed.items()
    }


def found_values(found) -> dict[tuple[object, str], float | str]:
    blocks = [*found.chips.items(), (None, found.card), (None, found.mcu)]
    return {
        (place, name): value
        for place, block in blocks
        if block
        for name, value in block.values.items()
        if value is not None
    }


@pytest.mark.parametrize("change", KEEPING)
@pytest.mark.parametrize("kind", TYPES)
@TRIES
@given(seed=seeds)
def test_a_card_that_only_looks_different(kind, change, seed):
    random = Random(seed)
    card = invented_card(kind, random)
    found = parse_type(kind, answer(change(render_card(card), random)))
    assert found.npu_id == card.npu_id
    assert found_values(found) == true_values(card)


@pytest.mark.parametrize("change", DAMAGING)
@pytest.mark.parametrize("kind", TYPES)
@TRIES
@given(seed=seeds)
def test_a_damaged_card_has_no_wrong_number(kind, change, seed):
    random = Random(seed)
    card = invented_card(kind, random)
    try:
        found = parse_type(kind, answer(change(render_card(card), random)))
    except CliError:
        return
    true = true_values(card)
    assert found.npu_id == card.npu_id
    for place, value in found_values(found).items():
        assert isinstance(value, str) or true[place] == value


@pytest.mark.parametrize("kind", TYPES)
@TRIES
@given(seed=seeds)
def test_the_answers_of_two_cards_in_one_are_refused(kind, seed):
    random = Random(seed)
    first, second = (render_card(invented_card(kind, random)) for _turn in range(2))
    with pytest.raises(CliError):
        parse_type(kind, answer(interleaved(first, second, random)))


def leaves(value, path: tuple[object, ...] = ()) -> dict[tuple[object, ...], object]:
    """Return every value of an answer by its place; entries of lists by their ids or names, not by number."""
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if isinstance(value, dict):
        parts = value.items()
    elif isinstance(value, (list, tuple)):
        parts = ((identity(part, place), part) for place, part in enumerate(value))
    else:
        return {path: value}
    return {place: leaf for key, part in parts for place, leaf in leaves(part, (*path, key)).items()}


def identity(entry, place: int) -> object:
    known = asdict(entry) if is_dataclass(entry) else entry
    if isinstance(known, dict):
        return tuple(known.get(name) for name in ("npu_id", "chip_id") if name in known) or known["name"]
    return place


def fixture(case: str) -> str:
    return (FIXTURES / f"{case}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("change", KEEPING)
@pytest.mark.parametrize("case", SHORT)
@TRIES
@given(seed=seeds)
def test_a_short_answer_that_only_looks_different(case, change, seed):
    found = SHORT[case](answer(change(fixture(case), Random(seed))))
    assert found == SHORT[case](answer(fixture(case)))


@pytest.mark.parametrize("change", DAMAGING)
@pytest.mark.parametrize("case", SHORT)
@TRIES
@given(seed=seeds)
def test_a_damaged_short_answer_has_no_wrong_number(case, change, seed):
    """Names and other texts may be damaged, numbers and links may not."""
    try:
        found = SHORT[case](answer(change(fixture(case), Random(seed))))
    except CliError:
        return
    true = leaves(SHORT[case](answer(fixture(case))))
    for place, value in leaves(found).items():
        if isinstance(value, int) or "links" in place:
            assert value is None or true[place] == value
