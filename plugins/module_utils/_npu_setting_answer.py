# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How npu-smi answers about settings: values, virtual NPUs, words of a usage text, the end of an order.

Pure functions over text; it decides, not the status: npu-smi refuses with 0, too. Sources: hicann/driver
npu_set_print.c and npu_chip_info*.c, transcripts npu-smi/*/046 to 162.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils import _npu_setting_types as types
from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError
from ansible_collections.ascend.fleet.plugins.module_utils._npu_setting_wish import Vnpu
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi import (
    COMPLAINT,
    answer_lines,
    known,
    misunderstood,
    pair,
    spoken_lines,
    whole_number,
)

if TYPE_CHECKING:
    from ansible_collections.ascend.fleet.plugins.module_utils._cli import Result
    from ansible_collections.ascend.fleet.plugins.module_utils._npu_setting_types import Setting

_FAILED_QUERY = re.compile(r'Failed to query .*|fail to get .*|"[^"]*" (?:info|result)\.')
_NO_QUERY = re.compile(r"This device does not support querying [\w-]+\.\n")
_COLLECTING = re.compile(r"NPU -?[0-9]+ syslog collecting process is existed")  # after sys-log-info
_HEAD = ("NPU ID", "Chip Count", "Chip ID")
# What some answers say beside the value.
_BESIDE = {
    "aicpu-config": (
        "Current AI CPU number",
        "Current control CPU number",
        "Number of control CPUs set",
    ),
    "op-timeout": ("Timeout Duration",),
    "sys-log-info": ("Current syslog dump config gear", "Current syslog dump config path"),
}
_NUMBER = re.compile(r"([0-9]{1,6})(?: days)?")
_VNPU_TITLE = re.compile(
    r"\|\s*Vnpu ID\s*\|\s*Vgroup ID\s*\|\s*Container ID\s*\|\s*Status\s*\|.*Template Name.*"
)
_VNPU_CELLS = ("Vnpu ID", "Vgroup ID", "Container ID", "Status", "Template Name")
_VNPU_TOTAL = re.compile(r"Total number of vnpu:\s*([0-9]{1,3})\b")
_CHOICE = re.compile(r"([0-9]): ([^,()]+)")
_SET_OK = re.compile(r"Status\s*: OK\b|Set syslog mode success")
_NO_SETTING = re.compile(
    r"This device does not support setting .*|This command can(?:not)? .*|Operation not permitted.*"
    r"|NPU is working in SMP mode, does not support .*"
)
_DUES = (
    (re.compile(r"Power off (?:system|the server)"), types.POWER_CYCLE),
    (re.compile(r"Reset system|Restart the OS|reboot system"), types.REBOOT),
    (re.compile(r"Reset (?:card|chip)"), types.RESET),
)


@dataclass(frozen=True)
class Reading:
    """A value as read, or null and the reason."""

    value: Any
    reason: str | None = None


def parse_setting(setting: Setting, result: Result) -> Reading:
    """Understand the answer to ``info -t``. Raises CliError for a refusal or what is not understood.

    A setting that nobody has set yet is no error: the driver finds no value (status 208) or says that there
    is nothing to ask for, so it is null. Whether it can be set is another question.
    """
    if _NO_QUERY.fullmatch(result.stdout):
        return Reading(None, f"npu-smi says {result.stdout.strip()!r}")
    lines = spoken_lines(result)
    complaints = [line for line in lines if _FAILED_QUERY.match(line) or COMPLAINT.match(line)]
    blocks = _blocks(setting, [line for line in lines if line not in complaints], result)
    if complaints:
        return Reading(None, f"npu-smi says {complaints[0]!r}")
    if result.status != 0:
        raise CliError(
            f"npu-smi refused: {lines[0] if lines else ''!r}; check that this driver knows it", result
        )
    values = [_value(setting, block, result) for block in blocks]
    if not values:
        return Reading(None, "npu-smi prints no value")
    if any(value != values[0] for value in values):
        return Reading(None, f"the chips differ: {', '.join(map(str, values))}")
    return Reading(values[0])


def _blocks(setting: Setting, lines: list[str], result: Result) -> list[list[str]]:
    """Return the values of each chip, in the order of the setting's keys."""
    found: dict[str, list[str]] = {key: [] for key in setting.keys}
    for line in lines:
        if _COLLECTING.fullmatch(line):
            continue
        key, value = pair(line, result)
        if key in found:
            found[key].append(value)
        elif key not in (*_HEAD, *_BESIDE.get(setting.query, ())):
            raise misunderstood(setting.keys[0], line, result)
    counts = {len(values) for values in found.values()}
    if len(counts) != 1:
        raise misunderstood(f"each of {', '.join(setting.keys)} as often as the others", lines[-1], result)
    return [list(values) for values in zip(*found.values())]


def _value(setting: Setting, texts: list[str], result: Result) -> Any:
    text = ":".join(texts)
    if known(text) is None:
        return None
    if setting.printed:
        if text not in setting.printed:
            raise misunderstood(f"one of {', '.join(setting.printed)}", text, result)
        return setting.printed[text]
    if not setting.highest:
        return text
    number = _NUMBER.fullmatch(text)
    if not number:
        raise misunderstood("a number", text, result)
    return int(number.group(1))


def parse_levels(result: Result) -> dict[str, str]:
    """Return the power levels of this board by name, as ``set -t nve-level -h`` lists them."""
    choices = {name.strip(): number for number, name in _CHOICE.findall(result.stdout)}
    if not choices:
        raise misunderstood(
            "the levels of this board, as in '(0: Low, 1: Middle)'", result.stdout[:200], result
        )
    return choices


def parse_vnpus(result: Result) -> tuple[Vnpu, ...]:
    """Return the virtual NPUs of a chip. Raises CliError for a refusal or what is not understood."""
    lines = answer_lines(result)
    refused = next((line for line in lines if "does not support" in line or "Failed to get" in line), None)
    if refused:
        raise CliError(f"npu-smi says {refused!r}; set vnpu_mode to docker, or take vnpus out", result)
    total = _VNPU_TOTAL.search(result.stdout)
    title = next((at for at, line in enumerate(lines) if _cells(line) == _VNPU_CELLS), len(lines))
    found = [_vnpu(line, result) for line in lines[title + 1 :] if not line.startswith("+")]
    if not total or int(total.group(1)) != len(found):
        raise misunderstood("as many virtual NPUs as it counts", lines[-1], result)
    return tuple(found)


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.strip("|").split("|"))


def _vnpu(line: str, result: Result) -> Vnpu:
    cells = _cells(line)
    if len(cells) != len(_VNPU_CELLS) or not cells[4] or not line.endswith("|"):
        raise misunderstood("a row of the virtual NPUs", line, result)
    number = whole_number(cells[0], line, result)
    if number is None:
        raise misunderstood("the id of a virtual NPU", line, result)
    return Vnpu(cells[4], number, whole_number(cells[1], line, result))


def not_settable(result: Result) -> str | None:
    """Return why a type cannot be set here, as ``set -t TYPE -h`` tells, or None when it can."""
    found = _NO_SETTING.search(result.stdout)
    return found.group() if found else None


def check_set(why: str, result: Result) -> str | None:
    """Return what makes an order take effect (reset, reboot, power_cycle), or None when nothing is needed.

    Raises CliError when npu-smi did not take the order.
    """
    if not _SET_OK.search(result.stdout) or "Status                         : Fail" in result.stdout:
        said = " ".join((result.stdout + result.stderr).split())
        raise CliError(f"could not {why}: npu-smi said {said[:300]!r}", result)
    return next((due for pattern, due in _DUES if pattern.search(result.stdout)), None)
