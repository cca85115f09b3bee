# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept of a failure, and when later waves do not start."""

from __future__ import annotations

import pytest
from ansible_collections.ascend.fleet.plugins.plugin_utils._failure import failure_limit, failure_text

FAILED = {"npu_fleet_failure": {"step": "x", "message": "y"}}
STOPPED = {"npu_fleet_failure": {"step": "x", "message": "y", "not_started": True}}
DONE = {"npu_fleet_failure": {}, "npu_verify_outcome": {"checks": []}}
WAITING: dict = {}


def test_the_messages_of_all_failed_items_are_kept_and_those_of_good_items_are_not():
    result = {
        "msg": "One or more items failed",
        "results": [
            {"msg": "fine"},
            {"msg": "driver: no", "failed": True},
            {"msg": "firmware: no", "failed": True},
        ],
    }
    assert failure_text(result) == "driver: no\nfirmware: no"


def test_the_last_lines_of_the_output_follow_the_message():
    text = failure_text(
        {"msg": "non-zero return code", "stderr": "a\nb\nno space left on device", "stdout": ""}
    )
    assert text == "non-zero return code\nstderr: a\nb\nno space left on device"


def test_output_that_the_message_holds_already_is_not_repeated():
    assert failure_text({"msg": "it said: no space", "stderr": "no space"}) == "it said: no space"


@pytest.mark.parametrize(
    ("nodes", "limit", "stops"),
    [
        ([WAITING, WAITING], "50%", False),
        ([FAILED, WAITING, WAITING], "50%", True),
        ([FAILED, DONE, WAITING], "50%", False),
        ([FAILED, FAILED, DONE, WAITING], "50%", True),
        ([FAILED, FAILED, DONE, WAITING], 2, False),
        ([FAILED, FAILED, DONE, WAITING], "1", True),
        ([FAILED, DONE, WAITING], 0, True),
        ([DONE, DONE, WAITING], 0, False),
        ([FAILED, WAITING], "100%", False),
        ([FAILED, DONE, STOPPED, STOPPED], "50%", False),
    ],
)
def test_the_limit_counts_nodes_that_have_ended(nodes, limit, stops):
    hostvars = {str(number): facts for number, facts in enumerate(nodes)}
    assert bool(failure_limit(hostvars, hostvars, limit)) is stops


def test_a_stopped_node_is_told_how_many_failed_and_what_to_do():
    found = failure_limit(["a", "b"], {"a": FAILED, "b": WAITING}, 0)
    assert found["not_started"]
    assert "1 of the 1 nodes" in found["message"]
    assert "npu_fleet_failure_limit" in found["message"]
