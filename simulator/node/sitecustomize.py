# SPDX-License-Identifier: GPL-3.0-or-later
"""Let every Python of the node say the architecture that the node simulates; lies in the standard library."""

from __future__ import annotations

import os

ARCH_FILE = "/etc/npu-simulator/arch"


def _simulate(arch: str) -> None:
    real = os.uname()
    fields = [field.replace(real.machine, arch) for field in real]

    def uname() -> os.uname_result:
        """Return what the simulated machine says of itself."""
        return os.uname_result(fields)

    os.uname = uname


if os.path.exists(ARCH_FILE):
    with open(ARCH_FILE, encoding="ascii") as _file:
        _simulate(_file.read().strip())
