# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host seems to be, from the ids that real boards show."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.ascend.fleet.plugins.filter import detect_product
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog

DETECT = detect_product.FilterModule().filters()["detect_product"]
CATALOG = Catalog()


def bus(device, subsystem="", count=8, vendor="19e5"):
    subsystem_vendor, _colon, subsystem_device = subsystem.partition(":")
    return [
        {
            "vendor": vendor,
            "device": device,
            "subsystem_vendor": subsystem_vendor or None,
            "subsystem_device": subsystem_device or None,
        }
    ] * count


@pytest.mark.parametrize(
    ("found", "product"),
    [
        # The card map and the dmidecode names of ascend-deployer 26.0.0
        (
            {"pci_devices": bus("d801", "0200:0100"), "dmi": ["Atlas 800 (Model 9000)"], "arch": "aarch64"},
            "atlas_800_9000",
        ),
        (
            {"pci_devices": bus("d801", "0200:0100"), "dmi": ["Atlas 800 (Model 9010)"], "arch": "x86_64"},
            "atlas_800_9010",
        ),
        (
            {"pci_devices": bus("d801", "0200:0100", 2), "board_ids": ["0x03"], "arch": "aarch64"},
            "atlas_300t_9000",
        ),
        (
            {"pci_devices": bus("d801"), "dmi": ["Atlas 900 Compute Node"], "arch": "aarch64"},
            "atlas_900_pod_9000",
        ),
        (
            {"pci_devices": bus("d802", "19e5:3000"), "board_ids": ["0x33"], "arch": "aarch64"},
            "atlas_800t_a2",
        ),
        ({"pci_devices": bus("d802", "19e5:3000", 16), "arch": "x86_64"}, "atlas_200t_a2_box16"),
        ({"pci_devices": bus("d802", "19e5:3002"), "arch": "aarch64"}, "atlas_800i_a2"),
        ({"pci_devices": bus("0xD802", "0x19E5:0x4000", 3), "arch": "aarch64"}, "atlas_300i_a2"),
        ({"pci_devices": bus("d802", "19e5:6000", 2), "arch": "x86_64"}, "atlas_300t_a2"),
        ({"pci_devices": bus("d803", "19e5:3001", 16), "arch": "aarch64"}, "atlas_900_a3_superpod"),
        ({"pci_devices": bus("d803", "19e5:0100", 16), "arch": "aarch64"}, "atlas_800i_a3"),
        ({"pci_devices": bus("d803", "", 16), "arch": "x86_64"}, "atlas_200t_a3_box8"),
        ({"pci_devices": bus("d500", "0200:0110", 4), "arch": "x86_64"}, "atlas_300i_duo"),
        ({"pci_devices": bus("d100", "0200:0100", 4), "arch": "x86_64"}, "atlas_300i_3010"),
        (
            {
                "pci_devices": bus("d100", "0200:0100", 8),
                "arch": "aarch64",
                "dmi": ["Atlas 800 (Model 3000)"],
            },
            "atlas_300i_3000",
        ),
        ({"pci_devices": bus("d806", "19e5:4003", 1), "arch": "aarch64"}, "atlas_350"),
    ],
)
def test_a_product_is_told(found, product):
    detected = DETECT(found, product=product)
    assert (detected["product"], detected["warning"], detected["problems"]) == (product, None, [])
    assert detected["chip"] == CATALOG.products[product]["chip"]


def test_a_card_of_another_maker_is_told_by_its_device():
    detected = DETECT({"pci_devices": bus("d500", "0200:0110", 2, vendor="20c6"), "arch": "x86_64"})
    assert (detected["product"], detected["chips"]) == ("atlas_300i_duo", 2)
    assert DETECT({"pci_devices": bus("d801", vendor="20c6")})["chips"] == 0
    assert DETECT({"pci_devices": bus("1522", vendor="8086")})["warning"] == "no NPU chips on the PCI bus"


def test_models_that_show_the_same_are_all_listed():
    detected = DETECT({"pci_devices": bus("d500", "0200:0100", 1), "arch": "x86_64"}, product="atlas_300v")
    assert detected["products"] == ["atlas_300i_pro", "atlas_300v", "atlas_300v_pro"]
    assert (detected["product"], detected["problems"]) == (None, [])
    assert "may be one of Atlas 300I Pro, Atlas 300V, Atlas 300V Pro" in detected["warning"]


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (
            {"pci_devices": bus("d802", "19e5:9999")},
            "a board of Ascend 910B (A2) with the PCI subsystem 19e5:9999",
        ),
        (
            {"pci_devices": bus("d802", "19e5:3000"), "board_ids": ["0x99"]},
            "a board of Ascend 910B (A2) with the board id 0x99, unknown to the catalog",
        ),
        (
            {"pci_devices": bus("d802", "19e5:3000", 6), "arch": "aarch64"},
            "Ascend 910B (A2) with 6 chips, unknown to the catalog",
        ),
        ({"pci_devices": bus("d803", "19e5:3000", 6)}, "a board of Ascend 910_93 (A3) with 6 chips"),
    ],
)
def test_an_unknown_board_falls_back_to_its_family_with_a_warning(found, sentence):
    detected = DETECT(found, product="atlas_800t_a2")
    assert detected["products"] == []
    assert detected["chip"] in {"910b", "910_93"}
    assert sentence in detected["warning"]
    (problem,) = detected["problems"]
    assert (problem["severity"], problem["found"]) == ("warning", detected["warning"])


