# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters pip_wheels and fetch_table: pip's reports, and what people see."""

from __future__ import annotations

import json

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.ascend.fleet.plugins.filter.fetch_table import fetch_table
from ansible_collections.ascend.fleet.plugins.filter.pip_wheels import pip_wheels


def report(host, *items):
    install = [
        {
            "download_info": {"url": url, "archive_info": {"hashes": {"sha256": "ab"}} if hashed else {}},
            "metadata": {"name": name, "version": "1.0"},
        }
        for name, url, hashed in items
    ]
    item = {"hosts": [host], "releases": ["r"]}
    return {"stdout": json.dumps({"install": install}), "item": item}


def test_wheels_are_named_once_and_missing_ones_are_asked_for():
    remote = ("torch", "https://index/torch-1.0%2Bcpu-cp39-cp39-linux_x86_64.whl", True)
    local = ("numpy", "file:///wheels/numpy-1.0-py3-none-any.whl", False)
    found = pip_wheels([report("b", remote, local), report("a", remote)], ["numpy-1.0-py3-none-any.whl"])
    assert found["wheels"] == [
        {
            "file": "torch-1.0+cpu-cp39-cp39-linux_x86_64.whl",
            "sha256": "ab",
            "origin": remote[1],
            "hosts": ["a", "b"],
            "releases": ["r"],
        },
        {
            "file": "numpy-1.0-py3-none-any.whl",
            "sha256": None,
            "origin": None,
            "hosts": ["b"],
            "releases": ["r"],
        },
    ]
    assert found["pins"] == [["torch==1.0"], ["torch==1.0"]]
    assert [row["state"] for row in found["rows"]] == ["due", "there"]


def test_a_text_that_is_no_report_is_shown():
    with pytest.raises(AnsibleFilterError, match="found no report of pip in 'oh no'"):
        pip_wheels([{"stdout": "oh no", "item": {}}], [])


def test_the_table():
    files = [
        {"file": "a.zip", "size": 2_000_000, "url": "https://u:p@site/a.zip", "state": "due"},
        {"file": "a.run", "size": None, "url": None, "archive": "a.zip", "state": "due"},
        {"file": "b.whl", "size": 1000, "url": None, "state": "there"},
    ]
    by_hand = [{"file": "c.run", "origin": "https://page/"}, {"file": "d.run", "origin": None}]
    assert fetch_table(files, by_hand, ["b.whl"]).splitlines() == [
        "file  | size | from  | state",
        "------+------+-------+--------------------------------------------",
        "a.zip | 2 MB | site  | due",
        "a.run | ?    | a.zip | due",
        "b.whl | 1 kB |       | fetched",
        "c.run | ?    | page  | get it by hand, with a login: https://page/",
        "d.run | ?    |       | get it by hand: no address is known",
        "",
        "5 files, 2 MB, of which 2 MB are to be fetched",
    ]


@pytest.mark.parametrize(
    ("sizes", "line"),
    [
        ([None, None], "2 files of unknown size"),
        ([2_000_000, None], "2 files, 2 MB and 1 of unknown size, of which 2 MB are to be fetched"),
        ([2_000_000, 0], "2 files, 2 MB, of which 2 MB are to be fetched"),
    ],
)
def test_a_size_that_is_not_known_is_not_nothing(sizes, line):
    files = [{"file": f"{size}.whl", "size": size, "url": None, "state": "due"} for size in sizes]
    assert fetch_table(files).splitlines()[-1] == line
