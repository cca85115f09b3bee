# SPDX-License-Identifier: GPL-3.0-or-later
"""Two racks at cann-7.0.0; then the release of one was changed to cann-8.0.0 and site.yml ran for both."""

from __future__ import annotations

import json
import os
from pathlib import Path

REPORTS = Path(os.environ["FLEET_REPORTS"])
NODES = ("upgrade-a", "upgrade-b")
testinfra_hosts = [f"ssh://{name}" for name in NODES]


def report(name):
    nodes = json.loads((REPORTS / f"{name}.json").read_text(encoding="utf-8"))["nodes"]
    return {node["host"]: node for node in nodes}


def actions(node):
    return [action for stage in node["stages"] for action in stage["actions"]]


def state_of(host):
    with host.sudo():
        return json.loads(host.check_output("/usr/lib/npu-simulator/run npu-simulator state"))


def packages_run(host):
    """Return which packages were installed, in order, from the node's own log."""
    lines = host.file("/var/log/npu-simulator/calls.log").content_string.splitlines()
    calls = [json.loads(line) for line in lines]
    words = [" ".join(call["argv"]) for call in calls if call["program"] == "installers"]
    runs = [line for line in words if any(flag in line for flag in ("--full", "--upgrade", "--install "))]
    return [
        kind for run in runs for kind in ("npu-driver", "npu-firmware", "toolkit", "kernels") if kind in run
    ]


FIRST = ["npu-driver", "npu-firmware", "toolkit", "kernels"]


def test_only_the_rack_with_the_new_release_changed():
    done = report("upgrade")
    assert {host: node["state"] for host, node in done.items()} == {
        "upgrade-a": "changed",
        "upgrade-b": "unchanged",
    }
    assert actions(done["upgrade-b"]) == []


def test_the_plan_of_the_check_is_what_the_run_did():
    planned, done = report("plan"), report("upgrade")
    assert {host: actions(node) for host, node in planned.items()} == {
        host: actions(node) for host, node in done.items()
    }


def test_the_upgraded_node_flashed_firmware_before_the_driver():
    host = report("upgrade")["upgrade-a"]
    steps = [action for action in actions(host) if "driver" in action or "firmware" in action]
    assert [step.split()[1] for step in steps][:2] == ["firmware", "driver"]


def test_installers_ran_in_the_vendors_order(host):
    upgraded = "upgrade-a" in host.backend.get_pytest_id()
    again = ["npu-firmware", "npu-driver", "toolkit", "kernels"] if upgraded else []
    assert packages_run(host) == FIRST + again


def test_the_upgrade_took_one_reboot_and_the_other_node_none(host):
    upgraded = "upgrade-a" in host.backend.get_pytest_id()
    assert state_of(host)["boots"] == (3 if upgraded else 2)


def test_versions_are_live(host):
    upgraded = "upgrade-a" in host.backend.get_pytest_id()
    driver, firmware, cann = (
        ("24.1.0", "7.5.0.2.220", "8.0.0") if upgraded else ("23.0.3", "7.1.0.5.220", "7.0.0")
    )
    state = state_of(host)
    assert state["running"]["driver"] == driver
    assert {npu["firmware"] for npu in state["npus"]} == {firmware}
    assert host.file("/usr/local/Ascend/ascend-toolkit/latest").linked_to.endswith(cann)


def test_the_device_network_survived_the_upgrade(host):
    lives = [npu["live"]["address"] for npu in state_of(host)["npus"]]
    assert len(set(lives)) == 8
    assert None not in lives


def test_the_environment_has_the_frameworks_of_its_release(host):
    upgraded = "upgrade-a" in host.backend.get_pytest_id()
    python = "/opt/miniforge3/envs/torch_npu/bin/python"
    versions = host.check_output(
        f"bash -lc '{python} -c \"import torch, torch_npu; print(torch.__version__, torch_npu.__version__)\"'"
    )
    assert versions == ("2.4.0 2.4.0.post2" if upgraded else "2.1.0 2.1.0")