@pytest.mark.parametrize(
    ("devices", "warning"),
    [
        (bus("d899"), "chips with the PCI id 19e5:d899, which the catalog does not know"),
        (bus("d801") + bus("d500"), "chips of several families (310p, 910)"),
        ([], "no NPU chips on the PCI bus"),
    ],
)
def test_what_is_no_family_is_said(devices, warning):
    detected = DETECT({"pci_devices": devices})
    assert (detected["chip"], detected["warning"]) == (None, warning)


def test_cards_of_two_models_in_one_host_are_no_unknown_board():
    found = {"pci_devices": bus("d500", "0200:0100", 1) + bus("d500", "0200:0110", 2), "arch": "x86_64"}
    detected = DETECT(found, product="atlas_300i_duo")
    sentence = "boards of different models, with the PCI subsystems 0200:0100, 0200:0110"
    assert (detected["products"], detected["warning"]) == ([], sentence)


def test_an_inventory_that_says_something_else_is_a_warning():
    (problem,) = DETECT(
        {"pci_devices": bus("d802", "19e5:3002"), "arch": "aarch64"}, product="atlas_800t_a2"
    )["problems"]
    assert problem["found"] == "what looks like Atlas 800I A2"
    assert problem["wanted"] == "Atlas 800T A2, as the inventory says"
    assert "group atlas_800i_a2" in problem["fix"]


def test_a_model_without_ids_in_the_catalog_is_not_accused():
    """Nobody has published the subsystem of Atlas 800T A3: what looks like a SuperPoD may well be one."""
    found = {"pci_devices": bus("d803", "19e5:3000", 16), "arch": "aarch64"}
    detected = DETECT(found, product="atlas_800t_a3")
    assert (detected["product"], detected["problems"]) == ("atlas_900_a3_superpod", [])
    assert "atlas_800t_a3" in detected["possible"]


def test_what_is_left_out_is_not_looked_at():
    assert len(DETECT({"pci_devices": bus("d802")})["products"]) > 1
    assert DETECT({})["chips"] == 0


def test_a_product_of_the_users_own_is_told(tmp_path):
    text = """products:
  our_server: {
    name: Ours, chip: "910b", form: server, npus: 8, chips_per_npu: 1, arch: [aarch64], pci: ["19e5:d802"],
    subsystem: ["19e5:9999"], board_ids: [], dmi: [], address_pattern: null, driver: true, firmware: true,
    mcu: false, use: training, playbook: atlas_a2_training, source: us
  }
"""
    (tmp_path / "products.yml").write_text(text, encoding="utf-8")
    found = {"pci_devices": bus("d802", "19e5:9999"), "arch": "aarch64"}
    assert DETECT(found, catalog=[str(tmp_path)])["product"] == "our_server"


@pytest.mark.parametrize(
    ("found", "product", "sentence"),
    [({"pci": []}, None, "the input pci; wanted one of pci_devices"), ({}, "atlas_9", "the product atlas_9")],
)
def test_a_wrong_input_is_named(found, product, sentence):
    with pytest.raises(AnsibleFilterError, match=sentence):
        DETECT(found, product=product)


@pytest.mark.parametrize("key", CATALOG.products)
def test_every_product_recognises_itself(key):
    """The state of a simulated node shows the first id of each list."""
    product = CATALOG.product(key)
    if not product["pci"]:
        return
    count = product["npus"] * product["chips_per_npu"]
    found = {
        "pci_devices": bus(product["pci"][0].split(":")[1], (product["subsystem"] or [""])[0], count),
        "board_ids": product["board_ids"][:1],
        "dmi": product["dmi"][:1],
        "arch": product["arch"][0],
    }
    detected = DETECT(found, product=key)
    assert key in detected["products"]
    assert detected["problems"] == []


def test_a_server_that_its_firmware_names_is_told_though_its_boards_are_not_known():
    """Atlas 900 PoD has no ids in the catalog; the chips' subsystem is that of other models."""
    found = {"pci_devices": bus("d801", "0200:0100"), "dmi": ["Atlas 900 Compute Node"], "arch": "aarch64"}
    detected = DETECT(found, product="atlas_800_9000")
    assert detected["product"] == "atlas_900_pod_9000"
    (problem,) = detected["problems"]
    assert problem["severity"] == "error"
    assert (problem["found"], problem["wanted"]) == (
        "what looks like Atlas 900 PoD (model 9000)",
        "Atlas 800 (model 9000), as the inventory says",
    )
    assert "npu_fleet_product_confirmed: true" in problem["fix"]
    assert detected["pci"] == ["19e5:d801"]
