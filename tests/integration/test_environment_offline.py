# SPDX-License-Identifier: GPL-3.0-or-later
"""What fetch.yml brings is all that an environment takes: a kernel, and torch_npu and Apex from source."""

from __future__ import annotations

import ensurepip
import getpass
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from integration import test_fetch_playbook
from integration.test_environment_builds import APEX
from integration.test_fetch_playbook import ROOT, in_bundle
from integration.test_python_environment import PYTHON, VERSION, repository, wheel

fleet = test_fetch_playbook.fleet
MADE = "torch_npu-2.6.0+gitabc-py3-none-any.whl"
NEEDED = {
    "torch": "2.6.0",
    "numpy": "1.26.4",
    "pyyaml": "6",
    "attrs": "23",
    "ipykernel": "6",
    "wheel": "0.40",
}
NVIDIA = "a-branch"
KERNEL = f"fleet-offline-{os.getpid()}"


@pytest.fixture
def sources(fleet):
    """Offer a repository of torch_npu and an archive of Apex, and an index with all else."""
    folder, index = fleet.folder, fleet.folder / "index"
    for file in index.glob("*.whl"):
        file.unlink()
    for name, version in (*NEEDED.items(), ("setuptools", "60"), ("setuptools", "41.2.0")):
        wheel(index, name, version)
    for file in (Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl"):
        shutil.copy(file, index)
    torch_npu, apex = folder / "pytorch", folder / "apex-master"
    (torch_npu / "ci").mkdir(parents=True)
    (apex / "scripts").mkdir(parents=True)
    wheel(torch_npu, "torch_npu", "2.6.0+gitabc", "torch==2.6.0")
    wheel(apex, "apex", "0.1+ascend")
    script = f"set -e\ngit log -1 > /dev/null\nmkdir dist\nmv {MADE} dist\n"
    (torch_npu / "ci/build.sh").write_text(script, encoding="utf-8")
    (apex / "scripts/build.sh").write_text(
        f"set -e\npython -m pip list --format=freeze | grep -q setuptools==41.2.0\n"
        f"git clone https://github.com/NVIDIA/apex.git\ngit -C apex checkout --quiet {NVIDIA}\n"
        f"mkdir -p apex/dist\nmv {APEX} apex/dist\n",
        encoding="utf-8",
    )
    repository(torch_npu, "v2.6.0-7.0.0")
    nvidia = folder / "nvidia"
    nvidia.mkdir()
    (nvidia / "setup.py").write_text("Apex of NVIDIA\n", encoding="utf-8")
    repository(nvidia, NVIDIA)
    archive = Path(shutil.make_archive(str(apex), "gztar", folder, apex.name)).read_bytes()
    fleet.site.offer("apex.tar.gz", archive)
    programs = {"bash": ">=3"}
    return [
        {"name": "torch_npu", "git": f"file://{torch_npu}", "ref": "v2.6.0-7.0.0", "programs": programs},
        {
            "name": "apex",
            "archive": f"{fleet.base}apex.tar.gz",
            "sha256": hashlib.sha256(archive).hexdigest(),
            "mirrors": {"https://github.com/NVIDIA/apex.git": f"file://{nvidia}"},
            "programs": programs,
        },
    ]


@pytest.fixture
def settings(fleet, sources):
    """Return what the inventory says of the environment."""
    for row in fleet.release["torch"]:
        row["python"] = sorted({*row["python"], VERSION})
    fleet.requirements = {"numpy": "<2", "pyyaml": "", "attrs": ""}
    (fleet.folder / "ascend.conf").write_text("A=b\n", encoding="utf-8")
    return {
        "npu_fleet_python": VERSION,
        "npu_fleet_wheelhouse": f"{fleet.folder}/srv/wheelhouse",
        "package_fetch_parts": [],
        "package_fetch_conda_installer": "",
        "torch_npu_manager": "venv",
        "torch_npu_owner": getpass.getuser(),
        "torch_npu_interpreter": PYTHON,
        "torch_npu_environment": f"{fleet.folder}/opt/env",
        "torch_npu_apex": "apex==0.1+ascend",
        "torch_npu_sources": sources,
        "torch_npu_build_allowed": True,
        "torch_npu_jupyter_kernels": [{"name": KERNEL, "users": [getpass.getuser()]}],
        "torch_npu_jupyter_variables_file": f"{fleet.folder}/ascend.conf",
    }


def make(folder):
    """Bring the environment to what the inventory says, without a network; return the steps."""
    bill = (
        "lookup('ascend.fleet.release', npu_fleet_release, product='atlas_800t_a2', python=npu_fleet_python,"
    )
    variables = {
        "ansible_connection": "local",
        "ansible_become": False,
        "ansible_python_interpreter": PYTHON,
        "npu_fleet_bill": f"{{{{ {bill} catalog=npu_fleet_catalog) }}}}",
    }
    show = {"content": "{{ torch_npu_outcome.actions | to_json }}", "dest": f"{folder}/actions"}
    tasks = [
        {"ansible.builtin.import_role": {"name": "ascend.fleet.torch_npu"}},
        {"ansible.builtin.copy": show},
    ]
    play = [{"hosts": "a1", "gather_subset": ["min"], "vars": variables, "tasks": tasks}]
    (folder / "make.yml").write_text(json.dumps(play), encoding="utf-8")
    (folder / "site").mkdir(exist_ok=True)
    if not (folder / "site/collections").exists():
        (folder / "site/collections").symlink_to(ROOT / ".ansible/collections")
    program = Path(sys.executable).with_name("ansible-playbook")
    in_bundle(folder, [program, "-i", folder / "hosts.yml", folder / "make.yml"])
    return json.loads((folder / "actions").read_text(encoding="utf-8"))


def test_what_was_fetched_makes_the_environment_without_a_network(fleet, settings):
    foreseen = fleet.play("--check", **settings)
    assert foreseen.returncode == 0, foreseen.stdout + foreseen.stderr
    assert "torch_npu-v2.6.0-7.0.0.tar.gz" in foreseen.stdout
    assert fleet.names() == []
    done = fleet.play(**settings)
    assert done.returncode == 0, done.stdout + done.stderr
    packages = ["apex.tar.gz", "clone-github.com-NVIDIA-apex.tar.gz", "torch_npu-v2.6.0-7.0.0.tar.gz"]
    assert fleet.names() == sorted(["SHA256SUMS", "manifest.json", *packages])
    there = {name.split("-")[0] for name in fleet.names("wheelhouse") if name.endswith(".whl")}
    assert there == {*NEEDED, "pip", "setuptools"}
    again = fleet.play(**settings)
    assert test_fetch_playbook.changed(again) == 0, again.stdout
    shutil.rmtree(fleet.folder / "pytorch")
    shutil.rmtree(fleet.folder / "nvidia")
    shutil.rmtree(fleet.folder / "index")
    kernel = Path.home() / ".local/share/jupyter/kernels" / KERNEL
    try:
        assert len(make(fleet.folder)) == 5
        assert (kernel / "kernel.json").is_file()
    finally:
        shutil.rmtree(kernel, ignore_errors=True)
    pip = [f"{fleet.folder}/opt/env/bin/python", "-m", "pip", "list", "--format=freeze"]
    listed = subprocess.run(pip, check=True, capture_output=True, text=True).stdout.split()
    assert {"torch_npu==2.6.0+gitabc", "apex==0.1+ascend", "ipykernel==6"} <= {*listed}


def test_what_is_on_no_index_is_named_with_the_hosts_and_what_to_do(fleet, settings):
    said = fleet.play(**{**settings, "torch_npu_sources": settings["torch_npu_sources"][:1]}).stdout
    said = " ".join(said.split())
    assert f"a1, a2: Python {VERSION} on aarch64: pip says: ERROR: " in said
    assert "No matching distribution found for apex==0.1+ascend" in said
    assert f"has to be put into {fleet.folder}/srv/wheelhouse, or named among torch_npu_sources" in said
    assert fleet.names("wheelhouse") == []
