# SPDX-License-Identifier: GPL-3.0-or-later
"""One node for each guide: what a login shell, another shell and a service see, and that it computes."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path

import pytest

REPORTS = Path(os.environ["FLEET_REPORTS"])
SERVICE_FILE = "/etc/environment.d/60-ascend.conf"
TOOLKIT, NNAE = "/usr/local/Ascend/ascend-toolkit/latest", "/usr/local/Ascend/nnae/latest"
BOARD = "/home/HwHiAiUser/Ascend/ascend-toolkit/latest"
HOMES = {
    "guide-000": TOOLKIT,
    "guide-001": NNAE,
    "guide-002": TOOLKIT,
    "guide-003": BOARD,
    "guide-004": TOOLKIT,
}
ENVIRONMENTS = {
    "guide-000": "/opt/miniforge3/envs/torch_npu",
    "guide-001": "/opt/miniforge3/envs/mindspore_py39",
    "guide-002": "/opt/miniforge3/envs/torch_npu",
    "guide-003": "/opt/ascend/torch_npu",
    "guide-004": "/opt/ascend/nanochat_npu",
}
VERSIONS = {
    "guide-000": {
        "torch": "2.1.0",
        "torch_npu": "2.1.0",
        "torchvision": "0.16.0",
        "torchaudio": "2.1.0",
        "numpy": "1.24.0",
        "protobuf": "3.20.0",
    },
    "guide-001": {"mindspore-ascend": "1.10.1", "te": "0.4.0", "topi": "0.4.0", "hccl": "0.1.0"},
    "guide-002": {"torch": "2.1.0", "torch_npu": "2.1.0rc1", "apex": "0.1+ascend", "te": "0.4.0"},
    "guide-003": {"torch": "2.1.0", "torch_npu": "2.1.0.post10", "protobuf": "3.20.0"},
    "guide-004": {"torch": "2.1.0", "torch_npu": "2.1.0rc1"},
}
TORCH = "import torch, torch_npu; a = torch.randn(3, 4).npu(); print((a + a).device)"
MINDSPORE = 'import mindspore; mindspore.set_context(device_target="Ascend"); mindspore.run_check()'
PROGRAMS = {"guide-001": (MINDSPORE, "calculation is correct")}
testinfra_hosts = [f"ssh://{name}" for name in HOMES]


def name_of(host):
    return host.backend.get_pytest_id().removeprefix("ssh://")


def on(host, *names):
    """Leave a test to the nodes that it is about."""
    return name_of(host) in names


def login_shell(host, command):
    """Run ``command`` as an ordinary user's login shell does."""
    return host.check_output(f"env -i HOME=/home/fleet bash -lc {shlex.quote(command)}")


def service_environment(host):
    """Return what EnvironmentFile= gives a service, which starts with nothing of a shell."""
    lines = host.file(SERVICE_FILE).content_string.splitlines()
    return dict(line.split("=", 1) for line in lines if not line.startswith("#"))


def service(host, command):
    """Run ``command`` with the lines of EnvironmentFile= and nothing else."""
    words = [f"{name}={value}" for name, value in service_environment(host).items()]
    return host.check_output(
        shlex.join(["env", "-i", *words, "bash", "--norc", "--noprofile", "-c", command])
    )


def report():
    nodes = json.loads((REPORTS / "fleet.json").read_text(encoding="utf-8"))["nodes"]
    return {node["host"]: node for node in nodes}


def test_the_last_run_changed_nothing_and_every_check_passed(host):
    node = report()[name_of(host)]
    assert node["state"] == "unchanged"
    assert [check["check"] for check in node["checks"] if check["passed"] is not True] == []
    tried = [check["check"] for check in node["checks"] if ENVIRONMENTS[name_of(host)] in check["check"]]
    assert len(tried) == 1


