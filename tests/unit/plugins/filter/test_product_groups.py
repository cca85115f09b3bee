# SPDX-License-Identifier: GPL-3.0-or-later
"""Which groups of an inventory are server models."""

from __future__ import annotations

import pytest
import yaml
from ansible_collections.ascend.fleet.plugins.filter import product_groups as module
from ansible_collections.ascend.fleet.plugins.filter.product_groups import PLAYBOOKS, product_groups
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog_file import CATALOG


def test_racks_and_unknown_groups_are_left_out():
    names = {"all": [], "rack_a01": [], "atlas_800t_a2": [], "atlas_800_9000": [], "atlas_0": []}
    assert product_groups(names) == ["atlas_800_9000", "atlas_800t_a2"]


@pytest.mark.parametrize("family", sorted({product["playbook"] for product in Catalog().products.values()}))
def test_every_family_has_a_playbook_for_its_products_and_a_place_in_site(family):
    play, *others = yaml.safe_load((PLAYBOOKS / f"{family}.yml").read_text(encoding="utf-8"))
    assert not others
    assert play["vars"] == {"npu_fleet_family": family}
    site = yaml.safe_load((PLAYBOOKS / "site.yml").read_text(encoding="utf-8"))
    assert [entry.get("ansible.builtin.import_playbook") for entry in site].count(f"{family}.yml") == 1


def test_the_products_of_a_family_are_those_of_the_catalog():
    known = Catalog().products
    assert product_groups(known, "atlas_310") == ["atlas_300i_3000", "atlas_300i_3010", "atlas_500_3000"]
    assert product_groups([*known, "rack_a01"]) == product_groups(known, "") == sorted(known)
    assert product_groups(["atlas_800t_a2", "atlas_800_9000"], family="atlas_910") == ["atlas_800_9000"]


@pytest.mark.parametrize("product", ["atlas_800_9000", "atlas_800t_a2"])
def test_a_playbook_that_was_a_model_s_takes_that_model_only(product):
    (entry,) = yaml.safe_load((PLAYBOOKS / f"{product}.yml").read_text(encoding="utf-8"))
    assert entry["ansible.builtin.import_playbook"] == f"{Catalog().products[product]['playbook']}.yml"
    assert entry["vars"] == {"npu_fleet_groups": [product]}


def test_a_product_without_a_playbook_is_no_group_of_the_fleet(monkeypatch, tmp_path):
    (tmp_path / "atlas_a3.yml").touch()
    monkeypatch.setattr(module, "PLAYBOOKS", tmp_path)
    monkeypatch.setattr(module, "families", module.families.__wrapped__)
    assert product_groups(["atlas_800t_a2", "atlas_800t_a3"]) == ["atlas_800t_a3"]


def test_the_filter_takes_the_catalog_of_the_host_and_leaves_a_broken_one_to_the_preflight(tmp_path):
    groups = module.FilterModule().filters()["product_groups"]
    model = (CATALOG / "products.yml").read_text(encoding="utf-8").split("  atlas_800t_a2:")[1]
    (tmp_path / "products.yml").write_text(
        f"products:\n  our_server:{model.split(chr(10) + '  }')[0]}\n  }}\n"
    )
    names = ["our_server", "atlas_800t_a2"]
    assert groups({"npu_fleet_catalog": [str(tmp_path)]}, names) == ["atlas_800t_a2", "our_server"]
    assert groups({}, names) == ["atlas_800t_a2"]
    (tmp_path / "products.yml").write_text("products: []\n")
    module.families.cache_clear()
    assert groups({"npu_fleet_catalog": [str(tmp_path)]}, names) == ["atlas_800t_a2"]
