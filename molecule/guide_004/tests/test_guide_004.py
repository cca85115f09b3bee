# SPDX-License-Identifier: GPL-3.0-or-later
"""Guide 004: a venv, and the variables of its users."""

from __future__ import annotations

import pytest

testinfra_hosts = ["ssh://guide-004"]
WANTED = {
    "ASCEND_GLOBAL_LOG_LEVEL": "3",  # errors only; the guide's table has it the wrong way round
    "ASCEND_SLOG_PRINT_TO_STDOUT": "0",
    "ASCEND_RT_VISIBLE_DEVICES": "0,1,2,3,4,5,6,7",
    "HCCL_WHITELIST_DISABLE": "1",
    "HCCL_IF_IP": "127.0.0.1",
}


@pytest.mark.parametrize("shell", ["login", "other", "service"])
def test_the_guide_s_variables_are_everywhere(shells, shell):
    seen = shells.variables(shell)
    assert {name: seen.get(name) for name in WANTED} == WANTED
    assert "ASCEND_LAUNCH_BLOCKING" not in seen


def test_the_named_user_may_open_the_devices(host):
    assert "HwHiAiUser" in host.user("fleet").groups


def test_it_is_a_venv_of_the_system_s_python(host, expected):
    lines = host.file(f"{expected['prefix']}/pyvenv.cfg").content_string.splitlines()
    assert "home = /usr/bin" in lines
    assert "include-system-site-packages = false" in lines
