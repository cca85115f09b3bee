# SPDX-License-Identifier: GPL-3.0-or-later
"""Lookups with their options typed and filled in by their documentation, as Ansible does it."""

from __future__ import annotations

import importlib

import pytest
import yaml
from ansible import constants
from ansible.parsing.dataloader import DataLoader
from ansible_collections.ascend.fleet.plugins.doc_fragments.catalog import ModuleDocFragment


@pytest.fixture
def look_up():
    """Run the lookup ``ascend.fleet.<name>`` for one term and return its answer."""

    def run(name, term, _variables=None, **options):
        module = importlib.import_module(f"ansible_collections.ascend.fleet.plugins.lookup.{name}")
        documented = yaml.safe_load(module.DOCUMENTATION)["options"]
        documented |= yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
        plugin = module.LookupModule(loader=DataLoader(), templar=None)
        plugin._load_name = f"ascend.fleet.{name}"
        constants.config.initialize_plugin_configuration_definitions("lookup", plugin._load_name, documented)
        (answer,) = plugin.run([term], variables=_variables or {}, **options)
        return answer

    return run


@pytest.fixture
def own_catalog(tmp_path):
    """A directory of the user's own; write files into it."""

    def write(**files):
        for name, text in files.items():
            place = tmp_path / f"{name}.yml"
            place.parent.mkdir(exist_ok=True)
            place.write_text(text, encoding="utf-8")
        return str(tmp_path)

    return write
