# SPDX-License-Identifier: GPL-3.0-or-later
"""The headers of the running kernel: the folder that builds use, and the package that dpkg knows.

The node's kernel is the Docker host's, so no package of Debian fits it; the stand-in is empty. The fault
``kernel_headers_missing`` takes both away.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from npu_simulator.installers.files import read, remove, write

if TYPE_CHECKING:
    from npu_simulator.state import Node

DPKG_STATUS = "/var/lib/dpkg/status"
DKMS_TREE = "/var/lib/dkms/davinci_ascend"
_STANZA = """Package: linux-headers-{release}
Status: install ok installed
Priority: optional
Section: kernel
Maintainer: simulator <root@localhost>
Architecture: all
Version: 1
Description: stand-in of the headers of the running kernel

"""


def release() -> str:
    """Return the release of the running kernel, as `uname -r` prints it."""
    return os.uname().release


def headers() -> str:
    """Return the folder in which modules are built against the running kernel."""
    return f"/lib/modules/{release()}/build"


def settle_headers(node: Node) -> None:
    """Have the headers on the node, or not, as the faults say."""
    missing = bool(node.read()["faults"].get("kernel_headers_missing"))
    if missing:
        remove(node, headers())
    else:
        node.path(headers()).mkdir(parents=True, exist_ok=True)
    _tell_dpkg(node, installed=not missing)


def _tell_dpkg(node: Node, *, installed: bool) -> None:
    known = read(node, DPKG_STATUS)
    stanza = _STANZA.format(release=release())
    if not known or (stanza in known) == installed:
        return
    text = f"{known.rstrip()}\n\n{stanza}" if installed else known.replace(stanza, "")
    write(node, DPKG_STATUS, text, 0o644)


def has_headers(node: Node) -> bool:
    """Tell whether modules can be built against the running kernel."""
    return node.path(headers()).is_dir()


def built_modules(node: Node) -> bool:
    """Tell whether DKMS has the driver's modules for the running kernel."""
    return any(node.path(DKMS_TREE).glob(f"*/{release()}"))


def leftover_build(node: Node) -> bool:
    """Tell whether DKMS has a tree of the driver in which no build came to its end."""
    tree = node.path(DKMS_TREE)
    return tree.is_dir() and not any(one.is_dir() for one in tree.glob("*/[0-9]*"))


def build_modules(node: Node, version: str, *, fails: bool) -> bool:
    """Build the driver's modules with DKMS and return whether that worked; a failed build stays there."""
    if leftover_build(node):
        return False
    plain = re.sub(r"[^0-9A-Za-z.]", "", version)
    write(node, f"{DKMS_TREE}/{plain}/build/make.log", "DKMS make.log for davinci_ascend\n", 0o644)
    if fails:
        return False
    write(node, f"{DKMS_TREE}/{plain}/{release()}/module/drv_pcie_host.ko", "stand-in\n", 0o644)
    return True
