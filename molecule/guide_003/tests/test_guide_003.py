# SPDX-License-Identifier: GPL-3.0-or-later
"""Guide 003: a board, whose user HwHiAiUser owns CANN and the environment; its wheels are files."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

testinfra_hosts = ["ssh://guide-003"]
REPORTS = Path(os.environ["FLEET_REPORTS"])
AVAILABLE = "import torch, torch_npu; print(torch_npu.npu.is_available())"
USER = "HwHiAiUser"


@pytest.mark.parametrize("shell", ["login", "other", "service"])
def test_the_board_s_user_computes(shells, shell):
    assert shells.run(shell, ["python", "-c", AVAILABLE], user=USER) == "True"


def test_all_of_the_environment_is_that_user_s(host, expected):
    path = expected["prefix"]
    assert host.check_output(f"find {path} {path}/ -not -user {USER} -o -not -group {USER}") == ""
    assert len(host.check_output(f"find {path}/").splitlines()) > 100


def test_it_came_out_of_the_files_alone(host, expected):
    files = {file.name for file in (REPORTS / "wheelhouse").glob("*.whl")}
    named = "torch_npu-2.1.0.post10-cp39-cp39-manylinux_2_17_aarch64.manylinux2014_aarch64.whl"
    assert {named, "torch-2.1.0-cp39-cp39-manylinux2014_aarch64.whl"} <= files
    alone = "-I -m pip list --format=json"  # without PYTHONPATH, which leads to the tree of CANN
    listed = json.loads(host.check_output(f"{expected['prefix']}/bin/python {alone}"))
    given = {"-".join(file.split("-")[:2]).lower().replace("_", "-") for file in files}
    bundled = {"pip", "setuptools"}
    own = {
        f"{one['name']}-{one['version']}".lower().replace("_", "-")
        for one in listed
        if one["name"] not in bundled
    }
    assert own - given == set()


def test_the_kernels_have_the_version_of_the_toolkit(host, expected):
    text = host.file(f"{expected['cann']}/opp_kernel/version.info").content_string
    assert "version_dir=8.0.0" in text.splitlines()


def test_the_driver_of_the_image_was_left_alone():
    (node,) = json.loads((REPORTS / "first.json").read_text(encoding="utf-8"))["nodes"]
    done = [action for stage in node["stages"] for action in stage["actions"]]
    assert not any("driver" in action or "firmware" in action for action in done)
