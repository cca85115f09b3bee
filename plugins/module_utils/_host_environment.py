# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell whether a host is bare metal, a virtual machine or a container, from files alone.

This module util is private to the collection and may change at any time. No program is started, so that it
costs a converged host nothing. Sources: systemd's src/basic/virt.c for the names.
"""

from __future__ import annotations

import re

from ansible_collections.ascend.fleet.plugins.module_utils._version_files import below, text_of

BARE_METAL, VIRTUAL_MACHINE, CONTAINER = "bare_metal", "vm", "container"
_CONTAINER_MARKS = ("/.dockerenv", "/run/.containerenv", "/run/systemd/container")
_CONTAINER_GROUP = re.compile(r"docker|kubepods|lxc|libpod|containerd")
_DMI = tuple(
    f"{folder}/{name}"
    for folder in ("/sys/class/dmi/id", "/sys/devices/virtual/dmi/id")  # the first one links to the second
    for name in ("sys_vendor", "product_name", "bios_vendor")
)
_VIRTUAL = re.compile(
    r"QEMU|KVM|VMware|VMW|innotek|VirtualBox|Xen|Bochs|Parallels|BHYVE|Hyper-V|Virtual Machine"
    r"|OpenStack|Google Compute Engine|Amazon EC2|Apple Virtualization",
    re.IGNORECASE,
)
_HYPERVISORS = ("/sys/hypervisor/type", "/proc/device-tree/hypervisor/compatible")


def environment(root: str) -> str:
    """Return V(bare_metal), V(vm) or V(container) for the host whose files lie below ``root``."""
    marked = any(below(root, path).exists() for path in _CONTAINER_MARKS)
    if marked or _CONTAINER_GROUP.search(text_of(below(root, "/proc/1/cgroup")) or ""):
        return CONTAINER
    if any(_VIRTUAL.search(text_of(below(root, path)) or "") for path in _DMI):
        return VIRTUAL_MACHINE
    return VIRTUAL_MACHINE if any(below(root, path).exists() for path in _HYPERVISORS) else BARE_METAL
