# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a Python environment: what is found against what is wanted, as tables."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.ascend.fleet.plugins.filter import environment_plan

PATH = "/opt/ascend/torch_npu"
PLAN = environment_plan.FilterModule().filters()["environment_plan"]


def environment(manager="conda", python="3.9.18", exists=True, **packages):
    listed = [{"name": name.replace("_", "-"), "version": version} for name, version in packages.items()]
    return {"path": PATH, "exists": exists, "manager": manager, "python": python, "packages": listed}


def wish(*packages, manager="conda", python="3.9"):
    return {"path": PATH, "manager": manager, "python": python, "packages": list(packages)}


def test_a_missing_environment_is_created_and_filled():
    assert PLAN(environment(None, None, exists=False), wish("torch==2.1.0", "numpy<2")) == [
        {"kind": "create", "why": f"create the conda environment {PATH} with Python 3.9", "packages": []},
        {"kind": "install", "why": "install numpy<2, torch==2.1.0", "packages": ["numpy<2", "torch==2.1.0"]},
    ]


def test_an_environment_without_packages_is_only_created():
    plan = PLAN(environment(None, None, exists=False), wish(manager="venv", python="3.11"))
    assert [step["why"] for step in plan] == [f"create the venv environment {PATH} with Python 3.11"]


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (environment(manager="venv", torch="2.1.0"), "(now a venv environment)"),
        (environment(python=None, torch="2.1.0"), "(now without a working interpreter)"),
        (environment(python="3.8.19", torch="2.1.0"), "(now Python 3.8.19)"),
        (environment(python="3.90.1", torch="2.1.0"), "(now Python 3.90.1)"),
    ],
)
def test_what_cannot_be_mended_is_rebuilt_and_filled_again(found, why):
    rebuild, install = PLAN(found, wish("torch==2.1.0"))
    assert rebuild == {
        "kind": "rebuild",
        "why": f"rebuild the conda environment {PATH} with Python 3.9 {why}",
        "packages": [],
    }
    assert install["packages"] == ["torch==2.1.0"]


@pytest.mark.parametrize(
    ("installed", "requirement"),
    [
        ("2.1.0", "torch==2.1.0"),
        ("2.1.0+cpu", "torch==2.1.0"),
        ("2.1.0", "Torch"),
        ("2.1.0.post3", "torch>=2.1"),
        ("2.1.0rc1", "torch<2.2"),
        ("2.1.0", "torch==2.1.*"),
        ("2.1.0", "torch[opt]!=2.0.1,>=2.0"),
    ],
)
def test_a_satisfied_requirement_needs_no_step(installed, requirement):
    assert PLAN(environment(torch=installed), wish(requirement)) == []


@pytest.mark.parametrize(
    ("installed", "requirement"),
    [
        ("2.1.0", "torch==2.1.1"),
        ("2.1.0.post3", "torch==2.1.0"),
        ("2.1.0", "torch<2"),
        ("2.1.0rc1", "torch>=2.1"),
    ],
)
def test_a_requirement_that_is_not_satisfied_is_installed(installed, requirement):
    assert [step["packages"] for step in PLAN(environment(torch=installed), wish(requirement))] == [
        [requirement]
    ]


def test_names_are_compared_as_pip_does():
    assert PLAN(environment(torch_npu="2.1.0"), wish("Torch.NPU==2.1.0")) == []


def test_only_what_is_missing_is_installed_in_the_order_of_names():
    plan = PLAN(environment(torch="2.1.0"), wish("torch==2.1.0", "pyyaml", "Cython", "attrs"))
    assert [step["why"] for step in plan] == ["install attrs, Cython, pyyaml"]


def test_two_versions_of_one_package_are_installed_anew():
    found = environment(torch="2.1.0")
    found["packages"].append({"name": "torch", "version": "2.0.1"})
    assert [step["packages"] for step in PLAN(found, wish("torch==2.1.0"))] == [["torch==2.1.0"]]


@pytest.mark.parametrize(
    ("found", "wanted", "message"),
    [
        (
            environment(manager=None, python=None),
            wish(),
            f"{PATH}: found something that is no Python environment",
        ),
        (environment(), wish("torch=2.1"), "found 'torch=2.1', wanted a pip requirement"),
        (environment(), wish("torch; python_version<'3.9'"), "without a marker"),
        (
            environment(),
            wish("torch @ https://example.org/t.whl"),
            "a wheel's version instead of its address",
        ),
        (environment(), wish(manager="pipenv"), "found 'pipenv', wanted one of conda, venv"),
        (environment(torch="newest"), wish("torch==2.1.0"), "torch: found the installed version 'newest'"),
        (environment(), {"path": PATH, "python": "3.9"}, "lacks manager, packages"),
    ],
)
def test_what_cannot_be_compared_is_refused(found, wanted, message):
    with pytest.raises(AnsibleFilterError) as refusal:
        PLAN(found, wanted)
    assert message in str(refusal.value)


def test_an_ansible_without_packaging_is_told_so(monkeypatch):
    monkeypatch.setattr(environment_plan, "PACKAGING_ERROR", ImportError("packaging"))
    with pytest.raises(AnsibleFilterError, match="lacks its own requirement packaging"):
        PLAN(environment(), wish())


def test_wheels_of_cann_are_installed_when_they_are_not_the_very_ones():
    wheels = [
        {"name": "te", "path": "/cann/te-0.4.0-py3-none-any.whl", "version": "0.4.0", "current": True},
        {"name": "hccl", "path": "/cann/hccl-0.1.0-py3-none-any.whl", "version": "0.1.0", "current": False},
    ]
    wanted = {**wish(), "wheels": ["te", "hccl"]}
    assert PLAN({**environment(), "wheels": wheels}, wanted) == [
        {
            "kind": "wheels",
            "why": "install hccl from the tree of CANN",
            "packages": ["/cann/hccl-0.1.0-py3-none-any.whl"],
        }
    ]


def test_wheels_of_a_cann_that_is_not_there_yet_are_planned_in_the_same_words():
    step = PLAN(environment(), {**wish(), "wheels": ["te"]})[-1]
    assert (step["why"], step["packages"]) == ("install te from the tree of CANN", [])
    assert step["lacking"] == ["te"]


def test_what_must_not_be_there_is_removed_before_the_rest_is_installed():
    found = environment(mindspore_ascend="1.10.1")
    plan = PLAN(found, {**wish("mindspore==2.6.0"), "absent": ["mindspore_ascend", "te"]})
    assert [step["why"] for step in plan] == ["remove mindspore_ascend", "install mindspore==2.6.0"]
