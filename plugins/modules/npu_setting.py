#!/usr/bin/python
# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lead the settings of a host's NPUs to what is wanted."""

from __future__ import annotations

DOCUMENTATION = r"""
module: npu_setting
short_description: Set what npu-smi can set on the NPUs of a host
version_added: 0.2.0
description:
  - Leads the settings of a host, its cards and its chips to what is declared. What is not declared is neither
    read nor changed. All of a host is handled in one call.
  - Each declared value is read first and set only where it differs. After the orders everything is read
    again. A chip that reports success and keeps its old value makes the module fail.
  - What the product does not have, ids that the host does not have, and values out of range are refused
    before the first order, all problems in one message, in check mode, too. Before a type is set for the
    first time, C(npu-smi set -t TYPE -h) is asked, which tells whether it can be set here (root, no virtual
    machine, no container). It changes nothing.
  - The questions that C(npu-smi) asks are answered with C(Y). Declaring the value is the consent. Changes
    that endanger running work or the next start need O(dangerous_allowed), too.
  - Resets and reboots are never made here. What the changes of this run still need is returned in
    RV(reset_required), RV(reboot_required) and RV(power_cycle_required).
author:
  - The ascend.fleet contributors (@ascend-fleet)
extends_documentation_fragment:
  - ascend.fleet.attributes
  - ascend.fleet.attributes.platform
  - ascend.fleet.npu_settings
attributes:
  idempotent:
    support: partial
    details:
      - A value that C(npu-smi) cannot read is set at each run and listed in RV(unverified).
      - A value that takes effect later is set again at each run before that, if C(npu-smi) shows the one that
        still counts. So RV(reset_required), RV(reboot_required) or RV(power_cycle_required) stays true until
        it is done. Whether C(npu-smi) shows the new or the old value until then depends on the driver.
options:
  node:
    description:
      - Settings of the whole host.
    type: dict
  all_cards:
    description:
      - Settings of each card.
    type: dict
  cards:
    description:
      - Settings of single cards. They win over O(all_cards).
    type: list
    elements: dict
    default: []
  all_chips:
    description:
      - Settings of each chip.
      - O(all_chips.tls_cert_period) goes to chip 0 alone where the product takes it only there (A3, 310P).
    type: dict
  chips:
    description:
      - Settings of single chips. They win over O(all_chips).
    type: list
    elements: dict
    default: []
  dangerous_allowed:
    description:
      - Consent to changes that endanger running work or the next start of the host, which are
        O(cards[].ecc_enable), O(cards[].boot_select), and virtual NPUs that have to be destroyed for
        O(chips[].vnpus).
      - When it is not given and such a change is due, the module stops with the list of them. V(false) leaves
        them out and lists them in RV(withheld).
    type: bool
  share_path:
    description:
      - The file that a boot replays O(cards[].device_share) from. It is read when that or
        O(node.device_share_cfg_recover) is declared.
    type: path
    default: /etc/device_share.cfg
notes:
  - Run it with C(become) on the host itself. C(npu-smi) takes orders from root alone, and most of them
    neither in a virtual machine nor in a container.
  - C(power-state) is left out on purpose. It is no setting, it puts an Atlas 200I DK A2 to sleep.
    C(custom-op-secverify-cert), C(tls-cert), C(key-manage) and C(sys-log-dump) are left out, too. They load
    files or start services.
  - A call to C(npu-smi) has 30 seconds.
seealso:
  - module: ascend.fleet.npu_info
"""

EXAMPLES = r"""
- name: Let containers share all NPUs of an Atlas 800T A2, after a reboot, too
  ascend.fleet.npu_setting:
    node:
      device_share_cfg_recover: true
    all_cards:
      device_share: true
  become: true

- name: Give two chips more time for a task, and warn earlier of certificates that expire
  ascend.fleet.npu_setting:
    all_chips:
      tls_cert_period: 60
    chips:
      - {npu_id: 0, op_timeout: 28}
      - {npu_id: 1, op_timeout: 28}
  become: true

- name: Split the first chip in two virtual NPUs
  ascend.fleet.npu_setting:
    node:
      vnpu_mode: docker
      vnpu_cfg_recover: true
    chips:
      - npu_id: 0
        vnpus:
          - template: vir10_3c_32g
          - template: vir10_3c_32g
    dangerous_allowed: true
  become: true
  register: split

- name: Say what is still to do
  ansible.builtin.debug:
    msg: Reset or reboot the host, then the new settings count.
  when: split.reset_required or split.reboot_required or split.power_cycle_required
"""

