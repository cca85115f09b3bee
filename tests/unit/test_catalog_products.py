# SPDX-License-Identifier: GPL-3.0-or-later
"""Every model that the vendor's lists name is a product, or is said to have no entry and why; ids by hand."""

from __future__ import annotations

import pytest
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog_file import CATALOG, read_file

KNOWN = Catalog()
LEFT_OUT = {entry["name"]: entry for entry in read_file(CATALOG / "products.yml", "products")["left_out"]}
# Product, chip family, NPU chips, PCI device, one of the subsystems, one of the board ids; written from
# ascend-deployer 26.0.0 common_info.py and label_node.py and mind-cluster's supported product models.
MODELS = [
    ("atlas_800_9000", "910", 8, "d801", "0200:0100", "0x24"),
    ("atlas_800_9010", "910", 8, "d801", "0200:0100", "0x27"),
    ("atlas_900_pod_9000", "910", 8, "d801", None, None),
    ("atlas_900t_pod_lite", "910", 8, "d801", None, None),
    ("atlas_300t_9000", "910", 1, "d801", "0200:0100", "0x03"),
    ("atlas_300t_pro_9000", "910", 1, "d801", None, "0x06"),
    ("atlas_800t_a2", "910b", 8, "d802", "19e5:3402", "0x38"),
    ("atlas_900_a2_pod", "910b", 8, "d802", "19e5:3000", "0x34"),
    ("atlas_200t_a2_box16", "910b", 16, "d802", None, "0x53"),
    ("atlas_300t_a2", "910b", 1, "d802", "19e5:6000", "0x12"),
    ("atlas_800i_a2", "910b", 8, "d802", "19e5:3005", "0x67"),
    ("atlas_300i_a2", "910b", 1, "d802", "19e5:4000", None),
    ("atlas_200i_a2_box16", "910b", 16, "d802", None, "0x50"),
    ("atlas_900_a3_superpod", "910_93", 16, "d803", "19e5:3002", "0xb2"),
    ("atlas_800t_a3", "910_93", 16, "d803", None, None),
    ("atlas_800i_a3", "910_93", 16, "d803", "19e5:0100", "0xb3"),
    ("atlas_200t_a3_box8", "910_93", 16, "d803", None, "0xb1"),
    ("atlas_300i_3000", "310", 4, "d100", "0200:0100", None),
    ("atlas_300i_3010", "310", 4, "d100", "0200:0100", None),
    ("atlas_300i_pro", "310p", 1, "d500", "0200:0100", None),
    ("atlas_300v", "310p", 1, "d500", "0200:0100", None),
    ("atlas_300v_pro", "310p", 1, "d500", "0200:0100", None),
    ("atlas_300i_duo", "310p", 2, "d500", "0200:0110", None),
    ("atlas_500_3000", "310", 1, "d100", None, None),
    ("atlas_200i_soc_a1", "310p", 1, None, None, None),
    ("atlas_200i_dk_a2", "310b", 1, "d107", "0000:0000", None),
    ("atlas_200i_a2_rc", "310b", 1, "d107", "0000:0000", None),
    ("atlas_200i_a2_ep", "310b", 1, "d105", "0200:0100", None),
    ("atlas_500_a2", "310b", 1, "d105", "0200:0100", None),
    ("orange_pi_aipro", "310b", 1, "d107", None, None),
    ("orange_pi_kunpeng_pro", "310b", 1, "d107", None, None),
    ("atlas_350", "950", 1, "d806", "19e5:4004", "0x1b"),
]
# The vendor's names of models that share an entry or have none of their own.
WITHOUT = [
    "Atlas 800 (model 3000 and 3010)",
    "Atlas 500 Pro (model 3000)",
    "Atlas 800I A2 2UP",
    "A200I A2 Box",
    "Atlas 850, 850E and 950 SuperPoD",
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model[0])
def test_a_model_is_what_the_vendors_lists_say(model):
    key, chip, chips, device, subsystem, board = model
    product = KNOWN.product(key)
    assert (product["chip"], product["npus"] * product["chips_per_npu"]) == (chip, chips)
    assert device is None or f"19e5:{device}" in product["pci"]
    assert subsystem is None or subsystem in product["subsystem"]
    assert board is None or board in product["board_ids"]
    assert product["source"]


def test_there_are_no_other_products_and_what_is_left_out_says_why():
    assert set(KNOWN.products) == {model[0] for model in MODELS}
    assert list(LEFT_OUT) == WITHOUT
    assert all(entry["why"] and entry["source"] for entry in LEFT_OUT.values())
    assert {key for entry in LEFT_OUT.values() for key in entry["instead"]} <= set(KNOWN.products)


def test_the_releases_are_all_that_are_promised():
    """CANN from 6.0.1 to 9.2.0; beside them only the combinations of users' guides."""
    promised = (
        "6.0.1 7.0.rc1 7.0.0 8.0.rc1 8.0.rc2 8.0.rc3 8.0.0 8.1.rc1 8.2.rc1 8.3.rc1 8.5.0 9.0.0 9.1.0 9.2.0"
    )
    of_guides = {"cann-6.0.1-hdk-23.0.rc1", "cann-7.0.0.alpha001", "cann-8.0.0.alpha002"}
    assert set(KNOWN.release_names()) == {f"cann-{version}" for version in promised.split()} | of_guides


def test_the_old_pairs_of_torch_and_torch_npu_are_there_or_left_out():
    """Written from Ascend/pytorch COMPATIBILITY.md @9e73e708, all pairs of these CANN versions."""
    pairs = {
        "8.0.RC1": {"2.2.0", "2.1.0.post4", "1.11.0.post11"},
        "7.0.0": {"2.1.0", "2.0.1.post1", "1.11.0.post8"},
        "7.0.RC1": {"2.1.0rc1", "2.0.1", "1.11.0.post4"},
        "6.0.1": {"1.11.0rc2", "1.8.1", "1.5.0.post8"},
    }
    left_out = read_file(CATALOG / "compatibility.yml", "compatibility")["left_out"]
    for cann, named in pairs.items():
        offered = {row["torch_npu"] for row in KNOWN.release(f"cann-{cann.lower()}")["torch"]}
        missing = {row["torch_npu"] for row in left_out if row["cann"] == cann}
        assert named <= offered | missing
        assert offered & missing == set()
