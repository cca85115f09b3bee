# SPDX-License-Identifier: GPL-3.0-or-later
"""What the controller's package directory holds, and which checksum counts."""

from __future__ import annotations

import hashlib

import pytest
from ansible_collections.ascend.fleet.plugins.lookup import package_files

TEXT = b"a package"
RIGHT = hashlib.sha256(TEXT).hexdigest()
WRONG = "0" * 64


@pytest.fixture
def directory(tmp_path):
    (tmp_path / "a.run").write_bytes(TEXT)
    return tmp_path


def look(directory, **package):
    return package_files.look(directory, [{"file": "a.run", "sha256": None, **package}])["packages"]


def test_a_package_without_any_checksum_is_not_hashed(directory):
    assert look(directory) == {
        "a.run": {
            "path": str(directory / "a.run"),
            "exists": True,
            "size": len(TEXT),
            "sha256": None,
            "wanted_sha256": None,
        }
    }


@pytest.mark.parametrize("line", [f"{WRONG}  a.run", f"{WRONG} *a.run", f"{WRONG}  ./a.run"])
def test_the_list_beside_the_packages_is_read(directory, line):
    (directory / "SHA256SUMS").write_text(f"{RIGHT}  b.run\n{line}\n", encoding="utf-8")
    found = look(directory)["a.run"]
    assert (found["sha256"], found["wanted_sha256"]) == (RIGHT, WRONG)


def test_the_catalog_comes_before_the_list(directory):
    (directory / "SHA256SUMS").write_text(f"{WRONG}  a.run\n", encoding="utf-8")
    assert look(directory, sha256=RIGHT)["a.run"]["wanted_sha256"] == RIGHT


def test_a_missing_package_is_reported_and_what_is_there_is_listed(directory):
    answer = package_files.look(directory, [{"file": "b.run", "sha256": RIGHT}])
    assert not answer["packages"]["b.run"]["exists"]
    assert answer["available"] == ["a.run"]


def test_a_missing_directory_holds_nothing(tmp_path):
    answer = package_files.look(tmp_path / "none", [{"file": "b.run"}])
    assert not answer["packages"]["b.run"]["exists"]
    assert answer["available"] == []


@pytest.mark.parametrize("source", ["packages", "", "file:///srv", "https//mirror/x", "node:pk", "None"])
def test_what_is_no_place_is_not_looked_for_because_its_own_problem_says_so(source):
    lookup = package_files.LookupModule(loader=None, templar=None)
    assert lookup._answer(source, [{"file": "b.run"}]) == {"packages": {}, "available": []}
