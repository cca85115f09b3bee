#!/usr/bin/python
# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Install what a vendor package holds, if the node does not have it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: run_package
short_description: Install or remove what a vendor package holds, to an exact version
version_added: 0.1.0
description:
  - Compares the version files of the node with O(version) and runs the vendor's C(.run) package only when
    they differ or when the installation is not complete.
  - The package is brought to the node only when it is needed. A node that has the version costs one
    remote execution and receives no byte of the package, and so does check mode.
  - Before the installation the checksum is compared, a zip's signature is proven, and the package's own
    C(--check) is run. After it the version files are read again; what a package says about its success is
    not believed. What stands in the way is said all at once, before anything is moved.
  - The driver and the firmware are installed with C(--full) when there is none or when the installation
    is not complete, else with C(--upgrade), for which the vendor keeps the path and the users of the
    first installation. C(--upgrade) also leads to an older version. Whether that, or any installation or
    removal, is allowed is the decision of the caller.
  - CANN versions lie side by side, up to 8.3 in C(ascend-toolkit/VERSION), from 8.5 on in C(cann-VERSION).
    Operators that are complete are never run again. What is complete but not in use, because its link
    (C(latest), C(cann)) points to another version, is run again, because the vendor has no other way to make
    a version the one in use than to be the last one installed.
  - O(state=absent) runs the uninstaller that the package left on the node. Nothing is deleted by hand.
  - The installer of conda (Miniforge, Miniconda) is such a package, too. It has no C(--check).
author:
  - The ascend.fleet contributors (@ascend-fleet)
extends_documentation_fragment:
  - ascend.fleet.attributes
  - ascend.fleet.attributes.platform
