# SPDX-License-Identifier: GPL-3.0-or-later
"""What the system's image of a board brings: the driver, npu-smi, and the user who owns CANN.

Sources: packages-and-versions.md 5 (driver below /var/davinci/driver; no package of it), guide 003 (CANN in
the home of HwHiAiUser, who is there from the start). Where the image keeps npu-smi is not sourced.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from npu_simulator.installers import system
from npu_simulator.installers.files import shim, write

if TYPE_CHECKING:
    from npu_simulator.state import Node

HOME = "/var/davinci"
USER = "HwHiAiUser"
NPU_SMI = "/usr/local/bin/npu-smi"
LIBRARIES = ("lib64/common", "lib64/driver")
_LIBRARY_STUB = "stand-in of a driver library\n"


def lay_down(node: Node, driver: str) -> None:
    """Have on the node what its image has in version ``driver``, unless it is there."""
    if node.path(NPU_SMI).exists():
        return
    write(node, f"{HOME}/driver/version.info", f"Version={driver}\n", 0o444)
    write(node, f"{HOME}/driver/lib64/driver/libascend_hal.so", _LIBRARY_STUB, 0o444)
    write(node, "/lib/davinci.conf", f"DAVINCI_HOME_PATH={HOME}\n", 0o444)
    folders = "".join(f"{HOME}/driver/{folder}\n" for folder in LIBRARIES)
    write(node, "/etc/ld.so.conf.d/ascend_driver_so.conf", folders, 0o444)
    shim(node, NPU_SMI, "npu-smi")
    if not node.root and system.find_user(node, USER) is None:
        subprocess.run(["useradd", "--create-home", "--shell", "/bin/bash", USER], check=True)
