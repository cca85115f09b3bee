# SPDX-License-Identifier: GPL-3.0-or-later
"""Which CANN versions go, in which order, and which one was the one before."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.ascend.fleet.plugins.filter import cann_previous, cann_removals

REMOVALS = cann_removals.FilterModule().filters()["cann_removals"]
PREVIOUS = cann_previous.FilterModule().filters()["cann_previous"]


def part(name, version, complete=True):
    return {"part": name, "version": version, "complete": complete}


def software(latest, *parts):
    return {"cann": list(parts), "cann_latest": latest}


NODE = software(
    "8.0.0",
    part("toolkit", "7.0.0"),
    part("kernels", "7.0.0"),
    part("toolkit", "8.0.0"),
    part("kernels", "8.0.0"),
    part("toolkit", "8.0.RC1"),
    part("toolkit", "8.5.0", complete=False),
    part("ops", "8.5.0"),
    part("nnal", "8.5.0"),
)


def words(removals):
    return [f"{one['part']} {one['version']}" for one in removals]


@pytest.mark.parametrize(
    ("keep", "kept", "going"),
    [
        (9, [], []),
        (2, [], ["kernels 7.0.0", "toolkit 7.0.0", "toolkit 8.0.RC1"]),
        (1, [], ["kernels 7.0.0", "toolkit 7.0.0", "toolkit 8.0.RC1"]),
        (1, ["8.0.rc1"], ["kernels 7.0.0", "toolkit 7.0.0"]),
        (3, [], ["kernels 7.0.0", "toolkit 7.0.0"]),
    ],
)
def test_the_newest_and_the_one_in_use_stay(keep, kept, going):
    assert words(REMOVALS(NODE, keep, kept)) == going


def test_with_nothing_to_keep_everything_goes_what_stands_on_the_toolkit_first():
    assert words(REMOVALS(NODE, 0, ["8.0.0"])) == [
        *("kernels 7.0.0", "toolkit 7.0.0", "toolkit 8.0.RC1", "kernels 8.0.0", "toolkit 8.0.0"),
        *("ops 8.5.0", "nnal 8.5.0", "toolkit 8.5.0"),
    ]


@pytest.mark.parametrize(
    ("given", "keep", "sentence"),
    [
        (NODE, -1, "found keep -1"),
        ({}, 1, "pass the software"),
        (software(None, part("toolkit", "x"), part("toolkit", "7.0.0")), 1, "'x'"),
    ],
)
def test_what_cannot_be_understood(given, keep, sentence):
    with pytest.raises(AnsibleFilterError, match=sentence):
        REMOVALS(given, keep)


@pytest.mark.parametrize(
    ("node", "version"),
    [
        (NODE, "8.0.RC1"),
        (software("8.5.0", *NODE["cann"]), "8.0.0"),
        (software("8.0.RC1", *NODE["cann"]), "7.0.0"),
    ],
)
def test_the_version_before_is_the_next_older_complete_one(node, version):
    assert PREVIOUS(node) == version


@pytest.mark.parametrize("latest", ["7.0.0", None])
def test_a_node_that_has_no_version_to_go_back_to(latest):
    with pytest.raises(AnsibleFilterError, match="an older one beside it"):
        PREVIOUS(software(latest, part("toolkit", "7.0.0"), part("toolkit", "6.0.1", complete=False)))
