#!/usr/bin/python
# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read what Python environments hold."""

from __future__ import annotations

DOCUMENTATION = r"""
module: python_environment_info
short_description: Read which Python and which packages conda and venv environments hold
version_added: 0.1.0
description:
  - Reads the files of the environments (C(conda-meta), C(pyvenv.cfg), C(*.dist-info/METADATA)) and starts no
    program, so one call answers for any number of environments in a fraction of a second.
  - It changes nothing. P(ascend.fleet.environment_plan#filter) says what is missing in an environment.
author:
  - The ascend.fleet contributors (@ascend-fleet)
extends_documentation_fragment:
  - ascend.fleet.attributes
  - ascend.fleet.attributes.info
options:
  paths:
    description:
      - The prefixes of the environments, absolute.
    type: list
    elements: path
    required: true
  wheels:
    description:
      - Patterns of wheels on the node, absolute, such as V(/usr/local/Ascend/nnae/latest/lib64/te-*.whl).
      - Each environment's RV(environments[].wheels) says whether it holds them.
    type: list
    elements: str
    default: []
    version_added: 0.2.0
  kernels:
    description:
      - Jupyter kernels to look for.
    type: list
    elements: dict
    default: []
    version_added: 0.2.0
    suboptions:
      name:
        description: The name of its folder.
        type: str
        required: true
      user:
        description: The user to whom it belongs; empty for the kernels of everybody.
        type: str
        default: ""
  variables_file:
    description:
      - A file of lines C(NAME=value), as C(EnvironmentFile=) of systemd takes it. Read when O(kernels) are
        asked for.
    type: path
    version_added: 0.2.0
seealso:
  - plugin: ascend.fleet.environment_plan
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Look into the environment of the training jobs
  ascend.fleet.python_environment_info:
    paths:
      - /opt/ascend/torch_npu
  register: found
"""

RETURN = r"""
kernels:
  description: One entry per kernel, in the order of O(kernels).
  returned: success
  type: list
  elements: dict
  version_added: 0.2.0
  contains:
    name:
      description: The name as given.
      type: str
    user:
      description: The user as given.
      type: str
    path:
      description: The file C(kernel.json).
      type: str
    spec:
      description: Its content. Null without one, empty when it is no JSON.
      type: dict
  sample: []
variables:
  description: The variables of O(variables_file); none without it.
  returned: success
  type: dict
  version_added: 0.2.0
  sample: {ASCEND_HOME_PATH: /usr/local/Ascend/ascend-toolkit/latest}
environments:
  description: One entry per path, in the order of O(paths).
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: The path as given.
      type: str
    real_path:
      description: The path without links, which says where an environment lies that is reached by a link.
      type: str
      version_added: 0.2.0
    owner:
      description: The user to whom it belongs. Null when nothing is there.
      type: str
      version_added: 0.2.0
    ground:
      description: The nearest directory above the path that is there.
      type: dict
      version_added: 0.2.0
      contains:
        path:
          description: The directory.
          type: str
        owner:
          description: The user to whom it belongs.
          type: str
        filesystem:
          description: The type of its filesystem, such as V(ext4) or V(nfs4).
          type: str
        writable:
          description: Whether the user of this call may make something in it.
          type: bool
    exists:
      description: Whether something is there. An empty directory counts as nothing.
      type: bool
    manager:
      description: What made the environment, V(conda) or V(venv). Null when it is no environment.
      type: str
    python:
      description: The version of the interpreter. Null when there is no interpreter that could start.
      type: str
    packages:
      description: The installed distributions, in the order of their names.
      type: list
      elements: dict
      contains:
        name:
          description: The name as PyPI compares names, in lower case with dashes.
          type: str
        version:
          description: The version as the package states it.
          type: str
    conda_packages:
      description: What conda has installed, in the order of the names; empty for a venv.
      type: list
      elements: dict
      version_added: 0.2.0
      contains:
        name:
          description: The name as conda has it.
          type: str
        version:
          description: The version.
          type: str
        build:
          description: The build, such as V(py39h1_0).
          type: str
    wheels:
      description: The wheels that O(wheels) finds, in the order of their paths.
      type: list
      elements: dict
      version_added: 0.2.0
      contains:
        path:
          description: The wheel's file.
          type: str
        name:
          description: The distribution as PyPI compares names.
          type: str
        version:
          description: The version in the file's name.
          type: str
        current:
          description: Whether the environment holds the very files of this wheel.
          type: bool
  sample:
    - path: /opt/ascend/torch_npu
      real_path: /opt/ascend/.torch_npu.a
      owner: root
      ground:
        path: /opt/ascend
        owner: root
        filesystem: ext4
        writable: true
      exists: true
      manager: conda
      python: 3.9.18
      packages:
        - name: torch
          version: 2.1.0
        - name: torch-npu
          version: 2.1.0
      conda_packages:
        - name: python
          version: 3.9.18
          build: h1_0_cpython
      wheels: []
"""

from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ascend.fleet.plugins.module_utils._jupyter_kernel import read_kernel, read_variables
from ansible_collections.ascend.fleet.plugins.module_utils._place_ground import owner_of, read_ground
from ansible_collections.ascend.fleet.plugins.module_utils._python_environment import (
    read_environment,
    read_wheels,
)

SPEC: dict[str, Any] = {
    "paths": {"type": "list", "elements": "path", "required": True},
    "wheels": {"type": "list", "elements": "str", "default": []},
    "kernels": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {"name": {"type": "str", "required": True}, "user": {"type": "str", "default": ""}},
    },
    "variables_file": {"type": "path"},
}


def kernels_of(module: AnsibleModule) -> dict[str, Any]:
    """Return the kernels and the variables that they get."""
    asked, file = module.params["kernels"], module.params["variables_file"]
    kernels, unknown = [], []
    for kernel in asked:
        try:
            kernels.append(read_kernel(kernel["name"], kernel["user"]))
        except KeyError:
            unknown.append(kernel["user"])
        except OSError as error:
            module.fail_json(msg=f"{error.filename} cannot be read: {error.strerror}; read it as root")
    if unknown:
        module.fail_json(msg=f"kernels: found no user {', '.join(unknown)}; make them, or correct the names")
    return {"kernels": kernels, "variables": read_variables(file) if asked and file else {}}


def main() -> None:
    """Read every environment and say what it is."""
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    environments = []
    for option in ("paths", "wheels"):
        for path in module.params[option]:
            if not path.startswith("/"):
                module.fail_json(msg=f"{option}: found the relative path {path!r}, wanted an absolute one")
    for path in module.params["paths"]:
        try:
            environment = read_environment(path)
            wheels = read_wheels(module.params["wheels"], environment)
            place = {"owner": owner_of(Path(path)), "ground": read_ground(Path(path).parent)}
        except BadZipFile as error:
            module.fail_json(msg=f"found a wheel that is no zip archive ({error}); install CANN again")
        except OSError as error:
            module.fail_json(
                msg=f"{path} cannot be read: {error.strerror} ({error.filename}); "
                "read it as the user that owns it (on NFS that is often not root), or with become"
            )
        environments.append({**environment, **place, "wheels": wheels})
    module.exit_json(changed=False, environments=environments, **kernels_of(module))


if __name__ == "__main__":
    main()
