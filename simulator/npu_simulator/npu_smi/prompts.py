# SPDX-License-Identifier: GPL-3.0-or-later
"""What `npu-smi set` asks before it does something, and the two lines with which it ends."""

from __future__ import annotations

from typing import NamedTuple, TextIO

from npu_simulator.npu_smi.answers import rows

YES = ("y", "Y")
_RESULT_KEYS = ("Status", "Message")


class Streams(NamedTuple):
    """Where prompts are printed and answers are read."""

    stdin: TextIO
    stdout: TextIO


def result(status: str, message: str) -> str:
    """Return the lines that tell how an order ended."""
    return rows(zip(_RESULT_KEYS, (status, message)))


def confirmed(question: str, streams: Streams) -> bool:
    """Print a question and read one word; anything but an accepted letter is a no. real-programs.md N16."""
    streams.stdout.write(question)
    streams.stdout.flush()
    words = streams.stdin.readline().split()
    return bool(words) and words[0] in YES
