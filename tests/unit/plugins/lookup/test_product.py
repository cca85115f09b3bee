# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup ascend.fleet.product."""

from __future__ import annotations

import pytest
import yaml
from ansible.errors import AnsibleLookupError


def test_a_product_comes_with_its_family(look_up):
    product = look_up("product", "atlas_800_9000")
    assert (product["key"], product["name"], product["npus"]) == (
        "atlas_800_9000",
        "Atlas 800 (model 9000)",
        8,
    )
    assert (product["address_pattern"], product["gateway_scope"]) == ("four_subnets", "group")
    assert (product["chip"], product["family"]["key"], product["family"]["pci"]) == (
        "910",
        "910",
        ["19e5:d801"],
    )


def test_a2_has_a_gateway_for_each_device(look_up):
    product = look_up("product", "atlas_800t_a2")
    assert (product["address_pattern"], product["gateway_scope"]) == ("shared_subnet", "device")


def test_an_unknown_product_is_named(look_up):
    with pytest.raises(AnsibleLookupError, match=r"the product atlas_800t_2; .*nearest is atlas_800t_a2"):
        look_up("product", "atlas_800t_2")


def own_product(look_up, **changes) -> str:
    product = look_up("product", "atlas_800t_a2")
    for name in ("key", "family", "gateway_scope"):
        del product[name]
    return yaml.safe_dump({"products": {"our_server": {**product, **changes}}})


def test_a_product_of_the_users_own(look_up, own_catalog):
    catalog = own_catalog(products=own_product(look_up, npus=4, address_pattern=None))
    assert look_up("product", "our_server", catalog=[catalog])["npus"] == 4
    assert look_up("product", "atlas_800t_a2", catalog=[catalog])["npus"] == 8


def test_a_product_with_an_unknown_chip(look_up, own_catalog):
    catalog = own_catalog(products=own_product(look_up, chip="910c"))
    with pytest.raises(
        AnsibleLookupError, match=r"found the chip family 910c; wanted one of 310, .*nearest is 910\)"
    ):
        look_up("product", "our_server", catalog=[catalog])


def test_the_first_directory_wins(look_up, own_catalog, tmp_path_factory):
    first = own_catalog(products=own_product(look_up, npus=2))
    second = tmp_path_factory.mktemp("second")
    (second / "products.yml").write_text(own_product(look_up, npus=4), encoding="utf-8")
    assert look_up("product", "our_server", catalog=[first, str(second)])["npus"] == 2
    assert look_up("product", "our_server", catalog=[str(second), first])["npus"] == 4
