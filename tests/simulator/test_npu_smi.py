# SPDX-License-Identifier: GPL-3.0-or-later
"""What npu-smi answers beyond the recorded calls: versions, faults, prompts, and what is not simulated."""

from __future__ import annotations

import io
import re

import pytest
from npu_simulator.npu_smi import main

VERSION_INFO = "usr/local/Ascend/driver/version.info"


@pytest.fixture
def smi(node):
    """Call npu-smi on a node whose driver 24.1.0 runs; gives (status, stdout, stderr)."""
    with node.change() as state:
        state["running"]["driver"] = "24.1.0"

    def call(*words, stdin=""):
        out, err = io.StringIO(), io.StringIO()
        status = main(list(words), node, io.StringIO(stdin), out, err)
        return status, out.getvalue(), err.getvalue()

    return call


@pytest.fixture
def package(tmp_path):
    """Write the version.info of the driver package on the disk."""
    file = tmp_path / VERSION_INFO
    file.parent.mkdir(parents=True)
    return file.write_text


def board_value(smi, key, npu_id=0):
    status, text, _errors = smi("info", "-t", "board", "-i", str(npu_id))
    assert status == 0
    return re.search(rf"^\t{key} +: (.*)$", text, re.MULTILINE).group(1)


def test_without_a_driver_everything_but_the_usage_fails(smi, node):
    with node.change() as state:
        state["running"]["driver"] = None
    refused = (187, "dcmi module initialize failed. ret is -8005\n", "")
    assert [smi(*words) for words in (("-v",), ("-h",), ("info",), ("info", "-l"))] == [refused] * 4
    assert smi()[0] == 215
    assert smi("inof")[0] == 211


def test_the_program_is_the_package_on_the_disk_and_the_driver_the_one_that_runs(smi, package):
    package("Version=25.2.0\n")
    assert smi("-v")[1] == "npu-smi version: 25.2.0\n"
    banner = smi("info")[1].splitlines()[1]
    assert banner.split()[1:] == ["npu-smi", "25.2.0", "Version:", "24.1.0", "|"]
    assert board_value(smi, "Software Version") == "24.1.0"


def test_a_chip_without_firmware_says_na(smi, node):
    assert board_value(smi, "Firmware Version") == "NA"
    with node.change() as state:
        state["npus"][0]["firmware"] = "7.5.0.3.220"
    assert board_value(smi, "Firmware Version") == "7.5.0.3.220"


NEW_ENOUGH = "compatible_version_fw=[7.0.0,8.9.9]\n"
TOO_OLD = "compatible_version_fw=[7.0.0,7.1.99]\n"


@pytest.mark.parametrize(
    ("case", "answer"),
    [
        ((NEW_ENOUGH, "7.5.0.3.220", 0), "OK"),
        ((TOO_OLD, "7.5.0.3.220", 0), "NOK"),
        ((TOO_OLD, "6.4.12.1.241", 0), "NOK"),
        ((NEW_ENOUGH, None, 0), "UNKNOWN"),
        (("", "7.5.0.3.220", 0), "UNKNOWN"),
        ((NEW_ENOUGH, "7.5.0.3.220", 1000), "NOT SUPPORT"),
    ],
)
def test_compatibility_compares_the_firmware_with_the_driver_package(smi, node, package, case, answer):
    lines, firmware, node.uid = case
    package("Version=24.1.0\n" + lines)
    with node.change() as state:
        state["npus"][0]["firmware"] = firmware
    assert board_value(smi, "Compatibility") == answer


def test_a_chip_is_off_the_bus_by_fault_or_by_state(smi, node):
    with node.change() as state:
        state["faults"]["npu_gone"] = [2]
        state["npus"][5]["present"] = False
    shown = re.findall(r"^\| (\d) +910B3 ", smi("info")[1], re.MULTILINE)
    assert shown == ["0", "1", "3", "4", "6", "7"]
    assert re.findall(r"NPU ID +: (-?\d)", smi("info", "-l")[1])[:3] == ["-1", "-1", "0"]
    assert smi("info", "-t", "board", "-i", "5")[0] == 215