RETURN = r"""
actions:
  description: What was done, or in check mode would be done, in words and in order.
  type: list
  elements: str
  returned: success
  sample:
    - set device_share_cfg_recover of the node to true
    - set device_share of card 0 to true
before:
  description: The declared settings as they were found. A value that could not be read is null.
  type: dict
  returned: success
  sample: {node: {device_share_cfg_recover: false}, cards: [{npu_id: 0, device_share: false}], chips: []}
  contains: &state
    node:
      description: The settings of the host, by name.
      type: dict
      sample: {device_share_cfg_recover: false}
    cards:
      description: The settings of each card, by name, with its C(npu_id).
      type: list
      elements: dict
      sample: [{npu_id: 0, device_share: false}]
    chips:
      description: The settings of each chip, by name, with its C(npu_id) and C(chip_id).
      type: list
      elements: dict
      sample: [{npu_id: 0, chip_id: 0, op_timeout: 28}]
after:
  description: The settings as they were read after the last order; in check mode what the plan leads to.
  type: dict
  returned: success
  sample: {node: {device_share_cfg_recover: true}, cards: [{npu_id: 0, device_share: true}], chips: []}
  contains: *state
reset_required:
  description: Whether a change of this run takes effect at the next reset of its card or chip.
  type: bool
  returned: success
  sample: false
reboot_required:
  description: Whether a change of this run takes effect at the next reboot of the host.
  type: bool
  returned: success
  sample: false
power_cycle_required:
  description: Whether a change of this run takes effect only after the host's power was off.
  type: bool
  returned: success
  sample: false
unverified:
  description: Settings that C(npu-smi) does not confirm after the run, because it cannot read them, or
    because they take effect later. Empty in check mode.
  type: list
  elements: dict
  returned: success
  sample: [{setting: ecc_enable, npu_id: 96, chip_id: null, reason: npu-smi says true until it takes effect}]
  contains:
    setting:
      description: The name of the setting.
      type: str
      sample: ecc_enable
    npu_id:
      description: The NPU ID of the card, null for a setting of the host.
      type: int
      sample: 96
    chip_id:
      description: The chip, null for a setting of the host or of a card.
      type: int
      sample: 0
    reason:
      description: What C(npu-smi) says instead.
      type: str
      sample: npu-smi says true until it takes effect
withheld:
  description: Changes that were left out because O(dangerous_allowed) is V(false).
  type: list
  elements: str
  returned: success
  sample: ["destroy virtual NPU 100 (vir04) of chip 0 of card 0"]
"""

