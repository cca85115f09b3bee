# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of hccn_tool: the device it is about, the file, the family's features, and the three streams."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from npu_simulator.hccn_tool.conf_file import ConfFile
from npu_simulator.hccn_tool.device import Device
from npu_simulator.hccn_tool.messages import Code, HccnError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TextIO

    from npu_simulator.state import Node

_FAMILIES = Path(__file__).with_name("families.json")


@dataclass
class Session:
    """What a command needs. ``features`` are the chip family's entry of families.json."""

    node: Node
    phy_id: int
    features: Mapping[str, Any]
    stdin: TextIO
    stdout: TextIO
    stderr: TextIO

    def __post_init__(self) -> None:
        """Address the device and the file."""
        self.device = Device(self.node, self.phy_id)
        self.file = ConfFile(self.node)

    def of(self, phy_id: int) -> Session:
        """Return the same session about another device."""
        return Session(self.node, phy_id, self.features, self.stdin, self.stdout, self.stderr)

    def say(self, line: str) -> None:
        """Print a line on stdout."""
        self.stdout.write(line + "\n")

    def complain(self, line: str) -> None:
        """Print a line on stderr."""
        self.stderr.write(line + "\n")

    def confirm(self, question: str) -> None:
        """Ask and go on only after exactly ``y`` or ``Y`` (real-programs.md H12).

        Raises HccnError USER_ABORT for everything else, the end of stdin included.
        """
        self.say(f"{question}(y/n)")
        self.stdout.flush()
        if self.stdin.readline() not in {"y\n", "Y\n"}:
            raise HccnError(Code.USER_ABORT)

    def choose(self, words: list[str], options: Mapping[str, Action]) -> list[str] | None:
        """Run the action of option ``words[0]`` with the rest. Raises HccnError COUNT or UNKNOWN_OPTION."""
        if not words:
            raise HccnError(Code.COUNT)
        if words[0] not in options:
            raise HccnError(Code.UNKNOWN_OPTION)
        return options[words[0]](self, words[1:])


def features_of(family: str) -> Mapping[str, Any]:
    """Return the features of a chip family, as families.json has them."""
    features: Mapping[str, Any] = json.loads(_FAMILIES.read_text(encoding="utf-8"))[family]
    return features


def no_words(words: list[str]) -> None:
    """Raise HccnError COUNT when words follow where none may."""
    if words:
        raise HccnError(Code.COUNT)


def pairs(words: list[str], *keys: str) -> dict[str, str]:
    """Return the values of ``keys``, given in any order. Raises HccnError COUNT or UNKNOWN_OPTION."""
    if len(words) != 2 * len(keys):
        raise HccnError(Code.COUNT)
    if not set(words[::2]) <= set(keys):
        raise HccnError(Code.UNKNOWN_OPTION)
    return {**dict.fromkeys(keys, ""), **dict(zip(words[::2], words[1::2]))}


def ordered_pairs(words: list[str], *keys: str) -> list[str]:
    """Return the values of ``keys``, given in this order. Raises HccnError COUNT or UNKNOWN_OPTION."""
    if len(words) != 2 * len(keys):
        raise HccnError(Code.COUNT)
    if tuple(words[::2]) != keys:
        raise HccnError(Code.UNKNOWN_OPTION)
    return words[1::2]


if TYPE_CHECKING:
    # A query returns its lines; an order returns None and is answered with the success line.
    Action = Callable[[Session, list[str]], "list[str] | None"]
