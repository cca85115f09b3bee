# SPDX-License-Identifier: GPL-3.0-or-later
"""Environments that cannot be are found before anything is installed."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.ascend.fleet.plugins.filter import environment_conflicts
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog
from ansible_collections.ascend.fleet.plugins.plugin_utils._frameworks import requirements
from ansible_collections.ascend.fleet.plugins.plugin_utils._python_rules import advice

CONFLICTS = environment_conflicts.FilterModule().filters()["environment_conflicts"]
TORCH = {"path": "/opt/a", "packages": ["torch==2.12.0", "protobuf==3.20.0", "numpy"]}
NPU = ["torch==2.1.0", "torch_npu==2.1.0.post8", "numpy<2", "protobuf==3.20.*", "pyyaml", "attrs"]
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
        (["torch==2.4.0", "torch==2.4.0"], 0),
        (["torch==2.4.0", "torch==2.5.0"], 1),
        (["protobuf==3.20.*", "protobuf>=3.13"], 0),
        (["a_b==2.1.0rc1", "a-b>=2.0"], 0),
        (["a>2", "b<1"], 0),
    ],
)
def test_requirements_that_rule_each_other_out_are_found(packages, count):
    assert len(CONFLICTS([{"path": "/opt/a", "packages": packages}])) == count


def test_what_is_no_requirement_is_quoted():
    with pytest.raises(AnsibleFilterError, match="'numpy=1'"):
        CONFLICTS([{"path": "/opt/a", "packages": ["numpy=1"]}])


@pytest.mark.parametrize(
    ("instead", "found", "text"),
    [
        ({"numpy<2": "numpy"}, "numpy among", "_ARRAY_API not found"),
        ({"numpy<2": "numpy>=1.25"}, "numpy>=1.25 among", "_ARRAY_API not found"),
        ({"protobuf==3.20.*": "protobuf>=3.20"}, "protobuf>=3.20 among", "Descriptors cannot"),
        ({"protobuf==3.20.*": "six"}, "no protobuf among", "Descriptors cannot"),
        ({"pyyaml": "six"}, "no pyyaml among", "No module named 'yaml'"),
        ({"attrs": "six"}, "no attrs among", "No module named 'attr'"),
    ],
)
def test_failures_of_the_guides_are_found_before_anybody_meets_them(instead, found, text):
    packages = [instead.get(package, package) for package in NPU]
    (problem,) = CONFLICTS([{"path": "/opt/a", "packages": packages}])
    assert problem["found"].startswith(found)
    assert "/opt/a" in problem["found"]
    assert text in problem["wanted"]


@pytest.mark.parametrize(
    ("pin", "count"), [("setuptools==70.0.0", 1), ("setuptools==69.5.1", 0), ("setuptools", 0)]
)
def test_a_setuptools_without_what_torch_2_1_builds_with_is_refused_where_it_is_pinned(pin, count):
    problems = CONFLICTS([{"path": "/opt/a", "packages": [*NPU, pin]}])
    assert len(problems) == count
    assert all("cannot import name 'packaging'" in problem["wanted"] for problem in problems)
    assert CONFLICTS([{"path": "/opt/a", "packages": ["torch==2.2.0", "numpy<2", pin]}]) == []


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("TypeError: Descriptors cannot not be created directly.", "Require protobuf<=3.20.3 "),
        ("ModuleNotFoundError: No module named 'google'", "Require protobuf<=3.20.3 "),
        ("ModuleNotFoundError: No module named 'pkg_resources'", "Require setuptools<70 "),
        ("AttributeError: _ARRAY_API not found", "Require numpy<2 "),
    ],
)
def test_what_python_says_when_it_is_too_late_leads_to_the_requirement(said, remedy):
    assert str(advice(said, Catalog().python_rules)).startswith(remedy)


def test_what_the_guides_say_works():
    assert CONFLICTS([{"path": "/opt/a", "packages": NPU}]) == []
    newer = ["torch==2.9.0", "torch_npu==2.9.0.post2", "numpy", "protobuf==3.20.0", "pyyaml", "attrs"]
    assert CONFLICTS([{"path": "/opt/a", "packages": newer}]) == []


@pytest.mark.parametrize("framework", ["mindspore>=2.10.0", "mindspore==2.10.*"])
def test_a_framework_whose_version_is_open_is_left_to_pip(framework):
    assert CONFLICTS([{"path": "/opt/m", "packages": [framework, "protobuf==3.20.0"]}]) == []


@pytest.mark.parametrize("pin", ["protobuf==3.20.0", "protobuf==3.20.*"])
def test_mindspore_2_10_refuses_the_protobuf_of_torch_npu(pin):
    (problem,) = CONFLICTS([{"path": "/opt/m", "packages": ["mindspore==2.10.0", pin]}])
    assert (problem["found"], problem["wanted"][:17]) == (
        f"{pin} among the requirements of /opt/m, which has mindspore",
        "protobuf>=7.34.1,",
    )
    lower_bound = ["mindspore==2.10.0", "protobuf>=3.13"]
    for packages in (lower_bound, lower_bound[:1], MINDSPORE["packages"], ["mindspore==2.9.0", pin]):
        assert CONFLICTS([{"path": "/opt/m", "packages": packages}]) == []


@pytest.mark.parametrize("name", Catalog().release_names())
def test_no_release_breaks_a_rule(name):
    release = Catalog().release(name)
    for python in {python for row in release["torch"] for python in row["python"]}:
        for row in release["torch"]:
            pins = [f"torch=={row['torch']}", f"torch_npu=={row['torch_npu']}"]
            packages = [*requirements(release, python), *pins]
            assert CONFLICTS([{"path": "/opt/a", "packages": packages}]) == []
    for row in release.get("mindspore", []):
        packages = [*requirements(release, row["python"][0], row.get("requirements"))]
        assert (
            CONFLICTS([{"path": "/opt/a", "packages": [*packages, f"mindspore=={row['mindspore']}"]}]) == []
        )
