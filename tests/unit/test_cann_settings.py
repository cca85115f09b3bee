# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role cann gives users: its script as bash reads it, and its lines as a service reads them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

ROOT = Path(__file__).resolve().parents[2]
ROLE = ROOT / "roles/cann"
ASSETS = ROOT / "simulator/npu_simulator/installers/assets"
NNAL = {"cann_files": [{"part": "toolkit"}, {"part": "nnal"}]}


def say(name, **given):
    """Return a variable of the role for the inputs ``given``."""
    loader = DataLoader()
    files = [
        loader.load_from_file(str(ROLE / folder / "main.yml"), trusted_as_template=True)
        for folder in ("defaults", "vars")
    ]
    known = {**files[0], **files[1], "cann_files": [{"part": "toolkit"}], **given}
    return Templar(loader, known).template(files[1][name])


@pytest.fixture
def cann(tmp_path):
    """Return a place with the environment scripts of the simulated toolkit and nnal."""
    scripts = {"set_env.sh": "ascend-toolkit", "cann_set_env.sh": "cann-8.5.0", "atb_set_env.sh": "nnal/atb"}
    (tmp_path / "cann").symlink_to("cann-8.5.0")
    (tmp_path / "ascend-toolkit/latest").mkdir(parents=True)
    for name, folder in scripts.items():
        script = tmp_path / folder / "set_env.sh"
        script.parent.mkdir(parents=True, exist_ok=True)
        text = (ASSETS / name).read_text(encoding="utf-8")
        script.write_text(text.replace("@TREE@", f"{script.parent}/latest"), encoding="utf-8")
    return tmp_path


def login(cann, shell="bash", **given):
    """Return the variables that the profile gives to a login shell."""
    profile = cann / "ascend.sh"
    profile.write_text(say("__cann_login", cann_install_path=str(cann), **given), encoding="utf-8")
    done = subprocess.run(
        [shell, "-c", f"cd {cann}; . {profile}; env"],
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(line.split("=", 1) for line in done.stdout.splitlines())


def services(cann, **given):
    lines = say("__cann_environment", cann_install_path=str(cann), **given).splitlines()
    return dict(line.split("=", 1) for line in lines if not line.startswith("#"))


def environment_with_torch(folder, abi):
    """Return an environment whose python3 says what torch was compiled with."""
    program = folder / "bin/python3"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho {abi}\n", encoding="utf-8")
    program.chmod(0o755)
    return str(folder)


def test_without_nnal_nothing_is_said_of_it(cann):
    for seen in (login(cann), services(cann)):
        assert "ATB_HOME_PATH" not in seen
        assert seen["ASCEND_TOOLKIT_HOME"] == f"{cann}/ascend-toolkit/latest"
        assert "nnal/" not in seen["LD_LIBRARY_PATH"]


@pytest.mark.parametrize("abi", ["0", "1", 0, 1])
def test_nnal_is_that_of_the_abi_that_was_said(cann, abi):
    python = environment_with_torch(cann / "env", 1 - int(abi))
    given = {**NNAL, "cann_atb_cxx_abi": abi, "cann_python_environment": python}
    home = f"{cann}/nnal/atb/latest/atb/cxx_abi_{abi}"
    for seen in (login(cann, **given), services(cann, **given)):
        assert seen["ATB_HOME_PATH"] == home
        libraries = seen["LD_LIBRARY_PATH"].split(":")
        assert libraries[0] == f"{home}/lib"
        assert f"{cann}/ascend-toolkit/latest/lib64" in libraries


def test_without_a_word_the_torch_of_the_environment_is_asked(cann):
    python = environment_with_torch(cann / "env", 0)
    seen = login(cann, **NNAL, cann_python_environment=python)
    assert seen["ATB_HOME_PATH"].endswith("cxx_abi_0")
    assert f"{python}/bin" in seen["PATH"].split(":")


def test_without_a_word_and_without_torch_it_is_the_newer_one(cann):
    assert login(cann, **NNAL)["ATB_HOME_PATH"].endswith("cxx_abi_1")
    assert services(cann, **NNAL)["ATB_HOME_PATH"].endswith("cxx_abi_1")


def test_the_declared_variables_win_over_those_of_the_scripts(cann):
    seen = login(cann, **NNAL, cann_variables={"ATB_HOME_PATH": "/own"})
    assert seen["ATB_HOME_PATH"] == "/own"


@pytest.mark.parametrize(
    ("said", "written"), [(True, "1"), (False, "0"), ("true", "1"), ("yes", "1"), ("false", "0")]
)
def test_whether_logs_go_to_the_standard_output_may_be_said_as_text(cann, said, written):
    for seen in (login(cann, cann_log_to_stdout=said), services(cann, cann_log_to_stdout=said)):
        assert seen["ASCEND_SLOG_PRINT_TO_STDOUT"] == written


@pytest.mark.parametrize("layout", ["ascend-toolkit", "cann"])
def test_another_shell_than_bash_gets_what_services_get_and_no_script(cann, layout):
    """The script of 8.5 gives relative paths there, so that a program of the current folder would be run."""
    given = {**NNAL, "cann_layout": layout, "cann_python_environment": str(cann)}
    (cann / "bin").mkdir()
    seen, wanted = login(cann, shell="dash", **given), services(cann, **given)
    search = wanted.pop("PATH").split(":")[:2]
    assert {name: seen.get(name) for name in wanted} == wanted
    assert seen["PATH"].split(":") == [*search, "/usr/bin", "/bin"]


@pytest.mark.parametrize("layout", ["ascend-toolkit", "cann"])
def test_bash_gets_the_script(cann, layout):
    seen = login(cann, cann_layout=layout)
    tree = "cann-8.5.0" if layout == "cann" else "ascend-toolkit/latest"
    assert seen["ASCEND_TOOLKIT_HOME"] == f"{cann}/{tree}"
    assert "CMAKE_PREFIX_PATH" in seen or layout != "cann"
    assert seen["PATH"].split(":")[0] == f"{cann}/{tree}/bin"
