#!/usr/bin/python
# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring the management controllers of the NPU cards to a version, one card at a time."""

from __future__ import annotations

DOCUMENTATION = r"""
module: npu_mcu
short_description: Bring the management controllers of the NPU cards to a version
version_added: 0.2.0
description:
  - Reads the version of the management controller (MCU) of each NPU card with C(npu-smi upgrade -b mcu), and
    transfers and activates a firmware file only on the cards that have another version.
  - The cards are done one after the other, with the pauses that the vendor demands; two runs on the same host
    exclude each other. After the pauses the versions are read again.
  - An MCU takes its new version without a restart of the host.
author:
  - The ascend.fleet contributors (@ascend-fleet)
extends_documentation_fragment:
  - ascend.fleet.attributes
  - ascend.fleet.attributes.platform
options:
  version:
    description:
      - The version that the MCU of each card shall have, exactly as C(npu-smi) prints it.
    type: str
    required: true
  file:
    description:
      - The firmware on the node; C(*.hpm), C(*.bin), or the vendor's C(*.zip) that holds one such file.
      - Needed when a card has another version, not in check mode.
    type: path
  sha256:
    description:
      - The checksum of O(file). When it differs, nothing is written.
    type: str
  cards:
    description:
      - The NPU IDs of the cards, as C(npu-smi info -l) prints them.
      - When empty, all cards that have an MCU.
    type: list
    elements: int
    default: []
  downgrade_allowed:
    description:
      - Whether a version may be replaced by an older one.
    type: bool
    default: false
  settle_seconds:
    description:
      - How long to wait after an activation before the MCU is asked again. The vendor demands 2 minutes.
    type: int
    default: 120
  pause_seconds:
    description:
      - How long to wait after that before the next card. The vendor demands 5 minutes between two upgrades,
        which the default completes.
    type: int
    default: 180
  timeout:
    description:
      - The seconds that one transfer or one activation may take.
    type: int
    default: 900
notes:
  - Run it with C(become); only root may write an MCU, and not in a virtual machine or a container.
  - The host must stay switched on. After an upgrade that broke off wait 10 minutes before the next try.
seealso:
  - module: ascend.fleet.npu_info
"""

EXAMPLES = r"""
- name: See which management controllers are behind
  ascend.fleet.npu_mcu:
    version: 25.52.29
  check_mode: true
  become: true
  register: mcu

- name: Bring one card after the other to the version
  ascend.fleet.npu_mcu:
    version: 25.52.29
    file: /var/tmp/Ascend-hdk-910b-mcu_25.52.29.zip
    sha256: 2f5a3e4b1a0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4e
  become: true
"""

RETURN = r"""
actions:
  description: What was done, or in check mode would be done, in words.
  returned: success
  type: list
  elements: str
  sample:
    - bring the MCU of NPU 0 from 23.3.13 to 25.52.29
cards_due:
  description: The NPU IDs of the cards that had another version, in the order in which they are done.
  returned: success
  type: list
  elements: int
  sample: [0]
cards:
  description: The version of each card after the run. In check mode that before it.
  returned: success
  type: list
  elements: dict
  contains:
    npu_id: {description: NPU ID of the card., type: int, sample: 0}
    version: {description: Version of its MCU; null when the card has none., type: str, sample: 25.52.29}
"""

import os
import shutil
import tempfile
import time
import zipfile
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Dict, Optional

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ascend.fleet.plugins.module_utils import _npu_mcu as mcu
from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError, ModuleRunner
from ansible_collections.ascend.fleet.plugins.module_utils._converge import (
    Outcome,
    Step,
    UnsettledError,
    converge,
)
from ansible_collections.ascend.fleet.plugins.module_utils._locked_file import sole_holder
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi import list_query
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_lists import parse_list
from ansible_collections.ascend.fleet.plugins.module_utils._package_source import wrong_checksum

if TYPE_CHECKING:
    Versions = Dict[int, Optional[str]]

LOCK = "/run/ascend_fleet_npu_mcu.lock"
ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "version": {"type": "str", "required": True},
    "file": {"type": "path"},
    "sha256": {"type": "str"},
    "cards": {"type": "list", "elements": "int", "default": []},
    "downgrade_allowed": {"type": "bool", "default": False},
    "settle_seconds": {"type": "int", "default": 120},
    "pause_seconds": {"type": "int", "default": 180},
    "timeout": {"type": "int", "default": 900},
}


