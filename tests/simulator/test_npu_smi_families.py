# SPDX-License-Identifier: GPL-3.0-or-later
"""npu-smi on the cards and boards without transcripts, and as older and newer drivers print it."""

from __future__ import annotations

import io
import re

import pytest
from npu_simulator.npu_smi import main
from npu_simulator.state import Node, fresh_state
from recordings import RECORDINGS, require

CHIPS = {
    "310p": {"npu_smi_names": ["310P3"], "pci": ["19e5:d500"]},
    "310b": {"npu_smi_names": ["310B4"], "pci": ["19e5:d107"]},
    "910": {"npu_smi_names": ["910A"], "pci": ["19e5:d801"]},
    "910b": {"npu_smi_names": ["910B3"], "pci": ["19e5:d802"]},
    "910_93": {"npu_smi_names": ["Ascend910"], "pci": ["19e5:d803"]},
}


def make(root, chip, key="test", **counts):
    product = {"key": key, "name": "Test", "chip": chip, "npus": 1, "chips_per_npu": 1, **counts}
    state = fresh_state(product, CHIPS[chip], "aarch64")
    state["running"]["driver"] = "25.5.1"
    node = Node(str(root), uid=0)
    node.create(state)
    return node


def ask(node, *words, stdin=""):
    out, err = io.StringIO(), io.StringIO()
    status = main(list(words), node, io.StringIO(stdin), out, err)
    assert err.getvalue() == ""
    return status, out.getvalue()


@pytest.fixture
def duo(tmp_path):
    """Give a host with two Atlas 300I Duo."""
    return make(tmp_path, "310p", npus=2, chips_per_npu=2)


@pytest.fixture
def board(tmp_path):
    """Give a 310B board."""
    return make(tmp_path, "310b")


def test_a_duo_has_two_chips_on_one_bus_id(duo):
    text = ask(duo, "info")[1]
    cells = re.findall(r"^\| (\d) +(\d) +\| (\S+)", text, re.MULTILINE)
    assert cells == [
        ("0", "0", "0000:01:00.0"),
        ("1", "1", "0000:01:00.0"),
        ("0", "2", "0000:02:00.0"),
        ("1", "3", "0000:02:00.0"),
    ]
    between = "+-------------------------------+-----------------+" + "-" * 54 + "+\n"
    assert text.count(between) == 4  # of the banner, of each card, of the processes
    mapped = ask(duo, "info", "-m")[1].splitlines()[1:]
    assert [line.split()[:3] for line in mapped[:3]] == [["0", "0", "0"], ["0", "1", "1"], ["0", "2", "-"]]


def test_the_settings_of_a_duo_are_those_of_the_card(duo):
    refused = "This device does not support setting p2p-mem-cfg.\n"
    assert ask(duo, "set", "-t", "p2p-mem-cfg", "-i", "32", "-c", "0", "-d", "1") == (217, refused)
    assert ask(duo, "set", "-t", "p2p-mem-cfg", "-i", "32", "-d", "1")[0] == 0
    assert ask(duo, "set", "-t", "reset", "-i", "0", "-c", "1")[1].startswith("SMP mode only support reset")
    asked = ask(duo, "set", "-t", "reset", "-i", "0", "-c", "0", stdin="Y\ny\n")[1]
    assert "It's SMP mode, it will reboot all devices in this SMP system" in asked
    assert "Reset chip successfully." in asked


def test_a_board_has_neither_bus_id_nor_mcu_nor_processes(board):
    text = ask(board, "info")[1]
    assert re.search(r"^\| 0 +0 +\| NA ", text, re.MULTILINE)
    assert re.search(r"\| 0 +310B4 +\| OK +\| 7\.2 ", text)
    assert "Process" not in text
    assert "Mcu" not in ask(board, "info", "-m")[1]
    assert ask(board, "upgrade", "-b", "mcu", "-i", "0") == (
        217,
        "This device does not support querying version.\n",
    )


