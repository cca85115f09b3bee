# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of the module npu_setting, for cards and chips written once although two options take each."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation that npu_setting takes in with C(extends_documentation_fragment)."""

    DOCUMENTATION = r"""
options:
  node:
    suboptions:
      vnpu_mode:
        description:
          - Whether the virtual NPUs are for containers (V(docker)) or for virtual machines (V(vm)).
          - C(npu-smi) refuses to change it while virtual NPUs of the other mode exist.
          - 310P cards, 910, 910B.
        type: str
        choices: [docker, vm]
      vnpu_cfg_recover:
        description:
          - Whether a boot makes the virtual NPUs again.
          - 310P cards, 910 in AMP mode, 910B.
        type: bool
      device_share_cfg_recover:
        description:
          - Whether a boot shares the devices again. The file behind it, O(share_path), holds what was shared
            while this was on, so both are led to what is declared. A file that C(npu-smi) has damaged, as it
            does when a line changes, is deleted and written anew through C(npu-smi).
          - Lines of cards that are not declared stay, which shares these cards, too, when the file is
            written anew.
          - The boot script replays NPU IDs from 0 to 7 alone, so not those of 310P cards in most servers, and
            nothing at all on A3.
          - 310P, 910B, A3.
        type: bool
      custom_op_cfg_recover:
        description:
          - Whether a boot allows custom operators again. A3.
        type: bool
      multi_die_policy:
        description:
          - Whether the dies of an NPU go to containers together (V(union)) or one by one
            (V(independent)). A3.
        type: str
        choices: [union, independent]
      multi_die_policy_cfg_recover:
        description:
          - Whether a boot sets O(node.multi_die_policy) again. A3.
        type: bool
      sys_log_enable:
        description:
          - Whether the continuous collection of the devices' system logs starts again after a boot.
          - 310P cards, 910B, A3, 950.
        type: bool
  all_cards:
    suboptions: &card
      device_share:
        description:
          - Whether several containers may use the card at once. Its chips share alike. It is lost at a reboot
            unless O(node.device_share_cfg_recover) is on.
          - 310 in SoC boards, 310B, 310P, 910B, A3.
        type: bool
      ecc_enable:
        description:
          - Whether the memory corrects errors. Counts after a reset of the card, or a reboot of a SoC board.
          - 310, 310P, 310B. It is fixed on the others.
        type: bool
      p2p_mem_cfg:
        description:
          - Whether cards copy to each other through their PCI windows. Counts after a reboot. 310P cards.
        type: bool
      custom_op:
        description:
          - Whether custom operators may run. A3.
        type: bool
      custom_op_secverify_enable:
        description:
          - Whether the signature of custom operators is checked. 910B, A3.
        type: bool
      custom_op_secverify_mode:
        description:
          - Whose certificates count for that, from 0 to 7, the sum of 1 (Huawei), 2 (own) and 4 (community).
            0 checks nothing.
          - Needs O(all_cards.custom_op_secverify_enable). 910B, A3.
        type: int
      boot_select:
        description:
          - The medium that an Atlas 500 A2 starts from. Counts after its power was off. 310B.
        type: str
        choices: [m2_ssd, emmc]
  cards:
    suboptions:
      <<: *card
      npu_id:
        description: The NPU ID of the card, as in RV(ascend.fleet.npu_info#module:chips[].npu_id).
        type: int
        required: true
  all_chips:
    suboptions: &chip
      cpu_num_cfg:
        description:
          - How many CPUs of the chip run AI operators and how many control it. Counts after a reset of the
            chip, or a reboot of a SoC board.
          - 310P (8 together, some 16), 310B (4 together).
        type: dict
        suboptions:
          ai:
            description: The number of AI CPUs.
            type: int
            required: true
          control:
            description: The number of control CPUs.
            type: int
            required: true
          data:
            description: The number of data CPUs, which has to be 0.
            type: int
            default: 0
      nve_level:
        description:
          - The power level, by the name that C(npu-smi set -t nve-level -h) prints for this board, such as
            V(Full) or V(20T_1.6GHz). Counts after a reboot.
          - 310 in SoC boards, 310B.
        type: str
      aicpu_config:
        description:
          - The number of AI CPUs. Counts after a reboot. 310 in SoC boards.
        type: int
        choices: [2, 4, 6]
      op_timeout:
        description:
          - The time limit of a task on the chip, as the exponent of two of nanoseconds, from 20 (1 ms) to 32
            (4.3 s).
          - 910B, A3.
        type: int
      tls_cert_period:
        description:
          - How many days before a TLS certificate expires the chip warns, from 7 to 180.
          - 310P cards and A3 (chip 0 alone), 910B.
        type: int
      vnpus:
        description:
          - The virtual NPUs that the chip is split into, no others. An empty list takes the split back.
          - Those that fit stay. Others are destroyed, with what runs on them (see O(dangerous_allowed)),
            before the missing ones are created.
          - 310P cards, 910 in AMP mode, 910B.
        type: list
        elements: dict
        suboptions:
          template:
            description: The name of the template, as C(npu-smi info -t template-info) lists it.
            type: str
            required: true
          vnpu_id:
            description: The id that it shall have. The driver chooses one when it is not given.
            type: int
          vgroup_id:
            description: The group of resources that it shall belong to. 310P.
            type: int
            choices: [0, 1, 2, 3]
  chips:
    suboptions:
      <<: *chip
      npu_id:
        description: The NPU ID of the card.
        type: int
        required: true
      chip_id:
        description: The chip on the card.
        type: int
        default: 0
"""
