# SPDX-License-Identifier: GPL-3.0-or-later
"""The libraries that torch_npu is linked to, looked for where the dynamic linker looks."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from torch_npu._node import NODE

if TYPE_CHECKING:
    from collections.abc import Iterator

# libhccl.so is the first of CANN's that the linker misses; CANN's own libraries want the driver's.
NEEDED = ("libhccl.so", "libascend_hal.so")
_LINKER_FOLDERS = "/etc/ld.so.conf.d"
_HINT = (
    ". Please check that the cann package is installed. "
    "Please run 'source set_env.sh' in the CANN installation path."
)


def load(version: str) -> None:
    """Raise the ImportError of the first library that the linker does not find.

    torch_npu 2.1.0 shows the linker's own words; later ones add a hint (torch_npu/__init__.py of 2.3.1).
    """
    folders = list(_folders())
    for library in NEEDED:
        if not any(NODE.path(f"{folder}/{library}").is_file() for folder in folders):
            missing = f"{library}: cannot open shared object file: No such file or directory"
            raise ImportError(missing if version == "2.1.0" else missing + _HINT)


def _folders() -> Iterator[str]:
    yield from (folder for folder in os.environ.get("LD_LIBRARY_PATH", "").split(":") if folder)
    for file in sorted(NODE.path(_LINKER_FOLDERS).glob("*.conf")):
        lines = file.read_text(encoding="utf-8").splitlines()
        yield from (line.strip() for line in lines if line.startswith("/"))
