# SPDX-License-Identifier: GPL-3.0-or-later
"""Compilers for a build on a real Debian 11, out of its packages: asked for, foreseen, installed, used."""

from __future__ import annotations

import ensurepip
import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from integration.test_python_environment import ENVIRONMENT, wheel

NODE = "fleet-compilers"
IMAGE = "ascend-fleet/node:bullseye"  # it has gcc 10 and no cmake
BUILD = """set -e
gcc --version | head -n 1 | grep -q ' 9[.]'
cc --version | head -n 1 | grep -q ' 9[.]'
cmake --version > /dev/null
mkdir dist
mv grape-1-py3-none-any.whl dist
"""
STEP = "install gcc-9, cmake with apt for gcc==9.*, cmake>=3.18"


def on_node(*command):
    ran = subprocess.run(["docker", "exec", NODE, *command], capture_output=True, text=True, check=False)
    return ran.stdout.strip()


@pytest.fixture
def node():
    start = ["docker", "run", "--detach", "--rm", "--name", NODE, "--entrypoint", "sleep", IMAGE, "600"]
    subprocess.run(start, check=True, stdout=subprocess.DEVNULL)
    yield
    subprocess.run(["docker", "rm", "--force", NODE], check=True, stdout=subprocess.DEVNULL)


@pytest.fixture
def inputs(tmp_path):
    """Return the inputs of the role: a wheelhouse with pip alone, and a source that wants gcc 9."""
    (tmp_path / "wheels").mkdir()
    for file in (Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl"):
        shutil.copy(file, tmp_path / "wheels")
    (tmp_path / "grape-main").mkdir()
    wheel(tmp_path / "grape-main", "grape", "1")
    (tmp_path / "grape-main/build.sh").write_text(BUILD, encoding="utf-8")
    archive = Path(shutil.make_archive(str(tmp_path / "grape"), "gztar", tmp_path, "grape-main"))
    source = {
        "name": "grape",
        "archive": str(archive),
        "sha256": hashlib.sha256(archive.read_bytes()).hexdigest(),
        "command": ["bash", "build.sh"],
        "wheel": "dist/*.whl",
        "requirements": [],
        "programs": {"gcc": "==9.*", "cmake": ">=3.18"},
    }
    wanted = {"path": "/opt/env", "manager": "venv", "python": "3.9", "packages": ["grape==1"]}
    given = {
        "wanted": [wanted],
        "wheelhouse": f"{tmp_path}/wheels",
        "sources": [source],
        "build_allowed": True,
    }
    return {f"python_environment_{name}": value for name, value in given.items()}


@pytest.fixture
def play(tmp_path, inputs):
    """Give the function that runs the role on the node and returns what was said and what was done."""

    def run(*arguments, **more):
        given = {**inputs, **{f"python_environment_{name}": value for name, value in more.items()}}
        role = {"ansible.builtin.include_role": {"name": "ascend.fleet.python_environment"}, "vars": given}
        note = {"that": "true", "success_msg": "DONE={{ python_environment_outcome.actions | to_json }}"}
        hosts = tmp_path / "hosts"
        hosts.write_text(f"{NODE} ansible_connection=community.docker.docker\n", encoding="utf-8")
        tasks = [role, {"ansible.builtin.assert": note}]
        book = [
            {"hosts": "all", "gather_subset": ["min"], "vars": {"npu_fleet_packages": ""}, "tasks": tasks}
        ]
        (tmp_path / "play.yml").write_text(json.dumps(book), encoding="utf-8")
        done = subprocess.run(
            ["ansible-playbook", "-i", hosts, *arguments, tmp_path / "play.yml"],
            env={**os.environ, **ENVIRONMENT},
            capture_output=True,
            text=True,
            check=False,
        )
        return " ".join((done.stdout + done.stderr).split())

    return run


@pytest.mark.usefixtures("node")
def test_compilers_come_from_debian_with_consent_and_stand_beside_the_others(play, tmp_path):
    refused = play()
    for words in ("gcc 10.2.1 on the host", "`torch_npu_compilers_allowed:", "gcc-9 of Debian 11 installed"):
        assert words in refused
    assert STEP in play("--check", compilers_allowed=True)
    assert on_node("sh", "-c", "command -v gcc-9 cmake; ls /opt") == ""
    done = play(compilers_allowed=True)
    assert "unreachable=0 failed=0" in done, done[-3500:]
    assert STEP in done
    assert (tmp_path / "wheels/grape-1-py3-none-any.whl").is_file()
    assert on_node("/opt/env/bin/pip", "list", "--format=freeze").splitlines()[0] == "grape==1"
    assert on_node("gcc", "-dumpversion") == "10"
    assert "DONE=[]" in play()
