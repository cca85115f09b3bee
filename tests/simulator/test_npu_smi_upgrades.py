# SPDX-License-Identifier: GPL-3.0-or-later
"""The firmware of the MCU: `npu-smi upgrade`, from the file to the version that answers."""

from __future__ import annotations

import io
import json

import pytest
from npu_simulator.npu_smi import main

FILE = "/root/Ascend-hdk-910b-mcu_25.50.10.hpm"


@pytest.fixture
def smi(node, tmp_path):
    """Call npu-smi on a node whose MCUs take no time; gives (status, stdout, stderr)."""
    with node.change() as state:
        state["running"]["driver"] = "25.2.0"
        state["seconds"]["mcu"] = 0
    (tmp_path / "root").mkdir()
    write(tmp_path, {"part": "mcu", "version": "25.50.10", "chip": "910b"})

    def call(*words):
        out, err = io.StringIO(), io.StringIO()
        status = main(["upgrade", *words], node, io.StringIO(), out, err)
        return status, out.getvalue(), err.getvalue()

    return call


def write(root, content):
    (root / FILE[1:]).write_text(json.dumps(content))


def version(smi, card="0"):
    return smi("-b", "mcu", "-i", card)[1].split()[-1]


def test_a_firmware_is_transferred_then_activated_on_one_card(smi):
    status, text, _err = smi("-t", "mcu", "-i", "0", "-f", FILE)
    assert status == 0
    assert "Validity                       : success\n" in text
    assert text.endswith("\tMessage                        : need active mcu\n")
    assert version(smi) == "23.3.13"
    assert smi("-a", "mcu", "-i", "0")[1].endswith("after performed reboot successfully.\n\n")
    assert (version(smi), version(smi, "1")) == ("25.50.10", "23.3.13")
    assert "Conclusion                     : PASS" in smi("-q", "mcu", "-i", "0")[1]


def test_an_mcu_that_restarts_does_not_answer(smi, node):
    smi("-t", "mcu", "-i", "0", "-f", FILE)
    with node.change() as state:
        state["seconds"]["mcu"] = 100
    assert smi("-a", "mcu", "-i", "0")[0] == 0
    assert smi("-b", "mcu", "-i", "0") == (211, "Failed to query mcu version.\n", "")
    assert smi("-q", "mcu", "-i", "0")[0] == 211
    assert "Failed to upgrade the MCU firmware." in smi("-t", "mcu", "-i", "0", "-f", FILE)[1]


def test_nothing_to_activate(smi):
    text = "Failed to activate the mcu upgrade.\nFailed to execute npu-smi upgrade. ret is -8005.\n"
    assert smi("-a", "mcu", "-i", "0") == (187, text, "")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"part": "mcu", "version": "1", "chip": "910_93"}, "Failed to parse file"),
        ({"part": "driver"}, "cms_validate_sign operate file err. Error:-1"),
    ],
)
def test_a_wrong_file_changes_nothing(smi, tmp_path, content, words):
    write(tmp_path, content)
    status, text, _err = smi("-t", "mcu", "-i", "0", "-f", FILE)
    assert status != 0
    assert words in text
    assert smi("-a", "mcu", "-i", "0")[0] == 187


def test_an_mcu_can_fail_and_lie(smi, node):
    with node.change() as state:
        state["faults"]["installer_fails"] = ["mcu"]
    status, text, _err = smi("-t", "mcu", "-i", "0", "-f", FILE)
    assert (status, text.splitlines()[-1]) == (216, "mcu upgrade failed, retry 3 times.")
    with node.change() as state:
        state["faults"] = {"installer_lies": ["mcu"]}
    assert (smi("-t", "mcu", "-i", "0", "-f", FILE)[0], smi("-a", "mcu", "-i", "0")[0]) == (0, 0)
    assert version(smi) == "23.3.13"


def test_the_writing_takes_its_time_and_tells_how_far_it_is(smi, node):
    with node.change() as state:
        state["seconds"]["mcu"] = 0.2
        state["npus"][1]["readings"]["mcu_writes"] = [0, 4e9]
    text = smi("-t", "mcu", "-i", "0", "-f", FILE)[1]
    assert text.count("\rStart upgrade [") > 3
    progress = smi("-q", "mcu", "-i", "1")[1]
    assert "Conclusion                     : Running" in progress


def test_only_the_version_is_told_to_others_and_in_a_container(smi, node):
    node.uid = 1000
    assert (smi("-b", "mcu", "-i", "0")[0], smi("-q", "mcu", "-i", "0")[0]) == (0, 214)
    node.uid = 0
    with node.change() as state:
        state["environment"] = "container"
    assert smi("-a", "mcu", "-i", "0") == (214, "This command cannot be executed on a VM or container.\n", "")
