# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook fetch.yml against a web server and an index of wheels: check, run, run again, refusals."""

from __future__ import annotations

import gzip
import importlib.metadata
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml
from unit.fetch_site import LOGIN, Site, sha256

ROOT = Path(__file__).resolve().parents[2]
RELEASE = "cann-8.2.rc1"
PYTHON = "3.10"
OWN = ".".join(platform.python_version_tuple()[:2])


def wheel(folder, name, version, tag, requires=()):
    """Make a wheel that can be installed."""
    path = folder / f"{name}-{version}-{tag}.whl"
    needs = "".join(f"Requires-Dist: {one}\n" for one in requires)
    about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(f"{name}-{version}.dist-info/METADATA", about)
        file.writestr(f"{name}-{version}.dist-info/WHEEL", f"Wheel-Version: 1.0\nTag: {tag}\n")
        file.writestr(f"{name}-{version}.dist-info/RECORD", "")
    return path


def core(folder):
    """Make wheels of what a controller needs: the pip and the ansible-galaxy of here, and a compiled one."""
    path = wheel(folder, "stand_in_core", "2.19.0", "py3-none-any")
    galaxy = str(Path(sys.executable).with_name("ansible-galaxy"))
    with zipfile.ZipFile(path, "a") as file:
        file.writestr(
            "stand_in_core-2.19.0.dist-info/entry_points.txt",
            "[console_scripts]\nansible-galaxy = stand_in_core:main\n",
        )
        file.writestr(
            "stand_in_core.py",
            f"import os, sys\ndef main():\n    os.execv({galaxy!r}, [{galaxy!r}, *sys.argv[1:]])\n",
        )
    for tag in sorted({f"cp{''.join(OWN.split('.'))}", "cp313"}):
        wheel(folder, "compiled", "1.0", f"{tag}-{tag}-manylinux_2_17_{platform.machine()}")
    pip = importlib.metadata.distribution("pip")
    with zipfile.ZipFile(folder / f"pip-{pip.version}-py3-none-any.whl", "w") as file:
        for name in pip.files:
            if name.parts[0] != ".." and name.suffix != ".pyc":
                file.write(name.locate(), str(name))


class Fleet:
    """An inventory, a web server with its packages, and an index with its wheels."""

    def __init__(self, folder, site):
        self.folder, self.site = folder, site
        (folder / "index").mkdir()
        (folder / "ansible.cfg").touch()
        (folder / "catalog/releases").mkdir(parents=True)
        (folder / "catalog/wheels").mkdir()
        self.release = yaml.safe_load((ROOT / f"catalog/releases/{RELEASE}.yml").read_text())
        self.hosts = {"atlas_800t_a2": {"hosts": {"a1": None, "a2": None}}}
        self.base = f"http://{site.host}/"
        self.requirements = {"numpy": "<2"}
        self.collections = ROOT / ".ansible/collections"
        self._offer()
        self._index()

    def _offer(self):
        """Serve the zip files of the release with small packages in them; conda's installer, too."""
        for archive in self.release["archives"]:
            path = self.folder / archive["file"]
            with zipfile.ZipFile(path, "w") as file:
                for name in archive["holds"]:
                    file.writestr(name, f"#!/bin/sh\n# {name}\n")
            referer = "https://vendor.example/" if "toolkit" in archive["file"] else None
            self.site.offer(archive["file"], path.read_bytes(), referer=referer)
            archive["sha256"] = sha256(path.read_bytes())
            path.unlink()
        self.site.offer("mini.sh", b"#!/bin/sh\n")
        self.release["downloads"] = dict.fromkeys(("hdk", "cann", "mindcluster"), self.base)
        self.release["name"] = "ours"

    def _index(self):
        index = self.folder / "index"
        platform = "cp310-cp310-manylinux_2_28_aarch64"
        only_x86 = 'nvidia_cublas; platform_machine == "x86_64"'
        old = 'exceptiongroup; python_version < "3.11"'
        wheel(index, "torch", "2.6.0", platform, [only_x86, old])
        wheel(index, "torch", "2.6.0", platform.replace("aarch64", "x86_64"))
        wheel(index, "torch_npu", "2.6.0", platform, ["torch==2.6.0"])
        wheel(index, "exceptiongroup", "1.0", "py3-none-any")
        wheel(index, "numpy", "1.26.4", "cp310-cp310-manylinux_2_17_aarch64")
        wheel(index, "numpy", "2.1.0", "cp310-cp310-manylinux_2_17_aarch64")

    def play(self, *arguments, playbook="fetch", **variables):
        self.release["python_packages"] = {"requirements": self.requirements, "source": "test"}
        self._write("catalog/releases/ours.yml", {**self.release, "python": PYTHON})
        installer = {"url": f"{self.base}mini.sh", "sha256": None, "source": "test"}
        sites = {self.site.host: {"referer": "https://vendor.example/", "source": "test"}}
        names = {f"Miniforge3-Linux-{arch}.sh": installer for arch in ("aarch64", "x86_64")}
        self._write("catalog/downloads.yml", {"sites": sites, "conda_installers": names})
        settings = {
            "npu_fleet_release": "ours",
            "npu_fleet_catalog": [str(self.folder / "catalog")],
            "npu_fleet_packages": str(self.folder / "srv"),
            "package_fetch_retries": 0,
            "package_fetch_pip_options": ["--no-index", f"--find-links={self.folder}/index"],
            **variables,
        }
        self._write("hosts.yml", {"all": {"vars": settings, "children": self.hosts}})
        program = Path(sys.executable).with_name("ansible-playbook")
        environment = {
            "ANSIBLE_COLLECTIONS_PATH": str(self.collections),
            "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"),
            "ANSIBLE_LOCALHOST_WARNING": "False",
        }
        command = [str(program), f"ascend.fleet.{playbook}", "-i", str(self.folder / "hosts.yml"), *arguments]
        keep = {key: value for key, value in os.environ.items() if not key.startswith("PIP_")}
        return subprocess.run(
            command, cwd=self.folder, env={**keep, **environment}, capture_output=True, text=True, check=False
        )

    def _write(self, name, content):
        (self.folder / name).write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")

    def names(self, folder=""):
        place = self.folder / "srv" / folder
        return sorted(path.name for path in place.iterdir() if path.is_file()) if place.exists() else []


