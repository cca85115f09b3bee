# SPDX-License-Identifier: GPL-3.0-or-later
"""The real module npu_info against the simulated npu-smi of both families, healthy and with each fault."""

from __future__ import annotations

import io
import json

import pytest
from ansible.module_utils import basic
from ansible.module_utils.testing import patch_module_args
from ansible_collections.ascend.fleet.plugins.modules import npu_info
from npu_simulator.__main__ import run as run_program
from npu_simulator.state import Node, fresh_state

FAMILIES = {
    "910b": {"npu_smi_names": ["910B3"], "pci": ["19e5:d802"]},
    "910": {"npu_smi_names": ["910A"], "pci": ["19e5:d801"]},
}


class Host:
    """A simulated node with a running driver, and the module on it."""

    def __init__(self, root, family, monkeypatch, capsys):
        product = {"key": "test", "name": "Test", "chip": family, "npus": 8, "chips_per_npu": 1}
        self.node = Node(str(root), uid=0)
        self.name = FAMILIES[family]["npu_smi_names"][0]
        state = fresh_state(product, FAMILIES[family], "aarch64")
        state["running"]["driver"] = "25.5.1"
        for npu in state["npus"]:
            npu["firmware"] = "7.8.0.5.216"
        self.node.create(state)
        (root / "etc").mkdir()
        self.capsys = capsys
        self.calls = []
        monkeypatch.setattr(npu_info, "ROOT", str(root))
        monkeypatch.setattr(basic.AnsibleModule, "run_command", self.run_command)
        monkeypatch.setattr(
            basic.AnsibleModule, "get_bin_path", lambda _module, name, **_rest: f"/bin/{name}"
        )

    def run_command(self, arguments, **_options):
        self.calls.append(" ".join(arguments[4:]))
        out, err = io.StringIO(), io.StringIO()
        status = run_program("npu-smi", list(arguments[4:]), self.node, (io.StringIO(), out, err))
        return status, out.getvalue(), err.getvalue()

    def read(self, *subset, **faults):
        with self.node.change() as state:
            state["faults"] = faults
        self.calls.clear()
        with patch_module_args({"gather_subset": list(subset) or ["npus"]}), pytest.raises(SystemExit):
            npu_info.main()
        return json.loads(self.capsys.readouterr().out)


@pytest.fixture(params=FAMILIES)
def host(request, tmp_path, monkeypatch, capsys):
    return Host(tmp_path, request.param, monkeypatch, capsys)


def test_a_healthy_server_costs_eleven_calls(host):
    found = host.read("npus", "boards")
    assert host.calls == ["info", "info -m", "info -l", *(f"info -t board -i {npu}" for npu in range(8))]
    state = host.node.read()
    for chip, card, npu in zip(found["chips"], found["cards"], state["npus"]):
        assert (chip["phy_id"], chip["npu_id"], card["npu_id"]) == (
            npu["phy_id"],
            npu["npu_id"],
            npu["npu_id"],
        )
        assert (chip["name"], chip["health"], chip["bus_id"]) == (host.name, "OK", npu["bus_id"])
        assert (chip["hbm_total_mb"], chip["power_w"]) == (npu["hbm_total_mb"], npu["power_w"])
        assert card["firmware_version"] == npu["firmware"]
        assert card["pci_device"] == npu["pci"]["device"]
    assert len(found["chips"]) == len(found["cards"]) == 8
    assert (found["driver_version"], found["lost_cards"]) == ("25.5.1", 0)


def test_a_driver_that_is_not_loaded(host):
    with host.node.change() as state:
        state["running"]["driver"] = None
    found = host.read("npus", "boards")
    assert (found["npu_smi"]["available"], found["chips"]) == (False, [])
    assert host.calls == ["info"]


@pytest.mark.parametrize(("code", "word"), [(1, "Warning"), (2, "Alarm"), (3, "Critical"), (4, "UNKNOWN")])
def test_an_unhealthy_chip(host, code, word):
    with host.node.change() as state:
        state["npus"][3]["error_codes"] = ["80CD8008"]
    chips = host.read(npu_health={"3": code})["chips"]
    assert [chip["health"] for chip in chips] == [word if npu == 3 else "OK" for npu in range(8)]
    assert [chip["phy_id"] for chip in chips] == list(range(8))
    assert "info -t health -i 3 -c 0" in host.calls


def test_a_health_that_npu_smi_does_not_know(host):
    chips = host.read(npu_health={"3": 9})["chips"]
    assert [chip["health"] for chip in chips] == [None if npu == 3 else "OK" for npu in range(8)]
    assert (chips[3]["npu_id"], chips[3]["phy_id"]) == (3, 3)
    assert "left out the row" in chips[3]["reason"]


@pytest.mark.parametrize("npu", [0, 5, 7])
def test_a_chip_that_does_not_answer(host, npu):
    found = host.read("npus", "boards", npu_dead=[npu])
    assert [chip["health"] for chip in found["chips"]] == [
        None if number == npu else "OK" for number in range(8)
    ]
    assert "does not answer" in found["chips"][npu]["reason"]
    assert found["cards"][npu]["reason"].startswith("Failed to query card pcie info.")
    assert found["cards"][npu]["firmware_version"] is None


@pytest.mark.parametrize("gone", [[0], [5], [2, 3]])
def test_lost_cards(host, gone):
    found = host.read("npus", "boards", npu_gone=gone)
    left = [npu for npu in range(8) if npu not in gone]
    assert [chip["phy_id"] for chip in found["chips"]] == left
    assert [card["npu_id"] for card in found["cards"]] == left
    assert found["lost_cards"] == len(gone)
