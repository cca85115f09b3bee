# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialect of C(npu-smi upgrade) for the management controllers (MCU) of the NPU cards.

This module util is private to the collection and may change at any time. It is pure: it starts no program.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError
from ansible_collections.ascend.fleet.plugins.module_utils._converge import Step
from ansible_collections.ascend.fleet.plugins.module_utils._version import compare_versions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ansible_collections.ascend.fleet.plugins.module_utils._cli import Result

SUFFIXES = (".hpm", ".bin")  # npu-smi refuses every other file with "File type error"
FILES = "a file *.hpm, *.bin or *.zip"
_NO_MCU = "This device does not support querying version."
_LINE = re.compile(r"[\r\n]+")  # the progress of a transfer is written over itself with carriage returns
_PAIR = re.compile(r"\s*(?P<key>[A-Za-z][\w ]*?)\s*:\s*(?P<value>.*?)\s*")


def version_query(card: int) -> tuple[str, ...]:
    """Ask for the version of a card's MCU."""
    return ("upgrade", "-b", "mcu", "-i", str(card))


def transfer_order(card: int, file: str) -> tuple[str, ...]:
    """Write ``file`` into the MCU of a card, where it waits for its activation."""
    return ("upgrade", "-t", "mcu", "-i", str(card), "-f", file)


def activation_order(card: int) -> tuple[str, ...]:
    """Let the MCU of a card restart with what was transferred."""
    return ("upgrade", "-a", "mcu", "-i", str(card))


def parse_version(result: Result) -> str | None:
    """Return the version that an MCU says, None for a card without one; raises CliError for other answers."""
    if _NO_MCU in result.stdout:
        return None
    versions = [value for key, value in _pairs(result) if key == "Version"]
    if result.status or len(versions) != 1 or not versions[0]:
        raise CliError(
            "the MCU does not say its version; if an upgrade broke off within the last 10 minutes wait that "
            "long, else power the server off and on, then run again",
            result,
        )
    return versions[0]


def check_order(result: Result, what: str) -> None:
    """Raise CliError unless a transfer or an activation, named by ``what``, says that it succeeded."""
    states = [value for key, value in _pairs(result) if key == "Status"]
    if result.status == 0 and states and states[-1] == "OK":
        return
    reasons = [value for key, value in _pairs(result) if key == "Message"] or result.stdout.split("\n")[:1]
    raise CliError(
        f"{what} failed: {reasons[-1] or 'npu-smi gave no reason'}. Leave the server switched on, wait "
        "10 minutes after an upgrade that broke off, then run again",
        result,
    )


def plan(found: Mapping[int, str | None], wanted: str) -> list[Step]:
    """Return a step for each card that has another version than ``wanted``, in the order of ``found``."""
    return [
        Step(f"bring the MCU of NPU {card} from {version} to {wanted}", (str(card),))
        for card, version in found.items()
        if version is not None and compare_versions(version, wanted) != 0
    ]


def newer(found: Mapping[int, str | None], wanted: str) -> list[int]:
    """Return the cards whose MCU is newer than ``wanted``."""
    return [
        card
        for card, version in found.items()
        if version is not None and compare_versions(version, wanted) > 0
    ]


def choice_problems(found: Mapping[int, str | None], asked: Sequence[int], lost: int) -> list[str]:
    """Return what stands against an upgrade of the cards ``asked`` (empty: all); ``lost`` ones are gone."""
    problems = [
        f"found no MCU on NPU {card}, wanted one; leave the card out of cards, or check the product"
        for card in asked
        if found.get(card) is None
    ]
    if not asked and lost:
        problems.append(
            f"found {lost} of the driver's cards without an answer, wanted all; "
            "power the server off and on, or name the other ones in cards"
        )
    if not asked and not any(found.values()):
        problems.append("found no card with an MCU, wanted one; this product needs no MCU firmware")
    return problems


def _pairs(result: Result) -> list[tuple[str, str]]:
    matches = map(_PAIR.fullmatch, _LINE.split(result.stdout))
    return [(match["key"], match["value"]) for match in matches if match]
