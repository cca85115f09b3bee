# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages and wheels below the home of whoever runs Ansible: "~/ascend" works where "/srv/ascend" does."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from integration import test_python_environment

site = test_python_environment.site
ROOT = Path(__file__).resolve().parents[2]
WHEEL = "apple-1-py3-none-any.whl"
MIRROR = "http://10.1.1.11:8042/ascend"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Make a home with packages, wheels and packages of conda in it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "ascend/noarch").mkdir(parents=True)
    for file in ("apex.tar.gz", WHEEL, "noarch/repodata.json"):
        (tmp_path / "ascend" / file).touch()
    sums = f"{'0' * 64}  apex.tar.gz\n{'1' * 64}  {WHEEL}\n"
    (tmp_path / "ascend/SHA256SUMS").write_text(sums, encoding="utf-8")
    return tmp_path


def say(home, role, *names, **given):
    """Return variables of a role, as Ansible evaluates them."""
    files = [str(ROOT / "roles" / role / folder / "main.yml") for folder in ("defaults", "vars")]
    said = {"content": {name: f"{{{{ {name} }}}}" for name in names}, "dest": f"{home}/said.json"}
    tasks = [
        *({"ansible.builtin.include_vars": file} for file in files),
        {"ansible.builtin.copy": said},
    ]
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": tasks}
    play["vars"] = {"ansible_python_interpreter": test_python_environment.PYTHON}
    (home / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
    environment = {**os.environ, **test_python_environment.ENVIRONMENT}
    command = ["ansible-playbook", "-i", "localhost,", "-e", json.dumps(given), str(home / "play.yml")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return list(json.loads((home / "said.json").read_text(encoding="utf-8")).values())


@pytest.mark.parametrize("place", ["~/ascend", f"{MIRROR} or ~/ascend"])
def test_the_mirror_serves_what_lies_there(home, place):
    directory = str(home / "ascend")
    folders, files, sums = say(
        home,
        "package_mirror",
        *(f"__package_mirror_{name}" for name in ("folders", "files", "sums")),
        npu_fleet_packages=place,
        npu_fleet_wheelhouse=place,
        __package_mirror_folder="{{ __package_mirror_folders | dict2items | last }}",
    )
    assert folders == {"packages": directory, "wheelhouse": directory}
    assert files == ["SHA256SUMS", "apex.tar.gz", WHEEL]
    assert [line.split()[1] for line in sums] == ["apex.tar.gz", WHEEL]


@pytest.mark.parametrize("place", ["~/ascend", f"{MIRROR} or ~/ascend"])
def test_environments_take_what_lies_there(home, place):
    directory = str(home / "ascend")
    names = ("carried", "files", "sums", "source_archive", "source_sum", "conda_carried", "conda_refusals")
    found = say(
        home,
        "python_environment",
        *(f"__python_environment_{name}" for name in names),
        npu_fleet_packages=place,
        python_environment_wheelhouse=place,
        python_environment_conda_package_directory="~/ascend",
        __python_environment_build={
            "fetched": "apex.tar.gz",
            "archive": "",
            "git": "https://git.example/apex",
            "sha256": None,
        },
    )
    assert found == [
        directory,
        [WHEEL],
        [["1" * 64, WHEEL]],
        f"{directory}/apex.tar.gz",
        "0" * 64,
        directory,
        [],
    ]


def test_the_preflight_reads_what_lies_there(home):
    note = {"files": [{"file": "apple", "hosts": ["localhost"], "releases": ["ours"]}]}
    (home / "ascend/manifest.json").write_text(json.dumps(note), encoding="utf-8")
    wheels, noted = say(
        home,
        "npu_preflight",
        "__npu_preflight_wheels",
        "__npu_preflight_noted",
        npu_fleet_wheelhouse="~/ascend",
        __npu_preflight_bill={"release": "ours"},
    )
    assert WHEEL in wheels
    assert noted == ["apple"]


def test_an_environment_is_made_of_it(site, monkeypatch):
    monkeypatch.setenv("HOME", str(site.folder))
    assert site.run("apple==1", wheelhouse="~/wheels")[1:] == ["install apple==1"]
