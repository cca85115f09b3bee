# SPDX-License-Identifier: GPL-3.0-or-later
"""The key-value rows of one chip for the types of `npu-smi info -t`. Transcripts npu-smi/*/026-065."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Callable

from npu_simulator.npu_smi.answers import NotSimulatedError, Row, rows
from npu_simulator.npu_smi.tables import HEALTH_WORDS

if TYPE_CHECKING:
    from npu_simulator.npu_smi.host import Chip


def _percent(used: int, total: int) -> int:
    return used * 100 // total if total else 0


def _hbm_percent(chip: Chip) -> int:
    given = chip.reading("hbm_percent")
    return _percent(chip.npu["hbm_used_mb"], chip.npu["hbm_total_mb"]) if given is None else int(given)


def _ddr(chip: Chip) -> tuple[int, int]:
    """Used and total DDR in MB, zero on a chip that has none. npu-smi-and-hccn_tool.md 2.2, trap 9."""
    return (chip.npu["memory_used_mb"], chip.npu["memory_total_mb"]) if chip.family.ddr else (0, 0)


def common(chip: Chip) -> list[Row]:
    """Usage, clock, temperature, power."""
    return [
        ("Memory Usage Rate(%)", _percent(*_ddr(chip))),
        ("HBM Usage Rate(%)", _hbm_percent(chip)),
        ("Aicore Usage Rate(%)", chip.npu["ai_core_percent"]),
        ("Aicore Freq(MHZ)", chip.reading("aicore_mhz")),
        ("Aicore curFreq(MHZ)", chip.reading("aicore_current_mhz")),
        ("Aicore Count", chip.reading("aicore_count")),
        ("Temperature(C)", chip.npu["temperature_c"]),
        *power(chip),
    ]


def usages(chip: Chip) -> list[Row]:
    """Memory sizes and how busy everything is; 910B has three rows more."""
    newer = not chip.family.ddr
    return [
        ("DDR Capacity(MB)", _ddr(chip)[1]),
        ("DDR Usage Rate(%)", _percent(*_ddr(chip))),
        ("DDR Hugepages Total(page)", chip.npu["hugepages_total"]),
        ("DDR Hugepages Usage Rate(%)", _percent(chip.npu["hugepages_used"], chip.npu["hugepages_total"])),
        ("HBM Capacity(MB)", chip.npu["hbm_total_mb"]),
        ("HBM Usage Rate(%)", _hbm_percent(chip)),
        ("Aicore Usage Rate(%)", chip.npu["ai_core_percent"]),
        *([("Aivector Usage Rate(%)", 0)] if newer else []),
        ("Aicpu Usage Rate(%)", 0),
        ("Ctrlcpu Usage Rate(%)", chip.reading("ctrlcpu_percent")),
        ("DDR Bandwidth Usage Rate(%)", 0),
        ("HBM Bandwidth Usage Rate(%)", 0),
        *(
            [("NPU Utilization(%)", chip.npu["ai_core_percent"]), ("Aicube Usage Rate(%)", 0)]
            if newer
            else []
        ),
    ]


def memory(chip: Chip) -> list[Row]:
    """Sizes and clocks of the memories."""
    maker = chip.reading("hbm_manufacturer")
    return [
        ("DDR Capacity(MB)", _ddr(chip)[1]),
        ("DDR Clock Speed(MHz)", chip.reading("ddr_mhz")),
        ("HBM Capacity(MB)", chip.npu["hbm_total_mb"]),
        ("HBM Clock Speed(MHz)", chip.reading("hbm_mhz")),
        ("HBM Temperature(C)", chip.reading("hbm_temperature")),
        *([("HBM Manufacturer ID", maker)] if maker else []),
    ]


def power(chip: Chip) -> list[Row]:
    """Power in W. real-programs.md N7."""
    return [("NPU Real-time Power(W)", f"{chip.npu['power_w']:.1f}")]


def temperature(chip: Chip) -> list[Row]:
    """Temperature in degrees Celsius."""
    return [("NPU Temperature (C)", chip.npu["temperature_c"])]


def _volt(chip: Chip) -> list[Row]:
    return [("Voltage(V)", chip.reading("volt"))]


def _share(chip: Chip) -> list[Row]:
    return [("Device-share Status", bool(chip.reading("device_share")))]


def _pcie_errors(_chip: Chip) -> list[Row]:
    kinds = ("TX Error Count", "RX Error Count", "Lcrc Error Count", "Ecrc Error Count", "Retry Count")
    return [(kind, 0) for kind in kinds]


def _ecc(chip: Chip) -> list[Row]:
    return [(counter, 0) for counter in chip.family.ecc_counters]


def _health(chip: Chip) -> list[Row]:
    if chip.health not in HEALTH_WORDS:
        raise NotSimulatedError(f"card level health of value {chip.health}")
    return [("Health", HEALTH_WORDS[chip.health])]


def mcu_health(_chip: Chip) -> list[Row]:
    """The health of the card's MCU, which no fault touches."""
    return [("Health", HEALTH_WORDS[0])]


