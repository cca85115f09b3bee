# SPDX-License-Identifier: GPL-3.0-or-later
"""The Ascend Docker Runtime package on a simulated node."""

from __future__ import annotations

import json

import pytest

FOLDER = "/usr/local/Ascend/Ascend-Docker-Runtime"
INFO = f"{FOLDER}/ascend_docker_runtime_install.info"
DAEMON = "/etc/docker/daemon.json"


@pytest.fixture
def release(make_release):
    return make_release("8.5.0", "cann")


@pytest.fixture
def run(host, release):
    return lambda *words, **more: host.run("docker_runtime", *words, release=release, **more)


def test_it_installs_and_registers_itself_with_docker(host, run):
    host.node.path("/etc/docker").mkdir(parents=True)
    host.node.path(DAEMON).write_text('{"log-driver": "json-file"}')
    assert run("--install", "--quiet") == 0
    assert host.out.endswith("[INFO] ascend-docker-runtime install success\n")
    info = host.text(INFO).splitlines()
    assert info[:3] == ["version=v7.3.0", "arch=aarch64", "os=linux"]
    assert "install-scene=docker" in info
    daemon = json.loads(host.text(DAEMON))
    assert daemon["runtimes"]["ascend"]["path"] == f"{FOLDER}/ascend-docker-runtime"
    assert (daemon["default-runtime"], daemon["log-driver"]) == ("ascend", "json-file")
    modes = {
        name: host.node.path(name).stat().st_mode & 0o777
        for name in (INFO, DAEMON, f"{FOLDER}/script/uninstall.sh")
    }
    assert modes == {INFO: 0o640, DAEMON: 0o600, f"{FOLDER}/script/uninstall.sh": 0o500}


def test_its_uninstaller_leaves_what_docker_had(host, run):
    run("--install", "--quiet")
    assert host.script(f"{FOLDER}/script/uninstall.sh") == 0
    assert json.loads(host.text(DAEMON)) == {"runtimes": {}}
    assert not host.has(FOLDER)
    assert not host.has("/etc/ascend-docker-runtime.d")
    assert run("--uninstall") == 0
    assert "uninstall skipping, the specified install path does not exist" in host.out


def test_containerd_has_a_file_of_its_own(host, run):
    assert run("--install", "--quiet", "--install-scene=containerd") == 0
    assert f'BinaryName = "{FOLDER}/ascend-docker-runtime"' in host.text("/etc/containerd/config.toml")
    assert not host.has(DAEMON)
    assert run("--upgrade", "--quiet") == 0
    assert "ascend-docker-runtime upgrade success" in host.out


def test_the_licence_is_asked_until_somebody_answers(host, run):
    assert run("--install", stdin="x\nn\n") == 0
    assert host.out.count("Do you accept the EULA to install Ascend-docker-runtime?[Y/N]") == 2
    assert "install cancelled, user declined EULA" in host.out
    assert not host.has(FOLDER)
    assert run("--install", stdin="y\n") == 0
    assert host.has(INFO)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--full"], "failed, unsupported parameters: --full"),
        (["--install", "--install-scene=podman"], "please check the parameter of --install-scene=<scene>"),
        (["--install", "--injection-mode=x"], "only cdi or legacy are supported"),
        (["--install", "--install-type=A9"], "please check the parameter of --install-type=<type>"),
        (
            ["--install", "--install-path=/a", "--install-path=/b"],
            "failed, '--install-path' Repeat parameter!",
        ),
        (["--install", "--install"], "install failed, '--install' Repeat parameter!"),
        (["--install", "--config-file-path=/none"], "failed, file '/none' does not exist."),
        (["--install-path=/opt"], "failed, only input <install-path> command."),
        (["--upgrade", "--quiet"], "upgrade failed, the specified install path does not exist"),
    ],
)
def test_wrong_words_are_refused_in_its_own_words(host, run, words, text):
    assert run(*words) == 1
    assert text in host.out
    assert not host.has(FOLDER)


def test_it_is_for_root_and_for_its_own_machine(host, run):
    host.set(arch="x86_64")
    assert run("--install", "--quiet") == 1
    assert "[ERROR] platform(x86_64) mismatch for Ascend-docker-runtime_7.3.0_linux-aarch64.run" in host.out
    assert run("--version") == 0
    assert host.out == "ascend-docker-runtime version: 7.3.0\n"
    host.node.uid = 1000
    assert run("--install", "--quiet") == 1
    assert "[ERROR] failed, please run with root permission" in host.out


@pytest.mark.parametrize(
    ("fault", "status", "there"),
    [
        ("installer_fails", 1, False),
        ("installer_lies", 0, False),
        ("installer_half", 1, False),
        ("disk_full", 1, False),
        ("read_only", 1, False),
    ],
)
def test_it_fails_and_lies_as_told(host, run, fault, status, there):
    host.fault(**{fault: ["docker_runtime"]})
    assert run("--install", "--quiet") == status
    assert host.has(INFO) == there
