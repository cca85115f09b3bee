# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin show prints a text as it is and reports no change."""

from __future__ import annotations

from unittest.mock import MagicMock

import pytest
from ansible.errors import AnsibleError
from ansible.playbook.task import Task
from ansible_collections.ascend.fleet.plugins.action import show


def action(arguments):
    task = MagicMock(Task)
    task.async_val = False
    task.args = arguments
    task.action = "ascend.fleet.show"
    context = MagicMock(check_mode=False, diff=False)
    return show.ActionModule(task, MagicMock(), context, MagicMock(), MagicMock(), MagicMock())


def test_the_text_is_printed_line_by_line(monkeypatch):
    printed = []
    monkeypatch.setattr(show.Display, "display", lambda _self, text: printed.append(text))
    result = action({"text": "node  result\n----  ------\n'a'   \"b\"\n"}).run(task_vars={})
    assert printed == ["\nnode  result\n----  ------\n'a'   \"b\"\n"]
    assert result["changed"] is False


@pytest.mark.parametrize("arguments", [{}, {"message": "x"}])
def test_a_wrong_option_is_refused(arguments):
    with pytest.raises(AnsibleError):
        action(arguments).run(task_vars={})
