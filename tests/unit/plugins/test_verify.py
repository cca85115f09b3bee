# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of a finished node: each is seen to pass, and to fail when its one fact is wrong."""

from __future__ import annotations

import copy
import json

import pytest
from ansible_collections.ascend.fleet.plugins.filter.verify_checks import (
    verify_checks as verify_checks_filter,
)
from ansible_collections.ascend.fleet.plugins.plugin_utils._verify import verify_checks

SMOKE = {"torch": "2.1.0", "torch_npu": "2.1.0", "available": True, "devices": 2, "wrong": []}
PATH = "/opt/miniforge3/envs/torch_npu"
TORCH = f"computation on every NPU in {PATH}"


def ran(output, status=0, path=PATH):
    """Return what the command prints around the output of one environment."""
    return f"== {path}\n{output}\n== {status}\n"


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
    "environments": [{"path": PATH, "framework": "torch", "torch": "2.1.0", "torch_npu": "2.1.0"}],
    "smoke": {"rc": 0, "stdout": ran(json.dumps(SMOKE)), "stderr": ""},
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
        (("smoke", "stdout"), ran("", 1), TORCH, "no output"),
        (("smoke", "stdout"), "", TORCH, "no output"),
    ],
)
def test_one_wrong_fact_fails_its_check(path, value, check, found):
    node = spoil(path, value)
    wrong = failed(node)
    assert (wrong[0]["check"], wrong[0]["found"]) == (check, found)


PORT = GOOD["ports"][0]


@pytest.mark.parametrize(
    ("device", "port", "names"),
    [
        ({"mtu": 4200}, PORT, ["link"]),
        ({"address": "10.0.0.1", "prefix": 16, "link": "up"}, PORT, ["address", "link"]),
        ({"address": "10.0.0.1"}, PORT, ["address", "link"]),
        ({"link": "down"}, {**PORT, "link": "DOWN"}, ["link"]),
    ],
)
def test_of_a_port_is_checked_what_is_declared(device, port, names):
    node = {**GOOD, "devices": [{"id": 0, **device}], "ports": [port]}
    assert failed(node) == []
    checks = [check["check"] for check in verify_checks(node)]
    assert [name for name in checks if "of device" in name] == [f"{name} of device 0" for name in names]


@pytest.mark.parametrize(
    ("device", "port", "found", "wanted", "action"),
    [
        ({"mtu": 4200}, {**PORT, "link": "DOWN"}, "DOWN", "UP", "Check cable"),
        ({"link": "down"}, PORT, "UP", "DOWN", "Run the playbook site; with npu_network_link_down_allowed"),
        ({"link": "down"}, {"id": 0}, "no answer", "DOWN", "Run the playbook site"),
        ({"address": "10.0.0.2"}, PORT, "10.0.0.1", "10.0.0.2", "Run the playbook again"),
    ],
)
def test_a_port_that_is_not_as_it_is_declared_fails(device, port, found, wanted, action):
    (check,) = failed({**GOOD, "devices": [{"id": 0, **device}], "ports": [port]})
    assert (check["found"], check["wanted"]) == (found, wanted)
    assert check["action"].startswith(action)


@pytest.mark.parametrize("link", ["UP", "DOWN"])
def test_a_port_that_may_not_be_taken_down_is_as_it_is(link):
    node = {**GOOD, "devices": [{"id": 0, "link": "down"}], "ports": [{**PORT, "link": link}]}
    assert failed({**node, "link_down_allowed": False}) == []


@pytest.mark.parametrize(
    "seen", [{"devices": 1}, {"wrong": [1]}, {"torch": "2.2.0"}, {"torch_npu": "2.2.0"}, {"available": False}]
)
def test_the_smoke_test_is_judged_by_what_it_saw(seen):
    node = spoil(("smoke", "stdout"), ran(json.dumps({**SMOKE, **seen})))
    assert [check["check"] for check in failed(node)] == [TORCH]


# What libraries print while a process ends, after the line of the check; real ones do so on standard error.
NOISE = (
    "/usr/lib/python3.9/multiprocessing/resource_tracker.py:216: UserWarning: resource_tracker: There appear "
    "to be 30 leaked semaphore objects to clean up at shutdown\n  warnings.warn('resource_tracker: {')\n"
    "[TRACE] GE(4711,python):2024-11-01-10:00:00.000.001 [status:FINALIZE] [ge_api.cc:210]4711 GEFinalize:"
    'GEFinalize finished {"code": 0}'
)


