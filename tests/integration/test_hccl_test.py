# SPDX-License-Identifier: GPL-3.0-or-later
"""hccl_test in the role npu_verify: built, run on each host and across them, with simulated programs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.ascend.fleet.plugins.plugin_utils._hccl_test import verdicts

ROOT = Path(__file__).resolve().parents[2]
ASSETS = ROOT / "simulator/npu_simulator/installers/assets"
HOSTS = ("node-a", "node-b")
# With this seed a set has node-b first: the order of the inventory must not hang on it.
SETTINGS = {"ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1", "PYTHONHASHSEED": "1"}


class Site:
    """Two hosts that are this machine, with one tree of CANN and one MPI."""

    def __init__(self, folder):
        self.folder = folder
        self.tool = folder / "ascend-toolkit/latest/tools/hccl_test"
        self.tool.mkdir(parents=True)
        shutil.copy(ASSETS / "hccl_test.mk", self.tool / "Makefile")
        shutil.copy(ASSETS / "all_reduce_test.sh", self.tool)
        (folder / "ascend-toolkit/set_env.sh").touch()
        (folder / "mpi/bin").mkdir(parents=True)
        shutil.copy(ASSETS / "mpirun", folder / "mpi/bin")

    def run(self, kind="node", *words, **more):
        """Return the verdicts by host. ``more`` are further inputs, C(words) of ansible-playbook."""
        inputs = {
            "npu_verify_hccl_test": kind,
            "npu_verify_npus": 8,
            "npu_verify_cann_path": str(self.folder),
            "npu_verify_hccl_test_mpi": f"{self.folder}/mpi",
            "npu_verify_hccl_test_last": "1M",
            "npu_verify_reach_hosts": list(HOSTS),
            **{f"npu_verify_hccl_test_{name}": value for name, value in more.items()},
        }
        role = {"name": "ascend.fleet.npu_verify", "tasks_from": "hccl_test", "public": True}
        asked = "__npu_verify_hccl_asked"
        note = {
            "content": "{{ __npu_verify_hccl | to_json }}",
            "dest": f"{self.folder}/{{{{ inventory_hostname }}}}",
        }
        tasks = [
            {"ansible.builtin.include_role": {**role, "tasks_from": "main", "apply": {"when": False}}},
            {"ansible.builtin.include_role": role, "when": asked},
            {"ansible.builtin.copy": note, "check_mode": False},
        ]
        own = {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "ansible_become": False,
        }
        play = {"hosts": "all", "gather_facts": False, "vars": {**own, **inputs}, "tasks": tasks}
        (self.folder / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
        program = Path(sys.executable).with_name("ansible-playbook")
        done = subprocess.run(
            [program, "-i", f"{','.join(HOSTS)},", self.folder / "play.yml", *words],
            env={**os.environ, **SETTINGS},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        texts = {host: (self.folder / host).read_text(encoding="utf-8") for host in HOSTS}
        return {host: list(verdicts(json.loads(text), 8)) for host, text in texts.items()}


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path)


def test_without_consent_a_missing_program_is_a_failed_check(site):
    for (verdict,) in site.run().values():
        assert (verdict.passed, verdict.found) == (False, f"no {site.tool}/bin/all_reduce_test")
        assert "npu_verify_hccl_test_build_allowed: true" in verdict.action
    assert not (site.tool / "bin").exists()


def test_it_is_built_once_and_measured_on_each_host_and_across_the_rack(site):
    found = site.run("rack", build_allowed=True, floor=10.0, rack_floor=99.0)
    assert found["node-a"][0].found == "14.17 GB/s at 1048576 bytes"
    assert [verdict.passed for verdict in found["node-a"]] == [True, False]
    assert found["node-a"][1].check == "all-reduce across 2 hosts of the rack"
    assert [verdict.check for verdict in found["node-b"]] == ["all-reduce on this node"]


@pytest.mark.parametrize(
    ("fault", "found"), [("failed", "wrong or uncompared"), ("cut", "ends before the size 1M")]
)
def test_wrong_sums_and_a_table_that_is_cut_off_fail(site, fault, found):
    said = site.run(build_allowed=True, variables={"SIMULATED_HCCL": fault})
    assert [found in verdict.found and verdict.passed for (verdict,) in said.values()] == [False, False]


def test_a_check_and_a_role_that_is_not_asked_measure_nothing(site):
    assert site.run("node", "--check") == {"node-a": [], "node-b": []}
    assert site.run("none") == {"node-a": [], "node-b": []}