def mcu_temperatures(chip: Chip) -> list[Row]:
    """The temperatures that the card's MCU tells."""
    return [(f"{name:<8} (C)", value) for name, value in chip.reading("mcu_temperatures")]


def flash_text(chip: Chip) -> str:
    """The chip's flash memories: one."""
    details = [
        ("Flash ID", chip.reading("flash_id")),
        ("Manufacturer ID", chip.reading("flash_manufacturer")),
        ("Capacity(MB)", chip.reading("flash_mb")),
    ]
    return rows([("Flash Count", 1)]) + "\n" + rows(details)


def process_text(chip: Chip) -> str:
    """The processes of the chip, three pairs on one line each."""
    lines = [
        f"\tProcess id:{process['pid']:<8}Process name:{process['name']:<18}"
        f"Process memory(MB):{process['memory_mb']}\n"
        for process in chip.processes
    ]
    return "".join(lines) or "\tNo process in device.\n"


def health_text(chip: Chip) -> str:
    """Health with its error codes; without codes the chip level says OK up to 3. real-programs.md N13."""
    codes = chip.error_codes
    word = HEALTH_WORDS[chip.health if codes or chip.health == max(HEALTH_WORDS) else 0]
    known = chip.reading("error_texts")  # for the others the decimal code: hicann/driver npu_info_print.c
    details = [known.get(code, str(int(code, 16))) for code in codes] or ["NA"]
    text = rows([("Health Status", word), ("Error Code", " ".join(codes) or "NA")])
    return text + "\n".join(
        rows([("" if at else "Error Information", line)]) for at, line in enumerate(details)
    )


def sensors_text(chip: Chip) -> str:
    """The temperatures inside the chip."""
    return rows((f"{name} Temperature (C)", value) for name, value in chip.reading("sensors"))


def system_time_text(_chip: Chip) -> str:
    """The chip's clock."""
    return rows([("System Time(local)", time.ctime())])


def _lines(measure: Callable[[Chip], list[Row]], width: int = 30) -> Callable[[Chip], str]:
    return lambda chip: rows(measure(chip), width)


ECC_WIDTH = 40

# What one chip shows, at card level and (where nothing else is said below) at chip level.
MEASURES: dict[str, Callable[[Chip], str]] = {
    "common": _lines(common),
    "usages": _lines(usages),
    "memory": _lines(memory),
    "power": _lines(power),
    "temp": _lines(temperature),
    "volt": _lines(_volt),
    "device-share": _lines(_share),
    "pcie-err": _lines(_pcie_errors),
    "ecc": _lines(_ecc, ECC_WIDTH),
    "health": _lines(_health),
    "flash": flash_text,
    "proc-mem": process_text,
}
MCU_MEASURES: dict[str, Callable[[Chip], str]] = {
    "health": _lines(mcu_health),
    "temp": _lines(mcu_temperatures),
}
CHIP_MEASURES: dict[str, Callable[[Chip], str]] = {
    **{name: show for name, show in MEASURES.items() if name != "common"},
    "health": health_text,
    "sensors": sensors_text,
    "sys-time": system_time_text,
}
