# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialect of npu-smi: what to ask, which answers are refusals, and how single values are read.

Pure functions over text. Each kind of answer has a file of its own: C(_npu_smi_table) for the big table,
C(_npu_smi_lists) for C(-m) and C(-l), C(_npu_smi_board), C(_npu_smi_keys) for the other types, and
C(_npu_smi_topo). Text decides, not status: npu-smi gives 0 for several refusals, and prints its errors on
standard output.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError, Result

HEALTH_WORDS = ("OK", "Warning", "Alarm", "Critical", "UNKNOWN")
NO_BUS_ID = "0000:00:00.0"  # what a failed PCI query leaves in the answer
NO_CARD = "There is no NPU card on this server."
BUS_ID = re.compile(r"[\dA-FxX*]{4,8}:[\dA-FxX*]{2}:[\dA-FxX*]{2}\.[\dxX*]|NA", re.IGNORECASE)
COMPLAINT = re.compile(r"Failed to \S+ .*")

_NO_VALUE = ("", "-", "NA")
_MASKED = re.compile(r"[xX*]+")
_HOTTEST = 200  # degrees Celsius; a failed query prints 32766 (transcript npu-smi/910B3/215)
_WHOLE = 100  # percent
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_NOISE = re.compile(r"(?:call )?DrvMngGetConsoleLogLevel failed", re.IGNORECASE)
_NOT_READY = (
    (
        re.compile(r"dcmi module initialize failed\. ret is -[0-9]+"),
        "the driver is not loaded; install it, or reboot if it was installed just now. Without root or in a "
        "container its devices may be out of reach: run with become: true, mount /dev/davinci*",
    ),
    (
        re.compile(r"error while loading shared libraries: .*"),
        "the driver is only partly installed; install it again",
    ),
)
_REFUSALS = (
    (
        re.compile(r"dcmi model initialized failed, because the device is used\. ret is -[0-9]+"),
        "another container, or a process in another namespace, holds the NPUs; stop it "
        "(/proc/uda/namespace_node names the owner), or mount all of the driver if this is a container",
    ),
    (
        re.compile(r"npu get board type failed.*"),
        "the driver's devices or files are missing here; run on the host, or mount all of them",
    ),
    (
        re.compile(r"Invalid (?:card|chip) id\..*"),
        "the card is no longer on the bus; see dmesg and lspci, then power-cycle the server",
    ),
    (
        re.compile(r"This device does not support querying .*"),
        "this product has nothing to answer here",
    ),
    (
        re.compile(r"This command can be executed only by the root user.*"),
        "run as root: set become: true",
    ),
    (
        re.compile(r"This command cannot be executed .*"),
        "run as root on the host, outside of virtual machines and containers",
    ),
    (
        re.compile(r".*: Permission denied"),
        "this user may not start the program; run as root: set become: true",
    ),
    (
        re.compile(
            r"Failed to get card number.*|Failed to query card total info.*|npu_get_card_\w+ failed.*"
        ),
        "the driver does not answer in full; ask again, and see dmesg if it stays so",
    ),
)


class NotReadyError(CliError):
    """The program is there, but the driver behind it is not loaded; a bare or half-installed host."""


class RefusedError(CliError):
    """npu-smi does not answer this question: not for this card, this product, this user or this driver."""


@dataclass(frozen=True)
class Unread:
    """A value that npu-smi should have given and did not: its field, and why it is null."""

    what: str
    reason: str


def overview_query() -> tuple[str, ...]:
    """Ask for the big table."""
    return ("info",)


def mapping_query() -> tuple[str, ...]:
    """Ask which NPU ID and chip have which logic and physical id."""
    return ("info", "-m")


def list_query() -> tuple[str, ...]:
    """Ask for the list of cards."""
    return ("info", "-l")


def type_query(kind: str, card: int, chip: int | None = None) -> tuple[str, ...]:
    """Ask for one type of information of a card, or of one chip on it."""
    return ("info", "-t", kind, "-i", str(card), *(() if chip is None else ("-c", str(chip))))


def board_query(card: int, chip: int | None = None) -> tuple[str, ...]:
    """Ask for versions, serial number and PCI ids of a card, or of one chip on it."""
    return type_query("board", card, chip)


def health_query(card: int, chip: int) -> tuple[str, ...]:
    """Ask for the error codes of one chip."""
    return type_query("health", card, chip)


def topology_query() -> tuple[str, ...]:
    """Ask how the NPUs are connected with each other."""
    return ("info", "-t", "topo")


def physical_id_query(phy_id: int) -> tuple[str, ...]:
    """Ask which chip has a physical id."""
    return ("info", "-t", "phyid-remap", "-p", str(phy_id))


def misunderstood(wanted: str, line: str, result: Result) -> CliError:
    """Return the error for a line that is not ``wanted``."""
    return CliError(
        f"npu-smi printed {line!r} where {wanted} was expected; report this with the driver version",
        result,
    )


