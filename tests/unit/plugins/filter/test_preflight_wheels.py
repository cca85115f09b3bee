# SPDX-License-Identifier: GPL-3.0-or-later
"""What a wheelhouse lacks for an environment that is to be made from it."""

from __future__ import annotations

import pytest
from ansible_collections.ascend.fleet.plugins.filter import preflight_problems

PROBLEMS = preflight_problems.FilterModule().filters()["preflight_problems"]
PLACE = "/srv/fleet/wheelhouse"
FILES = (
    "SHA256SUMS",
    "manifest.json",
    "torch-2.1.0-cp39-cp39-manylinux_2_17_aarch64.manylinux2014_aarch64.whl",
    "torch_npu-2.1.0.post10-cp39-cp39-manylinux2014_aarch64.whl",
    "absl_py-2.1.0-py3-none-any.whl",
    "numpy-1.24.0-cp39-cp39-manylinux_2_17_aarch64.whl",
    "psutil-6.0.0-cp36-abi3-manylinux2014_aarch64.whl",
    "decorator-5.1.1-1-py2.py3-none-any.whl",
    "pathlib2-2.3.7.tar.gz",
)


def problems(*wheels, files=FILES, noted=(), python="3.9", built=()):
    environment = {
        "path": "/opt/envs/torch_npu",
        "python": python,
        "arch": "aarch64",
        "packages": list(wheels),
        "wheelhouse": PLACE,
        "files": list(files),
        "noted": list(noted),
        "built": list(built),
    }
    return PROBLEMS({"host": "a1", "environments": [environment]})


@pytest.mark.parametrize(
    "requirement",
    [
        "torch==2.1.0",
        "torch_npu==2.1.0.post10",
        "torch-npu>=2.1",
        "absl-py",
        "numpy<2",
        "psutil",
        "decorator",
        "pathlib2",
        "apex @ https://mirror.example.org/apex.whl",
        "/srv/wheels/apex.whl",
        'exceptiongroup; python_version < "3.11"',
    ],
)
def test_what_is_there_or_is_pip_s_matter_is_no_problem(requirement):
    assert problems(requirement) == []


@pytest.mark.parametrize(
    ("requirement", "python"),
    [
        ("scipy", "3.9"),
        ("torch==2.1.1", "3.9"),
        ("numpy>=2", "3.9"),
        ("torch==2.1.0", "3.10"),
        ("psutil", "3.5"),
    ],
)
def test_what_is_not_there_is_named_with_its_place(requirement, python):
    (problem,) = problems("absl-py", requirement, python=python)
    assert problem["severity"] == "error"
    assert problem["found"] == f"no wheel in {PLACE} for {requirement}"
    assert problem["wanted"].startswith(f"wheels for Python {python} on aarch64: /opt/envs/torch_npu")
    assert "npu_fleet_wheelhouse" in problem["fix"]


def test_what_is_built_from_its_source_need_not_be_there():
    assert problems("torch_npu==2.1.1", "apex", built=["torch-npu", "apex"]) == []
    assert len(problems("torch_npu==2.1.1", built=["torch"])) == 1


def test_a_wheel_for_another_architecture_is_none():
    (problem,) = problems("numpy", files=["numpy-1.24.0-cp39-cp39-manylinux_2_17_x86_64.whl"])
    assert "no wheel" in problem["found"]


def test_all_that_lacks_stands_in_one_sentence():
    (problem,) = problems("scipy", "torch==2.1.0", "sympy", "not a requirement")
    assert problem["found"] == f"no wheel in {PLACE} for scipy, sympy"


def test_what_the_manifest_names_must_be_there_too():
    gone = "MarkupSafe-2.1.5-cp39-cp39-manylinux_2_17_aarch64.whl"
    (problem,) = problems("torch==2.1.0", noted=[gone, FILES[2]])
    assert problem["found"] == f"no file {gone} in {PLACE}"


def test_a_missing_installer_is_said_like_a_missing_package():
    file = {"path": "/srv/fleet/packages/mini.sh", "exists": False, "sha256": None, "wanted_sha256": None}
    (problem,) = PROBLEMS({"host": "a1", "installers": {"mini.sh": file}})
    assert (problem["severity"], problem["found"]) == ("error", "no file /srv/fleet/packages/mini.sh")
    assert problem["fix"].startswith("fetch it with the playbook fetch, or put it there, or correct")
