# SPDX-License-Identifier: GPL-3.0-or-later
"""What hccn_tool checks in its arguments before a command sees them, in the order of cmd.c parse_cmd."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from npu_simulator.hccn_tool.messages import Code, HccnError

if TYPE_CHECKING:
    from collections.abc import Collection

    from npu_simulator.state import State

HELP = {("-h",), ("--help",)}
MOST_WORDS = 62  # the vendor counts the program's name and stops below 64
LONGEST_WORD = 900
_PHY_ID = re.compile(r"[0-9]{1,2}")
_COMMAND_AT = {"-i": 2, "-a": 1}


class Call(NamedTuple):
    """A call that names a known command: its scope (-i or -a), the device as typed, and the words behind."""

    scope: str
    device: str
    command: str
    words: list[str]

    @property
    def is_for_host(self) -> bool:
        """Tell whether the call is about the host's certificates; then no device is asked."""
        return self.words[-1:] == ["host"]


def check_words(argv: list[str]) -> None:
    """Raise HccnError MAJOR_NUMBER or WORD_LENGTH when there are no, too many or too long words."""
    if not argv or len(argv) > MOST_WORDS:
        raise HccnError(Code.MAJOR_NUMBER)
    if any(len(word) > LONGEST_WORD for word in argv):
        raise HccnError(Code.WORD_LENGTH)


def parse(argv: list[str], commands: Collection[tuple[str, str]]) -> Call:
    """Split the words into a call. Raises HccnError MAJOR_TYPE or MAJOR_INVALID."""
    scope = argv[0]
    if scope not in _COMMAND_AT:
        raise HccnError(Code.MAJOR_TYPE)
    place = _COMMAND_AT[scope]
    if len(argv) <= place or (scope, argv[place]) not in commands:
        raise HccnError(Code.MAJOR_INVALID)
    return Call(scope, argv[1] if scope == "-i" else "", argv[place], argv[place + 1 :])


def physical_id(call: Call, state: State) -> int:
    """Return the physical id of the call. Raises HccnError DEVICE_ID, without a driver for every id."""
    if not _PHY_ID.fullmatch(call.device):
        raise HccnError(Code.DEVICE_ID)
    if call.is_for_host:
        return 0
    phy_id = int(call.device)
    if state["running"]["driver"] is None or phy_id not in {npu["phy_id"] for npu in state["npus"]}:
        raise HccnError(Code.DEVICE_ID)
    return phy_id
