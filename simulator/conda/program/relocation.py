# SPDX-License-Identifier: GPL-3.0-or-later
"""Put the real folder into files that were made before it was known, as conda does: text and programs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from conda.program.errors import CondaError

if TYPE_CHECKING:
    from pathlib import Path

PLACEHOLDER = "/placehold" * 16


class PaddingError(CondaError):
    """The real folder's name is longer than what a program has room for."""

    name = "PaddingError"


def relocated(content: bytes, placeholder: str, folder: str) -> bytes:
    """Return a text with ``folder`` in all places of ``placeholder``."""
    return content.replace(placeholder.encode(), folder.encode())


def relocated_program(content: bytes, placeholder: str, folder: str) -> bytes:
    """Return a program with ``folder`` for ``placeholder``, and no byte moved. Raises PaddingError."""
    if len(folder) > len(placeholder):
        raise PaddingError(f"Placeholder of length '{len(placeholder)}' too short for {folder}.")

    def padded(found: re.Match[bytes]) -> bytes:
        new = folder.encode() + found[1]
        return new.ljust(len(found[0]), b"\0")

    return re.sub(re.escape(placeholder.encode()) + rb"([^\0]*)\0", padded, content)


def settle(folder: Path, record: dict[str, Any], final: Path) -> None:
    """Tell the programs of the package in ``folder`` that they will run from the folder ``final``."""
    for name in record.get("programs_with_prefix", []):
        file = folder / name
        file.write_bytes(relocated_program(file.read_bytes(), record["placeholder"], str(final)))
