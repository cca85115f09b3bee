# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in of Miniforge's installer, in the words of constructor 3.13, and how it is made."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils._python_environment import read_conda
from conda import cached, collector, command, interpreter
from conda.cached import Cache, DownloadError
from conda.installer_file import write
from conda.interpreter import Interpreter
from conda.package_tree import PackageTree
from conda.program import environment, installer
from conda.program.relocation import PLACEHOLDER, PaddingError, relocated_program
from conda.program.simulator import logged
from node_images import Recipe

INSTALLED = """PREFIX={prefix}
Unpacking bootstrapper...
Unpacking payload...

Installing base environment...

Preparing transaction: ...working... done
Executing transaction: ...working... done
installation finished.
"""
EXISTS = """ERROR: File or directory already exists: '{prefix}'
If you want to update an existing installation, use the -u option.
"""


@pytest.fixture
def run(conda_installer, tmp_path):
    """Run the installer in a shell: words -> finished process."""
    environ = {**os.environ, "NPU_SIMULATOR_PYTHON": sys.executable, "HOME": str(tmp_path / "home")}

    def call(*words, shell="bash", file=conda_installer, answers=None):
        stdin = {"stdin": subprocess.DEVNULL} if answers is None else {"input": answers}
        argv = [shell, file, *words]
        return subprocess.run(argv, env=environ, capture_output=True, text=True, check=False, **stdin)

    return call


@pytest.fixture
def on_node(conda_installer, node, tmp_path, monkeypatch, capsys):
    """Run the installer on a simulated node with some faults: status, what was printed, the logged calls."""
    monkeypatch.setenv("NPU_SIMULATOR_ROOT", str(tmp_path))
    monkeypatch.setattr(installer.sys, "argv", [str(conda_installer), "-b", "-p", str(tmp_path / "conda")])
    handler = signal.getsignal(signal.SIGTERM)

    def call(seconds=0, **faults):
        with node.change() as state:
            state["faults"] = faults
            state["seconds"]["conda"] = seconds
        status = installer.main()
        lines = node.path("/var/log/npu-simulator/calls.log").read_text().splitlines()
        return status, capsys.readouterr(), [json.loads(line) for line in lines]

    yield call
    signal.signal(signal.SIGTERM, handler)


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_it_installs_a_conda_that_the_collection_finds_complete(run, tmp_path, shell):
    prefix = tmp_path / "opt/miniforge3"
    answer = run("-b", "-u", "-p", str(prefix), shell=shell)
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, INSTALLED.format(prefix=prefix), "")
    assert read_conda(str(prefix)) == {"version": "25.11.0", "complete": True}
    assert (prefix / ".condarc").read_text() == "channels:\n  - conda-forge\n"
    assert sorted(one.name for one in (prefix / "envs").iterdir()) == []
    assert not (prefix / "install_tmp").exists()
    version = subprocess.run([prefix / "bin/conda", "--version"], capture_output=True, text=True, check=True)
    assert version.stdout == "conda 25.11.0\n"


def test_its_pythons_know_the_folder_they_are_in(run, tmp_path):
    run("-b", "-p", str(tmp_path / "conda"))
    for program in (tmp_path / "conda/pkgs").glob("python-*/bin/python3.*"):
        content = program.read_bytes()
        assert PLACEHOLDER.encode() not in content
        assert f"# loader {program.parents[1]}/lib/ld.so\0\0".encode() in content
        assert content.endswith(b"\0 end\n")


def test_what_is_there_is_only_updated_with_u(run, tmp_path):
    prefix = tmp_path / "conda"
    run("-b", "-p", str(prefix))
    answer = run("-b", "-p", str(prefix))
    assert (answer.returncode, answer.stdout, answer.stderr) == (1, "", EXISTS.format(prefix=prefix))
    environment = prefix / "envs/one"
    subprocess.run([prefix / "bin/conda", "create", "-y", "-p", environment, "python=3.9"], check=True)
    (prefix / "bin/conda").unlink()
    older = prefix / "conda-meta/pip-0.9-0.json"
    older.write_text(json.dumps({"name": "pip", "version": "0.9", "build": "0", "files": ["lib/older.py"]}))
    (prefix / "lib/older.py").touch()
    shutil.rmtree(next((prefix / "pkgs").glob("pip-*")))
    assert read_conda(str(prefix))["complete"] is False
    assert run("-b", "-u", "-p", str(prefix)).returncode == 0
    assert read_conda(str(prefix))["complete"] is True
    assert (environment / "bin/python").exists()
    assert len(list((prefix / "conda-meta").glob("*.json"))) == 4
    assert not (prefix / "lib/older.py").exists()


