# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from npu_simulator.state import CALLS_LOG, STATE_FILE, Node, StateError

SIMULATOR = Path(__file__).resolve().parents[2] / "simulator"


@pytest.fixture
def call(node, tmp_path):
    """Run the node's `run` shim the way a vendor program file does."""
    home = tmp_path / "usr/lib/npu-simulator"
    home.mkdir(parents=True)
    shutil.copy(SIMULATOR / "node/run", home / "run")
    (home / "npu_simulator").symlink_to(SIMULATOR / "npu_simulator")

    def run(*words):
        environment = {**os.environ, "NPU_SIMULATOR_ROOT": node.root, "NPU_SIMULATOR_UID": "0"}
        return subprocess.run(
            [home / "run", *words], env=environment, capture_output=True, text=True, check=False
        )

    return run


def test_a_fresh_node_has_no_software_and_its_chips_in_order(any_node):
    state = any_node.read()
    assert state["running"] == {"driver": None}
    assert [npu["phy_id"] for npu in state["npus"]] == list(range(8))
    assert len({npu["bus_id"] for npu in state["npus"]}) == 8
    assert len({npu["mac"] for npu in state["npus"]}) == 8
    assert {npu["live"]["address"] for npu in state["npus"]} == {None}


def test_a_change_is_saved_and_any_user_may_make_it(node):
    with node.change() as state:
        state["running"]["driver"] = "23.0.6"
    assert node.read()["running"]["driver"] == "23.0.6"
    assert node.path(STATE_FILE).stat().st_mode & 0o777 == 0o666


def _change_and_break(node):
    with node.change() as state:
        state["boots"] = 99
        raise KeyError


def test_a_change_that_raises_is_not_saved(node):
    with pytest.raises(KeyError):
        _change_and_break(node)
    assert node.read()["boots"] == 1


def test_a_missing_and_a_foreign_state_are_told(node, tmp_path):
    with pytest.raises(StateError, match="never made"):
        Node(str(tmp_path / "nowhere")).read()
    node.path(STATE_FILE).write_text('{"schema": 7}')
    with pytest.raises(StateError, match="schema 7, wanted 1"):
        node.read()


def test_faults_are_set_and_cleared_on_the_node(call, node):
    assert call("npu-simulator", "fault", "link_down", "[0]").returncode == 0
    assert json.loads(call("npu-simulator", "state").stdout)["faults"] == {"link_down": [0]}
    assert call("npu-simulator", "fault", "no_reboot", "true").returncode == 0
    assert call("npu-simulator", "fault", "link_down").returncode == 0
    assert node.read()["faults"] == {"no_reboot": True}
    assert call("npu-simulator", "clear").returncode == 0
    assert node.read()["faults"] == {}


def test_a_wrong_fault_is_refused(call, node):
    unknown = call("npu-simulator", "fault", "link_dwon", "[0]")
    assert (unknown.returncode, "wanted one of" in unknown.stderr) == (2, True)
    broken = call("npu-simulator", "fault", "link_down", "[0")
    assert (broken.returncode, "no JSON" in broken.stderr) == (2, True)
    assert node.read()["faults"] == {}


def test_calls_of_vendor_programs_are_logged(call, node):
    assert call("hccn_tool", "-i", "0", "-ip", "-g").returncode == 4
    call("npu-simulator", "state")
    lines = [json.loads(line) for line in node.path(CALLS_LOG).read_text().splitlines()]
    assert [(line["program"], line["argv"], line["status"], line["uid"]) for line in lines] == [
        ("hccn_tool", ["-i", "0", "-ip", "-g"], 4, 0)
    ]


def test_an_unknown_program_is_told(call):
    answer = call("nvidia-smi")
    assert (answer.returncode, "PROGRAM one of" in answer.stderr) == (2, True)
