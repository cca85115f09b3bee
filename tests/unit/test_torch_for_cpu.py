# SPDX-License-Identifier: GPL-3.0-or-later
"""Which torch the role torch_npu asks for, and where: on PyPI the one for x86_64 is for CUDA."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

ROLE = Path(__file__).resolve().parents[2] / "roles/torch_npu"
CPU = "https://download.pytorch.org/whl/cpu"


def read(name):
    return yaml.safe_load((ROLE / name).read_text(encoding="utf-8"))


def asked(**inputs):
    """Return the requirements of the two environments, and the further indexes."""
    texts = {**read("defaults/main.yml"), **read("vars/main.yml")}
    variables = {
        name: trust_as_template(text) if isinstance(text, str) else text for name, text in texts.items()
    }
    beside = {"path": "/opt/b", "torch_version": "2.6.0+cpu", "version": "2.6.0"}
    variables |= {
        "npu_fleet_bill": {"torch": "2.1.0", "torch_npu": "2.1.0", "python": "3.9", "python_packages": []},
        "torch_npu_environments": [beside],
        "torch_npu_extra_index_urls": ["https://more.example"],
        **inputs,
    }
    given = read("tasks/main.yml")[0]["vars"]
    texts = ["{{ __torch_npu_wanted }}", given["python_environment_extra_index_urls"]]
    wanted, indexes = (
        Templar(DataLoader(), variables=variables).template(trust_as_template(one)) for one in texts
    )
    return [one["packages"][0] for one in wanted], indexes[1:]


@pytest.mark.parametrize(
    ("arch", "index", "first", "more"),
    [
        ("x86_64", CPU, "torch==2.1.0+cpu", [CPU]),
        ("aarch64", CPU, "torch==2.1.0", []),
        ("x86_64", "", "torch==2.1.0", []),
    ],
)
def test_nodes_of_x86_64_get_the_build_for_the_cpu_where_an_index_of_them_is_named(arch, index, first, more):
    packages, indexes = asked(ansible_facts={"architecture": arch}, torch_npu_cpu_index_url=index)
    assert packages == [first, "torch==2.6.0+cpu"]
    assert indexes == more