@pytest.mark.parametrize(
    ("words", "status", "text"),
    [
        (["-h"], 2, "-u           update an existing installation\n"),
        (["-b", "-z"], 1, "ERROR: did not recognize option '?', please try -h\n"),
        (["-b", "-p"], 1, "ERROR: did not recognize option '?', please try -h\n"),
        (["-b", "-p", "/opt/a b"], 1, "ERROR: Cannot install into directories with spaces\n"),
        (["-b", "-p", "/dev/null/conda"], 1, "ERROR: Could not create directory: '/dev/null/conda'.\n"),
    ],
)
def test_it_refuses_in_the_words_of_the_real_one(run, words, status, text):
    answer = run(*words)
    assert (answer.returncode, text in answer.stdout + answer.stderr) == (status, True)


def test_it_installs_into_the_home_folder_unless_told(run, tmp_path):
    assert f"defaults to {tmp_path}/home/miniforge3, must" in run("-h").stdout
    assert run("-b").returncode == 0
    assert read_conda(str(tmp_path / "home/miniforge3"))["complete"] is True


@pytest.mark.parametrize("damage", ["cut", "flip"])
def test_a_damaged_installer_does_nothing(run, conda_installer, tmp_path, damage):
    data = bytearray(conda_installer.read_bytes())
    data[-100] ^= 1
    file = tmp_path / conda_installer.name
    file.write_bytes(data[:-1] if damage == "cut" else data)
    answer = run("-b", "-p", str(tmp_path / "conda"), file=file)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.startswith("WARNING: md5sum mismatch of tar archive\nexpected: ")
    assert not (tmp_path / "conda").exists()


def test_it_wants_its_name_to_end_in_sh(run, conda_installer, tmp_path):
    shutil.copyfile(conda_installer, tmp_path / "installer")
    answer = run("-b", file=tmp_path / "installer")
    assert (answer.returncode, answer.stderr.startswith('Please run using "bash"')) == (1, True)


def test_without_b_it_asks(run, tmp_path):
    answer = run("-p", "/nowhere", answers=f"\nmaybe\nyes\n{tmp_path}/chosen\n")
    assert answer.returncode == 0
    assert "Welcome to Miniforge3 25.11.0-1\n" in answer.stdout
    assert "Please answer 'yes' or 'no':\n>>> " in answer.stdout
    assert "[/nowhere] >>> PREFIX=" in answer.stdout
    assert answer.stdout.endswith("Thank you for installing Miniforge3!\n")
    assert read_conda(str(tmp_path / "chosen"))["complete"] is True
    answer = run("-p", str(tmp_path / "other"), answers="\nno\n")
    assert (answer.returncode, "wasn't approved, aborting" in answer.stdout) == (2, True)
    assert run("-p", str(tmp_path / "other"), answers="").returncode == 1
    assert not (tmp_path / "other").exists()


def test_on_a_node_it_is_logged_and_takes_its_time(on_node, tmp_path, monkeypatch):
    naps: list[float] = []
    monkeypatch.setattr(installer.time, "sleep", naps.append)
    status, _printed, calls = on_node(seconds=8)
    assert (status, sum(naps), len(calls)) == (0, 8, 1)
    assert calls[0]["program"] == "Miniforge3-Linux-aarch64.sh"
    assert (calls[0]["argv"], calls[0]["status"]) == (["-b", "-p", f"{tmp_path}/conda"], 0)


@pytest.mark.parametrize(
    ("faults", "text", "wanted"),
    [
        ({"installer_fails": ["conda"]}, "Installer requires GLIBC >=2.28, but system has 2.17.", (1, None)),
        ({"disk_full": ["conda"]}, "ERROR: Not enough free disk space. Only 0 MB are available,", (1, None)),
        ({"installer_lies": ["conda"]}, "installation finished.", (0, None)),
        ({"installer_half": ["conda"]}, "payload...\n", (1, {"version": None, "complete": False})),
        ({"installer_fails": ["driver"]}, "finished.", (0, {"version": "25.11.0", "complete": True})),
    ],
)
def test_faults_of_the_node_strike(on_node, tmp_path, faults, text, wanted):
    status, printed, calls = on_node(**faults)
    assert text in printed.out + printed.err
    assert (status, read_conda(str(tmp_path / "conda"))) == wanted
    assert calls[-1]["status"] == status


