# SPDX-License-Identifier: GPL-3.0-or-later
"""The matrix of npu-smi, and the families of chips by their names."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError, Result
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi import RefusedError
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_families import family_of
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_topo import parse_topology

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "npu_smi"


def answer(text: str) -> Result:
    return Result(("npu-smi", "info", "-t", "topo"), 0, text, "")


def text_of(case: str) -> str:
    return (FIXTURES / f"{case}.txt").read_text(encoding="utf-8")


def test_a_server_with_network_cards():
    found = parse_topology(answer(text_of("25.5.1/topo-910b3")))
    assert [node["name"] for node in found["nodes"]] == [f"NPU{npu}" for npu in range(8)] + ["NIC0", "NIC1"]
    first, fifth, card = found["nodes"][0], found["nodes"][4], found["nodes"][8]
    assert (first["id"], first["cpu_affinity"], fifth["cpu_affinity"]) == (0, "0-23", "24-47,96-119")
    assert first["links"] == {**{f"NPU{npu}": "HCCS" for npu in range(1, 8)}, "NIC0": "PXB", "NIC1": None}
    assert (card["links"]["NPU0"], card["links"]["NPU3"], card["cpu_affinity"]) == ("PXB", "SYS", None)
    assert found["nics"] == {"NIC0": "mlx5_0", "NIC1": None}


def test_the_dies_of_an_a3():
    found = parse_topology(answer(text_of("25.3.rc1/topo-a3")))
    assert found["nics"] == {}
    assert found["nodes"][2] == {
        "name": "Phy-ID2",
        "id": 2,
        "cpu_affinity": "0-79",
        "links": {"Phy-ID0": "HCCS_SW", "Phy-ID1": "HCCS_SW", "Phy-ID3": "SIO"},
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Phy-ID1    SIO", "Phy-ID1    XXX"),
        ("Phy-ID1    SIO", "Phy-ID1"),
        ("Phy-ID1    SIO", "Phy-ID9    SIO"),
        ("Phy-ID1    SIO", "Die1       SIO"),
        ("Phy-ID0    X          SIO", "Phy-ID0    SIO        X"),
        ("0-79", "0-79 80"),
        ("0-79", "all"),
        ("Phy-ID3    CPU", "CPU"),
        ("Phy-ID0    Phy-ID1", "Phy-ID1    Phy-ID1"),
        ("Legend:", "Legende"),
    ],
)
def test_a_matrix_that_is_not_understood(old, new):
    text = text_of("25.3.rc1/topo-a3")
    assert old in text
    with pytest.raises(CliError):
        parse_topology(answer(text.replace(old, new, 1)))


def test_a_matrix_without_one_of_its_rows_names_what_is_left():
    text = "".join(
        line for line in text_of("25.3.rc1/topo-a3").splitlines(True) if not line.startswith("Phy-ID2")
    )
    with pytest.raises(
        CliError, match=r"rows Phy-ID0, Phy-ID1, Phy-ID3.*one row for each of Phy-ID0, Phy-ID1"
    ):
        parse_topology(answer(text))


def test_products_without_a_matrix():
    with pytest.raises(RefusedError, match="querying topo"):
        parse_topology(answer("This device does not support querying topo.\n"))


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("310", "310"),
        ("MiniD", "310"),
        ("310B1", "310b"),
        ("310B4", "310b"),
        ("310P3", "310p"),
        ("910A", "910"),
        ("910B", "910"),  # a chip of the first generation
        ("910ProB", "910"),
        ("910PremiumA", "910"),
        ("910B1", "910b"),
        ("910B2C", "910b"),
        ("910B4-1", "910b"),
        ("Ascend910", "910_93"),
        ("950PR", "950"),
        ("xxx", None),
        ("910C9", None),
        (None, None),
    ],
)
def test_families(name, family):
    assert family_of(name) == family


def test_the_catalogue_knows_the_same_families():
    catalogue = Path(__file__).resolve().parents[4] / "catalog/chips.yml"
    chips = yaml.safe_load(catalogue.read_text(encoding="utf-8"))["chips"]
    named = {name: family for family, chip in chips.items() for name in chip["npu_smi_names"]}
    assert {name: family_of(name) for name in named} == named
    assert len(named) > 10
