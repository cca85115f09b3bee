# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory says of environments is gathered before the roles that know the defaults are there."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from ansible_collections.ascend.fleet.plugins.lookup.framework_inputs import LookupModule
from ansible_collections.ascend.fleet.plugins.plugin_utils._declared import INPUTS, ROLES

ROOT = Path(__file__).resolve().parents[4]


def given(**inputs):
    (found,) = LookupModule(loader=None, templar=Templar(DataLoader(), variables=inputs)).run([], inputs)
    return found


def test_inputs_are_evaluated_and_all_else_is_left_alone():
    inputs = {
        "place": "/opt/own",
        "torch_npu_environment": trust_as_template("{{ place }}/torch"),
        "torch_npu_index_password": trust_as_template("{{ 1 // 0 }}"),
        "mindspore_companions": ["mindformers"],
    }
    found = {"torch": {"environment": "/opt/own/torch"}, "mindspore": {"companions": ["mindformers"]}}
    assert given(**inputs) == found


def test_what_is_made_of_a_missing_variable_counts_as_not_given():
    inputs = {"torch_npu_environment": trust_as_template("{{ nowhere }}/torch"), "torch_npu_version": "2.1.0"}
    assert given(**inputs) == {"torch": {"version": "2.1.0"}, "mindspore": {}}


def test_what_fails_for_another_reason_is_not_kept_quiet():
    with pytest.raises(AnsibleError, match="division by zero|modulo by zero"):
        given(torch_npu_version=trust_as_template("{{ 1 // 0 }}"))


@pytest.mark.parametrize("framework", INPUTS)
def test_all_are_inputs_of_the_role(framework):
    specs = yaml.safe_load((ROOT / "roles" / ROLES[framework] / "meta/argument_specs.yml").read_text("utf-8"))
    options = specs["argument_specs"]["main"]["options"]
    assert [name for name in INPUTS[framework] if f"{ROLES[framework]}_{name}" not in options] == []
