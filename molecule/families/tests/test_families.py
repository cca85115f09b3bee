# SPDX-License-Identifier: GPL-3.0-or-later
"""A bare node of each family was brought to its release, and run twice: what has it, and what has it not?"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

REPORTS = Path(os.environ["FLEET_REPORTS"])
# node: driver, firmware, CANN, torch, chips, how many of them have an address, stages that do not apply
WANTED = {
    "family-910": ("25.0.rc1.1", "7.7.0.1.231", "8.1.RC1", "2.5.1", 8, 8, ["MCU"]),
    "family-a2-training": ("25.0.rc1.1", "7.7.0.1.231", "8.1.RC1", "2.5.1", 8, 8, []),
    "family-a2-inference": ("25.0.rc1.1", "7.7.0.1.231", "8.1.RC1", "2.5.1", 8, 8, []),
    "family-a3": ("25.0.rc1.3", "7.7.0.3.228", "8.1.RC1", "2.5.1", 16, 16, []),
    "family-310p": ("25.0.rc1.1", "7.7.0.1.231", "8.1.RC1", "2.5.1", 2, 0, ["device network"]),
    "family-310": ("24.1.0", None, "8.0.0", None, 4, 0, ["MCU", "device network", "conda and torch_npu"]),
    "family-310b": (None, None, "8.1.RC1", "2.5.1", 1, 0, ["driver", "firmware", "MCU", "device network"]),
    "family-guest": ("25.0.rc1.1", None, "8.1.RC1", "2.5.1", 1, 0, ["firmware", "MCU", "device network"]),
}
IMAGE_DRIVER = "23.0.0"  # of the board, as its image has it
testinfra_hosts = [f"ssh://{name}" for name in WANTED]


def report(name):
    nodes = json.loads((REPORTS / f"{name}.json").read_text(encoding="utf-8"))["nodes"]
    return {node["host"]: node for node in nodes}


def actions(node):
    return [action for stage in node["stages"] for action in stage["actions"]]


def name_of(host):
    return host.backend.get_pytest_id().removeprefix("ssh://")


def wanted(host):
    return WANTED[name_of(host)]


def cann_root(host):
    return "/home/HwHiAiUser/Ascend" if name_of(host) == "family-310b" else "/usr/local/Ascend"


def kinds_of(host, flags):
    """Return which packages ran with one of ``flags``, in order, from the node's own log."""
    lines = host.file("/var/log/npu-simulator/calls.log").content_string.splitlines()
    calls = [json.loads(line) for line in lines]
    words = [" ".join(call["argv"]) for call in calls if call["program"] == "installers"]
    kinds = ("npu-driver", "npu-firmware", "toolkit", "kernels")
    return [kind for line in words for kind in kinds if kind in line and any(flag in line for flag in flags)]


@pytest.mark.parametrize("node", sorted(WANTED))
def test_the_plan_of_the_check_is_what_the_run_did(node):
    planned, done = report("plan")[node], report("first")[node]
    # A driver that was installed first and alone is effective at once: nothing but the run can know that.
    surprise = ["reboot"] if node in {"family-310", "family-guest"} else []
    assert [action for action in actions(planned) if action not in surprise] == actions(done)
    assert (planned["state"], done["state"]) == ("planned", "changed")


@pytest.mark.parametrize("node", sorted(WANTED))
def test_the_second_run_changed_nothing(node):
    again = report("fleet")[node]
    assert (again["state"], actions(again)) == ("unchanged", [])


@pytest.mark.parametrize("node", sorted(WANTED))
@pytest.mark.parametrize("name", ["plan", "first", "fleet"])
def test_the_report_says_what_does_not_apply(node, name):
    assert [entry["stage"] for entry in report(name)[node]["absent"]] == WANTED[node][6]


@pytest.mark.parametrize("name", ["plan", "first", "fleet"])
def test_the_page_says_it_too(name):
    page = (REPORTS / f"{name}.html").read_text(encoding="utf-8")
    for why in ("Atlas 300I Duo has no RoCE ports", "there is no framework for Ascend 310"):
        assert f"not applicable: {why}" in page
    assert "not applicable: the driver of Orange Pi Kunpeng Pro comes with the system&#39;s image" in page
    assert "not applicable: the firmware belongs to the host of a virtual machine" in page


def test_driver_and_firmware_are_those_of_the_release(host):
    for part, version in zip(("driver", "firmware"), wanted(host)):
        file = host.file(f"/usr/local/Ascend/{part}/version.info")
        assert file.exists == (version is not None)
        assert version is None or f"Version={version}" in file.content_string.splitlines()


def test_the_driver_is_live_on_all_healthy_chips(host):
    driver, chips = wanted(host)[0] or IMAGE_DRIVER, wanted(host)[4]
    with host.sudo():
        text = host.check_output("npu-smi info")
    assert f"Version: {driver}" in text
    assert text.count("| OK ") == chips


def test_only_packages_that_the_model_has_were_run_and_each_of_them_once(host):
    driver, firmware = wanted(host)[:2]
    expected = ["npu-driver"] * bool(driver) + ["npu-firmware"] * bool(firmware) + ["toolkit"]
    expected += ["kernels"] * (name_of(host) != "family-310")
    assert kinds_of(host, ("--full", "--upgrade", "--install ")) == expected


def test_the_device_network_is_set_where_there_is_one(host):
    count = wanted(host)[5]
    saved = host.file("/etc/hccn.conf")
    with host.sudo():
        text = saved.content_string if saved.exists else ""
    assert text.count("address_") == count
    log = host.file("/var/log/npu-simulator/calls.log").content_string
    assert ('"program": "hccn_tool"' in log) == (count > 0)


def test_cann_is_there_for_its_owner(host):
    owner = "HwHiAiUser" if name_of(host) == "family-310b" else "root"
    with host.sudo():
        latest = host.file(f"{cann_root(host)}/ascend-toolkit/latest")
        assert latest.linked_to.endswith(wanted(host)[2])
        assert host.file(f"{cann_root(host)}/ascend-toolkit/{wanted(host)[2]}").user == owner


def test_the_board_has_nothing_of_ours_in_root_s_place(host):
    if name_of(host) == "family-310b":
        assert not host.file("/usr/local/Ascend").exists


def test_the_owner_of_cann_computes_on_all_chips(host):
    torch, chips = wanted(host)[3:5]
    python = "/opt/miniforge3/envs/torch_npu/bin/python"
    assert host.file(python).exists == (torch is not None)
    if torch is None:
        return
    computes = "import torch, torch_npu; a = torch.randn(3, 4).npu(); print(a + a is None, torch.__version__"
    script = f"{computes}, torch.npu.device_count())"
    user = "HwHiAiUser" if name_of(host) == "family-310b" else "fleet"
    with host.sudo(user):
        said = host.check_output(f"bash -lc '{python} -c \"{script}\"'")
    assert said == f"False {torch} {chips}"
