# SPDX-License-Identifier: GPL-3.0-or-later
"""python_environment_info on environments made of files."""

from __future__ import annotations

import getpass
import json
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils._place_ground import filesystem_of, read_ground
from ansible_collections.ascend.fleet.plugins.modules import python_environment_info

ME = getpass.getuser()
MOUNTS = """\
/dev/sda1 / ext4 rw,relatime 0 0
nas:/home /home nfs4 rw,vers=4.2 0 0
tmpfs /home/a\\040b tmpfs rw 0 0
/dev/sdb1 /opt xfs rw 0 0
"""


def write(path, text=""):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def distribution(root, folder, name, version, python="3.9"):
    write(
        root / f"lib/python{python}/site-packages/{folder}.dist-info/METADATA",
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: x\n\nName: not this one\n",
    )


@pytest.fixture
def conda(tmp_path):
    """Return a conda environment with Python 3.9.18."""
    root = tmp_path / "conda"
    write(root / "conda-meta/history")
    write(root / "conda-meta/python-3.9.18-h1.json", json.dumps({"name": "python", "version": "3.9.18"}))
    write(root / "conda-meta/python-dateutil-2.8.2-p.json", json.dumps({"name": "x", "version": "2.8.2"}))
    write(root / "bin/python3.9")
    (root / "bin/python").symlink_to("python3.9")
    return root


@pytest.fixture
def venv(tmp_path):
    """Return a venv on a system Python 3.11.2."""
    root = tmp_path / "venv"
    write(tmp_path / "usr/bin/python3.11")
    write(root / "pyvenv.cfg", "home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11.2\n")
    (root / "bin").mkdir()
    (root / "bin/python").symlink_to(tmp_path / "usr/bin/python3.11")
    return root


def read(run_module, tape, *paths):
    result = run_module(python_environment_info, paths=[str(path) for path in paths])
    assert not result.get("failed"), result
    assert result["changed"] is False
    return result["environments"]


def test_a_conda_environment_is_read_without_any_process(run_module, tape, conda):
    distribution(conda, "torch_npu-2.1.0", "torch_npu", "2.1.0")
    distribution(conda, "PyYAML-6.0", "PyYAML", "6.0")
    distribution(conda, "wrong-1", "wrong", "1", python="3.8")
    assert read(run_module, tape, conda) == [
        {
            "path": str(conda),
            "real_path": str(conda),
            "exists": True,
            "manager": "conda",
            "python": "3.9.18",
            "packages": [{"name": "pyyaml", "version": "6.0"}, {"name": "torch-npu", "version": "2.1.0"}],
            "conda_packages": [
                {"name": "python", "version": "3.9.18", "build": "h1"},
                {"name": "python-dateutil", "version": "2.8.2", "build": "p"},
            ],
            "owner": ME,
            "ground": {
                "path": str(conda.parent),
                "owner": ME,
                "filesystem": filesystem_of(conda, Path("/proc/self/mounts").read_text(encoding="utf-8")),
                "writable": True,
            },
            "wheels": [],
        }
    ]


def test_a_venv_is_read(run_module, tape, venv):
    distribution(venv, "numpy-1.24.0", "numpy", "1.24.0", python="3.11")
    (found,) = read(run_module, tape, venv)
    assert (found["manager"], found["python"]) == ("venv", "3.11.2")
    assert found["packages"] == [{"name": "numpy", "version": "1.24.0"}]


def test_virtualenv_writes_its_version_in_another_way(run_module, tape, venv):
    write(venv / "pyvenv.cfg", "home = /usr/bin\nversion_info = 3.11.2.final.0\n")
    assert read(run_module, tape, venv)[0]["python"] == "3.11.2"


def test_what_an_interrupted_pip_left_is_not_installed(run_module, tape, conda):
    distribution(conda, "~orch-2.1.0", "torch", "2.1.0")
    (conda / "lib/python3.9/site-packages/numpy-1.24.0.dist-info").mkdir(parents=True)
    assert read(run_module, tape, conda)[0]["packages"] == []


def test_nothing_there_and_an_empty_directory_are_the_same(run_module, tape, tmp_path):
    (tmp_path / "empty").mkdir()
    for found in read(run_module, tape, tmp_path / "missing", tmp_path / "empty"):
        assert (found["exists"], found["manager"], found["python"], found["packages"]) == (
            False,
            None,
            None,
            [],
        )


def test_something_else_exists_and_has_no_manager(run_module, tape, tmp_path):
    write(tmp_path / "other/data.txt")
    write(tmp_path / "file")
    (tmp_path / "link").symlink_to("nowhere")
    for found in read(run_module, tape, tmp_path / "other", tmp_path / "file", tmp_path / "link"):
        assert (found["exists"], found["manager"], found["python"]) == (True, None, None)


def broken_link(conda):
    (conda / "bin/python3.9").unlink()


def no_interpreter(conda):
    (conda / "bin/python").unlink()


def no_record(conda):
    (conda / "conda-meta/python-3.9.18-h1.json").unlink()


def cut_record(conda):
    write(conda / "conda-meta/python-3.9.18-h1.json", '{"name": "pyth')


@pytest.mark.parametrize("damage", [broken_link, no_interpreter, no_record, cut_record])
def test_a_broken_environment_exists_without_python(run_module, tape, conda, damage):
    distribution(conda, "torch-2.1.0", "torch", "2.1.0")
    damage(conda)
    (found,) = read(run_module, tape, conda)
    assert (found["exists"], found["manager"], found["python"], found["packages"]) == (
        True,
        "conda",
        None,
        [],
    )