def test_no_chip_at_all_and_only_dead_chips(smi, node):
    with node.change() as state:
        state["faults"]["npu_dead"] = list(range(8))
    assert smi("info")[0] == 172
    with node.change() as state:
        state["faults"] = {"npu_gone": list(range(8))}
    assert smi("info")[0] == 187


def test_a_health_fault_shows_in_the_table_and_at_the_chip(smi, node):
    with node.change() as state:
        state["faults"].update(npu_health={"3": 2}, error_codes={"3": ["80E3A203"]})
    assert re.search(r"^\| 3 +910B3 +\| Alarm ", smi("info")[1], re.MULTILINE)
    assert (
        "Error Code                     : 80E3A203\n" in smi("info", "-t", "health", "-i", "3", "-c", "0")[1]
    )


def test_a_dead_chip_fails_every_question_about_itself(smi, node):
    with node.change() as state:
        state["faults"]["npu_dead"] = [1]
    assert "Failed to query npu chip: 0 info." in smi("info", "-t", "usages", "-i", "1")[1]
    assert smi("info", "-t", "board", "-i", "1", "-c", "0")[:2] == (197, 'Failed to query "board" result.\n')
    assert smi("info", "-t", "board", "-i", "0", "-c", "0")[0] == 0


def test_sharing_asks_once_and_keeps_the_answer(smi, node):
    ask = ("set", "-t", "device-share", "-i", "3", "-d", "1")
    assert smi(*ask, stdin="n\n")[0] == 200
    assert node.read()["npus"][3]["readings"] == {}
    assert smi(*ask, stdin="Y\n")[0] == 0
    assert "Status            : True" in smi("info", "-t", "device-share", "-i", "3", "-c", "0")[1]
    assert "Status            : False" in smi("info", "-t", "device-share", "-i", "4", "-c", "0")[1]


def test_arguments_come_in_pairs_and_conflicts_are_refused(smi):
    assert smi("info", "-m", "-l") == smi("info", "-m")  # the word behind a flag is never looked at
    status, text, _errors = smi("info", "-t", "board", "-t", "common", "-i", "0")
    assert (status, text.splitlines()[0]) == (215, "Error parameter of -t")
    status, text, _errors = smi("info", "-t", "board", "-c", "0", "-i", "0")
    assert (status, text.splitlines()[0]) == (215, "Invalid chip id.")


@pytest.mark.parametrize(
    "words",
    [
        ("info", "watch"),
        ("info", "-t", "temp", "-i", "0", "-c", "1"),
        ("set", "-t", "sys-log-dump", "-s", "1"),
        ("set", "-t", "revocate", "-h", "x"),
    ],
)
def test_what_is_not_simulated_is_told_and_never_guessed(smi, words):
    status, out, err = smi(*words)
    assert (status, out) == (70, "")
    assert err.startswith("npu-smi: not simulated: ")


def test_a_family_without_data_is_told(smi, node):
    with node.change() as state:
        state["chip"] = "950"
    status, out, err = smi("info")
    assert (status, out) == (70, "")
    assert err == "npu-smi: not simulated: chip family 950; there is 310, 310b, 310p, 910, 910_93, 910b\n"


def test_an_error_code_without_a_text_is_shown_as_a_number(smi, node):
    with node.change() as state:
        state["faults"].update(npu_health={"3": 2}, error_codes={"3": ["80E3A203", "0000000A"]})
    lines = smi("info", "-t", "health", "-i", "3", "-c", "0")[1].splitlines()
    assert lines[1].endswith(": 80E3A203 0000000A")
    assert "node type=LPM" in lines[2]
    assert lines[-1].split() == [":", "10"]
