# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of problems for people."""

from __future__ import annotations

from ansible_collections.ascend.fleet.plugins.filter import problem_table
from hypothesis import given
from hypothesis import strategies as st

TABLE = problem_table.FilterModule().filters()["problem_table"]


def problem(host="node-a", severity="error", found="7 chips", wanted="8", fix="look"):
    return {"host": host, "severity": severity, "found": found, "wanted": wanted, "fix": fix}


def test_no_problem():
    assert TABLE([]) == "No problem was found."


def test_the_table():
    problems = [
        problem(severity="warning", found="NPU 3 in Alarm", wanted="OK"),
        problem(),
        problem("node-b"),
        problem(
            found="no file /srv/ascend/Ascend-hdk-910b-npu-driver_24.1.0_linux-aarch64.run",
            fix="put it there",
        ),
    ]
    assert (
        TABLE(problems, 90)
        == """\
2 problems stop the run
host                   | found               | wanted              | what to do
-----------------------+---------------------+---------------------+--------------------
node-a, node-b         | 7 chips             | 8                   | look
-----------------------+---------------------+---------------------+--------------------
node-a                 | no file             | 8                   | put it there
                       | /srv/ascend/Ascend- |                     |
                       | hdk-910b-npu-       |                     |
                       | driver_24.1.0_      |                     |
                       | linux-aarch64.run   |                     |

1 warning
host                   | found               | wanted              | what to do
-----------------------+---------------------+---------------------+--------------------
node-a                 | NPU 3 in Alarm      | OK                  | look"""
    )


def test_a_host_is_named_once():
    assert TABLE([problem(), problem()]).count("node-a") == 1


def test_notes_are_lines_below_the_tables():
    notes = [problem(host, "note", "a note " * 12, "", "") for host in ("node-a", "node-b")]
    table = TABLE([*notes, problem()], 60)
    assert table.startswith("1 problem stops the run\n")
    assert table.split("\n\n")[1].splitlines()[:2] == [
        "To know",
        "node-a, node-b: a note a note a note a note a note a note a",
    ]
    assert TABLE(notes).startswith("To know")


def test_one_problem():
    assert TABLE([problem()]).startswith("1 problem stops the run\n")


WORDS = st.text(st.characters(codec="ascii", categories=["L", "N", "P", "Zs"]), max_size=80)
PROBLEMS = st.lists(
    st.builds(problem, WORDS, st.sampled_from(["error", "warning"]), WORDS, WORDS, WORDS), max_size=6
)


@given(PROBLEMS, st.integers(80, 200))
def test_lines_keep_the_width_and_no_letter_is_lost(problems, width):
    table = TABLE(problems, width)
    assert all(len(line) <= width for line in table.splitlines())
    letters = "".join(cell["found"] for cell in problems)
    assert all(table.count(letter) >= 1 for letter in set(letters) - set(" |"))
