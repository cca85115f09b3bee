# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the archives of sources that nodes build: a small build around a stand-in's package.

The same source gives the same bytes, whatever the machine and the day.
"""

from __future__ import annotations

import configparser
import gzip
import hashlib
import io
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

from shared_files import write_whole
from wheels.stand_in_wheel import modules

if TYPE_CHECKING:
    from collections.abc import Iterator

BUILDS = Path(__file__).with_name("sources")


def write(name: str, folder: Path) -> Path:
    """Write NAME.tar.gz, and its SHA-256 into NAME.tar.gz.sha256, and return the former's path."""
    content = _archive(name)
    file = folder / f"{name}.tar.gz"
    write_whole(file, content)
    write_whole(folder / f"{file.name}.sha256", hashlib.sha256(content).hexdigest().encode())
    return file


def _archive(name: str) -> bytes:
    whole = io.BytesIO()
    packed = gzip.GzipFile(fileobj=whole, mode="wb", mtime=0)
    with packed, tarfile.open(fileobj=packed, mode="w") as archive:
        for place, content in _members(name):
            member = tarfile.TarInfo(f"{name}-source/{place}")
            member.size, member.mode = len(content), 0o755 if place.endswith(".sh") else 0o644
            archive.addfile(member, io.BytesIO(content))
    return whole.getvalue()


def _members(name: str) -> Iterator[tuple[str, bytes]]:
    """Yield the build's files, and those of the package beside setup.cfg, which knows the version."""
    build = BUILDS / name
    own = {
        file.relative_to(build).as_posix(): file.read_bytes() for file in build.rglob("*") if file.is_file()
    }
    about = configparser.ConfigParser()
    about.read_string(own[f"{name}/setup.cfg"].decode())
    package = modules(name, about["metadata"]["version"])
    yield from sorted({**own, **{f"{name}/{place}": text.encode() for place, text in package}}.items())
