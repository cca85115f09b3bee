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


# What the rows of families.json name that is no reading.
_VALUES: dict[str, Callable[[Chip], object]] = {
    "aicore_percent": lambda chip: chip.npu["ai_core_percent"],
    "temperature": lambda chip: chip.npu["temperature_c"],
    "power": lambda chip: f"{chip.npu['power_w']:.1f}",
    "hbm_total": lambda chip: chip.npu["hbm_total_mb"],
    "hbm_percent": _hbm_percent,
    "ddr_total": lambda chip: chip.ddr[1],
    "ddr_percent": lambda chip: _percent(*chip.ddr),
    "hugepages_total": lambda chip: chip.npu["hugepages_total"],
    "hugepages_percent": lambda chip: _percent(chip.npu["hugepages_used"], chip.npu["hugepages_total"]),
    "product": lambda chip: chip.reading("product_type") or chip.product,
}


def _row(chip: Chip, label: str, value: object) -> Row:
    if not isinstance(value, str):
        return label, value
    return label, _VALUES[value](chip) if value in _VALUES else chip.reading(value)


def mcu_rows(chip: Chip, type_: str) -> list[Row]:
    """What the MCU of the card tells of itself."""
    return [_row(chip, label, value) for label, value in chip.family.mcu_measures[type_]]


def _volt(chip: Chip) -> list[Row]:
    return [("Voltage(V)", chip.reading("volt"))]


def _share(chip: Chip) -> list[Row]:
    return [("Device-share Status", bool(chip.reading("device_share")))]


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


def _super_pod(chip: Chip) -> str:
    """The chip's place in its super pod. Transcript npu-smi/A3/073; lower bits as rank tables have them."""
    server = chip.reading("server_index")
    given = chip.reading("sdid")
    place = (chip.card << _CARD_BITS) + (chip.id << _DIE_BITS) + chip.npu["phy_id"]
    sdid = (server << _SERVER_BITS) + place if given is None else given
    keys = ("SDID", "Super Pod Size", "Super Pod ID", "Server Index")
    return rows(zip(keys, (sdid, chip.reading("super_pod_size"), chip.reading("super_pod_id"), server)))


def _hccs_text(chip: Chip) -> str:
    """The links of a chip that talks to nobody. Transcript npu-smi/910B3/056."""
    count = chip.reading("hccs_links")
    cells = {key: "".join(f"{word:<21}" for word in [zero] * count) for key, zero in _HCCS_COUNTERS}
    links = [(key, f"[{text}]") for key, text in cells.items()]
    return rows([("hccs health status", "NOK"), *links, ("hccs first error lane", "NA")])


_SERVER_BITS, _CARD_BITS, _DIE_BITS = 22, 18, 16
_HCCS_COUNTERS = (
    ("hccs lane mode", "0"),
    ("hccs link lane list", "0000"),
    ("hccs link speed", "0"),
    *((f"hccs {name}", "0") for name in ("tx packets", "tx bytes", "rx packets", "rx bytes")),
    *((f"hccs {name} count", "0") for name in ("retry", "error")),
)
ECC_WIDTH = 40

# What one chip shows that is no plain row of families.json, at card level and at chip level.
_SHOWN: dict[str, Callable[[Chip], str]] = {
    "volt": lambda chip: rows(_volt(chip)),
    "device-share": lambda chip: rows(_share(chip)),
    "ecc": lambda chip: rows(_ecc(chip), ECC_WIDTH),
    "health": lambda chip: rows(_health(chip)),
    "flash": flash_text,
    "proc-mem": process_text,
}
MCU_MEASURES: dict[str, Callable[[Chip], str]] = {
    "health": lambda chip: rows(mcu_health(chip)),
    "temp": lambda chip: rows(mcu_temperatures(chip)),
}
_SHOWN_OF_CHIP: dict[str, Callable[[Chip], str]] = {
    **_SHOWN,
    "health": health_text,
    "hccs": _hccs_text,
    "sensors": sensors_text,
    "spod-info": _super_pod,
    "sys-time": system_time_text,
}


def measure(chip: Chip, type_: str, whole_card: bool) -> str | None:
    """Return what a chip says of one type, None for a type that it does not measure."""
    show = (_SHOWN if whole_card else _SHOWN_OF_CHIP).get(type_)
    if show:
        return show(chip)
    wanted = chip.family.measures.get(type_)
    return None if wanted is None else rows(_row(chip, label, value) for label, value in wanted)
