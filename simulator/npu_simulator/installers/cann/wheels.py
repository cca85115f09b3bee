# SPDX-License-Identifier: GPL-3.0-or-later
"""The Python wheels that CANN up to 8.3 brings: topi, te and hccl (packages-and-versions.md 7).

As with the real ones their versions are the same in every release, and only their content differs. The
versions are inferred.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_VERSIONS = {"topi": "0.4.0", "te": "0.4.0", "hccl": "0.1.0"}
_HEAD = "Wheel-Version: 1.0\nGenerator: npu-simulator\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)


def cann_wheels(cann: str) -> Iterator[tuple[str, bytes]]:
    """Yield file name and content of the wheels of CANN ``cann``; topi is gone from 6.3.RC1 on."""
    for name, version in _VERSIONS.items():
        if name != "topi" or cann < "6.3":
            yield f"{name}-{version}-py3-none-any.whl", _wheel(name, version, cann)


def wheel_files(content: bytes) -> Iterator[tuple[str, str]]:
    """Yield name and text of what a wheel holds, which the real installer puts beside acl.py (inferred)."""
    with zipfile.ZipFile(io.BytesIO(content)) as wheel:
        for name in wheel.namelist():
            yield name, wheel.read(name).decode()


def _wheel(name: str, version: str, cann: str) -> bytes:
    folder = f"{name}-{version}.dist-info"
    files = {
        f"{name}/__init__.py": f'"""Stand-in of {name} of CANN {cann}."""\n',
        f"{folder}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{folder}/WHEEL": _HEAD,
    }
    record = "".join(_line(path, text) for path, text in files.items()) + f"{folder}/RECORD,,\n"
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as wheel:
        for path, text in {**files, f"{folder}/RECORD": record}.items():
            wheel.writestr(zipfile.ZipInfo(path, _FIRST_DAY), text)
    return archive.getvalue()


def _line(path: str, text: str) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
    return f"{path},sha256={digest},{len(text.encode())}\n"
