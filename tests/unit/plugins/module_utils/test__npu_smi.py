# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialect of npu-smi over answers of all driver generations."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError, Result
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi import (
    CardList,
    ChipHealth,
    ListedCard,
    MappedChip,
    NotReadyError,
    board_query,
    health_query,
    list_query,
    mapping_query,
    overview_query,
    parse_card_board,
    parse_chip_board,
    parse_chip_health,
    parse_list,
    parse_mapping,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_table import (
    Chip,
    Process,
    merge_chips,
    parse_overview,
)

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "npu_smi"
PARSERS = (parse_overview, parse_mapping, parse_list, parse_card_board, parse_chip_board, parse_chip_health)


def answer(text: str, status: int = 0, stderr: str = "") -> Result:
    return Result(("npu-smi", "info"), status, text, stderr)


def fixture(case: str) -> Result:
    return answer((FIXTURES / f"{case}.txt").read_text(encoding="utf-8"))


def text_of(case: str) -> str:
    return fixture(case).stdout


def test_the_questions():
    assert overview_query() == ("info",)
    assert mapping_query() == ("info", "-m")
    assert list_query() == ("info", "-l")
    assert board_query(7) == ("info", "-t", "board", "-i", "7")
    assert board_query(7, 0) == ("info", "-t", "board", "-i", "7", "-c", "0")
    assert health_query(96, 1) == ("info", "-t", "health", "-i", "96", "-c", "1")


OVERVIEWS = {
    "20.2.0/info-310-card": (
        ("20.2.0", "20.2.0"),
        4,
        Chip(24, 2, None, 2, "0000:3E:00.0", "310", "Warning", (), None, 13.1, 52, 14, 2652, 8192),
    ),
    "21.0.4/info-310-card": (
        ("21.0.4", "21.0.4.B030"),
        2,
        Chip(
            5, 1, None, 3, "0000:06:00.0", "310", "OK", (), None, 12.7, 62, 3, 2691, 8192, None, None, 1, 970
        ),
    ),
    "21.0.rc1/info-910a": (
        ("1.9.3", "21.0.rc1"),
        2,
        Chip(3, 0, None, None, "0000:01:00.0", "910A", "OK", (), None, 66.3, 34, 0, 403, 15171, 3, 32768),
    ),
    "22.0.2/info-310p3": (
        ("22.0.0", "22.0.2"),
        1,
        Chip(
            2, 0, None, 0, "0000:5E:00.0", "310P3", "OK", (), None, 16.9, 52, 1, 941, 21534, None, None, 0, 0
        ),
    ),
    "22.0.3/info-910a": (
        ("22.0.3", "22.0.3"),
        2,
        Chip(
            *(0, 0, None, None, "0000:61:00.0", "910A", "Critical", (), None),
            *(68.1, 40, 0, 1900, 15077, 10000, 32768, 15, 15),
        ),
    ),
    "23.0.0/info-310b4": (
        ("23.0.0", "23.0.0"),
        1,
        Chip(0, 0, None, 0, None, "310B4", "Alarm", (), None, None, 58, 0, 3702, 15610, None, None, 15, 15),
    ),
    "24.1.rc2/info-910b3": (
        ("24.1.rc2", "24.1.rc2.b050"),
        4,
        Chip(
            *(1, 0, None, None, "0000:C2:00.0", "910B3", "OK", (), None),
            *(91.5, 39, 3, None, None, 60650, 65536, 0, 0),
        ),
    ),
    "25.2.3/info-310p3-duo": (
        ("25.2.3", "25.2.3"),
        4,
        Chip(
            *(32896, 1, None, 3, "0000:82:00.0", "310P3", "OK", (), None),
            *(None, 63, 0, 15023, 44270, None, None, 7100, 7100),
        ),
    ),
    "25.3.rc1/info-a3": (
        ("25.3.rc1", "25.3.rc1"),
        4,
        Chip(
            *(1, 1, 3, None, "0000:9B:00.0", "Ascend910", "Warning", (), None),
            *(None, 37, 0, None, None, 3101, 65536, 0, 0),
        ),
    ),
    "25.5.1/info-910b3": (
        ("25.5.1", "25.5.1"),
        8,
        Chip(
            *(7, 0, None, None, "0000:42:00.0", "910B3", "OK", (), None),
            *(97.5, 45, 21, None, None, 3307, 65536, 0, 0),
        ),
    ),
    "25.7.rc1/info-950": (
        ("25.7.rc1", "25.7.rc1"),
        2,
        Chip(
            *(1, 0, None, None, "0000:93:00.0", "950PR", "OK", (), None),
            *(202.4, 56, 2, None, None, 4121, 86016, 0, 0),
        ),
    ),
    "26.0.rc1/info-910b4": (
        ("26.0.rc1", "26.0.rc1"),
        2,
        Chip(
            *(1, 0, None, None, "0000:C2:00.0", "910B4", "OK", (), None),
            *(82.5, 32, 0, None, None, 2791, 32768, 0, 0),
        ),
    ),
}


@pytest.mark.parametrize("case", OVERVIEWS)
def test_the_table_of_every_generation(case):
    versions, count, chip = OVERVIEWS[case]
    overview = parse_overview(fixture(case))
    assert (overview.tool_version, overview.driver_version) == versions
    assert len(overview.chips) == count
    assert chip in overview.chips


@pytest.mark.parametrize("case", OVERVIEWS)
def test_lines_cut_at_the_right_indented_and_with_carriage_returns(case):
    wanted = parse_overview(fixture(case))
    for change in (lambda line: f"{line} \r", lambda line: f"\t{line}", lambda line: line[:-2] + "|"):
        text = "\n".join(change(line) if line.startswith("|") else line for line in text_of(case).split("\n"))
        assert parse_overview(answer(text)) == wanted


def test_processes():
    assert parse_overview(fixture("24.1.rc2/info-910b3")).processes == (
        Process(1, 0, 31007, "python", 57311),
        Process(1, 0, 31008, "ray::worker|TP0", 20),
        Process(1, 0, 31009, None, 3),
    )
    assert parse_overview(fixture("26.0.rc1/info-910b4")).processes == (
        Process(0, 0, 41231, "python3", 1200),
    )
    assert parse_overview(fixture("25.7.rc1/info-950")).processes == (Process(1, 0, 7001, "python3", 4000),)
    assert parse_overview(fixture("20.2.0/info-310-card")).processes == ()


HEALTHY = parse_overview(fixture("25.5.1/info-910b3")).chips


@pytest.mark.parametrize(
    ("case", "wanted"),
    [
        (
            "no-bus-id",
            replace(HEALTHY[1], bus_id=None, reason="npu-smi could not read the PCI bus id of this chip"),
        ),
        ("blank-power", replace(HEALTHY[1], power_w=None)),
        (
            "unread-values",
            replace(
                HEALTHY[1],
                **dict.fromkeys(("power_w", "temperature_c", "hbm_used_mb", "hbm_total_mb")),
                ai_core_percent=0,
            ),
        ),
        (
            "one-occupied",
            Chip(1, 0, reason="the chip does not answer: npu-smi printed no name for it"),
        ),
        (
            "no-first-row",
            replace(
                HEALTHY[1],
                **dict.fromkeys(("npu_id", "name", "health", "power_w", "temperature_c")),
                hugepages_used=None,
                hugepages_total=None,
                reason="npu-smi left out the row with the name and the health of this chip",
            ),
        ),
    ],
)
def test_a_chip_with_missing_values_has_nulls_and_the_others_are_untouched(case, wanted):
    chips = parse_overview(fixture(f"25.5.1/info-{case}")).chips
    assert chips[1] == wanted
    assert chips[:1] + chips[2:] == HEALTHY[:1] + HEALTHY[2:]


def test_a_lost_chip_is_not_in_the_table():
    assert parse_overview(fixture("25.5.1/info-one-lost")).chips == HEALTHY[:1] + HEALTHY[2:]


def test_warnings_and_noise_are_no_rows():
    overview = parse_overview(fixture("25.5.1/info-incomplete-driver"))
    assert overview.chips == HEALTHY
    assert [text[:52] for text in overview.warnings] == [
        "[WARNING]The driver package may not be completely in"
    ]
    assert parse_overview(fixture("25.5.1/info-with-noise")).chips == HEALTHY


ROW = "| 0     910B3               | OK            | 90.5        38                0     / 0             |"
SECOND_ROW = (
    "| 0                         | 0000:C1:00.0  | 0           0    / 0          3300  / 65536         |"
)


@pytest.mark.parametrize(
    ("old", "new", "quoted"),
    [
        (ROW, ROW.replace("| OK ", "| Fine "), "| Fine "),
        (ROW, ROW.replace("90.5", "hot "), "hot"),
        (ROW, ROW.replace("38  ", "38C "), "38C"),
        (ROW, ROW.replace("38  ", "38 7"), "38 7"),
        (ROW, ROW.replace("0     / 0", "none     "), "none"),
        (ROW, ROW.replace("| 0     910B3", "|       910B3"), "910B3"),
        (ROW, ROW.replace("38", "  ").replace("90.5  ", "  90.5"), "  90.5"),
        (SECOND_ROW, "", ROW),
        (SECOND_ROW, SECOND_ROW.replace("0000:C1:00.0", "somewhere   "), "somewhere"),
        (SECOND_ROW, SECOND_ROW.replace("| 0   ", "| 0  1"), "| 0  1"),
        (SECOND_ROW, SECOND_ROW.replace("3300  / 65536", "3300          "), "3300"),
        (SECOND_ROW, SECOND_ROW[:40] + "|" + SECOND_ROW[41:], SECOND_ROW[:40]),
        ("Temp(C)", "Temp(F)", "Temp(F)"),
        ("| Chip  ", "| Tile  ", "Tile"),
        ("Version: ", "Release: ", "Release: 25.5.1"),
        ("Health ", "Mood   ", "Mood"),
        ("| 2211          |", "| soon          |", "soon"),
        ("| 100                      |", "| much                     |", "much"),
        ("No running processes found in NPU 3", "NPU 3 is bored", "NPU 3 is bored"),
        ("+-----", "segmentation fault", "segmentation fault"),
    ],
)
def test_what_is_not_understood_is_quoted(old, new, quoted):
    text = text_of("25.5.1/info-910b3")
    assert old in text
    with pytest.raises(CliError) as caught:
        parse_overview(answer(text.replace(old, new, 1)))
    assert quoted in caught.value.message


def test_a_table_cut_off_anywhere_is_an_error_until_its_last_chip_is_there():
    lines = text_of("21.0.rc1/info-910a").splitlines()
    assert (
        len(parse_overview(answer("\n".join(lines[:8]))).chips) == 1
    )  # a whole chip: nothing tells of another
    for end in (0, 1, 3, 4, 7, 10):
        with pytest.raises(CliError):
            parse_overview(answer("\n".join(lines[:end])))


MAPPINGS = {
    "20.2.0/m-310-card": [MappedChip(24, chip, chip, None, "MiniD") for chip in range(4)],
    "23.0.5/m-910a": [MappedChip(npu, 0, npu, None, "Ascend 910A") for npu in range(8)],
    "25.3.rc1/m-a3": [MappedChip(die // 2, die % 2, die, die, "Ascend910") for die in range(4)],
    "25.5.1/m-910b3": [MappedChip(npu, 0, npu, None, "Ascend 910B3") for npu in range(8)],
    "25.5.1/m-one-lost": [MappedChip(npu, 0, npu, None, "Ascend 910B3") for npu in range(8) if npu != 1],
    "25.5.1/m-one-occupied": [
        MappedChip(npu, 0, npu, None, "Ascend 910B3" if npu != 1 else None) for npu in range(8)
    ],
    "25.7.rc1/m-950": [MappedChip(npu, 0, None, npu, "950PR") for npu in range(2)],
}


@pytest.mark.parametrize("case", MAPPINGS)
def test_mapping(case):
    assert parse_mapping(fixture(case)) == MAPPINGS[case]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Chip Logic ID", "Chip Dream ID"),
        ("Chip Name", "Chip Phy-ID"),
        (
            "\t3                              0                              3  ",
            "\t3              0          x",
        ),
        ("\t3                              0  ", "\t3                              - "),
        ("Ascend 910B3\n\t0                              1", "Ascend 910B3\n\t0\n\t1"),
    ],
)
def test_a_mapping_that_is_not_understood(old, new):
    text = text_of("25.5.1/m-910b3")
    assert old in text
    with pytest.raises(CliError):
        parse_mapping(answer(text.replace(old, new, 1)))


def test_lists():
    cards = tuple(ListedCard(npu, 1, None, None) for npu in range(8))
    assert parse_list(fixture("25.5.1/l-910b3")) == CardList(8, cards)
    assert parse_list(fixture("25.5.1/l-910b3")).lost == 0
    lost = parse_list(fixture("25.5.1/l-one-lost"))
    assert (lost.cards, lost.lost) == (cards[:1] + cards[2:], 1)
    assert parse_list(fixture("22.0.2/l-310p3")).cards == (
        ListedCard(2, 1, "Atlas 300V Pro", "2102313PXX10K0000001"),
        ListedCard(96, 1, "Atlas 300V Pro", None),
    )
    assert [card.chip_count for card in parse_list(fixture("25.7.rc1/l-950")).cards] == [None, None]


@pytest.mark.parametrize("text", ["", "Total Count : 0\nfree text", "NPU ID : 0\n", "Total Count : some\n"])
def test_a_list_that_is_not_understood(text):
    with pytest.raises(CliError):
        parse_list(answer(text))


def test_a_list_that_counts_fewer_cards_than_it_has():
    with pytest.raises(CliError, match="a count of at least 8 cards"):
        parse_list(
            answer(text_of("25.5.1/l-910b3").replace("Total Count                    : 8", "Total Count : 7"))
        )


def test_no_card_at_all():
    text = "There is no NPU card on this server.\n"
    assert parse_mapping(answer(text)) == []
    assert parse_list(answer(text)) == CardList(0, ())


def test_the_board_of_a_card():
    assert parse_card_board(fixture("25.5.1/board-910b3")) == {
        "npu_id": 3,
        "chip_count": 1,
        "slot_id": 3,
        "bom_id": 1,
        "product_name": "IT21TEST01",
        "model": None,
        "manufacturer": "Huawei",
        "serial_number": "2106030000NXPA000003",
        "software_version": "25.5.1",
        "firmware_version": "7.8.0.5.216",
        "compatibility": "OK",
        "board_id": "0x31",
        "main_board_id": None,
        "pcb_id": "A",
        "bus_id": "0000:82:00.0",
        "pci_vendor": "19e5",
        "pci_device": "d802",
        "pci_subsystem_vendor": "19e5",
        "pci_subsystem_device": "3001",
        "reason": None,
    }


def test_the_board_of_a_910a_has_no_serial_number():
    board = parse_card_board(fixture("23.0.5/board-910a"))
    assert (board["npu_id"], board["serial_number"], board["slot_id"]) == (2, None, None)
    assert (board["compatibility"], board["pci_subsystem_vendor"]) == ("NOT SUPPORT", "0200")


def test_the_board_of_a_card_that_does_not_answer():
    board = parse_card_board(replace(fixture("25.5.1/board-one-occupied"), status=197))
    assert (board["npu_id"], board["software_version"]) == (1, "25.5.1")
    assert board["reason"] == "Failed to query card pcie info."
    empty = ("firmware_version", "board_id", "bus_id", "pci_vendor", "pci_device", "serial_number")
    assert [board[name] for name in empty] == [None] * 6


def test_the_board_of_a_chip():
    board = parse_chip_board(fixture("25.5.1/board-chip-910b3"))
    assert (board["npu_id"], board["chip_id"], board["chip_name"]) == (3, 0, "910B3")
    assert board["vdie_id"] == "0A1B2C3D 00000001 00000002 00000003 00000004"
    assert (board["die_id"], board["bus_id"], board["firmware_version"]) == (
        None,
        "0000:82:00.0",
        "7.8.0.5.216",
    )


@pytest.mark.parametrize(
    "text",
    ["", "NPU ID", "NPU ID : x", "Serial Number : 1", "NPU ID : 0\nPCI Vendor ID : 19E5", "NPU ID : 0\nhm"],
)
def test_a_board_that_is_not_understood(text):
    with pytest.raises(CliError):
        parse_card_board(answer(text))


def test_health():
    assert parse_chip_health(fixture("25.5.1/health-ok")) == ChipHealth("OK", (), ())
    assert parse_chip_health(fixture("23.0.5/health-alarm")) == ChipHealth(
        "Alarm",
        ("80CD8008", "8C084E00"),
        (
            "node type=HBM, sensor type=ECC, event state=multi bit error",
            "node type=adda, sensor type=Heartbeat Sensor, event state=Heartbeat Lost.",
        ),
    )
    board = parse_chip_health(fixture("23.0.0/health-310b4"))
    assert (board.error_codes, len(board.information)) == (("80E3A2FF",), 2)


def test_the_health_of_a_card_is_not_taken_for_that_of_a_chip():
    with pytest.raises(CliError, match="Chip Count"):
        parse_chip_health(fixture("25.5.1/health-card"))


@pytest.mark.parametrize("text", ["", "Health Status : Fine\nError Code : NA", "Error Code : NA"])
def test_a_health_that_is_not_understood(text):
    with pytest.raises(CliError):
        parse_chip_health(answer(text))


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("dcmi module initialize failed. ret is -8005\n", 187),
        ("DrvMngGetConsoleLogLevel failed. (ret=4)\ndcmi module initialize failed. ret is -8009\n", 183),
    ],
)
def test_a_driver_that_is_not_loaded(parse, text, status):
    with pytest.raises(
        NotReadyError, match=r"ret is -800[59]: the driver is not loaded; install it, or reboot"
    ):
        parse(answer(text, status))


