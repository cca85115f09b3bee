# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialect of npu-smi in answers of key and value, in blocks per chip."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError, Result
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi import RefusedError, Unread
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_board import (
    parse_card_board,
    parse_chip_board,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_keys import (
    Values,
    error_codes,
    health_word,
    parse_type,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_lists import (
    PhysicalId,
    parse_physical_id,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_types import TYPES

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "npu_smi"


def answer(text: str, status: int = 0) -> Result:
    return Result(("npu-smi", "info"), status, text, "")


def text_of(case: str) -> str:
    return (FIXTURES / f"{case}.txt").read_text(encoding="utf-8")


def read(kind: str, case: str):
    return parse_type(kind, answer(text_of(case)))


def given(kind: str, **values) -> Values:
    """Return what a type gives of a chip of which all else is null."""
    names = dict.fromkeys(name for name, _kind in TYPES[kind].fields.values())
    assert set(values) <= set(names)
    return Values({**names, **values})


COMMON = {
    "25.5.1/common-910b3": {
        0: given(
            "common",
            memory_percent=0,
            hbm_percent=5,
            ai_core_percent=17,
            ai_core_rated_mhz=1800,
            ai_core_mhz=800,
            ai_core_count=20,
            temperature_c=44,
            power_w=91.7,
        )
    },
    "25.5.1/common-910a": {
        0: given(
            "common",
            memory_percent=13,
            hbm_percent=4,
            ai_core_percent=1,
            ai_core_rated_mhz=1000,
            ai_core_mhz=900,
            ai_core_count=32,
            temperature_c=36,
            power_w=67.4,
        )
    },
    "25.2.3/common-310p3-duo": {
        0: given(
            "common",
            memory_percent=34,
            ai_core_percent=2,
            ai_core_rated_mhz=1080,
            ai_core_mhz=960,
            temperature_c=61,
        ),
        1: given(
            "common",
            memory_percent=35,
            ai_core_percent=3,
            ai_core_rated_mhz=1080,
            ai_core_mhz=1080,
            temperature_c=62,
        ),
    },
    "25.7.rc1/common-950": {
        0: given(
            "common",
            memory_percent=0,
            hbm_percent=4,
            ai_core_percent=2,
            ai_core_rated_mhz=1650,
            ai_core_mhz=300,
            ai_core_count=32,
            temperature_c=56,
            power_w=202.4,
        )
    },
}


@pytest.mark.parametrize("case", COMMON)
def test_common(case):
    assert read("common", case).chips == COMMON[case]


def test_the_management_controller_speaks_for_the_card():
    assert read("common", "25.5.1/common-910b3").mcu.values == {
        "temperature_c": 39,
        "health": None,
        "power_w": None,
    }
    duo = read("common", "25.2.3/common-310p3-duo")
    assert (duo.npu_id, duo.mcu.values["power_w"], duo.mcu.values["temperature_c"]) == (32896, 61.4, 47)
    assert read("health", "25.5.1/health-card-alarm").mcu.values["health"] == "OK"
    assert read("common", "25.5.1/common-910a").mcu is None


def test_zeros_of_a_chip_that_was_not_read_are_no_values():
    chip = read("common", "25.5.1/common-one-unread").chips[0]
    assert chip.values == given("common", ai_core_rated_mhz=1800, ai_core_mhz=1800).values
    assert {entry.what for entry in chip.unread} == {
        "temperature_c",
        "power_w",
        "ai_core_count",
        "memory_percent",
        "hbm_percent",
        "ai_core_percent",
    }
    assert Unread("temperature_c", "npu-smi printed 32766, which stands for a failed query") in chip.unread


def test_usages():
    chip = read("usages", "25.5.1/usages-910b3").chips[0]
    values = {name: value for name, value in chip.values.items() if value is not None}
    assert values == {
        "memory_percent": 0,
        "hugepages_total": 0,
        "hugepages_percent": 0,
        "hbm_total_mb": 65536,
        "hbm_percent": 5,
        "ai_core_percent": 17,
        "ai_vector_percent": 4,
        "ai_cpu_percent": 1,
        "control_cpu_percent": 3,
        "memory_bandwidth_percent": 0,
        "hbm_bandwidth_percent": 9,
        "npu_percent": 18,
        "ai_cube_percent": 16,
    }
    assert chip.unread == ()
    first, second = read("usages", "25.2.3/usages-310p3-duo").chips.values()
    assert (first.values["memory_total_mb"], second.values["memory_total_mb"]) == (44270, 43690)
    assert (first.values["ai_core_percent"], second.values["ai_core_percent"]) == (2, 3)
    assert (second.values["dvpp_jpegd_percent"], second.values["hbm_total_mb"]) == (8, None)


@pytest.mark.parametrize("case", ["usages-one-refused", "usages-a3-one-refused"])
def test_a_chip_that_refuses_its_usages_says_so_and_leaves_the_other_alone(case):
    chips = read("usages", f"25.5.1/{case}").chips
    assert chips[0].unread == (Unread("*", "Failed to query npu chip: 0 info."),)
    assert set(chips[0].values.values()) == {None}
    if "a3" in case:
        assert (chips[1].values["ai_core_percent"], chips[1].values["hbm_percent"]) == (11, 7)


def test_memory():
    assert read("memory", "25.5.1/memory-910b3").chips == {
        0: given("memory", hbm_total_mb=65536, hbm_mhz=1600, hbm_temperature_c=38, hbm_manufacturer="0x56")
    }
    assert read("memory", "25.2.3/memory-310p3-duo").chips == {
        0: given("memory", memory_fitted_mb=49152, memory_total_mb=44270, memory_mhz=451),
        1: given("memory", memory_fitted_mb=49152, memory_total_mb=43690, memory_mhz=450),
    }


def test_ecc():
    assert read("ecc", "25.5.1/ecc-910b3").chips == {
        0: given(
            "ecc",
            hbm_single_bit_errors=3,
            hbm_double_bit_errors=0,
            hbm_single_bit_errors_ever=41,
            hbm_double_bit_errors_ever=1,
            hbm_single_bit_isolated_pages=2,
            hbm_double_bit_isolated_pages=1,
            hbm_single_bit_next_isolated_pages=0,
            hbm_double_bit_next_isolated_pages=0,
        )
    }
    old = read("ecc", "23.0.5/ecc-910a").chips[0].values
    assert (old["ddr_single_bit_errors_ever"], old["hbm_double_bit_isolated_pages"]) == (6, 5)
    assert old["ddr_single_bit_next_isolated_pages"] is None


def test_power_is_of_the_chip_or_of_the_card():
    assert read("power", "25.5.1/power-910b3").chips == {0: given("power", power_w=91.9)}
    assert read("power", "25.5.1/power-a3").chips == {
        0: given("power", power_w=171.2),
        1: given("power", power_w=168.8),
    }
    card = read("power", "25.5.1/power-310p3")
    assert (card.chips, card.card, card.mcu.values["power_w"]) == ({}, None, 43.5)
    duo = read("power", "25.2.3/power-310p3-duo")
    assert (duo.chips, duo.card, duo.mcu) == ({}, given("power", power_w=61.9), None)


@pytest.mark.parametrize(("case", "celsius"), [("temp-910b3", 45), ("temp-310p3", 58)])
def test_temperature_and_sensors_without_names(case, celsius):
    found = read("temp", f"25.5.1/{case}")
    assert found.chips == {0: given("temp", temperature_c=celsius)}
    assert found.mcu is None


def test_product():
    assert read("product", "25.5.1/product-310p3").chips == {
        0: given("product", product_type="Atlas 300I Pro")
    }
    with pytest.raises(RefusedError, match=r"querying product.*this product has nothing to answer"):
        parse_type("product", answer("This device does not support querying product.\n"))


def test_health_of_a_card():
    assert read("health", "25.5.1/health-card-alarm").chips == {0: given("health", health="Alarm")}
    newest = read("health", "25.7.rc1/health-950")
    values = newest.chips[0].values
    assert (newest.single, values["health"], values["error_codes"]) == (True, "Warning", "80F18003 81AF8000")
    assert values["error_information"].splitlines() == [
        "node type=fan, event state=lower minor",
        "node type=SoC, event state=reset",
    ]


def test_health_words_and_codes():
    assert error_codes(None, answer("")) == ()
    assert error_codes("80CD8008 8C084E00", answer("")) == ("80CD8008", "8C084E00")
    assert health_word(None, answer("")) is None
    with pytest.raises(CliError, match="80CD80"):
        error_codes("80CD80", answer(""))
    with pytest.raises(CliError, match="Fine"):
        health_word("Fine", answer(""))


def test_a_line_that_is_new_is_told_and_the_others_are_read():
    text = text_of("25.5.1/memory-910b3").replace(
        "\tHBM Clock", "\tHBM Flavour                    : 7\n\tHBM Clock"
    )
    chip = parse_type("memory", answer(text)).chips[0]
    assert chip.unread == (
        Unread("HBM Flavour", "npu-smi printed 'HBM Flavour : 7', which this collection does not know"),
    )
    assert (chip.values["hbm_total_mb"], chip.values["hbm_mhz"]) == (65536, 1600)


@pytest.mark.parametrize(
    ("kind", "case", "old", "new"),
    [
        ("usages", "25.2.3/usages-310p3-duo", "\tChip ID                        : 0\n", ""),
        ("usages", "25.2.3/usages-310p3-duo", "\tChip ID                        : 1\n", ""),
        ("usages", "25.2.3/usages-310p3-duo", ": 2\n\n", ": 1\n\n"),
        ("usages", "25.2.3/usages-310p3-duo", "Chip ID                        : 1", "Chip ID     : 0"),
        ("usages", "25.2.3/usages-310p3-duo", "Chip ID                        : 1", "Chip ID     : one"),
        ("usages", "25.2.3/usages-310p3-duo", "\tChip Count                     : 2\n", ""),
        ("usages", "25.2.3/usages-310p3-duo", "Chip Count                     : 2", "Chip Count  : NA"),
        ("usages", "25.2.3/usages-310p3-duo", "\tNPU ID                         : 32896\n", ""),
        ("common", "25.2.3/common-310p3-duo", "\tChip ID                        : 0\n", ""),
        ("common", "25.2.3/common-310p3-duo", "\tChip ID                        : 1\n", ""),
        ("common", "25.5.1/common-910a", "\tChip ID                        : 0\n", ""),
        ("common", "25.5.1/common-910a", ": 67.4\n", ": 67.4"),
        ("common", "25.5.1/common-910a", ": 67.4", ": 67,4"),
        ("common", "25.5.1/common-910a", "Aicore Count                   : 32", "Aicore Count : 3 2"),
        ("common", "25.5.1/common-910a", "Aicore curFreq(MHZ)            : 900", "Aicore Freq(MHZ) : 900"),
        ("common", "25.5.1/common-910a", ": 32\n", ": 3\n2\n"),
        ("power", "25.2.3/power-310p3-duo", "\tPower Dissipation(W)           : 61.9\n", ""),
        ("power", "25.5.1/power-a3", "\tChip ID                        : 1\n", ""),
    ],
)
def test_an_answer_with_something_missing_or_moved_is_refused(kind, case, old, new):
    text = text_of(case)
    assert old in text
    with pytest.raises(CliError):
        parse_type(kind, answer(text.replace(old, new, 1)))


def test_physical_ids():
    a3 = parse_physical_id(answer(text_of("25.5.1/phyid-remap-a3")))
    assert a3 == PhysicalId(phy_id=13, logic_id=5, npu_id=6, chip_id=1)
    assert parse_physical_id(answer(text_of("25.7.rc1/phyid-remap-950"))) == PhysicalId(1, None, 1, 0)
    for line in text_of("25.5.1/phyid-remap-a3").splitlines(keepends=True):
        if "Logic" not in line:
            with pytest.raises(CliError):
                parse_physical_id(answer(text_of("25.5.1/phyid-remap-a3").replace(line, "")))


def test_boards_of_other_products():
    chip = parse_chip_board(answer(text_of("25.5.1/board-chip-a3")))
    assert (chip["npu_name"], chip["chip_name"], chip["position_id"]) == ("9382", "Ascend910", 1)
    card = parse_card_board(answer(text_of("25.5.1/board-310p3")))
    assert (card["product_name"], card["faulty_chips"], card["slot_id"]) == ("Atlas 300I Pro", 0, None)


@pytest.mark.parametrize("lost", ["Firmware Version", "Chip Count", "NPU ID"])
def test_a_board_without_a_line_that_every_driver_prints_is_cut_off(lost):
    lines = text_of("25.5.1/board-310p3").splitlines(keepends=True)
    with pytest.raises(CliError):
        parse_card_board(answer("".join(line for line in lines if lost not in line)))
