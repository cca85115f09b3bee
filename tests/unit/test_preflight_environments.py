# SPDX-License-Identifier: GPL-3.0-or-later
"""The environments of all frameworks are judged together, before any node is touched."""

from __future__ import annotations

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.ascend.fleet.plugins.filter.declared_environments import declared_environments
from ansible_collections.ascend.fleet.plugins.filter.environment_conflicts import environment_conflicts
from ansible_collections.ascend.fleet.plugins.lookup.framework_inputs import LookupModule

PINS = ["numpy<2", "protobuf==3.20.0", "pyyaml", "attrs"]
BILL = {
    "arch": "aarch64",
    "torch": "2.1.0",
    "torch_npu": "2.1.0.post3",
    "python_packages": PINS,
    "python": "3.10",
    "mindspore": "2.10.0",
    "mindspore_project": "mindspore",
    "mindspore_packages": ["numpy>=1.25", "protobuf>=7.34.1"],
}


def judged(**inputs):
    """Return what is wrong with the environments that an inventory with ``inputs`` declares."""
    (given,) = LookupModule(loader=None, templar=Templar(DataLoader(), variables=inputs)).run([], inputs)
    return [problem["found"] for problem in environment_conflicts(declared_environments(BILL, given))]


def test_a_release_as_it_is_has_nothing_wrong():
    assert judged() == []


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
    assert found in judged(**inputs)
