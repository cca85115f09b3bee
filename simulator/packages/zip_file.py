# SPDX-License-Identifier: GPL-3.0-or-later
"""The zip forms of packages: the file itself, its CMS signature and the revocation list (one each a file)."""

from __future__ import annotations

import hashlib
import json
import zipfile
from typing import TYPE_CHECKING

from packages import run_file
from packages.signing import Authority

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from packages.run_file import Description

_EPOCH = (2026, 1, 1, 0, 0, 0)
_MODE = 0o755 << 16
MCU_SUFFIX = ".hpm"


def recipe(descriptions: Sequence[Description], size: int) -> str:
    """Return a checksum of everything that decides what the zip holds, its signatures aside."""
    parts = [run_file.recipe(description, size) for description in descriptions]
    return hashlib.sha256("\0".join(["zip", *parts]).encode()).hexdigest()


def write(descriptions: Sequence[Description], file: Path, size: int = 0) -> str:
    """Write the zip of all ``descriptions`` with their signatures, and return its sha256."""
    authority = Authority(file.parent)
    authority.make()
    part = file.with_name(f".{file.name}.part")
    with zipfile.ZipFile(part, "w") as archive:
        for description in descriptions:
            made = file.with_name(f".{description.file}")
            _write_content(description, made, size)
            signature, revoked = authority.sign(made)
            for content, name in ((made, ""), (signature, ".cms"), (revoked, ".crl")):
                member = zipfile.ZipInfo(f"{description.file}{name}", _EPOCH)
                member.external_attr = _MODE
                archive.writestr(member, content.read_bytes())
            made.unlink()
            signature.unlink()
    part.replace(file)
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _write_content(description: Description, file: Path, size: int) -> None:
    if description.part != "mcu":
        run_file.write(description, file, size)
        return
    facts = {"part": "mcu", "version": description.version, "chip": description.chip}
    file.write_text(json.dumps(facts) + "\n", encoding="utf-8")