def test_a_system_python_that_was_replaced_breaks_the_venv(run_module, tape, venv, tmp_path):
    write(tmp_path / "usr/bin/python3.12")
    (venv / "bin/python").unlink()
    (venv / "bin/python").symlink_to(tmp_path / "usr/bin/python3.12")
    assert read(run_module, tape, venv)[0]["python"] is None


def test_a_relative_path_is_refused(run_module):
    result = run_module(python_environment_info, paths=["opt/env"])
    assert result["failed"]
    assert "relative path 'opt/env'" in result["msg"]


def test_a_path_that_may_not_be_read_names_itself(run_module, monkeypatch):
    def refuse(_prefix):
        raise PermissionError(13, "Permission denied", "/root/env")

    monkeypatch.setattr(python_environment_info, "read_environment", refuse)
    result = run_module(python_environment_info, paths=["/root/env"])
    assert result["failed"]
    assert "/root/env cannot be read: Permission denied" in result["msg"]


def wheel(path, **files):
    record = "".join(f"{name},sha256={checksum},1\n" for name, checksum in files.items())
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("te-0.4.0.dist-info/RECORD", record + "te-0.4.0.dist-info/RECORD,,\n")
    return record


@pytest.mark.parametrize(("installed", "current"), [("a", True), ("another", False)])
def test_a_wheel_is_told_from_another_one_of_the_same_version(run_module, conda, installed, current):
    tmp_path = conda.parent
    record = wheel(tmp_path / "te-0.4.0-py3-none-any.whl", a="1", te="2")
    distribution(conda, "te-0.4.0", "te", "0.4.0")
    own = record.replace("a,", f"{installed},") + "te-0.4.0.dist-info/INSTALLER,sha256=x,4\n"
    write(conda / "lib/python3.9/site-packages/te-0.4.0.dist-info/RECORD", own)
    result = run_module(python_environment_info, paths=[str(conda)], wheels=[f"{tmp_path}/te-*.whl"])
    assert result["environments"][0]["wheels"] == [
        {
            "path": f"{tmp_path}/te-0.4.0-py3-none-any.whl",
            "name": "te",
            "version": "0.4.0",
            "current": current,
        }
    ]


def test_a_wheel_that_is_cut_off_is_named(run_module, tape, conda, tmp_path):
    write(tmp_path / "te-0.4.0-py3-none-any.whl", "PK")
    result = run_module(python_environment_info, paths=[str(conda)], wheels=[f"{tmp_path}/*.whl"])
    assert "no zip archive" in result["msg"]


def test_a_link_says_where_the_environment_lies(run_module, tape, conda, tmp_path):
    (tmp_path / "link").symlink_to(conda)
    assert read(run_module, tape, tmp_path / "link")[0]["real_path"] == str(conda)


def test_kernels_and_their_variables_are_read(run_module, tape, tmp_path, monkeypatch):
    monkeypatch.setattr("pwd.getpwnam", {"alice": SimpleNamespace(pw_dir=str(tmp_path))}.__getitem__)
    folder = tmp_path / ".local/share/jupyter/kernels"
    write(folder / "torch/kernel.json", '{"argv": []}')
    write(folder / "odd/kernel.json", "{")
    write(tmp_path / "60.conf", "# not this = one\nA=1\nB=a=b\n\n")
    asked = [{"name": name, "user": "alice"} for name in ("torch", "odd", "none")]
    result = run_module(
        python_environment_info, paths=["/none"], kernels=asked, variables_file=f"{tmp_path}/60.conf"
    )
    assert [kernel["spec"] for kernel in result["kernels"]] == [{"argv": []}, {}, None]
    assert result["kernels"][0]["path"] == f"{folder}/torch/kernel.json"
    assert result["variables"] == {"A": "1", "B": "a=b"}


def test_a_kernel_of_everybody_and_one_of_a_stranger(run_module, tape):
    result = run_module(python_environment_info, paths=["/none"], kernels=[{"name": "no-such"}])
    assert result["kernels"][0]["path"] == "/usr/local/share/jupyter/kernels/no-such/kernel.json"
    assert result["variables"] == {}
    failed = run_module(python_environment_info, paths=["/none"], kernels=[{"name": "a", "user": "no-such"}])
    assert "found no user no-such" in failed["msg"]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/alice/env", "nfs4"),
        ("/homes", "ext4"),
        ("/home/a b/env", "tmpfs"),
        ("/opt", "xfs"),
        ("/", "ext4"),
    ],
)
def test_the_filesystem_of_a_path_is_that_of_the_nearest_mount(path, kind):
    assert filesystem_of(Path(path), MOUNTS) == kind


def test_the_ground_is_the_nearest_directory_that_is_there(tmp_path, monkeypatch):
    write(tmp_path / "mounts", MOUNTS)
    asked = []
    monkeypatch.setattr("os.access", lambda *words: asked.append(words[0]))
    found = read_ground(tmp_path / "not/there", str(tmp_path / "mounts"))
    assert (found["path"], found["owner"], found["filesystem"]) == (str(tmp_path), ME, "ext4")
    assert (found["writable"], asked) == (None, [str(tmp_path)])
