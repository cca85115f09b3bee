# SPDX-License-Identifier: GPL-3.0-or-later
"""The role torch_npu with the newest real pair that the index has, in a venv on this machine."""

from __future__ import annotations

import getpass
import platform
import sys
import tempfile

import pytest
from packaging.requirements import Requirement

from real_wheels import index, run

PINS = ["attrs", "numpy", "pyyaml"]  # without them the role refuses an environment with torch_npu


@pytest.fixture(scope="module")
def pair():
    """Return the newest pair of the index; without one there is nothing to test, and that is said."""
    found = index.pair(index.versions("torch"), index.versions("torch_npu"))
    if not found:
        pytest.skip(f"the index has no torch and torch_npu that belong together for {platform.machine()}")
    print(f"\ncurrent pair: torch {found[0]}, torch_npu {found[1]}")
    return found


@pytest.fixture(scope="module")
def noted(pair):
    """Let the role install the pair, and remove it."""
    with tempfile.TemporaryDirectory(prefix="fleet-wheels-") as folder:
        return run.play("localhost", "local", variables(pair, f"{folder}/environment"))


def variables(pair, prefix):
    """Return the role's inputs: a bill of this Python and this pair."""
    torch, adapter = map(str, pair)
    python = "{}.{}".format(*sys.version_info)
    bill = {"torch": torch, "torch_npu": adapter, "python": python, "python_packages": PINS}
    return {
        "npu_fleet_bill": bill,
        "ansible_python_interpreter": sys.executable,
        "torch_npu_owner": getpass.getuser(),
        "torch_npu_environment": prefix,
        "torch_npu_interpreter": sys._base_executable,
        "torch_npu_index_ca": index.setting("cert"),
    }


def test_the_role_installs_it_once(noted, pair):
    assert noted["architecture"] == platform.machine()
    assert any(f"torch_npu=={pair[1]}" in action for action in noted["first"])
    assert noted["second"] == []


def test_the_wheels_say_what_they_are(noted, pair):
    torch, adapter = noted["wheels"]
    assert (torch["name"], torch["version"]) == ("torch", str(pair[0]))
    assert (adapter["name"].replace("-", "_"), adapter["version"]) == ("torch_npu", str(pair[1]))
    wanted = {one.name: one.specifier for one in map(Requirement, adapter["requires"])}
    assert pair[0] in wanted["torch"]
    assert "0" not in wanted["torch"]
    assert all(tag.endswith(f"_{platform.machine()}") for tag in torch["tags"] + adapter["tags"])


def test_nothing_in_the_environment_contradicts_another(noted):
    assert noted["check"] == "No broken requirements found."


def test_torch_works_and_torch_npu_wants_cann(noted, pair):
    said = run.import_error(noted)
    print(f"\nlocalhost: {said}")
    assert noted["torch"] == str(pair[0])
    assert said.startswith("ImportError: libhccl.so: cannot open shared object file")
