# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is left out of all plays, and whether that looks like a mistake."""

from __future__ import annotations

import pytest
from ansible_collections.ascend.fleet.plugins.filter import unplaced_hosts

UNPLACED = unplaced_hosts.FilterModule().filters()["unplaced_hosts"]


def problems(**groups):
    return UNPLACED({"all": sorted({host for hosts in groups.values() for host in hosts}), **groups})


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
    monkeypatch.setattr(unplaced_hosts, "products_with_playbook", lambda: frozenset({"atlas_800t_a2"}))
    (problem,) = problems(atlas_350=["b"])
    assert problem["severity"] == "error"
    assert problem["found"] == "the group atlas_350, a product of the catalog without a playbook"


@pytest.mark.parametrize("group", ["mirrors", "ungrouped", "rack_a01"])
def test_another_machine_is_noted(group):
    (problem,) = problems(**{group: ["jump"]})
    assert (problem["host"], problem["severity"]) == ("jump", "note")
