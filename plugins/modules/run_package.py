#!/usr/bin/python
# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Install what a vendor package holds, if the node does not have it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: run_package
short_description: Install driver, firmware, CANN toolkit, CANN kernels or conda from a package
version_added: 0.1.0
description:
  - Compares the version files of the node with O(version) and runs the vendor's C(.run) package only when
    they differ or when the installation is not complete.
  - The package is brought to the node only when it is needed. A node that has the version costs one
    remote execution and receives no byte of the package, and so does check mode.
  - Before the installation the checksum is compared and the package's own C(--check) is run. After it the
    version files are read again; what a package says about its success is not believed.
  - The driver and the firmware are installed with C(--full) when there is none or when the installation
    is not complete, else with C(--upgrade), for which the vendor keeps the path and the users of the
    first installation. C(--upgrade) also leads to an older version. Whether that, or any installation, is
    allowed is the decision of the caller.
  - CANN versions lie side by side. Kernels that are complete are never run again. A complete toolkit is
    run again when C(latest) points to another version, because the vendor has no other way to make a
    version the one in use than to be the last one installed.
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
    choices: [driver, firmware, toolkit, kernels, conda]
    required: true
  version:
    description:
      - The version that the node shall have, exactly as the version file says it. Upper and lower case
        are one.
      - With O(kind=conda) it may be empty, which accepts every version of conda that is complete.
    type: str
    required: true
  file:
    description:
      - The name of the package, without folders.
    type: str
    required: true
  source:
    description:
      - Where the package lies. A directory on the controller (relative to the playbook when it is not
        absolute), a directory on the node as C(node:/directory), or the C(http://) or C(https://) address
        of a mirror, from which the node downloads. Certificates are checked.
    type: str
    required: true
  sha256:
    description:
      - The checksum of the package. When it differs, nothing is executed.
      - Without it, a package from the controller is hashed there and compared after its way to the node.
        A package from the node or from a mirror is then only proven by its own C(--check).
    type: str
  install_path:
    description:
      - The directory of all Ascend software on the node, or of conda. For conda it must be given.
    type: path
    default: /usr/local/Ascend
  install_for_all:
    description:
      - Whether all users of the node may use what is installed, and not the vendor's group only.
      - It is said to the package when it is installed for the first time, and is no reason to install
        again.
    type: bool
    default: true
  chip:
    description:
      - The chip whose kernels are meant, as in the name of the vendor's package, such as V(910b).
      - Required when O(kind=kernels).
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
    type: int
    default: 3600
  log:
    description:
      - The file on the node to which the output of the package is added while it runs.
      - The default is C(/var/log/ascend_fleet/<file>.log).
    type: path
  package:
    description:
      - Where the action plugin put the package. Not for playbooks.
      - Without it the module only says whether the package is needed.
    type: str
notes:
  - RV(reboot_required) is about this run. Whether a reboot is still due after an earlier run is said by
    M(ascend.fleet.npu_info), whose running driver then differs from the installed one.
  - Run it with C(become). Driver and firmware can only be installed by root.
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
install_log:
  description: The last lines that the package wrote to the vendor's own log.
  returned: when a package failed
  type: list
  elements: str
  sample:
    - "[Driver] [2026-11-21 01:26:39] [uid=0(root)] [ERROR]ERR_NO:0x0091;ERR_DES:HwHiAiUser not exists!"
"""

import os
import shlex
from functools import partial
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError, ModuleRunner
from ansible_collections.ascend.fleet.plugins.module_utils._converge import (
    Outcome,
    Step,
    UnsettledError,
    converge,
)
from ansible_collections.ascend.fleet.plugins.module_utils._package_run import (
    LoggedPackage,
    package_on_node,
    verify_checksum,
)
from ansible_collections.ascend.fleet.plugins.module_utils._package_source import (
    TEMPORARY_DIRECTORY,
    SourceError,
    check_file_name,
    missing_package,
    parse_source,
)
from ansible_collections.ascend.fleet.plugins.module_utils._python_environment import read_conda
from ansible_collections.ascend.fleet.plugins.module_utils._run_package import (
    BOARD_KINDS,
    CHECK,
    DEFAULT_INSTALL_PATH,
    DONE,
    KINDS,
    Found,
    Wanted,
    evidence,
    find,
    goal,
    lacks_ground,
    plan,
    reboot_needed,
    successes,
)
from ansible_collections.ascend.fleet.plugins.module_utils._software import VersionFileError, read_software

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "kind": {"type": "str", "required": True, "choices": list(KINDS)},
    "version": {"type": "str", "required": True},
    "file": {"type": "str", "required": True},
    "source": {"type": "str", "required": True},
    "sha256": {"type": "str"},
    "install_path": {"type": "path", "default": DEFAULT_INSTALL_PATH},
    "install_for_all": {"type": "bool", "default": True},
    "chip": {"type": "str"},
    "arch": {"type": "str", "choices": ["aarch64", "x86_64"]},
    "temporary_directory": {"type": "path", "default": TEMPORARY_DIRECTORY},
    "timeout": {"type": "int", "default": 3600},
    "log": {"type": "path"},
    "package": {"type": "str"},
}


class Installation:
    """The installation of one package on this node: what is read, planned and applied."""

    def __init__(self, module: AnsibleModule) -> None:
        """Take the options; raises SourceError for a package that cannot be meant for this node."""
        options = module.params
        machine = os.uname().machine
        check_file_name(options["file"], machine)
        if options["arch"] not in (None, machine):
            raise SourceError(
                f"arch: found a node with {machine}, wanted {options['arch']}; correct arch or file"
            )
        names = ("kind", "version", "chip", "install_path", "install_for_all")
        check_meant(options)
        self.module = module
        self.source = parse_source(options["source"])
        self.wanted = Wanted(arch=machine, **{name: options[name] for name in names})
        self.log: str = options["log"] or f"/var/log/ascend_fleet/{options['file']}.log"
        self.asked_only: bool = module.check_mode or options["package"] is None
        self.reboot_required = False
        self.package: LoggedPackage | None = None

    def settle(self) -> Outcome[Found]:
        """Lead the node to the wanted version; without a package, or in check mode, only say the way."""
        try:
            outcome = converge(self.read, partial(plan, self.wanted), self.apply, self.asked_only)
        except UnsettledError as error:
            if self.package is None:
                raise
            raise self.package.failure(self.disbelief(self.package.result.status)) from error
        if self.asked_only and outcome.changed:
            self.foresee()
        return outcome

    def read(self) -> Found:
        """Read what the version files say about this kind of software."""
        path = self.wanted.install_path
        if self.wanted.kind == "conda":
            return find(self.wanted, {"conda": read_conda(path)})
        return find(self.wanted, read_software("/", path))

    def foresee(self) -> None:
        """Refuse before anything is moved what is known to fail, and expect the usual reboot."""
        if self.source.kind == "node":
            require_file(self.source.place, self.module.params["file"])
        if not self.module.check_mode:
            self.require_ground()
        self.reboot_required = self.wanted.kind in BOARD_KINDS

    def require_ground(self) -> None:
        """Raise CliError when this package needs another one first (not in check mode: it may come)."""
        lack = lacks_ground(self.wanted, read_software("/", self.wanted.install_path))
        if lack is not None:
            raise CliError(lack)

    def apply(self, step: Step) -> None:
        """Bring the package here, prove it, check it, run it."""
        options = self.module.params
        with package_on_node(self.module, options["package"]) as path:
            verify_checksum(self.module, path, options["sha256"])
            self.package = package = LoggedPackage(
                runner=ModuleRunner(self.module, "sh"),
                path=path,
                log=self.log,
                temporary_directory=options["temporary_directory"],
                timeout=options["timeout"],
            )
            if self.wanted.kind != "conda":
                package.must({DONE}, CHECK)
            result = package.must(successes(self.wanted.kind), *step.args)
        self.reboot_required = reboot_needed(self.wanted.kind, result.status, result.stdout)

    def disbelief(self, status: int) -> str:
        """Return the sentence for a package that claims success while the version files say otherwise."""
        return (
            f"exit status {status}, which claims success, but {evidence(self.wanted)} says otherwise: "
            f"found {self.read()}, wanted {goal(self.wanted)}"
        )


def check_meant(options: dict[str, Any]) -> None:
    """Raise SourceError for a version or a path that only another kind may have."""
    conda = options["kind"] == "conda"
    if not conda and not options["version"]:
        raise SourceError("version: found none, wanted the version that the node shall have; set it")
    if conda and options["install_path"] == DEFAULT_INSTALL_PATH:
        raise SourceError(f"install_path: found {DEFAULT_INSTALL_PATH}, wanted a directory for conda; set it")


def require_file(directory: str, file: str) -> None:
    """Raise CliError when ``file`` is not in ``directory`` of this node."""
    if not os.path.isfile(os.path.join(directory, file)):
        names = os.listdir(directory) if os.path.isdir(directory) else []
        raise CliError(missing_package(f"{directory} on the node", file, names))


def answer(installation: Installation, outcome: Outcome[Found]) -> dict[str, Any]:
    """Return the result of the module."""
    wanted, before = installation.wanted, outcome.before
    toolkit = wanted.kind == "toolkit"
    after = goal(wanted) if installation.asked_only and outcome.changed else outcome.after
    words = [(installation.module.params["file"], *step.args) for step in outcome.steps]
    return {
        "changed": outcome.changed,
        "actions": outcome.actions,
        "command": shlex.join(words[0]) if words else None,
        "reboot_required": installation.reboot_required,
        "version_before": before.in_use if toolkit else before.version,
        "version_after": after.in_use if toolkit else after.version,
        "diff": {"before": {wanted.kind: before.as_diff()}, "after": {wanted.kind: after.as_diff()}},
        "log": installation.log,
    }


def main() -> None:
    """Read, plan, run the package, read again."""
    module = AnsibleModule(
        argument_spec=ARGUMENT_SPEC,
        required_if=[("kind", "kernels", ["chip"])],
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
