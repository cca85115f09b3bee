# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin put_file needs the connection and nothing else."""

from __future__ import annotations

from unittest.mock import MagicMock

import pytest
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.task import Task
from ansible_collections.ascend.fleet.plugins.action import put_file


def action(arguments, check_mode=False):
    task = MagicMock(Task)
    task.async_val = False
    task.check_mode = check_mode
    task.args = arguments
    task.action = "ascend.fleet.put_file"
    connection = MagicMock()
    made = put_file.ActionModule(task, connection, MagicMock(), DataLoader(), MagicMock(), MagicMock())
    return made, connection


@pytest.fixture
def archive(tmp_path):
    file = tmp_path / "python.tar.gz"
    file.touch()
    return str(file)


def test_the_file_is_sent(archive):
    made, connection = action({"src": archive, "dest": "/var/tmp/x"})
    result = made.run(task_vars={})
    assert (result["changed"], result["dest"]) == (True, "/var/tmp/x")
    assert [call[:2] for call in connection.method_calls if call[0] == "put_file"] == [
        ("put_file", (archive, "/var/tmp/x"))
    ]


def test_check_mode_sends_nothing(archive):
    made, connection = action({"src": archive, "dest": "/var/tmp/x"}, check_mode=True)
    assert made.run(task_vars={})["changed"] is True
    connection.put_file.assert_not_called()


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_file_that_is_not_there_is_named(check_mode):
    made, connection = action({"src": "/nowhere/python.tar.gz", "dest": "/x"}, check_mode)
    with pytest.raises(
        AnsibleActionFail, match=r"found no file /nowhere/python\.tar\.gz, wanted the one to send"
    ):
        made.run(task_vars={})
    connection.put_file.assert_not_called()


@pytest.mark.parametrize("arguments", [{"src": "/x"}, {"src": "/x", "dest": "/y", "mode": "0644"}])
def test_a_wrong_option_is_refused(arguments):
    with pytest.raises(AnsibleError):
        action(arguments)[0].run(task_vars={})
