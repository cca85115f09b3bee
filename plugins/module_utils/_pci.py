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
_IDS = ("vendor", "device", "subsystem_vendor", "subsystem_device")


def read_pci_devices(root: str) -> list[dict[str, str | None]]:
    """Return the processing accelerators below ``root`` in the order of their bus ids.

    Each has C(bus_id) in upper case as npu-smi prints it, and four ids of four hexadecimal digits. Raises
    OSError where sysfs cannot be read; without sysfs there are no devices.
    """
    folder = Path(root) / PCI_DEVICES.lstrip("/")
    if not folder.is_dir():
        return []
    devices = [
        path for path in sorted(folder.iterdir()) if (_value(path / "class") or "").startswith(_ACCELERATOR)
    ]
    return [
        {"bus_id": path.name.upper(), **{name: _hexadecimal(_value(path / name)) for name in _IDS}}
        for path in devices
    ]


def _value(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except FileNotFoundError:
        return None


def _hexadecimal(text: str | None) -> str | None:
    """Return C(19e5) for C(0x19e5)."""
    return text.lower().replace("0x", "", 1) if text else None
