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
# The driver's installer tells the linker of its libraries in a file that only root may read; others profit by
# the linker's cache, which does not know stand-ins. The second file names the driver's home for everybody.
_LINKER_CONF = "/etc/ld.so.conf.d/ascend_driver_so.conf"
_DRIVER_HOME = "/lib/davinci.conf"


def load() -> None:
    """Raise the ImportError of the first library that the linker does not find, in the linker's own words.

    torch_npu/__init__.py of 2.1.0.post8 to 2.9.0 would add a hint at CANN; but what it wants for that needs
    the same library, and fails (seen with the real wheel 2.1.0.post10, tests/real_wheels/facts.yml).
    """
    folders = list(_folders())
    for library in NEEDED:
        if not any(os.path.isfile(NODE.path(f"{folder}/{library}")) for folder in folders):
            raise ImportError(f"{library}: cannot open shared object file: No such file or directory")


def _folders() -> Iterator[str]:
    yield from (folder for folder in os.environ.get("LD_LIBRARY_PATH", "").split(":") if folder)
    home = NODE.path(_DRIVER_HOME)
    if NODE.path(_LINKER_CONF).exists() and os.access(home, os.R_OK):
        ascend = home.read_text(encoding="utf-8").strip().split("=", 1)[1]
        yield f"{ascend}/driver/lib64/driver"
