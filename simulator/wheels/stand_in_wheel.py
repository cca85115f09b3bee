# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the stand-in wheels: true names, versions, tags and requirements, and our own small packages inside.

The same stand-in gives the same bytes, whatever the machine and the day.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCES = Path(__file__).with_name("stand_ins")
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the first day that a zip archive can name
_REGULAR_FILE = 0o100644 << 16


def modules(package: str, version: str) -> Iterator[tuple[str, str]]:
    """Yield name and text of the modules of a stand-in's package, which say that they are of this version."""
    for file in sorted((SOURCES / package).rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        if file.name == "version.py":
            text = re.sub("(?m)^__version__ = .*$", f'__version__ = "{version}"', text)
        yield file.relative_to(SOURCES).as_posix(), text


@dataclass(frozen=True)
class StandIn:
    """A wheel to make; ``python`` is a version such as 3.9."""

    name: str
    version: str
    python: str
    platform: str
    requires_python: str | None
    requires: tuple[str, ...]
    package: str | None = None  # the folder of the package, where it is not called like the wheel

    @property
    def file(self) -> str:
        """Return the name of the wheel's file."""
        return f"{self.name}-{self.version}-{self._interpreter}-{self._interpreter}-{self.platform}.whl"

    @property
    def _package(self) -> str:
        return self.package or self.name

    @property
    def _interpreter(self) -> str:
        return f"cp{self.python.replace('.', '')}"

    def content(self) -> bytes:
        """Return the wheel."""
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as wheel:
            for name, text in self._with_record():
                entry = zipfile.ZipInfo(name, _FIRST_DAY)
                entry.external_attr = _REGULAR_FILE
                wheel.writestr(entry, text)
        return archive.getvalue()

    def _with_record(self) -> Iterator[tuple[str, str]]:
        lines = []
        for name, text in [*modules(self._package, self.version), *self._information()]:
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
            lines.append(f"{name},sha256={digest},{len(text.encode())}\n")
            yield name, text
        record = f"{self._folder}/RECORD"
        yield record, "".join([*lines, f"{record},,\n"])

    @property
    def _folder(self) -> str:
        return f"{self.name}-{self.version}.dist-info"

    def _information(self) -> Iterator[tuple[str, str]]:
        lines = ["Metadata-Version: 2.1", f"Name: {self.name.replace('_', '-')}", f"Version: {self.version}"]
        lines += ["Summary: Stand-in for simulated NPU nodes of the Ansible collection ascend.fleet"]
        lines += ["License: GPL-3.0-or-later"]
        lines += [f"Requires-Python: {self.requires_python}"] if self.requires_python else []
        lines += [f"Requires-Dist: {requirement}" for requirement in self.requires]
        lines += [f"Provides-Extra: {extra}" for extra in self._extras()]
        yield f"{self._folder}/METADATA", "\n".join(lines) + "\n"
        tags = [f"Tag: {self._interpreter}-{self._interpreter}-{one}" for one in self.platform.split(".")]
        head = ["Wheel-Version: 1.0", "Generator: ascend.fleet", "Root-Is-Purelib: false"]
        yield f"{self._folder}/WHEEL", "\n".join([*head, *tags]) + "\n"
        yield f"{self._folder}/top_level.txt", f"{self._package}\n"

    def _extras(self) -> list[str]:
        found = (re.search(r"extra == '(.+)'", requirement) for requirement in self.requires)
        return sorted({match[1] for match in found if match})
