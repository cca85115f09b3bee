# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples of npu_info run as written, by ansible-playbook, on a simulated server with eight NPUs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from ansible_collections.ascend.fleet.plugins.modules import npu_info
from npu_simulator.state import Node, fresh_state

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """#!{python}
# SPDX-License-Identifier: GPL-3.0-or-later
import sys
sys.path.insert(0, {simulator!r})
from npu_simulator.__main__ import run
from npu_simulator.state import Node
sys.exit(run("npu-smi", sys.argv[1:], Node({root!r}, uid=0), (sys.stdin, sys.stdout, sys.stderr)))
"""
PRODUCT = {"key": "test", "name": "Test", "chip": "910b", "npus": 8, "chips_per_npu": 1}
CHIP = {"npu_smi_names": ["910B3"], "pci": ["19e5:d802"]}


@pytest.fixture
def programs(tmp_path):
    """Return a folder with the simulated npu-smi of a server whose driver runs."""
    node = Node(str(tmp_path / "root"), uid=0)
    state = fresh_state(PRODUCT, CHIP, "aarch64")
    state["running"]["driver"] = "25.5.1"
    node.create(state)
    (tmp_path / "root/etc").mkdir()
    program = tmp_path / "bin/npu-smi"
    program.parent.mkdir()
    text = PROGRAM.format(
        python=sys.executable, simulator=str(ROOT / "simulator"), root=str(tmp_path / "root")
    )
    program.write_text(text, encoding="utf-8")
    program.chmod(0o755)
    return program.parent


def test_the_examples_run_as_written(programs, tmp_path):
    tasks = yaml.safe_load(npu_info.EXAMPLES)
    playbook = tmp_path / "examples.yml"
    play = {"hosts": "localhost", "gather_facts": False, "tasks": tasks}
    playbook.write_text(yaml.safe_dump([play]), encoding="utf-8")
    arguments = [
        sys.executable,
        str(Path(sys.executable).with_name("ansible-playbook")),
        "-i",
        "localhost,",
        "-c",
        "local",
        "-e",
        f"ansible_become=false ansible_python_interpreter={sys.executable}",
        str(playbook),
    ]
    environment = {
        **os.environ,
        "PATH": f"{programs}:{os.environ['PATH']}",
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".ansible/collections"),
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default",
    }
    done = subprocess.run(
        arguments, capture_output=True, text=True, env=environment, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"ok={len(tasks)} " in done.stdout
    assert "changed=0" in done.stdout
    assert len(tasks) >= 5
