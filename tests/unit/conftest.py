# SPDX-License-Identifier: GPL-3.0-or-later
"""The tape: a module's main() against an exact list of program calls."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass

import pytest
from ansible.module_utils import basic
from ansible.module_utils.testing import patch_module_args
from hypothesis import settings

# The same examples on every machine: a change alone makes a run fail. `make nightly` searches at random.
settings.register_profile("reproducible", derandomize=True)
settings.load_profile("reproducible")
_PREFIX = ("timeout", "--kill-after=5")


@dataclass
class Expected:
    """One call that must happen next, and what it answers."""

    argv: tuple[str, ...]
    out: str
    err: str
    rc: int
    stdin: str


class Tape:
    """Answer run_command from a list of expected calls, in order; anything else fails the test."""

    def __init__(self) -> None:
        self.calls: deque[Expected] = deque()
        self.programs: set[str] | None = None

    def expect(self, *argv: str, out: str = "", err: str = "", rc: int = 0, stdin: str = "") -> None:
        """Expect ``argv`` (program name without its folder first) as the next call."""
        self.calls.append(Expected(argv, out, err, rc, stdin))

    def only_programs(self, *names: str) -> None:
        """Make every other program absent from the host."""
        self.programs = set(names)

    def play(self, argv: list[str], stdin: str) -> tuple[int, str, str]:
        """Check one call against the tape and answer it."""
        words = tuple(argv)
        if words[:2] == _PREFIX:
            words = words[3:]
        words = (words[0].rsplit("/", 1)[-1], *words[1:])
        assert self.calls, f"unexpected call: {words}"
        wanted = self.calls.popleft()
        assert words == wanted.argv
        assert stdin == wanted.stdin, f"stdin of {words}"
        return wanted.rc, wanted.out, wanted.err


@pytest.fixture
def tape(monkeypatch):
    """Give the test a tape and insist that it was played to its end."""
    tape = Tape()

    def run_command(_self, args, data="", **_options):
        return tape.play(args, data or "")

    def get_bin_path(_self, arg, required=False, opt_dirs=None):
        found = tape.programs is None or arg in tape.programs
        assert found or not required
        return f"/bin/{arg}" if found else None

    monkeypatch.setattr(basic.AnsibleModule, "run_command", run_command)
    monkeypatch.setattr(basic.AnsibleModule, "get_bin_path", get_bin_path)
    yield tape
    assert not tape.calls, f"calls that never happened: {[call.argv for call in tape.calls]}"


@pytest.fixture
def warned(monkeypatch):
    """Collect what modules warn of; where it comes out otherwise depends on what else Ansible has loaded."""
    said = []
    monkeypatch.setattr(basic.AnsibleModule, "warn", lambda _self, warning: said.append(warning))
    return said


@pytest.fixture
def run_module(capsys):
    """Run a module's main() with the given options and return its result as a mapping.

    Options starting with ``_ansible`` pass through, e.g. ``_ansible_check_mode=True``.
    """

    def run(module, **options):
        with patch_module_args(options), pytest.raises(SystemExit):
            module.main()
        printed = capsys.readouterr().out
        return json.loads(printed)

    return run
