# SPDX-License-Identifier: GPL-3.0-or-later
"""The node of a guide: what its shells and services see, that it computes, and what a run costs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

REPORTS = Path(os.environ["FLEET_REPORTS"])
SCENARIO = Path(os.environ["MOLECULE_SCENARIO_DIRECTORY"])
PROJECT = Path(os.environ["MOLECULE_PROJECT_DIRECTORY"])
NODE = SCENARIO.name.replace("_", "-")
testinfra_hosts = [f"ssh://{NODE}"]
PROGRAMS = {
    "torch": (
        "import torch, torch_npu; a = torch.randn(3, 4).npu(); "
        "print((a + a).device, torch_npu.npu.is_available(), torch.npu.device_count())",
        "npu:0 True {npus}",
    ),
    "mindspore": (
        'import mindspore; mindspore.set_context(device_target="Ascend"); mindspore.run_check()',
        "MindSpore has been installed successfully!",
    ),
}
CANN = ("ASCEND_HOME_PATH", "ASCEND_TOOLKIT_HOME", "ASCEND_OPP_PATH", "ASCEND_AICPU_PATH", "TOOLCHAIN_HOME")
PATHS = ("LD_LIBRARY_PATH", "PYTHONPATH", "PATH")
SHELLS = ("login", "other", "service")
OTHERS = "npu_driver,npu_network,cann,npu_verify"
# An index at which nobody answers, and neither wheels nor packages of conda on the controller.
NO_INDEX = {
    "npu_fleet_wheelhouse": "",
    **dict.fromkeys(("torch_npu_index_url", "mindspore_index_url"), "http://127.0.0.1:9/simple"),
    **dict.fromkeys(("torch_npu_conda_channels", "mindspore_conda_channels"), ["http://127.0.0.1:9"]),
    **dict.fromkeys(("torch_npu_conda_package_directory", "mindspore_conda_package_directory"), ""),
}


def report(name):
    (node,) = json.loads((REPORTS / f"{name}.json").read_text(encoding="utf-8"))["nodes"]
    return node


def actions(node):
    return [action for stage in node["stages"] for action in stage["actions"]]


def test_the_run_after_the_cut_finished_what_was_begun(expected):
    node = report("first")
    assert node["state"] == "changed"
    place = Path(expected["prefix"]).parent / ".ascend-fleet-wheels"
    assert f"remove what a run that was cut left in {place}" in actions(node)


def test_the_last_run_changed_nothing_and_every_check_passed(expected):
    node = report("fleet")
    assert (node["state"], actions(node)) == ("unchanged", [])
    assert [check["check"] for check in node["checks"] if check["passed"] is not True] == []
    tried = [check for check in node["checks"] if expected["prefix"] in check["check"]]
    assert len(tried) == 1


def test_the_report_shows_the_version_of_the_framework_before_and_after(expected):
    framework = expected["framework"]
    first, last = report("first"), report("fleet")
    before = first["before"][framework]  # a run that was cut while it swapped the link may have done that
    assert before is None or ("Swap" in expected["cut"]["task"] and before == first["after"][framework])
    assert first["after"][framework] == last["before"][framework] == last["after"][framework]
    assert last["after"][framework].split("+")[0] == last["wanted"][framework]


@pytest.mark.parametrize("shell", SHELLS)
def test_it_computes(shells, expected, shell):
    program, sentence = PROGRAMS[expected["framework"]]
    python = "python" if expected["default"] else f"{expected['prefix']}/bin/python"
    assert sentence.format(**expected) in shells.run(shell, [python, "-c", program])


@pytest.mark.parametrize("shell", SHELLS)
def test_the_environment_is_that_of_every_shell_where_it_is_to_be(shells, expected, shell):
    own = f"{expected['prefix']}/bin"
    found = shells.variables(shell)["PATH"].split(":")
    assert (own in found) is expected["default"]
    if expected["default"]:
        assert shells.run(shell, ["bash", "-c", "command -v python"]) == f"{own}/python"


@pytest.mark.parametrize("shell", SHELLS)
def test_cann_is_the_same_everywhere(shells, expected, shell):
    seen, given = shells.variables(shell), shells.variables("service")
    assert given["ASCEND_HOME_PATH"] == expected["cann"]
    assert {name: seen[name] for name in CANN} == {name: given[name] for name in CANN}
    for variable in PATHS:
        cann = [part for part in given[variable].split(":") if part.startswith(expected["cann"])]
        assert cann
        assert set(cann) <= set(seen[variable].split(":")), variable


def test_it_has_what_the_release_and_the_guide_name(host, expected):
    listed = host.check_output(f"{expected['prefix']}/bin/python -m pip list --format=json")
    found = {package["name"].replace("-", "_").lower(): package["version"] for package in json.loads(listed)}
    assert {name: found.get(name) for name in expected["packages"]} == expected["packages"]
    assert [name for name in expected["others"] if name not in found] == []


def test_pip_took_nothing_out_of_the_tree_of_cann(host, expected):
    """What sessions have in PYTHONPATH is installed to pip, which removes what it installs anew."""
    wheels = host.run(f"cd {expected['cann']}/lib64 && ls *.whl").stdout.split()
    there = host.check_output(f"ls {expected['cann']}/python/site-packages").split()
    assert [wheel for wheel in wheels if "-".join(wheel.split("-")[:2]) + ".dist-info" not in there] == []
    assert wheels or "te" not in expected["packages"]


def test_it_lies_behind_a_link_and_nothing_lies_beside_it(host, expected):
    path = Path(expected["prefix"])
    there = host.check_output(f"ls -A {path.parent}").split()
    beside = [name for name in there if path.name in name and name != path.name]
    assert beside == [Path(host.file(str(path)).linked_to).name]


def test_no_configuration_of_pip_and_no_wheels_are_left(host):
    assert host.run("sudo find / -xdev -name '.ascend-fleet-*' -o -xdev -name 'ascend-wheels-*'").stdout == ""


def test_the_thread_limit_is_lifted(host):
    """A container cannot lift its limit; the scenario packages sees that logins have what the file says."""
    assert "nproc    unlimited" in host.file("/etc/security/limits.d/ascend.conf").content_string


@pytest.fixture(scope="module")
def executions(tmp_path_factory):
    """Return what the framework's part of a run executes on the converged node, when no index answers."""
    records = tmp_path_factory.mktemp("records") / "records.jsonl"
    words = [
        "site.yml",
        f"--inventory={SCENARIO}/inventory",
        f"--skip-tags={OTHERS}",
        "-e",
        json.dumps(NO_INDEX),
    ]
    done = subprocess.run(
        [Path(sys.executable).with_name("ansible-playbook"), *words],
        cwd=PROJECT,
        env={
            **os.environ,
            "ANSIBLE_CALLBACK_PLUGINS": str(PROJECT / "tests/bench/callback_plugins"),
            "ANSIBLE_CALLBACKS_ENABLED": "fleet_bench",
            "FLEET_BENCH_RECORDS": str(records),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    noted = map(json.loads, records.read_text(encoding="utf-8").splitlines())
    return [one for one in noted if one["kind"] in ("execution", "file", "recap")]


def test_a_converged_environment_costs_one_remote_execution_and_no_index(executions):
    (recap,) = [one for one in executions if one["kind"] == "recap"]
    assert (recap["host"], recap["changed"], recap["failures"]) == (NODE, 0, 0)
    own = [one for one in executions if "python_environment : " in one.get("task", "")]
    assert [(one["kind"], one["module"]) for one in own] == [
        ("execution", "ascend.fleet.python_environment_info")
    ]
