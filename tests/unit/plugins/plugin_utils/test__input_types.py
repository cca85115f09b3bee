# SPDX-License-Identifier: GPL-3.0-or-later
"""Types that Ansible's validator would change, and the role would not."""

from __future__ import annotations

import pytest
from ansible_collections.ascend.fleet.plugins.plugin_utils._input_types import wrong_types

OPTIONS = {
    "texts": {"type": "list", "elements": "str"},
    "paths": {"type": "list", "elements": "path"},
    "npu_fleet_groups": {"type": "list", "elements": "str"},
    "numbers": {"type": "list", "elements": "int"},
    "plan": {"type": "dict", "options": {"pattern": {"type": "str"}, "addresses": {"type": "list"}}},
    "sources": {
        "type": "list",
        "elements": "dict",
        "options": {"name": {"type": "str"}, "needs": {"type": "list", "elements": "str"}},
    },
    "text": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "place": {"type": "path"},
    "yes": {"type": "bool"},
    "free": {"type": "raw"},
}


def wrong(**given):
    return [(each.found(), each.wanted, each.fix()) for each in wrong_types(OPTIONS, given)]


@pytest.mark.parametrize(
    "given",
    [
        {"texts": ["numpy", 1], "paths": "/srv/catalog", "numbers": ["1", 2]},
        {"npu_fleet_groups": "atlas_a3,atlas_310"},
        {"plan": {"pattern": "rails", "addresses": []}, "sources": [{"name": "apex", "needs": ["numpy"]}]},
        {"text": 2.1, "place": "/srv", "yes": "perhaps", "free": {"a": [1]}, "unknown": []},
        {"texts": None, "plan": None, "text": None},
    ],
)
def test_what_a_role_can_go_on_with_is_not_wrong(given):
    assert wrong(**given) == []


@pytest.mark.parametrize(
    ("given", "found", "wanted", "fix"),
    [
        ({"texts": "numpy"}, "texts of the type str (numpy)", "list", "write it as a list: [numpy]"),
        ({"password": ["s3cret"]}, "password of the type list", "str", ""),
        ({"texts": "https://me:pw@mirror/conda"}, "texts of the type str", "list", ""),
        ({"texts": "https://mirror/t/token/conda"}, "texts of the type str", "list", ""),
        ({"numbers": 5}, "numbers of the type int (5)", "list", "write it as a list: [5]"),
        ({"texts": {"numpy": 1}}, "texts of the type dict", "list", ""),
        ({"texts": [["numpy"]]}, "texts[0] of the type list", "str", "write it without brackets: numpy"),
        ({"sources": "apex"}, "sources of the type str (apex)", "list", ""),
        ({"sources": ["apex"]}, "sources[0] of the type str (apex)", "dict", ""),
        (
            {"sources": [{"name": "a"}, {"needs": "numpy"}]},
            "sources[1].needs of the type str (numpy)",
            "list",
            "write it as a list: [numpy]",
        ),
        ({"plan": "{pattern: rails}"}, "plan of the type str ({pattern: rails})", "dict", ""),
        (
            {"plan": {"pattern": ["rails"]}},
            "plan.pattern of the type list",
            "str",
            "write it without brackets: rails",
        ),
        ({"text": [1]}, "text of the type list", "str", "write it without brackets: 1"),
        ({"place": {"a": 1}}, "place of the type dict", "path", ""),
    ],
)
def test_a_wrong_type_is_named_with_its_input(given, found, wanted, fix):
    assert wrong(**given) == [(found, wanted, fix)]
