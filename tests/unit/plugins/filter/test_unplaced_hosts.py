# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is left out of all plays, and whether that looks like a mistake."""

from __future__ import annotations

import pytest
from ansible_collections.ascend.fleet.plugins.filter import unplaced_hosts
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog_file import CATALOG

MODEL = (CATALOG / "products.yml").read_text(encoding="utf-8")
UNPLACED = unplaced_hosts.FilterModule().filters()["unplaced_hosts"]


def problems(catalog=None, **groups):
    every = sorted({host for hosts in groups.values() for host in hosts})
    return UNPLACED({"npu_fleet_catalog": catalog}, {"all": every, **groups})


def test_hosts_of_products_and_the_controller_are_not_left_out():
    groups = {"atlas_800t_a2": ["a"], "rack_a": ["a"], "ungrouped": ["localhost"]}
    assert problems(**groups) == []


@pytest.mark.parametrize("group", ["atlas_800t", "Atlas_800t_a2", "atlas_800_t_a2", "atlas800t_a2"])
def test_a_group_that_is_nearly_a_product_is_an_error(group):
    (problem,) = problems(atlas_800_9000=["a"], **{group: ["b"]})
    assert (problem["host"], problem["severity"]) == ("b", "error")
    assert problem["found"] == f"the group {group}, which is no product"
    assert "(the nearest is atlas_800t_a" in problem["wanted"]


def test_a_product_without_a_playbook_is_an_error(monkeypatch):
    monkeypatch.setattr(unplaced_hosts, "products_with_playbook", lambda _own: frozenset({"atlas_800t_a2"}))
    (problem,) = problems(atlas_350=["b"])
    assert problem["severity"] == "error"
    assert problem["found"] == "the group atlas_350, a product of the catalog without a playbook"


@pytest.mark.parametrize("group", ["mirrors", "ungrouped", "rack_a01"])
def test_another_machine_is_noted(group):
    (problem,) = problems(atlas_800_9000=["a"], **{group: ["jump"]})
    assert (problem["host"], problem["severity"]) == ("jump", "note")
    assert (group in problem["found"]) == (group != "ungrouped")


def test_an_inventory_without_any_product_is_an_error_that_names_the_groups():
    (problem,) = problems(rack_a01=["a"], train=["a"])
    assert (problem["host"], problem["severity"]) == ("a", "error")
    assert problem["found"] == "a host in no group of a product (rack_a01, train), like every other"
    assert "atlas_800t_a2" in problem["wanted"]


def test_a_product_of_one_s_own_is_none_of_these(tmp_path):
    ours = "  our_server:" + MODEL.split("atlas_800t_a2:")[1].split("\n  }\n")[0] + "\n  }\n"
    (tmp_path / "products.yml").write_text(f"products:\n{ours}")
    assert problems(catalog=[str(tmp_path)], our_server=["b"]) == []
    assert problems(our_server=["b"])[0]["severity"] == "error"


def test_a_catalog_that_is_none_does_not_count_because_the_preflight_names_it():
    assert problems(catalog="/nowhere", atlas_800t_a2=["a"]) == []