def test_a_login_shell_computes_with_the_environments_own_python(host):
    name = name_of(host)
    if on(host, "guide-002"):  # no environment is the default there: it is activated by hand, as in the guide
        start = f". {ENVIRONMENTS[name]}/../../bin/activate {ENVIRONMENTS[name]} && "
    else:
        start = ""
        assert login_shell(host, "command -v python") == f"{ENVIRONMENTS[name]}/bin/python"
    program, sentence = PROGRAMS.get(name, (TORCH, "npu:0"))
    assert sentence in login_shell(host, f"{start}python -c {shlex.quote(program)}")


def test_a_login_shell_and_a_service_see_the_same_cann(host):
    seen = dict(line.split("=", 1) for line in login_shell(host, "env").splitlines() if "=" in line)
    given = service_environment(host)
    for variable in ("ASCEND_HOME_PATH", "ASCEND_TOOLKIT_HOME", "ASCEND_OPP_PATH", "ASCEND_AICPU_PATH"):
        assert seen[variable] == given[variable], variable
    assert given["ASCEND_HOME_PATH"] == HOMES[name_of(host)]
    for variable in ("LD_LIBRARY_PATH", "PYTHONPATH", "PATH"):
        cann = [part for part in given[variable].split(":") if part.startswith(HOMES[name_of(host)])]
        assert cann
        assert set(cann) <= set(seen[variable].split(":")), variable


def test_a_service_computes(host):
    program, sentence = PROGRAMS.get(name_of(host), (TORCH, "npu:0"))
    python = f"{ENVIRONMENTS[name_of(host)]}/bin/python"
    assert sentence in service(host, f"{python} -c {shlex.quote(program)}")


def test_the_environment_has_what_the_release_and_the_guide_name(host):
    listed = host.check_output(f"{ENVIRONMENTS[name_of(host)]}/bin/python -m pip list --format=json")
    found = {package["name"].replace("-", "_"): package["version"] for package in json.loads(listed)}
    wanted = {name.replace("-", "_"): version for name, version in VERSIONS[name_of(host)].items()}
    assert {name: found.get(name) for name in wanted} == wanted


def test_the_environment_lies_behind_a_link_and_nothing_lies_beside_it(host):
    path = Path(ENVIRONMENTS[name_of(host)])
    there = host.check_output(f"ls -A {path.parent}").split()
    beside = [name for name in there if path.name in name and name != path.name]
    assert beside == [Path(host.file(str(path)).linked_to).name]


def test_no_configuration_of_pip_and_no_wheels_are_left(host):
    assert host.run("sudo find / -xdev -name '.ascend-fleet-*' -o -xdev -name 'ascend-wheels-*'").stdout == ""


def test_the_log_level_of_guide_004_means_errors_only(host):
    if not on(host, "guide-004"):
        assert "ASCEND_GLOBAL_LOG_LEVEL" not in service_environment(host)
        return
    wanted = {
        "ASCEND_GLOBAL_LOG_LEVEL": "3",
        "ASCEND_SLOG_PRINT_TO_STDOUT": "0",
        "ASCEND_RT_VISIBLE_DEVICES": "0,1,2,3,4,5,6,7",
        "HCCL_WHITELIST_DISABLE": "1",
        "HCCL_IF_IP": "127.0.0.1",
    }
    assert service_environment(host).items() >= wanted.items()
    # The command of an SSH session is no login shell; PAM gave it the environment.
    for shell in (host.check_output("env"), login_shell(host, "env")):
        seen = dict(line.split("=", 1) for line in shell.splitlines() if "=" in line)
        assert {name: seen.get(name) for name in wanted} == wanted
    assert "npu:0" in host.check_output(f"python -c {shlex.quote(TORCH)}")


def test_named_users_may_open_the_devices(host):
    users = {"guide-003": "HwHiAiUser", "guide-004": "fleet"}
    if on(host, *users):
        assert "HwHiAiUser" in host.user(users[name_of(host)]).groups
    else:
        assert "HwHiAiUser" not in host.user("fleet").groups


@pytest.mark.parametrize("user", ["root", "HwHiAiUser"])
def test_the_thread_limit_of_guide_003_holds_for_users(host, user):
    assert "nproc    unlimited" in host.file("/etc/security/limits.d/ascend.conf").content_string
    assert host.user(user).exists
