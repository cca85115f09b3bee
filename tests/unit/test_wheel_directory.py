# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the frameworks look for the wheels of CANN when the inventory does not say it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

ROLES = Path(__file__).resolve().parents[2] / "roles"


@pytest.mark.parametrize("role", ["mindspore", "torch_npu"])
@pytest.mark.parametrize(
    ("inventory", "directory"),
    [
        ({}, "/usr/local/Ascend/ascend-toolkit/latest/lib64"),
        ({"cann_parts": ["nnae"]}, "/usr/local/Ascend/nnae/latest/lib64"),
        ({"cann_parts": ["nnae", "kernels"]}, "/usr/local/Ascend/nnae/latest/lib64"),
        ({"cann_parts": ["toolkit", "nnae"]}, "/usr/local/Ascend/ascend-toolkit/latest/lib64"),
        ({"cann_parts": ["nnae"], "cann_install_path": "/opt/a"}, "/opt/a/nnae/latest/lib64"),
    ],
)
def test_it_is_in_the_tree_that_the_parts_have(role, inventory, directory):
    defaults = yaml.safe_load((ROLES / role / "defaults/main.yml").read_text(encoding="utf-8"))
    text = trust_as_template(defaults[f"{role}_cann_wheel_directory"])
    assert Templar(DataLoader(), variables=inventory).template(text) == directory
