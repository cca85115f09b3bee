# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmark's own sums, tables and verdicts; what it measures is for `make bench` to say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
import yaml
from ansible_collections.ascend.fleet.plugins.module_utils._cli import Result
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_table import parse_overview
from bench import inventory, records
from bench.budgets import judge, read_budgets
from bench.callback_plugins import fleet_bench
from bench.command import RUN_COLUMNS, command_line, show
from bench.measure import Cost, figures
from bench.parsing import FIXTURE, large_table
from bench.tables import table

HOSTS = ["a", "b"]
RACKS = {
    "first_port": 50,
    "racks": {
        "big": {"rack": "rack_a01", "node": "node-a", "image": "new"},
        "small": {"rack": "rack_b01", "node": "node-b", "image": "old"},
    },
}


def execution(host: str, task: str, module: str = "ping") -> records.Record:
    return {"kind": "execution", "host": host, "task": task, "module": module}


def recap(host: str, **counts: int) -> records.Record:
    nothing = dict.fromkeys(("ok", "changed", "skipped", *records.BAD), 0)
    return {"kind": "recap", "host": host, **nothing, **counts}


NOTED = [
    execution("a", "Look"),
    execution("b", "Look"),
    execution("b", "Copy", "stat"),
    execution("b", "Copy", "copy"),
    execution("localhost", "Write"),
    {"kind": "command", "host": "a", "task": "Look"},
    {"kind": "file", "host": "b", "task": "Copy", "file": "x.run", "bytes": 700},
    {"kind": "file", "host": "b", "task": "Copy", "file": "y.run", "bytes": 50},
    recap("a", ok=3),
    recap("b", ok=2, changed=1),
]


def test_a_file_of_records_is_read_line_by_line():
    assert records.parse("\n".join(map(json.dumps, NOTED)) + "\n") == NOTED


def test_executions_are_counted_for_each_host_and_no_other():
    found = records.executions(NOTED, [*HOSTS, "c"])
    assert found == records.Spread(max=3, mean=1.33, total=4, hosts={"a": 1, "b": 3, "c": 0})


def test_commands_and_bytes_are_added_up_apart():
    assert records.commands(NOTED, HOSTS).hosts == {"a": 1, "b": 0}
    assert records.bytes_sent(NOTED, HOSTS) == records.Spread(750, 375.0, 750, {"a": 0, "b": 750})


def test_copies_are_those_of_one_file_to_the_hosts_of_one_rack():
    def files(*sent, size=700):
        return [
            {"kind": "file", "host": host, "task": "Copy", "file": file, "bytes": size} for host, file in sent
        ]

    racks = {"a": ["a", "b"], "c": ["c"]}
    assert records.copies([*NOTED, *files(("a", "z.run"), ("c", "x.run"))], racks) == 1
    assert records.copies([*NOTED, *files(("a", "x.run"))], racks) == 2
    assert records.copies([*NOTED, *files(("a", "x.run"), size=9)], racks) == 1
    assert records.copies([execution("a", "Look")], racks) is None


def test_executions_are_told_by_task_in_the_order_of_the_run():
    rows = [(row["task"], row["module"], row["executions"]) for row in records.by_task(NOTED, HOSTS)]
    assert rows == [("Look", "ping", 2), ("Copy", "stat", 1), ("Copy", "copy", 1)]
    assert [row["per_host"] for row in records.by_task(NOTED, HOSTS)] == [1.0, 0.5, 0.5]


def test_trouble_names_the_hosts_that_failed_or_were_rescued():
    noted = [recap("a", ok=1), recap("b", failures=1, rescued=2), recap("c", unreachable=1)]
    assert records.trouble(noted) == ["b", "c"]


def test_a_task_counts_once_whether_it_was_done_failed_or_skipped():
    assert records.tasks([*NOTED, recap("c", ok=4, changed=4, skipped=2, failures=1)]) == 3 + 2 + 7


def test_processor_seconds_go_to_the_task_that_took_them():
    ticks = [("Look", 1.0), ("Copy", 1.5), ("Look", 4.0)]
    noted = [{"kind": "clock", "task": task, "seconds": seconds} for task, seconds in ticks]
    found = {row["task"]: row["per_host"] for row in records.clock([*NOTED, *noted], HOSTS, 5.0, 1.2)}
    connections, start = "(shared SSH connections)", "(start, inventory, parsing)"
    assert list(found.items()) == [("Copy", 1.25), ("Look", 0.75), (connections, 0.6), (start, 0.5)]


def test_figures_of_a_run():
    found = figures("first", Cost(0, 60.0, 3.0, 0.5), NOTED, HOSTS)
    assert found["cpu_seconds_per_host"] == 1.5
    assert (found["executions_max"], found["executions_mean"]) == (3, 2.0)
    assert (found["bytes_max"], found["bytes_mean"], found["bytes_total"]) == (750, 375.0, 750)
    assert (found["changed"], found["invalid"], found["tasks_mean"]) == (1, None, 2.5)
    assert {row["task"]: row["per_host"] for row in found["clock"]} == {
        "(start, inventory, parsing)": 1.25,
        "(shared SSH connections)": 0.25,
    }


