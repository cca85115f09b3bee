# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What C(npu-smi set) can set and users may want to declare: one entry each, nothing but data.

Sources: hicann/driver npucli (npu_set.c, npu_chip_set.c, npu_card_set.c, npu_info.c, npu_chip_info*.c), the
transcripts npu-smi/*/046 to 162, and npu-smi-and-hccn_tool.md 2.5 for the products. C(vnpu-mode) is named for
the A3 there, but its tool refuses it (real-programs.md N3). C(power-state) is no setting: it puts the board
to sleep at once.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

NODE, CARD, CHIP, CONTROLLER = "node", "card", "chip", "controller"
RESET, REBOOT, POWER_CYCLE = "reset", "reboot", "power_cycle"
ANSWER_YES = "Y\n"

_SWITCH: Mapping[object, str] = {False: "0", True: "1"}
_PRINTED: Mapping[str, object] = {
    "False": False,
    "True": True,
    "Disable": False,
    "Enable": True,
    "disable": False,
    "enable": True,
}


@dataclass(frozen=True, eq=False)
class Setting:
    """One setting.

    C(level): for what npu-smi takes it; C(controller) is the card's MCU. C(keys): the lines of
    C(info -t query) that hold the value, joined by colons when there are several. C(values): what may be
    declared and its argument, on and off by default; empty for texts and for numbers from C(lowest) to
    C(highest). C(printed): what the answer says for which value. C(asks): npu-smi wants a Y. C(due): what
    makes it take effect. C(first_chip_only): families that take it for chip 0 alone. C(endangers): what a
    change puts at risk; such a change needs consent.
    """

    name: str
    type: str
    level: str
    families: tuple[str, ...]
    query: str
    keys: tuple[str, ...]
    values: Mapping[object, str] = field(default_factory=lambda: _SWITCH)
    printed: Mapping[str, object] = field(default_factory=lambda: _PRINTED)
    lowest: int = 0
    highest: int = 0
    flag: str = "-d"
    asks: bool = False
    due: str = ""
    first_chip_only: tuple[str, ...] = ()
    endangers: str = ""


# In the order in which they are set: a switch that writes a file before what goes into it, a permission
# before what it permits.
SETTINGS = (
    Setting(
        "vnpu_mode",
        "vnpu-mode",
        NODE,
        ("310p", "910", "910b"),
        "vnpu-mode",
        ("vnpu-mode",),
        {"docker": "0", "vm": "1"},
        {"docker": "docker", "VM": "vm"},
    ),
    Setting(
        "vnpu_cfg_recover",
        "vnpu-cfg-recover",
        NODE,
        ("310p", "910", "910b"),
        "vnpu-cfg-recover",
        ("VNPU config recover mode",),
    ),
    Setting(
        "device_share_cfg_recover",
        "device-share-cfg-recover",
        NODE,
        ("310p", "910b", "910_93"),
        "device-share-cfg-recover",
        ("Device-share config recover mode",),
        asks=True,
    ),
    Setting(
        "custom_op_cfg_recover",
        "custom-op-cfg-recover",
        NODE,
        ("910_93",),
        "custom-op-cfg-recover",
        ("Custom-op config recover mode",),
    ),
    Setting(
        "multi_die_policy_cfg_recover",
        "multi-die-policy-cfg-recover",
        NODE,
        ("910_93",),
        "multi-die-policy-cfg-recover",
        ("Multi-die-policy config recover mode",),
        asks=True,
    ),
    Setting(
        "multi_die_policy",
        "multi-die-policy",
        NODE,
        ("910_93",),
        "multi-die-policy",
        ("Multi_die policy",),
        {"union": "0", "independent": "1"},
        {"UNION_POLICY": "union", "INDEP_POLICY": "independent"},
        asks=True,
    ),
    Setting(
        "sys_log_enable",
        "sys-log-enable",
        NODE,
        ("310p", "910b", "910_93", "950"),
        "sys-log-info",
        ("Current syslog dump config recover mode",),
    ),
    Setting(
        "ecc_enable",
        "ecc-enable",
        CARD,
        ("310", "310b", "310p"),
        "ecc-enable",
        ("DDR ECC-Enable Status",),
        due=RESET,
        endangers="the error correction of the memory changes at the next reset of the card",
    ),
    Setting(
        "p2p_mem_cfg", "p2p-mem-cfg", CARD, ("310p",), "p2p-mem-cfg", ("p2p-mem-cfg Status",), due=REBOOT
    ),
    Setting("custom_op", "custom-op", CARD, ("910_93",), "custom-op", ("Custom-op Status",), asks=True),
    Setting(
        "custom_op_secverify_enable",
        "custom-op-secverify-enable",
        CARD,
        ("910b", "910_93"),
        "custom-op-secverify-enable",
        ("Custom-op-secverify-enable",),
        asks=True,
    ),
    Setting(
        "custom_op_secverify_mode",
        "custom-op-secverify-mode",
        CARD,
        ("910b", "910_93"),
        "custom-op-secverify-mode",
        ("Custom-op-secverify-mode",),
        {},
        {},
        highest=7,
    ),
    Setting(
        "boot_select",
        "boot-select",
        CONTROLLER,
        ("310b",),
        "boot-select",
        ("Boot Select",),
        {"m2_ssd": "3", "emmc": "4"},
        {"M.2 SSD": "m2_ssd", "eMMC": "emmc"},
        due=POWER_CYCLE,
        endangers="a host whose wanted medium holds no system does not start any more",
    ),
    Setting(
        "device_share",
        "device-share",
        CARD,
        ("310", "310b", "310p", "910b", "910_93"),
        "device-share",
        ("Device-share Status",),
        asks=True,
    ),
    Setting("nve_level", "nve-level", CHIP, ("310", "310b"), "nve-level", ("nve level",), {}, {}, due=REBOOT),
    Setting(
        "aicpu_config",
        "aicpu-config",
        CHIP,
        ("310",),
        "aicpu-config",
        ("Number of AI CPUs set",),
        {2: "2", 4: "4", 6: "6"},
        {"2": 2, "4": 4, "6": 6},
        due=REBOOT,
    ),
    Setting(
        "cpu_num_cfg",
        "cpu-num-cfg",
        CHIP,
        ("310b", "310p"),
        "cpu-num-cfg",
        ("Current AI CPU number", "Current control CPU number", "Current data CPU number"),
        {},
        {},
        flag="-v",
        due=RESET,
    ),
    Setting(
        "op_timeout",
        "op-timeout-cfg",
        CHIP,
        ("910b", "910_93"),
        "op-timeout",
        ("Timeout Exponent",),
        {},
        {},
        lowest=20,
        highest=32,
        asks=True,
    ),
    Setting(
        "tls_cert_period",
        "tls-cert-period",
        CHIP,
        ("310p", "910b", "910_93"),
        "tls-cert-period",
        ("Certificate validity period",),
        {},
        {},
        lowest=7,
        highest=180,
        flag="-s",
        first_chip_only=("310p", "910_93"),
    ),
)
BY_NAME = {setting.name: setting for setting in SETTINGS}
BY_TYPE = {setting.type: setting for setting in SETTINGS}
NAMES = {
    level: tuple(setting.name for setting in SETTINGS if setting.level in levels)
    for level, levels in {NODE: (NODE,), CARD: (CARD, CONTROLLER), CHIP: (CHIP,)}.items()
}

# Virtual NPUs are created and destroyed, not set.
VNPU_FAMILIES = ("310p", "910", "910b")
VNPU_CREATE, VNPU_DESTROY, VNPU_QUERY = "create-vnpu", "destroy-vnpu", "info-vnpu"
VNPU_LOSS = "the work on a virtual NPU dies with it"
