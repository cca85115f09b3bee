# SPDX-License-Identifier: GPL-3.0-or-later
"""Where CANN goes on a server model, and who installs it."""

from __future__ import annotations

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.ascend.fleet.plugins.filter.cann_place import FilterModule
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog

cann_place = FilterModule().filters()["cann_place"]


def test_a_server_has_it_in_root_s_place_and_a_board_in_its_user_s_home():
    assert cann_place("atlas_800t_a2") == {"path": "/usr/local/Ascend", "owner": "root"}
    assert cann_place("orange_pi_aipro") == {"path": "/home/HwHiAiUser/Ascend", "owner": "HwHiAiUser"}


def test_a_product_of_one_s_own_says_it_too(tmp_path):
    own = {**Catalog().products["orange_pi_aipro"], "cann_owner": "edge", "cann_path": "/srv/edge/Ascend"}
    (tmp_path / "products.yml").write_text(yaml.safe_dump({"products": {"my_board": own}}), encoding="utf-8")
    assert cann_place("my_board", [str(tmp_path)]) == {"path": "/srv/edge/Ascend", "owner": "edge"}


def test_an_unknown_product_is_refused_with_the_nearest():
    with pytest.raises(AnsibleFilterError, match="found the product orange_pi_aipr.*orange_pi_aipro"):
        cann_place("orange_pi_aipr")


def test_a_catalog_of_one_s_own_may_stand_without_a_list_but_is_no_relative_path(tmp_path):
    own = {**Catalog().products["orange_pi_aipro"], "cann_owner": "edge", "cann_path": "/srv/edge/Ascend"}
    (tmp_path / "products.yml").write_text(yaml.safe_dump({"products": {"my_board": own}}), encoding="utf-8")
    assert cann_place("my_board", str(tmp_path))["owner"] == "edge"
    with pytest.raises(
        AnsibleFilterError, match="found npu_fleet_catalog: catalog; wanted the absolute paths"
    ):
        cann_place("my_board", "catalog")
