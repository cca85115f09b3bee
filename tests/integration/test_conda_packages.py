# SPDX-License-Identifier: GPL-3.0-or-later
"""conda's packages in an environment: the role, with the stand-in of conda and a folder of packages."""

from __future__ import annotations

import io
import json
import shutil
import sys
import tarfile
from pathlib import Path

import pytest

from tests.integration.test_python_environment import PYTHON, ROOT, VERSION, Site, wheel

FULL = ".".join(str(part) for part in sys.version_info[:3])
# It makes environments out of this machine's Python; what it installs is the stand-in's affair.
CONDA = f"""#!/bin/sh
root=$(cd "$(dirname "$0")/.." && pwd)
echo "$@" >> "$root/calls"
if [ "$1" = create ]; then
  {PYTHON} -m venv "$4" && mkdir "$4/conda-meta" && touch "$4/conda-meta/history"
  exec cp "$root/conda-meta/python-{FULL}-0.json" "$4/conda-meta"
fi
cd {ROOT}/simulator
exec {PYTHON} -c 'import sys, pathlib, conda.program.command as command
streams = (sys.stdin, sys.stdout, sys.stderr)
sys.exit(command.main(sys.argv[2:], pathlib.Path(sys.argv[1]), streams))' "$root" "$@"
"""


def record(name, version, *depends):
    own = {"name": name, "version": version, "build": "0", "build_number": 0, "depends": list(depends)}
    return {**own, "subdir": "noarch", "channel": "conda-forge"}


def write(file, content):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


@pytest.fixture
def site(tmp_path):
    """Return a site with a conda, a channel of two packages, and a wheelhouse of one."""
    root = tmp_path / "conda"
    for name, version in (("python", FULL), ("conda", "25.11.0")):
        write(root / f"conda-meta/{name}-{version}-0.json", record(name, version))
    write(root / f"pkgs/python-{FULL}-0/info/index.json", record("python", FULL))
    write(root / "bin/conda", CONDA)
    (root / "bin/conda").chmod(0o755)
    (root / "bin/python").symlink_to(PYTHON)
    index = {}
    for version in ("1.9.0", "1.10.1"):
        index[f"mindspore-ascend-{version}-0.tar.bz2"] = record("mindspore-ascend", version, "python >=3.7")
        package(tmp_path / "channel/noarch", version)
    write(tmp_path / "channel/noarch/repodata.json", {"packages": index})
    (tmp_path / "wheels").mkdir()
    wheel(tmp_path / "wheels", "tart", "1", "mindspore_ascend>=1.10")
    return Site(tmp_path)


def package(place, version):
    place.mkdir(parents=True, exist_ok=True)
    with tarfile.open(place / f"mindspore-ascend-{version}-0.tar.bz2", "w:bz2") as archive:
        head = f"Metadata-Version: 2.1\nName: mindspore_ascend\nVersion: {version}\n\n".encode()
        member = tarfile.TarInfo(f"site-packages/mindspore_ascend-{version}.dist-info/METADATA")
        member.size = len(head)
        archive.addfile(member, io.BytesIO(head))


def run(site, *specs, **more):
    """Bring the environment to ``specs`` of conda and a wheel that needs them."""
    wanted = {"path": str(site.path), "manager": "conda", "python": VERSION, "packages": ["tart"]}
    inputs = {"conda": str(site.folder / "conda"), "conda_package_directory": str(site.folder / "channel")}
    inputs["wanted"] = [{**wanted, "conda_packages": list(specs)}]
    return site.run(**{**inputs, **more})


def test_conda_installs_offline_from_a_directory_and_is_read_back(site):
    create = f"create the conda environment {site.path} with Python {VERSION}"
    first = run(site, "mindspore-ascend=1.10.1")
    assert first == [create, "install mindspore-ascend=1.10.1 with conda", "install tart"]
    place = site.path.parent / ".ascend-fleet-wheels/conda-channel"
    flags = f"--offline --override-channels --channel=file://{place}"
    slot = site.path.parent / ".env.a"
    assert (site.folder / "conda/calls").read_text(encoding="utf-8").splitlines() == [
        f"create --yes --prefix {slot} {flags} python={VERSION} pip",
        f"install --yes --prefix {slot} {flags} mindspore-ascend=1.10.1",
    ]
    assert run(site, "mindspore-ascend=1.10.1") == []
    assert site.beside() == [".env.a", "env"]


def test_a_package_that_no_channel_has_leaves_what_was_there(site):
    run(site, "mindspore-ascend=1.10.1")
    (site.path / "bin/python").unlink()  # it is to be rebuilt, and cannot be
    said = " ".join(run(site, "mindspore-ascend=1.11").split())
    lacking = "not available from current channels: - mindspore-ascend=1.11 Current channels:"
    assert (
        f"localhost: {site.path}: conda says: PackagesNotFoundError: The following packages are {lacking}"
        in said
    )
    place = site.path.parent / ".ascend-fleet-wheels/conda-channel"
    assert f"- file://{place} What was there before is untouched." in said
    assert Path(site.path).resolve() == site.path.parent / ".env.a"


def test_a_directory_without_an_index_is_refused_before_anything_is_made(site):
    (site.folder / "channel/noarch/repodata.json").unlink()
    said = " ".join(run(site, "mindspore-ascend").split())
    assert "the index without which conda" in said
    assert not site.path.exists()


def test_a_directory_of_the_node_is_taken_as_it_is_when_it_has_an_index(site):
    there = {"conda_package_directory": f"node:{site.folder}/channel"}
    assert len(run(site, "mindspore-ascend=1.10.1", **there)) == 3
    words = (site.folder / "conda/calls").read_text(encoding="utf-8").splitlines()[-1]
    assert f"--offline --override-channels --channel=file://{site.folder}/channel " in words
    (site.folder / "channel/noarch/repodata.json").unlink()
    assert run(site, "mindspore-ascend=1.10.1", **there) == []
    shutil.rmtree(site.path.parent)
    said = " ".join(run(site, "mindspore-ascend=1.10.1", **there).split())
    assert "the index without which conda" in said
    assert not site.path.parent.exists()
