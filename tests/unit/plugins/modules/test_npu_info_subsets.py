# SPDX-License-Identifier: GPL-3.0-or-later
"""The module npu_info: what each subset asks, and what becomes of cards that refuse, vanish, hang or lie."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.ascend.fleet.plugins.modules import npu_info

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "npu_smi"
GONE = "Invalid card id.\nError parameter of -i\nUsage: npu-smi info <watch|proc|-h|-m|-l|-t type>\n"
ONE_CARD = (
    "\tTotal Count                    : 1\n\n\tNPU ID                         : {}\n\tChip Count : {}\n"
)


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    """Give the module a file system with two device files."""
    (tmp_path / "dev").mkdir()
    monkeypatch.setattr(npu_info, "ROOT", str(tmp_path))
    return tmp_path


def text(case: str) -> str:
    return (FIXTURES / f"{case}.txt").read_text(encoding="utf-8")


def expect(tape, *words, **answer):
    tape.expect("npu-smi", "info", *words, **answer)


def expect_card(tape, card: int, chips: int = 1):
    expect(tape, "-l", out=ONE_CARD.format(card, chips))


@pytest.mark.parametrize(
    ("kind", "answer", "wanted"),
    [
        ("common", ("25.5.1/common-910b3", 3), (("common", "ai_core_mhz"), [800])),
        ("common", ("25.2.3/common-310p3-duo", 32896), (("common", "temperature_c"), [61, 62])),
        ("common", ("25.7.rc1/common-950", 1), (("common", "power_w"), [202.4])),
        ("usages", ("25.2.3/usages-310p3-duo", 32896), (("usages", "memory_total_mb"), [44270, 43690])),
        ("memory", ("25.5.1/memory-910b3", 3), (("memory", "hbm_mhz"), [1600])),
        ("ecc", ("25.5.1/ecc-910b3", 3), (("ecc", "hbm_double_bit_errors_ever"), [1])),
        ("power", ("25.5.1/power-a3", 1), (("power_w",), [171.2, 168.8])),
        ("temp", ("25.5.1/temp-310p3", 96), (("temperature_c",), [58])),
        ("product", ("25.5.1/product-310p3", 96), (("product_type",), ["Atlas 300I Pro"])),
    ],
)
def test_a_type_costs_the_list_and_one_call_per_card(tape, run_module, kind, answer, wanted):
    (case, card), (place, values) = answer, wanted
    expect_card(tape, card, len(values))
    expect(tape, "-t", kind, "-i", str(card), out=text(case))
    result = run_module(npu_info, gather_subset=[kind])
    assert [(chip["npu_id"], chip["chip_id"]) for chip in result["chips"]] == [
        (card, number) for number in range(len(values))
    ]
    found = [chip[place[0]] if len(place) == 1 else chip[place[0]][place[1]] for chip in result["chips"]]
    assert found == values
    assert result["unread"] == []


@pytest.mark.parametrize(
    ("kind", "answer", "mcu"),
    [
        ("common", ("25.5.1/common-910b3", 3), {"health": None, "temperature_c": 39, "power_w": None}),
        ("power", ("25.5.1/power-310p3", 96), {"health": None, "temperature_c": None, "power_w": 43.5}),
        (
            "power",
            ("25.2.3/power-310p3-duo", 32896),
            {"health": None, "temperature_c": None, "power_w": 61.9},
        ),
    ],
)
def test_what_a_card_says_of_itself_stands_with_the_card(tape, run_module, kind, answer, mcu):
    case, card = answer
    expect_card(tape, card)
    expect(tape, "-t", kind, "-i", str(card), out=text(case))
    result = run_module(npu_info, gather_subset=[kind])
    assert [(found["npu_id"], found["mcu"]) for found in result["cards"]] == [(card, mcu)]


def test_health_asks_the_cards_and_then_each_chip_for_its_codes(tape, run_module):
    expect_card(tape, 3)
    expect(tape, "-t", "health", "-i", "3", out=text("25.5.1/health-card-alarm"))
    expect(tape, "-t", "health", "-i", "3", "-c", "0", out=text("23.0.5/health-alarm"))
    result = run_module(npu_info, gather_subset=["health"])
    chip = result["chips"][0]
    assert (chip["health"], chip["error_codes"]) == ("Alarm", ["80CD8008", "8C084E00"])
    assert [line.split(",")[0] for line in chip["error_information"]] == ["node type=HBM", "node type=adda"]
    assert result["cards"][0]["mcu"]["health"] == "OK"
    assert result["node"]["healthy_chip_count"] is None


def test_the_950_tells_health_and_codes_in_one_answer(tape, run_module):
    expect(tape, "-l", out="Total Count                    : 1\n\nNPU ID                         : 1\n")
    expect(tape, "-t", "health", "-i", "1", out=text("25.7.rc1/health-950"))
    chip = run_module(npu_info, gather_subset=["health"])["chips"][0]
    assert (chip["health"], chip["error_codes"]) == ("Warning", ["80F18003", "81AF8000"])
    assert len(chip["error_information"]) == 2


def test_the_boards_of_chips(tape, run_module):
    expect(tape, out=text("25.3.rc1/info-a3"))
    expect(tape, "-m", out=text("25.3.rc1/m-a3"))
    expect(tape, "-t", "health", "-i", "1", "-c", "1", out=text("25.5.1/health-ok"))
    expect_card(tape, 1, 2)
    for card, chip in ((0, 0), (0, 1), (1, 0)):
        expect(tape, "-t", "board", "-i", str(card), "-c", str(chip), out=GONE, rc=215)
    expect(tape, "-t", "board", "-i", "1", "-c", "1", out=text("25.5.1/board-chip-a3"))
    result = run_module(npu_info, gather_subset=["npus", "chip_boards"])
    assert [bool(chip["board"]) for chip in result["chips"]] == [False, False, False, True]
    assert result["chips"][3]["board"]["vdie_id"].startswith("0A1B2C3D")
    assert "npu_id" not in result["chips"][3]["board"]
    assert [(entry["npu_id"], entry["chip_id"], entry["what"]) for entry in result["unread"]] == [
        (0, 0, "board"),
        (0, 1, "board"),
        (1, 0, "board"),
    ]


def test_the_topology(tape, run_module):
    expect_card(tape, 0)
    expect(tape, "-t", "topo", out=text("25.3.rc1/topo-a3"))
    assert len(run_module(npu_info, gather_subset=["topo"])["topology"]["nodes"]) == 4


def test_a_product_without_topology_says_so(tape, run_module):
    expect_card(tape, 0)
    expect(tape, "-t", "topo", out="This device does not support querying topo.\n")
    result = run_module(npu_info, gather_subset=["topo"])
    assert result["topology"] is None
    assert [(entry["npu_id"], entry["what"]) for entry in result["unread"]] == [(None, "topology")]
    assert "this product has nothing to answer here" in result["unread"][0]["reason"]


def test_physical_ids_of_a_container_are_asked_by_its_device_files(tape, run_module, root):
    (root / "dev/davinci13").touch()
    (root / "dev/davinci_manager").touch()
    expect_card(tape, 6, 2)
    expect(tape, "-t", "phyid-remap", "-p", "13", out=text("25.5.1/phyid-remap-a3"))
    chip = run_module(npu_info, gather_subset=["phyid_remap"])["chips"][0]
    assert (chip["npu_id"], chip["chip_id"], chip["phy_id"], chip["logic_id"]) == (6, 1, 13, 5)


def test_a_physical_id_that_npu_smi_refuses(tape, run_module, root):
    (root / "dev/davinci99").touch()
    expect_card(tape, 6)
    expect(tape, "-t", "phyid-remap", "-p", "99", out="Error parameter of -p\nUsage: npu-smi info\n", rc=215)
    result = run_module(npu_info, gather_subset=["phyid_remap"])
    assert [entry["what"] for entry in result["unread"]] == ["phyid_remap of 99"]


def test_a_card_that_vanishes_after_it_was_listed_leaves_the_others(tape, run_module):
    expect(tape, "-l", out=text("25.5.1/l-910b3"))
    for card in range(8):
        board = text("25.5.1/board-910b3").replace(": 3\n", f": {card}\n", 1)
        gone = {"out": GONE, "rc": 215} if card == 5 else {"out": board}
        expect(tape, "-t", "board", "-i", str(card), **gone)
    for card in range(8):
        memory = text("25.5.1/memory-910b3").replace(": 3\n", f": {card}\n", 1)
        gone = {"out": GONE, "rc": 215} if card == 5 else {"out": memory}
        expect(tape, "-t", "memory", "-i", str(card), **gone)
    result = run_module(npu_info, gather_subset=["boards", "memory"])
    assert [card["firmware_version"] is None for card in result["cards"]] == [card == 5 for card in range(8)]
    assert "the card is no longer on the bus" in result["cards"][5]["reason"]
    assert [chip["npu_id"] for chip in result["chips"]] == [0, 1, 2, 3, 4, 6, 7]
    assert [(entry["npu_id"], entry["what"]) for entry in result["unread"]] == [(5, "memory")]


def test_a_chip_that_is_in_the_mapping_and_not_in_a_table_that_was_cut_off(tape, run_module):
    lines = text("25.5.1/info-910b3").splitlines(keepends=True)
    expect(tape, out="".join(lines[:15]))
    expect(tape, "-m", out=text("25.5.1/m-910b3"))
    expect(tape, "-l", out=text("25.5.1/l-910b3"))
    result = run_module(npu_info, gather_subset=["npus"])
    assert [chip["health"] for chip in result["chips"]] == ["OK", "OK", "OK", *[None] * 5]
    assert {chip["reason"] for chip in result["chips"][3:]} == {
        "npu-smi info -m lists this chip, npu-smi info does not"
    }


def test_values_that_were_not_read_or_are_masked_are_told_by_chip(tape, run_module):
    table = text("25.5.1/info-unread-values").replace("0000:81:00.0", "0000:xx:00.0")
    expect(
        tape,
        out=table.replace(
            "910B3               | OK            | 92.8", "XXXXX               | OK            | 92.8"
        ),
    )
    expect(tape, "-m", out=text("25.5.1/m-910b3"))
    expect(tape, "-l", out=text("25.5.1/l-910b3"))
    result = run_module(npu_info, gather_subset=["npus"])
    told = {(entry["npu_id"], entry["what"]): entry["reason"] for entry in result["unread"]}
    assert told[1, "temperature_c"] == "npu-smi printed 32766, which stands for a failed query"
    assert [npu for npu, what in told if what == "bus_id"] == [
        chip["npu_id"] for chip in result["chips"] if chip["bus_id"] is None
    ]
    assert "masked: npu-smi printed '0000:xx:00.0'" in str(told)


def test_a_list_of_processes_that_leaves_out_an_npu(tape, run_module):
    table = "".join(
        line for line in text("25.5.1/info-910b3").splitlines(True) if "processes found in NPU 3" not in line
    )
    expect(tape, out=table)
    expect(tape, "-m", out=text("25.5.1/m-910b3"))
    expect(tape, "-l", out=text("25.5.1/l-910b3"))
    unread = run_module(npu_info, gather_subset=["npus"])["unread"]
    assert [(entry["npu_id"], entry["what"]) for entry in unread] == [(3, "processes")]


@pytest.mark.parametrize("kind", ["usages", "memory"])
def test_an_answer_of_another_card_is_refused(tape, run_module, kind):
    expect_card(tape, 4)
    expect(tape, "-t", kind, "-i", "4", out=text(f"25.5.1/{kind}-910b3"))
    result = run_module(npu_info, gather_subset=[kind])
    assert result["failed"] is True
    assert "'NPU ID : 3' where the answer of NPU 4 was expected" in result["msg"]


@pytest.mark.parametrize("status", [124, 137])
def test_a_tool_that_hangs(tape, run_module, status):
    expect(tape, rc=status)
    result = run_module(npu_info, gather_subset=["npus"], timeout=7)
    assert result["failed"] is True
    assert "npu-smi gave no answer within 7 s" in result["msg"]


def test_the_time_limit_reaches_every_call(monkeypatch, run_module):
    limits = []

    def run_command(_self, arguments, **_options):
        limits.append(arguments[2])
        return 0, ONE_CARD.format(96, 1) if "-l" in arguments else text("25.5.1/product-310p3"), ""

    monkeypatch.setattr(npu_info.AnsibleModule, "run_command", run_command)
    monkeypatch.setattr(npu_info.AnsibleModule, "get_bin_path", lambda *_words, **_options: "/bin/npu-smi")
    run_module(npu_info, gather_subset=["product"], timeout=11)
    assert limits == ["11", "11"]


def test_a_time_limit_of_nothing_is_refused(tape, run_module):
    result = run_module(npu_info, gather_subset=["npus"], timeout=0)
    assert result["msg"] == "timeout: found 0, wanted at least 1 second; leave it out for 30 s"


@pytest.mark.parametrize("answer", ["", "\n\n", "DrvMngGetConsoleLogLevel failed. (ret=4)\n"])
@pytest.mark.parametrize("subset", ["npus", "boards", "ecc"])
def test_a_tool_that_reports_success_and_prints_nothing(tape, run_module, subset, answer):
    expect(tape, *([] if subset == "npus" else ["-l"]), out=answer)
    result = run_module(npu_info, gather_subset=[subset])
    assert result["failed"] is True
    assert "npu-smi reported success and printed nothing" in result["msg"]


@pytest.mark.parametrize(
    ("answer", "status", "advice"),
    [
        (
            "dcmi model initialized failed, because the device is used. ret is -8020\n",
            172,
            "another container",
        ),
        ("npu get board type failed. ret is -9005\n", 211, "mount all of them"),
        ("This command can be executed only by the root user.\n", 214, "set become: true"),
        ("This command cannot be executed on a VM or container.\n", 0, "outside of virtual machines"),
        ("timeout: failed to run command '/bin/npu-smi': Permission denied\n", 126, "set become: true"),
        ("Failed to get card number.\n", 211, "ask again, and see dmesg"),
        ("Command or option is not found.\n", 211, "check that this driver knows the command"),
    ],
)
def test_refusals_of_the_host_fail_with_what_to_do(tape, run_module, answer, status, advice):
    expect(tape, out=answer, rc=status)
    result = run_module(npu_info, gather_subset=["npus"])
    assert result["failed"] is True
    assert advice in result["msg"]
    assert result["rc"] == status