@pytest.mark.parametrize("between", ["\n", " "], ids=["own lines", "same line"])
def test_what_is_printed_around_the_result_does_not_matter(between):
    line = json.dumps(SMOKE)
    assert failed(spoil(("smoke", "stdout"), ran(f"{NOISE}{between}{line}{between}{NOISE}"))) == []
    node = with_mindspore(COMPUTED, COMPUTED)
    node["smoke"]["stdout"] = node["smoke"]["stdout"].replace("\n== 0", f"{between}{NOISE}\n== 0")
    assert failed(node) == []


@pytest.mark.parametrize("output", [NOISE, json.dumps(SMOKE)[:-9], "[1, 2]", '{"torch": "2.1.0"}', ""])
def test_an_end_without_a_result_is_a_failed_check(output):
    (check,) = failed(spoil(("smoke", "stdout"), ran(output)))
    assert check["check"] == TORCH
    assert check["found"].startswith("an end without a result (")
    assert check["action"].startswith("Run it by hand in a login shell")
    node = with_mindspore("")
    node["smoke"]["stdout"] = ran(json.dumps(SMOKE)) + ran(output, path="/opt/m")
    assert [one["found"] for one in failed(node)] == [check["found"]]


@pytest.mark.parametrize(
    ("found", "wanted", "passes"),
    [
        ("2.1.0+cpu", "2.1.0+cpu", True),
        ("2.1.0+cpu", "2.1.0", True),
        ("2.1.0", "2.1.0+cpu", False),
        ("2.1.0+cu118", "2.1.0+cpu", False),
    ],
)
def test_a_local_part_of_a_version_counts_only_when_it_was_asked_for(found, wanted, passes):
    node = spoil(("smoke", "stdout"), ran(json.dumps({**SMOKE, "torch": found})))
    node["environments"][0]["torch"] = wanted
    assert (failed(node) == []) is passes


def test_the_message_names_host_found_wanted_and_what_to_do():
    message = failed(spoil(("ports", 0, "link"), "DOWN"))[0]["message"]
    assert message.startswith("node-a: link of device 0: found DOWN, wanted UP. Check cable")


@pytest.mark.parametrize("after", ["", f"\n{NOISE}"], ids=["alone", "noise"])
def test_a_traceback_shows_its_last_line(after):
    node = spoil(("smoke", "stdout"), ran(f"Traceback\nImportError: libhccl.so{after}", 1))
    assert failed(node)[0]["found"] == "ImportError: libhccl.so"


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        (
            "AttributeError: _ARRAY_API not found\nImportError: numpy.core",
            "Require numpy<2 in this environment: ",
        ),
        (
            "TypeError: Descriptors cannot not be created directly.\n1. Downgrade",
            "Require protobuf<=3.20.3 in ",
        ),
        ("ModuleNotFoundError: No module named 'yaml'", "Require pyyaml in this environment: "),
        ("ImportError: libhccl.so", f"Run it by hand in a login shell to see all that {PATH}/bin/python"),
    ],
)
def test_a_failure_that_users_know_has_its_remedy(said, remedy):
    (check,) = verify_checks_filter({**spoil(("smoke", "stdout"), ran(said, 1)), "devices": []})[-1:]
    assert check["action"].startswith(remedy)


def test_without_a_toolkit_the_run_time_in_use_is_the_active_cann():
    parts = [
        {"part": "kernels", "version": "6.0.0", "in_use": True},
        {"part": "nnae", "version": "6.3.0", "in_use": False},
        {"part": "nnae", "version": "7.0.0", "in_use": True},
    ]
    assert failed(spoil(("found", "software"), {"cann_latest": None, "cann": parts})) == []
    (check,) = failed(spoil(("found", "software"), {"cann_latest": None, "cann": parts[:2]}))
    assert (check["check"], check["found"]) == ("active CANN", "none")


