# SPDX-License-Identifier: GPL-3.0-or-later
"""The tasks at which tests/resume cuts a run exist."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
ROWS = yaml.safe_load((ROOT / "tests/resume/rows.yml").read_text())["rows"]
TASKS = sorted({row["task"] for row in ROWS if "task" in row})


def tasks_in(entries):
    """Yield the tasks of a task file, those in blocks among them."""
    for entry in entries:
        yield entry
        for part in ("block", "rescue", "always"):
            yield from tasks_in(entry.get(part, []))


@pytest.mark.parametrize("task", TASKS)
def test_a_row_names_a_task(task):
    role, name = task.split(" : ")
    files = (ROOT / "roles" / role / "tasks").glob("*.yml")
    named = [entry["name"] for file in files for entry in tasks_in(yaml.safe_load(file.read_text()))]
    assert [found for found in named if found.startswith(name)]
