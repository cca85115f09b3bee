# SPDX-License-Identifier: GPL-3.0-or-later
"""Environments get the bounds that nobody declares, so that what conda or venv bring by itself works."""

from __future__ import annotations

import pytest
from ansible_collections.ascend.fleet.plugins.filter import environment_bounds
from ansible_collections.ascend.fleet.plugins.filter.environment_conflicts import environment_conflicts

BOUNDS = environment_bounds.FilterModule().filters()["environment_bounds"]


def added(*packages):
    (whole,) = BOUNDS([{"path": "/opt/a", "packages": list(packages)}])
    assert whole["path"] == "/opt/a"
    assert whole["packages"][: len(packages)] == list(packages)
    return whole["packages"][len(packages) :]


@pytest.mark.parametrize("torch", ["torch==2.0.1", "torch==2.1.0", "torch==2.1.0+cpu"])
@pytest.mark.parametrize("own", [[], ["setuptools"], ["setuptools>=40"], ["no requirement"]])
def test_torch_2_1_gets_a_setuptools_that_it_works_with(torch, own):
    assert added(torch, *own) == ["setuptools<70"]


@pytest.mark.parametrize(
    "packages",
    [
        ["torch==2.2.0"],
        ["torch==2.6.0+cpu"],
        ["torch>=2.1"],
        ["mindspore==2.4.0"],
        ["torch==2.1.0", "setuptools<70"],
        ["torch==2.1.0", "setuptools==41.2.0"],
        ["torch==2.1.0", "Setuptools==70.0.0"],
        ["torch==2.1.0", "setuptools>=75"],
        ["torch==2.1.0", "setuptools~=70.1"],
    ],
)
def test_nothing_else_is_added(packages):
    assert added(*packages) == []


@pytest.mark.parametrize("own", ["setuptools==70.0.0", "setuptools>=75", "setuptools>70,<72"])
def test_what_cannot_work_is_refused_and_not_contradicted(own):
    packages = ["torch==2.1.0", "numpy<2", own]
    (problem,) = environment_conflicts(BOUNDS([{"path": "/opt/a", "packages": packages}]))
    assert problem["found"].startswith("setuptools")
    assert "among the requirements of /opt/a" in problem["found"]


def test_what_is_brought_is_told_apart():
    whole = BOUNDS([{"path": "/opt/a", "packages": ["torch==2.1.0"]}, {"path": "/opt/b", "packages": []}])
    assert [one["brought"] for one in whole] == [["setuptools<70"], []]
