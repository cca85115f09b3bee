# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a simulated `.run` package: a POSIX shell header and a small archive that says what the package is.

The same description gives the same bytes, whatever the machine and the day.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import random
import tarfile
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE_FILE = "package.json"
HEADER = Path(__file__).with_name("header.sh")
MEGABYTE = 1024 * 1024
KINDS = Path(__file__).with_name("kinds.yml")
_NUMBER_WIDTH = 20  # numbers in the header are padded, so that its length does not hang on them


@dataclass(frozen=True)
class Description:
    """A package to make: what the catalog says of it, and ``details`` for its package.json."""

    part: str
    version: str
    file: str
    chip: str | None
    arch: str | None
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def content(self) -> str:
        """Return the text of the package.json."""
        own = {"part": self.part, "version": self.version, "file": self.file}
        machine = {"chip": self.chip, "arch": self.arch}
        return json.dumps({**own, **machine, **self.details}, indent=1) + "\n"


def recipe(description: Description, size: int) -> str:
    """Return a checksum of everything that decides the bytes of the package."""
    header = HEADER.read_text(encoding="utf-8")
    parts = (header, description.content, str(size), _word("options", description.part))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def write(description: Description, file: Path, size: int = 0) -> str:
    """Write the package, padded to ``size`` bytes if it is smaller, and return its sha256."""
    payload = _payload(description)
    header_bytes = len(_header(description, "0" * 64, 0, len(payload), 0))
    padding = max(size - header_bytes - len(payload), 0)
    body = hashlib.sha256(payload)
    for block in _padding(padding):
        body.update(block)
    header = _header(description, body.hexdigest(), header_bytes, len(payload), padding)
    whole = hashlib.sha256()
    part = file.with_name(f".{file.name}.part")
    with part.open("wb") as stream:
        for block in (header, payload, *_padding(padding)):
            stream.write(block)
            whole.update(block)
    part.chmod(0o755)
    part.replace(file)
    return whole.hexdigest()


def _header(description: Description, sha256: str, header: int, payload: int, padding: int) -> bytes:
    values = {
        "LABEL": _word("labels", description.part).format(chip=(description.chip or "").upper()),
        "OPTIONS": _word("options", description.part),
        "SHA256": sha256,
        "HEADER": _number(header),
        "PAYLOAD": _number(payload),
        "PADDING": _number(padding),
    }
    text = HEADER.read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text.encode()


def _word(table: str, part: str) -> str:
    """Return what kinds.yml says of ``part``, else what it says of any."""
    row = _kinds()[table]
    return str(row.get(part, row["any"]))


@lru_cache
def _kinds() -> dict[str, dict[str, str]]:
    return yaml.safe_load(KINDS.read_text(encoding="utf-8"))


def _number(number: int) -> str:
    return f"{number} #".ljust(_NUMBER_WIDTH)


def _payload(description: Description) -> bytes:
    content = description.content.encode()
    member = tarfile.TarInfo(PACKAGE_FILE)
    member.size = len(content)
    member.mode = 0o644
    plain, packed = io.BytesIO(), io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        archive.addfile(member, io.BytesIO(content))
    with gzip.GzipFile(filename="", fileobj=packed, mode="wb", mtime=0) as stream:
        stream.write(plain.getvalue())
    return packed.getvalue()


def _padding(size: int) -> Iterator[bytes]:
    """Give ``size`` bytes that no transport can compress."""
    numbers = random.Random(0)
    while size > 0:
        block = numbers.randbytes(min(size, MEGABYTE))
        yield block
        size -= len(block)