def test_a_board_has_the_driver_of_its_image_and_no_other_is_wanted():
    node = copy.deepcopy(GOOD)
    node["bill"].update(driver=None, firmware=None)
    assert failed(node) == []
    node["found"]["driver_version"] = None
    (check,) = failed(node)
    assert (check["check"], check["wanted"]) == ("running driver", "that of the system's image")
    assert "Write the image of the board's maker anew" in check["message"]


def test_an_error_with_which_such_chips_work_is_borne_alone_only():
    node = spoil(
        ("found", "chips", 1), {"npu_id": 1, "chip_id": 0, "health": "Alarm", "error_codes": ["80E3A203"]}
    )
    assert failed(node)[0]["found"] == "Alarm (80E3A203)"
    assert failed({**node, "tolerated": ["80E3A203"]}) == []
    node["found"]["chips"][1]["error_codes"].append("80CF8009")
    assert [check["wanted"] for check in failed({**node, "tolerated": ["80E3A203"]})] == ["OK"]


def test_an_alarm_without_a_code_is_not_borne():
    node = spoil(("found", "chips", 1, "health"), "Alarm")
    assert [check["found"] for check in failed({**node, "tolerated": ["80E3A203"]})] == ["Alarm"]


@pytest.mark.parametrize("guest", ["vm", "container"])
def test_the_firmware_of_a_guest_is_its_host_s_business(guest):
    node = spoil(("found", "cards", 1, "firmware_version"), "7.0")
    assert [check["check"] for check in failed(node)] == ["firmware of the NPUs"]
    node["found"]["software"]["environment"] = guest
    assert failed(node) == []


MINDSPORE = {"path": "/opt/m", "framework": "mindspore", "mindspore": "2.6.0"}
CORRECT = (
    "The result of multiplication calculation is correct, MindSpore has been installed on platform "
    "[{}] successfully!"
)


def with_mindspore(*said, status=0, version="2.6.0"):
    node = copy.deepcopy(GOOD)
    node["environments"].append(MINDSPORE)
    line = json.dumps({"mindspore": version, "said": said}) if status == 0 else said[0]
    node["smoke"]["stdout"] += ran(line, status, "/opt/m")
    return node


COMPUTED = f"MindSpore version:  2.6.0\n{CORRECT.format('Ascend')}\n{NOISE}"
FAILED = f"MindSpore version:  2.6.0\nMindSpore running check failed.\nLoad library failed\n{NOISE}"
MISSING = "Traceback\nModuleNotFoundError: No module named 'mindspore'"


def test_both_frameworks_are_judged_by_what_they_printed():
    assert failed(with_mindspore(COMPUTED, COMPUTED)) == []
    assert failed(with_mindspore(*[COMPUTED.replace(" on platform [Ascend]", "")] * 2)) == []


@pytest.mark.parametrize(
    ("node", "found"),
    [
        (
            with_mindspore(COMPUTED, CORRECT.format("CPU")),
            "MindSpore 2.6.0, 1 NPUs compute; NPU 1: The result of",
        ),
        (with_mindspore(FAILED, COMPUTED), "MindSpore 2.6.0, 1 NPUs compute; NPU 0: Load library failed"),
        (with_mindspore(COMPUTED, ""), "MindSpore 2.6.0, 1 NPUs compute; NPU 1: no output"),
        (with_mindspore(COMPUTED, MISSING), "NPU 1: ModuleNotFoundError: No module named 'mindspore'"),
        (with_mindspore(COMPUTED), "MindSpore 2.6.0, 1 NPUs compute"),
        (with_mindspore(COMPUTED, COMPUTED, version="2.5.0"), "MindSpore 2.5.0, 2 NPUs compute"),
        (with_mindspore(MISSING, status=1), "No module named"),
    ],
)
def test_a_mindspore_that_does_not_compute_on_every_npu_fails(node, found):
    (check,) = failed(node)
    assert check["check"] == "MindSpore's run_check on every NPU in /opt/m"
    assert found in check["found"]
    assert check["passed"] is False


def test_without_npus_nothing_is_passed():
    node = with_mindspore("nothing", status=1)
    node["npus"] = 0
    unrun = [check["found"] for check in verify_checks(node) if check["passed"] is None]
    assert unrun == ["not run: there is no NPU"] * 2
