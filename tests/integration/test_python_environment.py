# SPDX-License-Identifier: GPL-3.0-or-later
"""The private role python_environment with real venv and pip, on this machine and without an index."""

from __future__ import annotations

import ensurepip
import getpass
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sys._base_executable
ENVIRONMENT = {"ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1", "PIP_RETRIES": "1"}
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


def wheel(folder, name, version, *requires):
    """Write a wheel that holds nothing but its metadata."""
    information = f"{name}-{version}.dist-info"
    head = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        archive.writestr(
            f"{information}/METADATA", head + "".join(f"Requires-Dist: {one}\n" for one in requires)
        )
        archive.writestr(
            f"{information}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{information}/RECORD", f"{information}/METADATA,,\n")


@pytest.fixture
def site(tmp_path):
    """Return a site with a wheelhouse that has pip and two small packages."""
    wheelhouse = tmp_path / "wheels"
    wheelhouse.mkdir()
    for file in (Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl"):
        shutil.copy(file, wheelhouse)
    for name, version in (("apple", "1"), ("apple", "2"), ("pear", "1")):
        wheel(wheelhouse, name, version)
    wheel(wheelhouse, "tart", "1", "apple==1")
    return Site(tmp_path)


class Site:
    """A place for one environment, and the playbook that makes it."""

    def __init__(self, folder):
        self.folder = folder
        self.path = folder / "opt/env"
        self.manager = "venv"
        self.hosts = ["localhost"]  # the first one goes first, then all others
        self.launcher = []  # words that start ansible-playbook

    def run(self, *packages, **more):
        """Bring the environment to ``packages`` and return the actions, or the message of the failure.

        ``more`` are further inputs of the role, which win.
        """
        wanted = {
            "path": str(self.path),
            "manager": self.manager,
            "python": VERSION,
            "packages": list(packages),
        }
        inputs = {
            "python_environment_wanted": [wanted],
            "python_environment_owner": "{{ lookup('ansible.builtin.pipe', 'id -un') }}",
            "python_environment_interpreter": PYTHON,
            "python_environment_wheelhouse": str(self.folder / "wheels"),
            **{f"python_environment_{name}": value for name, value in more.items()},
        }
        role = {"ansible.builtin.include_role": {"name": "ascend.fleet.python_environment"}, "vars": inputs}
        note = {
            "content": "{{ python_environment_outcome.actions | to_json }}",
            "dest": f"{self.folder}/actions",
        }
        tasks = [role, {"ansible.builtin.copy": note, "changed_when": False}]
        variables = {"npu_fleet_packages": "", "ansible_become": False, "ansible_python_interpreter": PYTHON}
        play = [
            {"hosts": "all", "serial": [1, "100%"], "connection": "local", "vars": variables, "tasks": tasks}
        ]
        (self.folder / "play.yml").write_text(json.dumps(play), encoding="utf-8")
        done = subprocess.run(
            [*self.launcher, "ansible-playbook", "-i", f"{','.join(self.hosts)},", self.folder / "play.yml"],
            env={**os.environ, **ENVIRONMENT},
            capture_output=True,
            text=True,
            check=False,
        )
        self.said = done.stdout + done.stderr
        if done.returncode:
            return self.said
        return json.loads((self.folder / "actions").read_text(encoding="utf-8"))

    def beside(self):
        """Return what lies in the folder of the environment."""
        return sorted(entry.name for entry in self.path.parent.glob("*"))


def test_an_environment_is_made_changed_and_then_left_alone(site):
    create = f"create the venv environment {site.path} with Python {VERSION}"
    assert site.run("apple==1") == [create, "install apple==1"]
    assert site.run("apple==1") == []
    assert site.run("apple==1", "pear") == ["install pear"]
    assert site.run("apple==2", "pear") == ["install apple==2"]
    assert site.beside() == [".env.a", "env"]


def test_what_cannot_be_installed_leaves_what_was_there(site):
    site.run("apple==1")
    said = " ".join(site.run("apple==3", "pear").split())
    assert f"localhost: {site.path}: pip says: ERROR: Could not find a version that satisfies" in said
    assert site.run("apple==1") == []
    assert site.beside() == [".env.a", "env"]


def test_conflicting_pins_are_told_in_the_resolvers_words(site):
    assert "ResolutionImpossible" in site.run("apple==2", "tart")
    assert not site.path.exists()


def test_a_broken_environment_is_built_anew_beside_the_old_one(site):
    site.run("apple==1")
    for interpreter in (site.path / "bin").glob("python*"):
        interpreter.unlink()
    assert "What was there before is untouched" in " ".join(site.run("apple==3").split())
    assert Path(os.readlink(site.path)).name == ".env.a"
    assert site.run("apple==1")[0].endswith("(now without a working interpreter)")
    assert site.beside() == [".env.b", "env"]


def test_what_a_cut_run_left_is_removed(site):
    site.run("apple==1")
    left = site.path.parent / ".ascend-fleet-wheels"
    left.mkdir()
    (left / "pip.conf").write_text("[global]\n", encoding="utf-8")
    assert site.run("apple==1") == [f"remove what a run that was cut left in {left}"]
    assert site.beside() == [".env.a", "env"]


def test_an_index_that_is_down_is_named_and_leaves_what_was_there(site):
    site.run("apple==1")
    said = " ".join(site.run("apple==2", wheelhouse="", index_url="http://127.0.0.1:9/simple").split())
    assert f"{site.path}: pip says: ERROR: Could not find a version" in said
    assert "The index did not answer (asked for /simple/apple/: NewConnectionError" in said
    assert site.run("apple==1") == []


def test_a_python_without_a_wheel_is_told_which_have_one(site):
    file = site.folder / "wheels/apple-2-py3-none-any.whl"
    file.rename(file.with_name("apple-2-cp36-cp36m-linux_aarch64.whl"))
    assert "The wheels of apple 2 in the wheelhouse are for Python 3.6." in " ".join(
        site.run("apple==2").split()
    )
    assert not site.path.exists()


def test_a_place_where_nobody_may_write_is_refused_before_anything_is_made(site):
    site.path = Path("/proc/sys/env")  # closed to root, too
    said = " ".join(site.run("apple==1").split())
    assert "/proc/sys of root on proc, | a place where" in said
    assert "Create the venv" not in said


def test_a_kernel_of_jupyter_is_written_read_back_and_removed(site):
    wheel(site.folder / "wheels", "ipykernel", "6")
    (site.folder / "ascend.conf").write_text("ASCEND_HOME_PATH=/a\nPATH=/a/bin:/usr/bin\n", encoding="utf-8")
    kernel = {"name": f"fleet-test-{os.getpid()}", "users": [getpass.getuser()], "variables": {"A": "b"}}
    words = {"jupyter_kernels": [kernel], "jupyter_variables_file": f"{site.folder}/ascend.conf"}
    whose = f"the Jupyter kernel {kernel['name']} of {getpass.getuser()}"
    try:
        assert site.run("apple==1", **words)[1:] == ["install apple==1, ipykernel", f"write {whose}"]
        file = Path.home() / ".local/share/jupyter/kernels" / kernel["name"] / "kernel.json"
        spec = json.loads(file.read_text(encoding="utf-8"))
        assert spec["argv"][:3] == [f"{site.path}/bin/python", "-m", "ipykernel_launcher"]
        path = f"{site.path}/bin:/a/bin:/usr/bin"
        assert spec["env"] == {"A": "b", "ASCEND_HOME_PATH": "/a", "PATH": path}
        assert site.run("apple==1", **words) == []
    finally:
        words["jupyter_kernels"] = [{**kernel, "state": "absent"}]
        assert site.run("apple==1", **words) == [f"remove {whose}"]
    assert not file.parent.exists()


BUILD = """set -e
[ "$PYTHONNOUSERSITE" = 1 ]
[ "$(python -m pip list --format=freeze | grep apple)" = apple==1 ]
mkdir -p dist
cp grape.whl "dist/grape-${1}+gitabc-py3-none-any.whl"
"""


@pytest.fixture
def grape(site):
    """Return a source that is an archive with a build script."""
    folder = site.folder / "grape-main"
    folder.mkdir()
    wheel(folder, "grape", "1+gitabc")
    (folder / "grape-1+gitabc-py3-none-any.whl").rename(folder / "grape.whl")
    (folder / "build.sh").write_text(BUILD, encoding="utf-8")
    archive = Path(shutil.make_archive(str(site.folder / "grape"), "gztar", site.folder, "grape-main"))
    return {
        "name": "grape",
        "archive": str(archive),
        "sha256": hashlib.sha256(archive.read_bytes()).hexdigest(),
        "command": ["bash", "build.sh", "1"],
        "wheel": "dist/*.whl",
        "requirements": ["apple<2"],
        "programs": {"bash": ">=3"},
    }


def test_a_wheel_is_built_once_with_consent_and_kept(site, grape):
    said = " ".join(site.run("apple==2", "grape==1", sources=[grape]).split())
    assert "| consent, or the wheel" in said
    assert not site.path.exists()
    allowed = {"sources": [grape], "build_allowed": True}
    assert site.run("apple==2", "grape==1", **allowed)[0] == (
        f"build grape 1 for Python {VERSION} from {grape['archive']}"
    )
    assert (site.folder / "wheels/grape-1+gitabc-py3-none-any.whl").is_file()
    assert site.run("apple==2", "grape==1", **allowed) == []
    shutil.rmtree(site.path.parent)
    assert not any("build" in action for action in site.run("apple==2", "grape==1", sources=[grape]))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sha256": "0" * 64}, "wanted 0000"),
        ({"programs": {"bash": "==1.*"}}, "bash==1.*"),
        ({"command": ["bash", "build.sh", "2"]}, "made grape-2+gitabc-py3-none-any.whl, wanted one of 1"),
    ],
)
def test_a_build_that_cannot_be_trusted_stops(site, grape, change, said):
    text = site.run("grape==1", sources=[{**grape, **change}], build_allowed=True)
    assert said in " ".join(text.split())
    assert site.beside() == []
    assert not list((site.folder / "wheels").glob("grape*"))


