# SPDX-License-Identifier: GPL-3.0-or-later
"""In which waves a play takes its hosts, also in the first play of a run."""

from __future__ import annotations

import pytest
from ansible import context
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible_collections.ascend.fleet.plugins.lookup import waves

GROUPS = {"all": ["a", "b"], "one": ["a"], "two": ["b"], "empty": []}


def taken(*names, **hostvars):
    hosts = {"a": {}, "b": {}, **hostvars}
    return waves.LookupModule(loader=None, templar=None).run([*names], {"groups": GROUPS, "hostvars": hosts})


def test_the_waves_are_those_of_the_first_host_that_has_some():
    assert taken("one", "two", a={"npu_fleet_waves": [1, "100%"]}, b={"npu_fleet_waves": 2}) == [1, "100%"]
    assert taken("one", "two", b={"npu_fleet_waves": 2}) == [2]
    assert taken("two", a={"npu_fleet_waves": 1}, b={"npu_fleet_waves": "25%"}) == ["25%"]


@pytest.mark.parametrize("names", [(), ("unknown",), ("empty",), ("one",)])
def test_without_waves_all_hosts_go_at_once(names):
    assert taken(*names) == ["100%"]


@pytest.mark.parametrize("wrong", [[], ["one"], [0], ["0%"], ["101%"], "25 %", [1, None]])
def test_what_is_no_wave_is_named(wrong):
    with pytest.raises(AnsibleError, match="found npu_fleet_waves: .*; wanted numbers of hosts and shares"):
        taken("one", a={"npu_fleet_waves": wrong})


def test_the_first_play_of_a_run_reads_the_inventory_itself(tmp_path, monkeypatch):
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars/one.yml").write_text('npu_fleet_waves: ["{{ few }}", "100%"]\nfew: 1\n')
    (tmp_path / "hosts.yml").write_text("one: {hosts: {a: }}\n")
    monkeypatch.setattr(context, "CLIARGS", {**context.CLIARGS, "inventory": (str(tmp_path),)})
    lookup = waves.LookupModule(loader=DataLoader(), templar=None)
    assert lookup.run(["one"], {"groups": {"one": ["a"]}}) == [1, "100%"]
