# SPDX-License-Identifier: GPL-3.0-or-later
"""Spoil a made package, as a broken download or a mix-up would: its SHA256SUMS stays that of the good one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from packages import run_file

if TYPE_CHECKING:
    from pathlib import Path

    from packages.run_file import Description

_LOST_BYTES = 100
_ERROR_PAGE = "<html><head><title>403 Forbidden</title></head><body>AccessDenied</body></html>\n"
KINDS = ("truncated", "flipped", "error_page", "empty", "other_version", "other_chip")


def spoil(description: Description, file: Path, kind: str) -> None:
    """Spoil ``file``, made from ``description``.

    ``kind``: truncated (a download that broke off), flipped (one bit), error_page (a web server's answer
    under the package's name), empty, other_version and other_chip (right name, other content).
    """
    content = file.read_bytes()
    if kind == "truncated":
        file.write_bytes(content[:-_LOST_BYTES])
    elif kind == "flipped":
        file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    elif kind == "error_page":
        file.write_text(_ERROR_PAGE, encoding="utf-8")
    elif kind == "empty":
        file.write_bytes(b"")
    else:
        other = {"version": f"{description.version}.9"} if kind == "other_version" else {"chip": "none"}
        details = (
            {**description.details, "pci_devices": ["ffff"]} if kind == "other_chip" else description.details
        )
        run_file.write(replace(description, details=details, **other), file)
