# SPDX-License-Identifier: GPL-3.0-or-later
"""The real module against the simulated hccn_tool of three families: all facts, nothing written, faults."""

from __future__ import annotations

import io
import json

import pytest
import yaml
from ansible.module_utils import basic
from ansible.module_utils.testing import patch_module_args
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_facts import QUESTIONS
from ansible_collections.ascend.fleet.plugins.modules import hccn_info
from npu_simulator.__main__ import run as run_program
from npu_simulator.state import CALLS_LOG, Node, fresh_state

FAMILIES = {"910b": 1, "910": 1, "910_93": 2}  # chips of one NPU
CHIP = {"npu_smi_names": ["?"], "pci": ["19e5:d802"]}


class Host:
    """A simulated node, and the module on it."""

    def __init__(self, root, family, monkeypatch, capsys):
        product = {"key": "test", "name": "Test", "chip": family, "npus": 8}
        self.node = Node(str(root), uid=0)
        state = fresh_state({**product, "chips_per_npu": FAMILIES[family]}, CHIP, "aarch64")
        state["running"]["driver"] = "25.5.1"
        self.node.create(state)
        self.devices = len(state["npus"])
        (root / "etc").mkdir()
        self.file = root / "etc/hccn.conf"
        self.file.touch()
        self.capsys = capsys
        monkeypatch.setattr(basic.AnsibleModule, "run_command", self.run_command)
        monkeypatch.setattr(basic.AnsibleModule, "get_bin_path", lambda _m, name, **_rest: f"/bin/{name}")

    def run_command(self, arguments, **_options):
        assert arguments[3] == "/bin/hccn_tool"
        out, err = io.StringIO(), io.StringIO()
        status = run_program("hccn_tool", list(arguments[4:]), self.node, (io.StringIO(), out, err))
        return status, out.getvalue(), err.getvalue()

    def tool(self, line):
        assert self.run_command(["timeout", "", "", "/bin/hccn_tool", *line.split()])[0] == 0

    def read(self, **options):
        with patch_module_args({"path": str(self.file), **options}), pytest.raises(SystemExit):
            hccn_info.main()
        return json.loads(self.capsys.readouterr().out)

    def change(self, **faults):
        with self.node.change() as state:
            state["faults"] = faults

    def calls(self):
        return [json.loads(line)["argv"] for line in self.node.path(CALLS_LOG).read_text().splitlines()]


@pytest.fixture(params=FAMILIES)
def host(request, tmp_path, monkeypatch, capsys):
    made = Host(tmp_path, request.param, monkeypatch, capsys)
    for device in (0, 1):
        made.tool(f"-i {device} -ip -s address 10.0.{device}.1 netmask 255.255.255.0")
    made.tool("-i 0 -tls -s enable 0")
    return made


def test_every_device_of_the_host_is_read_and_nothing_is_written(host):
    before = host.file.read_text()
    result = host.read(gather_subset=["all"])
    assert host.file.read_text() == before
    assert [device["id"] for device in result["devices"]] == list(range(host.devices))
    first = result["devices"][0]
    assert (first["address"], first["prefix"], first["link"]) == ("10.0.0.1", 24, "UP")
    assert (first["neighbour"]["switch"], first["neighbour"]["port"]) == ("leaf-1", "400GE1/1/1:1")
    assert first["optical"]["rx_power_mw"] == [0.9871] * 4
    assert first["link_history"]["up_count"] == 1
    assert first["tls"]["enabled"] is False
    assert first["mac"] == "02:4e:00:00:00:00"
    assert (first["mtu_bytes"], first["config_status"]) == (1500, "NONE")
    assert first["roce_resources"]["qp_active"] == 1
    assert len(first["statistics"]) > 20
    assert first["speed_mbps"] in {100000, 200000}
    assert result["devices"][1]["tls"] is None
    assert "would write it" in result["devices"][1]["reasons"]["tls"]


def test_check_mode_reads_the_same(host):
    assert host.read(_ansible_check_mode=True) == host.read()


def test_no_more_calls_are_made_than_questions_asked(host):
    before = len(host.calls())
    host.read(devices=list(range(host.devices)), gather_subset=["link", "neighbour"])
    assert len(host.calls()) - before == 2 * host.devices


def test_only_queries_are_made(host):
    before = len(host.calls())
    host.read(gather_subset=["all"], pings=[{"id": 0, "address": "10.0.1.1"}])
    words = {word for call in host.calls()[before:] for word in call}
    assert not words & {"-s", "-a", "-d", "-c", "-t", "recovery"}


def test_a_broken_cable_is_seen_from_all_sides(host):
    host.change(link_down=[1])
    device = host.read(devices=[1], gather_subset=["all"])["devices"][0]
    assert device["link"] == "DOWN"
    assert (device["neighbour"], device["speed_mbps"]) == (None, None)
    assert device["reasons"]["neighbour"] == "the link is down"
    assert device["optical"]["rx_los"] == 15


def test_a_lost_device_has_a_reason_and_the_others_are_read(host):
    host.change(npu_gone=[1])
    lost, good = host.read(devices=[1, 2], gather_subset=["all"])["devices"]
    assert "lspci" in lost["reason"]
    assert lost["link"] is None
    assert good["link"] == "UP"


def test_devices_ping_each_other(host):
    host.tool("-i 2 -ip -s address 10.0.0.3 netmask 255.255.255.0")
    pings = [{"id": 0, "address": "10.0.0.3"}, {"id": 0, "address": "10.0.0.9"}]
    found = host.read(devices=[0], pings=pings)["pings"]
    assert [(ping["received"], ping["reason"]) for ping in found] == [(3, None), (0, None)]


def test_every_documented_fact_is_found_and_none_is_undocumented(host):
    documented = yaml.safe_load(hccn_info.RETURN)["devices"]["contains"]
    device = host.read(devices=[0], gather_subset=["all"])["devices"][0]
    assert set(device) == set(documented)
    for name in ("link_history", "neighbour", "optical", "tls"):
        assert set(device[name]) == set(documented[name]["contains"]), name
    assert set(QUESTIONS) | {"all"} == set(
        yaml.safe_load(hccn_info.DOCUMENTATION)["options"]["gather_subset"]["choices"]
    )


def test_the_documented_examples_run_as_written(host):
    tasks = yaml.safe_load(hccn_info.EXAMPLES)
    asked = [task["ascend.fleet.hccn_info"] or {} for task in tasks if "ascend.fleet.hccn_info" in task]
    assert len(asked) == 3
    for options in asked:
        result = host.read(**options)
        assert not result.get("failed")
        assert all(device["reason"] is None for device in result["devices"])
