# SPDX-License-Identifier: GPL-3.0-or-later
"""Power cuts: where they strike, that they strike once, and what they leave on the disk."""

from __future__ import annotations

import os

import pytest
from npu_simulator import boot, power

from tests.simulator.installers.conftest import Host

ASCEND = "/usr/local/Ascend"
VERSION_FILES = {
    "driver": f"{ASCEND}/driver/version.info",
    "firmware": f"{ASCEND}/firmware/version.info",
    "toolkit": f"{ASCEND}/ascend-toolkit/7.0.0/aarch64-linux/ascend_toolkit_install.info",
    "kernels": f"{ASCEND}/ascend-toolkit/7.0.0/opp_kernel/version.info",
}
INSTALL = {"driver": "--full", "firmware": "--full", "toolkit": "--install", "kernels": "--install"}
INSTALL_STAGES = [stage for stage in power.STAGES if stage != "removal"]


class PowerCut(BaseException):
    """Stands for the end of everything, which no program can catch."""


@pytest.fixture
def host(node, tmp_path, monkeypatch):
    def cut(_node):
        raise PowerCut

    monkeypatch.setattr(power, "cut", cut)
    monkeypatch.setattr(boot, "start_in_background", lambda command: None)
    (tmp_path / "payloads").mkdir()
    return Host(node, tmp_path / "payloads")


@pytest.mark.parametrize("stage", INSTALL_STAGES)
@pytest.mark.parametrize("part", sorted(INSTALL))
def test_a_first_installation_is_cut_at_each_stage_and_can_be_done_again(host, part, stage):
    if part == "firmware":
        host.run("driver", "--full", "--quiet")
    if part == "kernels":
        host.run("toolkit", "--install", "--quiet")
    host.fault(power_off_at={part: stage})
    with pytest.raises(PowerCut):
        host.run(part, INSTALL[part], "--quiet")
    assert host.has(VERSION_FILES[part]) == (stage == "end")
    assert host.node.read()["faults"] == {}
    boot.boot(host.node)
    assert host.run(part, INSTALL[part], "--quiet") in {0, 2}
    assert host.has(VERSION_FILES[part])


def test_a_driver_whose_upgrade_is_cut_is_gone(host):
    host.install_hdk()
    host.fault(power_off_at={"driver": "removal"})
    with pytest.raises(PowerCut):
        host.run("driver", "--upgrade", "--quiet", release="cann-8.0.0")
    assert not host.has(VERSION_FILES["driver"])
    assert host.has(f"{ASCEND}/driver/tools/npu-smi")
    boot.boot(host.node)
    assert host.node.read()["running"]["driver"] is None


def test_calls_of_a_program_are_counted_down(host):
    host.fault(power_off_after={"hccn_tool": 2})
    host.node.log_call("npu-smi", ["info"], 0)
    host.node.log_call("hccn_tool", ["-i", "0"], 0)
    assert host.node.read()["faults"] == {"power_off_after": {"hccn_tool": 1}}
    with pytest.raises(PowerCut):
        host.node.log_call("hccn_tool", ["-i", "1"], 0)
    assert host.node.read()["faults"] == {}


def test_the_switch_is_thrown_and_nothing_goes_on(node, monkeypatch):
    switch = node.path(power.SWITCH)
    switch.parent.mkdir(parents=True)
    os.mkfifo(switch)
    reader = os.open(switch, os.O_RDONLY | os.O_NONBLOCK)

    def stop(_seconds):
        raise PowerCut

    monkeypatch.setattr(power.time, "sleep", stop)
    with pytest.raises(PowerCut):
        power.cut(node)
    assert os.read(reader, 9) == b"off\n"
    os.close(reader)
