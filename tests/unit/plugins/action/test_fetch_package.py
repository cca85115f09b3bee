# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin: what people see of the downloads, with and without a terminal."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.ascend.fleet.plugins.action import fetch_package

LINES = (
    "10:00:00 a.run: beginning",
    "10:00:02 a.run: 10 % of 1.2 GB, 60 MB/s",
    "10:00:02 b.run: 30 % of 1.2 GB, 60 MB/s",
    "10:00:04 a.run: complete, 1.2 GB",
    "10:00:05 b.run: failed",
)


@pytest.fixture
def said(monkeypatch):
    collected = []
    monkeypatch.setattr(
        fetch_package.display, "display", lambda text, newline=True: collected.append((text, newline))
    )
    return collected


def action(monkeypatch, tmp_path, transport="local", check_mode=False):
    """Return the plugin with a module that writes the log that it is given."""
    task = SimpleNamespace(args={"directory": str(tmp_path)}, check_mode=check_mode)
    made = fetch_package.ActionModule.__new__(fetch_package.ActionModule)
    made._task, made._connection = task, SimpleNamespace(transport=transport)
    monkeypatch.setattr(fetch_package.ActionBase, "run", lambda *_arguments: {})
    monkeypatch.setattr(fetch_package, "EVERY", 0.01)

    def execute(module_name, module_args, task_vars):
        assert module_name == "ascend.fleet.fetch_package"
        if "log" in module_args:
            with open(module_args["log"], "a", encoding="utf-8") as file:
                file.write("".join(f"{line}\n" for line in LINES))
        return {"changed": True, "arguments": module_args}

    made._execute_module = execute
    return made


def test_without_a_terminal_there_are_only_lines(monkeypatch, tmp_path, said):
    monkeypatch.setattr(fetch_package.color, "ANSIBLE_COLOR", False)
    result = action(monkeypatch, tmp_path).run()
    assert said == [("a.run: beginning", True), ("a.run: complete, 1.2 GB", True), ("b.run: failed", True)]
    assert result["changed"]


def test_a_log_that_is_named_is_kept_and_only_new_lines_are_shown(monkeypatch, tmp_path, said):
    monkeypatch.setattr(fetch_package.color, "ANSIBLE_COLOR", False)
    (tmp_path / "log").write_text("09:00:00 old.run: beginning\n")
    made = action(monkeypatch, tmp_path)
    made._task.args["log"] = str(tmp_path / "log")
    made.run()
    assert said[0] == ("a.run: beginning", True)
    assert "old.run" in (tmp_path / "log").read_text()


@pytest.mark.parametrize("how", [{"transport": "ssh"}, {"check_mode": True}])
def test_elsewhere_and_in_check_mode_nothing_is_watched(monkeypatch, tmp_path, said, how):
    result = action(monkeypatch, tmp_path, **how).run()
    assert (said, result["arguments"]) == ([], {"directory": str(tmp_path)})


def test_a_terminal_has_one_bar_for_what_runs(tmp_path, said):
    view = fetch_package.View(str(tmp_path / "log"), True)
    view.look()
    (tmp_path / "log").write_text("".join(f"{line}\n" for line in LINES[:3]))
    view.look()
    assert said == [
        ("\ra.run: beginning", True),
        ("\r[######                        ] 2 running: 10 %, 30 % ", False),
    ]
    with open(tmp_path / "log", "a", encoding="utf-8") as file:
        file.write("".join(f"{line}\n" for line in LINES[3:]))
    view.look()
    assert said[-1] == ("\rb.run: failed", True)