class Controllers:
    """The management controllers of the cards of this host."""

    def __init__(self, module: AnsibleModule, held: ExitStack) -> None:
        """Take the options; what is ``held`` is let go when the module ends."""
        self.module = module
        self.held = held
        self.options = module.params
        self.smi = ModuleRunner(module, "npu-smi")
        self.firmware: str | None = None
        self.written = 0

    def read(self) -> Versions:
        """Read the version of each card that is meant; raises CliError with all that stands against them."""
        listed = parse_list(self.smi.run(*list_query()))
        asked = self.options["cards"]
        ids = asked or [card.npu_id for card in listed.cards]
        there = {card.npu_id for card in listed.cards}
        found = {card: self._version(card) if card in there else None for card in ids}
        problems = mcu.choice_problems(found, asked, listed.lost)
        if problems:
            raise CliError("; ".join(problems))
        return found

    def _version(self, card: int) -> str | None:
        return mcu.parse_version(self.smi.run(*mcu.version_query(card)))

    def plan(self, found: Versions) -> list[Step]:
        """Return a step for each card; raises CliError for a downgrade without consent or a missing file."""
        wanted = self.options["version"]
        steps = mcu.plan(found, wanted)
        newer = mcu.newer(found, wanted)
        if newer and not self.options["downgrade_allowed"]:
            raise CliError(
                f"found an MCU newer than {wanted} on NPU {', '.join(map(str, newer))}; "
                "set downgrade_allowed to agree to an older version, or choose a newer one"
            )
        if steps and not self.module.check_mode and self.firmware is None:
            self.firmware = self._firmware()
        return steps

    def _firmware(self) -> str:
        """Return the path of the firmware, unpacked if need be; raises CliError when it is not the one."""
        file = self.options["file"]
        if file is None or not file.endswith((*mcu.SUFFIXES, ".zip")) or not os.path.isfile(file):
            raise CliError(
                f"file: found {file or 'none'}, wanted {mcu.FILES} on the node; name the vendor's MCU package"
            )
        found, wanted = self.module.sha256(file), self.options["sha256"]
        if wanted and found != wanted.lower():
            raise CliError(wrong_checksum(os.path.basename(file), str(found), wanted))
        return file if file.endswith(mcu.SUFFIXES) else self._unpacked(file)

    def _unpacked(self, package: str) -> str:
        """Return the one firmware in a zip, unpacked beside it; it is removed when the module ends."""
        directory = tempfile.mkdtemp(prefix="ascend-fleet-", dir=os.path.dirname(package))
        self.held.callback(shutil.rmtree, directory)
        try:
            with zipfile.ZipFile(package) as archive:
                names = [name for name in archive.namelist() if name.endswith(mcu.SUFFIXES)]
                if len(names) != 1:
                    raise CliError(
                        f"{package}: found {', '.join(names) or 'no firmware'} in it, wanted one file; "
                        "unpack it on the node and name the file that these cards need"
                    )
                return archive.extract(names[0], directory)
        except zipfile.BadZipFile as error:
            raise CliError(f"{package}: found a broken zip ({error}); get the package again") from error

    def apply(self, step: Step) -> None:
        """Transfer, activate, and wait until the MCU may be asked again."""
        card, limit = int(step.args[0]), self.options["timeout"]
        if self.written:
            time.sleep(self.options["pause_seconds"])
        else:
            self.held.enter_context(sole_holder(LOCK, "another run that upgrades the MCUs of this host"))
        self.written += 1
        transfer = self.smi.run(*mcu.transfer_order(card, str(self.firmware)), timeout=limit)
        mcu.check_order(transfer, f"the transfer to the MCU of NPU {card}")
        activation = self.smi.run(*mcu.activation_order(card), timeout=limit)
        mcu.check_order(activation, f"the activation of the MCU of NPU {card}")
        time.sleep(self.options["settle_seconds"])


def as_text(versions: Versions) -> str:
    """Return the versions as lines of a diff."""
    return "".join(f"NPU {card}: {version}\n" for card, version in versions.items())


def answer(outcome: Outcome[Versions], wanted: str) -> dict[str, Any]:
    """Return the result of the module; the diff's end is the goal, also in check mode."""
    due = [int(step.args[0]) for step in outcome.steps]
    goal = {card: wanted if card in due else version for card, version in outcome.before.items()}
    return {
        "changed": outcome.changed,
        "actions": outcome.actions,
        "cards_due": due,
        "cards": [{"npu_id": card, "version": version} for card, version in outcome.after.items()],
        "diff": {"before": as_text(outcome.before), "after": as_text(goal)},
    }


def main() -> None:
    """Read, plan, write card by card, read again."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    try:
        with ExitStack() as held:
            controllers = Controllers(module, held)
            outcome = converge(controllers.read, controllers.plan, controllers.apply, module.check_mode)
    except CliError as error:
        module.fail_json(**error.as_failure())
    except (UnsettledError, ValueError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(**answer(outcome, module.params["version"]))


if __name__ == "__main__":
    main()
