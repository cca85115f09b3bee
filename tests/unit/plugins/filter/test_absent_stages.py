# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a rollout does not apply to a node, and how many chips it is to have."""

from __future__ import annotations

import pytest
from ansible_collections.ascend.fleet.plugins.filter.absent_stages import FilterModule as Absent
from ansible_collections.ascend.fleet.plugins.filter.chips_wanted import FilterModule as Chips
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog

KNOWN = Catalog()
absent_stages, chips_wanted = Absent().filters()["absent_stages"], Chips().filters()["chips_wanted"]


def outcome(product: str, environment: str = "bare_metal", devices: int = 0, **bill) -> dict:
    model = KNOWN.product(product)
    ids = dict(zip(("vendor", "device"), (model["pci"] or ["19e5:0000"])[0].split(":")))
    return {
        "model": model,
        "bill": {"release": "cann-8.0.0", "torch_npu": "2.4.0", **bill},
        "found": {"software": {"environment": environment}, "pci_devices": [ids] * devices},
    }


@pytest.mark.parametrize(
    ("product", "absent"),
    [
        ("atlas_800_9000", ["mcu"]),
        ("atlas_800t_a2", []),
        ("atlas_800i_a2", []),
        ("atlas_800i_a3", []),
        ("atlas_300i_pro", ["network"]),
        ("atlas_300i_3000", ["mcu", "network", "torch_npu"]),
        ("orange_pi_aipro", ["driver", "firmware", "mcu", "network"]),
    ],
)
def test_a_model_lacks_what_the_catalog_does_not_know_of_it(product, absent):
    assert list(absent_stages(outcome(product))) == absent


def test_a_reason_names_the_model_or_its_chips():
    found = absent_stages(outcome("atlas_300i_3000"))
    assert found["network"] == "Atlas 300I (model 3000) has no RoCE ports"
    assert found["torch_npu"] == "there is no framework for Ascend 310"
    assert absent_stages(outcome("orange_pi_aipro"))["driver"] == (
        "the driver of Orange Pi AIpro comes with the system's image"
    )


@pytest.mark.parametrize(
    ("environment", "absent"), [("vm", ["firmware", "mcu"]), ("container", ["driver", "firmware", "mcu"])]
)
def test_a_guest_leaves_to_its_host_what_is_the_host_s(environment, absent):
    assert list(absent_stages(outcome("atlas_800t_a2", environment))) == absent


def test_a_release_without_torch_is_named():
    assert absent_stages(outcome("atlas_800t_a2", torch_npu=None)) == {
        "torch_npu": "none is wanted, or the release cann-8.0.0 has none for this node"
    }


@pytest.mark.parametrize("lacks", ["model", "bill"])
def test_what_the_preflight_could_not_find_says_nothing(lacks):
    assert absent_stages({**outcome("atlas_300i_3000"), lacks: None}) == {}


@pytest.mark.parametrize(
    ("product", "environment", "devices", "chips"),
    [
        ("atlas_800t_a2", "bare_metal", 7, 8),  # one is lost, and is missed
        ("atlas_800t_a2", "vm", 2, 2),
        ("atlas_800i_a3", "bare_metal", 16, 16),
        ("atlas_300i_pro", "bare_metal", 3, 3),
        ("atlas_300i_pro", "bare_metal", 0, 1),
        ("atlas_300i_duo", "bare_metal", 2, 4),  # both chips of a card are one function of the bus
        ("atlas_300i_3000", "bare_metal", 8, 8),
        ("orange_pi_aipro", "bare_metal", 0, 1),
    ],
)
def test_a_host_has_the_chips_of_its_model_or_of_all_its_cards(product, environment, devices, chips):
    assert chips_wanted(outcome(product, environment, devices)) == chips


def test_cards_of_another_maker_count_and_chips_of_another_model_do_not():
    found = outcome("atlas_300i_pro")
    found["found"]["pci_devices"] = [
        {"vendor": "20c6", "device": "d500"},
        {"vendor": "19e5", "device": "d500"},
        {"vendor": "19e5", "device": "d802"},
    ]
    assert chips_wanted(found) == 2


def test_without_a_model_nothing_is_wanted():
    assert chips_wanted({"model": None}) is None
