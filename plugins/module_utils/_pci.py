# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The NPUs as the kernel sees them on the PCI bus: also before there is any driver.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

from pathlib import Path

PCI_DEVICES = "/sys/bus/pci/devices"

_ACCELERATOR = "0x1200"  # PCI class 12h (processing accelerator), subclass 00h; the last two digits are free
_BRIDGE = "0x0604"  # bridges; some boards show their chips as such, and most bridges are no chips
_HUAWEI = (
    *("d100", "d105", "d107", "d500", "d501"),
    *("d801", "d802", "d803", "d804", "d805", "d806", "d807", "d808"),
)
_OTHER_MAKERS = ("20c6", "203f", "20e9")
# A node has no catalog: these are the ids of its chips.yml, and of its products.yml those of other makers.
NPUS = frozenset(
    [("19e5", device) for device in _HUAWEI]
    + [(vendor, device) for vendor in _OTHER_MAKERS for device in ("d500", "d802")]
)
_IDS = ("vendor", "device", "subsystem_vendor", "subsystem_device")


def read_pci_devices(root: str) -> list[dict[str, str | None]]:
    """Return the processing accelerators below ``root`` in the order of their bus ids.

    Where no NPU is among them, bridges with the ids of an NPU follow. Each has C(bus_id) in upper case as
    npu-smi prints it, and four ids of four hexadecimal digits. Raises OSError where sysfs cannot be read;
    without sysfs there are no devices.
    """
    folder = Path(root) / PCI_DEVICES.lstrip("/")
    if not folder.is_dir():
        return []
    accelerators, bridges = [], []
    for path in sorted(folder.iterdir()):
        kind = _value(path / "class") or ""
        if kind.startswith(_ACCELERATOR):
            accelerators.append(_device(path))
        elif kind.startswith(_BRIDGE):
            bridges.append(_device(path))
    if any(map(_is_npu, accelerators)):
        return accelerators
    return [*accelerators, *filter(_is_npu, bridges)]


def _device(path: Path) -> dict[str, str | None]:
    return {"bus_id": path.name.upper(), **{name: _hexadecimal(_value(path / name)) for name in _IDS}}


def _is_npu(device: dict[str, str | None]) -> bool:
    return (device["vendor"], device["device"]) in NPUS


def _value(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except FileNotFoundError:
        return None


def _hexadecimal(text: str | None) -> str | None:
    """Return C(19e5) for C(0x19e5)."""
    return text.lower().replace("0x", "", 1) if text else None
