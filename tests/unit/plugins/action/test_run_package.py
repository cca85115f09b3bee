# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin: how often the module runs, and what is moved."""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure
from ansible.parsing.dataloader import DataLoader
from ansible_collections.ascend.fleet.plugins.action import run_package

FILE = "Ascend-cann-toolkit_7.0.0_linux-aarch64.run"
CONTENT = b"0123456789" * 200
NEEDED = {"changed": True, "actions": ["install toolkit 7.0.0"], "command": f"{FILE} --install --quiet"}
REMOTE = "/var/tmp/ascend-fleet-Ab12Cd34"


class Node:
    """The far end: counts module runs, commands and bytes."""

    def __init__(self):
        self.answers = [NEEDED, {**NEEDED, "reboot_required": False}]
        self.modules, self.commands, self.files, self.lines = [], [], {}, []
        self.refuses = ()
        self.cut = False

    def module(self, module_name, module_args, task_vars):
        assert module_name == "ascend.fleet.run_package"
        assert task_vars["inventory_hostname"] == "node-a01"
        present = set(self.files)
        self.modules.append({"args": module_args, "present": present})
        return dict(self.answers[len(self.modules) - 1])

    def command(self, command, sudoable):
        assert sudoable is False
        self.commands.append(command)
        refused = command.startswith(tuple(self.refuses)) if self.refuses else False
        if command.startswith("rm -rf ") and not refused:
            self.files = {path: data for path, data in self.files.items() if not path.startswith(REMOTE)}
        stdout = f"a banner of the site\n{REMOTE}\n" if command.startswith("mktemp") else ""
        return {"rc": int(refused), "stdout": stdout, "stderr": "no permission\n" if refused else ""}

    def put(self, local, remote):
        if self.cut:
            raise AnsibleConnectionFailure("the connection was cut")
        self.files[remote] = Path(local).read_bytes()

    @property
    def transferred(self):
        return sum(len(data) for data in self.files.values())


@pytest.fixture
def node(monkeypatch):
    """Return the far end; what the plugin displays is collected in its ``lines``."""
    node = Node()
    shell = SimpleNamespace(tmpdir=None, join_path=lambda *parts: "/".join(parts))
    node.connection = SimpleNamespace(_shell=shell, put_file=node.put)
    monkeypatch.setattr(
        run_package,
        "display",
        SimpleNamespace(
            display=node.lines.append, warning=lambda text: node.lines.append(f"warning: {text}")
        ),
    )
    return node


@pytest.fixture
def source(tmp_path):
    """Return the controller's directory of packages."""
    (tmp_path / FILE).write_bytes(CONTENT)
    return str(tmp_path)


def act(node, check_mode=False, owner="root", **args):
    args = {"kind": "toolkit", "version": "7.0.0", "file": FILE, **args}
    task = SimpleNamespace(args=args, check_mode=check_mode, async_val=0, action="ascend.fleet.run_package")
    loader = DataLoader()
    loader.set_basedir("/srv/play")
    plugin = run_package.ActionModule(task, node.connection, SimpleNamespace(), loader, None)
    plugin._execute_module = node.module
    plugin._low_level_execute_command = node.command
    plugin._is_become_unprivileged = lambda: owner != "root"
    plugin.get_become_option = lambda name: {"become_user": owner}[name]
    return plugin.run(task_vars={"inventory_hostname": "node-a01"})


@pytest.mark.parametrize(
    ("answer", "check_mode"),
    [({"changed": False}, False), ({"failed": True, "msg": "bad"}, False), ({"changed": False}, True)],
)
def test_a_converged_or_refused_node_costs_one_module_run_and_no_byte(node, source, answer, check_mode):
    node.answers = [answer]
    assert act(node, check_mode, source=source) == answer
    assert (len(node.modules), node.commands, node.files, node.lines) == (1, [], {}, [])


def test_check_mode_costs_one_module_run_and_no_byte(node, source):
    assert act(node, True, source=source) == NEEDED
    assert (len(node.modules), node.commands, node.files) == (1, [], {})


def test_a_needed_package_is_moved_once_proven_run_and_removed(node, source):
    result = act(node, source=source)
    assert result == node.answers[1]
    question, order = node.modules
    assert question["args"]["package"] is None
    assert order["args"]["package"] == f"{REMOTE}/{FILE}"
    assert order["args"]["sha256"] == hashlib.sha256(CONTENT).hexdigest()
    assert order["present"] == {f"{REMOTE}/{FILE}"}
    assert node.commands == [
        "mktemp -d /var/tmp/ascend-fleet-XXXXXXXX",
        f"rm -rf {REMOTE}",
    ]
    assert node.files == {}
    assert node.lines == [
        f"node-a01: copying {FILE} (2 kB)",
        f"node-a01: running {FILE} --install --quiet",
        "node-a01: done in 0 s",
    ]


def test_an_owner_who_is_not_root_may_read_the_package_and_not_write_it(node, source):
    act(node, source=source, owner="HwHiAiUser")
    assert node.commands[1:-1] == [f"chmod 0711 {REMOTE} && chmod 0644 {REMOTE}/{FILE}"]