@pytest.fixture
def fleet(tmp_path):
    site = Site().start()
    yield Fleet(tmp_path, site)
    site.stop()


def changed(run):
    return sum(int(part.split()[0]) for part in run.stdout.split("changed=")[1:])


def test_only_what_the_inventory_needs_is_fetched_once(fleet):
    foreseen = fleet.play("--check")
    assert foreseen.returncode == 0, foreseen.stdout + foreseen.stderr
    assert fleet.site.downloads() == []
    assert fleet.names() == []
    assert "torch-2.6.0-cp310-cp310-manylinux_2_28_aarch64.whl" in foreseen.stdout
    assert "are to be fetched" in foreseen.stdout
    done = fleet.play()
    assert done.returncode == 0, done.stdout + done.stderr
    assert fleet.names() == [
        "Ascend-cann-kernels-910b_8.2.RC1_linux-aarch64.run",
        "Ascend-cann-kernels-910b_8.2.RC1_linux-aarch64.zip",
        "Ascend-cann-toolkit_8.2.RC1_linux-aarch64.run",
        "Ascend-cann-toolkit_8.2.RC1_linux-aarch64.zip",
        "Ascend-hdk-910b-npu-driver_25.2.0_linux-aarch64.run",
        "Ascend-hdk-910b-npu-firmware_7.7.0.6.236.run",
        "Ascend-hdk-910b-npu_25.2.0_linux-aarch64.zip",
        "Miniforge3-Linux-aarch64.sh",
        "SHA256SUMS",
        "manifest.json",
    ]
    assert [name for name in fleet.names("wheelhouse") if name.endswith(".whl")] == [
        "exceptiongroup-1.0-py3-none-any.whl",
        "numpy-1.26.4-cp310-cp310-manylinux_2_17_aarch64.whl",
        "torch-2.6.0-cp310-cp310-manylinux_2_28_aarch64.whl",
        "torch_npu-2.6.0-cp310-cp310-manylinux_2_28_aarch64.whl",
    ]
    entries = json.loads((fleet.folder / "srv/wheelhouse/manifest.json").read_text())["files"]
    assert entries[0]["hosts"] == ["a1", "a2"]
    assert entries[0]["releases"] == ["ours"]
    for folder in ("srv", "srv/wheelhouse"):
        proof = ["sha256sum", "--check", "--quiet", "SHA256SUMS"]
        subprocess.run(proof, cwd=fleet.folder / folder, check=True)
    count = len(fleet.site.requests)
    again = fleet.play()
    assert (changed(again), len(fleet.site.requests)) == (0, count), again.stdout


def offer_python(fleet):
    """Offer a private Python for nodes without one."""
    known = {"version": "3.11.6", "glibc": "2.17", "source": "a test"}
    known |= fleet.site.offer("python.tar.gz", gzip.compress(b"an archive"))
    fleet._write("catalog/interpreters.yml", {"interpreters": {"aarch64": known}})


