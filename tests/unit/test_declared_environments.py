# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory declares is what the roles of the frameworks make, whatever their inputs."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from ansible_collections.ascend.fleet.plugins.filter.declared_environments import declared_environments
from ansible_collections.ascend.fleet.plugins.lookup.framework_inputs import LookupModule

ROOT = Path(__file__).resolve().parents[2]
DECLARED = (
    "{{ npu_fleet_bill | ascend.fleet.declared_environments(lookup('ascend.fleet.framework_inputs')) }}"
)
BILL = {
    "arch": "x86_64",
    "torch": "2.1.0",
    "torch_npu": "2.1.0.post3",
    "python_packages": ["numpy<2", "pyyaml"],
    "python": "3.10.14",
    "mindspore": "1.10.1",
    "mindspore_project": "mindspore_ascend",
    "mindspore_packages": ["numpy<2"],
    "cann_wheels": [],
}
FIRST = {"path": "/opt/miniforge3/envs/torch_npu", "framework": "torch_npu", "version": "2.1.0.post3"}
BESIDE = {"path": "/opt/b", "torch_version": "2.6.0+cpu", "version": "2.6.0"}
OWN = {"requirements": [], "python": "3.9.1", "manager": "venv", "conda_packages": ["gcc=9"]}


def trusted(value):
    """Return a value of a file with its texts as templates."""
    if isinstance(value, dict):
        return {name: trusted(one) for name, one in value.items()}
    return trust_as_template(value) if isinstance(value, str) else value


def read(path):
    return trusted(yaml.safe_load((ROOT / "roles" / path).read_text(encoding="utf-8")))


def given(**inputs):
    """Return what the inventory says, as the lookup gathers it."""
    (found,) = LookupModule(loader=None, templar=Templar(DataLoader(), variables=inputs)).run([], inputs)
    return found


def declared(**inputs):
    return declared_environments(BILL, given(**inputs))


def made(role, **inputs):
    """Return what a role asks of the role python_environment."""
    variables = {**read(f"{role}/defaults/main.yml"), **read(f"{role}/vars/main.yml")}
    facts = {"npu_fleet_bill": BILL, "ansible_facts": {"architecture": BILL["arch"]}}
    templar = Templar(DataLoader(), variables={**facts, **variables, **inputs})
    return templar.template(trust_as_template(f"{{{{ __{role}_wanted }}}}"))


def compared(one):
    """Return what both say of an environment; in which order pip is told does not matter."""
    python = ".".join(one["python"].split(".")[:2])
    return one["path"], one["manager"], python, sorted(one["packages"]), one["conda_packages"]


@pytest.mark.parametrize(
    "inputs",
    [
        {},
        {"torch_npu_conda": "/opt/conda", "torch_npu_manager": "venv"},
        {"torch_npu_environment": "/opt/own", "torch_npu_requirements": []},
        {"torch_npu_version": "2.1.0", "torch_npu_torch_version": "2.1.1", "torch_npu_python": "3.9"},
        {"torch_npu_companions": ["torchvision"], "torch_npu_apex": "apex==0.1"},
        {"torch_npu_cpu_index_url": "https://mirror.example.org/cpu"},
        {"torch_npu_environments": [BESIDE]},
        {"torch_npu_environments": [{**BESIDE, **OWN}], "torch_npu_conda_packages": ["cmake"]},
        {"torch_npu_environments": [BESIDE], "torch_npu_cpu_index_url": "https://mirror.example.org/cpu"},
        {"torch_npu_version": "", "torch_npu_environments": [BESIDE]},
    ],
    ids=lambda inputs: ",".join(inputs) or "none",
)
def test_of_torch_npu(inputs):
    found = [one for one in declared(**inputs) if one["framework"] == "torch_npu"]
    assert list(map(compared, found)) == list(map(compared, made("torch_npu", **inputs)))


@pytest.mark.parametrize(
    "inputs",
    [
        {},
        {"mindspore_conda": "/opt/conda", "mindspore_manager": "venv"},
        {"mindspore_environment": "/opt/own", "mindspore_requirements": ["scipy"]},
        {"mindspore_version": "2.10.0", "mindspore_project": "mindspore", "mindspore_python": "3.11"},
        {"mindspore_companions": ["mindformers==1.0"]},
        {"mindspore_conda_packages": ["mindspore::mindspore_ascend=1.10.1", "gcc=9"]},
        {"mindspore_version": ""},
    ],
    ids=lambda inputs: ",".join(inputs) or "none",
)
def test_of_mindspore(inputs):
    found = [one for one in declared(**inputs) if one["framework"] != "torch_npu"]
    assert list(map(compared, found)) == list(map(compared, made("mindspore", **inputs)))


def test_each_has_its_framework_and_where_that_shows():
    place = "/opt/miniforge3/envs/mindspore"
    first, second = declared()
    assert {name: first[name] for name in FIRST} == FIRST
    folder = "lib/python3.10/site-packages"
    assert first["proof"] == f"{FIRST['path']}/{folder}/torch_npu-2.1.0.post3.dist-info"
    assert second["proof"] == f"{place}/{folder}/mindspore_ascend-1.10.1.dist-info"


def test_a_kernel_of_jupyter_needs_what_it_starts_in_its_environment_alone():
    kernels = [{"name": "own"}, {"name": "gone", "environment": "/opt/b", "state": "absent"}]
    found = declared(torch_npu_environments=[BESIDE], torch_npu_jupyter_kernels=kernels)
    assert [one["path"] for one in found if "ipykernel" in one["packages"]] == [FIRST["path"]]


def test_a_release_without_frameworks_declares_none():
    nothing = dict.fromkeys(BILL) | {"python_packages": [], "mindspore_packages": []}
    assert declared_environments(nothing, given()) == []


def test_a_text_where_a_list_is_due_is_not_taken_letter_by_letter():
    with pytest.raises(TypeError, match="requirements: found the text 'numpy', wanted a list"):
        declared(torch_npu_requirements="numpy")
