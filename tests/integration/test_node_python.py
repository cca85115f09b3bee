# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules run on the node's own Python, also where a login finds an environment of the collection first."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml
from integration.local_hosts import LocalHosts

ROOT = Path(__file__).resolve().parents[2]
FALLBACK = "ansible_interpreter_python_fallback"
WITH_TASKS = sorted(path.parent.parent for path in ROOT.glob("roles/*/tasks/main.yml"))


def play_of(playbook, name):
    """A play of a playbook (a file in playbooks/), by the play's name."""
    plays = yaml.safe_load((ROOT / "playbooks" / playbook).read_text(encoding="utf-8"))
    (found,) = [play for play in plays if play.get("name") == name]
    return found


@pytest.fixture
def hosts(tmp_path, monkeypatch):
    """A host whose login finds the newest Python in an environment that is broken."""
    broken = tmp_path / "environment/bin/python3.13"
    broken.parent.mkdir(parents=True)
    broken.write_text("#!/bin/sh\necho the environment is broken >&2\nexit 1\n", encoding="utf-8")
    broken.chmod(0o755)
    (tmp_path / "environment/pyvenv.cfg").touch()
    monkeypatch.setenv("PATH", f"{broken.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("ANSIBLE_PYTHON_INTERPRETER", "auto_silent")
    return LocalHosts(tmp_path, ["one"])


def run(hosts, play, **own):
    place = str(hosts.folder / "environment")
    given = {
        "npu_fleet_packages": "",
        "npu_fleet_bill": {"torch": "2.4.0", "torch_npu": "2.4.0", "python": "3.11", "python_packages": []},
        "torch_npu_requirements": ["numpy<2", "pyyaml", "attrs"],
        "torch_npu_environment": place,
        "torch_npu_manager": "venv",
        "ansible_python_interpreter": "auto_silent",
        **own,
    }
    done = hosts.play(play, "--check", one=given)
    return done.returncode, done.stdout + done.stderr


def role(way):
    return {f"ansible.builtin.{way}_role": {"name": "ascend.fleet.torch_npu"}}


INCLUDED = {"tasks": [role("include")], "vars": {"ansible_facts": {"architecture": "x86_64"}}}


@pytest.mark.parametrize(
    "play",
    [
        INCLUDED,
        {"gather_facts": True, "tasks": [role("import")]},
        {"gather_facts": True, "roles": ["ascend.fleet.torch_npu"]},
    ],
    ids=["included", "imported", "listed"],
)
def test_a_broken_environment_does_not_block_its_own_repair(hosts, play):
    code, said = run(hosts, play)
    assert code == 0, said
    assert "the environment is broken" not in said


@pytest.mark.parametrize("own", [FALLBACK, "ansible_python_interpreter"])
def test_what_the_inventory_says_wins(hosts, own):
    chosen = str(hosts.folder / "environment/bin/python3.13")
    code, said = run(hosts, INCLUDED, **{own: [chosen] if own == FALLBACK else chosen})
    assert code != 0
    assert "the environment is broken" in said


@pytest.mark.parametrize("folder", WITH_TASKS, ids=lambda folder: folder.name)
def test_every_role_says_it(folder):
    meta = yaml.safe_load((folder / "meta/main.yml").read_text(encoding="utf-8"))
    assert meta["dependencies"] == [{"role": "ascend.fleet.node_python"}]


def test_plays_that_ask_a_node_before_a_role_say_it():
    rollback = play_of("rollback.yml", "Find the release to go back to")
    assert rollback["roles"] == [{"role": "ascend.fleet.node_python"}]
    mirror = play_of("mirror.yml", "Make mirrors")
    assert mirror["gather_facts"]
    assert [list(task)[1] for task in mirror["tasks"]] == ["ansible.builtin.import_role"]
