# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of the vendor's versions."""

from __future__ import annotations

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils._version import compare_versions, version_key
from hypothesis import given
from hypothesis import strategies as st

# From old to new, as the vendor released them.
HISTORY = [
    *("6.0.rc1", "6.0.0", "22.0.0", "23.0.rc1", "23.0.rc2", "23.0.rc2.2", "23.0.rc3", "23.0.0", "23.0.3"),
    *(
        "24.1.rc1",
        "24.1.rc2",
        "24.1.rc3",
        "24.1.0",
        "25.0.rc1",
        "25.0.rc1.1",
        "25.0.rc1.3",
        "25.2.0",
        "25.2.3",
    ),
]
CANN = ["6.3.RC3.1", "7.0.RC1", "7.0.0.alpha001", "7.0.0", "8.0.RC1", "8.0.RC2.alpha001", "8.0.RC2", "8.0.0"]
CANN += ["8.5.0.alpha002", "8.5.0", "9.0.0-beta.1", "9.0.0-beta.2", "9.0.0"]
FIRMWARE = ["6.4.0.4.220", "6.4.12.1.241", "7.0.0.5.242", "7.1.0.3.220", "7.1.0.5.220", "7.5.0.2.220"]
FIRMWARE += ["7.7.0.6.236", "7.7.0.10.220"]
VERSIONS = st.lists(
    st.from_regex(r"(rc|alpha|beta|sph)?[0-9]{1,3}", fullmatch=True), min_size=1, max_size=5
).map(".".join)


@pytest.mark.parametrize("versions", [HISTORY, CANN, FIRMWARE])
def test_history_is_in_order(versions):
    assert sorted(versions, key=version_key) == versions
    assert {compare_versions(old, new) for old, new in zip(versions, versions[1:])} == {-1}


@pytest.mark.parametrize(
    ("left", "right"),
    [("24.1.RC3", "24.1.rc3"), ("25.3.rc1.b020", "25.3.RC1"), ("24.1.0.b112", "24.1.0"), ("9.0.0", "9.0.0")],
)
def test_case_and_build_do_not_count(left, right):
    assert compare_versions(left, right) == 0


def test_a_patch_is_newer_than_what_it_patches():
    assert compare_versions("25.0.rc1.sph001", "25.0.rc1") == 1


@pytest.mark.parametrize("text", ["", "NA", "24..1", "24.1.x", "unknown", "24.1 0", "24.1.0\n", "v24.1.0"])
def test_what_is_no_version_is_quoted(text):
    with pytest.raises(ValueError, match="wanted one such as") as stop:
        version_key(text)
    assert repr(text) in str(stop.value)


@given(VERSIONS, VERSIONS, VERSIONS)
def test_the_order_is_one(first, second, third):
    assert compare_versions(first, second) == -compare_versions(second, first)
    low, middle, high = sorted([first, second, third], key=version_key)
    assert compare_versions(low, middle) <= 0 <= compare_versions(high, low)


@given(VERSIONS)
def test_a_release_candidate_comes_before_and_a_sub_release_after(version):
    assert compare_versions(f"{version}.rc1", version) == -1
    assert compare_versions(f"{version}.1", version) == 1
