# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lookup ascend.fleet.fetch_list asks pip for: each environment of the inventory and each build."""

from __future__ import annotations

import pytest

WHEEL = "wheel!=0.46.0,!=0.46.1,!=0.46.2"
GIT = {"name": "torch_npu", "git": "https://git.example/pytorch.git", "ref": "topic/v2.6"}
APEX = {"name": "apex", "archive": "https://git.example/apex%20npu.tar.gz?raw=1", "sha256": "a" * 64}
NVIDIA = "https://github.com/NVIDIA/apex.git"
PLACE = "/opt/env"


@pytest.fixture
def fetch(look_up):
    """Give the function that asks for one host with these inputs of a framework."""

    def ask(framework="torch", wheelhouse=(), beside=(), arch="aarch64", **inputs):
        product = {"aarch64": "atlas_800t_a2", "x86_64": "atlas_300i_duo"}[arch]
        release = look_up("release", "cann-8.2.rc1", product=product, arch=arch)
        need = {
            "host": "a",
            "answer": {"found": {**release, "python_packages": ["numpy<2"]}, "error": None},
            "parts": [],
            "frameworks": [framework],
            "glibc": "2.28",
            "companions": list(beside),
            "inputs": {framework: {"environment": PLACE, **inputs}},
            "wheelhouse": list(wheelhouse),
        }
        return look_up("fetch_list", [need])

    return ask


def asked(found):
    return [one["requirements"] for one in found["environments"]]


TORCH = ["numpy<2", "torch==2.6.0", "torch_npu==2.6.0"]


def test_the_release_says_what_the_inventory_does_not(fetch):
    assert asked(fetch(requirements=None, environments=[])) == [TORCH]
    assert asked(fetch(beside=["torchvision"], apex="apex==0.1")) == [[*TORCH, "torchvision", "apex==0.1"]]
    assert asked(fetch(requirements=[], version="2.6.0.post1")) == [
        ["torch==2.6.0", "torch_npu==2.6.0.post1"]
    ]


def test_a_kernel_of_jupyter_needs_ipykernel_in_its_environment_alone(fetch):
    beside = {"path": "/opt/other", "torch_version": "2.1.0", "version": "2.1.0.post8", "python": "3.9"}
    kernels = [{"name": "a"}, {"name": "b", "environment": "/opt/other", "state": "absent"}]
    found = fetch(environments=[beside], jupyter_kernels=kernels)
    other = ["numpy<2", "torch==2.1.0", "torch_npu==2.1.0.post8", "setuptools<70"]
    assert asked(found) == [[*TORCH, "ipykernel"], other]
    assert [one["python"] for one in found["environments"]][1] == "3.9"
    kernels = [{"name": "b", "environment": "/opt/other", "state": "present"}]
    assert "ipykernel" in asked(fetch(environments=[beside], jupyter_kernels=kernels))[1]


CPU = "https://mirror.example/whl/cpu"


def indexes(found):
    return [[text for text in one["arguments"] if "index" in text] for one in found["environments"]]


def test_the_build_for_the_cpu_is_asked_of_its_index_for_x86_64(fetch):
    beside = {"path": "/opt/other", "torch_version": "2.1.0+cpu", "version": "2.1.0", "requirements": []}
    found = fetch(arch="x86_64", cpu_index_url=CPU, environments=[beside], sources=[GIT])
    cpu = "torch==2.6.0+cpu"
    assert asked(found) == [
        ["numpy<2", cpu],
        ["torch==2.1.0+cpu", "setuptools<70"],
        ["numpy<2", cpu, "pyyaml", "setuptools<70", WHEEL],
        ["torch==2.1.0+cpu", "pyyaml", "setuptools<70", WHEEL],
    ]
    assert indexes(found) == [[f"--extra-index-url={CPU}"]] * 4
    for one in (fetch(cpu_index_url=CPU), fetch(arch="x86_64", cpu_index_url="")):
        assert asked(one) == [TORCH]
        assert indexes(one) == [[]]


def test_a_venv_needs_pip_of_the_wheelhouse(fetch):
    assert asked(fetch(manager="venv")) == [[*TORCH, "pip"]]


def test_what_is_built_is_not_asked_of_the_index_but_what_builds_it(fetch):
    found = fetch(apex="apex==0.1+ascend", sources=[GIT, APEX], manager="venv", python="3.10.4")
    assert asked(found) == [
        ["numpy<2", "torch==2.6.0", "pip"],
        ["numpy<2", "torch==2.6.0", "pyyaml", "setuptools<70", WHEEL, "pip"],
        ["numpy<2", "torch==2.6.0", "setuptools==41.2.0", WHEEL, "pip"],
    ]
    assert {one["python"] for one in found["environments"]} == {"3.10"}
    assert found["repositories"] == [
        {"file": "torch_npu-topic-v2.6.tar.gz", "git": GIT["git"], "ref": "topic/v2.6", "hosts": ["a"]},
        {"file": "clone-github.com-NVIDIA-apex.tar.gz", "git": NVIDIA, "ref": "", "hosts": ["a"]},
    ]
    (archive,) = found["packages"]
    assert (archive["file"], archive["sha256"]) == ("apex npu.tar.gz", "a" * 64)
    assert archive["url"] == APEX["archive"]


def test_a_wheel_that_was_built_is_asked_for_with_what_it_needs(fetch):
    built = "torch_npu-2.6.0+gitabc-cp310-cp310-linux_aarch64.whl"
    found = fetch(sources=[GIT], wheelhouse=[built], python="3.10")
    assert (asked(found), found["repositories"]) == ([TORCH], [])


def test_a_build_in_a_container_asks_pip_for_nothing_but_its_source_is_fetched(fetch):
    found = fetch(sources=[{**GIT, "container": "builder:v1"}])
    assert asked(found) == [["numpy<2", "torch==2.6.0"]]
    assert len(found["repositories"]) == 1


def test_an_archive_on_the_controller_is_there_already(fetch):
    found = fetch(apex="apex==0.1+ascend", sources=[{**APEX, "archive": "/srv/apex.tar.gz"}])
    assert found["packages"] == []


def test_mindspore_has_companions_and_may_come_from_conda(fetch):
    (packages,) = asked(fetch("mindspore", companions=["mindformers==1.3.2"], requirements=[]))
    assert packages[0].startswith("mindspore==")
    assert packages[1:] == ["mindformers==1.3.2"]
    by_conda = fetch("mindspore", conda_packages=["mindspore=2.6.0"], requirements=["sympy"])
    assert asked(by_conda) == [["sympy"]]
