# SPDX-License-Identifier: GPL-3.0-or-later
"""What `npu-smi set` leaves: the file of shared devices, what is due, vNPUs, lies, and a boot after it."""

from __future__ import annotations

import io
import re

import pytest
from npu_simulator.npu_smi import at_boot, main, share_file
from npu_smi_transcripts import TRANSCRIPTS


@pytest.fixture
def smi(node):
    """Call npu-smi on a node whose driver runs, with a yes to every question."""
    return calls(node)


def calls(node):
    with node.change() as state:
        state["running"]["driver"] = "25.5.1"

    def call(*words):
        out = io.StringIO()
        status = main(list(words), node, io.StringIO("Y\ny\n"), out, out)
        return status, out.getvalue()

    return call


def test_the_file_is_damaged_as_the_recorded_one(smi, node):
    recorded = TRANSCRIPTS / "extra/npu-smi-device-share-file.txt"
    if not recorded.is_file():
        pytest.skip(f"NOTHING COMPARED: no {recorded}; set ASCEND_TRANSCRIPTS")
    steps = re.findall(r"^== -i (\d) -d (\d)\n.*\n-- cfg:\n((?:.*\$\n)+)", recorded.read_text(), re.MULTILINE)
    assert len(steps) == 6
    smi("set", "-t", "device-share-cfg-recover", "-d", "1")
    for card, value, text in steps:
        assert smi("set", "-t", "device-share", "-i", card, "-d", value)[0] == 0
        assert node.path(share_file.PATH).read_text() == text.replace("$\n", "\n")


def boot(node):
    with node.change() as state:
        at_boot.restore(node, state)


def test_a_boot_shares_again_what_the_file_names(smi, node):
    smi("set", "-t", "device-share", "-i", "1", "-d", "1")
    smi("set", "-t", "device-share-cfg-recover", "-d", "1")
    smi("set", "-t", "device-share", "-i", "2", "-d", "1")
    boot(node)
    shared = [npu["npu_id"] for npu in node.read()["npus"] if npu["readings"].get("device_share")]
    assert shared == [2]


def test_what_is_due_counts_after_a_boot(tmp_path, new_node):
    node = new_node(tmp_path, "310p")
    smi = calls(node)
    assert smi("set", "-t", "ecc-enable", "-i", "96", "-d", "0")[0] == 0
    assert smi("info", "-t", "ecc-enable", "-i", "96")[1] == "\tDDR ECC-Enable Status          : True\n"
    boot(node)
    assert smi("info", "-t", "ecc-enable", "-i", "96")[1] == "\tDDR ECC-Enable Status          : False\n"


def test_a_chip_is_split_until_something_is_short(smi):
    create = ("set", "-t", "create-vnpu", "-i", "0", "-c", "0", "-f")
    assert [smi(*create, "vir10_3c_32g")[0] for _time in range(2)] == [0, 0]
    assert smi(*create, "vir05_1c_16g")[1].startswith("Insufficient number of cores available")
    assert smi(*create, "vir99")[0] == 215
    table = smi("info", "-t", "info-vnpu", "-i", "0", "-c", "0")[1]
    assert "| 0/20      0/64" in table
    assert re.findall(r"^\|  (\d+) +\| .*(vir\w+)", table, re.MULTILINE) == [
        ("100", "vir10_3c_32g"),
        ("101", "vir10_3c_32g"),
    ]
    assert smi("set", "-t", "destroy-vnpu", "-i", "0", "-c", "0", "-v", "100")[0] == 0
    assert "| 10/20     32/64" in smi("info", "-t", "info-vnpu", "-i", "0", "-c", "0")[1]


def test_vnpus_are_gone_after_a_boot_when_nothing_restores_them(smi, node):
    smi("set", "-t", "create-vnpu", "-i", "0", "-c", "0", "-f", "vir05_1c_16g")
    boot(node)
    assert len(node.read()["npus"][0]["readings"]["vnpus"]) == 1
    smi("set", "-t", "vnpu-cfg-recover", "-d", "0")
    boot(node)
    assert node.read()["npus"][0]["readings"]["vnpus"] == []


@pytest.mark.parametrize("type_", ["op-timeout-cfg", "device-share", "vnpu-mode", "device-share-cfg-recover"])
def test_a_type_can_lie(smi, node, type_):
    with node.change() as state:
        state["faults"]["npu_smi_lies"] = [type_]
    before = node.read()
    place = () if type_ in {"vnpu-mode", "device-share-cfg-recover"} else ("-i", "0", "-c", "0")
    value = "20" if type_ == "op-timeout-cfg" else "1"
    status, text = smi("set", "-t", type_, *place, "-d", value)
    assert status == 0
    assert "Status                         : OK" in text
    assert node.read() == before
    assert not node.path(share_file.PATH).exists()


def test_the_mode_of_verification_needs_its_switch(smi):
    mode = ("set", "-t", "custom-op-secverify-mode", "-i", "0", "-d", "3")
    assert smi(*mode)[0] == 214
    smi("set", "-t", "custom-op-secverify-enable", "-i", "0", "-d", "1")
    assert smi(*mode)[0] == 0
    assert "Custom-op-secverify-mode       : 3" in smi("info", "-t", "custom-op-secverify-mode", "-i", "0")[1]


def test_a_reset_of_a_server_takes_all_along(smi, node):
    with node.change() as state:
        state["npus"][5]["processes"] = [{"pid": 1, "name": "python3", "memory_mb": 1}]
    assert smi("set", "-t", "reset", "-i", "0", "-c", "0")[0] == 0
    assert node.read()["npus"][5]["processes"] == []
