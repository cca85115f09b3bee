# SPDX-License-Identifier: GPL-3.0-or-later
"""torch_npu and Apex, built by a node's own compilers as the catalog says."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import pytest
from integration import test_python_environment
from integration.test_python_environment import MADE, NPU, VERSION, repository, wheel

site = test_python_environment.site
APEX = "apex-0.1+ascend-py3-none-any.whl"
SAYS = {
    "gcc": "gcc (Debian 10.2.1-6) 10.2.1 20210110",
    "g++": "g++ (Debian 10.2.1-6) 10.2.1",
    "cmake": "cmake version 3.18.4",
    "patch": "GNU patch 2.7.6",
}
# What the real scripts rely on: their arguments, the compilers of the login, and an environment of their own.
BUILD = f"""set -e
[ "$1" = --python={VERSION} ]
gcc --version | grep -q 10.2.1
python -m pip list --format=freeze | grep -q "^setuptools==$(cat setuptools)$"
"""


@pytest.fixture
def compilers(site, monkeypatch):
    """Put stand-ins of the compilers where the shell of a login finds them, and nowhere else."""
    folder, home = site.folder / "compilers", site.folder / "home"
    for place in (folder, home):
        place.mkdir()
    for name, says in SAYS.items():
        (folder / name).write_text(f"#!/bin/sh\necho '{says}'\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    (home / ".bash_profile").write_text(f"PATH={folder}:$PATH\n", encoding="utf-8")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PIP_CACHE_DIR", str(home / "cache"))
    return folder


@pytest.fixture
def stack(site):
    """Return the sources of torch_npu and Apex; the wheelhouse has all else that they need."""
    needed = {"numpy": "1", "protobuf": "3.20.0", "pyyaml": "6", "attrs": "23", "wheel": "0.40"}
    for name, version in (*needed.items(), ("setuptools", "60"), ("setuptools", "41.2.0")):
        wheel(site.folder / "wheels", name, version)
    torch_npu, apex = site.folder / "pytorch", site.folder / "apex-master"
    (torch_npu / "ci").mkdir(parents=True)
    (apex / "scripts").mkdir(parents=True)
    wheel(torch_npu, "torch_npu", "2.1.0rc1+gitb6656eb")
    wheel(apex, "apex", "0.1+ascend")
    (torch_npu / "setuptools").write_text("60", encoding="utf-8")
    (apex / "setuptools").write_text("41.2.0", encoding="utf-8")
    (torch_npu / "ci/build.sh").write_text(f"{BUILD}mkdir dist\nmv {MADE} dist\n", encoding="utf-8")
    (apex / "scripts/build.sh").write_text(
        f"{BUILD}{CLONE}mkdir -p apex/dist\nmv {APEX} apex/dist\n", encoding="utf-8"
    )
    repository(torch_npu, "v2.1.0-5.0.rc3")
    nvidia = site.folder / "nvidia"
    nvidia.mkdir()
    (nvidia / "setup.py").write_text("Apex of NVIDIA\n", encoding="utf-8")
    repository(nvidia, "old")
    archive = Path(shutil.make_archive(str(apex), "gztar", site.folder, apex.name))
    return [
        {"name": "torch_npu", "git": f"file://{torch_npu}", "ref": "v2.1.0-5.0.rc3"},
        {
            "name": "apex",
            "archive": str(archive),
            "sha256": hashlib.sha256(archive.read_bytes()).hexdigest(),
            "mirrors": {"https://github.com/NVIDIA/apex.git": f"file://{nvidia}"},
        },
    ]


# As the script of Ascend/apex: it clones, checks an older state out, and patches it.
CLONE = """git clone https://github.com/NVIDIA/apex.git
git -C apex checkout --quiet old
grep -q "Apex of NVIDIA" apex/setup.py
type patch
"""
WANTED = (*NPU, "setuptools==60", "apex==0.1+ascend")


@pytest.mark.usefixtures("compilers")
def test_torch_npu_and_apex_are_built_by_the_nodes_compilers(site, stack):
    actions = site.run(*WANTED, sources=stack, build_allowed=True)
    assert actions[:2] == [
        f"build torch_npu 2.1.0rc1 for Python {VERSION} from {stack[0]['git']}",
        f"build apex 0.1+ascend for Python {VERSION} from {stack[1]['archive']}",
    ], site.said
    assert {MADE, APEX} <= set(os.listdir(site.folder / "wheels"))
    assert site.beside() == [".env.a", "env"]
    assert site.run(*WANTED, sources=stack) == []


def test_a_compiler_that_cannot_build_torch_npu_stops_before_anything_is_made(site, stack, compilers):
    (compilers / "gcc").write_text("#!/bin/sh\necho 'gcc (GCC) 12.2.0'\n", encoding="utf-8")
    said = " ".join(site.run(*WANTED, sources=stack, build_allowed=True).split())
    assert "gcc 12.2.0 on the host" in said
    assert "gcc==10.*" in said
    assert not site.path.parent.exists()


def test_a_compiler_beside_another_one_builds_without_a_change_to_the_system(site, stack, compilers):
    (compilers / "gcc").rename(compilers / "gcc-10")
    (compilers / "gcc").write_text("#!/bin/sh\necho 'gcc (GCC) 12.2.0'\n", encoding="utf-8")
    (compilers / "gcc").chmod(0o755)
    actions = site.run(*WANTED, sources=stack, build_allowed=True)
    assert actions[0].startswith("build torch_npu"), site.said
    assert MADE in os.listdir(site.folder / "wheels")


def test_programs_of_a_login_are_looked_at_when_something_is_due(site, compilers):
    (compilers / "cmake").write_text("#!/bin/sh\necho 'cmake version 3.10.2'\n", encoding="utf-8")
    said = " ".join(site.run("apple==1", programs={"cmake": ">=3.18", "gcc": ">=7.3"}).split())
    assert "cmake 3.10.2 on the host" in said
    assert "gcc>=7.3" not in said
    assert site.run("apple==1", programs={"cmake": ">=3"})[1:] == ["install apple==1"]
    assert site.run("apple==1", programs={"cmake": ">=3.18"}) == []