CONDA = """#!/bin/sh
cd "$(dirname "$0")/.."
echo "$@" >> calls
case $1 in
tos)
  [ -f terms ] || exit 2
  [ "$2" = --help ] || echo "$5" >> accepted
  ;;
create)
  if [ -f terms ] && ! [ -f accepted ]; then
    echo 'CondaToSNonInteractiveError: Terms of Service have not been accepted for the channels.' >&2
    exit 1
  fi
  bin/python -m venv "$4" && mkdir "$4/conda-meta" && cp conda-meta/*.json "$4/conda-meta"
  ;;
esac
"""


@pytest.fixture
def miniconda(site):
    """Return the prefix of a conda that makes environments out of this machine's Python."""
    site.manager = "conda"
    prefix = site.folder / "conda"
    (prefix / "bin").mkdir(parents=True)
    (prefix / "conda-meta").mkdir()
    record = {"name": "python", "version": ".".join(str(part) for part in sys.version_info[:3])}
    (prefix / "conda-meta/python-3-0.json").write_text(json.dumps(record), encoding="utf-8")
    (prefix / "bin/python").symlink_to(PYTHON)
    (prefix / "bin/conda").write_text(CONDA, encoding="utf-8")
    (prefix / "bin/conda").chmod(0o755)
    return prefix


