# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of an answer of hccn_tool: without what terminals and old drivers add, and refused when strange.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_tool as tool
from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ansible_collections.ascend.fleet.plugins.module_utils._cli import Result

NOT_AVAILABLE = frozenset({"", "NA", "N/A", "-", "not supported", "Unknown", "Unknown!"})
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# What the tool says when there is no value, and what that means for who reads it.
_ABSENT = {
    "Get ipconf failed, because no ip was preset there!": "no address is set",
    "Get gateway failed, because no gateway was preset there!": "no gateway is set",
    "Execute failed: Link status is down.": "the link is down",
    "No certificate found, please set certs firstly!": "no certificates are loaded",
    "The command is not supported on this product.": "this product does not have it",
    "This device does not support IPV6!": "this product has no IPv6",
    "This device does not support switching fec mode.": "error correction is fixed on this chip",
    "The VM does not support this command.": "it cannot be asked in a virtual machine",
    "Command unsupported on this optical module.": "the optical module does not tell it",
    "Optical module is not present.": "there is no optical module",
    "The system is in optical module initializing": "the optical module is still starting; ask again",
    "The command is not supported on this optical media.": "the port has no optical module",
    "Get invalid major cmd.": "this release of hccn_tool has no such query",
    "Get unknown option!": "this release of hccn_tool has no such query",
}
_DIGITS = re.compile(r"\d+", re.ASCII)
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_NOISE = re.compile(r"(?:call )?[Dd]rvMngGetConsoleLogLevel failed.*")
_CLOCK = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d:\d\d:\d\d) (\d{4})( GMT)?", re.ASCII)


class AbsentError(Exception):
    """There is no such value; the message says why."""


def answered(result: Result) -> list[str]:
    """Return the lines of an answer. Raises AbsentError, or CliError when there is none.

    The tool ends every line, so an answer without a last line end was cut, perhaps in the middle of a number.
    """
    check_present(result)
    found = lines(result.stdout)
    if not found:
        raise tool.failure(result)
    if not _COLOUR.sub("", result.stdout).endswith("\n"):
        raise cut(result)
    return found


def check_present(result: Result) -> None:
    """Raise AbsentError when the tool says that there is no value."""
    for stream in (result.stdout, result.stderr):
        for line in lines(stream):
            for text, reason in _ABSENT.items():
                if line.startswith(text):
                    raise AbsentError(reason)


def lines(text: str) -> list[str]:
    """Return the lines of a text without blank ones, colours, carriage returns and noise of old drivers.

    Blanks that all lines begin with are taken away; tabs count as blanks up to the next eighth column.
    """
    found = (_COLOUR.sub("", line).rstrip().expandtabs() for line in text.split("\n"))
    kept = [line for line in found if line and not _NOISE.fullmatch(line.strip())]
    margin = min((len(line) - len(line.lstrip()) for line in kept), default=0)
    return [line[margin:] for line in kept]


def only_line(result: Result, pattern: str) -> re.Match[str]:
    """Return the match of an answer that has one line. Raises AbsentError or CliError."""
    return all_lines(result, [pattern])[0]


def all_lines(result: Result, patterns: Sequence[str]) -> list[re.Match[str]]:
    """Return the matches of an answer that has one line for each pattern, in that order.

    Raises AbsentError, or CliError that quotes the line which does not fit.
    """
    found = answered(result)
    matches: list[re.Match[str]] = []
    for pattern, line in zip(patterns, found):
        match = re.fullmatch(pattern, line.strip(), re.ASCII)
        if match is None:
            raise refused(result, line) if matches else unreadable(result, line)
        matches.append(match)
    if len(found) != len(patterns):
        raise refused(result, found[-1]) if len(found) > len(patterns) else cut(result)
    return matches


def unreadable(result: Result, line: str) -> CliError:
    """Return the error for an answer that starts strangely: the tool's own complaint, if it is one."""
    known = tool.failure(result)
    return known if "that this collection does not know" not in known.message else refused(result, line)


def refused(result: Result, line: str) -> CliError:
    """Return the error that quotes a line which nothing here understands."""
    return CliError(
        f"{subject(result)} printed a line that this collection does not know: {line.strip()!r}; report it "
        "with the driver's version",
        result,
    )


def cut(result: Result) -> CliError:
    """Return the error for an answer that ends too early."""
    last = lines(result.stdout)[-1:]
    return CliError(
        f"{subject(result)} stopped too early, its last line is {last[0] if last else ''!r}; run again",
        result,
    )


def subject(result: Result) -> str:
    """Return how messages name a call: the device and the query."""
    words = result.argv[result.argv.index("-i") + 1 :]
    return f"device {words[0]}: hccn_tool {' '.join(words[1:])}"


def moment(result: Result, line: str, text: str) -> str:
    """Return a time such as `Tue Aug  1 14:43:40 2022` as 2022-08-01T14:43:40, with Z when it is GMT."""
    match = _CLOCK.fullmatch(" ".join(text.split()))
    if match is None or match[1] not in MONTHS:
        raise refused(result, line)
    day = f"{match[4]}-{MONTHS.index(match[1]) + 1:02}-{int(match[2]):02}"
    return f"{day}T{match[3]}{'Z' if match[5] else ''}"


def whole_number(text: str) -> int | None:
    """Return the number that a text is, None when it is anything else."""
    return int(text) if _DIGITS.fullmatch(text) else None


def joined(values: Iterable[str]) -> str | None:
    """Return texts as one, None for no text."""
    return " ".join(value.strip() for value in values) or None
