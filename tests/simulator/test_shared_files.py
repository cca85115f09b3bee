# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs of the simulator that work at the same time wait for each other, and readers see whole files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from shared_files import alone, write_whole

SIMULATOR = Path(__file__).resolve().parents[2] / "simulator"
ADD_ONE = """
import sys
from pathlib import Path
from shared_files import alone, write_whole
folder = Path(sys.argv[1])
for turn in range(50):
    with alone(folder):
        write_whole(folder / "count", str(int((folder / "count").read_text()) + 1).encode())
"""


def test_programs_that_count_in_one_file_lose_nothing(tmp_path):
    write_whole(tmp_path / "count", b"0")
    command = [sys.executable, "-c", ADD_ONE, str(tmp_path)]
    programs = [subprocess.Popen(command, env={"PYTHONPATH": str(SIMULATOR)}) for _number in range(3)]
    assert [program.wait() for program in programs] == [0, 0, 0]
    assert (tmp_path / "count").read_text() == "150"


def test_the_old_file_stays_whole_for_who_has_it_open(tmp_path):
    write_whole(tmp_path / "sums", b"old\n")
    with (tmp_path / "sums").open() as reader:
        write_whole(tmp_path / "sums", b"new and longer\n")
        assert reader.read() == "old\n"
    assert (tmp_path / "sums").read_text() == "new and longer\n"
    assert [file.name for file in tmp_path.iterdir()] == ["sums"]


def test_the_folder_is_made(tmp_path):
    with alone(tmp_path / "new/folder"):
        assert (tmp_path / "new/folder").is_dir()
