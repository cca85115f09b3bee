# SPDX-License-Identifier: GPL-3.0-or-later
"""All that npu_info asks, answered by what the vendor's program printed for four products.

The transcripts have the answers of the first card and the first chip; the other cards are gone when they are
asked. Values are those of the stand-in device that the vendor's program ran on.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils._cli import Result, Runner
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_ask import SUBSETS, ask_npu_smi
from recordings import RECORDINGS, require

TRANSCRIPTS = Path(os.environ.get("ASCEND_TRANSCRIPTS") or RECORDINGS.parent / "transcripts") / "npu-smi"
GONE = "Invalid card id.\nError parameter of -i\nUsage: npu-smi info <watch|proc|-h|-m|-l|-t type>\n"
# Family, cards, chips of a card, id of the first card, types that this product does not have.
PRODUCTS = {
    "910A": ("910", 8, 1, 0, {"product", "topology"}),
    "910B3": ("910b", 8, 1, 0, {"product"}),
    "A3": ("910_93", 8, 2, 0, {"product"}),
    "310P3": ("310p", 4, 1, 96, {"topology"}),
}


class Transcript(Runner):
    """Answer each question as the vendor's program did the first time, as root, on a healthy host."""

    program = "npu-smi"

    def __init__(self, product: str) -> None:
        self.answers: dict[str, tuple[int, str]] = {}
        for path in sorted((TRANSCRIPTS / product).glob("*.txt"))[:122]:
            head, _mark, rest = path.read_text(encoding="utf-8").partition("--- stdout ---\n")
            fields = dict(line.partition(": ")[::2] for line in head.splitlines())
            text = rest.partition("--- stderr ---\n")[0]
            self.answers.setdefault(fields["command"], (int(fields["status"]), text))
        self.calls: list[str] = []

    def available(self) -> bool:
        return True

    def run(self, *arguments: str, stdin: str | None = None, timeout: int = 30) -> Result:
        words = ("npu-smi", *arguments)
        self.calls.append(" ".join(words))
        status, text = self.answers.get(self.calls[-1], (215, GONE))
        return Result(words, status, text, "")


@pytest.fixture(params=PRODUCTS)
def product(request):
    require(TRANSCRIPTS)
    return request.param


def test_everything_of_the_first_card(product):
    family, cards, dies, first, without = PRODUCTS[product]
    tool = Transcript(product)
    found = ask_npu_smi(tool, list(SUBSETS), [0, 1], 30)
    assert found["node"] == {
        "families": [family],
        "card_count": cards,
        "chip_count": cards * dies,
        "healthy_chip_count": cards * dies,
    }
    mine = [chip for chip in found["chips"] if chip["npu_id"] == first]
    assert [chip["chip_id"] for chip in mine] == list(range(dies))
    for chip in mine:
        assert chip["common"]["temperature_c"] == chip["temperature_c"]
        assert chip["usages"]["ai_core_percent"] == 0
        assert chip["memory"]["hbm_total_mb"] == chip["hbm_total_mb"]
        assert 0 in chip["ecc"].values()
        assert chip["error_codes"] == []
    assert mine[0]["board"]["firmware_version"] == "7.8.0.6.201"
    assert found["cards"][0]["npu_id"] == first
    assert found["cards"][0]["pci_vendor"] == "19e5"
    told = {entry["what"] for entry in found["unread"] if entry["npu_id"] in (first, None)}
    refused = {what for what in told if "." not in what and not what.startswith("phyid")}
    assert refused - {"error_codes", "board"} == without


def test_power_temperature_and_product_of_other_products(product):
    first = PRODUCTS[product][3]
    found = ask_npu_smi(Transcript(product), ["npus", "power", "temp", "product"], [], 30)
    chip = next(chip for chip in found["chips"] if chip["npu_id"] == first)
    card = found["cards"][0] if found["cards"] else None
    if product == "310P3":
        assert (chip["power_w"], chip["product_type"]) == (None, "Atlas 300I Pro")
        assert card["mcu"]["power_w"] == 65.0
    else:
        assert (chip["power_w"], chip["product_type"]) == (92.3, None)
    assert chip["temperature_c"] == 40


def test_the_second_die_of_an_a3_has_a_power_of_its_own():
    require(TRANSCRIPTS)
    table = ask_npu_smi(Transcript("A3"), ["npus"], [], 30)["chips"][1]
    asked = ask_npu_smi(Transcript("A3"), ["npus", "power"], [], 30)["chips"][1]
    assert (table["power_w"], asked["power_w"]) == (None, 92.4)


def test_the_default_costs_three_calls_and_one_per_card(product):
    tool = Transcript(product)
    ask_npu_smi(tool, ["npus", "boards"], [], 30)
    assert tool.calls[:3] == ["npu-smi info", "npu-smi info -m", "npu-smi info -l"]
    assert len(tool.calls) == 3 + PRODUCTS[product][1]