def test_the_installer_and_the_python_that_the_inventory_names_are_there(fleet):
    offer_python(fleet)
    (fleet.folder / "srv").mkdir()
    (fleet.folder / "srv/Miniconda3-aarch64.sh").write_text("#!/bin/sh\n", encoding="utf-8")
    named = {"torch_npu_conda_installer": "Miniconda3-aarch64.sh", "npu_fleet_python_bootstrap": "yes"}
    done = fleet.play(**named)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Miniforge3-Linux-aarch64.sh" not in fleet.names()
    sums = (fleet.folder / "srv/SHA256SUMS").read_text(encoding="utf-8").split()
    assert {"Miniconda3-aarch64.sh", "python.tar.gz"} <= {*sums}


def test_a_bundle_is_packed_and_used_without_a_network(fleet):
    core(fleet.folder / "index")
    offer_python(fleet)
    bundle = fleet.folder / "bundle"
    settings = {
        "npu_fleet_bundle": str(bundle),
        "npu_fleet_python_bootstrap": True,
        "package_fetch_bundle_requirements": ["stand_in_core==2.19.0", "compiled"],
        "package_fetch_bundle_pythons": [OWN, "3.13"],
    }
    foreseen = fleet.play("--check", playbook="bundle", **settings)
    assert foreseen.returncode == 0, foreseen.stdout + foreseen.stderr
    assert not bundle.exists()
    done = fleet.play(playbook="bundle", **settings)
    assert done.returncode == 0, done.stdout + done.stderr
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=bundle, check=True)
    packages = sorted(path.name for path in (bundle / "packages").iterdir())
    assert [name for name in packages if name.endswith(".zip")] == []
    assert {"Ascend-hdk-910b-npu-driver_25.2.0_linux-aarch64.run", "python.tar.gz"} <= {*packages}
    assert "For the releases ours and the hosts\na1, a2." in (bundle / "README.md").read_text()
    assert {f"cp{''.join(python.split('.'))}" for python in (OWN, "3.13")} == {
        wheel.name.split("-")[2] for wheel in (bundle / "python").glob("compiled-*")
    }
    offline(bundle, fleet.folder)
    refuses_what_does_not_fit(bundle, fleet.folder)
    # From there, because a checkout may change between two runs; what is installed packs itself as it is.
    fleet.collections = fleet.folder / "site/collections"
    again = fleet.play(playbook="bundle", **settings)
    assert (again.returncode, changed(again)) == (0, 0), again.stdout
    artifact = next((bundle / "collection").glob("ascend-fleet-*"))
    artifact.unlink()
    packed = fleet.play(playbook="bundle", **settings, package_fetch_frameworks=[])
    assert (packed.returncode, changed(packed)) == (0, 2), packed.stdout
    offline(bundle, fleet.folder)


def offline(bundle, folder):
    """Do what the bundle's README says in a network namespace without a network; resolve a release there."""
    program = Path(sys.executable).with_name
    artifacts = sorted(map(str, (bundle / "collection").iterdir()))
    assert [Path(artifact).name.rsplit("-", 1)[0] for artifact in artifacts] == [
        "ascend-fleet",
        "community-docker",
        "community-library_inventory_filtering_v1",
    ]
    shutil.rmtree(folder / "site", ignore_errors=True)
    shutil.copytree(bundle, folder / "site")
    in_bundle(folder, [folder / "site/install.sh"])
    in_bundle(folder, [folder / "site/install.sh"])  # for a newer bundle
    installed = in_bundle(folder, [folder / "site/venv/bin/python", "-m", "pip", "list", "--format=freeze"])
    assert "stand_in_core==2.19.0" in installed
    look = [program("ansible-playbook"), "ascend.fleet.preflight", "-i", str(folder / "hosts.yml")]
    assert "a1" in in_bundle(folder, [*look, "--list-hosts"])
    hosts = ["-i", str(folder / "hosts.yml"), "a1", "-c", "local", "-m", "ansible.builtin.debug", "-a"]
    bill = "lookup('ascend.fleet.release', npu_fleet_release, product='atlas_800t_a2')"
    parts = "selectattr('part', 'in', ['driver', 'firmware', 'toolkit', 'kernels'])"
    files = f"{bill}.packages | {parts} | map(attribute='file')"
    there = f"lookup('ascend.fleet.package_files', '{bundle}/packages', packages=[]).available"
    asked = f"msg={{{{ [{bill}.torch_npu, {files} | length, {files} | difference({there})] | to_json }}}}"
    said = in_bundle(folder, [program("ansible"), *hosts, asked])
    assert json.loads(re.search(r'"msg": (".*")', said)[1]) == '["2.6.0", 4, []]'


