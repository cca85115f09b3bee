# SPDX-License-Identifier: GPL-3.0-or-later
"""Channels that are folders, `-c file:///FOLDER`: packages below the platform's name, beside their index.

The layout is that of conda's manual ("Creating custom channels", "Repodata"). Packages are `.tar.bz2`, which
the standard library can unpack; `.conda` is not read.
"""

from __future__ import annotations

import json
import os
import tarfile
from pathlib import Path
from typing import Any, Iterable

from conda.program.errors import InvalidChannelError
from conda.program.packages import INDEX, Package, dist_name

SCHEME = "file://"
_INDEX = "repodata.json"
_NO_PLATFORM = "noarch"


def offered(channels: Iterable[str], platform: str, cache: Path) -> list[Package]:
    """Return what those of ``channels`` that are folders have; it is unpacked below ``cache`` later.

    Raises InvalidChannelError for a folder without the index of `noarch` (conda 4.3 and newer).
    """
    packages = []
    for channel in (one for one in channels if one.startswith((SCHEME, os.sep))):
        folder = Path(channel[len(SCHEME) :] if channel.startswith(SCHEME) else channel)
        if not (folder / _NO_PLATFORM / _INDEX).is_file():
            raise InvalidChannelError(folder.name, f"{SCHEME}{folder}")
        for place in (folder / platform, folder / _NO_PLATFORM):
            packages += [Package(cache / dist_name(one), one) for one in _records(place, channel)]
    return packages


def _records(place: Path, channel: str) -> Iterable[dict[str, Any]]:
    file = place / _INDEX
    index = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    for name, record in index.get("packages", {}).items():
        # `python >=3.9` is only `python` here, and __glibc and its like are what the node has.
        depends = [one.split()[0] for one in record["depends"] if not one.startswith("__")]
        own = {"subdir": place.name, "depends": depends, "channel": channel, "url": f"{SCHEME}{place / name}"}
        yield {**record, **own}


def fetch(packages: Iterable[Package]) -> None:
    """Unpack those of ``packages`` that come from folders and are not in the cache yet."""
    for package in packages:
        if "url" in package.record and not package.folder.is_dir():
            with tarfile.open(package.record["url"][len(SCHEME) :]) as archive:
                archive.extractall(package.folder)
            (package.folder / INDEX).parent.mkdir(exist_ok=True)
            (package.folder / INDEX).write_text(json.dumps(package.record), encoding="utf-8")
