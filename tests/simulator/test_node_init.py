# SPDX-License-Identifier: GPL-3.0-or-later
"""What a node says of itself: the files that init writes at each boot, and the programs that read them."""

from __future__ import annotations

import importlib.util
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

NODE = Path(__file__).resolve().parents[2] / "simulator/node"


@pytest.fixture(scope="module")
def init():
    """Load init.py, which is no part of a package."""
    specification = importlib.util.spec_from_file_location("node_init", NODE / "init.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("environment", "maker"), [("bare_metal", "Huawei"), ("vm", "QEMU")])
def test_sysfs_names_maker_and_model_of_the_simulated_server(init, node, tmp_path, environment, maker):
    state = {**node.read(), "environment": environment}
    init.write_dmi(state, tmp_path / "dmi")
    assert (tmp_path / "dmi/sys_vendor").read_text(encoding="utf-8") == f"{maker}\n"
    assert (tmp_path / "dmi/product_name").read_text(encoding="utf-8") == "Test 910b\n"


def test_each_boot_has_an_id_of_its_own(init, tmp_path):
    init.write_boot_id(tmp_path / "one")
    init.write_boot_id(tmp_path / "two")
    assert (tmp_path / "one").read_text(encoding="ascii") != (tmp_path / "two").read_text(encoding="ascii")


def test_a_boot_starts_the_web_server_that_is_enabled(init, tmp_path, monkeypatch):
    started = []
    monkeypatch.setattr(init.subprocess, "run", lambda command, check: started.append((command, check)))
    init.start_web_server(tmp_path)
    assert started == []
    (tmp_path / "S01nginx").touch()
    init.start_web_server(tmp_path)
    assert started == [(["service", "nginx", "start"], True)]


def test_a_node_without_return_waits_until_the_fault_is_cleared(init, node, monkeypatch, capsys):
    with node.change() as state:
        state["faults"]["no_return"] = True
    waits = []

    def clear(seconds):
        waits.append(seconds)
        with node.change() as state:
            state["faults"] = {}

    monkeypatch.setattr(init.time, "sleep", clear)
    assert init.wait_for_power(node)["faults"] == {}
    assert waits == [1]
    assert "the fault no_return keeps this node away" in capsys.readouterr().out


def test_what_is_not_on_the_docker_host_is_shown_in_a_copy_of_its_parent(init, tmp_path, monkeypatch):
    (tmp_path / "sys/virtual/net").mkdir(parents=True)
    made = tmp_path / "made"
    made.mkdir()
    binds = []
    monkeypatch.setattr(init, "RUNTIME", tmp_path / "run")
    monkeypatch.setattr(init, "bind", lambda source, target: binds.append((source, target)))
    init.show(made, tmp_path / "sys/virtual/dmi/id")
    stage = tmp_path / "run/with_id"
    assert binds == [
        (tmp_path / "sys/virtual/net", stage / "net"),
        (made, stage / "dmi/id"),
        (stage, tmp_path / "sys/virtual"),
    ]
    binds.clear()
    init.show(made, tmp_path / "sys/virtual/net")
    assert binds == [(made, tmp_path / "sys/virtual/net")]


def in_place(tmp_path, name, **content):
    """Return a program of node/bin that reads the files of ``content`` instead of those in /etc."""
    text = (NODE / "bin" / name).read_text(encoding="utf-8")
    program = tmp_path / name
    program.write_text(text.replace("/etc/npu-simulator", str(tmp_path)), encoding="utf-8")
    for file, value in content.items():
        (tmp_path / file).write_text(f"{value}\n", encoding="ascii")
    return program


def answer(program, *words):
    run = subprocess.run(["sh", program, *words], capture_output=True, text=True, check=False)
    return run.returncode, run.stdout


@pytest.mark.parametrize(
    ("environment", "words", "expected"),
    [
        ("bare_metal", [], (1, "none\n")),
        ("vm", [], (0, "kvm\n")),
        ("vm", ["--container"], (1, "none\n")),
        ("container", [], (0, "docker\n")),
        ("container", ["-v"], (1, "none\n")),
        ("container", ["--quiet"], (0, "")),
    ],
)
def test_systemd_detect_virt_answers_for_the_simulated_machine(tmp_path, environment, words, expected):
    program = in_place(tmp_path, "systemd-detect-virt", environment=environment)
    assert answer(program, *words) == expected


def test_uname_tells_the_simulated_architecture_and_the_rest_as_it_is(tmp_path):
    program = in_place(tmp_path, "uname", arch="aarch64")
    assert answer(program, "-m") == (0, "aarch64\n")
    assert answer(program, "-sn") == (0, f"{os.uname().sysname} {os.uname().nodename}\n")
    assert " aarch64" in answer(program, "-a")[1]
    assert answer(program, "--nonsense")[0] == 1


def test_python_tells_the_simulated_architecture(tmp_path):
    (tmp_path / "arch").write_text("aarch64\n", encoding="ascii")
    text = (NODE / "sitecustomize.py").read_text(encoding="utf-8")
    text = text.replace("/etc/npu-simulator", str(tmp_path))
    (tmp_path / "sitecustomize.py").write_text(text, encoding="utf-8")
    ask = "import platform, sysconfig; print(platform.machine(), sysconfig.get_platform())"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, "-c", ask], env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout == "aarch64 linux-aarch64\n"


def test_whoever_writes_into_the_power_switch_ends_process_1(init, tmp_path, monkeypatch):
    started = []
    with monkeypatch.context() as patch:
        patch.setattr(init.subprocess, "Popen", started.append)
        init.connect_power_switch(tmp_path / "power")
    assert stat.S_ISFIFO((tmp_path / "power").stat().st_mode)
    assert (tmp_path / "power").stat().st_mode & 0o777 == 0o622
    ((shell, option, script, switch),) = started
    script = script.replace("kill -TERM 1", "echo ended")
    reader = subprocess.Popen([shell, option, script, str(switch)], stdout=subprocess.PIPE, text=True)
    switch.write_text("off\n")
    assert reader.communicate(timeout=10) == ("ended\n", None)


def test_a_node_with_engines_may_make_control_groups_and_starts_them(init, tmp_path, monkeypatch):
    (tmp_path / "services").mkdir()
    (tmp_path / "cpu,cpuacct").mkdir()
    (tmp_path / "cpu").symlink_to("cpu,cpuacct")
    ran = []
    monkeypatch.setattr(init, "CONTROL_GROUPS", tmp_path)
    monkeypatch.setattr(init.Path, "is_mount", lambda folder: folder.name.startswith("cpu"))
    monkeypatch.setattr(init.subprocess, "run", lambda words, check: ran.append(list(map(str, words))))
    init.start_engines(tmp_path / "services")
    assert ran == []
    for name in ("docker", "containerd", "ssh"):
        (tmp_path / "services" / name).touch()
    init.start_engines(tmp_path / "services")
    assert ran == [
        ["mount", "-o", "remount,bind,rw", str(tmp_path / "cpu,cpuacct")],
        ["service", "containerd", "start"],
        ["service", "docker", "start"],
    ]
