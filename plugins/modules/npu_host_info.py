#!/usr/bin/python
# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read what a host is like, and what stands between it and another driver."""

from __future__ import annotations

DOCUMENTATION = r"""
module: npu_host_info
short_description: Read what an NPU host is like, and what stands between it and another driver
version_added: 0.2.0
description:
  - Reads who uses the NPUs, whether the headers of the running kernel are there, which programs are missing,
    whether a package of the vendor runs just now, the vendor's user, and what was closed with C(chattr +i).
  - Reads also what the host is like, its names in the firmware, memory, free space, clock, Python and C
    library, and whether names resolve there.
  - Everything comes from files of the host; only for containers the C(docker) program is asked, if there is
    one, and for O(names) the C(getent) program. It takes about a tenth of a second.
author:
  - The ascend.fleet contributors (@ascend-fleet)
extends_documentation_fragment:
  - ascend.fleet.attributes
  - ascend.fleet.attributes.info
options:
  programs:
    description: Programs that must be there.
    type: list
    elements: str
    default: []
  user:
    description: The user who runs the driver's processes.
    type: str
    default: HwHiAiUser
  group:
    description: The group of O(user).
    type: str
    default: HwHiAiUser
  install_path:
    description: Where driver and firmware are, or will be.
    type: path
    default: /usr/local/Ascend
  paths:
    description: Paths, existing or not, whose filesystems are looked at.
    type: list
    elements: path
    default: []
    version_added: 0.2.0
  files:
    description: Files and directories that may be there.
    type: list
    elements: path
    default: []
    version_added: 0.2.0
  names:
    description:
      - Names to resolve on the host, for instance its own. Each takes 5 seconds at most.
    type: list
    elements: str
    default: []
    version_added: 0.2.0
  users:
    description: Names of users who are to be there.
    type: list
    elements: str
    default: []
    version_added: 0.2.0
  controller_time:
    description: The time of the controller in seconds since 1970, to hold the host's clock against it.
    type: float
    version_added: 0.2.0
notes:
  - Run it with C(become). Other users see their own processes only.
seealso:
  - module: ascend.fleet.npu_info
  - module: ascend.fleet.run_package
"""

EXAMPLES = r"""
- name: Look who uses the NPUs
  ascend.fleet.npu_host_info:
    programs: [lspci, ifconfig, dkms]
  become: true
  register: host

- name: Hold the clock against the controller's, and look for free space
  ascend.fleet.npu_host_info:
    controller_time: "{{ now(utc=true).timestamp() }}"
    paths: [/usr/local/Ascend, /var/tmp]
  become: true
  register: ground

- name: Show who uses the NPUs
  ansible.builtin.debug:
    msg: "{{ host.holders | map(attribute='pid') | list }}"
"""

