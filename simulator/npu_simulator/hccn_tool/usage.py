# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's usage texts, and with them the commands that a chip family knows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

_TEXTS = Path(__file__).with_name("usage.txt")
_HEAD = re.compile(r"\[(-i|-a) (devid|) ?(-\w+)\](?: (.+))?")


class Usage(NamedTuple):
    """The usage of one command: ``scope`` is -i (one device) or -a (all)."""

    scope: str
    device: str
    command: str
    text: str

    def in_help(self) -> str:
        """Return what `-h` prints for this command."""
        return f"hccn_tool {self.scope} {self.device} {self.command}\n{self.text}\n"

    def below_error(self) -> str:
        """Return what a wrong argument of this command prints on stdout."""
        return (
            f"[ hccn_tool {self.scope} devid {self.command} ] needs the following parameters:\n{self.text}\n"
        )


def usages(family: str) -> dict[tuple[str, str], Usage]:
    """Return the usages of a chip family by scope and command, in the vendor's order."""
    _licence, *blocks = _TEXTS.read_text(encoding="utf-8").split("\n\n")
    found = {}
    for block in filter(None, blocks):
        head, _newline, text = block.partition("\n")
        match = _HEAD.fullmatch(head)
        if match is None:
            raise ValueError(f"usage.txt has the head {head!r}, wanted [-i devid -command] or [-a  -command]")
        scope, device, command, only = match.groups()
        if only is None or family in only.split():
            found[scope, command] = Usage(scope, device, command, text.rstrip("\n") + "\n")
    return found