def test_the_terms_of_a_channel_are_accepted_with_consent_only(site, miniconda):
    (miniconda / "terms").touch()
    said = " ".join(site.run("apple==1", conda=str(miniconda)).split())
    assert "torch_npu_conda_terms_accepted: true" in said
    assert not site.path.exists()
    site.run("apple==1", conda=str(miniconda), conda_terms_accepted=True)
    channels = (miniconda / "accepted").read_text(encoding="utf-8").split()
    assert channels == ["https://repo.anaconda.com/pkgs/main", "https://repo.anaconda.com/pkgs/r"]
    assert site.run("apple==1", conda=str(miniconda)) == []


def test_a_conda_without_terms_is_asked_for_none(site, miniconda):
    assert len(site.run("apple==1", conda=str(miniconda), conda_terms_accepted=True)) == 2
    assert not (miniconda / "accepted").exists()


DOCKER = """#!/bin/bash
[ "$1" = --version ] && { echo 'Docker version 24.0.7, build afdd53b'; exit; }
echo "$@" >> "$(dirname "$0")/calls"
cd "$6" && exec "${@:8}"
"""
NPU = ("torch_npu==2.1.0rc1", "numpy==1", "protobuf==3.20.0", "pyyaml", "attrs")
MADE = "torch_npu-2.1.0rc1+gitb6656eb-py3-none-any.whl"