def refuses_what_does_not_fit(bundle, folder):
    """Hold its script against another Python, and against a bundle that was damaged on its way."""
    copy, stand_in = folder / "damaged", folder / "python2.7"
    shutil.copytree(bundle, copy)
    stand_in.write_text(f"#!/bin/sh\necho 2.7 {platform.machine()}\n")
    stand_in.chmod(0o755)
    (copy / "packages/Miniforge3-Linux-aarch64.sh").write_text("cut")
    for python, said in (
        (
            stand_in,
            f"install: found no Python {OWN} or 3.13 on {platform.machine()}, for which this bundle was",
        ),
        (sys.executable, "install: the bundle is not as it was packed: copy it again"),
    ):
        environment = {**os.environ, "PYTHON": str(python)}
        done = subprocess.run(
            [copy / "install.sh"], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 1
        assert done.stderr.splitlines()[-1].startswith(said), done.stderr
        assert not (copy / "venv").exists()


def in_bundle(folder, command):
    """Run a command without a network and with the bundle's collections only; return what it says."""
    place = folder / "site/collections"
    quiet = {"ANSIBLE_NOCOLOR": "1", "ANSIBLE_LOCALHOST_WARNING": "False", "PIP_CONFIG_FILE": "/dev/null"}
    plain = {"ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default", "ANSIBLE_CALLBACK_RESULT_FORMAT": "json"}
    done = subprocess.run(
        ["unshare", "--net", *command],
        cwd=folder,
        env={
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(place),
            "PYTHON": sys.executable,
            **quiet,
            **plain,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_bundle_with_a_hole_is_not_packed(fleet):
    fleet.hosts = {"atlas_800t_a3": {"hosts": {"pod": None}}}
    settings = {"npu_fleet_bundle": str(fleet.folder / "bundle"), "package_fetch_frameworks": []}
    run = fleet.play(playbook="bundle", package_fetch_parts=["driver"], **settings)
    assert run.returncode != 0
    assert "Nothing was packed: 1 files are missing" in run.stdout
    assert not (fleet.folder / "bundle").exists()


def test_what_needs_a_login_is_listed_and_not_attempted(fleet):
    fleet.hosts = {"atlas_800t_a3": {"hosts": {"pod": None}}}
    for archive in fleet.release["archives"]:
        fleet.site.files[archive["file"]].referer = None
    run = fleet.play(package_fetch_frameworks=[], package_fetch_parts=["driver", "toolkit"])
    assert run.returncode == 0, run.stdout
    file = "Atlas-A3-hdk-npu-driver_25.2.1_linux-aarch64.run"
    page = "https://www.hiascend.com/hardware/firmware-drivers/community"
    assert any(
        file in line and f"get it by hand, with a login: {page}" in line for line in run.stdout.splitlines()
    )
    (fleet.folder / "srv" / file).write_text("#!/bin/sh\n")
    noted = fleet.play(package_fetch_frameworks=[], package_fetch_parts=["driver", "toolkit"])
    assert "get it by hand" not in noted.stdout
    assert file in (fleet.folder / "srv/SHA256SUMS").read_text()


def test_a_login_page_stops_before_anything_is_fetched(fleet):
    name = "Ascend-hdk-910b-npu_25.2.0_linux-aarch64.zip"
    login = fleet.site.offer("login.html", LOGIN, kind="text/html")
    fleet.site.files[name].move = login["url"]
    run = fleet.play(playbook="bundle", npu_fleet_bundle=str(fleet.folder / "bundle"))
    assert run.returncode != 0
    assert run.stdout.count("fatal: ") == 1, "the other host goes on without what one has to do for all"
    assert f"{name}: found a login page at {login['url']}" in run.stdout
    assert fleet.names() == []


def test_hosts_without_a_release_and_a_place_that_is_none_are_said_together(fleet):
    fleet.hosts["atlas_300i_duo"] = {"hosts": {"d1": None}}
    run = fleet.play(npu_fleet_packages="https://mirror.example.org/")
    assert run.returncode != 0
    assert "2 problems stop the run" in run.stdout
    assert "no architecture" in run.stdout
    assert "set package_fetch_directory" in run.stdout


def test_a_place_in_the_home_of_who_runs_it_is_there_for_the_preflight_too(fleet, monkeypatch):
    monkeypatch.setenv("HOME", str(fleet.folder))
    run = fleet.play(npu_fleet_packages="~/srv")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "manifest.json" in fleet.names()
    assert "manifest.json" in fleet.names("wheelhouse")
    assert not (fleet.folder / "~").exists()