options:
  kind:
    description:
      - What the package holds.
    type: str
    choices:
      - driver
      - firmware
      - toolkit
      - kernels
      - ops
      - nnae
      - nnrt
      - nnal
      - tfplugin
      - toolbox
      - docker_runtime
      - conda
    required: true
  version:
    description:
      - The version that the node shall have, exactly as the version file says it. Upper and lower case
        are one.
      - With O(kind=conda) it may be empty, which accepts every version of conda that is complete. With
        O(state=absent) it may be empty for V(driver), V(firmware) and V(docker_runtime), which have one
        version at a time.
    type: str
    default: ''
  state:
    description: Whether O(version) shall be installed, completely and in use, or not be there.
    type: str
    choices: [present, absent]
    default: present
    version_added: 0.2.0
  file:
    description:
      - The name of the package, without folders; C(.run), or a C(.zip) with such a package in it.
      - Required when O(state=present).
    type: str
  source:
    description:
      - Where the package lies. A directory on the controller (relative to the playbook when it is not
        absolute), a directory on the node as C(node:/directory), or the C(http://) or C(https://) address
        of a mirror, from which the node downloads. Certificates are checked.
      - Several places may be given as V(http://mirror/packages or /srv/ascend). The next one is taken, with a
        warning, when a mirror does not give the package.
      - Required when O(state=present).
    type: str
  member:
    description:
      - The name of the package in a zip. By default the only C(.run) in it, else the only one of this kind.
    type: str
    version_added: 0.2.0
  sha256:
    description:
      - The checksum of the package. When it differs, nothing is executed.
      - Without it, a package from the controller is hashed there and compared after its way to the node.
        A package from the node or from a mirror is then only proven by its own C(--check).
    type: str
  ca_file:
    description:
      - A PEM file on the controller with the vendor's root certificates. With it the CMS signature of a
        C(.zip) must hold before anything in it is executed; the result says who signed.
    type: path
    version_added: 0.2.0
  licence_accepted:
    description:
      - Whether you accept the vendor's licence. The vendor's packages are only installed when it is V(true),
        because C(--quiet) accepts it in your name. Conda does not ask for it.
    type: bool
    version_added: 0.2.0
  install_path:
    description:
      - The directory of all Ascend software on the node, or of conda. For conda it must be given.
      - The default is V(/usr/local/Ascend) for root and C(~/Ascend) for other users, who may install CANN.
      - Releases of CANN before 8.2.RC1 stay where a user's first one went (C(ascend_cann_install.info)).
    type: path
  install_for_all:
    description:
      - Whether all users of the node may use what is installed, and not the vendor's group only.
      - It is said to the package when it is installed for the first time, and is no reason to install
        again.
    type: bool
    default: true
  devel:
    description:
      - Whether to install the static libraries, too (C(--devel)), where the package has such a choice. It is
        said when it is installed for the first time, and is no reason to install again.
    type: bool
    default: false
    version_added: 0.2.0
  whitelist:
    description:
      - Install only this part of a toolkit from 8.5 on. What was installed so cannot be added to later.
    type: str
    choices: [nnrt, nnae, toolkit, driver]
    version_added: 0.2.0
  scene:
    description: The container engine that V(docker_runtime) registers with; the package's default is Docker.
    type: str
    choices: [docker, containerd, isula, crio]
    version_added: 0.2.0
  injection_mode:
    description:
      - How V(docker_runtime) gives NPUs to containers; the package's default is V(legacy).
      - It is said to the package when it is installed for the first time, and is no reason to install
        again.
    type: str
    choices: [legacy, cdi]
    version_added: 0.2.0
  user:
    description:
      - The user who runs the driver's processes. It must exist, and it must be that of the last installation.
    type: str
    default: HwHiAiUser
    version_added: 0.2.0
  group:
    description: The group of O(user).
    type: str
    default: HwHiAiUser
    version_added: 0.2.0
  chip:
    description:
      - The chip whose operators are meant, as the vendor's folder of them calls it, such as V(910b).
      - Required when kernels or ops are to be present.
    type: str
  arch:
    description:
      - The architecture of the package. It must be that of the node, which is also the default.
    type: str
    choices: [aarch64, x86_64]
  temporary_directory:
    description:
      - The directory of the node into which a package is put and in which it unpacks itself. The user of
        the connection must be allowed to write to it. What is put there is removed in every case.
    type: path
    default: /var/tmp
  timeout:
    description:
      - The seconds that one run of the package may take.
      - The default depends on O(kind); 1800 for V(driver), V(firmware), V(nnrt), V(nnal) and V(conda), 900
        for V(tfplugin), V(toolbox) and V(docker_runtime), 3600 for the rest.
    type: int
  log:
    description:
      - The file on the node to which the output of the package is added while it runs.
      - The default is C(/var/log/ascend_fleet/<file>.log), in the home of a user who is not root.
    type: path
  logs_to:
    description:
      - A directory on the controller. When a package fails, its full output and what the vendor's logs hold
        are fetched into a folder there that has the host's name.
    type: path
    version_added: 0.2.0
  package:
    description:
      - Where the action plugin put the package. Not for playbooks.
      - Without it the module only says whether the package is needed.
    type: str
  package_size:
    description: The bytes of the package, as the action plugin knows them. Not for playbooks.
    type: int
    version_added: 0.2.0
  ca_certificates:
    description: The content of O(ca_file), as the action plugin read it. Not for playbooks.
    type: str
    version_added: 0.2.0
notes:
  - RV(reboot_required) is about this run. Whether a reboot is still due after an earlier run is said by
    M(ascend.fleet.npu_info), whose running driver then differs from the installed one.
  - Run it with C(become). Driver, firmware and container runtime can only be installed by root; CANN by the
    user who is to own it, operators by the owner of their toolkit.
seealso:
  - module: ascend.fleet.npu_info
"""

EXAMPLES = r"""
- name: Install the driver
  ascend.fleet.run_package:
    kind: driver
    version: 23.0.3
    file: Ascend-hdk-910b-npu-driver_23.0.3_linux-aarch64.run
    source: /srv/ascend
    arch: aarch64
    licence_accepted: true
    logs_to: logs
  become: true
  register: driver

- name: Install the kernels from the mirror of the rack
  ascend.fleet.run_package:
    kind: kernels
    version: 8.0.0
    chip: 910b
    file: Ascend-cann-kernels-910b_8.0.0_linux-aarch64.run
    source: https://mirror-a01.example.org/ascend
    sha256: 0fd1a0c1a5a2f8d2c16a2a3c7dbb1ae2b6bd0f1d20b6cd06b0e3ad4bb7b8d2f3
    licence_accepted: true
  become: true

- name: Install the firmware out of the vendor's zip, whose signature must hold
  ascend.fleet.run_package:
    kind: firmware
    version: 7.8.0.5.201
    file: Ascend-hdk-910b-npu_25.5.0_linux-aarch64.zip
    source: /srv/ascend
    ca_file: huawei-roots.pem
    licence_accepted: true
  become: true

- name: Remove an old toolkit
  ascend.fleet.run_package:
    kind: toolkit
    version: 8.0.0
    state: absent
  become: true
"""

RETURN = r"""
actions:
  description: What was done, or in check mode would be done, in words. Empty when the node has the version.
  returned: success
  type: list
  elements: str
  sample:
    - install driver 23.0.3
command:
  description: The package and its arguments. Null when the package is not needed.
  returned: success
  type: str
  sample: Ascend-hdk-910b-npu-driver_23.0.3_linux-aarch64.run --full --quiet --install-for-all
proven:
  description: What proved the package before it ran. All null when it was not run.
  returned: success
  type: dict
  contains:
    sha256: {type: str, description: The checksum that it has. Null when none was known.}
    signature:
      type: str
      description: V(verified) for a package of a zip, else why it was not; null when there is no zip.
  sample:
    sha256: 0fd1a0c1a5a2f8d2c16a2a3c7dbb1ae2b6bd0f1d20b6cd06b0e3ad4bb7b8d2f3
    signature: verified
reboot_required:
  description:
    - Whether what was installed becomes effective only with a reboot. In check mode it is true for every
      driver and firmware that would be installed.
  returned: success
  type: bool
  sample: true
version_before:
  description:
    - The version before. For the toolkit it is the version in use. For the kernels it is O(version) or
      null, because their versions lie side by side.
  returned: success
  type: str
  sample: null
version_after:
  description: The version after, read from the node. In check mode the version that the node would have.
  returned: success
  type: str
  sample: 23.0.3
log:
  description: The file on the node with the output of the package.
  returned: success, and when a package failed
  type: str
  sample: /var/log/ascend_fleet/Ascend-hdk-910b-npu-driver_23.0.3_linux-aarch64.run.log
logs:
  description: The files on the node that hold what a failed run wrote; its own log, then the vendor's.
  returned: when a package failed
  type: list
  elements: str
  sample:
    - /var/log/ascend_fleet/Ascend-cann-toolkit_8.0.0_linux-aarch64.run.log
    - /var/log/ascend_seclog/ascend_toolkit_install.log
logs_fetched:
  description: Where the full logs lie on the controller.
  returned: when a package failed and O(logs_to) is given
  type: list
  elements: str
  sample:
    - logs/node-a01/ascend_toolkit_install.log
install_log:
  description: The last lines that the package wrote to the vendor's own logs.
  returned: when a package failed
  type: list
  elements: str
  sample:
    - "[Driver] [2026-11-21 01:26:39] [uid=0(root)] [ERROR]ERR_NO:0x0091;ERR_DES:HwHiAiUser not exists!"
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError
from ansible_collections.ascend.fleet.plugins.module_utils._converge import UnsettledError
from ansible_collections.ascend.fleet.plugins.module_utils._package_installation import Installation, answer
from ansible_collections.ascend.fleet.plugins.module_utils._package_kinds import KINDS
from ansible_collections.ascend.fleet.plugins.module_utils._package_source import (
    TEMPORARY_DIRECTORY,
    SourceError,
)
from ansible_collections.ascend.fleet.plugins.module_utils._run_package import DEFAULT_USER
from ansible_collections.ascend.fleet.plugins.module_utils._software import VersionFileError

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "kind": {"type": "str", "required": True, "choices": list(KINDS)},
    "version": {"type": "str", "default": ""},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "file": {"type": "str"},
    "source": {"type": "str"},
    "member": {"type": "str"},
    "sha256": {"type": "str"},
    "ca_file": {"type": "path"},
    "licence_accepted": {"type": "bool"},
    "install_path": {"type": "path"},
    "install_for_all": {"type": "bool", "default": True},
    "devel": {"type": "bool", "default": False},
    "whitelist": {"type": "str", "choices": ["nnrt", "nnae", "toolkit", "driver"]},
    "scene": {"type": "str", "choices": ["docker", "containerd", "isula", "crio"]},
    "injection_mode": {"type": "str", "choices": ["legacy", "cdi"]},
    "user": {"type": "str", "default": DEFAULT_USER},
    "group": {"type": "str", "default": DEFAULT_USER},
    "chip": {"type": "str"},
    "arch": {"type": "str", "choices": ["aarch64", "x86_64"]},
    "temporary_directory": {"type": "path", "default": TEMPORARY_DIRECTORY},
    "timeout": {"type": "int"},
    "log": {"type": "path"},
    "logs_to": {"type": "path"},
    "package": {"type": "str"},
    "package_size": {"type": "int"},
    "ca_certificates": {"type": "str"},
}


def main() -> None:
    """Read, plan, run the package, read again."""
    module = AnsibleModule(
        argument_spec=ARGUMENT_SPEC,
        required_if=[("state", "present", ["file", "source"])],
        supports_check_mode=True,
    )
    try:
        installation = Installation(module)
        outcome = installation.settle()
    except (SourceError, UnsettledError, VersionFileError) as error:
        module.fail_json(msg=str(error))
    except CliError as error:
        module.fail_json(**error.as_failure())
    module.exit_json(**answer(installation, outcome))


if __name__ == "__main__":
    main()
