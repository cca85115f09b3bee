# SPDX-License-Identifier: GPL-3.0-or-later
"""The versions that the environments of a node printed."""

from __future__ import annotations

import json

import pytest
from ansible_collections.ascend.fleet.plugins.filter.computed_versions import FilterModule

VERSIONS = FilterModule().filters()["computed_versions"]
TORCH = {"torch": "2.1.0+cpu", "torch_npu": "2.1.0.post10", "available": True, "devices": 8, "wrong": []}
MINDSPORE = {"mindspore": "2.6.0", "said": 'It says "torch_npu"'}


def printed(path, output, status=0):
    return f"== {path}\n{output}\n\n== {status}\n"


def test_the_first_environment_of_each_framework_tells():
    text = (
        printed("/a", "Traceback\nImportError: no torch_npu", 1)
        + printed("/b", json.dumps(TORCH))
        + printed("/c", json.dumps(MINDSPORE))
        + printed("/d", json.dumps({**TORCH, "torch": "2.6.0"}))
    )
    assert VERSIONS(text) == {"torch": "2.1.0+cpu", "torch_npu": "2.1.0.post10", "mindspore": "2.6.0"}


@pytest.mark.parametrize(
    "output", ["", '{"torch_npu": ', json.dumps(TORCH)[:-5], '{"torch_npu": "2.1.0"}', '{"torch_npu"}']
)
def test_what_is_no_result_tells_nothing(output):
    assert VERSIONS(printed("/a", output)) == {}


def test_nothing_was_printed():
    assert VERSIONS("") == {}