def test_one_that_hangs_waits_until_the_fault_is_gone(on_node, node, tmp_path, monkeypatch):
    def mend(_seconds):
        with node.change() as state:
            state["faults"] = {}

    monkeypatch.setattr(installer.time, "sleep", mend)
    assert on_node(installer_hangs=["conda"])[0] == 0
    assert read_conda(str(tmp_path / "conda"))["complete"] is True


def test_where_no_hard_link_is_possible_files_are_copied(on_node, tmp_path, monkeypatch):
    def refuse(_source, _target):
        raise PermissionError(1, "Operation not permitted")

    module = tmp_path / "conda/lib/python3.11/site-packages/pip/__init__.py"
    on_node()
    assert module.stat().st_nlink > 1
    installer.shutil.rmtree(tmp_path / "conda")
    monkeypatch.setattr(environment.os, "link", refuse)
    on_node()
    assert (module.stat().st_nlink, "it runs" in module.read_text()) == (1, True)


def test_a_killed_program_is_logged_with_status_143(on_node, node):
    on_node()
    with pytest.raises(SystemExit), logged("conda", ["create"]):
        os.kill(os.getpid(), signal.SIGTERM)
    last = node.path("/var/log/npu-simulator/calls.log").read_text().splitlines()[-1]
    assert (json.loads(last)["program"], json.loads(last)["status"]) == ("conda", 143)


def test_a_program_learns_its_folder_without_a_byte_moving():
    content = b"\x7fELF" + b"/placehold" * 3 + b"/lib/ld.so\0next"
    made = relocated_program(content, "/placehold" * 3, "/opt/x")
    assert made == b"\x7fELF/opt/x/lib/ld.so".ljust(len(content) - 4, b"\0") + b"next"
    with pytest.raises(PaddingError, match="Placeholder of length '30' too short"):
        relocated_program(content, "/placehold" * 3, "/" + "x" * 30)


def test_the_same_packages_give_the_same_bytes(tmp_path):
    description = {"name": "Miniforge3", "version": "1", "platform": "linux-aarch64", "base": []}
    sums = []
    for name in ("a", "b", "c"):
        PackageTree(tmp_path / name, "conda-forge").add_conda("1" if name != "c" else "2", [])
        sums.append(write(tmp_path / f"{name}.sh", tmp_path / name, description))
    assert sums[0] == sums[1] != sums[2]


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """Let the images give a small archive, and patchelf note what it is asked for."""
    notes = tmp_path / "notes"
    patchelf = tmp_path / "patchelf"
    patchelf.write_text(f'#!/bin/sh\necho "$*" >>{notes}\necho /lib64/ld-linux-x86-64.so.2\n')
    patchelf.chmod(0o755)

    def docker(*words, data=None):
        if words[0] == "run":
            volume = words[words.index("--volume") + 1].split(":")[0]
            name = next(Path(word).name for word in words if word.startswith("/out/"))
            with tarfile.open(Path(volume) / name, "w") as tar:
                for member, content in {
                    "version": b"3.9.2",
                    "bin/python3.9": b"python",
                    "lib/python3.9/sysconfig.py": b"virtual = sys.base_prefix != sys.prefix",
                }.items():
                    entry = tarfile.TarInfo(member)
                    entry.size = len(content)
                    tar.addfile(entry, io.BytesIO(content))
        return "image"

    monkeypatch.setattr(interpreter, "docker", docker)
    monkeypatch.setattr(Cache, "patchelf", lambda _cache: patchelf)
    monkeypatch.setattr(Cache, "wheel", lambda _cache, name, version: wheels(tmp_path, name, version))
    return notes


def wheels(folder, name, version):
    file = folder / f"{name}-{version}.whl"
    with installer.zipfile.ZipFile(file, "w") as wheel:
        wheel.writestr(f"{name}-{version}.dist-info/METADATA", f"Name: {name}\nVersion: {version}\n")
    return file


