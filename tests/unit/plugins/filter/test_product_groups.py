# SPDX-License-Identifier: GPL-3.0-or-later
"""Which groups of an inventory are server models."""

from __future__ import annotations

import pytest
from ansible_collections.ascend.fleet.plugins.filter.product_groups import PLAYBOOKS, product_groups


def test_racks_and_unknown_groups_are_left_out():
    names = {"all": [], "rack_a01": [], "atlas_800t_a2": [], "atlas_800_9000": [], "atlas_0": []}
    assert product_groups(names) == ["atlas_800_9000", "atlas_800t_a2"]


@pytest.mark.parametrize("playbook", sorted(path.stem for path in PLAYBOOKS.glob("atlas_*.yml")))
def test_every_playbook_of_a_model_has_its_groups(playbook):
    text = (PLAYBOOKS / f"{playbook}.yml").read_text(encoding="utf-8")
    assert f"npu_fleet_product: {playbook}\n" in text
    assert product_groups([playbook]) == [playbook]


def test_a_product_without_a_playbook_is_no_group_of_the_fleet():
    assert product_groups(["atlas_500"]) == []
