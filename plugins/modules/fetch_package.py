#!/usr/bin/python
# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetch vendor packages into a directory, and prove what came."""

from __future__ import annotations

DOCUMENTATION = r"""
module: fetch_package
short_description: Fetch vendor packages into a directory, and prove what came
version_added: 0.2.0
description:
  - Fetches files over HTTP or HTTPS, several at a time, into one directory. What is there with the right
    checksum is not fetched again.
  - Asks every server first. What is refused, what is a login page instead of a package, and what does not
    fit on the disk is said of all files at once, before anything is fetched.
  - A download that was cut goes on where it ended, in the same run or in a later one, if the server says by
    C(ETag) or C(Last-Modified) that the content is still the same. What changed meanwhile begins again.
  - A file gets its name only after its size and checksum were compared, in one step. Wrong content never
    replaces what was there.
  - Takes packages out of zip files on request, and proves the vendor's signature.
  - Keeps a C(SHA256SUMS) of all files and a C(manifest.json) in the directory. The checksum of a file for
    which nobody published one is that of the first time it came; later runs hold the file against it.
author:
  - The ascend.fleet contributors (@ascend-fleet)
extends_documentation_fragment:
  - ascend.fleet.attributes
  - ascend.fleet.attributes.platform
options:
  directory:
    description: Where the files go. It is made when it is missing.
    type: path
    required: true
  files:
    description: The files.
    type: list
    elements: dict
    required: true
    suboptions:
      file:
        description: The name that the file gets, without folders.
        type: str
        required: true
      url:
        description:
          - Its C(http://) or C(https://) address.
          - Without it the file must be there already; its checksum is compared and noted.
        type: str
      sha256:
        description:
          - Its checksum. The default is the line in the directory's C(SHA256SUMS), if there is one.
        type: str
      size:
        description: Its size in bytes, when it is known.
        type: int
      referer:
        description: The header C(Referer) that its server insists on.
        type: str
      unpack:
        description: Names of the packages to take out of this zip, without folders.
        type: list
        elements: str
        default: []
      origin:
        description: Where a file without O(files[].url) came from; only for the manifest.
        type: str
      hosts:
        description: For which hosts it is; only for the manifest.
        type: list
        elements: str
        default: []
      releases:
        description: To which releases it belongs; only for the manifest.
        type: list
        elements: str
        default: []
  parallel:
    description: How many files are fetched at a time.
    type: int
    default: 4
  retries:
    description:
      - How often in a row a download is tried again that brought no new byte. The wait between doubles from
        one second to a minute, unless the server asks for another wait.
    type: int
    default: 5
  timeout:
    description: The seconds to wait for a connection or for the next byte. A slow download may take longer.
    type: int
    default: 30
  ca_file:
    description:
      - A PEM file with the vendor's root certificates. With it the CMS signature of every package that is
        taken out of a zip must hold, also of those that were taken out without it before. Needs C(openssl).
    type: path
  tls_authorities:
    description:
      - A PEM file with authorities to trust beside those of the system, such as that of your own proxy.
        Certificates are always checked.
    type: path
  log:
    description:
      - A file to which a line is added when a download begins, every two seconds, when it is tried again and
        when it ends. Its directory must exist. Without it nothing is written.
      - When the module runs on the controller, the action plugin shows these lines while it runs.
    type: path
notes:
  - Proxies are taken from the variables C(http_proxy), C(https_proxy) and C(no_proxy) of the environment.
  - A redirect from C(https) to C(http) is refused.
  - In check mode the servers are asked for the first bytes of what is due, to know its size.
seealso:
  - module: ascend.fleet.run_package
"""

EXAMPLES = r"""
- name: Fetch the driver and the firmware out of the vendor's signed zip
  ascend.fleet.fetch_package:
    directory: /srv/ascend
    files:
      - file: Ascend-hdk-910b-npu_25.2.0_linux-aarch64.zip
        url: https://downloads.example.org/Ascend-hdk-910b-npu_25.2.0_linux-aarch64.zip
        sha256: 9629384df11289ea322eb4aa83cd52f65cc08945399a86af909c380e985be459
        referer: https://www.example.org/
        unpack:
          - Ascend-hdk-910b-npu-driver_25.2.0_linux-aarch64.run
          - Ascend-hdk-910b-npu-firmware_7.7.0.6.236.run
    ca_file: /srv/ascend/vendor-roots.pem
  delegate_to: localhost

- name: Note a package that came by hand, in the checksums and in the manifest
  ascend.fleet.fetch_package:
    directory: /srv/ascend
    files:
      - file: Atlas-A3-hdk-npu-driver_25.2.1_linux-aarch64.run
        hosts: [node-c01-01]
  delegate_to: localhost
"""

