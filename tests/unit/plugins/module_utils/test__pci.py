# SPDX-License-Identifier: GPL-3.0-or-later
"""The NPUs in sysfs."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.ascend.fleet.plugins.module_utils._pci import NPUS, read_pci_devices
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog

IDS = ("vendor", "device", "subsystem_vendor", "subsystem_device")


def add_device(root: Path, bus_id: str, pci_class: str, *ids: str) -> None:
    folder = root / "sys/bus/pci/devices" / bus_id
    folder.mkdir(parents=True)
    for name, value in zip(("class", *IDS), (pci_class, *ids)):
        (folder / name).write_text(f"{value}\n", encoding="ascii")


def test_accelerators_only_in_the_order_of_their_bus_ids(tmp_path):
    add_device(tmp_path, "0000:c2:00.0", "0x120000", "0x19e5", "0xd802", "0x19e5", "0x3000")
    add_device(tmp_path, "0000:01:00.0", "0x120000", "0x19e5", "0xd801", "0x0200", "0x0100")
    add_device(tmp_path, "0000:02:00.0", "0x030000", "0x1a03", "0x2000", "0x1a03", "0x2000")
    assert read_pci_devices(str(tmp_path)) == [
        {"bus_id": "0000:01:00.0", **dict(zip(IDS, ("19e5", "d801", "0200", "0100")))},
        {"bus_id": "0000:C2:00.0", **dict(zip(IDS, ("19e5", "d802", "19e5", "3000")))},
    ]


def test_a_device_without_subsystem_ids(tmp_path):
    add_device(tmp_path, "0000:c2:00.0", "0x120001", "0x19E5", "0xD802")
    assert read_pci_devices(str(tmp_path)) == [
        {"bus_id": "0000:C2:00.0", **dict(zip(IDS, ("19e5", "d802", None, None)))}
    ]


def test_no_sysfs(tmp_path):
    assert read_pci_devices(str(tmp_path)) == []


def test_a_bridge_with_the_ids_of_an_npu_is_one_and_a_plain_bridge_is_none(tmp_path):
    add_device(tmp_path, "0000:05:00.0", "0x060400", "0x19E5", "0xD500", "0x0200", "0x0110")
    add_device(tmp_path, "0000:02:00.0", "0x060400", "0x20c6", "0xd802", "0x20c6", "0x0100")
    add_device(tmp_path, "0000:01:00.0", "0x060400", "0x19e5", "0xa120", "0x19e5", "0x371e")
    add_device(tmp_path, "0000:03:00.0", "0x060400", "0x10b5", "0xd500", "0x10b5", "0xd500")
    add_device(tmp_path, "0000:04:00.0", "0x020000", "0x19e5", "0xd500", "0x0200", "0x0110")
    found = [(device["bus_id"], device["device"]) for device in read_pci_devices(str(tmp_path))]
    assert found == [("0000:02:00.0", "d802"), ("0000:05:00.0", "d500")]


def test_bridges_do_not_count_beside_npus_and_do_beside_other_accelerators(tmp_path):
    add_device(tmp_path, "0000:05:00.0", "0x060400", "0x19e5", "0xd802", "0x19e5", "0x3000")
    add_device(tmp_path, "0000:09:00.0", "0x120000", "0x10ee", "0x5000", "0x10ee", "0x000e")
    assert [device["vendor"] for device in read_pci_devices(str(tmp_path))] == ["10ee", "19e5"]
    add_device(tmp_path, "0000:06:00.0", "0x120000", "0x19e5", "0xd802", "0x19e5", "0x3000")
    assert [device["bus_id"] for device in read_pci_devices(str(tmp_path))] == [
        "0000:06:00.0",
        "0000:09:00.0",
    ]


def test_the_ids_are_those_of_the_catalog():
    catalog = Catalog()
    oem = catalog.oem_vendors
    known = {tuple(pci.split(":")) for chip in catalog.chips.values() for pci in chip["pci"]}
    assert known | {(vendor, device) for vendor in oem["ids"] for device in oem["devices"]} == NPUS
