# SPDX-License-Identifier: GPL-3.0-or-later
"""The Ascend Docker Runtime package on a simulated node."""

from __future__ import annotations

import json
import re

import pytest
from npu_simulator.installers import docker_runtime

FOLDER = "/usr/local/Ascend/Ascend-Docker-Runtime"
INFO = f"{FOLDER}/ascend_docker_runtime_install.info"
DAEMON = "/etc/docker/daemon.json"
CONFIG = "/etc/containerd/config.toml"


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


# As containerd 1.6 and 2 write them; the vendor's manual shows the latter.
DEFAULTS = {
    'plugins."io.containerd.grpc.v1.cri".containerd': """\
version = 2
root = "/var/lib/containerd"

[plugins]
  [plugins."io.containerd.grpc.v1.cri".containerd]
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        BinaryName = ""
        SystemdCgroup = false
""",
    'plugins."io.containerd.cri.v1.runtime".containerd': """\
version = 3
[plugins.'io.containerd.cri.v1.runtime'.containerd]
  default_runtime_name = 'runc'
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
  runtime_type = 'io.containerd.runc.v2'
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
  BinaryName = ''
  SystemdCgroup = true
""",
    "plugins.cri.containerd": "version = 1\n",
}


def table(text, name):
    """Return the values of a table of settings, as text."""
    parts = re.split(r"^\s*\[([^\[\]]+)\]\s*$", text, flags=re.MULTILINE)
    lines = dict(zip(parts[1::2], parts[2::2]))[name].splitlines()
    return dict(re.split(r"\s*=\s*", line.strip()) for line in lines if line.strip())


@pytest.mark.parametrize("name", DEFAULTS)
def test_containerd_gets_a_runtime_like_runc_that_is_the_default(host, run, name):
    host.node.path("/etc/containerd").mkdir(parents=True)
    host.node.path(CONFIG).write_text(DEFAULTS[name])
    assert run("--install", "--quiet", "--install-scene=containerd") == 0
    assert run("--install", "--quiet", "--install-scene=containerd") == 0
    text = host.text(CONFIG)
    assert text.startswith(DEFAULTS[name].splitlines()[0])
    assert table(text, name)["default_runtime_name"] == '"ascend"'
    assert table(text, f"{name}.runtimes.ascend")["runtime_type"].strip("'\"") == "io.containerd.runc.v2"
    options = table(text, f"{name}.runtimes.ascend.options")
    assert options["BinaryName"] == f'"{FOLDER}/ascend-docker-runtime"'
    assert options["SystemdCgroup"] == ("false" if "grpc" in name else "true")
    assert text.count(f"{name}.runtimes.ascend]") == 1
    assert not host.has(DAEMON)
    assert host.script(f"{FOLDER}/script/uninstall.sh", "none", "containerd") == 0
    assert "ascend" not in host.text(CONFIG)
    assert not host.has(FOLDER)


def test_without_settings_it_asks_containerd_for_them(host, run):
    program = host.node.path("/usr/bin/containerd")
    program.write_text("#!/bin/sh\n[ \"$*\" = 'config default' ] && echo 'version = 2'\n")
    program.chmod(0o755)
    assert run("--install", "--quiet", "--install-scene=containerd") == 0
    assert f"containerd config file does not exist, default {CONFIG} will be created" in host.out
    assert host.text(CONFIG).startswith("version = 2\n")
    assert run("--upgrade", "--quiet") == 0
    assert "ascend-docker-runtime upgrade success" in host.out


def test_settings_that_are_not_json_stop_it(host, run):
    host.node.path("/etc/docker").mkdir(parents=True)
    host.node.path(DAEMON).write_text("{,}")
    assert run("--install", "--quiet") == 1
    assert f"install failed, './ascend-docker-plugin-install-helper add {DAEMON} " in host.out
    assert "return non-zero" in host.out
    assert not host.has(INFO)


def test_its_uninstaller_leaves_everything_where_the_engine_has_no_settings(host, run):
    run("--install", "--quiet")
    assert host.script(f"{FOLDER}/script/uninstall.sh", "none", "containerd") == 0
    assert f"uninstall skipping, {CONFIG} does not exist" in host.out
    assert host.has(INFO)


def test_packages_up_to_26_0_0_do_not_know_the_injection_mode(host, run):
    assert run("--install", "--injection-mode=cdi") == 1
    assert "failed, unsupported parameters: --injection-mode=cdi" in host.out
    assert run("--install", "--install-scene=crio", "--quiet") == 1
    run("--install", "--quiet")
    assert "injection-mode" not in host.text(INFO)


def test_newer_packages_keep_the_injection_mode_in_an_upgrade(host, make_release, monkeypatch):
    monkeypatch.setattr(docker_runtime, "LAST_WITHOUT", [7, 2, 0])  # there is no package of a newer one yet
    release = make_release("8.5.0", "cann")
    assert host.run("docker_runtime", "--install", "--quiet", "--injection-mode=x", release=release) == 1
    assert "only cdi or legacy are supported" in host.out
    assert host.run("docker_runtime", "--install", "--quiet", "--injection-mode=cdi", release=release) == 0
    assert "injection-mode=cdi\n" in host.text(INFO)
    assert host.run("docker_runtime", "--upgrade", "--quiet", release=release) == 0
    assert "injection-mode=cdi\n" in host.text(INFO)


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
