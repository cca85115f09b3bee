# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs on the controller runs as the user who started the playbook."""

from __future__ import annotations

from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]


def delegated(data, place=""):
    """Give every mapping that names a host to run on, with its place in the data."""
    if isinstance(data, dict):
        if "delegate_to" in data:
            yield f"{place} {data.get('name', '')}".strip(), data
        data = list(data.values())
    for part in data if isinstance(data, list) else []:
        yield from delegated(part, place)


def test_no_task_of_the_controller_takes_over_the_rights_of_the_play():
    """ansible_become of an inventory reaches localhost and wins over a keyword; the variable covers both."""
    files = [file for folder in ("roles", "playbooks") for file in (ROOT / folder).rglob("*.yml")]
    found = [
        task
        for file in files
        for task in delegated(yaml.safe_load(file.read_text(encoding="utf-8")), str(file.relative_to(ROOT)))
    ]
    assert {task["delegate_to"] for _name, task in found} == {"localhost"}
    rights = [
        name
        for name, task in found
        if task.get("vars", {}).get("ansible_become") is not False or "become" in task
    ]
    assert rights == []
