# SPDX-License-Identifier: GPL-3.0-or-later
"""What hccl_test prints, and what is said of it."""

from __future__ import annotations

import pytest
from ansible_collections.ascend.fleet.plugins.plugin_utils._hccl_test import (
    Row,
    parse_table,
    size_in_bytes,
    verdicts,
)
from ansible_collections.ascend.fleet.plugins.plugin_utils._verify import verify_checks
from hypothesis import given
from hypothesis import strategies as st

HEAD = "data_size(Bytes): | avg_time(us): | alg_bandwidth(GB/s): | check_result:"
TABLE = f"""the minbytes is 8192, maxbytes is 32768, iters is 20, warmup_iters is 5
{HEAD}
8192              | 45.12         | 0.18156              | success
16384             | 45.50         | 0.36009              | success
32768             | 46.00         | 0.71235              | success
"""


def run(output=TABLE, rc=0, floor=0.0, **more):
    result = {"rc": rc, "stdout": output, "stderr": ""}
    return {
        "name": "all-reduce",
        "program": "/t/bin/x",
        "last": "32K",
        "floor": floor,
        "result": result,
        **more,
    }


def judged(npus=8, **words):
    (verdict,) = verdicts([run(**words)], npus)
    return verdict


@pytest.mark.parametrize("spelled", ["avg_time", "aveg_time"])
def test_the_table_is_read_in_both_spellings(spelled):
    rows = parse_table(TABLE.replace("avg_time", spelled), "32K")
    assert rows[0] == Row(8192, 45.12, 0.18156, "success")
    assert [row.size for row in rows] == [8192, 16384, 32768]


@pytest.mark.parametrize(
    ("output", "quoted"),
    [
        ("", "no table: no output"),
        ("hccl init failed, ret 4", "no table: 'hccl init failed, ret 4'"),
        (TABLE.replace("0.71235              | success", "nan | success"), "a line that is no row: '32768"),
        (TABLE.replace("success\n32768", "odd\n32768"), "a line that is no row: '16384"),
        (TABLE[: TABLE.index("32768             |")], "0.36009 | success'"),
        (TABLE[: TABLE.index("8192     ")], "check_result:'"),
    ],
)
def test_an_output_that_is_no_whole_table_is_quoted(output, quoted):
    with pytest.raises(ValueError, match="no table|no row|ends before the size 32K") as caught:
        parse_table(output, "32K")
    assert quoted in str(caught.value)


@given(st.integers(0, len(TABLE)))
def test_a_cut_anywhere_is_an_error_or_the_whole_table(length):
    try:
        rows = parse_table(TABLE[:length], "32K")
    except ValueError:
        return
    assert rows == parse_table(TABLE, "32K")


@pytest.mark.parametrize(("text", "size"), [("8192", 8192), ("8K", 8192), ("64M", 67108864), ("1G", 2**30)])
def test_sizes_are_those_of_the_tool(text, size):
    assert size_in_bytes(text) == size


def test_another_size_is_an_error():
    with pytest.raises(ValueError, match="'8 KB'"):
        size_in_bytes("8 KB")


def test_the_best_bandwidth_is_measured_against_the_floor():
    good = judged(floor=0.7)
    assert (good.passed, good.found) == (True, "0.71235 GB/s at 32768 bytes")
    assert good.wanted == "right sums of every size up to 32K, at least 0.7 GB/s"
    assert judged(floor=0.8).passed is False
    assert judged().wanted == "right sums of every size up to 32K"


@pytest.mark.parametrize("word", ["failed", "NULL"])
def test_wrong_sums_fail_whatever_the_bandwidth(word):
    bad = judged(output=TABLE.replace("0.36009              | success", f"0.36 | {word}"))
    assert (bad.passed, bad.found.split("; ")[1]) == (False, "wrong or uncompared sums of 16384 bytes")


@pytest.mark.parametrize(
    ("rc", "found", "action"),
    [
        (101, "no /t/bin/x", "npu_verify_hccl_test_build_allowed: true"),
        (103, "no /usr/local/mpi/bin/mpirun", "npu_verify_hccl_test_mpi"),
        (124, "no end before the time was up", "timeout"),
        (2, "the status 2: 'make: mpi.h not found'", "by hand"),
    ],
)
def test_what_did_not_run_says_what_to_do(rc, found, action):
    bad = judged(output="make: mpi.h not found", rc=rc, mpi="/usr/local/mpi")
    assert (bad.passed, bad.found) == (False, found)
    assert action in bad.action


def test_a_table_that_is_cut_off_fails_and_is_quoted():
    bad = judged(output=HEAD)
    assert bad.passed is False
    assert bad.found.startswith("a table that ends before the size 32K: 'data_size(Bytes):")


def test_without_an_npu_it_is_not_run():
    assert judged(npus=0).passed is None


def test_the_verdicts_are_checks_of_the_node():
    software = {
        "driver_version": None,
        "npu_smi": None,
        "chips": [],
        "cards": [],
        "software": {"cann_latest": "1"},
    }
    node = {"host": "a", "bill": {"driver": None, "cann": "1"}, "npus": 8, "devices": [], "found": software}
    checks = verify_checks({**node, "ports": [], "environments": [], "smoke": {}, "hccl": [run(floor=9.0)]})
    assert checks[-1]["message"].startswith(
        "a: all-reduce: found 0.71235 GB/s at 32768 bytes, wanted right sums"
    )
