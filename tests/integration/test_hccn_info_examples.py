# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples of hccn_info, reach_targets and rank_table run as they are written."""

from __future__ import annotations

import yaml
from ansible_collections.ascend.fleet.plugins.filter import rank_table, reach_targets
from ansible_collections.ascend.fleet.plugins.modules import hccn_info
from integration.local_hosts import LocalHosts, read_json, recap


def test_the_examples_run_as_written_and_show_what_they_say(tmp_path):
    hosts = LocalHosts(tmp_path, ["one", "two"])
    for device in range(8):
        hosts.address("one", device, f"10.20.1.{10 + device}")
        hosts.address("two", device, f"10.20.1.{1 + device}")
    hosts.fault("one", link_down=[6])
    table = tmp_path / "table.json"
    tasks = [
        *yaml.safe_load(hccn_info.EXAMPLES),
        *yaml.safe_load(reach_targets.EXAMPLES),
        *yaml.safe_load(rank_table.EXAMPLES.replace("/tmp/rank_table.json", str(table))),
    ]
    run = hosts.play({"tasks": tasks}, "--limit", "one")
    assert run.returncode == 0, run.stdout + run.stderr
    assert recap(run)["one"]["failed"] == 0
    assert '"msg": [\n        6\n    ]' in run.stdout
    assert '"msg": "leaf-1 400GE1/1/1:2"' in run.stdout
    assert len([call for call in hosts.calls("one") if "-ping" in call]) == 2
    assert len(read_json(table)["server_list"][0]["device"]) == 8
