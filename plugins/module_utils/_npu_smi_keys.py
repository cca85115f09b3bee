# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialect of npu-smi: answers in lines of C(key : value), in blocks per chip, and the health of a chip.

A card's answer begins with C(NPU ID) and C(Chip Count). C(Chip ID) opens the block of a chip in one type and
closes it in the others, and the management controller (mcu) has a block of its own. Blank lines mean
nothing, so only the number of blocks tells that no line of them was lost.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi import (
    COMPLAINT,
    HEALTH_WORDS,
    Unread,
    answer_lines,
    known,
    misunderstood,
    pair,
    read_value,
    whole_number,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_types import MCU_FIELDS, TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ansible_collections.ascend.fleet.plugins.module_utils._cli import Result
    from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_types import Type

_CONTROLLER = "mcu"
_INFORMATION = "Error Information"  # goes on in lines without a key
_DDR = ("memory_total_mb", "memory_mhz")
_CODE = re.compile(r"[0-9A-F]{8}")


@dataclass(frozen=True)
class Values:
    """The values of one block by field name; those that were not read are null, with a reason."""

    values: dict[str, Any]
    unread: tuple[Unread, ...] = ()


@dataclass(frozen=True)
class CardAnswer:
    """What one card says: of each chip, of itself and of its management controller."""

    npu_id: int
    chips: dict[int, Values]
    card: Values | None
    mcu: Values | None
    single: bool  # a product that knows no chips of a card: this is all that there is to ask (950)


@dataclass(frozen=True)
class ChipHealth:
    """The answer of C(npu-smi info -t health -c). Error codes are hexadecimal, without C(0x)."""

    health: str
    error_codes: tuple[str, ...]
    information: tuple[str, ...]


@dataclass
class _Block:
    """The lines of one chip, of the management controller or, without a mark, of neither."""

    mark: str = ""  # the line "Chip ID : 0" or "Chip Name : mcu"
    pairs: list[tuple[str, str]] = field(default_factory=list)
    complaint: str | None = None


@dataclass(frozen=True)
class _Parts:
    """The blocks of an answer by their owners."""

    chips: dict[int, _Block]
    card: _Block | None
    mcu: _Block | None


def parse_type(name: str, result: Result) -> CardAnswer:
    """Understand the answer to C(npu-smi info -t NAME -i) for a type of C(_npu_smi_types).

    Raises RefusedError when the card or the driver refuses, CliError when the answer is not understood or
    lacks a chip that it counts.
    """
    kind = TYPES[name]
    npu_id, count, rest = _head(answer_lines(result), result)
    parts = _parts(kind, count, _blocks(kind, rest, result), result)
    return CardAnswer(
        npu_id,
        {chip: _values(kind.fields, block, result) for chip, block in sorted(parts.chips.items())},
        _values(kind.fields, parts.card, result) if parts.card else None,
        _values(MCU_FIELDS, parts.mcu, result) if parts.mcu and kind.mcu else None,
        count is None,
    )


def _head(lines: list[str], result: Result) -> tuple[int, int | None, list[str]]:
    """Return the NPU ID, the number of chips (the 950 prints none), and the lines below."""
    key, value = pair(lines[0], result)
    npu_id = whole_number(value, lines[0], result)
    if key != "NPU ID" or npu_id is None:
        raise misunderstood("an NPU ID", lines[0], result)
    if len(lines) == 1 or not lines[1].startswith("Chip Count"):
        return npu_id, None, lines[1:]
    count = whole_number(pair(lines[1], result)[1], lines[1], result)
    if count is None:
        raise misunderstood("a number of chips", lines[1], result)
    return npu_id, count, lines[2:]


def _blocks(kind: Type, lines: list[str], result: Result) -> list[_Block]:
    blocks = [_Block()]
    for line in lines:
        if COMPLAINT.fullmatch(line):
            _complained(blocks, line)
            continue
        key, value = pair(line, result)
        if key == "Chip ID" or (key == "Chip Name" and value.lower() == _CONTROLLER):
            if kind.opens:
                blocks.append(_Block(line))
            else:
                blocks[-1].mark = line
                blocks.append(_Block())
        elif key == "Chip Name" or value.lower() == _CONTROLLER:
            raise misunderstood("the name of the management controller", line, result)
        else:
            blocks[-1].pairs.append((key, value))
    return [block for block in blocks if block.mark or block.pairs or block.complaint]


def _complained(blocks: list[_Block], line: str) -> None:
    """Keep a complaint, which stands behind the mark of its chip (transcript npu-smi/910B3/217)."""
    block = blocks[-1] if blocks[-1].mark or len(blocks) == 1 else blocks[-2]
    block.complaint = line


def _chip_id(block: _Block, result: Result) -> int | None:
    key, value = pair(block.mark, result)
    if key != "Chip ID":
        return None
    number = whole_number(value, block.mark, result)
    if number is None or number < 0:
        raise misunderstood("the id of a chip", block.mark, result)
    return number


def _parts(kind: Type, count: int | None, blocks: list[_Block], result: Result) -> _Parts:
    """Give each block to its owner; raise CliError unless each chip has one, and every line an owner."""
    marked = {_chip_id(block, result): block for block in blocks if block.mark}
    bare = [block for block in blocks if not block.mark]
    chips = {chip: block for chip, block in marked.items() if chip is not None}
    if len(marked) + len(bare) != len(blocks) or not _whole(kind, count, marked, bare):
        wanted = "one chip" if count is None else f"one block for each of {count} chips"
        last = blocks[-1].mark or " / ".join(key for key, _value in blocks[-1].pairs) if blocks else ""
        raise misunderstood(wanted, last, result)
    if count is None:
        return _Parts({0: bare[0]}, None, None)
    return _Parts(chips, bare[0] if bare else None, marked.get(None))


def _whole(kind: Type, count: int | None, marked: dict[int | None, _Block], bare: list[_Block]) -> bool:
    """Tell whether the blocks are those of the chips that the answer counts, or one of the card."""
    labels = [label for block in bare for label, _value in block.pairs]
    if count is None:  # the 950, whose cards have one chip
        return not marked and len(bare) == 1 and not (kind.of_card and kind.of_card in labels)
    chips = [chip for chip in marked if chip is not None]
    if kind.of_card and not chips:
        return labels == [kind.of_card] or (not bare and bool(marked))
    return len(chips) == count and not bare


def _values(fields: Mapping[str, tuple[str, str]], block: _Block, result: Result) -> Values:
    values: dict[str, Any] = dict.fromkeys(name for name, _kind in fields.values())
    unread: list[Unread] = [Unread("*", block.complaint)] if block.complaint else []
    seen: set[str] = set()
    for label, text in _continued(block.pairs):
        line = f"{label} : {text}"
        name, kind = fields.get(label, ("", ""))
        if name and name in seen:
            raise misunderstood("each key once", line, result)
        if not name:
            unread.append(Unread(label, f"npu-smi printed {line!r}, which this collection does not know"))
            continue
        seen.add(name)
        values[name], reason = read_value(kind, text, line, result)
        if reason:
            unread.append(Unread(name, reason))
    if block.pairs and not seen:  # the answer to another question
        raise misunderstood(f"a line such as {next(iter(fields))!r}", " : ".join(block.pairs[0]), result)
    if values.get("hbm_total_mb"):  # then a DDR of 0 is none that was not read: there is none
        unread = [entry for entry in unread if entry.what not in _DDR]
    return _without_doubtful(Values(values, tuple(unread)))


def _continued(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Join the lines without a key to the one that they go on from."""
    joined: list[tuple[str, str]] = []
    for key, value in pairs:
        if not key and joined and joined[-1][0] == _INFORMATION:
            joined[-1] = (_INFORMATION, f"{joined[-1][1]}\n{value}")
        else:
            joined.append((key, value))
    return joined


def _without_doubtful(block: Values) -> Values:
    """Drop the percentages of 0 of a chip whose temperature failed (transcript npu-smi/910B3/216)."""
    if not any(entry.what == "temperature_c" for entry in block.unread):
        return block
    doubtful = [name for name, value in block.values.items() if name.endswith("_percent") and value == 0]
    reason = "npu-smi printed 0 for a chip of which it could not read the temperature"
    return Values(
        {**block.values, **dict.fromkeys(doubtful)},
        (*block.unread, *(Unread(name, reason) for name in doubtful)),
    )


def error_codes(text: str | None, result: Result) -> tuple[str, ...]:
    """Return the codes in a value of C(Error Code)."""
    codes = tuple((text or "").split())
    wrong = [code for code in codes if not _CODE.fullmatch(code)]
    if wrong:
        raise misunderstood("error codes of eight hexadecimal digits", wrong[0], result)
    return codes


def health_word(text: str | None, result: Result) -> str | None:
    """Return the health, or None where npu-smi prints none."""
    if text is not None and text not in HEALTH_WORDS:
        raise misunderstood("a health word", text, result)
    return text


def parse_chip_health(result: Result) -> ChipHealth:
    """Understand the answer to C(npu-smi info -t health -i -c).

    Without error codes the health stands here as C(OK) even if the big table warns: believe the table.
    """
    answers: dict[str, str] = {}
    information: list[str] = []
    lines = answer_lines(result)
    for line in lines:
        key, _colon, value = (part.strip() for part in line.partition(":"))
        if information or key == _INFORMATION or COMPLAINT.fullmatch(line):
            information.append(value if key in ("", _INFORMATION) else line)
        elif key in ("NPU ID", "Health Status", "Health", "Error Code") and key not in answers:
            answers[key] = value
        else:  # such as the card's answer, which has several blocks
            raise misunderstood("the health of one chip", line, result)
    health = answers.get("Health Status") or answers.get("Health", "")
    if health not in HEALTH_WORDS:
        raise misunderstood("a health word", health or lines[0], result)
    if "Error Code" not in answers or not information:
        raise misunderstood("error codes and what they mean", lines[-1], result)
    codes = error_codes(known(answers["Error Code"]), result)
    return ChipHealth(health, codes, tuple(text for text in information if known(text)))