def answer_lines(result: Result) -> list[str]:
    """Return the lines of an answer, stripped, without blank ones, colours and the library's noise.

    Raises NotReadyError when the driver is not loaded, RefusedError for a refusal or a bad exit status, and
    CliError for an answer that is empty or breaks off.
    """
    lines = spoken_lines(result)
    if result.status != 0:
        complaints = [line for line in lines if COMPLAINT.fullmatch(line)]
        first = next(iter([*complaints, *lines, *result.stderr.splitlines()]), "")
        raise RefusedError(f"npu-smi refused: {first!r}; check that this driver knows the command", result)
    return lines


def spoken_lines(result: Result) -> list[str]:
    """Return the lines of an answer whatever its exit status; raise for the refusals known by their text."""
    _check(f"{result.stdout}\n{result.stderr}", result)
    text = _ANSI.sub("", result.stdout)
    lines = [line.expandtabs().strip() for line in text.splitlines()]
    found = [line for line in lines if line and not _NOISE.match(line)]
    if result.status == 0 and not found:
        raise CliError(
            "npu-smi reported success and printed nothing; ask again, and see dmesg if it stays so", result
        )
    if result.status == 0 and not text.endswith("\n"):  # its end, such as a digit, may be lost
        raise CliError(f"the answer of npu-smi breaks off at {found[-1]!r}; ask again", result)
    return found


def _check(text: str, result: Result) -> None:
    for pattern, advice in _NOT_READY:
        found = pattern.search(text)
        if found:
            raise NotReadyError(f"{found.group()}: {advice}", result)
    for pattern, advice in _REFUSALS:
        found = pattern.search(text)
        if found:
            raise RefusedError(f"npu-smi refused: {found.group()!r}; {advice}", result)


def pair(line: str, result: Result) -> tuple[str, str]:
    """Split ``key : value`` at the first colon; values such as PCI bus ids hold colons, too."""
    key, colon, value = line.partition(":")
    if not colon:
        raise misunderstood("'key : value'", line, result)
    return key.strip(), value.strip()


def pairs(lines: list[str], result: Result) -> dict[str, str]:
    """Return the keys and values of lines in which no key may come twice."""
    found: dict[str, str] = {}
    for line in lines:
        key, value = pair(line, result)
        if key in found:
            raise misunderstood("each key once", line, result)
        found[key] = value
    return found


def known(text: str) -> str | None:
    """Return the value, or None where npu-smi prints that there is none (C(NA), C(-) or nothing)."""
    value = text.strip()
    return None if value in _NO_VALUE else value


def read_bus_id(text: str, line: str, result: Result) -> tuple[str | None, str | None]:
    """Return a PCI bus id, or None and the reason when it was not read; see :func:`read_value`."""
    value = known(text)
    if value is None:
        return None, None
    if value == NO_BUS_ID:  # transcript npu-smi/910B3/201
        return None, "npu-smi could not read the PCI bus id of this chip"
    if not BUS_ID.fullmatch(value):
        raise misunderstood("a PCI bus id", line, result)
    if re.search(r"[xX*]", value):
        return None, f"its value is masked: npu-smi printed {value!r}"
    return value, None


def masked(value: str) -> bool:
    """Tell whether somebody made a value unreadable."""
    return bool(_MASKED.fullmatch(value))


def whole_number(text: str, line: str, result: Result) -> int | None:
    """Return the number, or None where npu-smi has none. Raises CliError for anything else."""
    value = known(text)
    if value is None:
        return None
    if not re.fullmatch(r"-?[0-9]{1,18}", value):
        raise misunderstood("a whole number", line, result)
    return int(value)


def read_value(kind: str, text: str, line: str, result: Result) -> tuple[Any, str | None]:
    """Return a value of ``kind``, or None and the reason when it was not read.

    Kinds: C(count), C(size) (a count of which 0 says that nothing was read), C(percent), C(celsius), C(watt)
    and C(text). Without a reason None means that npu-smi prints C(NA), C(-) or nothing. Raises CliError for
    what is no such value.
    """
    value = known(text)
    if value is None:
        return None, None
    if kind == "text":
        return value, None
    if masked(value):
        return None, f"its value is masked: npu-smi printed {value!r}"
    number = _watt(value, line, result) if kind == "watt" else whole_number(value, line, result)
    if number is None or not _plausible(kind, number):
        return None, f"npu-smi printed {value}, which stands for a failed query"
    return number, None


def _watt(value: str, line: str, result: Result) -> float:
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value):
        raise misunderstood("a power in watts", line, result)
    return float(value)


def _plausible(kind: str, number: float) -> bool:
    """Tell whether a value can be true; nothing that runs draws 0.0 W."""
    if kind in ("watt", "size"):
        return number > 0
    if kind == "celsius":
        return -_HOTTEST < number < _HOTTEST
    return 0 <= number <= _WHOLE if kind == "percent" else number >= 0