def test_some_settings_are_those_of_some_boards(board, tmp_path):
    text = "This device does not support querying boot-select.\n"
    assert ask(board, "info", "-t", "boot-select", "-i", "0") == (0, text)
    station = make(tmp_path / "station", "310b", key="atlas_500_a2")
    assert "eMMC" in ask(station, "info", "-t", "boot-select", "-i", "0", "-c", "0")[1]
    assert ask(station, "set", "-t", "power-state", "-i", "0", "-c", "0", "-d", "200")[1].startswith(
        "This device"
    )
    assert ask(board, "set", "-t", "power-state", "-i", "0", "-c", "0", "-d", "200") == (0, "")


def test_the_processors_of_a_board_add_up_to_four(board):
    wrong = ask(board, "set", "-t", "cpu-num-cfg", "-i", "0", "-c", "0", "-v", "6:2:0")
    assert (wrong[0], wrong[1].splitlines()[0]) == (215, "Error parameter of -v")
    assert ask(board, "set", "-t", "cpu-num-cfg", "-i", "0", "-c", "0", "-v", "0:4:0")[0] == 0
    assert (
        "Current control CPU number     : 4\n"
        in ask(board, "info", "-t", "cpu-num-cfg", "-i", "0", "-c", "0")[1]
    )


# Grammar of a driver, chips, and the recording of such a driver whose frame must be the same.
GRAMMARS = [
    ("22.0", "910", "npu-smi-info-910A-22.0.3.1-1.txt"),
    ("22.0", "310p", "npu-smi-info-310P3-22.0.2-1.txt"),
    ("23.0", "910b", "npu-smi-info-910B3-23.0.1-1.txt"),
    ("23.0", "910_93", "npu-smi-info-910_93-25.2.0-1.txt"),
    (None, "310p", "npu-smi-info-310P3-25.5.1-1.txt"),
    (None, "310b", "npu-smi-info-310B4-23.0.rc3-1.txt"),
    ("26.0", "910b", "npu-smi-info-910B4-26.0.rc1-1.txt"),
]


def frame(text):
    """Return the rulers and the two lines of the head, and the places of the bars in every line."""
    lines = [line.rstrip() for line in text.splitlines() if line.startswith(("+", "|"))]
    head = next(number for number, line in enumerate(lines) if line.startswith("| NPU"))
    bars = {tuple(place for place, sign in enumerate(line) if sign == "|") for line in lines[head : head + 5]}
    return lines[0], lines[head - 1 : head + 3], bars


@pytest.mark.parametrize(("grammar", "chip", "name"), GRAMMARS)
def test_the_frame_is_that_of_the_recorded_driver(tmp_path, grammar, chip, name):
    require()
    recorded = (RECORDINGS / name).read_text(encoding="utf-8")
    node = make(tmp_path, chip, chips_per_npu=2 if chip == "910_93" else 1)
    if grammar:
        with node.change() as state:
            state["grammar"] = grammar
    assert frame(ask(node, "info")[1]) == frame(recorded)


def test_a_grammar_that_is_not_known_is_told(tmp_path):
    node = make(tmp_path, "310b")
    with node.change() as state:
        state["grammar"] = "22.0"
    err = io.StringIO()
    assert main(["info"], node, io.StringIO(), io.StringIO(), err) == 70
    assert err.getvalue() == "npu-smi: not simulated: the grammar 22.0 for 310b; there is 23.0\n"


def test_the_version_of_the_program_may_be_another_than_the_drivers(tmp_path):
    node = make(tmp_path, "910")
    with node.change() as state:
        state["tool_version"] = "22.0.0"
    assert ask(node, "-v") == (0, "npu-smi version: 22.0.0\n")
    assert ask(node, "info")[1].splitlines()[1].split()[1:5] == ["npu-smi", "22.0.0", "Version:", "25.5.1"]