@pytest.mark.parametrize(
    ("name", "status", "noted", "why"),
    [
        ("first", 2, NOTED, "ansible-playbook ended with status 2"),
        ("first", 0, [*NOTED, recap("c", rescued=1)], "ansible-playbook ended with status 0, trouble with c"),
        ("mirror", 0, NOTED, None),
        ("second", 0, NOTED, "1 tasks changed something"),
        ("check", 0, NOTED, "1 tasks changed something"),
        ("second", 0, [], "no host was recapped"),
    ],
)
def test_a_run_that_failed_or_drifted_measures_nothing(name, status, noted, why):
    assert figures(name, Cost(status, 1.0, 1.0, 0.0), noted, HOSTS)["invalid"] == why


BUDGET = {"what": "executions", "run": "second", "figure": "executions_max", "most": 12}


@pytest.mark.parametrize(("figure", "verdict"), [(0, "within"), (12, "within"), (13, "over")])
def test_a_figure_is_within_its_budget_up_to_the_most(figure, verdict):
    (found,) = judge([BUDGET], {"second": {"executions_max": figure, "invalid": None}})
    assert found == {
        "what": "executions",
        "budget": 12,
        "figure": figure,
        "verdict": verdict,
        "reason": None,
    }


@pytest.mark.parametrize(
    ("budget", "runs", "reason"),
    [
        (BUDGET, {"second": {"executions_max": 1, "invalid": "it failed"}}, "it failed"),
        ({"what": "other program", "most": 0.25, "without": "it is not here"}, {}, "it is not here"),
        ({**BUDGET, "without": "ask for it"}, {"second": {"invalid": None}}, "ask for it"),
    ],
)
def test_what_is_not_measured_says_why(budget, runs, reason):
    (found,) = judge([budget], runs)
    assert (found["figure"], found["verdict"], found["reason"]) == (None, "not measured", reason)


def test_every_budget_has_a_figure_of_a_run_or_a_reason():
    figures_of = {
        **figures("second", Cost(0, 1.0, 1.0, 0.0), [recap("a"), recap("b")], HOSTS),
        "milliseconds": 1,
        "copies_per_mirror": 1,
    }
    budgets = read_budgets()
    assert [one["what"] for one in budgets if "without" not in one and one["figure"] not in figures_of] == []
    assert {one["run"] for one in budgets if "run" in one} <= {
        "mirror",
        "first",
        "second",
        "check",
        "parsing",
    }


def test_a_table_aligns_numbers_right_and_texts_left():
    rows = [{"n": 5, "t": "long text"}, {"n": 12.345, "t": "x"}, {"n": None, "t": "y"}]
    expected = """\
figure  what
------  ---------
     5  long text
 12.35  x
     -  y"""
    assert table({"n": "figure", "t": "what"}, rows) == expected


def test_a_table_without_rows_has_its_headings():
    assert table({"n": "figure"}, []) == "figure\n------"


def test_the_nodes_are_dealt_out_to_the_products():
    assert inventory.share(5, ["a", "b"]) == {"a": 3, "b": 2}
    assert inventory.share(8, ["a", "b"]) == {"a": 4, "b": 4}


def test_each_host_has_its_own_port_and_both_of_its_groups():
    groups = inventory.hosts(3, ["big", "small"], RACKS)["all"]["children"]
    assert groups["big"] == {"vars": {"simulator_image": "new"}, "hosts": {"node-a-01": {}, "node-a-02": {}}}
    assert groups["rack_a01"]["hosts"] == {
        "node-a-01": {"ansible_port": 50},
        "node-a-02": {"ansible_port": 51},
    }
    assert groups["rack_b01"]["hosts"] == {"node-b-01": {"ansible_port": 52}}


def test_the_first_node_of_each_rack_is_its_mirror():
    content = inventory.hosts(3, ["big", "small"], RACKS)
    groups = content["all"]["children"]
    assert inventory.mirrored(content) == {
        "node-a-01": ["node-a-01", "node-a-02"],
        "node-b-01": ["node-b-01"],
    }
    assert list(groups["package_mirrors"]["hosts"]) == ["node-a-01", "node-b-01"]
    assert groups["rack_a01"]["vars"] == {"rack_mirror": "fleet-bench-node-a-01"}


def test_the_inventory_has_the_variables_of_the_demo_and_its_own_last(tmp_path):
    (tmp_path / "left-over.yml").write_text("from an earlier time")
    content = inventory.hosts(1, ["big"], RACKS)
    inventory.write(tmp_path, content, {"npu_fleet_waves": ["100%"]})
    files = {str(path.relative_to(tmp_path)): path.read_text() for path in tmp_path.rglob("*.yml")}
    own = [name for name in files if name.startswith("group_vars/all/")]
    assert sorted(own)[-1] == "group_vars/all/zz_bench.yml"
    assert yaml.safe_load(files["group_vars/all/zz_bench.yml"]) == {"npu_fleet_waves": ["100%"]}
    assert yaml.safe_load(files["hosts.yml"]) == content
    assert "group_vars/rack_a01/rack.yml" in files
    assert not {"group_vars/rack_b01/rack.yml", "left-over.yml"} & set(files)
    key = yaml.safe_load(files["group_vars/all/connection.yml"])["ansible_ssh_private_key_file"]
    assert key == f"{inventory.ROOT}/.demo/ssh/id_ed25519"
    assert not any(inventory.CHECKOUT in text for text in files.values())


