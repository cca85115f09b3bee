# SPDX-License-Identifier: GPL-3.0-or-later
"""What simulated nodes install that is no wheel: packages of conda, and sources that are built."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tarfile
import zipfile

import pytest
from wheels import command, source_archive
from wheels.wheelhouse import need

NEEDS = [need("cann-6.0.1-hdk-23.0.rc1"), need("cann-7.0.0.alpha001"), need("cann-7.0.0")]
PACKAGE = "mindspore-ascend-1.10.1-py39_0.tar.bz2"


@pytest.fixture
def made(tmp_path):
    """Return the folder with what the releases of guides 000, 001 and 002 need."""
    command.build_beside(NEEDS, tmp_path)
    return tmp_path


def test_conda_finds_mindspore_in_a_channel_with_its_index(made):
    index = json.loads((made / "conda/noarch/repodata.json").read_text(encoding="utf-8"))["packages"]
    assert list(index) == [PACKAGE]
    wanted = {"name": "mindspore-ascend", "version": "1.10.1", "depends": ["python 3.9.*"]}
    assert index[PACKAGE].items() >= wanted.items()


def test_the_package_holds_the_wheels_files_and_says_that_conda_has_installed_them(made):
    (stand_in,) = NEEDS[0].conda
    with tarfile.open(made / "conda/noarch" / PACKAGE) as archive:
        files = {name: archive.extractfile(name).read() for name in archive.getnames()}
    own = files.pop("site-packages/mindspore_ascend-1.10.1.dist-info/INSTALLER")
    assert own == b"conda\n"
    record = "site-packages/mindspore_ascend-1.10.1.dist-info/RECORD"
    files[record] = files[record].replace(b"mindspore_ascend-1.10.1.dist-info/INSTALLER,,\n", b"")
    (made / stand_in.file).write_bytes(stand_in.content())
    with zipfile.ZipFile(made / stand_in.file) as wheel:
        assert files == {f"site-packages/{name}": wheel.read(name) for name in wheel.namelist()}


def test_what_is_made_again_is_the_same(made):
    def content():
        return {file: file.read_bytes() for file in made.rglob("*") if file.is_file()}

    first = content()
    command.build_beside(NEEDS, made)
    assert content() == first
    assert {file.relative_to(made).parts[0] for file in first} == {"conda", "sources"}


@pytest.fixture
def source(made):
    """Unpack the archive of Apex, whose checksum lies beside it, and return its folder."""
    archive = made / "sources/apex.tar.gz"
    told = archive.with_name("apex.tar.gz.sha256").read_text(encoding="utf-8")
    assert hashlib.sha256(archive.read_bytes()).hexdigest() == told
    with tarfile.open(archive) as packed:
        packed.extractall(made / "unpacked", filter="data")
    return made / "unpacked/apex-source"


def test_the_package_in_it_says_its_version(source):
    text = (source / "apex/apex/version.py").read_text(encoding="utf-8")
    assert text.endswith('__version__ = "0.1+ascend"\n')


def build(source, setuptools):
    """Run the build with a setuptools that only has a version and the name of what it was asked for."""
    stand_in = f'__version__ = "{setuptools}"\ndef setup():\n import sys\n print(*sys.argv[1:])\n'
    (source / "setuptools.py").write_text(stand_in, encoding="utf-8")
    programs = source / "bin"
    programs.mkdir()
    (programs / "python").symlink_to(sys.executable)
    path = {"PATH": f"{programs}:{os.environ['PATH']}", "PYTHONPATH": str(source)}
    return subprocess.run(
        [source / "scripts/build.sh", "--python=3.9"],
        env={**os.environ, **path},
        capture_output=True,
        text=True,
        check=False,
    )


def test_apex_is_built_for_the_python_that_is_named(source):
    done = build(source, "41.2.0")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"--quiet bdist_wheel --python-tag=cp39 --plat-name=linux_{os.uname().machine}\n"


def test_apex_is_not_built_with_a_newer_setuptools(source):
    done = build(source, "80.9.0")
    assert done.returncode == 1
    assert done.stderr == "found setuptools 80.9.0, which cannot build this; wanted 41.2.0\n"


def test_the_wheelhouse_has_what_the_build_needs_and_not_what_is_built():
    assert ("setuptools ==41.2.0", "wheel") in NEEDS[1].sets()
    assert "apex" in {folder.name for folder in source_archive.BUILDS.iterdir()}
    assert "apex" not in {stand_in.name for stand_in in NEEDS[1].others}
