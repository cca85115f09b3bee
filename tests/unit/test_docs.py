# SPDX-License-Identifier: GPL-3.0-or-later
"""What the pages name exists: inputs, playbooks, roles, plugins, files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.vars.manager import VariableManager
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog
from ansible_collections.ascend.fleet.plugins.plugin_utils._input_names import (
    fleet_inputs as documented_inputs,
)

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
OURS = re.compile(r"\b(?:npu|cann|torch_npu|mindspore)_[a-z0-9_]+\b")
LINK = re.compile(r"\]\((?!http)([^)#]+)")
WRITTEN = "Written by tools/write_pages.py"
QUALIFIED = re.compile(r"\bascend\.fleet\.([a-z0-9_]+)\b")


def role_options() -> set[str]:
    """Return the inputs of all roles."""
    specs = (yaml.safe_load(path.read_text()) for path in ROOT.glob("roles/*/meta/argument_specs.yml"))
    entries = (entry for spec in specs for entry in spec["argument_specs"].values())
    return {name for entry in entries for name in entry.get("options") or {}}


def fleet_inputs() -> set[str]:
    """Return the inputs of the whole fleet: what playbooks, roles and lookups read as npu_fleet_*."""
    files = [path for folder in ("roles", "playbooks") for path in (ROOT / folder).rglob("*.yml")]
    files += (ROOT / "plugins/lookup").glob("*.py")
    return {name for path in files for name in re.findall(r"\bnpu_fleet_[a-z_]+\b", path.read_text())}


def names_in_collection() -> set[str]:
    """Return the names of roles, playbooks and plugins."""
    folders = (
        "roles/*",
        "playbooks/*.yml",
        "plugins/modules/*.py",
        "plugins/filter/*.py",
        "plugins/lookup/*.py",
    )
    return {path.stem for folder in folders for path in ROOT.glob(folder)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_names_exists(page):
    text = page.read_text(encoding="utf-8")
    known = role_options() | fleet_inputs() | set(documented_inputs()) | names_in_collection()
    named = set(QUALIFIED.findall(text))
    if WRITTEN not in text:  # a page of the catalog names parts of packages, too
        named |= set(OURS.findall(text))
    assert named - known == set()
    assert [link for link in LINK.findall(text) if not (page.parent / link).exists()] == []


def test_the_page_of_the_inventory_has_all_inputs_of_the_fleet():
    page = (ROOT / "docs/inventory.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(npu_fleet_\w+)` \|", page, re.MULTILINE)) == set(documented_inputs())


def test_the_model_of_one_s_own_that_it_shows_is_that_of_the_example(tmp_path):
    page = (ROOT / "docs/inventory.md").read_text(encoding="utf-8")
    shown = next(block for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if "products:" in block)
    (tmp_path / "products.yml").write_text(shown, encoding="utf-8")
    example = ROOT / "inventories/example"
    groups = yaml.safe_load((example / "inventory/hosts.yml").read_text(encoding="utf-8"))["all"]["children"]
    assert "our_a2_half" in groups
    ours, written = (Catalog([place]).products["our_a2_half"] for place in (tmp_path, example / "catalog"))
    assert {**ours, "source": ""} == {**written, "source": ""}


def test_the_system_of_one_s_own_that_it_shows_is_found(tmp_path):
    page = (ROOT / "docs/inventory.md").read_text(encoding="utf-8")
    shown = next(block for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if "systems:" in block)
    (tmp_path / "systems.yml").write_text(shown, encoding="utf-8")
    system = Catalog([tmp_path]).system("OurLinux", "8.9")
    assert (system["key"], system["package_manager"]) == ("our_linux_8", "dnf")


def test_the_example_keeps_connections_alive_on_every_host_as_the_page_says():
    option = "-o ServerAliveInterval=30"
    assert f"`ansible_ssh_common_args: {option}`" in (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    folder = ROOT / "inventories/example/inventory"
    loader = DataLoader()
    inventory = InventoryManager(loader=loader, sources=[str(folder / "hosts.yml")])
    variables = VariableManager(loader=loader, inventory=inventory)
    given = {
        host.name: variables.get_vars(host=host)["ansible_ssh_common_args"] for host in inventory.get_hosts()
    }
    assert any("ProxyJump" in words for words in given.values())
    assert [name for name, words in given.items() if option not in words] == []
