# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of a finished node: each is seen to pass, and to fail when its one fact is wrong."""

from __future__ import annotations

import copy
import json

import pytest
from ansible_collections.ascend.fleet.plugins.plugin_utils._verify import verify_checks

SMOKE = {"torch": "2.1.0", "torch_npu": "2.1.0", "available": True, "devices": 2, "wrong": []}
GOOD = {
    "host": "node-a",
    "bill": {"driver": "23.0.3", "firmware": "7.1", "cann": "7.0.0", "torch": "2.1.0", "torch_npu": "2.1.0"},
    "npus": 2,
    "devices": [{"id": 0, "address": "10.0.0.1", "prefix": 16}],
    "found": {
        "driver_version": "23.0.3",
        "npu_smi": {"available": True, "reason": None},
        "chips": [{"npu_id": n, "chip_id": 0, "health": "OK"} for n in (0, 1)],
        "cards": [{"npu_id": n, "firmware_version": "7.1"} for n in (0, 1)],
        "software": {"cann_latest": "7.0.0"},
    },
    "ports": [{"id": 0, "address": "10.0.0.1", "prefix": 16, "link": "UP"}],
    "smoke": {"rc": 0, "stdout": json.dumps(SMOKE), "stderr": ""},
}


def failed(node):
    return [check for check in verify_checks(node) if check["passed"] is not True]


def test_a_good_node_passes_everything():
    assert failed(GOOD) == []


def spoil(path, value):
    node = copy.deepcopy(GOOD)
    spot = node
    for key in path[:-1]:
        spot = spot[key]
    spot[path[-1]] = value
    return node


@pytest.mark.parametrize(
    ("path", "value", "check", "found"),
    [
        (("found", "driver_version"), "23.0.2", "running driver", "23.0.2"),
        (("found", "cards", 1, "firmware_version"), "7.0", "firmware of the NPUs", "7.0, 7.1"),
        (("found", "software", "cann_latest"), None, "active CANN", "none"),
        (("found", "chips", 1, "health"), "Alarm", "health of NPU 1 chip 0", "Alarm"),
        (("found", "chips", 1, "health"), None, "health of NPU 1 chip 0", "no answer"),
        (("found", "chips"), [GOOD["found"]["chips"][0]], "number of NPUs", "1"),
        (("ports", 0, "link"), "DOWN", "link of device 0", "DOWN"),
        (("ports", 0, "address"), None, "address of device 0", "none"),
        (("ports",), [], "address of device 0", "none"),
        (("smoke", "rc"), 1, "computation on every NPU", "no output"),
    ],
)
def test_one_wrong_fact_fails_its_check(path, value, check, found):
    node = spoil(path, value)
    if path == ("smoke", "rc"):
        node["smoke"]["stdout"] = ""
    wrong = failed(node)
    assert (wrong[0]["check"], wrong[0]["found"]) == (check, found)


@pytest.mark.parametrize(
    "seen", [{"devices": 1}, {"wrong": [1]}, {"torch": "2.2.0"}, {"torch_npu": "2.2.0"}, {"available": False}]
)
def test_the_smoke_test_is_judged_by_what_it_saw(seen):
    node = spoil(("smoke", "stdout"), json.dumps({**SMOKE, **seen}))
    assert [check["check"] for check in failed(node)] == ["computation on every NPU"]


def test_the_message_names_host_found_wanted_and_what_to_do():
    message = failed(spoil(("ports", 0, "link"), "DOWN"))[0]["message"]
    assert message.startswith("node-a: link of device 0: found DOWN, wanted UP. Check cable")


def test_a_traceback_shows_its_last_line():
    node = spoil(("smoke",), {"rc": 1, "stderr": "Traceback\nImportError: libhccl.so", "stdout": ""})
    assert failed(node)[0]["found"] == "ImportError: libhccl.so"
