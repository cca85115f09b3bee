# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever cut the first run, and wherever: the same command brings the node to its release."""

from __future__ import annotations

import re

import pytest

from resume.rows import hosts, read_rows, table
from resume.runs import play

ROWS, REST = read_rows()


@pytest.fixture(scope="session")
def played():
    """Play all rows once and print the table."""
    play(ROWS, REST, hosts(ROWS, REST["first_port"]))
    print(f"\n\n{table(ROWS)}\n")
    return {row.number: row for row in ROWS}


@pytest.mark.parametrize(
    "number", [row.number for row in ROWS], ids=[f"{row.cut}-{row.place}" for row in ROWS]
)
def test_a_cut_run_is_finished_by_the_same_command(played, number):
    row = played[number]
    assert row.happened, f"the run was not cut: {row.first}"
    assert re.fullmatch(r"\d+ changes", row.again)
    assert row.third == "0 changes"


def test_the_table_is_long_enough():
    assert len(ROWS) >= 20
    assert {row.cut for row in ROWS} == {"controller", "connection", "power"}