@pytest.mark.usefixtures("programs")
def test_torch_npu_is_built_in_a_container_as_the_catalog_says(site, tmp_path):
    for name, version in (("numpy", "1"), ("protobuf", "3.20.0"), ("pyyaml", "6"), ("attrs", "23")):
        wheel(site.folder / "wheels", name, version)
    source = tmp_path / "pytorch"
    (source / "ci").mkdir(parents=True)
    wheel(source, "torch_npu", "2.1.0rc1+gitb6656eb")
    script = f"[ $1 = --python={VERSION} ] && mkdir dist && mv {MADE} dist"
    (source / "ci/build.sh").write_text(script, encoding="utf-8")
    repository(source, "v2.1.0-5.0.rc3")
    build = {
        "name": "torch_npu",
        "git": f"file://{source}",
        "ref": "v2.1.0-5.0.rc3",
        "container": "builder:v1",
    }
    actions = site.run(*NPU, sources=[build], build_allowed=True)
    assert actions[0] == f"build torch_npu 2.1.0rc1 for Python {VERSION} from file://{source}"
    call = (tmp_path / "bin/calls").read_text(encoding="utf-8").split()
    assert call[7:] == ["bash", "ci/build.sh", f"--python={VERSION}"]
    assert call[6] == "builder:v1"
    assert (site.folder / "wheels" / MADE).is_file()
    assert site.run(*NPU, sources=[build]) == []


@pytest.mark.usefixtures("programs")
def test_uv_makes_the_venv_where_it_is_given(site, tmp_path):
    assert len(site.run("apple==1", uv=f"{tmp_path}/bin/uv")) == 2
    assert (tmp_path / "bin/calls").read_text(encoding="utf-8").split()[:3] == ["venv", "--python", VERSION]
    assert site.run("apple==1", uv=f"{tmp_path}/bin/uv") == []


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """Put stand-ins of docker and uv first on the PATH; they note their calls."""
    folder = tmp_path / "bin"
    folder.mkdir()
    uv = f'#!/bin/sh\necho "$@" >> {folder}/calls\nexec {PYTHON} -m venv --without-pip "$4"\n'
    for name, text in (("docker", DOCKER), ("uv", uv)):
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


BACKEND = """import shutil
def build_wheel(folder, settings=None, metadata=None):
    return shutil.copy("made", folder + "/mindformers-1.3.2-py3-none-any.whl").rsplit("/", 1)[1]
"""
PROJECT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


@pytest.mark.parametrize("kind", ["sdist", "git"])
def test_mindformers_comes_from_an_sdist_or_a_git_mirror(site, kind):
    source = site.folder / "mindformers-1.3.2"
    source.mkdir()
    wheel(source, "mindformers", "1.3.2")
    (source / "mindformers-1.3.2-py3-none-any.whl").rename(source / "made")
    (source / "backend.py").write_text(BACKEND, encoding="utf-8")
    (source / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    (source / "PKG-INFO").write_text("Name: mindformers\nVersion: 1.3.2\n", encoding="utf-8")
    if kind == "sdist":
        shutil.make_archive(str(site.folder / "wheels/mindformers-1.3.2"), "gztar", site.folder, source.name)
        assert site.run("mindformers==1.3.2")[1:] == ["install mindformers==1.3.2"]
        return
    for name in ("setuptools", "wheel"):
        wheel(site.folder / "wheels", name, "60")
    repository(source, "v1.3.2")
    build = {"name": "mindformers", "git": f"file://{source}", "ref": "v1.3.2"}
    site.run("mindformers==1.3.2", sources=[build], build_allowed=True)
    assert (site.folder / "wheels/mindformers-1.3.2-py3-none-any.whl").is_file()
    assert site.run("mindformers==1.3.2", sources=[build]) == []


def repository(folder, branch):
    """Make a repository of git out of a folder."""
    for words in (["init", "-q", "-b", branch], ["add", "."], ["commit", "-q", "-m", "Source"]):
        subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x", *words], cwd=folder, check=True)
