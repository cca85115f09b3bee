# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialect of npu-smi in answers of few lines, and its refusals."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError, Result
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi import (
    NotReadyError,
    board_query,
    health_query,
    list_query,
    mapping_query,
    overview_query,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_board import (
    parse_card_board,
    parse_chip_board,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_keys import (
    ChipHealth,
    parse_chip_health,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_lists import (
    CardList,
    ListedCard,
    MappedChip,
    parse_list,
    parse_mapping,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_table import (
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
    with pytest.raises(CliError, match="the count of the 8 cards below"):
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
        "faulty_chips": None,
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
    assert board["reason"] == 'Failed to query card pcie info. Failed to query "board" info.'
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


@pytest.mark.parametrize(
    "text", ["", "Health : Fine\nError Code : NA", "Error Code : NA", "Health : Alarm\nHealth : OK"]
)
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