def test_a_driver_that_is_only_partly_there():
    text = "npu-smi: error while loading shared libraries: libdrvdsmi_host.so: cannot open shared object file"
    with pytest.raises(NotReadyError, match="libdrvdsmi_host"):
        parse_overview(answer("", 127, stderr=text))


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize(
    ("text", "status", "advice"),
    [
        ("dcmi model initialized failed, because the device is used. ret is -8020", 172, "another container"),
        ("npu get board type failed. ret is -9005", 211, "mount all of them"),
        (
            "Invalid card id.\nError parameter of -i\nUsage: npu-smi info <watch|proc|-h>",
            215,
            "no longer on the bus",
        ),
        ("This device does not support querying board.", 0, "this product"),
        ("This command can be executed only by the root user.", 214, "run as root"),
        ("This command cannot be executed on a VM or container.", 0, "outside of virtual machines"),
        (
            "Must input parameter of type.\nUsage: npu-smi info",
            215,
            "check that this driver knows the command",
        ),
    ],
)
def test_refusals_are_quoted_with_what_to_do(parse, text, status, advice):
    with pytest.raises(CliError) as caught:
        parse(answer(text, status))
    assert text.splitlines()[0] in caught.value.message
    assert advice in caught.value.message
    assert not isinstance(caught.value, NotReadyError)
    assert caught.value.as_failure()["rc"] == status


