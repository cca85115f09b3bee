# SPDX-License-Identifier: GPL-3.0-or-later
"""An environment of torch 2.1 has a setuptools that it works with, whatever came into it before."""

from __future__ import annotations

import subprocess

import pytest
from integration import test_python_environment
from integration.test_python_environment import wheel

site = test_python_environment.site


@pytest.fixture
def wheels(site):
    """Let the wheelhouse have two torches and two setuptools."""
    for name, version in (("torch", "2.1.0"), ("torch", "2.6.0"), ("setuptools", "60"), ("setuptools", "80")):
        wheel(site.folder / "wheels", name, version)
    wheel(site.folder / "wheels", "numpy", "1.26.4")


def setuptools_of(site):
    return [file.stem for file in site.path.rglob("setuptools-*.dist-info")]


@pytest.mark.usefixtures("wheels")
def test_torch_2_1_gets_an_older_setuptools_than_the_newest(site):
    site.run("torch==2.6.0", "numpy<2", "setuptools==80")
    assert setuptools_of(site) == ["setuptools-80"]
    assert "install setuptools<70, torch==2.1.0" in site.run("numpy<2", "torch==2.1.0")
    assert setuptools_of(site) == ["setuptools-60"]
    assert site.run("numpy<2", "torch==2.1.0") == []


@pytest.mark.usefixtures("wheels")
def test_an_environment_that_is_there_is_left_alone_until_something_else_is_due(site):
    assert site.run("torch==2.1.0", "numpy<2") != []
    newer = [*("-m", "pip", "install", "--no-index", f"--find-links={site.folder}/wheels"), "setuptools==80"]
    subprocess.run([site.path / "bin/python", *newer], check=True, capture_output=True)
    assert site.run("torch==2.1.0", "numpy<2") == []
    assert setuptools_of(site) == ["setuptools-80"]
    assert "install apple==1, setuptools<70" in site.run("torch==2.1.0", "numpy<2", "apple==1")
    assert setuptools_of(site) == ["setuptools-60"]
