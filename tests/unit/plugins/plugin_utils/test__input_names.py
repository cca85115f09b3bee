# SPDX-License-Identifier: GPL-3.0-or-later
"""A variable with a wrong letter is found, and one of the site's own is left in peace."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from ansible_collections.ascend.fleet.plugins.plugin_utils._input_names import (
    COLLECTION,
    fleet_inputs,
    known_names,
    misspelt,
)

ROOT = Path(__file__).resolve().parents[4]
INVENTORIES = [ROOT / "inventories/demo", ROOT / "inventories/example"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("npu_fleet_relase", "npu_fleet_release"),
        ("npu_drivr_reboot_allowed", "npu_driver_reboot_allowed"),
        ("cann_userz", "cann_users"),
        ("npu_fleet_wave", "npu_fleet_waves"),
        ("npu_fleet_license_accepted", "npu_fleet_licence_accepted"),
        ("torch_npu_enviroment", "torch_npu_environment"),
    ],
)
def test_a_wrong_letter_is_a_warning_that_names_the_input(name, meant):
    (problem,) = misspelt([name])
    assert problem["severity"] == "warning"
    assert name in problem["found"]
    assert f"(the nearest is {meant})" in problem["wanted"]
    assert meant in problem["fix"]


def test_a_name_that_only_begins_like_ours_is_a_note():
    (problem,) = misspelt(["cann_quux"])
    assert (problem["severity"], problem["found"]) == ("note", "Nothing reads the variable cann_quux.")


@pytest.mark.parametrize(
    "name",
    [
        "ansible_host",
        "inventory_hostname",
        "torch_version",
        "rack",
        "npu_driver_outcome",
        "__cann_x",
        "packages",
    ],
)
def test_what_is_not_ours_or_not_an_input_is_left_in_peace(name):
    assert misspelt([name]) == []


def test_every_input_is_known():
    assert misspelt(known_names()) == []
    assert set(fleet_inputs()) <= known_names()


@pytest.mark.parametrize("inventory", INVENTORIES, ids=lambda path: path.name)
def test_our_own_inventories_have_no_wrong_letter(inventory):
    files = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in inventory.rglob("*_vars/**/*.yml")]
    assert files
    assert [problem["found"] for content in files for problem in misspelt(content or {})] == []


def facts_set(content):
    """Yield the names of facts that a playbook or a task file sets."""
    if isinstance(content, list):
        for each in content:
            yield from facts_set(each)
    elif isinstance(content, dict):
        yield from content.get("ansible.builtin.set_fact") or {}
        for part in ("tasks", "block", "rescue", "always"):
            yield from facts_set(content.get(part))


def test_what_playbooks_and_roles_leave_of_a_host_is_known():
    files = [*COLLECTION.glob("playbooks/**/*.yml"), *COLLECTION.glob("roles/*/tasks/*.yml")]
    names = {name for path in files for name in facts_set(yaml.safe_load(path.read_text(encoding="utf-8")))}
    assert "npu_preflight_outcome" in names
    assert [problem["found"] for problem in misspelt(names)] == []


def test_every_name_of_the_fleet_that_is_read_is_an_input_or_worked_out():
    files = [path for folder in ("roles", "playbooks") for path in (COLLECTION / folder).rglob("*.yml")]
    read = {
        name
        for path in files
        for name in re.findall(r"\bnpu_fleet_[a-z_]+\b", path.read_text(encoding="utf-8"))
    }
    ours = {
        *("npu_fleet_hosts", "npu_fleet_family", "npu_fleet_family_waves"),
        *("npu_fleet_removal_problems", "npu_fleet_frameworks_asked"),
    }
    assert read - ours - known_names() == set()