def merged(table: str, mapping: str) -> list[Chip]:
    return merge_chips(parse_overview(fixture(table)).chips, parse_mapping(fixture(mapping)))


def test_the_logic_id_stands_for_a_physical_id_that_is_not_printed():
    chips = merged("25.5.1/info-910b3", "25.5.1/m-910b3")
    assert [(chip.npu_id, chip.logic_id, chip.phy_id) for chip in chips] == [
        (npu, npu, npu) for npu in range(8)
    ]
    duo = merge_chips(
        parse_overview(fixture("25.2.3/info-310p3-duo")).chips,
        [
            MappedChip(npu, chip, 2 * (npu > 32) + chip, None, "Ascend 310P3")
            for npu in (32, 32896)
            for chip in (0, 1)
        ],
    )
    assert [(chip.npu_id, chip.chip_id, chip.phy_id) for chip in duo] == [
        (32, 0, 0),
        (32, 1, 1),
        (32896, 0, 2),
        (32896, 1, 3),
    ]


def test_a_printed_physical_id_is_taken():
    chips = merge_chips(
        parse_overview(fixture("25.3.rc1/info-a3")).chips,
        [MappedChip(die // 2, die % 2, die, die + 8, "Ascend910") for die in range(4)],
    )
    assert [(chip.logic_id, chip.phy_id) for chip in chips] == [(0, 8), (1, 9), (2, 10), (3, 11)]
    assert [
        (chip.chip_id, chip.phy_id, chip.logic_id) for chip in merged("25.7.rc1/info-950", "25.7.rc1/m-950")
    ] == [
        (0, 0, None),
        (0, 1, None),
    ]


def test_the_chip_without_a_first_row_gets_its_npu_id_from_the_mapping():
    chips = merged("25.5.1/info-no-first-row", "25.5.1/m-910b3")
    assert [chip.npu_id for chip in chips] == list(range(8))
    assert (chips[1].name, chips[1].phy_id, chips[1].health) == ("910B3", 1, None)
    assert "left out the row" in chips[1].reason


def test_two_rows_that_may_be_either_chip_stay_without_an_npu_id():
    chips = list(parse_overview(fixture("25.5.1/info-no-first-row")).chips)
    mapped = parse_mapping(fixture("25.5.1/m-910b3"))
    found = merge_chips([chip for chip in chips if chip.npu_id != 3], mapped)
    assert [chip.npu_id for chip in found] == [0, 1, 2, 3, 4, 5, 6, 7, None]
    assert [chip.npu_id for chip in found if chip.health is None] == [1, 3, None]
    assert all(chip.reason for chip in found if chip.health is None)


def test_a_chip_that_only_the_mapping_knows_is_reported():
    chips = merged("25.5.1/info-one-lost", "25.5.1/m-910b3")
    assert (chips[1].npu_id, chips[1].health, chips[1].phy_id) == (1, None, 1)
    assert "-m lists this chip" in chips[1].reason


def test_a_chip_that_the_mapping_does_not_know_has_no_ids():
    chips = merged("25.5.1/info-910b3", "25.5.1/m-one-lost")
    assert (chips[1].health, chips[1].logic_id, chips[1].phy_id) == ("OK", None, None)


def test_sixteen_dies_are_read_in_less_than_two_milliseconds():
    lines = text_of("25.3.rc1/info-a3").splitlines()
    chip_lines = [line for line in lines[6:18] if line.startswith("|")]
    table = answer("\n".join(lines[:6] + chip_lines * 4))
    assert len(parse_overview(table).chips) == 16
    durations = []
    for _attempt in range(20):
        start = time.perf_counter()
        parse_overview(table)
        durations.append(time.perf_counter() - start)
    print(f"parsed 16 dies in {min(durations) * 1000:.2f} ms")
    assert min(durations) < 0.002
