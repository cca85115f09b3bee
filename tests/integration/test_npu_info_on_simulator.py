# SPDX-License-Identifier: GPL-3.0-or-later
"""The real module npu_info against the simulated npu-smi of both families, healthy and with each fault."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from ansible.module_utils import basic
from ansible.module_utils.testing import patch_module_args
from ansible_collections.ascend.fleet.plugins.modules import npu_info
from npu_simulator import npu_smi
from npu_simulator.__main__ import run as run_program
from npu_simulator.state import Node, fresh_state

# Chip family, its name in npu-smi, PCI id, NPUs, chips of one NPU.
SERVERS = {
    "910A": ("910", "910A", "19e5:d801", 8, 1),
    "910B3": ("910b", "910B3", "19e5:d802", 8, 1),
    "A3": ("910_93", "Ascend910", "19e5:d803", 8, 2),
    "310P3": ("310p", "310P3", "19e5:d500", 4, 1),
    "310P Duo": ("310p", "310P3", "19e5:d500", 2, 2),
    "310B4": ("310b", "310B4", "19e5:d105", 1, 1),
}
PLAYED = json.loads((Path(npu_smi.__file__).parent / "families.json").read_text(encoding="utf-8"))
KNOWN = {name: server for name, server in SERVERS.items() if server[0] in PLAYED}


SERVERS_WITH_NPUS = [name for name, server in KNOWN.items() if server[0] in ("910", "910b", "910_93")]
HOSTS_WITH_CARDS = [name for name, server in KNOWN.items() if server[0] == "310p"]

BOARDS = [name for name, server in KNOWN.items() if server[0] == "310b"]


class Host:
    """A simulated node with a running driver, and the module on it."""

    def __init__(self, root, server, monkeypatch, capsys):
        self.family, self.name, pci, npus, self.dies = SERVERS[server]
        product = {
            "key": "test",
            "name": "Test",
            "chip": self.family,
            "npus": npus,
            "chips_per_npu": self.dies,
        }
        self.node = Node(str(root), uid=0)
        state = fresh_state(product, {"npu_smi_names": [self.name], "pci": [pci]}, "aarch64")
        state["running"]["driver"] = "25.5.1"
        for npu in state["npus"]:
            npu["firmware"] = "7.8.0.5.216"
        self.node.create(state)
        for folder in ("etc", "dev"):
            (root / folder).mkdir(exist_ok=True)
        for npu in state["npus"]:
            (root / f"dev/davinci{npu['phy_id']}").touch()
        self.chips = [(npu["npu_id"], npu["chip_id"]) for npu in state["npus"]]
        self.cards = sorted({npu["npu_id"] for npu in state["npus"]})
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
        options = {name: faults.pop(name) for name in list(faults) if name.startswith("_ansible")}
        with self.node.change() as state:
            state["faults"] = faults
        self.calls.clear()
        options["gather_subset"] = list(subset) or ["npus"]
        with patch_module_args(options), pytest.raises(SystemExit):
            npu_info.main()
        return json.loads(self.capsys.readouterr().out)


@pytest.fixture(params=KNOWN)
def host(request, tmp_path, monkeypatch, capsys):
    return Host(tmp_path, request.param, monkeypatch, capsys)


@pytest.fixture(params=SERVERS_WITH_NPUS)
def server(request, tmp_path, monkeypatch, capsys):
    return Host(tmp_path, request.param, monkeypatch, capsys)


@pytest.fixture(params=HOSTS_WITH_CARDS)
def cards(request, tmp_path, monkeypatch, capsys):
    return Host(tmp_path, request.param, monkeypatch, capsys)


@pytest.fixture(params=BOARDS)
def board(request, tmp_path, monkeypatch, capsys):
    return Host(tmp_path, request.param, monkeypatch, capsys)


def test_a_healthy_server_costs_three_calls_and_one_per_card(host):
    found = host.read("npus", "boards")
    boards = [f"info -t board -i {card}" for card in host.cards]
    assert host.calls == ["info", "info -m", "info -l", *boards]
    state = host.node.read()
    for chip, npu in zip(found["chips"], state["npus"]):
        assert (chip["phy_id"], chip["npu_id"], chip["chip_id"]) == (
            npu["phy_id"],
            npu["npu_id"],
            npu["chip_id"],
        )
        assert (chip["name"], chip["family"], chip["health"]) == (host.name, host.family, "OK")
    assert [(chip["npu_id"], chip["chip_id"]) for chip in found["chips"]] == host.chips
    assert [card["npu_id"] for card in found["cards"]] == host.cards
    assert {card["firmware_version"] for card in found["cards"]} == {"7.8.0.5.216"}
    assert (found["driver_version"], found["lost_cards"], found["unread"]) == ("25.5.1", 0, [])
    counts = {"card_count": len(host.cards), "chip_count": len(host.chips)}
    assert found["node"] == {"families": [host.family], "healthy_chip_count": len(host.chips), **counts}


def test_the_measures_and_ids_of_a_server_are_those_of_its_state(host):
    found = host.read("npus", "boards")
    state = host.node.read()
    for chip, npu in zip(found["chips"], state["npus"]):
        if chip["bus_id"] is not None:
            assert chip["bus_id"] == npu["bus_id"]
        if chip["power_w"] is not None:
            assert chip["power_w"] == npu["power_w"]
        if chip["hbm_total_mb"] is not None:
            assert chip["hbm_total_mb"] == npu["hbm_total_mb"]
        assert chip["temperature_c"] == npu["temperature_c"]
        assert chip["hbm_total_mb"] or chip["memory_total_mb"]
    assert [card["pci_device"] for card in found["cards"]] == [
        npu["pci"]["device"] for npu in state["npus"] if npu["chip_id"] == 0
    ]


def test_everything_that_can_be_asked(host):
    """Each type gives values for every chip, or says that this product has none."""
    found = host.read(*npu_info.EVERYTHING)
    assert [(chip["npu_id"], chip["chip_id"]) for chip in found["chips"]] == host.chips
    refused = {entry["what"] for entry in found["unread"] if "querying" in entry["reason"]}
    assert refused <= {"product", "topology", "power"}
    for chip in found["chips"]:
        assert chip["board"]["firmware_version"] == "7.8.0.5.216"
        assert chip["common"]["temperature_c"] == chip["temperature_c"]
        assert chip["usages"]["ai_core_percent"] == chip["ai_core_percent"]
        assert chip["memory"]["hbm_total_mb"] == chip["hbm_total_mb"]
        assert any(value == 0 for value in chip["ecc"].values())
    assert (found["topology"] is None) == ("topology" in refused)
    assert f"info -t phyid-remap -p {len(host.chips) - 1}" in host.calls
    assert [chip["phy_id"] for chip in found["chips"]] == [npu["phy_id"] for npu in host.node.read()["npus"]]


def test_check_mode_asks_and_returns_the_same(host):
    real = host.read("npus")
    calls = list(host.calls)
    assert host.read("npus", _ansible_check_mode=True) == real
    assert host.calls == calls


def test_a_driver_that_is_not_loaded(host):
    with host.node.change() as state:
        state["running"]["driver"] = None
    found = host.read("npus", "boards")
    assert (found["npu_smi"]["available"], found["chips"]) == (False, [])
    assert host.calls == ["info"]


@pytest.mark.parametrize(("code", "word"), [(1, "Warning"), (2, "Alarm"), (3, "Critical"), (4, "UNKNOWN")])
def test_an_unhealthy_chip(host, code, word):
    last = len(host.chips) - 1
    with host.node.change() as state:
        state["npus"][last]["error_codes"] = ["80CD8008"]
    found = host.read(npu_health={str(last): code})
    assert [chip["health"] for chip in found["chips"]] == ["OK"] * last + [word]
    assert [chip["phy_id"] for chip in found["chips"]] == list(range(last + 1))
    assert found["chips"][last]["error_codes"] == ["80CD8008"]
    assert "info -t health -i {} -c {}".format(*host.chips[last]) in host.calls
    assert found["node"]["healthy_chip_count"] == last


def test_a_health_that_npu_smi_does_not_know(host):
    last = len(host.chips) - 1
    chips = host.read(npu_health={str(last): 9})["chips"]
    assert [chip["health"] for chip in chips] == ["OK"] * last + [None]
    assert (chips[last]["npu_id"], chips[last]["chip_id"]) == host.chips[last]
    assert (chips[last]["phy_id"], chips[last]["name"]) == (last, host.name)
    assert "left out the row" in chips[last]["reason"]


def left_of(host, found):
    """Return the chips and the cards that are found."""
    chips = [(chip["npu_id"], chip["chip_id"]) for chip in found["chips"]]
    assert [card["npu_id"] for card in found["cards"]] == sorted({card for card, _chip in chips})
    return chips


@pytest.mark.parametrize("place", [0, -1])
def test_a_chip_of_a_server_that_does_not_answer(server, place):
    dead = range(len(server.chips))[place]
    found = server.read("npus", "boards", npu_dead=[dead])
    assert left_of(server, found) == server.chips
    silent = [number for number, chip in enumerate(found["chips"]) if chip["health"] is None]
    assert silent == [dead]
    assert "does not answer" in found["chips"][dead]["reason"]
    if server.dies == 1:
        card = found["cards"][dead]
        assert card["reason"].startswith("Failed to query card pcie info.")
        assert card["firmware_version"] is None


@pytest.mark.parametrize("places", [[0], [-1], [0, -1]])
def test_lost_cards_of_a_server_are_counted(server, places):
    """On an A3 the loss of one die takes the whole NPU along (real-programs.md N11)."""
    gone = sorted({range(len(server.chips))[place] for place in places})
    found = server.read("npus", "boards", npu_gone=gone)
    lost = {server.chips[number][0] for number in gone}
    assert left_of(server, found) == [place for place in server.chips if place[0] not in lost]
    assert found["lost_cards"] == len(lost)


@pytest.mark.parametrize("fault", ["npu_dead", "npu_gone"])
@pytest.mark.parametrize("place", [0, -1])
def test_lost_and_silent_cards_of_a_host_with_pci_cards_are_left_out_by_npu_smi(cards, fault, place):
    """Neither the table nor the list counts them (transcripts npu-smi/310P3/187, 191)."""
    number = range(len(cards.chips))[place]
    found = cards.read("npus", "boards", **{fault: [number]})
    lost = cards.chips[number][0]
    assert left_of(cards, found) == [place for place in cards.chips if place[0] != lost]
    assert found["lost_cards"] == 0


def test_a_board_that_lost_its_only_chip_has_no_driver_to_ask(board):
    """With no device at all the library fails as without a driver (real-programs.md N2)."""
    found = board.read("npus", npu_gone=[0])
    assert found["npu_smi"]["available"] is False
    assert "ret is -8005" in found["npu_smi"]["reason"]


def test_a_board_whose_only_chip_is_held_by_others(board):
    found = board.read("npus", npu_dead=[0])
    assert found["failed"] is True
    assert "ret is -8020" in found["msg"]
