# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups of a play's hosts, with products of the shipped catalog and of one's own."""

from __future__ import annotations

import pytest
import yaml
from ansible.errors import AnsibleError
from ansible_collections.ascend.fleet.plugins.lookup import product_groups
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog_file import CATALOG, load_text

GROUPS = {
    **{"all": ["a", "b"], "atlas_800t_a2": ["a"], "our_server": ["b"], "rack_a": ["a", "b"]},
    **{"empty": [], "atlas_800_9000": []},
}


@pytest.fixture
def catalog(tmp_path):
    model = load_text((CATALOG / "products.yml").read_text(encoding="utf-8"))["products"]["atlas_800t_a2"]
    ours = {"products": {"our_server": {**model, "name": "Our server", "npus": "4"}}}
    (tmp_path / "products.yml").write_text(yaml.safe_dump(ours).replace("npus: '4'", "npus: 4"))
    return str(tmp_path)


@pytest.fixture(autouse=True)
def loaded(monkeypatch):
    """Return the filters that were asked for; Ansible's own way to them wants an installed collection."""
    names = []
    monkeypatch.setattr(product_groups.filter_loader, "get", names.append)
    return names


def groups(*families, only=None, **host):
    lookup = product_groups.LookupModule(loader=None, templar=None)
    return lookup.run([*families], {"groups": GROUPS, "hostvars": {"a": {}, "b": host}}, only=only)


def test_a_product_of_one_s_own_is_a_group_of_the_fleet(catalog):
    assert groups() == ["atlas_800t_a2"]
    assert groups(npu_fleet_catalog=[catalog]) == ["atlas_800t_a2", "our_server"]
    assert groups(npu_fleet_catalog=catalog) == ["atlas_800t_a2", "our_server"]


def test_only_products_of_the_families_are_left(catalog):
    assert groups("atlas_a2_training", npu_fleet_catalog=[catalog]) == ["atlas_800t_a2", "our_server"]
    assert groups("atlas_a3", npu_fleet_catalog=[catalog]) == []
    assert groups("atlas_a3", "atlas_a2_training") == ["atlas_800t_a2"]


@pytest.mark.parametrize("only", [["our_server", "rack_a"], "our_server", "rack_a, our_server"])
def test_only_groups_that_a_run_is_for_are_left(catalog, only):
    assert groups(only=only, npu_fleet_catalog=[catalog]) == ["our_server"]
    assert groups("atlas_a3", only=only, npu_fleet_catalog=[catalog]) == []


def test_a_catalog_that_is_none_is_named(tmp_path):
    with pytest.raises(AnsibleError, match="found no directory .*/nowhere; wanted .*npu_fleet_catalog"):
        groups(npu_fleet_catalog=[str(tmp_path / "nowhere")])


def test_workers_inherit_the_filters_that_it_loads(loaded):
    groups()
    assert loaded == ["ascend.fleet.product_groups"]
