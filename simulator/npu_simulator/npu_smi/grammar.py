# SPDX-License-Identifier: GPL-3.0-or-later
"""npu-smi's way of reading arguments: pairs from left to right, each checked before the next is read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from npu_simulator.npu_smi import answers, texts
from npu_simulator.npu_smi.answers import RefusedError
from npu_simulator.npu_smi.host import load_commands

if TYPE_CHECKING:
    from npu_simulator.npu_smi.host import Chip, Host

STEP = 2  # hicann/driver npu_cmd_parse.c: a flag without a value swallows the next word too
_ONLY_ONE_OF = {"-t", "-l", "-m", "-h", "-help"}


@dataclass
class Request:
    """What the arguments asked for. ``flags`` are the words without a value of their own."""

    command: str
    type: str = ""
    scope: str = ""
    card: list[Chip] = field(default_factory=list)
    chip: int | None = None
    phy_id: int | None = None
    value: str | None = None
    file: str | None = None
    flags: list[str] = field(default_factory=list)
    options: dict[str, str | None] = field(default_factory=dict)  # what stands behind each word of `set`

    @property
    def card_id(self) -> int:
        """The NPU ID."""
        return self.card[0].card

    @property
    def the_chip(self) -> Chip:
        """The chip that -c names."""
        return next(chip for chip in self.card if chip.id == self.chip)

    @property
    def is_mcu(self) -> bool:
        """Tell whether -c names the MCU, whose id follows the last chip's. real-programs.md N10."""
        return self.chip == len(self.card)


class Parser:
    """Reads the words behind a sub-command; a RefusedError carries what the program says instead."""

    def __init__(self, command: str, host: Host, usage: str, verb: str) -> None:
        """Prepare for ``command``; ``verb`` is its word in "does not support ...", e.g. querying."""
        self.host = host
        self.usage = usage
        self.verb = verb
        self.request = Request(command)
        self.types = load_commands()[command]

    def wrong(self, word: str, reason: str = "") -> RefusedError:
        """Return the refusal of an argument, which ends in the usage text."""
        text = reason + texts.error_parameter(word) + self.usage
        return RefusedError(text, answers.INVALID_PARAMETER)

    def take_type(self, word: str, name: str | None) -> None:
        """Read the value of -t (or -b, -q, -a): it must exist, be allowed here, and fit the chip."""
        if name is None or name not in self.types:
            raise self.wrong(word)
        self.request.type = name
        entry = self.types[name]
        check_environment(entry, self.host)
        forms = entry.get("forms", {}).get(self.host.family.key)
        if self.host.family.key not in entry["chips"] or (forms and self.host.form not in forms):
            raise RefusedError(texts.unsupported(self.verb, name), answers.OK)
        self.request.scope = entry["scope"]

    def take_card(self, name: str | None) -> None:
        """Read the value of -i."""
        cards = {str(card[0].card): card for card in self.host.cards()}
        if name is None or name not in cards:
            raise self.wrong("-i", "Invalid card id.\n")
        self.request.card = cards[name]

    def take_chip(self, name: str | None) -> None:
        """Read the value of -c, which needs a card before it."""
        card = self.request.card
        ids = [chip.id for chip in card] + ([len(card)] if card and self.host.family.mcu else [])
        if name is None or name not in map(str, ids):
            raise self.wrong("-c", "Invalid chip id.\n")
        self.request.chip = int(name)

    def take_phy_id(self, name: str | None) -> None:
        """Read the value of -p."""
        known = {str(chip.npu["phy_id"]) for chip in self.host.chips}
        if name is None:
            raise self.wrong("-p", "Invalid phy id.\n")
        if name not in known:
            raise self.wrong("-p")
        self.request.phy_id = int(name)


def pairs(words: list[str]) -> list[tuple[str, str | None]]:
    """Return the words as the program walks over them: a flag, and the word behind it."""
    return [(words[at], words[at + 1] if at + 1 < len(words) else None) for at in range(0, len(words), STEP)]


def parse_info(words: list[str], host: Host) -> Request:
    """Read the arguments of `npu-smi info`. Raises RefusedError."""
    parser = Parser("info", host, texts.INFO_USAGE, "querying")
    seen: list[str] = []
    for word, value in pairs(words):
        if _repeats(word, seen):
            raise parser.wrong(word)
        seen.append(word)
        _take_info(parser, word, value)
    return parser.request


def _repeats(word: str, seen: list[str]) -> bool:
    if word in _ONLY_ONE_OF:
        return bool(_ONLY_ONE_OF.intersection(seen))
    return word in {"-i", "-c"} and word in seen


def _take_info(parser: Parser, word: str, value: str | None) -> None:
    if word in {"-h", "--help"}:
        raise RefusedError(texts.INFO_USAGE, answers.OK)
    if word in {"-l", "-m"}:
        parser.request.flags.append(word)
    elif word == "-t":
        parser.take_type(word, value)
    elif word == "-i":
        parser.take_card(value)
    elif word == "-c":
        parser.take_chip(value)
    elif word == "-p":
        parser.take_phy_id(value)
    else:
        raise parser.wrong(word)


def check_environment(entry: dict[str, Any], host: Host) -> None:
    """Refuse a type to the wrong user or place. hicann/driver npu_common.c, transcripts 218-232."""
    open_to = entry["open_to"]
    if "user" not in open_to and not host.node.is_root:
        raise RefusedError(texts.ROOT_ONLY, answers.OK)
    if not {"vm", "container"}.intersection(open_to) and (host.in_vm or host.in_container):
        raise RefusedError(texts.HOST_ONLY, answers.OK)
    if "container" not in open_to and host.in_container:
        raise RefusedError(texts.NOT_IN_CONTAINER, answers.OK)
    if "vm" not in open_to and host.in_vm:
        raise RefusedError(texts.NOT_ON_VM, answers.OK)
