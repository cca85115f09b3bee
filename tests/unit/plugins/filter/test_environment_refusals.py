# SPDX-License-Identifier: GPL-3.0-or-later
"""Places where an environment cannot be made are refused with whose they are."""

from __future__ import annotations

import pytest
from ansible_collections.ascend.fleet.plugins.filter import environment_refusals

REFUSALS = environment_refusals.FilterModule().filters()["environment_refusals"]


def place(path="/home/alice/env", owner=None, **ground):
    at = {"path": "/home/alice", "owner": "alice", "filesystem": "ext4", "writable": True, **ground}
    return {"path": path, "owner": owner, "ground": at}


def test_a_place_where_its_owner_may_write_is_fine():
    assert REFUSALS([place()], "alice", place("/opt/conda", owner="alice")) == []


def test_a_home_on_nfs_with_root_squash_names_its_user():
    (problem,) = REFUSALS([place(filesystem="nfs4", writable=False)], "root")
    assert problem["found"].startswith("/home/alice of alice on nfs4, whose server takes root for nobody")
    assert problem["wanted"] == "a place where root can make /home/alice/env"
    assert "let alice own the environments (torch_npu_owner" in problem["fix"]


def test_another_closed_place_is_not_taken_for_root_squash():
    (problem,) = REFUSALS([place(writable=False), place("/home/alice/env2", writable=False)], "bob")
    assert problem["found"] == "/home/alice of alice on ext4, where bob may not write"
    (own,) = REFUSALS([place(writable=False)], "alice")
    assert own["fix"] == "name a path on a disk of the node"


@pytest.mark.parametrize(
    ("theirs", "mine", "wanted"),
    [
        ("alice", "root", ["one of root"]),
        ("alice", "bob", ["one of bob or of root"]),
        ("root", "bob", []),
        ("bob", "bob", []),
        (None, "bob", []),
    ],
)
def test_a_conda_of_somebody_else_is_refused(theirs, mine, wanted):
    problems = REFUSALS([], mine, place("/opt/conda", owner=theirs))
    assert [problem["wanted"] for problem in problems] == wanted
    assert all("/opt/conda, which belongs to alice" in problem["found"] for problem in problems)