RETURN = r"""
kernel:
  description: The running kernel.
  returned: success
  type: dict
  contains:
    release: {type: str, description: As C(uname -r) says it.}
    build: {type: str, description: Where its headers must be.}
    headers: {type: bool, description: Whether they are there.}
  sample: {release: 5.15.0-25-generic, build: /lib/modules/5.15.0-25-generic/build, headers: true}
missing_programs:
  description: Those of O(programs) that are not on the host.
  returned: success
  type: list
  elements: str
  sample: [dkms]
unknown_users:
  description: Those of O(users) whom the host does not know, neither by itself nor by a directory.
  returned: success
  type: list
  elements: str
  sample: [alixe]
missing_files:
  description: Those of O(files) that are not on the host.
  returned: success
  type: list
  elements: str
  sample: [/opt/miniforge3/bin/conda]
holders:
  description: The processes that hold one of C(/dev/davinci*) open.
  returned: success
  type: list
  elements: dict
  contains:
    pid: {type: int, description: The process id on the host.}
    name: {type: str, description: The program.}
    user: {type: str, description: Its user; a number when the host has no name for it.}
    devices: {type: list, elements: str, description: The devices.}
    container: {type: str, description: The id of its container; null on the host itself.}
  sample: [{pid: 4711, name: python3, user: alice, devices: [davinci0], container: null}]
containers:
  description: The running Docker containers that were given NPUs.
  returned: success
  type: list
  elements: dict
  contains:
    id: {type: str, description: The id.}
    name: {type: str, description: The name.}
    devices: {type: list, elements: str, description: "The devices, or what ASCEND_VISIBLE_DEVICES asks for."}
  sample: []
installers:
  description: The packages of the vendor that run just now.
  returned: success
  type: list
  elements: dict
  contains:
    pid: {type: int, description: The process id.}
    command: {type: str, description: Its command line.}
  sample: []
account:
  description: The vendor's user and group.
  returned: success
  type: dict
  contains:
    user: {type: str, description: The name.}
    group: {type: str, description: The group that is wanted.}
    exists: {type: bool, description: Whether the user is there.}
    group_exists: {type: bool, description: Whether the group is there.}
    primary_group: {type: str, description: The user's primary group.}
    member: {type: bool, description: Whether the user belongs to the group.}
    home: {type: str, description: "The home directory, as it is or as it would be."}
    home_exists: {type: bool, description: Whether that directory is there.}
  sample:
    user: HwHiAiUser
    group: HwHiAiUser
    exists: true
    group_exists: true
    primary_group: HwHiAiUser
    member: true
    home: /home/HwHiAiUser
    home_exists: true
last_user:
  description: User and group of the last driver, both null when there was none.
  returned: success
  type: dict
  sample: {user: HwHiAiUser, group: HwHiAiUser}
immutable:
  description: What of the installation path and C(/etc/ascend_install.info) was closed with C(chattr +i).
  returned: success
  type: list
  elements: str
  sample: []
dmi:
  description: What the firmware calls maker, server and board; null where it does not say.
  returned: success
  type: dict
  sample: {sys_vendor: Huawei, product_name: Atlas 800 (Model 9000), board_name: null}
memory:
  description: The memory of the host in MiB.
  returned: success
  type: dict
  contains:
    total_mb: {type: int, description: All of it.}
    available_mb: {type: int, description: What programs could get now.}
  sample: {total_mb: 1031768, available_mb: 1001234}
space:
  description: The filesystems of O(paths).
  returned: success
  type: list
  elements: dict
  contains:
    path: {type: str, description: The path as given.}
    mount: {type: str, description: Where its filesystem is mounted.}
    device: {type: int, description: The filesystem's number; paths with the same one share the space.}
    free_mb: {type: int, description: What is free in MiB.}
    total_mb: {type: int, description: Its size in MiB.}
    read_only: {type: bool, description: Whether nothing can be written there.}
    no_exec: {type: bool, description: Whether no program can be run from there.}
  sample: [{path: /usr/local/Ascend, mount: /, device: 2049, free_mb: 81920, total_mb: 102400,
            read_only: false, no_exec: false}]
clock:
  description: The clock of the host.
  returned: success
  type: dict
  contains:
    epoch: {type: float, description: Seconds since 1970.}
    ahead_s:
      type: float
      description: How many seconds it is ahead of O(controller_time), transfer time included; null without.
  sample: {epoch: 1767225600.0, ahead_s: 0.4}
python:
  description: The Python that runs the modules, and the C library; null for one that is not glibc.
  returned: success
  type: dict
  sample: {version: 3.9.9, executable: /usr/bin/python3.9, glibc: "2.34"}
resolved:
  description: The addresses of O(names), and why there are none. Empty on a host without C(getent).
  returned: success
  type: dict
  sample: {node-a01-01: {addresses: [10.1.0.1], reason: null}}
"""

from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError, ModuleRunner
from ansible_collections.ascend.fleet.plugins.module_utils._host_ground import (
    INSTALL_INFO,
    immutable,
    read_account,
    read_containers,
    read_holders,
    read_installers,
    read_kernel,
    read_last_user,
    unknown_users,
)
from ansible_collections.ascend.fleet.plugins.module_utils._host_state import (
    read_clock,
    read_dmi,
    read_memory,
    read_python,
    read_space,
    resolve,
)
from ansible_collections.ascend.fleet.plugins.module_utils._version_files import below

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = "/"
ARGUMENT_SPEC = {
    "programs": {"type": "list", "elements": "str", "default": []},
    "user": {"type": "str", "default": "HwHiAiUser"},
    "group": {"type": "str", "default": "HwHiAiUser"},
    "install_path": {"type": "path", "default": "/usr/local/Ascend"},
    "paths": {"type": "list", "elements": "path", "default": []},
    "files": {"type": "list", "elements": "path", "default": []},
    "names": {"type": "list", "elements": "str", "default": []},
    "users": {"type": "list", "elements": "str", "default": []},
    "controller_time": {"type": "float"},
}


def read_host(module: AnsibleModule) -> dict[str, Any]:
    """Return what the host is like. Raises CliError and OSError."""
    options: Mapping[str, Any] = module.params
    return {
        "clock": read_clock(options["controller_time"]),
        "dmi": read_dmi(ROOT),
        "memory": read_memory(ROOT),
        "space": read_space(ROOT, options["paths"]),
        "python": read_python(),
        "resolved": resolve(ModuleRunner(module, "getent"), options["names"]),
    }


def main() -> None:
    """Read everything and return it."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    options = module.params
    try:
        containers = read_containers(ModuleRunner(module, "docker"))
        closed = immutable(ROOT, [options["install_path"], INSTALL_INFO])
        holders = read_holders(ROOT)
        host = read_host(module)
    except CliError as error:
        module.fail_json(**error.as_failure())
    except OSError as error:
        module.fail_json(msg=f"{error.filename} cannot be read: {error.strerror}; run with become: true")
    module.exit_json(
        changed=False,
        kernel=read_kernel(ROOT),
        missing_programs=[name for name in options["programs"] if not module.get_bin_path(name)],
        missing_files=[path for path in options["files"] if not below(ROOT, path).exists()],
        holders=holders,
        containers=containers,
        installers=read_installers(ROOT),
        account=read_account(ROOT, options["user"], options["group"]),
        last_user=read_last_user(ROOT),
        unknown_users=unknown_users(options["users"]),
        immutable=closed,
        **host,
    )


if __name__ == "__main__":
    main()
