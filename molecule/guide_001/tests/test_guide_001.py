# SPDX-License-Identifier: GPL-3.0-or-later
"""Guide 001: MindSpore 1.10.1 of conda on nnae, the wheels of CANN, and MindFormers."""

from __future__ import annotations

import json
import re

import pytest

testinfra_hosts = ["ssh://guide-001"]
OWN = "/usr/local/Ascend/nnae/latest/lib64"


def test_conda_has_installed_mindspore_and_pip_has_left_it_alone(host, expected):
    files = host.check_output(f"ls {expected['prefix']}/conda-meta").split()
    (record,) = [name for name in files if name.startswith("mindspore-ascend-")]
    assert record == "mindspore-ascend-1.10.1-py39_0.json"
    information = f"{expected['prefix']}/lib/python3.9/site-packages/mindspore_ascend-1.10.1.dist-info"
    assert host.file(f"{information}/INSTALLER").content_string.strip() == "conda"


@pytest.mark.parametrize("name", ["te", "topi", "hccl"])
def test_the_wheels_come_out_of_nnae(host, expected, name):
    text = host.check_output(
        f"cat {expected['prefix']}/lib/python3.9/site-packages/{name}-*.dist-info/direct_url.json"
    )
    assert json.loads(text)["url"].startswith(f"file://{OWN}/{name}-")


def test_mindformers_works_with_this_mindspore(shells):
    program = "import mindformers; print(mindformers.mindspore.__version__)"
    assert shells.run("login", ["python", "-c", program]) == "1.10.1"


@pytest.mark.parametrize(("program", "lowest"), [("gcc", (7, 3)), ("cmake", (3, 19))])
def test_a_login_finds_compilers_that_are_new_enough(shells, program, lowest):
    version = re.search(r"(\d+)\.(\d+)", shells.run("login", [program, "--version"]).splitlines()[0])
    assert (int(version[1]), int(version[2])) >= lowest


def test_nnae_is_there_instead_of_the_toolkit(host):
    there = set(host.check_output("ls /usr/local/Ascend").split())
    assert "nnae" in there
    assert "ascend-toolkit" not in there