def test_building_is_done_once(archive, tmp_path, capsys, monkeypatch):
    output, cache = tmp_path / "out", tmp_path / "cache"
    command.build(output, cache)
    assert capsys.readouterr().out == "conda: Miniforge3-Linux-aarch64.sh made\n"
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=output, check=True)
    asked = archive.read_text().splitlines()
    assert [line.rsplit("/", 1)[0].split(" /")[0] for line in asked] == [
        "--force-rpath --set-rpath $ORIGIN/../lib",
        "--print-interpreter",
        "--force-rpath --set-rpath $ORIGIN/../lib --set-interpreter",
    ]
    assert f"{PLACEHOLDER}/lib/ld-linux-x86-64.so.2" in asked[-1]
    before = (output / "Miniforge3-Linux-aarch64.sh").stat().st_mtime_ns
    command.build(output, cache)
    assert capsys.readouterr().out == ""
    assert (output / "Miniforge3-Linux-aarch64.sh").stat().st_mtime_ns == before
    assert len(list(cache.glob("python-*.tar"))) == 2
    monkeypatch.setattr(interpreter, "docker", None)
    command.build(tmp_path / "other", cache)
    sums = [(folder / "SHA256SUMS").read_text() for folder in (output, tmp_path / "other")]
    assert sums[0] == sums[1]
    assert len(list(cache.iterdir())) == 3  # with its lock


def test_a_python_says_aarch64_and_lets_pip_do_without_distutils(archive, tmp_path):
    (tmp_path / "cache").mkdir()
    python = Interpreter("bullseye", own_libc=False)
    assert python.unpack(Cache(tmp_path / "cache", "0"), tmp_path / "made") == "3.9.2"
    library = tmp_path / "made/lib/python3.9"
    customization = (library / "sitecustomize.py").read_text()
    assert customization.startswith(interpreter.SITE_CUSTOMIZATION.read_text())
    assert (library / "sysconfig.py").read_text() == "virtual = True\n_PIP_USE_SYSCONFIG = True\n"


def test_a_python_of_conda_finds_its_packages_without_being_a_virtual_environment(archive, tmp_path):
    (tmp_path / "cache").mkdir()
    Interpreter("bullseye", own_libc=False).unpack(Cache(tmp_path / "cache", "0"), tmp_path / "made")
    script = (
        "import runpy, site, sys; sys.prefix = sys.base_prefix = sys.argv[2]; site.PREFIXES = [sys.prefix]; "
        "runpy.run_path(sys.argv[1]); print(site.getsitepackages(), sys.path[-1])"
    )
    words = [sys.executable, "-c", script, tmp_path / "made/lib/python3.9/sitecustomize.py", tmp_path / "env"]
    site = tmp_path / f"env/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    site.mkdir(parents=True)
    run = subprocess.run(words, check=True, capture_output=True, text=True)
    assert run.stdout == f"['{site}'] {site}\n"


def test_pip_takes_away_all_that_conda_has_brought(conda_installer, tmp_path):
    installer.Installer(conda_installer, (io.StringIO(), io.StringIO(), io.StringIO())).run(
        ["-b", "-p", str(tmp_path / "conda")]
    )
    information = next((tmp_path / "conda/lib").glob("python3.*/site-packages/setuptools-2.0.dist-info"))
    assert (information / "INSTALLER").read_text(encoding="utf-8") == "conda\n"
    record = (information / "RECORD").read_text(encoding="utf-8").splitlines()
    assert "setuptools-2.0.dist-info/INSTALLER,," in record


def test_a_python_is_collected_anew_when_its_image_has_other_packages(monkeypatch):
    def made_with(*packages):
        image = Recipe("bullseye", "bullseye", packages, "visible", "http://mirror")
        monkeypatch.setattr(interpreter.node_images, "recipes", lambda: [image])
        return Interpreter("bullseye", own_libc=False).recipe

    assert made_with("python3") == made_with("python3") != made_with("python3", "python3-venv")


def test_without_images_or_pypi_it_says_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(interpreter, "docker", lambda *_words: "")
    assert command.main(["--output", str(tmp_path / "out")]) == 1
    wanted = "conda: found no image ascend-fleet/node:bullseye to take a Python from: run make setup\n"
    assert capsys.readouterr().err == wanted
    monkeypatch.setattr(cached.sys, "executable", "false")
    with pytest.raises(DownloadError, match=r"could not download pip 1\.0 from PyPI"):
        Cache(tmp_path / "wheels", "0").wheel("pip", "1.0")


def test_the_collector_takes_libraries_and_leaves_what_no_environment_needs():
    found = collector.shared_libraries(["/bin/sh"])
    assert set(collector.C_LIBRARY) <= set(found)
    assert any(name.startswith("ld-") for name in found)
    kept = [collector.wanted(tarfile.TarInfo(f"lib/{name}")) for name in ("test", "json", "idlelib")]
    assert [one.name if one else None for one in kept] == [None, "lib/json", None]
