# SPDX-License-Identifier: GPL-3.0-or-later
"""Wrong types in the inventory are known before any role runs."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleUndefinedVariable
from ansible_collections.ascend.fleet.plugins.lookup import argument_problems

ROLES = sorted(path.name for path in argument_problems.ROLES.iterdir() if path.is_dir())


class Echo:
    """A templar for values that hold no template."""

    def template(self, value):
        return value


def problems(role, **variables):
    lookup = argument_problems.LookupModule(loader=None, templar=Echo())
    return [problem["found"] for problem in lookup.run([role], variables)]


@pytest.mark.parametrize("role", ROLES)
def test_a_host_that_says_nothing_has_no_problem(role):
    assert problems(role) == []


@pytest.mark.parametrize(
    ("role", "variables", "word"),
    [
        ("npu_driver", {"npu_driver_reboot_timeout": "soon"}, "npu_driver_reboot_timeout"),
        ("npu_driver", {"npu_driver_reboot_allowed": "perhaps"}, "npu_driver_reboot_allowed"),
        ("npu_network", {"npu_network_plan": {"pattern": "star"}}, "shared_subnet"),
        ("npu_network", {"npu_network_plan": {"patern": "shared_subnet"}}, "patern"),
        ("npu_network", {"npu_network_devices": [{"address": "10.0.0.1"}]}, "id"),
        ("cann", {"cann_install_timeout": "1 h"}, "cann_install_timeout"),
        ("torch_npu", {"torch_npu_requirements": {"numpy": 1}}, "torch_npu_requirements"),
    ],
)
def test_a_wrong_value_is_named(role, variables, word):
    found = problems(role, **variables)
    assert len(found) == 1
    assert word in found[0]


@pytest.mark.parametrize(
    "variables",
    [
        {"npu_driver_reboot_allowed": None},
        {"npu_driver_reboot_allowed": "yes", "npu_driver_reboot_timeout": "300"},
        {"something_else": object()},
    ],
)
def test_what_the_role_would_take_is_no_problem(variables):
    assert problems("npu_driver", **variables) == []


class Templar:
    """A templar that knows no variable."""

    def template(self, text):
        raise AnsibleUndefinedVariable(f"nothing in {text} is defined")


def test_a_variable_that_cannot_be_evaluated_is_a_problem():
    lookup = argument_problems.LookupModule(loader=None, templar=Templar())
    found = lookup.run(["cann"], {"cann_version": "{{ nowhere }}"})
    assert [problem["found"] for problem in found] == [
        "cann_version cannot be evaluated: nothing in {{ nowhere }} is defined"
    ]
