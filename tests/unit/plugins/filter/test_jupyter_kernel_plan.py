# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Jupyter kernels are written, and what is in them."""

from __future__ import annotations

import json

import pytest
from ansible_collections.ascend.fleet.plugins.filter import jupyter_kernel_plan

PLAN = jupyter_kernel_plan.FilterModule().filters()["jupyter_kernel_plan"]
VARIABLES = {"ASCEND_HOME_PATH": "/a", "PATH": "/opt/e/bin:/a/bin:/usr/bin"}
WISH = {
    "name": "torch",
    "user": "",
    "environment": "/opt/e",
    "display_name": "torch 2.1",
    "variables": {"OMP_NUM_THREADS": 8},
    "state": "present",
}


def there(spec=None, **more):
    return [{"name": "torch", "user": "", "path": "/k/torch/kernel.json", "spec": spec, **more}]


def test_a_kernel_starts_the_python_of_its_environment_with_the_variables_of_the_node():
    (step,) = PLAN(there(), [WISH], VARIABLES)
    assert (step["path"], step["why"]) == (
        "/k/torch/kernel.json",
        "write the Jupyter kernel torch of all users",
    )
    spec = json.loads(step["content"])
    assert spec["argv"] == ["/opt/e/bin/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    assert spec["env"] == {
        "ASCEND_HOME_PATH": "/a",
        "PATH": "/opt/e/bin:/a/bin:/usr/bin",
        "OMP_NUM_THREADS": "8",
    }
    assert PLAN(there(spec), [WISH], VARIABLES) == []


@pytest.mark.parametrize("spec", [{}, {"argv": ["python"]}])
def test_another_content_is_written_anew(spec):
    assert len(PLAN(there(spec), [WISH], VARIABLES)) == 1


def test_the_programs_of_another_environment_do_not_come_first():
    (step,) = PLAN(there(), [{**WISH, "environment": "/opt/f"}], VARIABLES)
    assert json.loads(step["content"])["env"]["PATH"].startswith("/opt/f/bin:/opt/e/bin:")
    (step,) = PLAN(there(), [WISH], {})
    assert "PATH" not in json.loads(step["content"])["env"]


def test_a_kernel_that_must_not_be_there_is_removed_once():
    gone = {**WISH, "state": "absent", "user": "alice"}
    (step,) = PLAN(there({"argv": []}), [gone], VARIABLES)
    assert (step["content"], step["why"]) == ("", "remove the Jupyter kernel torch of alice")
    assert PLAN(there(), [gone], VARIABLES) == []
