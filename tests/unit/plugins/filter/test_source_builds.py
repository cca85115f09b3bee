# SPDX-License-Identifier: GPL-3.0-or-later
"""What is built from source, with what, and when not again."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.ascend.fleet.plugins.filter import source_builds

WHEEL = "wheel!=0.46.0,!=0.46.1,!=0.46.2"
BUILDS = source_builds.FilterModule().filters()["source_builds"]
WANTED = {
    "python": "3.9.18",
    "manager": "conda",
    "packages": ["setuptools", "torch==2.1.0", "torch_npu==2.1.0rc1", "apex==0.1+ascend", "numpy<2"],
}
NPU = {
    "name": "torch_npu",
    "git": "https://git.example/pytorch.git",
    "ref": "v2.1.0-5.0.rc3",
    "archive": None,
}
APEX = {"name": "apex", "archive": "/srv/apex.tar.gz", "sha256": "ab"}


def builds(*sources, files=(), environments=(WANTED,)):
    return BUILDS(sources, environments, files, "aarch64")


def test_the_catalog_knows_how_torch_npu_is_built():
    (build,) = builds(NPU)
    assert build["command"] == ["bash", "ci/build.sh", "--python=3.9"]
    assert build["programs"]["gcc"] == "==10.*"
    assert (build["version"], build["python"], build["container"]) == ("2.1.0rc1", "3.9.18", "")
    assert build["why"] == "build torch_npu 2.1.0rc1 for Python 3.9 from https://git.example/pytorch.git"


def test_apex_gets_the_setuptools_that_builds_it_and_nothing_that_is_built_itself():
    npu, apex = builds(NPU, APEX)
    assert apex["packages"] == ["torch==2.1.0", "numpy<2", "setuptools==41.2.0", WHEEL]
    assert npu["packages"] == ["torch==2.1.0", "numpy<2", "pyyaml", "setuptools<70", WHEEL]


@pytest.mark.parametrize(
    ("file", "count"),
    [
        ("torch_npu-2.1.0rc1+gitb6656eb-cp39-cp39-linux_aarch64.whl", 0),
        ("torch_npu-2.1.0rc1-cp39-cp39-manylinux_2_17_aarch64.manylinux2014_aarch64.whl", 0),
        ("torch_npu-2.1.0rc1-py3-none-any.whl", 0),
        ("torch_npu-2.1.0rc1-cp310-cp310-linux_aarch64.whl", 1),
        ("torch_npu-2.1.0rc1-cp39-cp39-linux_x86_64.whl", 1),
        ("torch_npu-2.1.0-cp39-cp39-linux_aarch64.whl", 1),
        ("torch-2.1.0-cp39-cp39-linux_aarch64.whl", 1),
        ("SHA256SUMS", 1),
    ],
)
def test_what_lies_in_the_wheelhouse_is_not_built_again(file, count):
    assert len(builds(NPU, files=[file])) == count


def test_two_environments_of_one_python_need_one_build():
    other = {**WANTED, "python": "3.10"}
    assert len(builds(NPU, environments=[WANTED, {**WANTED, "manager": "venv"}, other])) == 2
    assert builds({**NPU, "name": "mindformers"}) == []


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({**NPU, "ref": None}, "found git, wanted git with ref"),
        ({**APEX, "git": "x", "ref": "y"}, "found git and archive"),
        ({"name": "apex"}, "found no source"),
        ({**NPU, "name": "flash"}, "flash: the catalog knows no build of it; add command, wheel"),
    ],
)
def test_a_source_that_is_none_is_refused(source, said):
    with pytest.raises(AnsibleFilterError, match=said):
        builds(source)


NVIDIA = "https://github.com/NVIDIA/apex.git"


@pytest.mark.parametrize(
    ("more", "mirrors"),
    [
        ({}, {NVIDIA: ""}),
        ({"mirrors": {NVIDIA: "https://git.example/nvidia.git"}}, {NVIDIA: "https://git.example/nvidia.git"}),
        ({"repositories": []}, {}),
        (
            {"repositories": ["https://a/b"], "mirrors": {"https://a/b": "ssh://c"}},
            {"https://a/b": "ssh://c"},
        ),
    ],
)
def test_what_a_build_clones_itself_may_come_from_elsewhere(more, mirrors):
    (apex,) = builds({**APEX, **more})
    assert {one["git"]: one["mirror"] for one in apex["clones"]} == mirrors
    assert apex["programs"].keys() == {"gcc", "g++", "git", "patch"}
    if not more:
        (one,) = apex["clones"]
        assert one["fetched"] == "clone-github.com-NVIDIA-apex.tar.gz"


def test_the_build_of_torch_npu_clones_nothing():
    (build,) = builds(NPU)
    assert build["clones"] == []
