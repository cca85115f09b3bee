# SPDX-License-Identifier: GPL-3.0-or-later
"""Eight nodes, each with its own fault: what the run said, and what the same command made of them later."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import yaml

REPORTS = Path(os.environ["FLEET_REPORTS"])
FAULTS = yaml.safe_load((Path(__file__).parents[1] / "vars/faults.yml").read_text(encoding="utf-8"))["faults"]
NODES = sorted(FAULTS)
testinfra_hosts = [f"ssh://{name}" for name in NODES]


def report(name):
    nodes = json.loads((REPORTS / f"{name}.json").read_text(encoding="utf-8"))["nodes"]
    return {node["host"]: node for node in nodes}


@pytest.mark.parametrize("node", sorted(FAULTS))
def test_the_message_names_step_cause_and_next_action(node):
    found, wanted = report("broken")[node], FAULTS[node]
    assert found["state"] == "failed"
    assert found["failure"]["step"] == wanted["step"]
    missing = [word for word in wanted["words"] if word not in found["failure"]["message"]]
    assert missing == [], found["failure"]["message"]


@pytest.mark.parametrize("node", sorted(FAULTS))
def test_nothing_half_done_is_reported_as_done(node):
    found = report("broken")[node]
    stages = [stage["stage"] for stage in found["stages"]]
    assert "verification" not in stages or found["failure"]["step"].startswith("Verify")


@pytest.mark.parametrize("node", sorted(FAULTS))
def test_the_same_command_finishes_the_job(node):
    found = report("mended")[node]
    assert found["failure"] in ({}, None)
    assert found["after"] == found["wanted"]
    assert [npu["health"] for npu in found["npus"]] == ["OK"] * 8
    assert [npu["link"] for npu in found["npus"]] == ["UP"] * 8
    assert [check["check"] for check in found["checks"] if check["passed"] is not True] == []


@pytest.mark.parametrize("node", sorted(FAULTS))
def test_the_third_run_changed_nothing(node):
    assert report("fleet")[node]["state"] == "unchanged"


def test_installers_that_had_succeeded_were_not_run_again(host):
    lines = host.file("/var/log/npu-simulator/calls.log").content_string.splitlines()
    calls = [json.loads(line) for line in lines]
    runs = [call for call in calls if call["program"] == "installers" and "toolkit" in " ".join(call["argv"])]
    installs = [call for call in runs if "--install" in call["argv"]]
    assert len(installs) == 1
