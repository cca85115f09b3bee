# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import io

import pytest
from npu_simulator import control, upgrade_tool
from npu_simulator.hardware import PCI_TREE, main, write_pci_tree


def call(program, node, *words):
    out, err = io.StringIO(), io.StringIO()
    status = program(list(words), node, io.StringIO(), out, err)
    return status, out.getvalue(), err.getvalue()


def test_lspci_lists_the_npus_in_the_order_of_the_bus(node_910a):
    status, text, _errors = call(main, node_910a, "lspci")
    assert status == 0
    assert text.splitlines()[0] == (
        "01:00.0 Processing accelerators: Huawei Technologies Co., Ltd. Device d801 (rev 20)"
    )
    places = [line.split()[0] for line in text.splitlines()]
    assert places == sorted(places)
    assert len(places) == 8


def test_lspci_shows_numbers_and_domains_when_asked(node):
    assert call(main, node, "lspci", "-nn")[1].splitlines()[0] == (
        "01:00.0 Processing accelerators [1200]: Huawei Technologies Co., Ltd. Device [19e5:d802] (rev 20)"
    )
    assert call(main, node, "lspci", "-D", "-n")[1].splitlines()[0] == "0000:01:00.0 1200: 19e5:d802 (rev 20)"


def test_lspci_does_not_show_what_is_off_the_bus(node):
    with node.change() as state:
        state["faults"]["npu_gone"] = [0]
        state["npus"][1]["present"] = False
    text = call(main, node, "lspci")[1]
    assert len(text.splitlines()) == 6
    assert "c1:00.0" not in text
    assert "c2:00.0" not in text


def test_dmidecode_names_the_server_to_root_only(node):
    assert call(main, node, "dmidecode", "-s", "system-product-name") == (0, "Test 910b\n", "")
    assert "\tProduct Name: Test 910b\n" in call(main, node, "dmidecode", "-t", "1")[1]
    node.uid = 1000
    status, text, error = call(main, node, "dmidecode", "-s", "system-product-name")
    assert (status, "Test 910b" in text, "Permission denied" in error) == (1, False, True)


@pytest.mark.parametrize("words", [("lspci", "-vv"), ("dmidecode", "-t", "2"), ("dmidecode",)])
def test_what_lspci_and_dmidecode_do_not_play_is_told(node, words):
    status, text, error = call(main, node, *words)
    assert (status, text) == (70, "")
    assert "not simulated" in error


def test_a_chip_that_a_fault_takes_off_the_bus_is_gone_from_sysfs_at_once_and_comes_back(node):
    folder = node.path(PCI_TREE)
    write_pci_tree(node.read(), folder)
    call(control.main, node, "fault", "npu_gone", "[0]")
    assert len(list(folder.iterdir())) == 7
    call(control.main, node, "clear")
    assert len(list(folder.iterdir())) == 8


def test_the_pci_tree_follows_the_state(node, tmp_path):
    folder = tmp_path / "devices"
    write_pci_tree(node.read(), folder)
    assert len(list(folder.iterdir())) == 8
    device = folder / "0000:c1:00.0"
    found = {file.name: file.read_text() for file in device.iterdir()}
    assert (found["class"], found["vendor"], found["device"]) == ("0x120000\n", "0x19e5\n", "0xd802\n")
    assert sorted(found) == ["class", "device", "subsystem_device", "subsystem_vendor", "vendor"]
    with node.change() as state:
        state["faults"]["npu_gone"] = [0]
    write_pci_tree(node.read(), folder)
    assert not device.exists()
    assert len(list(folder.iterdir())) == 7


def test_upgrade_tool_tells_the_running_system_and_that_devices_are_up(node):
    with node.change() as state:
        state["running"]["driver"] = "24.1.0"
    status, text, _errors = call(upgrade_tool.main, node, "--device_index", "-1", "--system_version")
    assert status == 0
    assert text.count("Get system version(24.1.0) succeed, deviceId(") == 8
    assert '\t{"device_id":7, "version":24.1.0}\n' in text
    text = call(upgrade_tool.main, node, "--device_index", "-1", "--boot_status")[1]
    assert text.count("boot status:16") == text.count("boot status") == 8


def test_upgrade_tool_marks_a_dead_device_with_fail(node):
    with node.change() as state:
        state["running"]["driver"] = "24.1.0"
        state["faults"]["npu_dead"] = [3]
    text = call(upgrade_tool.main, node, "--device_index", "-1", "--boot_status")[1]
    up = [line for line in text.splitlines() if "boot status:16" in line]
    failed = [line for line in text.splitlines() if "fail" in line]
    assert (len(up), len(failed)) == (7, 1)


def test_upgrade_tool_fails_without_a_driver_and_without_the_device(node):
    words = ("--device_index", "-1", "--system_version")
    status, text, error = call(upgrade_tool.main, node, *words)
    assert (status, text, "succeed" in error) == (1, "", False)
    with node.change() as state:
        state["running"]["driver"] = "24.1.0"
    assert call(upgrade_tool.main, node, "--device_index", "9", "--system_version")[0] == 1
    assert call(upgrade_tool.main, node, "--device_index", "3", "--system_version")[0] == 0
    assert call(upgrade_tool.main, node, "--device_index", "3", "--hot_reset")[0] == 70
    node.uid = 1000
    assert call(upgrade_tool.main, node, *words)[:2] == (70, "")
