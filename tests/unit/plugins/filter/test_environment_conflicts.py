# SPDX-License-Identifier: GPL-3.0-or-later
"""Environments that cannot be are found before anything is installed."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.ascend.fleet.plugins.filter import environment_conflicts

CONFLICTS = environment_conflicts.FilterModule().filters()["environment_conflicts"]
TORCH = {"path": "/opt/a", "packages": ["torch==2.12.0", "protobuf==3.20.0", "numpy"]}
MINDSPORE = {"path": "/opt/a/", "packages": ["mindspore==2.10.0", "protobuf>=7.34.1", "numpy>=1.25"]}


def test_two_frameworks_in_one_place_are_refused_with_what_divides_them():
    (problem,) = CONFLICTS([TORCH, MINDSPORE])
    assert problem["found"] == (
        "two environments in /opt/a, of which one wants protobuf==3.20.0 and another one protobuf>=7.34.1"
    )
    assert "mindspore_environment" in problem["fix"]


def test_two_frameworks_in_two_places_are_fine():
    assert CONFLICTS([TORCH, {**MINDSPORE, "path": "/opt/b"}]) == []


@pytest.mark.parametrize(
    ("packages", "count"),
    [
        (["numpy==1.24.0", "numpy<2"], 0),
        (["numpy==2.0.1", "NumPy<2"], 1),
        (["numpy<2", "numpy==2.0.1"], 1),
        (["torch==2.1.0", "torch==2.1.0"], 0),
        (["torch==2.1.0", "torch==2.4.0"], 1),
        (["protobuf==3.20.*", "protobuf>=3.13"], 0),
        (["torch_npu==2.1.0rc1", "torch-npu>=2.0"], 0),
        (["a>2", "b<1"], 0),
    ],
)
def test_requirements_that_rule_each_other_out_are_found(packages, count):
    assert len(CONFLICTS([{"path": "/opt/a", "packages": packages}])) == count


def test_what_is_no_requirement_is_quoted():
    with pytest.raises(AnsibleFilterError, match="'numpy=1'"):
        CONFLICTS([{"path": "/opt/a", "packages": ["numpy=1"]}])
