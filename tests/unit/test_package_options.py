# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles that install packages take them as the release lists them, with every key that it has."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog
from ansible_collections.ascend.fleet.plugins.plugin_utils._release import Request, resolve

ROLES = Path(__file__).resolve().parents[2] / "roles"


@pytest.mark.parametrize("role", ["npu_driver", "cann", "npu_mcu"])
def test_a_role_takes_the_packages_of_a_release_as_they_are(role):
    spec = yaml.safe_load((ROLES / role / "meta/argument_specs.yml").read_text(encoding="utf-8"))
    known = spec["argument_specs"]["main"]["options"][f"{role}_files"]["options"]
    bill = resolve(Catalog(), Request("cann-8.5.0", "atlas_800t_a2"))
    assert {key for package in bill["packages"] for key in package} == set(known)