RETURN = r"""
actions:
  description: What was done, or in check mode would be done, in words. Empty when all is there.
  returned: success
  type: list
  elements: str
  sample:
    - download Ascend-cann-toolkit_8.2.RC1_linux-aarch64.zip (2.1 GB) from downloads.example.org
    - write SHA256SUMS and manifest.json of /srv/ascend
bytes:
  description: The bytes that were, or in check mode would be, fetched, as far as the servers announce them.
  returned: success
  type: int
  sample: 2104533975
files:
  description: The files in the order of O(files), each behind its zip when it was taken out of one.
  returned: success
  type: list
  elements: dict
  contains:
    file: {description: Its name., type: str, sample: Ascend-hdk-910b-npu-firmware_7.7.0.6.236.run}
    state:
      description:
        - V(there) when nothing was due, V(fetched) when it came in this run, V(due) in check mode.
      type: str
      sample: there
    size:
      description: Its bytes; V(null) when the server does not say how many will come.
      type: int
      sample: 116391936
    sha256:
      description: Its checksum; V(null) when it is not there yet and nobody published one.
      type: str
      sample: 9629384df11289ea322eb4aa83cd52f65cc08945399a86af909c380e985be459
    url: {description: Where it comes from., type: str, sample: null}
    archive:
      description: The zip that holds it.
      type: str
      sample: Ascend-hdk-910b-npu_25.2.0_linux-aarch64.zip
problems:
  description: What is wrong with which file, one sentence each.
  returned: when a file cannot be fetched
  type: list
  elements: str
  sample: []
"""

import os
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ascend.fleet.plugins.module_utils import _fetch_plan as plan
from ansible_collections.ascend.fleet.plugins.module_utils._cli import ModuleRunner
from ansible_collections.ascend.fleet.plugins.module_utils._converge import (
    Outcome,
    UnsettledError,
    converge_together,
)
from ansible_collections.ascend.fleet.plugins.module_utils._fetch_http import Site
from ansible_collections.ascend.fleet.plugins.module_utils._fetch_run import Log
from ansible_collections.ascend.fleet.plugins.module_utils._fetch_store import FetchProblemsError, Store, Way
from ansible_collections.ascend.fleet.plugins.module_utils._fetch_wish import understand
from ansible_collections.ascend.fleet.plugins.module_utils._fetch_words import FetchError

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "directory": {"type": "path", "required": True},
    "files": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "file": {"type": "str", "required": True},
            "url": {"type": "str"},
            "sha256": {"type": "str"},
            "size": {"type": "int"},
            "referer": {"type": "str"},
            "unpack": {"type": "list", "elements": "str", "default": []},
            "origin": {"type": "str"},
            "hosts": {"type": "list", "elements": "str", "default": []},
            "releases": {"type": "list", "elements": "str", "default": []},
        },
    },
    "parallel": {"type": "int", "default": 4},
    "retries": {"type": "int", "default": 5},
    "timeout": {"type": "int", "default": 30},
    "ca_file": {"type": "path"},
    "tls_authorities": {"type": "path"},
    "log": {"type": "path"},
}


def store_of(module: AnsibleModule) -> Store:
    """Return the directory that the module's options describe. Raises FetchProblemsError."""
    options = module.params
    authorities = {name: options[name] for name in ("ca_file", "tls_authorities") if options[name]}
    missing = [
        f"{name}: found no file {path}, wanted certificates as PEM; correct {name}"
        for name, path in authorities.items()
        if not os.path.isfile(path)
    ]
    wishes, remarks, problems = understand(options["files"])
    if options["parallel"] < 1:
        problems.append(f"parallel: found {options['parallel']}, wanted 1 or more; correct it")
    if problems or missing:
        raise FetchProblemsError([*problems, *missing])
    way = Way(
        Site(options["timeout"], options["tls_authorities"]),
        options["parallel"],
        options["retries"],
        Log(None if module.check_mode else options["log"]),
        ModuleRunner(module, "openssl"),
        options["ca_file"],
    )
    order = plan.Order(wishes, remarks, options["ca_file"] is not None)
    return Store(options["directory"], order, way)


def answer(store: Store, outcome: Outcome[plan.Found], check_mode: bool) -> dict[str, Any]:
    """Return what the module answers."""
    return {
        "changed": outcome.changed,
        "actions": outcome.actions,
        "bytes": plan.bytes_due(store.order, outcome.before, store.sizes),
        "files": list(plan.rows(store.order, outcome, store.sizes, check_mode)),
        "diff": {
            "before": plan.shown(outcome.before),
            "after": plan.foreseen(store.order, outcome) if check_mode else plan.shown(outcome.after),
        },
    }


def main() -> None:
    """Read, ask, fetch, read again."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    try:
        store = store_of(module)
        outcome = converge_together(store.read, store.plan, store.apply, module.check_mode)
    except FetchProblemsError as problems:
        module.fail_json(msg=str(problems), problems=problems.sentences)
    except (FetchError, UnsettledError) as error:
        module.fail_json(msg=str(error), problems=[str(error)])
    for warning in store.warnings:
        module.warn(warning)
    module.exit_json(**answer(store, outcome, module.check_mode))


if __name__ == "__main__":
    main()
