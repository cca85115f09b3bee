# SPDX-License-Identifier: GPL-3.0-or-later
"""Two bare nodes were brought to cann-7.0.0, checked before and run twice: what do they have now?"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

REPORTS = Path(os.environ["FLEET_REPORTS"])
DRIVER, FIRMWARE, CANN = "23.0.3", "7.1.0.5.220", "7.0.0"
# Guide 002 gives a model 9000 these addresses; an 800T A2 has all of its ports in one subnet.
ADDRESSES = {
    "site-a": [f"10.20.1.{number}" for number in range(1, 9)],
    "site-b": [f"192.168.{net}.101" for net in range(100, 104)]
    + [f"192.168.{net}.100" for net in range(100, 104)],
}
NODES = ("site-a", "site-b")
testinfra_hosts = [f"ssh://{name}" for name in NODES]


def report(name):
    nodes = json.loads((REPORTS / f"{name}.json").read_text(encoding="utf-8"))["nodes"]
    return {node["host"]: node for node in nodes}


def actions(node):
    return [action for stage in node["stages"] for action in stage["actions"]]


def name_of(host):
    return host.backend.get_pytest_id().removeprefix("ssh://")


def installer_runs(host):
    """Return the installers that ran and changed something, in order, from the node's own log."""
    lines = host.file("/var/log/npu-simulator/calls.log").content_string.splitlines()
    calls = [json.loads(line) for line in lines]
    words = [" ".join(call["argv"]) for call in calls if call["program"] == "installers"]
    return [line for line in words if any(flag in line for flag in ("--full", "--upgrade", "--install "))]


@pytest.mark.parametrize("node", sorted(ADDRESSES))
def test_the_plan_of_the_check_is_what_the_run_did(node):
    planned, done = report("plan")[node], report("first")[node]
    assert actions(planned) == actions(done)
    assert len(actions(planned)) >= 20
    assert planned["state"] == "planned"
    assert done["state"] == "changed"


def test_the_second_run_changed_nothing(host):
    node = report("fleet")[name_of(host)]
    assert (node["state"], actions(node)) == ("unchanged", [])


@pytest.mark.parametrize(
    ("file", "version"), [("driver/version.info", DRIVER), ("firmware/version.info", FIRMWARE)]
)
def test_driver_and_firmware_are_installed(host, file, version):
    assert f"Version={version}" in host.file(f"/usr/local/Ascend/{file}").content_string.splitlines()


def test_every_installer_ran_once_and_driver_came_before_firmware(host):
    runs = installer_runs(host)
    kinds = [
        kind for run in runs for kind in ("npu-driver", "npu-firmware", "toolkit", "kernels") if kind in run
    ]
    assert kinds == ["npu-driver", "npu-firmware", "toolkit", "kernels"]


def test_the_driver_is_live_on_eight_healthy_npus(host):
    with host.sudo():
        text = host.check_output("npu-smi info")
    assert f"Version: {DRIVER}" in text
    assert text.count("| OK ") == 8


def test_the_node_was_rebooted_once(host):
    with host.sudo():
        state = json.loads(host.check_output("/usr/lib/npu-simulator/run npu-simulator state"))
    assert state["boots"] == 2


def test_the_device_network_is_live_and_saved(host):
    wanted = ADDRESSES[name_of(host)]
    with host.sudo():
        live = [host.check_output(f"hccn_tool -i {device} -ip -g").splitlines()[0] for device in range(8)]
        saved = host.file("/etc/hccn.conf").content_string
    assert live == [f"ipaddr:{address}" for address in wanted]
    assert all(f"address_{device}={address}\n" in saved for device, address in enumerate(wanted))


def test_cann_is_active_for_login_shells(host):
    assert host.file("/usr/local/Ascend/ascend-toolkit/latest").linked_to.endswith(CANN)
    home = host.check_output("bash -lc 'echo $ASCEND_TOOLKIT_HOME'")
    assert home.startswith("/usr/local/Ascend/ascend-toolkit")


def test_the_thread_limit_is_lifted(host):
    assert "nproc    unlimited" in host.file("/etc/security/limits.d/ascend.conf").content_string


def test_an_ordinary_user_computes_on_all_npus(host):
    computes = "import torch, torch_npu; a = torch.randn(3, 4).npu(); print((a + a).device"
    script = f"{computes}, torch.npu.device_count())"
    python = "/opt/miniforge3/envs/torch_npu/bin/python"
    assert host.check_output(f"bash -lc '{python} -c \"{script}\"'") == "npu:0 8"


def test_the_vendor_user_exists_and_may_log_in_nowhere_else(host):
    user = host.user("HwHiAiUser")
    assert (user.group, user.shell) == ("HwHiAiUser", "/bin/bash")


@pytest.mark.parametrize("name", ["plan", "fleet"])
def test_the_page_is_one_file_that_needs_no_other(name):
    page = (REPORTS / f"{name}.html").read_text(encoding="utf-8")
    assert "<title>Ascend fleet</title>" in page
    assert page.count('class="npu ') == (16 if name == "fleet" else 0)
    assert not any(word in page for word in ("http://", "https://", "<script", "<link"))
