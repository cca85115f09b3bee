# SPDX-License-Identifier: GPL-3.0-or-later
"""The NPUs in sysfs."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.ascend.fleet.plugins.module_utils._pci import read_pci_devices

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
