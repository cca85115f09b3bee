# SPDX-License-Identifier: GPL-3.0-or-later
"""The archive of wheels that the controller makes for all nodes: nothing of it stays, whoever fails."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from integration.test_python_environment import ENVIRONMENT


@pytest.fixture
def carry(tmp_path, monkeypatch):
    """Give the function that brings a wheelhouse to nodes and returns what was said."""
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels/apple.whl").touch()
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))

    def run(places, carried="wheels"):
        variables = {
            "ansible_connection": "local",
            "ansible_become": False,
            "ansible_python_interpreter": sys.executable,
        }
        inputs = {
            "python_environment_owner": "somebody",
            "__python_environment_carried": str(tmp_path / carried),
            "__python_environment_carried_to": f"{tmp_path}/{{{{ inventory_hostname }}}}",
        }
        role = {"name": "ascend.fleet.python_environment", "tasks_from": "wheels", "rolespec_validate": False}
        task = {"ansible.builtin.include_role": role, "vars": inputs}
        play = [{"hosts": "all", "gather_facts": False, "vars": variables, "tasks": [task]}]
        (tmp_path / "play.yml").write_text(json.dumps(play), encoding="utf-8")
        for place in places:
            (tmp_path / place).mkdir()
        done = subprocess.run(
            ["ansible-playbook", "-i", "one,two,three", tmp_path / "play.yml"],
            env={**os.environ, **ENVIRONMENT},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout + done.stderr

    return run


def left(folder):
    return [path.name for path in (folder / "temporary").rglob("ascend-wheels-*")]


@pytest.mark.parametrize("fails", [["one"], ["three"], ["one", "two", "three"]])
def test_nodes_that_cannot_unpack_leave_no_archive_on_the_controller(carry, tmp_path, fails):
    places = {"one", "two", "three"} - {*fails}
    said = carry(places)
    assert [name for name in fails if f"[{name}]: FAILED!" not in said] == []
    assert left(tmp_path) == []
    assert [name for name in places if not (tmp_path / name / "apple.whl").is_file()] == []


def test_a_directory_that_cannot_be_packed_leaves_no_archive_either(carry, tmp_path):
    said = carry(["one", "two", "three"], carried="nothing")
    assert "Cannot open: No such file or directory" in said
    assert left(tmp_path) == []
