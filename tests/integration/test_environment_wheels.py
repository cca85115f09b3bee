# SPDX-License-Identifier: GPL-3.0-or-later
"""Where wheels are: the archive of the controller of which nothing stays, and directories of the node."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys

import pytest
from integration import test_python_environment
from integration.test_python_environment import ENVIRONMENT

site = test_python_environment.site


@pytest.fixture
def hosts(tmp_path):
    """Return an inventory of three nodes that becomes another user everywhere; the controller has no sudo."""
    everywhere = {"ansible_become": True, "ansible_become_user": "nobody", "ansible_become_exe": "/no/sudo"}
    nodes = dict.fromkeys(["one", "two", "three"], {"ansible_become": False})
    file = tmp_path / "hosts.json"
    file.write_text(json.dumps({"all": {"vars": everywhere, "hosts": nodes}}), encoding="utf-8")
    return file


@pytest.fixture
def carry(tmp_path, monkeypatch, hosts):
    """Give the function that brings a wheelhouse to nodes and returns what was said."""
    for folder, name in (("wheels", "apple"), ("more", "pear")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{name}.whl").touch()
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))

    def run(places, carried="wheels"):
        variables = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        inputs = {
            "python_environment_owner": "somebody",
            "__python_environment_carried": str(tmp_path / carried),
            "__python_environment_carried_to": f"{tmp_path}/{{{{ inventory_hostname }}}}",
        }
        role = {"name": "ascend.fleet.python_environment", "tasks_from": "wheels", "rolespec_validate": False}
        task = {"ansible.builtin.include_role": role, "vars": inputs}
        play = [{"hosts": "all", "gather_facts": False, "become": True, "vars": variables, "tasks": [task]}]
        (tmp_path / "play.yml").write_text(json.dumps(play), encoding="utf-8")
        for place in places:
            (tmp_path / place).mkdir()
        done = subprocess.run(
            ["ansible-playbook", "-i", hosts, tmp_path / "play.yml"],
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


@pytest.mark.parametrize(
    ("others", "packs"), [("wheels", ["one"]), ("more", ["one", "three"]), ("nothing", ["one", "three"])]
)
def test_each_directory_is_packed_once_and_goes_to_its_own_nodes(carry, tmp_path, others, packs):
    places = ["one", "two", "three"]
    said = carry(places, carried=f"{{{{ '{others}' if inventory_hostname == 'three' else 'wheels' }}}}")
    packing = said.partition("Wheels | Pack the directory]")[2].partition("Wheels | Unpack")[0]
    assert re.findall(r"\[(\w+) -> localhost\]", packing) == packs
    brought = {name: sorted(file.stem for file in (tmp_path / name).iterdir()) for name in places}
    other = {"wheels": ["apple"], "more": ["pear"], "nothing": []}[others]
    assert brought == {"one": ["apple"], "two": ["apple"], "three": other}
    assert ("[three]: FAILED!" in said or "[three -> localhost]: FAILED!" in said) == (others == "nothing")
    assert left(tmp_path) == []


def test_wheels_of_the_node_are_taken_as_they_are(site):
    there = f"node:{site.folder}/wheels"
    assert site.run("apple==1", wheelhouse=there)[1:] == ["install apple==1"]
    assert site.beside() == [".env.a", "env"]
    shutil.rmtree(site.folder / "wheels")
    assert site.run("apple==1", wheelhouse=there) == []
    said = site.run("apple==2", wheelhouse=there)
    assert "the node has no" in " ".join(said.split())


@pytest.mark.parametrize("prefix", ["node:", ""])
def test_a_wheelhouse_without_pip_is_refused_before_a_venv_is_made(site, prefix):
    next((site.folder / "wheels").glob("pip-*")).unlink()
    said = " ".join(site.run("apple==1", wheelhouse=f"{prefix}{site.folder}/wheels").split())
    assert "no wheel of pip in" in said
    assert not site.path.parent.exists()
