# SPDX-License-Identifier: GPL-3.0-or-later
"""What conda is to install into an environment: its specs against what it has recorded, as tables."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.ascend.fleet.plugins.filter import environment_plan
from ansible_collections.ascend.fleet.plugins.plugin_utils._conda_spec import compare_conda_versions

PATH = "/opt/ascend/mindspore"
PLAN = environment_plan.FilterModule().filters()["environment_plan"]


def environment(*conda_packages, exists=True):
    found = {"path": PATH, "exists": exists, "manager": "conda" if exists else None, "packages": []}
    records = [dict(zip(("name", "version", "build"), one, strict=True)) for one in conda_packages]
    return {**found, "python": "3.7.5" if exists else None, "conda_packages": records}


def wish(*conda_packages, packages=(), manager="conda"):
    wanted = {"path": PATH, "manager": manager, "python": "3.7", "packages": list(packages)}
    return {**wanted, "conda_packages": list(conda_packages)}


def test_a_new_environment_gets_conda_s_packages_before_pip_s():
    plan = PLAN(environment(exists=False), wish("mindspore-ascend=1.10.1", "cmake", packages=["sympy"]))
    assert plan == [
        {"kind": "create", "why": f"create the conda environment {PATH} with Python 3.7", "packages": []},
        {
            "kind": "conda",
            "why": "install cmake, mindspore-ascend=1.10.1 with conda",
            "packages": ["cmake", "mindspore-ascend=1.10.1"],
        },
        {"kind": "install", "why": "install sympy", "packages": ["sympy"]},
    ]


def test_a_rebuilt_environment_gets_them_again():
    found = {**environment(("cmake", "3.28.1", "h1")), "python": None}
    assert [step["kind"] for step in PLAN(found, wish("cmake"))] == ["rebuild", "conda"]


def test_only_what_is_missing_is_a_step():
    found = environment(("cmake", "3.28.1", "h1"), ("python", "3.7.5", "h1"))
    assert PLAN(found, wish("cmake")) == []
    assert [step["packages"] for step in PLAN(found, wish("cmake", "gcc=7.3"))] == [["gcc=7.3"]]
    assert PLAN(environment(), {key: wish()[key] for key in ("path", "manager", "python", "packages")}) == []


@pytest.mark.parametrize(
    ("version", "spec", "fits"),
    [
        ("1.10.1", "it", True),
        ("1.10.1", "IT=1.10", True),
        ("1.10.1", "it=1.1", False),
        ("1.10.1", "it==1.10", False),
        ("1.10.0", "it==1.10", True),
        ("1.10.1", "it=1.10.*", True),
        ("1.10.1", "it==1.10*", True),
        ("1.10.1", "it!=1.10.*", False),
        ("1.11", "it!=1.10.*", True),
        ("1.1.1w", "it=1.1.1", True),
        ("1.10.1", "it>=1.9,<1.11", True),
        ("1.10.1", "it>1.10.1", False),
        ("1.10.1", "it<=1.9", False),
        ("1.10.1", "it!=1.10.1", False),
        ("1.10.1", "mindspore::it=1.10.1", True),
        ("1.10.1", "https://mirror/mindspore::it=1.10.1", True),
        ("1.10.1", "it=1.10.1=py37_0", True),
        ("1.10.1", "it=1.10.1=py37*", True),
        ("1.10.1", "it=1.10.1=py39*", False),
        ("1.10.1", "it=1.10=py37_0", False),
        ("1.10.1", "other", False),
    ],
)
def test_specs_mean_what_they_mean_to_conda(version, spec, fits):
    assert (PLAN(environment(("it", version, "py37_0")), wish(spec)) == []) is fits


def test_two_records_of_one_package_are_a_broken_installation():
    assert PLAN(environment(("it", "1", "0"), ("it", "2", "0")), wish("it"))[0]["kind"] == "conda"


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (
            wish("it 1.10"),
            f"{PATH}: conda_packages: found 'it 1.10' with the condition ' 1.10', wanted one of",
        ),
        (wish("=1.10"), "found '=1.10', wanted a conda spec such as"),
        (wish("it>=1.*"), "condition '>=1.*'"),
        (wish("it=1|2"), "condition '=1|2'"),
        (wish("it", manager="venv"), "conda_packages (it) for a venv, wanted the manager conda"),
    ],
)
def test_what_conda_cannot_be_told_is_refused(wanted, message):
    with pytest.raises(AnsibleFilterError) as error:
        PLAN({**environment(), "manager": wanted["manager"]}, wanted)
    assert message in str(error.value)


def test_versions_stand_in_conda_s_order():
    ordered = [
        "0.9",
        "1.0dev1",
        "1.0a1",
        "1.0rc2",
        "1.0",
        "1.0.post1",
        "1.0.1",
        "1.0.10",
        "1.1.1a",
        "1.1.1",
        "1.2",
    ]
    for place, version in enumerate(ordered):
        for other, right in enumerate(ordered):
            expected = (place > other) - (place < other)
            assert compare_conda_versions(version, right) == expected, (version, right)
    assert compare_conda_versions("1.0", "1.0.0") == compare_conda_versions("1_0", "1.0") == 0
