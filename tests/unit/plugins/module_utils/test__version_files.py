# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading of small files that may end while they are read."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils._version_files import text_of


@pytest.mark.parametrize("name", ["cmdline", "comm", "cgroup"])
def test_a_process_that_ends_between_open_and_read_has_no_text(name):
    """The kernel answers ESRCH then, which is neither of the errors of a file that is not there."""
    with subprocess.Popen(["sleep", "60"]) as process:
        descriptor = os.open(f"/proc/{process.pid}/{name}", os.O_RDONLY)
        process.kill()
    try:
        assert text_of(Path(f"/proc/self/fd/{descriptor}")) is None
    finally:
        os.close(descriptor)


def test_a_file_below_a_file_has_no_text(tmp_path):
    (tmp_path / "version.info").write_text("Version=1\n", encoding="utf-8")
    assert text_of(tmp_path / "version.info" / "version.info") is None
    assert text_of(tmp_path / "version.info") == "Version=1\n"
