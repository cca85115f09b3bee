# SPDX-License-Identifier: GPL-3.0-or-later
"""Real processes that hold the simulated device files."""

from __future__ import annotations

import io
import os
import time
from pathlib import Path

import pytest
from npu_simulator import control, device_nodes, device_users, kernel


@pytest.fixture
def busy_node(node, monkeypatch):
    """Give a node with a running driver, whose processes of this test are ended with it."""
    monkeypatch.setattr(kernel, "settle_headers", lambda _node: None)
    node.uid = os.geteuid()
    node.path("/etc/passwd").write_text(f"root:x:{node.uid}:0:root:/root:/bin/bash\n")
    with node.change() as state:
        state["running"]["driver"] = "24.1.0"
    device_nodes.refresh(node)
    yield node
    set_users(node, None)


def set_users(node, users):
    with node.change() as state:
        state["faults"] = {"device_users": users} if users else {}
    device_users.settle(node)


def processes(node):
    return [
        (npu["phy_id"], one["name"], one["pid"]) for npu in node.read()["npus"] for one in npu["processes"]
    ]


def test_a_process_holds_the_file_until_the_fault_ends(busy_node):
    set_users(busy_node, [{"device": "davinci3", "command": "train"}])
    ((chip, name, pid),) = processes(busy_node)
    assert (chip, name) == (3, "train")
    assert Path(f"/proc/{pid}/comm").read_text() == "train\n"
    held = {os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir()}
    assert str(busy_node.path("/dev/davinci3").resolve()) in held
    set_users(busy_node, None)
    assert processes(busy_node) == []
    deadline = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z":
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_process_that_ended_is_forgotten(busy_node):
    set_users(busy_node, [{"device": "davinci0"}, {"device": "davinci_manager"}])
    ((_chip, _name, pid),) = processes(busy_node)
    assert control.main(["released", str(pid)], busy_node, None, None, None) == 0
    assert processes(busy_node) == []


def test_an_unknown_user_is_named(busy_node):
    with pytest.raises(ValueError, match="device_users: found no user nobody on the node"):
        set_users(busy_node, [{"user": "nobody"}])
    with busy_node.change() as state:
        state["faults"] = {}


def test_without_a_driver_there_is_nothing_to_hold(busy_node):
    errors = io.StringIO()
    words = ["fault", "device_users", '[{"device": "davinci77"}]']
    assert control.main(words, busy_node, None, None, errors) == 2
    assert (
        errors.getvalue()
        == "npu-simulator: device_users: found no /dev/davinci77, wanted a driver that runs\n"
    )
    with busy_node.change() as state:
        state["faults"] = {}


def test_only_device_files_count():
    assert device_nodes._is_device("davinci12")
    assert device_nodes._is_device("hisi_hdc")
    assert not device_nodes._is_device("davinci12x")
    assert not device_nodes._is_device("null")
