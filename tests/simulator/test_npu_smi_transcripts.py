# SPDX-License-Identifier: GPL-3.0-or-later
"""Replay what the real npu-smi printed against the simulated one: text, stream, exit status, byte for byte.

The transcripts lie outside the repository, in the directory that ASCEND_TRANSCRIPTS names. Their device
values came from a stand-in device; the node's state is made from the same values, read out of them.
"""

from __future__ import annotations

import difflib
import io
import os
import re
from pathlib import Path

import pytest
from npu_simulator.npu_smi import main
from npu_smi_transcripts import FAMILIES, TRANSCRIPTS, Call, Recording, prepare

# Calls whose answer differs, and why. Reviewed one by one: a new difference fails the test, and so does an
# entry whose call has become equal. "all" stands for every chip.
UNEQUAL = [("the transcript prints the clock of its own minute", {"all": ["t-sys-time-chip"]})]
# These may never be listed above: the modules make them, or a user meets them first.
REQUIRED = re.compile(
    r"none|h|v|unknown|help-word|(info|set|clear|upgrade)(-.*)?(-h|-none|-i|-i-99|-bad-opt|-bad-type|-t-none|-t-bad)"
    r"|info|info-l|info-m|info-t-board.*|t-board-.*|t-phyid-.*|t-health-.*"
    r"|(driver-down|occupied|zero|partial|one-off-bus|five-off-bus|health|vm|ct|nonroot|incomplete|no-install-info)\w*-.*"
)


@pytest.fixture(scope="module")
def transcripts():
    """Give the directory of the recorded calls; without it nothing here can be proved."""
    if not TRANSCRIPTS.is_dir():
        reason = f"NOTHING REPLAYED: no npu-smi transcripts in {TRANSCRIPTS}; set ASCEND_TRANSCRIPTS"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return TRANSCRIPTS / "npu-smi"


def replay(call: Call, recording: Recording, root: Path) -> tuple[str, str, int]:
    """Make the call on the simulated program."""
    root.mkdir()
    node = prepare(call, recording, root)
    out, err = io.StringIO(), io.StringIO()
    status = main(list(call.argv), node, io.StringIO(call.stdin), out, err)
    return out.getvalue(), err.getvalue(), status


def difference(wanted: tuple[str, str, int], found: tuple[str, str, int]) -> str:
    """Return what stands in one answer and not in the other, for the reader of a failed test."""
    both = [
        f"{out}--- stderr ---\n{err}--- status {status}\n".splitlines()
        for out, err, status in (wanted, found)
    ]
    return "\n".join(difflib.unified_diff(*both, "recorded", "simulated", lineterm="", n=0))


def reasons_of(chip: str) -> dict[str, str]:
    return {
        name: reason
        for reason, chips in UNEQUAL
        for family, names in chips.items()
        for name in names
        if family in {chip, "all"}
    }


def report(chip: str, total: int, unequal: list[str]) -> str:
    lines = [f"npu-smi {chip}: {total - len(unequal)} of {total} calls equal"]
    reasons = reasons_of(chip)
    for reason in dict.fromkeys(reasons[name] for name in unequal if name in reasons):
        names = ", ".join(name for name in unequal if reasons.get(name) == reason)
        lines.append(f"  {reason}: {names}")
    return "\n".join(lines)


@pytest.mark.parametrize("chip", FAMILIES)
def test_every_recorded_call_is_answered_alike(chip, transcripts, tmp_path, capsys):
    recording = Recording(transcripts / chip, FAMILIES[chip])
    assert recording.calls, f"no transcripts in {transcripts / chip}"
    unequal = {}
    for call in recording.calls:
        answer = replay(call, recording, tmp_path / call.file)
        if answer != call.answer:
            unequal[call] = difference(call.answer, answer)
    names = [call.name for call in unequal]
    with capsys.disabled():
        print("\n" + report(chip, len(recording.calls), names))
    reasons = reasons_of(chip)
    assert {call.file: text for call, text in unequal.items() if call.name not in reasons} == {}
    assert [name for name in reasons if name not in names] == [], "equal by now: take them from the table"


@pytest.mark.parametrize("chip", FAMILIES)
def test_no_required_call_is_excused(chip):
    assert [name for name in reasons_of(chip) if REQUIRED.fullmatch(name)] == []
