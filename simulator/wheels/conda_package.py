# SPDX-License-Identifier: GPL-3.0-or-later
"""Make packages of conda out of stand-in wheels, in a folder that conda takes for a channel.

The layout is that of conda's manual ("Creating custom channels", "Repodata"). They are for no platform
in particular, because stand-ins are not. The same stand-in gives the same bytes.
"""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from typing import TYPE_CHECKING

from shared_files import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from wheels.stand_in_wheel import StandIn

_INSTALLER = b"conda\n"


def write(stand_ins: Iterable[StandIn], channel: Path) -> None:
    """Write a package for each of ``stand_ins``, and the channel's index."""
    place = channel / "noarch"
    place.mkdir(parents=True, exist_ok=True)
    index = {}
    for one in stand_ins:
        record = _record(one)
        file = f"{record['name']}-{one.version}-{record['build']}.tar.bz2"
        write_whole(place / file, _archive(one))
        index[file] = record
    write_whole(place / "repodata.json", json.dumps({"packages": index}).encode())


def _record(one: StandIn) -> dict[str, str | int | list[str]]:
    """Return what the index says of the package; what else MindSpore needs, pip brings."""
    name, build = one.name.replace("_", "-"), f"py{one.python.replace('.', '')}_0"
    depends = [f"python {one.python}.*"]
    return {
        "name": name,
        "version": one.version,
        "build": build,
        "build_number": 0,
        "depends": depends,
        "subdir": "noarch",
    }


def _archive(one: StandIn) -> bytes:
    """Return the wheel's files where conda has them, and a note that conda has installed them."""
    whole = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(one.content())) as wheel, tarfile.open(
        fileobj=whole, mode="w:bz2"
    ) as archive:
        files = {name: wheel.read(name) for name in wheel.namelist()}
        information = next(name.split("/")[0] for name in files if name.endswith(".dist-info/METADATA"))
        files[f"{information}/INSTALLER"] = _INSTALLER
        files[f"{information}/RECORD"] += f"{information}/INSTALLER,,\n".encode()
        for name, content in sorted(files.items()):
            member = tarfile.TarInfo(f"site-packages/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return whole.getvalue()
