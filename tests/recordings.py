# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the recordings: what npu-smi and hccn_tool printed on real machines, kept outside of the repository.

ASCEND_FLEET_RECORDINGS names their directory; without it they are looked for beside the checkout. The first
line of its INDEX.tsv names the columns; one line per recording follows.
"""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

VARIABLE = "ASCEND_FLEET_RECORDINGS"
DEFAULT = Path(__file__).resolve().parents[1] / "../shared/recordings"
RECORDINGS = Path(os.environ.get(VARIABLE) or DEFAULT).resolve()


@dataclass(frozen=True)
class Recording:
    """One line of the index, without where the text was found."""

    name: str  # of the file, without .txt
    command: str
    chip: str
    driver: str
    notes: str


def present() -> bool:
    """Tell whether the recordings are at hand."""
    return (RECORDINGS / "INDEX.tsv").is_file()


def require(folder: Path = RECORDINGS) -> None:
    """Skip the running test loudly when ``folder`` is absent; fail it where all checks must run."""
    if folder.is_dir():
        return
    absent = f"NO RECORDINGS: nothing to read in {folder}; set {VARIABLE} to the directory of the recordings"
    if os.environ.get("CI") == "true":
        pytest.fail(absent)
    pytest.skip(absent)


def index() -> list[Recording]:
    """Return every recording in the order of the index, or nothing when there are none."""
    if not present():
        return []
    with (RECORDINGS / "INDEX.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter="\t")
        header = next(rows)
        places = [header.index(name) for name in ("file", "command", "chip", "driver version", "notes")]
        return [_recording([*row, ""], places) for row in rows]


def _recording(row: list[str], places: list[int]) -> Recording:
    name, command, chip, driver, notes = (row[place] for place in places)
    return Recording(name.removesuffix(".txt"), command, chip, driver, notes)


def names(prefix: str = "") -> list[str]:
    """Return the names of the recordings that begin with ``prefix``, sorted, without .txt."""
    return sorted(entry.name for entry in index() if entry.name.startswith(prefix))


def recording(name: str) -> str:
    """Return the text of a recording as it was printed, carriage returns and all."""
    return (RECORDINGS / f"{name}.txt").read_bytes().decode("utf-8")
