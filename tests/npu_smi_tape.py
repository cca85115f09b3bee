# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls of npu-smi about settings, as tests put them on the tape."""

from __future__ import annotations

CHIPS = {
    "310": "310",
    "310b": "310B1",
    "310p": "310P3",
    "910": "910A",
    "910b": "910B3",
    "910_93": "Ascend910",
}
OK = "\tStatus                         : OK\n\tMessage                        : {}\n"
HELP = "Usage: npu-smi set -t {} [Options...]\n"


def row(key, value):
    return f"\t{key:<30} : {value}\n"


def blocks(key, *values):
    """One value for each chip of a card."""
    chips = "".join(f"{row(key, value)}{row('Chip ID', chip)}\n" for chip, value in enumerate(values))
    return f"{row('NPU ID', 0)}{row('Chip Count', len(values))}\n{chips}"


class Smi:
    """Put the calls of npu-smi on the tape."""

    def __init__(self, tape):
        self.tape = tape

    def has(self, family, cards=(0,), chips=1):
        """Expect the question for the chips of the node."""
        rows = [
            f"\t{card:<30}{chip:<30}{card * chips + chip:<30}Ascend {CHIPS[family]}"
            for card in cards
            for chip in range(chips)
        ]
        head = f"\t{'NPU ID':<30}{'Chip ID':<30}{'Chip Logic ID':<30}{'Chip Name':<30}"
        self.tape.expect("npu-smi", "info", "-m", out="\n".join([head, *rows, ""]))

    def says(self, kind, out, *place, rc=0):
        self.tape.expect("npu-smi", "info", "-t", kind, *place, out=out, rc=rc)

    def may(self, kind, out=None, rc=0):
        self.tape.expect("npu-smi", "set", "-t", kind, "-h", out=out or HELP.format(kind), rc=rc)

    def takes(self, kind, *words, asks=False, out=None, rc=0):
        message = out or OK.format("set successfully.")
        self.tape.expect(
            "npu-smi", "set", "-t", kind, *words, stdin="Y\n" if asks else "", out=message, rc=rc
        )
