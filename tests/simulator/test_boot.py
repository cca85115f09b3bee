# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import io
import json
import sys

import pytest
from npu_simulator import boot
from npu_simulator.installers.files import InstallInfo, write
from npu_simulator.state import CALLS_LOG


@pytest.fixture
def started(monkeypatch):
    commands = []
    monkeypatch.setattr(boot, "start_in_background", commands.append)
    return commands


@pytest.fixture
def run(node, started):
    def call(*words):
        error = io.StringIO()
        return boot.main(list(words), node, io.StringIO(), io.StringIO(), error), error.getvalue()

    return call


def put_driver(node, *, status="complete", tool=True):
    info = InstallInfo(node)
    info.put("Driver_Install_Path_Param", "/usr/local/Ascend")
    info.put("Driver_Install_Status", status)
    write(node, "/usr/local/Ascend/driver/version.info", "Version=23.0.3\n")
    if tool:
        write(node, "/usr/local/Ascend/driver/tools/upgrade-tool", "")


def test_pending_firmware_and_a_complete_driver_become_live(node, run, started):
    put_driver(node)
    with node.change() as state:
        state["pending"] = {"driver": "23.0.3", "firmware": "7.1.0.5.220"}
        state["npus"][0]["present"] = False
    assert run("boot") == (0, "")
    state = node.read()
    assert (state["running"]["driver"], state["boots"]) == ("23.0.3", 2)
    assert state["pending"] == {"driver": None, "firmware": None}
    assert [npu["firmware"] for npu in state["npus"]] == [None] + 7 * [
        "7.1.0.5.220"
    ]  # the first one is absent
    assert started == []  # no hccn.conf, nothing to replay


@pytest.mark.parametrize("lack", [{"status": ""}, {"tool": False}])
def test_an_incomplete_driver_is_not_loaded(node, run, lack):
    put_driver(node, **lack)
    with node.change() as state:
        state["running"]["driver"] = "22.0.0"
    run("boot")
    assert node.read()["running"]["driver"] is None


def test_device_network_is_lost_and_replayed_in_the_background(node, run, started):
    put_driver(node)
    write(node, "/etc/hccn.conf", "address_0=10.20.0.1\nnetmask_0=255.255.255.0\n", 0o640)
    with node.change() as state:
        state["npus"][0]["live"]["address"] = "10.20.0.1"
    run("boot")
    assert node.read()["npus"][0]["live"]["address"] is None
    assert started == [["/usr/lib/npu-simulator/run", "boot", "replay"]]
    run("boot", "replay")
    assert node.read()["npus"][0]["live"]["address"] == "10.20.0.1"
    calls = [json.loads(line) for line in node.path(CALLS_LOG).read_text().splitlines()]
    assert [call["argv"] for call in calls] == [["-i", str(n), "-cfg", "recovery"] for n in range(8)]


@pytest.mark.parametrize(
    ("words", "delay"),
    [
        (["shutdown", "-r", "now"], "1.0"),
        (["shutdown", "-r", "+2", "Reboot initiated by Ansible"], "121.0"),
        (["shutdown", "-r", "0", "Reboot initiated by Ansible"], "1.0"),
        (["shutdown", "-r", "1"], "61.0"),
        (["reboot"], "1.0"),
    ],
)
def test_a_reboot_ends_process_one_a_little_later(run, started, words, delay):
    assert run(*words) == (0, "")
    assert started == [[sys.executable, "-c", boot.END_PROCESS_ONE, delay]]


def test_no_reboot_does_nothing_and_only_root_may(node, run, started):
    with node.change() as state:
        state["faults"] = {"no_reboot": True}
    assert run("reboot") == (0, "")
    assert run("shutdown", "-c") == (0, "")
    node.uid = 1000
    assert run("reboot") == (1, "reboot: Need to be root\n")
    assert started == []


def test_what_is_no_boot_is_told(run, started):
    assert run("boot", "twice") == (2, "usage: boot [replay], found boot twice\n")
    assert started == []
