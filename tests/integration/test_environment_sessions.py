# SPDX-License-Identifier: GPL-3.0-or-later
"""What a session of CANN and a hardened host bring along: PYTHONPATH, ~/.local and an umask of 077."""

from __future__ import annotations

import json
import os
import shutil
import sys
import zipfile
from pathlib import Path

import pytest
from integration import test_python_environment
from integration.test_python_environment import PYTHON, VERSION, wheel

site = test_python_environment.site
# Its environments are none of pip's virtual ones, as with conda: the interpreter finds its library beside it.
CONDA = """#!{python} -I
import os, pathlib, shutil, sys, zipfile

words, variables = sys.argv[1:], os.environ
root = pathlib.Path(sys.argv[0]).parent.parent
prefix = pathlib.Path(words[words.index("--prefix") + 1])
with (root / "seen").open("a") as seen:
    seen.write(variables.get("PYTHONPATH", "none") + " " + variables.get("PYTHONNOUSERSITE", "none"))
base, library = pathlib.Path(sys.base_prefix), "lib/python{version}"
for folder in ("bin", "conda-meta", library + "/site-packages"):
    (prefix / folder).mkdir(parents=True)
for source in [*(base / library).iterdir(), *(base / "lib").glob("lib*.so*")]:
    if source.name != "site-packages":
        (prefix / source.relative_to(base)).symlink_to(source)
shutil.copy("{python}", prefix / "bin/python")
shutil.copy(next((root / "conda-meta").iterdir()), prefix / "conda-meta")
pip = next((root.parent / "wheels").glob("pip-*.whl"))
zipfile.ZipFile(pip).extractall(prefix / library / "site-packages")
"""


@pytest.fixture
def conda(site):
    """Let the site have a conda."""
    root = site.folder / "conda"
    (root / "bin").mkdir(parents=True)
    (root / "conda-meta").mkdir()
    record = {"name": "python", "version": ".".join(str(part) for part in sys.version_info[:3])}
    (root / "conda-meta/python-3-0.json").write_text(json.dumps(record), encoding="utf-8")
    (root / "bin/python").symlink_to(PYTHON)
    (root / "bin/conda").write_text(CONDA.format(python=PYTHON, version=VERSION), encoding="utf-8")
    (root / "bin/conda").chmod(0o755)
    site.manager = "conda"
    return root


def unpack(file, folder):
    """Install a wheel into a folder, as pip does."""
    with zipfile.ZipFile(file) as archive:
        archive.extractall(folder)


@pytest.fixture
def session(site, monkeypatch):
    """Let the session have a tree of CANN in PYTHONPATH, and apple 1 in the home of the user."""
    cann = site.folder / "cann"
    (cann / "lib64").mkdir(parents=True)
    wheel(cann / "lib64", "te", "0.4.0")
    unpack(next((cann / "lib64").iterdir()), cann / "python/site-packages")
    home = site.folder / "local"
    unpack(site.folder / "wheels/apple-1-py3-none-any.whl", home / f"lib/python{VERSION}/site-packages")
    monkeypatch.setenv("PYTHONPATH", str(cann / "python/site-packages"))
    monkeypatch.setenv("PYTHONUSERBASE", str(home))
    return cann


def bring(site, cann):
    """Bring the environment to te of CANN and apple 1."""
    wanted = {"path": str(site.path), "manager": site.manager, "python": VERSION}
    wanted.update(packages=["apple==1"], wheels=["te"])
    wheels = [f"{cann}/lib64/te-*.whl"]
    return site.run(wanted=[wanted], conda=str(site.folder / "conda"), cann_wheels=wheels)


@pytest.mark.usefixtures("conda")
def test_pip_takes_nothing_of_a_session_for_installed_and_removes_nothing_of_it(site, session):
    assert len(bring(site, session)) == 3
    own = site.path / f"lib/python{VERSION}/site-packages"
    assert {"te-0.4.0.dist-info", "apple-1.dist-info"} <= {entry.name for entry in own.iterdir()}
    assert (session / "python/site-packages/te-0.4.0.dist-info/METADATA").is_file()
    assert (site.folder / "conda/seen").read_text(encoding="utf-8") == "none 1"
    shutil.rmtree(own / "te-0.4.0.dist-info")  # into the environment that is there
    assert len(bring(site, session)) == 1
    assert (session / "python/site-packages/te-0.4.0.dist-info/METADATA").is_file()
    assert bring(site, session) == []


@pytest.mark.usefixtures("conda")
@pytest.mark.parametrize("manager", ["conda", "venv"])
def test_what_root_makes_is_for_all_users_whatever_the_umask(site, manager):
    site.manager = manager
    site.path = Path(site.folder / "opt/more/env")
    site.launcher = ["sh", "-c", 'umask 077; exec "$@"', "sh"]
    assert len(site.run("apple==1", conda=str(site.folder / "conda"))) == 2
    library = site.path / f"lib/python{VERSION}/site-packages/apple-1.dist-info"
    folders = [site.folder / "opt", site.path.parent, site.path.resolve(), library, site.path / "bin"]
    closed = os.geteuid() != 0  # what another user makes is as that user's umask says
    assert [folder.stat().st_mode & 0o777 for folder in folders] == [0o700 if closed else 0o755] * 5
    assert (library / "METADATA").stat().st_mode & 0o777 == (0o600 if closed else 0o644)


def test_a_wheel_that_cann_lacks_is_refused_before_anything_is_made(site, session):
    next((session / "lib64").iterdir()).unlink()
    said = " ".join(bring(site, session).split())
    assert "no wheel of te in" in said
    assert "Build |" not in said
    assert not site.path.parent.exists()
