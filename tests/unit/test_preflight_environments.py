# SPDX-License-Identifier: GPL-3.0-or-later
"""Which environments the preflight judges before any node is touched: those of all frameworks."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from ansible_collections.ascend.fleet.plugins.filter.environment_conflicts import environment_conflicts

ROLE = Path(__file__).resolve().parents[2] / "roles/npu_preflight"
PINS = ["numpy<2", "protobuf==3.20.0", "pyyaml", "attrs"]
BILL = {
    "torch": "2.1.0",
    "torch_npu": "2.1.0.post3",
    "python_packages": PINS,
    "python": "3.10",
    "mindspore": "2.10.0",
    "mindspore_project": "mindspore",
    "mindspore_packages": ["numpy>=1.25", "protobuf>=7.34.1"],
}


def made(**inputs):
    """Return the environments that the preflight makes of ``inputs``."""
    texts = yaml.safe_load((ROLE / "vars/main.yml").read_text(encoding="utf-8"))
    variables = {name: trust_as_template(text) for name, text in texts.items() if isinstance(text, str)}
    variables |= {"__npu_preflight_bill": BILL, "npu_preflight_mindspore": "", **inputs}
    templar = Templar(DataLoader(), variables=variables)
    return templar.template(trust_as_template("{{ __npu_preflight_environments }}"))


def judged(**inputs):
    """Return what is wrong with the environments that the preflight makes of ``inputs``."""
    return [problem["found"] for problem in environment_conflicts(made(**inputs))]


@pytest.mark.parametrize(
    ("arch", "index", "build"),
    [("x86_64", "https://a/cpu", "+cpu"), ("aarch64", "https://a/cpu", ""), ("x86_64", "", "")],
)
def test_the_build_for_the_cpu_is_looked_for_where_the_role_asks_for_it(arch, index, build):
    beside = [{"path": "/opt/b", "torch_version": "2.1.0+cpu", "version": "2.1.0", "requirements": PINS}]
    facts = {"architecture": arch}
    first, second = made(torch_npu_cpu_index_url=index, torch_npu_environments=beside, ansible_facts=facts)
    assert first["packages"] == [*PINS, f"torch==2.1.0{build}", "torch_npu==2.1.0.post3"]
    assert second["packages"] == [*PINS, "torch==2.1.0+cpu", "torch_npu==2.1.0"]


def test_a_release_as_it_is_has_nothing_wrong():
    assert judged(npu_preflight_mindspore="2.10.0") == []


@pytest.mark.parametrize(
    ("inputs", "found"),
    [
        (
            {"mindspore_environment": "/opt/miniforge3/envs/torch_npu"},
            "two environments in /opt/miniforge3/envs/torch_npu, of which one wants protobuf==3.20.0 and "
            "another one protobuf>=7.34.1",
        ),
        (
            {"mindspore_requirements": ["protobuf==3.20.0"]},
            "protobuf==3.20.0 among the requirements of /opt/miniforge3/envs/mindspore, which has mindspore",
        ),
        (
            {"torch_npu_requirements": ["protobuf==3.20.0", "pyyaml", "attrs", "numpy"]},
            "numpy among the requirements of /opt/miniforge3/envs/torch_npu, which has torch",
        ),
        (
            {
                "torch_npu_environments": [
                    {"path": "/opt/b", "torch_version": "2.2.0", "version": "2.2.0", "requirements": PINS[1:]}
                ]
            },
            "no numpy among the requirements of /opt/b, which has torch",
        ),
    ],
)
def test_what_cannot_be_is_refused_before_any_node_is_touched(inputs, found):
    assert found in judged(npu_preflight_mindspore="2.10.0", **inputs)
