# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the installer: a shell header, and behind it a zip archive that Python runs.

The same packages give the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import lzma
import os
import tarfile
import zipfile
from pathlib import Path
from typing import Any

from conda.program.installer import ARCHIVE, DESCRIPTION

HEADER = Path(__file__).with_name("header.sh")
PROGRAM = Path(__file__).with_name("program")
_START = "import sys\n\nfrom conda.program.installer import main\n\nsys.exit(main())\n"
_TIME = 1577836800  # 2020: of all files, so that the bytes do not hang on the day
_ZIP_TIME = (2020, 1, 1, 0, 0, 0)
_PRESET = 1  # of xz: 4 s; the default takes 27 s and saves a tenth
_MEGABYTE = 1024 * 1024


def write(file: Path, packages: Path, description: dict[str, Any]) -> str:
    """Write the installer of the package folders below ``packages``, and return its sha256.

    ``description`` has the installer's ``name, version, platform`` and the ``base`` packages.
    """
    archive, size = _archive(packages)
    description = {**description, "megabytes": size // _MEGABYTE + 1}
    texts = {"__main__.py": _START, DESCRIPTION: json.dumps(description, sort_keys=True)}
    texts.update({"conda/__init__.py": "", "conda/program/__init__.py": ""})  # zipimport wants them
    for module in sorted(PROGRAM.glob("*.py")):
        texts[f"conda/program/{module.name}"] = module.read_text(encoding="utf-8")
    header = _header(description, "0" * 32)
    content = io.BytesIO(header)
    content.seek(len(header))
    with zipfile.ZipFile(content, "w") as target:
        for name, text in texts.items():
            target.writestr(zipfile.ZipInfo(name, _ZIP_TIME), text, zipfile.ZIP_DEFLATED)
        target.writestr(zipfile.ZipInfo(ARCHIVE, _ZIP_TIME), archive)
    body = content.getvalue()[len(header) :]
    data = _header(description, hashlib.md5(body, usedforsecurity=False).hexdigest()) + body
    part = file.with_name(f".{file.name}.part")
    part.write_bytes(data)
    part.chmod(0o755)
    part.replace(file)
    return hashlib.sha256(data).hexdigest()


def _header(description: dict[str, Any], md5: str) -> bytes:
    text = HEADER.read_text(encoding="utf-8")
    values = {
        "NAME": description["name"],
        "VERSION": description["version"],
        "PLATFORM": description["platform"],
        "LINES": str(text.count("\n") + 1),
        "MD5": md5,
    }
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text.encode()


def _archive(packages: Path) -> tuple[bytes, int]:
    """Return the packed packages, and the size of their files in bytes."""
    plain, size = io.BytesIO(), 0
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for file in sorted(one for one in packages.rglob("*") if one.is_file()):
            member = tarfile.TarInfo(str(file.relative_to(packages)))
            member.size, member.mtime = file.stat().st_size, _TIME
            member.mode = 0o755 if os.access(file, os.X_OK) else 0o644
            size += member.size
            with file.open("rb") as content:
                archive.addfile(member, content)
    return lzma.compress(plain.getvalue(), preset=_PRESET), size
