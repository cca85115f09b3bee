# SPDX-License-Identifier: GPL-3.0-or-later
"""With --tags a playbook still does what all parts need: always reaches the tasks that it includes."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

PLAYBOOKS = Path(__file__).resolve().parents[2] / "playbooks"
FILES = sorted(PLAYBOOKS.glob("**/*.yml"))
ROLLBACK = yaml.safe_load((PLAYBOOKS / "rollback.yml").read_text(encoding="utf-8"))


def tasks_of(content):
    """Yield the tasks of plays and of files of tasks, within blocks, too."""
    for one in content if isinstance(content, list) else []:
        parts = [
            one.get(part) or [] for part in ("pre_tasks", "tasks", "post_tasks", "block", "rescue", "always")
        ]
        inner = [task for part in parts for task in part]
        yield from tasks_of(inner) if inner else [one]


def includes(task):
    """Return what a task includes when it runs, which knows no tags of the include."""
    kinds = ("ansible.builtin.include_role", "ansible.builtin.include_tasks")
    return [task[kind] for kind in kinds if kind in task]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_an_include_that_runs_always_hands_that_on(file):
    for task in tasks_of(yaml.safe_load(file.read_text(encoding="utf-8"))):
        for included in includes(task) if "always" in task.get("tags", []) else []:
            assert "always" in included["apply"]["tags"], task["name"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_what_stops_a_run_has_its_tags_where_parts_of_the_run_have_some(file):
    """A run of one part would change nodes after it has left out the stop."""
    tasks = list(tasks_of(yaml.safe_load(file.read_text(encoding="utf-8"))))
    parts = [task for task in tasks if set(task.get("tags", [])) - {"always"}]
    stops = [task for task in tasks if {"ansible.builtin.fail", "ansible.builtin.assert"} & set(task)]
    assert [task["name"] for task in stops if parts and "always" not in task.get("tags", [])] == []


def test_the_release_to_go_back_to_is_found_with_tags_too():
    """Otherwise the plays behind would bring nodes to the release of the inventory."""
    finding = list(tasks_of(ROLLBACK[:1]))
    tagged = [task["name"] for task in finding if task.get("tags") == ["always"]]
    assert tagged == ["Read which CANN lies beside the one in use", "Go back to that release"]
