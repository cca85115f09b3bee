# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of settings: it says everything once, and the module takes exactly what it says."""

from __future__ import annotations

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils import _npu_setting_types as types
from ansible_collections.ascend.fleet.plugins.modules import npu_setting

FAMILIES = {"310", "310b", "310p", "910", "910b", "910_93", "950"}


def test_the_module_takes_what_the_table_says():
    assert set(npu_setting.NODE_OPTIONS) == set(types.NAMES[types.NODE])
    assert set(npu_setting.CARD_OPTIONS) == set(types.NAMES[types.CARD])
    assert set(npu_setting.CHIP_OPTIONS) == {*types.NAMES[types.CHIP], "vnpus"}


@pytest.mark.parametrize("setting", types.SETTINGS, ids=lambda setting: setting.name)
def test_each_entry_is_whole(setting):
    assert set(setting.families) <= FAMILIES
    assert set(setting.first_chip_only) <= set(setting.families)
    assert set(setting.values) <= set(setting.printed.values())
    assert (setting.highest == 0) or not setting.values
    assert setting.keys


@pytest.mark.parametrize("setting", types.SETTINGS, ids=lambda setting: setting.name)
def test_choices_of_the_module_are_the_values_of_the_table(setting):
    options = {**npu_setting.NODE_OPTIONS, **npu_setting.CARD_OPTIONS, **npu_setting.CHIP_OPTIONS}
    option = options[setting.name]
    if "choices" in option:
        assert set(option["choices"]) == set(setting.values)
    assert (option["type"] == "bool") == (set(setting.values) == {False, True})


def test_names_and_types_are_unique():
    assert len(types.BY_NAME) == len(types.BY_TYPE) == len(types.SETTINGS)
