# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetch real wheels for the nodes from the package index that pip is set to; nothing is fetched twice."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from email import message_from_bytes
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from email.message import Message
    from pathlib import Path

_UNREACHABLE = re.compile(r"ConnectionError|TimeoutError|ProxyError|SSLError|Retrying|name resolution")
_KEY_LENGTH = 16


class PackageIndexError(Exception):
    """pip could not get what was asked for."""


@dataclass(frozen=True)
class Target:
    """The machines that wheels are for: platform tags, and what markers evaluate to there."""

    platforms: tuple[str, ...]
    markers: Mapping[str, str]

    def applies(self, requirement: Requirement, python: str) -> bool:
        """Tell whether ``requirement`` holds on these machines for Python ``python``, without extras."""
        versions = {"python_version": python, "python_full_version": f"{python}.0"}
        markers = {**self.markers, **versions, "extra": ""}
        return requirement.marker is None or requirement.marker.evaluate(markers)


class PackageIndex:
    """Wheels from the index, kept in the folder ``cache``."""

    def __init__(self, cache: Path, target: Target) -> None:
        """Use ``cache``, made if need be."""
        cache.mkdir(parents=True, exist_ok=True)
        self._cache = cache
        self._target = target

    def fetch(self, requirements: Iterable[str], python: str) -> list[Path]:
        """Return the wheels that satisfy ``requirements``, with all that they need themselves.

        What was resolved once is not resolved again. Raises PackageIndexError.
        """
        wanted = [one for one in sorted(set(requirements)) if self._target.applies(Requirement(one), python)]
        folder = self._cache / self._key(wanted, python)
        if not folder.exists():
            unfinished = folder.with_suffix(".new")
            self._download(wanted, python, unfinished)
            unfinished.rename(folder)
        return sorted(folder.iterdir())

    def _key(self, requirements: list[str], python: str) -> str:
        recipe = [requirements, python, self._target.platforms, sorted(self._target.markers.items())]
        return hashlib.sha256(json.dumps(recipe).encode()).hexdigest()[:_KEY_LENGTH]

    def _download(self, wanted: list[str], python: str, folder: Path) -> None:
        """Fill ``folder``. pip evaluates markers for this machine; what it left out so is asked for."""
        missing = wanted
        while missing:
            wanted = [*wanted, *missing]
            shutil.rmtree(folder, ignore_errors=True)
            self._pip(["download", f"--dest={folder}", *wanted], python)
            missing = sorted(self._missing(folder, python))

    def _missing(self, folder: Path, python: str) -> Iterator[str]:
        wheels = [_metadata(file) for file in folder.iterdir()]
        names = {canonicalize_name(str(wheel["Name"])) for wheel in wheels}
        for wheel in wheels:
            for requirement in map(Requirement, wheel.get_all("Requires-Dist", [])):
                applies = self._target.applies(requirement, python)
                if applies and canonicalize_name(requirement.name) not in names:
                    yield f"{requirement.name}{requirement.specifier}"

    def _pip(self, arguments: list[str], python: str) -> str:
        """Run pip for the target and return what it printed. Raises PackageIndexError."""
        platforms = [f"--platform={platform}" for platform in self._target.platforms]
        choice = ["--quiet", "--only-binary=:all:", "--implementation=cp", f"--python-version={python}"]
        command = [sys.executable, "-m", "pip", *arguments, "--retries=1", *choice, *platforms]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise PackageIndexError(_sentence(done.stderr, self._cache))
        return done.stdout


def _metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return message_from_bytes(archive.read(name))


def _sentence(stderr: str, cache: Path) -> str:
    errors = [line.split("ERROR: ", 1)[1] for line in stderr.splitlines() if line.startswith("ERROR: ")]
    if _UNREACHABLE.search(stderr):
        return (
            "the package index that pip is set to cannot be reached; connect this machine to it, or bring "
            f"{cache} from a machine that has it"
        )
    return f"pip found no such wheels: {errors[-1] if errors else stderr.strip()}"
