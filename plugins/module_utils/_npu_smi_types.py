# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What npu-smi prints for each type of C(-t) that is asked per card: labels, field names and kinds of values.

Data only; C(_npu_smi_keys) reads answers with it. The kinds are those of C(_npu_smi.read_value). Sources:
runs of the vendor's program on 910A, 910B3, A3 and 310P3, and outputs of drivers from 23.0 on.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Type:
    """One type of C(npu-smi info -t): whether C(Chip ID) opens a chip's block or closes it, and its lines.

    ``fields`` gives each label a field name and a kind. ``of_card`` is the only line with which some products
    answer for the card as a whole. Where ``mcu`` is true, the management controller's block is read, too.
    """

    fields: Mapping[str, tuple[str, str]]
    opens: bool = False
    of_card: str = ""
    mcu: bool = True


def _ecc() -> dict[str, tuple[str, str]]:
    """Return the sixteen counters: two memories, single and double bit, four things that are counted."""
    counted = {
        "Error Count": "errors",
        "Aggregate Total Err Cnt": "errors_ever",
        "Isolated Pages Count": "isolated_pages",
        "Next-Isolated Pages Count": "next_isolated_pages",
    }
    return {
        f"{memory} {bits} Bit {label}": (f"{memory.lower()}_{bits.lower()}_bit_{name}", "count")
        for memory in ("DDR", "HBM")
        for bits in ("Single", "Double")
        for label, name in counted.items()
    }


_POWER = {
    "NPU Real-time Power(W)": ("power_w", "watt"),
    "Power Dissipation(W)": ("power_w", "watt"),
}
MCU_FIELDS = {
    "Temperature(C)": ("temperature_c", "celsius"),
    "Health": ("health", "text"),
    **_POWER,
}
TYPES = {
    "common": Type(
        {
            "Memory Usage Rate(%)": ("memory_percent", "percent"),
            "HBM Usage Rate(%)": ("hbm_percent", "percent"),
            "Aicore Usage Rate(%)": ("ai_core_percent", "percent"),
            "Aicore Freq(MHZ)": ("ai_core_rated_mhz", "size"),
            "Aicore curFreq(MHZ)": ("ai_core_mhz", "size"),
            "Aicore Count": ("ai_core_count", "size"),
            "Temperature(C)": ("temperature_c", "celsius"),
            "NPU Real-time Power(W)": ("power_w", "watt"),
        },
        opens=True,
    ),
    "usages": Type(
        {
            "DDR Capacity(MB)": ("memory_total_mb", "size"),
            "DDR Usage Rate(%)": ("memory_percent", "percent"),
            "DDR Hugepages Total(page)": ("hugepages_total", "count"),
            "DDR Hugepages Usage Rate(%)": ("hugepages_percent", "percent"),
            "DDR Bandwidth Usage Rate(%)": ("memory_bandwidth_percent", "percent"),
            "HBM Capacity(MB)": ("hbm_total_mb", "size"),
            "HBM Usage Rate(%)": ("hbm_percent", "percent"),
            "HBM Bandwidth Usage Rate(%)": ("hbm_bandwidth_percent", "percent"),
            "Aicore Usage Rate(%)": ("ai_core_percent", "percent"),
            "Aivector Usage Rate(%)": ("ai_vector_percent", "percent"),
            "Aicube Usage Rate(%)": ("ai_cube_percent", "percent"),
            "Aicpu Usage Rate(%)": ("ai_cpu_percent", "percent"),
            "Ctrlcpu Usage Rate(%)": ("control_cpu_percent", "percent"),
            "Vectorcore Usage Rate(%)": ("vector_core_percent", "percent"),
            "NPU Utilization(%)": ("npu_percent", "percent"),
            "DVPP VDEC Usage Rate(%)": ("dvpp_vdec_percent", "percent"),
            "DVPP VENC Usage Rate(%)": ("dvpp_venc_percent", "percent"),
            "DVPP VPC Usage Rate(%)": ("dvpp_vpc_percent", "percent"),
            "DVPP JPEGD Usage Rate(%)": ("dvpp_jpegd_percent", "percent"),
            "DVPP JPEGE Usage Rate(%)": ("dvpp_jpege_percent", "percent"),
        }
    ),
    "memory": Type(
        {
            "Total DDR Capacity(MB)": ("memory_fitted_mb", "size"),
            "DDR Capacity(MB)": ("memory_total_mb", "size"),
            "DDR Clock Speed(MHz)": ("memory_mhz", "size"),
            "HBM Capacity(MB)": ("hbm_total_mb", "size"),
            "HBM Clock Speed(MHz)": ("hbm_mhz", "size"),
            "HBM Temperature(C)": ("hbm_temperature_c", "celsius"),
            "HBM Manufacturer ID": ("hbm_manufacturer", "text"),
        }
    ),
    "health": Type(
        {
            "Health": ("health", "text"),
            "Error Code": ("error_codes", "text"),
            "Error Information": ("error_information", "text"),
        }
    ),
    "ecc": Type(_ecc()),
    "power": Type(_POWER, of_card="Power Dissipation(W)"),
    "temp": Type(
        {
            "NPU Temperature (C)": ("temperature_c", "celsius"),
            "Temperature (C)": ("temperature_c", "celsius"),
        },
        mcu=False,  # its sensors have no stable names (transcript npu-smi/310P3/038)
    ),
    "product": Type({"Product Type": ("product_type", "text")}),
}
