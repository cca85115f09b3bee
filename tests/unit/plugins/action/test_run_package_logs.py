# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin: what only the controller knows, and the logs of a failure."""

from __future__ import annotations

import base64
from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleActionFail
from ansible.parsing.dataloader import DataLoader
from ansible_collections.ascend.fleet.plugins.action import run_package

FILE = "Ascend-cann-toolkit_8.5.0_linux-aarch64.zip"
NEEDED = {"changed": True, "actions": ["install"], "command": f"{FILE} --install --quiet"}
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
LOGS = ["/var/log/ascend_fleet/x.log", "/var/log/ascend_seclog/ascend_install.log"]


class Node:
    """The far end: answers of the module, files that can be read."""

    def __init__(self, folder):
        self.folder, self.answers, self.calls = folder, [NEEDED, {"changed": True}], []
        self.files = {log: f"all of {log}\n".encode() for log in LOGS}

    def module(self, module_name, module_args, task_vars):
        if module_name == "ansible.builtin.slurp":
            data = self.files.get(module_args["src"])
            if data is None:
                return {"failed": True, "msg": "file not found"}
            return {"content": base64.b64encode(data).decode(), "encoding": "base64"}
        self.calls.append(module_args)
        return dict(self.answers[len(self.calls) - 1])

    def act(self, check_mode=False, **args):
        defaults = {"kind": "toolkit", "version": "8.5.0", "file": FILE, "source": "node:/mnt"}
        task = SimpleNamespace(args={**defaults, **args}, check_mode=check_mode, async_val=0, action="x")
        loader = DataLoader()
        loader.set_basedir(str(self.folder))
        connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None))
        plugin = run_package.ActionModule(task, connection, SimpleNamespace(), loader, None)
        plugin._execute_module = self.module
        return plugin.run(task_vars={"inventory_hostname": "node-a01"})


@pytest.fixture
def node(tmp_path, monkeypatch):
    """Return the far end; what the plugin displays is collected in its ``lines``."""
    made = Node(tmp_path)
    made.lines = []
    shown = SimpleNamespace(display=lambda _text: None, warning=made.lines.append)
    monkeypatch.setattr(run_package, "display", shown)
    return made


def test_the_root_certificates_of_the_controller_go_along(node, tmp_path):
    (tmp_path / "roots.pem").write_text(CERTIFICATE)
    node.act(ca_file="roots.pem")
    assert [call["ca_certificates"] for call in node.calls] == [CERTIFICATE] * 2


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "ca_file: .*/roots.pem cannot be read"),
        ("\x00\xff", "found no certificate|cannot be read"),
        ("nothing", "found no certificate"),
    ],
)
def test_a_file_without_certificates_is_refused_before_the_node_is_asked(node, tmp_path, content, sentence):
    if content is not None:
        (tmp_path / "roots.pem").write_text(content)
    with pytest.raises(AnsibleActionFail, match=sentence):
        node.act(ca_file="roots.pem")
    assert node.calls == []


def test_the_size_of_a_package_is_known_before_it_is_moved(node, tmp_path):
    (tmp_path / FILE).write_bytes(b"x" * 4321)
    node.answers = [{**NEEDED, "changed": False}]
    node.act(source=str(tmp_path))
    assert node.calls[0]["package_size"] == 4321


def test_a_removal_is_one_run_of_the_module_without_a_package(node):
    node.answers = [{"changed": True, "actions": ["remove toolkit 8.5.0"]}]
    assert node.act(state="absent", file=None, source=None)["actions"] == ["remove toolkit 8.5.0"]
    assert len(node.calls) == 1


@pytest.mark.parametrize("args", [{}, {"state": "absent"}])
def test_the_full_logs_of_a_failure_are_fetched_when_asked(node, tmp_path, args):
    failure = {"failed": True, "msg": "status 1", "logs": LOGS}
    node.answers = [failure] if args else [NEEDED, failure]
    result = node.act(logs_to="logs", **args)
    folder = tmp_path / "logs/node-a01"
    assert result["logs_fetched"] == [f"{folder}/x.log", f"{folder}/ascend_install.log"]
    assert (folder / "x.log").read_bytes() == node.files[LOGS[0]]


def test_a_log_that_cannot_be_fetched_hides_no_failure(node):
    node.answers = [NEEDED, {"failed": True, "msg": "status 1", "logs": [*LOGS, "/gone.log"]}]
    result = node.act(logs_to="logs")
    assert (result["msg"], len(result["logs_fetched"])) == ("status 1", 2)
    assert node.lines == ["node-a01: /gone.log could not be fetched: file not found"]


@pytest.mark.parametrize("args", [{}, {"logs_to": "logs"}])
def test_nothing_is_fetched_without_need(node, tmp_path, args):
    failed = {"failed": True, "msg": "status 1", "logs": LOGS}
    node.answers = [NEEDED, failed] if not args else [NEEDED, {"changed": True, "log": LOGS[0]}]
    assert "logs_fetched" not in node.act(**args)
    assert not (tmp_path / "logs").exists()


def test_a_source_that_is_none_is_named(node):
    with pytest.raises(AnsibleActionFail, match="source: found 'ftp://x'"):
        node.act(source="ftp://x")
