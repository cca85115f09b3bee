# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated node of any product is not taken for another one, with a driver or without."""

from __future__ import annotations

import pytest
from ansible_collections.ascend.fleet.plugins.filter.detect_product import detect_product
from npu_simulator.hardware import on_the_bus
from npu_simulator.state import fresh_state
from simulated_inventory import read_catalog

PRODUCTS, CHIPS = read_catalog()
NODES = [(key, arch) for key, product in PRODUCTS.items() for arch in product["arch"]]
NO_BOARD = "0x00"  # what a simulated chip says where the catalog knows no board id


@pytest.mark.parametrize("driver", [True, False], ids=["driver", "bare"])
@pytest.mark.parametrize(("key", "arch"), NODES)
def test_a_simulated_node_is_what_it_was_made_as(key, arch, driver):
    state = fresh_state({**PRODUCTS[key], "key": key}, CHIPS[PRODUCTS[key]["chip"]], arch)
    boards = {npu["board_id"] for npu in state["npus"]} - {NO_BOARD}
    found = {
        "pci_devices": [npu["pci"] for npu in on_the_bus(state)],
        "dmi": [state["dmi_product"]],
        "board_ids": sorted(boards) if driver else [],
        "arch": arch,
    }
    detected = detect_product(found, key)
    assert [problem["found"] for problem in detected["problems"] if problem["severity"] == "error"] == []
    if PRODUCTS[key]["pci"]:
        assert (detected["chip"], detected["problems"]) == (PRODUCTS[key]["chip"], [])
        assert key in detected["possible"]
