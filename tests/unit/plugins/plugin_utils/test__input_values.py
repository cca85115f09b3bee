# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of the fleet's inputs that no argument spec can refuse."""

from __future__ import annotations

import pytest
from ansible_collections.ascend.fleet.plugins.plugin_utils._input_values import wrong_values


@pytest.mark.parametrize(
    "place",
    [
        *("/srv/ascend/packages", "/", "~/packages", "/srv/my files/ascend", "node:/srv/ascend"),
        *("http://10.1.1.11:8042/packages", "https://mirror.example.org/ascend/"),
        "http://10.1.1.11:8042/packages or /srv/ascend",
        "https://mirror.example.org or ~/packages",
    ],
)
@pytest.mark.parametrize("name", ["npu_fleet_packages", "npu_fleet_wheelhouse"])
def test_a_place_for_files_is_a_directory_a_server_or_both(name, place):
    assert list(wrong_values({name: place})) == []


@pytest.mark.parametrize(
    "place",
    [
        *("packages", "./packages", "../packages", "node:pk", "node:", "~", "~fleet/pk", "$HOME/packages"),
        *("ftp://x", "file:///x", "https//mirror/x", "http:/mirror/x", "https://", "http:///x"),
        *("http://x or /a or /b", "http://x or packages", "/a or http://x", "http://x or http://y", 5),
    ],
)
@pytest.mark.parametrize("name", ["npu_fleet_packages", "npu_fleet_wheelhouse"])
def test_any_other_place_is_refused_with_what_would_do(name, place):
    (problem,) = wrong_values({name: place})
    assert problem["found"] == f"{name}: {place}"
    assert "node:/path" in problem["wanted"]
    assert f"`{name}: /srv/ascend/" in problem["fix"]


@pytest.mark.parametrize("empty", ["", None])
def test_no_place_is_said_as_that_but_wheels_may_come_from_the_index(empty):
    (problem,) = wrong_values({"npu_fleet_packages": empty})
    assert problem["found"] == "npu_fleet_packages is empty"
    assert list(wrong_values({"npu_fleet_wheelhouse": ""})) == []
    assert list(wrong_values({})) == []


@pytest.mark.parametrize("catalog", ["catalog", ["/srv/catalog", "catalog"], [7], ["$HOME/catalog"]])
def test_a_catalog_is_an_absolute_path_because_nobody_knows_what_another_counts_from(catalog):
    (problem,) = wrong_values({"npu_fleet_catalog": catalog})
    assert problem["found"].startswith("npu_fleet_catalog: ")
    assert "{{ inventory_dir }}" in problem["fix"]


@pytest.mark.parametrize("catalog", ["/srv/catalog", ["/srv/catalog", "~/catalog"], [], None])
def test_a_catalog_may_stand_without_a_list(catalog):
    assert list(wrong_values({"npu_fleet_catalog": catalog})) == []


@pytest.mark.parametrize("space", ["a", None, True, [1], "10"])
def test_room_on_a_disk_is_a_number(space):
    (problem,) = wrong_values({"npu_preflight_space_gb": {"/usr": 1.5, "/var/tmp": space}})
    assert problem["found"] == f"npu_preflight_space_gb: {space} for /var/tmp"


@pytest.mark.parametrize("keep", [0, "0", -1, False, None, 0.5, ""])
def test_prune_keeps_one_version_at_least(keep):
    (problem,) = wrong_values({"cann_keep": keep})
    assert problem["found"] == f"cann_keep: {keep}"
    assert "`cann_keep: 1`" in problem["fix"]


@pytest.mark.parametrize("keep", [1, "2", 9, "some"])  # what is no number is the argument spec's
def test_more_versions_to_keep_are_no_matter(keep):
    assert list(wrong_values({"cann_keep": keep})) == []
