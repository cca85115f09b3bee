# SPDX-License-Identifier: GPL-3.0-or-later
"""What containers see is held against what they are to see."""

from __future__ import annotations

import pytest
from ansible_collections.ascend.fleet.plugins.filter.container_checks import container_checks

CHIPS = [{"phy_id": number, "bus_id": f"0000:C{number}:00.0"} for number in range(4)]
RULE = "+---------------------------+---------------+----------------------------------------------------+"
HEAD = f"""\
+------------------------------------------------------------------------------------------------+
| npu-smi 23.0.3                   Version: 23.0.3                                               |
{RULE}
| NPU   Name                | Health        | Power(W)    Temp(C)           Hugepages-Usage(page)|
| Chip                      | Bus-Id        | AICore(%)   Memory-Usage(MB)  HBM-Usage(MB)        |
+===========================+===============+====================================================+
"""
ROW = """\
| {0}     910B3               | OK            | 90.1        36                0    / 0             |
| 0                         | 0000:C{0}:00.0  | 0           0    / 0          3161 / 65536         |
+===========================+===============+====================================================+
"""


def table(*numbers):
    return HEAD + "".join(ROW.format(number) for number in numbers)


def checks(npu_smi, own=None, chips=CHIPS, **container):
    seen = {"container": {"name": "train", **container}, "npu_smi": npu_smi, "check": own or {}}
    return container_checks({"host": "node", "chips": chips, "seen": [seen]})


@pytest.mark.parametrize(
    ("npus", "shown", "passed"),
    [
        ({"npus": ["1", "2"]}, (1, 2), True),
        ({"npus": ["all"]}, (0, 1, 2, 3), True),
        ({}, (0, 1, 2, 3), True),
        ({"npus": ["1", "2"]}, (1, 3), False),
        ({"npus": ["1", "2"]}, (1,), False),
        ({"npus": ["1"]}, (0, 1), False),
    ],
)
def test_the_npus_are_exactly_the_wanted_ones(npus, shown, passed):
    (check,) = checks({"rc": 0, "stdout": table(*shown), "stderr": ""}, **npus)
    assert check["passed"] is passed
    assert check["check"] == "NPUs in the container train"


def test_where_the_bus_has_no_places_their_number_decides():
    chips = [{"phy_id": 0, "bus_id": None}]
    text = table(0).replace("0000:C0:00.0", "NA          ")
    assert checks({"rc": 0, "stdout": text}, chips=chips)[0]["passed"]
    assert not checks({"rc": 0, "stdout": text}, chips=[*chips, {"phy_id": 1, "bus_id": None}])[0]["passed"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"rc": 127, "stdout": "", "stderr": "npu-smi: libc_sec.so: cannot open\n"}, "cannot open"),
        ({"failed": True, "msg": 'Could not find container "train"'}, "Could not find container"),
        ({"rc": 0, "stdout": "something else\n", "stderr": ""}, "something else"),
    ],
)
def test_a_program_that_does_not_answer_is_quoted(answer, said):
    (check,) = checks(answer, npus=["1"])
    assert check["passed"] is False
    assert said in check["message"]
    assert "docker exec train npu-smi info" in check["action"]


@pytest.mark.parametrize(("status", "passed"), [(0, True), (3, False)])
def test_the_own_check_counts_by_its_status(status, passed):
    answer = {"rc": status, "stdout": "first\nlast\n", "stderr": ""}
    (check,) = checks({}, answer, npus=[], check=["python3", "-c", "1"])
    assert (check["passed"], check["found"]) == (passed, f"status {status} (last)")


def test_a_container_without_npus_and_check_has_nothing_to_prove():
    assert checks({}, npus=[]) == []


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"Running": False, "Status": "exited", "ExitCode": 127, "Error": ""}, "found exited, status 127,"),
        (
            {
                "Running": True,
                "Restarting": True,
                "Status": "restarting",
                "ExitCode": 1,
                "Error": "no such file",
            },
            "found restarting, status 1 (no such file),",
        ),
    ],
)
def test_a_container_that_has_ended_is_named_once_with_its_status(state, said):
    container = {"name": "train", "npus": ["1"], "check": ["true"]}
    seen = {"container": container, "npu_smi": {"msg": "409"}, "check": {"msg": "409"}, "state": state}
    (check,) = container_checks({"host": "node", "chips": CHIPS, "seen": [seen]})
    assert (check["check"], check["passed"]) == ("the container train runs", False)
    assert said in check["message"]
    assert "docker logs train" in check["action"]


def test_a_container_that_runs_is_asked_for_its_npus():
    seen = {
        "container": {"name": "train", "npus": ["1"]},
        "npu_smi": {"rc": 0, "stdout": table(1)},
        "check": {},
    }
    (check,) = container_checks(
        {"host": "node", "chips": CHIPS, "seen": [{**seen, "state": {"Running": True}}]}
    )
    assert check["passed"]
