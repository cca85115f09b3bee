# SPDX-License-Identifier: GPL-3.0-or-later
"""The source of hccl_test that the toolkit brings: built with make, started by the stand-in of mpirun."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from ansible_collections.ascend.fleet.plugins.plugin_utils._hccl_test import parse_table
from npu_simulator.installers.cann import contents

LATEST = "/usr/local/Ascend/ascend-toolkit/latest"
MPIRUN = Path(contents.__file__).parents[1] / "assets/mpirun"


@pytest.fixture(params=[("8.3.RC1", "ascend-toolkit"), ("8.5.0", "cann")], ids=lambda layout: layout[1])
def tree(request, host, make_release):
    """Install a toolkit of each layout and return the tree in use."""
    release = make_release(*request.param)
    assert host.run("driver", "--full", "--quiet", release=release) == 0
    assert host.run("toolkit", "--install", "--quiet", release=release) == 0
    return host.node.path(LATEST)


def make(tree, home):
    words = ["make", "-C", f"{tree}/tools/hccl_test", f"MPI_HOME={home}", f"ASCEND_DIR={tree}"]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def test_it_is_built_and_adds_numbers_of_every_size(tree, tmp_path):
    assert make(tree, tmp_path / "mpi").returncode == 2
    (tmp_path / "mpi/bin").mkdir(parents=True)
    shutil.copy(MPIRUN, tmp_path / "mpi/bin")
    built = make(tree, tmp_path / "mpi")
    assert built.returncode == 0, built.stderr
    program = [f"{tree}/tools/hccl_test/bin/all_reduce_test", "-b", "8K", "-e", "64M", "-f", "2", "-p", "8"]
    words = [tmp_path / "mpi/bin/mpirun", "-n", "8", *program]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    rows = parse_table(done.stdout, "64M")
    assert [row.size for row in rows] == [8192 << step for step in range(14)]
    assert {row.result for row in rows} == {"success"}


def test_mpirun_wants_as_many_places_as_ranks(tmp_path):
    (tmp_path / "hosts").write_text("node-a:8\nnode-b:8\n", encoding="utf-8")
    words = [MPIRUN, "-f", tmp_path / "hosts", "-n"]
    assert subprocess.run([*words, "16", "true"], check=False).returncode == 0
    assert subprocess.run([*words, "8", "true"], capture_output=True, check=False).returncode == 255
