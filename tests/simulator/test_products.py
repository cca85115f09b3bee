# SPDX-License-Identifier: GPL-3.0-or-later
"""A node of every product of the catalog, fresh and with its driver: what its programs say of it."""

from __future__ import annotations

import io

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils._cli import Result
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_table import parse_overview
from npu_simulator import boot, hardware, hccn_tool, npu_smi
from npu_simulator.state import Node, fresh_state
from simulated_inventory import read_catalog

PRODUCTS, CHIPS = read_catalog()
WITHOUT_NPU_SMI = {"950"}  # nothing of it is sourced but the help, and no release has its driver
WITH_NETWORK = sorted(key for key, product in PRODUCTS.items() if product["address_pattern"])
BOARDS = sorted(key for key, product in PRODUCTS.items() if not product["driver"])
ANSWERING = sorted(key for key, product in PRODUCTS.items() if product["chip"] not in WITHOUT_NPU_SMI)


def make(root, key, arch=None, driver=None):
    product = PRODUCTS[key]
    state = fresh_state({**product, "key": key}, CHIPS[product["chip"]], arch or product["arch"][0])
    if driver:
        state["running"]["driver"] = driver
    node = Node(str(root), uid=0)
    node.create(state)
    return node


def ask(program, node, *words):
    out, err = io.StringIO(), io.StringIO()
    status = program(list(words), node, io.StringIO(), out, err)
    assert err.getvalue() == ""
    return status, out.getvalue()


def count(key, what="chips_per_npu"):
    product = PRODUCTS[key]
    return product["npus"] * product.get(what, product["chips_per_npu"])


@pytest.mark.parametrize("key", sorted(PRODUCTS))
@pytest.mark.parametrize("arch", ["aarch64", "x86_64"])
def test_a_node_of_every_product_and_architecture_can_be_made(tmp_path, key, arch):
    if arch not in PRODUCTS[key]["arch"]:
        return
    state = make(tmp_path, key, arch).read()
    assert (state["product"], state["arch"], len(state["npus"])) == (key, arch, count(key))
    assert len({npu["serial"] for npu in state["npus"]}) == count(key)
    assert state["running"]["driver"] == (None if PRODUCTS[key]["driver"] else "23.0.0")


@pytest.mark.parametrize("key", sorted(PRODUCTS))
def test_the_bus_shows_its_ids(tmp_path, key):
    node = make(tmp_path, key)
    hardware.write_pci_tree(node.read(), tmp_path / "pci")
    found = sorted((tmp_path / "pci").iterdir())
    assert len(found) == count(key, "pci_functions")
    pci = (PRODUCTS[key]["pci"] or CHIPS[PRODUCTS[key]["chip"]]["pci"])[0]
    assert {f"{_id(one, 'vendor')}:{_id(one, 'device')}" for one in found} == {pci}
    lines = ask(hardware.main, node, "lspci", "-n", "-D")[1].splitlines()
    assert [line.split()[0] for line in lines] == [one.name for one in found]
    assert all(f" {pci} " in line for line in lines)


def _id(folder, name):
    return (folder / name).read_text(encoding="utf-8").strip().removeprefix("0x")


@pytest.mark.parametrize("key", sorted(PRODUCTS))
def test_its_firmware_tables_name_it(tmp_path, key):
    name = ask(hardware.main, make(tmp_path, key), "dmidecode", "-s", "system-product-name")[1].strip()
    assert name in (PRODUCTS[key]["dmi"] or [PRODUCTS[key]["name"]])


@pytest.mark.parametrize("key", ANSWERING)
def test_npu_smi_shows_all_chips_and_our_parser_reads_them(tmp_path, key):
    status, text = ask(npu_smi.main, make(tmp_path, key, driver="24.1.0"), "info")
    assert status == 0
    chips = parse_overview(Result(("npu-smi", "info"), status, text, "")).chips
    assert len(chips) == count(key)
    assert {chip.name for chip in chips} == {CHIPS[PRODUCTS[key]["chip"]]["npu_smi_names"][0]}
    assert {chip.health for chip in chips} == {"OK"}
    assert len({(chip.npu_id, chip.chip_id) for chip in chips}) == count(key)


@pytest.mark.parametrize("key", ANSWERING)
def test_npu_smi_lists_and_describes_its_cards(tmp_path, key):
    node = make(tmp_path, key, driver="24.1.0")
    assert ask(npu_smi.main, node, "info", "-l")[1].count("NPU ID") == PRODUCTS[key]["npus"]
    first = node.read()["npus"][0]["npu_id"]
    status, text = ask(npu_smi.main, node, "info", "-t", "board", "-i", str(first))
    assert (status, f"Chip Count                     : {PRODUCTS[key]['chips_per_npu']}" in text) == (0, True)


@pytest.mark.parametrize("key", sorted(set(PRODUCTS) - set(ANSWERING)))
def test_what_nobody_has_recorded_is_said_to_be_so(tmp_path, key):
    out, err = io.StringIO(), io.StringIO()
    node = make(tmp_path, key, driver="25.7.rc1")
    assert npu_smi.main(["info"], node, io.StringIO(), out, err) == npu_smi.answers.NOT_SIMULATED
    assert (out.getvalue(), "not simulated: chip family 950" in err.getvalue()) == ("", True)


@pytest.mark.parametrize("key", WITH_NETWORK)
def test_a_model_with_ports_has_one_for_each_chip(tmp_path, key):
    node = make(tmp_path, key, driver="25.0.rc1")
    for number in range(count(key)):
        assert ask(hccn_tool.main, node, "-i", str(number), "-link", "-g") == (0, "link status: UP\n")
    assert hccn_tool.main(["-i", str(count(key)), "-link", "-g"], node, io.StringIO(), *[io.StringIO()] * 2)


@pytest.mark.parametrize("key", BOARDS)
def test_a_board_has_its_driver_from_its_image_at_every_boot(tmp_path, key):
    node = make(tmp_path, key)
    for _boot in range(2):
        boot.boot(node)
        assert node.read()["running"]["driver"] == "23.0.0"
    assert node.path("/usr/local/bin/npu-smi").exists()
    assert node.path("/var/davinci/driver/version.info").read_text(encoding="utf-8") == "Version=23.0.0\n"
    assert not node.path("/usr/local/Ascend").exists()
