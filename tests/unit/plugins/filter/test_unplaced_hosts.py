# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is left out of all plays, and whether that looks like a mistake."""

from __future__ import annotations

import pytest
from ansible_collections.ascend.fleet.plugins.filter import unplaced_hosts
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog_file import CATALOG

MODEL = (CATALOG / "products.yml").read_text(encoding="utf-8")
UNPLACED = unplaced_hosts.FilterModule().filters()["unplaced_hosts"]


def problems(catalog=None, only=None, family="", **groups):
    every = sorted({host for hosts in groups.values() for host in hosts})
    variables = {"npu_fleet_catalog": catalog, "npu_fleet_groups": only}
    return UNPLACED(variables, {"all": every, **groups}, family)


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


@pytest.mark.parametrize(
    "groups", [{}, {"ungrouped": []}, {"ungrouped": ["localhost"]}, {"atlas_800t_a2": []}]
)
def test_an_inventory_without_hosts_is_an_error(groups):
    (problem,) = problems(**groups)
    assert (problem["severity"], problem["found"]) == ("error", "the inventory has no hosts")
    assert "-i inventory" in problem["fix"]


def test_an_empty_group_of_a_product_places_nobody():
    (problem,) = problems(atlas_800t_a2=[], servers=["a"])
    assert problem["found"] == "a host in no group of a product (servers), like every other"


@pytest.mark.parametrize(
    "only", [["atlas_910b"], "atlas_910b", ["atlas_800_9000", "atlas_910b"], ["atlas_800_9010"]]
)
def test_a_group_that_a_run_is_for_has_to_be_a_product_with_hosts(only):
    (problem,) = problems(only=only, atlas_800t_a2=["a"], atlas_800_9000=["b"], atlas_800_9010=[])
    assert problem["severity"] == "error"
    assert problem["found"].startswith("npu_fleet_groups: atlas_9") or "atlas_800_9010" in problem["found"]
    assert problem["wanted"].startswith("one of atlas_800_9000, atlas_800t_a2")


def test_groups_that_a_run_is_for_are_no_problem_when_they_have_hosts():
    groups = {"atlas_800t_a2": ["a"], "atlas_800_9000": ["b"]}
    assert problems(only="atlas_800_9000, atlas_800t_a2", **groups) == []
    assert problems(only=["atlas_800_9000"], family="atlas_910", **groups) == []


def test_a_family_without_a_host_is_an_error_where_a_play_is_for_it_alone():
    groups = {"atlas_800t_a2": ["a"], "atlas_800_9000": ["b"]}
    (problem,) = problems(family="atlas_a3", **groups)
    assert problem["found"] == "no host of the family atlas_a3 among atlas_800_9000, atlas_800t_a2"
    (problem,) = problems(family="atlas_910", only=["atlas_800t_a2"], **groups)
    assert problem["found"] == "no host of the family atlas_910 among atlas_800t_a2"