from functools import partial
from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ascend.fleet.plugins.module_utils import _npu_setting_types as types
from ansible_collections.ascend.fleet.plugins.module_utils._cli import (
    CliError,
    MissingProgramError,
    ModuleRunner,
)
from ansible_collections.ascend.fleet.plugins.module_utils._converge import (
    Outcome,
    UnsettledError,
    converge,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_setting_node import Settings
from ansible_collections.ascend.fleet.plugins.module_utils._npu_setting_plan import unverified
from ansible_collections.ascend.fleet.plugins.module_utils._npu_setting_share import SHARE_FILE
from ansible_collections.ascend.fleet.plugins.module_utils._npu_setting_view import (
    diff_text,
    expected_state,
    state_of,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_setting_wish import (
    WishError,
    doubts,
    understand,
)

if TYPE_CHECKING:
    from ansible_collections.ascend.fleet.plugins.module_utils._npu_setting_plan import Found
    from ansible_collections.ascend.fleet.plugins.module_utils._npu_setting_wish import Wanted

PROGRAM = "npu-smi"
NODE_OPTIONS: dict[str, Any] = {
    "vnpu_mode": {"type": "str", "choices": ["docker", "vm"]},
    "vnpu_cfg_recover": {"type": "bool"},
    "device_share_cfg_recover": {"type": "bool"},
    "custom_op_cfg_recover": {"type": "bool"},
    "multi_die_policy": {"type": "str", "choices": ["union", "independent"]},
    "multi_die_policy_cfg_recover": {"type": "bool"},
    "sys_log_enable": {"type": "bool"},
}
CARD_OPTIONS: dict[str, Any] = {
    "device_share": {"type": "bool"},
    "ecc_enable": {"type": "bool"},
    "p2p_mem_cfg": {"type": "bool"},
    "custom_op": {"type": "bool"},
    "custom_op_secverify_enable": {"type": "bool"},
    "custom_op_secverify_mode": {"type": "int"},
    "boot_select": {"type": "str", "choices": ["m2_ssd", "emmc"]},
}
CHIP_OPTIONS: dict[str, Any] = {
    "cpu_num_cfg": {
        "type": "dict",
        "options": {
            "ai": {"type": "int", "required": True},
            "control": {"type": "int", "required": True},
            "data": {"type": "int", "default": 0},
        },
    },
    "nve_level": {"type": "str"},
    "aicpu_config": {"type": "int", "choices": [2, 4, 6]},
    "op_timeout": {"type": "int"},
    "tls_cert_period": {"type": "int"},
    "vnpus": {
        "type": "list",
        "elements": "dict",
        "options": {
            "template": {"type": "str", "required": True},
            "vnpu_id": {"type": "int"},
            "vgroup_id": {"type": "int", "choices": [0, 1, 2, 3]},
        },
    },
}
NPU_ID = {"npu_id": {"type": "int", "required": True}}
CHIP_IDS = {**NPU_ID, "chip_id": {"type": "int", "default": 0}}
ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "node": {"type": "dict", "options": NODE_OPTIONS},
    "all_cards": {"type": "dict", "options": CARD_OPTIONS},
    "cards": {"type": "list", "elements": "dict", "default": [], "options": {**NPU_ID, **CARD_OPTIONS}},
    "all_chips": {"type": "dict", "options": CHIP_OPTIONS},
    "chips": {"type": "list", "elements": "dict", "default": [], "options": {**CHIP_IDS, **CHIP_OPTIONS}},
    "dangerous_allowed": {"type": "bool"},
    "share_path": {"type": "path", "default": SHARE_FILE},
}


def settings_of(module: AnsibleModule) -> Settings:
    """Return the settings of this host. Raises MissingProgramError."""
    runner = ModuleRunner(module, PROGRAM)
    if not runner.available():
        raise MissingProgramError(
            f"{PROGRAM} is not on this host, so nothing is known about its NPUs; install the NPU driver first"
        )
    return Settings(runner, module.params["share_path"], module.params["dangerous_allowed"])


def answer(
    module: AnsibleModule, settings: Settings, outcome: Outcome[Found], wanted: Wanted
) -> dict[str, Any]:
    """Return the result of the module."""
    before = state_of(outcome.before, wanted)
    foreseen = module.check_mode and outcome.changed
    after = state_of(outcome.after, wanted)
    if foreseen:
        settings.foresee(outcome.steps)
        after = expected_state(outcome.before, wanted, settings.withheld)
    unconfirmed = [] if module.check_mode else list(unverified(outcome.after, wanted, settings.withheld))
    for doubt in doubts(wanted):
        module.warn(doubt)
    for entry in unconfirmed:
        module.warn(f"{entry['setting']}: not confirmed, {entry['reason']}")
    return {
        "changed": outcome.changed,
        "actions": outcome.actions,
        "before": before,
        "after": after,
        **{f"{due}_required": due in settings.dues for due in (types.RESET, types.REBOOT, types.POWER_CYCLE)},
        "unverified": unconfirmed,
        "withheld": [step.why for step in settings.withheld.values()],
        "diff": {"before": diff_text(before), "after": diff_text(after)},
    }


def main() -> None:
    """Understand the wish, converge, answer."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    try:
        settings = settings_of(module)
        wanted = understand(module.params, settings.chips())
        outcome = converge(
            read=partial(settings.read, wanted),
            plan=partial(settings.plan, wanted=wanted),
            apply=settings.apply,
            check_mode=module.check_mode,
        )
    except WishError as error:
        module.fail_json(msg=str(error))
    except CliError as error:
        module.fail_json(**error.as_failure())
    except UnsettledError as error:
        module.fail_json(
            msg=f"{PROGRAM} reported success, but the second reading differs: {error}; look at `npu-smi "
            "info` and dmesg, reboot the host, then run again"
        )
    module.exit_json(**answer(module, settings, outcome, wanted))


if __name__ == "__main__":
    main()