def test_a_package_that_its_owner_cannot_read_is_an_error(node, source):
    node.refuses = ["chmod "]
    with pytest.raises(AnsibleActionFail, match=r"no way to let HwHiAiUser read it \(no permission\)"):
        act(node, source=source, owner="HwHiAiUser")
    assert len(node.modules) == 1
    assert node.files == {}


def test_a_known_checksum_is_passed_on_and_the_directory_is_chosen(node, source):
    act(node, source=source, sha256="ab" * 32, temporary_directory="/scratch/my tmp")
    assert node.modules[1]["args"]["sha256"] == "ab" * 32
    assert node.commands[0] == "mktemp -d '/scratch/my tmp/ascend-fleet-XXXXXXXX'"


def test_a_failed_installation_still_removes_the_package(node, source):
    node.answers[1] = {"failed": True, "msg": "exit status 1"}
    assert act(node, source=source)["msg"] == "exit status 1"
    assert node.commands[-1] == f"rm -rf {REMOTE}"
    assert node.lines[-1] == "node-a01: failed after 0 s"


def test_a_cut_transfer_removes_what_arrived_and_runs_nothing(node, source):
    node.cut = True
    with pytest.raises(AnsibleConnectionFailure):
        act(node, source=source)
    assert len(node.modules) == 1
    assert node.commands[-1] == f"rm -rf {REMOTE}"


def test_a_package_that_could_not_be_removed_is_worth_a_warning(node, source):
    node.refuses = ("rm",)
    act(node, source=source)
    assert f"warning: node-a01: {REMOTE} could not be removed: no permission" in node.lines


@pytest.mark.parametrize(
    ("source", "package"),
    [
        ("node:/mnt/nfs", f"/mnt/nfs/{FILE}"),
        ("https://mirror/ascend/", f"https://mirror/ascend/{FILE}"),
    ],
)
def test_a_package_of_the_node_or_a_mirror_is_not_moved(node, source, package):
    act(node, source=source)
    assert (len(node.modules), node.commands, node.transferred) == (2, [], 0)
    assert node.modules[1]["args"]["package"] == package
    assert "sha256" not in node.modules[1]["args"]


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_missing_package_is_refused_with_what_is_near(node, source, check_mode):
    with pytest.raises(AnsibleActionFail, match=f"is not in {source} on the controller; near it are {FILE}"):
        act(node, check_mode, source=source, file=FILE.replace("7.0.0", "7.0.1"))
    assert (len(node.modules), node.files) == (1, {})


def test_a_relative_source_is_relative_to_the_playbook(node):
    with pytest.raises(AnsibleActionFail, match="found no directory /srv/play/packages on the controller"):
        act(node, source="packages")


def test_a_directory_that_may_not_be_written_is_named(node, source):
    node.refuses = ("mktemp",)
    with pytest.raises(AnsibleActionFail, match=r"cannot write to /var/tmp \(no permission\)"):
        act(node, source=source)
    assert len(node.modules) == 1


def test_the_order_of_a_playbook_cannot_skip_the_question(node, source):
    node.answers = [{"changed": False}]
    act(node, source=source, package="/tmp/x.run")
    assert node.modules[0]["args"]["package"] is None


def test_a_mirror_that_is_gone_is_replaced_by_the_next_source_with_a_warning(node, source):
    node.answers = [NEEDED, {"failed": True, "source_lost": True, "msg": "http://m: no answer"}, NEEDED]
    assert act(node, source=f"http://m/packages or {source}") == NEEDED
    assert [run["args"]["source"] for run in node.modules] == ["http://m/packages"] * 2 + [source]
    assert node.modules[1]["args"]["package"] == f"http://m/packages/{FILE}"
    assert node.modules[2]["args"]["package"] == f"{REMOTE}/{FILE}"
    assert f"warning: node-a01: http://m: no answer. Taking {FILE} from {source} instead" in node.lines


def test_a_warning_shows_no_password(node):
    lost = {"failed": True, "source_lost": True, "msg": "http://m: no answer"}
    node.answers = [NEEDED, lost, NEEDED]
    act(node, source="http://m or https://fleet:secret@n/packages")
    warning = f"warning: node-a01: http://m: no answer. Taking {FILE} from https://n/packages instead"
    assert warning in node.lines
    assert node.modules[2]["args"]["source"] == "https://fleet:secret@n/packages"


def test_a_package_that_failed_is_not_run_again_from_another_source(node, source):
    node.answers = [NEEDED, {"failed": True, "msg": "exit status 1"}]
    assert act(node, source=f"http://m or {source}")["msg"] == "exit status 1"
    assert len(node.modules) == 2


def test_the_last_source_has_the_last_word(node):
    lost = {"failed": True, "source_lost": True, "msg": "no answer"}
    node.answers = [NEEDED, lost, lost]
    assert act(node, source="http://m or http://n") == lost
