# SPDX-License-Identifier: GPL-3.0-or-later
"""What must hold for every text: a table of any layout reads back, and no text breaks the parsers."""

from __future__ import annotations

import contextlib
from functools import partial
from random import Random

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_board import (
    parse_card_board,
    parse_chip_board,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_keys import parse_chip_health, parse_type
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_lists import (
    parse_list,
    parse_mapping,
    parse_physical_id,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_table import parse_overview
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_topo import parse_topology
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_types import TYPES
from hypothesis import given, settings
from hypothesis import strategies as st
from npu_smi_grammar import LAYOUTS, answer, invented, render

PARSERS = (parse_overview, parse_mapping, parse_list, parse_card_board, parse_chip_board, parse_chip_health)
PARSERS += (parse_topology, parse_physical_id, *(partial(parse_type, name) for name in TYPES))
seeds = st.integers(0, 2**32)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@settings(max_examples=15, deadline=None)
@given(seed=seeds)
def test_a_rendered_table_reads_back(layout, seed):
    overview = invented(layout, Random(seed))
    assert parse_overview(answer(render(layout, overview))) == overview


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@settings(max_examples=15, deadline=None)
@given(seed=seeds, data=st.data())
def test_a_table_without_one_of_its_lines_is_no_other_healthy_table(layout, seed, data):
    """Whatever line is lost: no value may move to another chip, and no chip may vanish in silence."""
    overview = invented(layout, Random(seed))
    lines = render(layout, overview).splitlines(keepends=True)
    lost = data.draw(st.integers(0, len(lines) - 1))
    try:
        found = parse_overview(answer("".join(lines[:lost] + lines[lost + 1 :])))
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
