# SPDX-License-Identifier: GPL-3.0-or-later
"""The name of a release that the lookup ascend.fleet.release does not know, and what it says of that."""

from __future__ import annotations

import pytest

PRODUCT = "atlas_800t_a2"


@pytest.mark.parametrize("empty", ["", None])
def test_a_release_that_is_empty_is_said_as_that(look_up, empty):
    problem = look_up("release", empty, product=PRODUCT, explain=True)["error"]
    assert problem["found"] == "npu_fleet_release is empty"
    assert "cann-8.0.0" in problem["wanted"]


def test_a_directory_of_one_s_own_is_named_by_its_variable(look_up):
    problem = look_up("release", "cann-8.0.1", product=PRODUCT, explain=True)["error"]
    assert problem["fix"].endswith("name that directory in npu_fleet_catalog")
