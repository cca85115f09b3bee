# SPDX-License-Identifier: GPL-3.0-or-later
"""`conda install` of the stand-in, from a channel that is a folder; words as of conda 25.11."""

from __future__ import annotations

import io
import json
import tarfile

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils._python_environment import read_environment
from conda.program import installation
from conda.program.command import main
from conda.program.installer import Installer


def conda(root, words):
    """Run conda and return its exit status and what it printed to stdout and stderr."""
    streams = io.StringIO(), io.StringIO(), io.StringIO()
    status = main(words.split(), root, streams)
    return status, streams[1].getvalue(), streams[2].getvalue()


def add(place, name, version, *depends):
    """Put a package into the channel's folder ``place`` and into its index."""
    place.mkdir(parents=True, exist_ok=True)
    file = f"{name}-{version}-0.tar.bz2"
    record = {"name": name, "version": version, "build": "0", "build_number": 0, "depends": list(depends)}
    with tarfile.open(place / file, "w:bz2") as archive:
        head = f"Name: {name}\nVersion: {version}\n\n".encode()
        member = tarfile.TarInfo(f"site-packages/{name}-{version}.dist-info/METADATA")
        member.size = len(head)
        archive.addfile(member, io.BytesIO(head))
    index = place / "repodata.json"
    known = json.loads(index.read_text(encoding="utf-8")) if index.exists() else {"packages": {}}
    known["packages"][file] = record
    index.write_text(json.dumps(known), encoding="utf-8")


@pytest.fixture
def root(conda_installer, tmp_path, monkeypatch):
    """Install conda for a user with an empty home folder, and make an environment `one`."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("CONDA_PREFIX", raising=False)
    monkeypatch.setattr(installation.platform, "machine", lambda: "aarch64")
    root = tmp_path / "miniforge3"
    streams = io.StringIO(), io.StringIO(), io.StringIO()
    assert Installer(conda_installer, streams).run(["-b", "-p", str(root)]) == 0
    assert conda(root, "create -y -n one python=3.9.2")[0] == 0
    return root


@pytest.fixture
def words(tmp_path):
    """Return the flags of a folder with packages as the only channel."""
    channel = tmp_path / "channel"
    for version in ("1.10.1", "1.9.0"):
        add(channel / "linux-aarch64", "mindspore-ascend", version, "python >=3.7", "sympy", "__glibc >=2.17")
    add(channel / "noarch", "sympy", "1.12", "python")
    return f"--yes --offline --override-channels --channel=file://{channel}"


def of(root):
    return {one["name"]: one["version"] for one in read_environment(str(root / "envs/one"))["conda_packages"]}


def test_packages_of_a_folder_are_installed_with_what_they_need(root, words, tmp_path):
    status, out, err = conda(root, f"install -n one {words} mindspore-ascend=1.9")
    assert (status, err) == (0, "")
    line = f"file://{tmp_path}/channel/linux-aarch64::mindspore-ascend-1.9.0-0 \n"
    assert line in out
    assert of(root) == {
        "mindspore-ascend": "1.9.0",
        "pip": "1.0",
        "python": "3.9.2",
        "setuptools": "2.0",
        "sympy": "1.12",
    }
    packages = read_environment(str(root / "envs/one"))["packages"]
    assert {"name": "mindspore-ascend", "version": "1.9.0"} in packages
    assert "conda-forge" in conda(root, "info")[1]
    assert "file://" not in conda(root, "info")[1]


def test_a_version_takes_the_place_of_another_one_and_what_fits_stays(root, words):
    conda(root, f"install -n one {words} mindspore-ascend=1.9")
    before = conda(root, f"install -n one {words} mindspore-ascend")
    assert before[1].endswith("\n# All requested packages already installed.\n\n")
    out = conda(root, f"install -n one {words} mindspore-ascend=1.10.1")[1]
    assert "sympy-1.12" not in out
    assert of(root)["mindspore-ascend"] == "1.10.1"
    packages = read_environment(str(root / "envs/one"))["packages"]
    assert [one["version"] for one in packages if one["name"] == "mindspore-ascend"] == ["1.10.1"]


@pytest.mark.parametrize(
    ("specs", "text"),
    [
        (
            "mindspore-ascend=1.11",
            "PackagesNotFoundError: The following packages are not available from current",
        ),
        ("", "CondaValueError: too few arguments, must supply command line package specs or --file"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(root, words, specs, text):
    before = of(root)
    status, _out, err = conda(root, f"install -n one {words} {specs}")
    assert (status, err.startswith(f"\n{text}")) == (1, True)
    assert ("  - mindspore-ascend=1.11\n\nCurrent channels:\n\n  - file://" in err) == bool(specs)
    assert of(root) == before


def test_a_folder_without_the_index_of_noarch_is_no_channel(root, words, tmp_path):
    (tmp_path / "channel/noarch/repodata.json").unlink()
    err = conda(root, f"install -n one {words} sympy")[2]
    place = f"channel <file://{tmp_path}/channel>"
    assert err.startswith(
        f"\nUnavailableInvalidChannel: HTTP 404 NOT FOUND for channel {place}\n\nThe channel"
    )


def test_an_environment_that_is_not_there_is_named(root, words):
    assert "EnvironmentLocationNotFound" in conda(root, f"install -n two {words} sympy")[2]
    assert conda(root, f"install -n one {words} -d sympy")[2] == "\nDryRunExit: Dry run. Exiting.\n\n"
    assert "sympy" not in of(root)