def test_the_large_table_has_sixteen_dies_of_eight_npus():
    text = large_table(FIXTURE.read_text(encoding="utf-8"))
    chips = parse_overview(Result(("npu-smi", "info"), 0, text, "")).chips
    assert [(chip.npu_id, chip.chip_id) for chip in chips] == [(n, d) for n in range(8) for d in range(2)]
    assert [chip.phy_id for chip in chips] == list(range(16))


def test_the_options():
    parser = command_line()
    assert parser.parse_args([]).nodes == 8
    assert parser.parse_args(["--nodes", "3", "--product", "atlas_800_9000"]).product == ["atlas_800_9000"]
    with pytest.raises(SystemExit):
        parser.parse_args(["--nodes", "0"])


def test_the_result_is_shown_with_budgets_and_reasons():
    runs = {name: figures(name, Cost(0, 9.0, 4.0, 0.0), [recap("a")], HOSTS) for name in ("first", "second")}
    runs["second"] = figures("second", Cost(4, 9.0, 4.0, 0.0), NOTED, HOSTS)
    text = show({"about": {"nodes": 2}, "runs": runs, "budgets": judge([BUDGET], runs)})
    assert "ansible-playbook ended with status 4, see" in text
    assert "not measured       -      12  executions" in text
    assert "executions: ansible-playbook ended with status 4" in text
    assert all(heading in text for heading in RUN_COLUMNS.values())


ORPHAN = """
from pathlib import Path
from bench.measure import adopt_orphans, cost
adopt_orphans()
print(cost(["sh", "-c", "sleep 300 & echo $!; exit 3"], {}, Path("log")).status)
"""


def test_what_a_run_leaves_running_is_ended(tmp_path):
    """In a process of its own, because a process cannot tell its adopted children from those it had."""
    path = os.pathsep.join(map(str, sys.path))
    ran = subprocess.run(
        [sys.executable, "-c", ORPHAN],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == "3\n"
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "log").read_text()), 0)


@pytest.fixture
def noted(tmp_path, monkeypatch):
    """Give a function that returns what was noted so far."""
    file = tmp_path / "records.jsonl"
    monkeypatch.setenv(fleet_bench.RECORDS, str(file))
    return lambda: records.parse(file.read_text(encoding="utf-8")) if file.exists() else []


def make_action(transport: str, delegate_to: str | None = None):
    """A stand-in for an action, made through the wrapper."""

    def make(action, task, connection, templar):
        action._task, action._connection, action._templar = task, connection, templar

    action = SimpleNamespace()
    task = SimpleNamespace(action="command", delegate_to=delegate_to, get_name=lambda: "Look")
    templar = SimpleNamespace(available_variables={"inventory_hostname": "a"})
    fleet_bench.wrap_action(make)(action, task, SimpleNamespace(transport=transport), templar)
    return action


def test_the_clock_is_noted_when_a_task_begins(noted):
    task = SimpleNamespace(get_name=lambda: "Look")
    fleet_bench.CallbackModule.v2_playbook_on_task_start(SimpleNamespace(), task, is_conditional=False)
    (tick,) = noted()
    assert (tick["kind"], tick["task"]) == ("clock", "Look")
    assert 0 < tick["seconds"] <= round(sum(os.times()[:4]), 3)


def execute(action, module_name=None, module_args=None):
    return {"ran": module_name, "with": module_args}


def test_each_execution_is_noted_with_host_task_and_module(noted):
    wrapped = fleet_bench.wrap_execution(execute)
    assert wrapped(make_action("ssh"), "stat", {"path": "/"}) == {"ran": "stat", "with": {"path": "/"}}
    wrapped(make_action("ssh", delegate_to="b"), module_args={})
    assert noted() == [execution("a", "Look", "stat"), execution("b", "Look", "command")]


def test_what_runs_on_the_controller_is_not_noted(noted):
    assert fleet_bench.wrap_execution(execute)(make_action("local", delegate_to="localhost"), "stat")
    assert noted() == []


def test_each_file_is_noted_with_its_size_and_each_command(noted, tmp_path):
    (tmp_path / "x.run").write_bytes(b"x" * 70)
    connection = make_action("ssh")._connection
    sent = fleet_bench.wrap_sending(lambda _connection, _from, to: f"to {to}")
    assert sent(connection, str(tmp_path / "x.run"), "/tmp/x.run") == "to /tmp/x.run"
    assert fleet_bench.wrap_command(lambda _connection, command: command)(connection, "id") == "id"
    origin = {"host": "a", "task": "Look"}
    assert noted() == [
        {"kind": "file", "file": "x.run", "bytes": 70, **origin},
        {"kind": "command", **origin},
    ]
