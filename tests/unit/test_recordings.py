# SPDX-License-Identifier: GPL-3.0-or-later
"""The parsers against real outputs of npu-smi, which lie outside of the repository.

What the parsers find is compared with a second, coarse reading of the same text by another path (regular
expressions over lines). The transcripts lie beside the recordings, or where ASCEND_TRANSCRIPTS says. Where
they are missing the tests are skipped, but with CI=true they fail.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError, Result
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi import (
    NotReadyError,
    RefusedError,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_board import (
    parse_card_board,
    parse_chip_board,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_keys import (
    parse_chip_health,
    parse_type,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_lists import (
    parse_list,
    parse_mapping,
    parse_physical_id,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_table import (
    parse_overview,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_topo import parse_topology
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_types import TYPES
from recordings import RECORDINGS, require

TRANSCRIPTS = Path(os.environ.get("ASCEND_TRANSCRIPTS") or RECORDINGS.parent / "transcripts") / "npu-smi"
TALLY: Counter[str] = Counter()

# Recordings whose authors cut off the banner or the header; what is put back is taken from the same family.
CUT = {
    "310-unknown-1": "banner",
    "310P3-unknown-1": "banner",
    "910A-unknown-1": "banner",
    "310B4-23.0.0-2": "310B4-23.0.0-1",
    "310P3duo-unknown-1": "310P3-25.5.1-1",
    "910B1-24.1.rc2-1": "910B3-23.0.1-1",
    "910_93-26.x-1": "910_93-25.2.0-1",
}
BANNER = "| npu-smi 0 Version: 0 |\n"
REFUSED = re.compile(r"^(Usage:|dcmi mod|This device|Invalid |Must input|Error parameter)", re.MULTILINE)


@pytest.fixture(autouse=True)
def recordings_are_at_hand():
    """Skip loudly without the recordings or the transcripts, and fail where all checks must run."""
    require()
    require(TRANSCRIPTS)


@dataclass(frozen=True)
class Call:
    """One recorded call: arguments, exit status and both streams."""

    where: str
    command: str
    status: int
    stdout: str
    stderr: str

    @property
    def result(self) -> Result:
        return Result(tuple(self.command.split()), self.status, self.stdout, self.stderr)


def recordings(pattern: str) -> list[Path]:
    return sorted(RECORDINGS.glob(pattern)) if RECORDINGS.is_dir() else []


def tables() -> list[Path]:
    """Return the recordings of the big table: no option stands in their names."""
    option = re.compile(r"npu-smi-info-([lmth]|watch)-")
    return [path for path in recordings("npu-smi-info-*.txt") if not option.match(path.name)]


def transcripts(command: str) -> list[Call]:
    paths = sorted(TRANSCRIPTS.glob("*/*.txt")) if TRANSCRIPTS.is_dir() else []
    calls = (read_transcript(path) for path in paths)
    return [call for call in calls if re.fullmatch(f"npu-smi {command}", call.command)]


def read_transcript(path: Path) -> Call:
    head, _mark, rest = path.read_text(encoding="utf-8").partition("--- stdout ---\n")
    stdout, _mark, rest = rest.partition("--- stderr ---\n")
    fields = dict(line.partition(": ")[::2] for line in head.splitlines())
    where = f"{path.parent.name}/{path.stem}"
    return Call(where, fields["command"], int(fields["status"]), stdout, rest.partition("--- end ---")[0])


def named(call: Call) -> str:
    return call.where


def read(path: Path) -> Result:
    with path.open(encoding="utf-8", newline="") as file:  # keep carriage returns
        return Result(("npu-smi",), 0, file.read(), "")


def coarse_chips(text: str) -> list[tuple[str, str | None]]:
    """Return name and health of each chip, told by the lines with a bus id; None where unsound."""
    bus = re.compile(r"^\s*\|[^|]*\|(?:\s*\|)?\s*(\w+:\w+:\w+\.\w+|NA)\s*\|")
    health = re.compile(r"^\s*\|\s*\d+\s*\|?\s*(\S*?)\s*\|\s*(OK|Warning|Alarm|Critical|UNKNOWN)\s*\|")
    found: list[tuple[str, str | None]] = []
    for before, line in zip(["", *text.splitlines()], text.splitlines()):
        if bus.match(line):
            seen = health.match(before)
            found.append((seen.group(1), seen.group(2) if seen.group(1) else None) if seen else ("", None))
    return found


def coarse_process_count(text: str) -> int:
    _chips, _header, processes = text.partition("Process id ")
    return len(re.findall(r"^\s*\|\s*\d+(?:\s+\d+)?\s*\|\s*\d+\s*\|", processes, re.MULTILINE))


def coarse_hbm(text: str) -> list[int]:
    """Return the last number of each second row, if it is the HBM's, of which no chip has below 30 GB."""
    last = re.findall(r"/ (\d+) +\| *$", text, re.MULTILINE) if "HBM-Usage" in text else []
    return [int(total) for total in last if int(total) > 30000]


def check_table(result: Result) -> None:
    overview = parse_overview(result)
    assert [(chip.name or "", chip.health) for chip in overview.chips] == coarse_chips(result.stdout)
    assert len(overview.processes) == coarse_process_count(result.stdout)
    assert [chip.hbm_total_mb for chip in overview.chips if chip.hbm_total_mb] == coarse_hbm(result.stdout)


def completed(path: Path) -> Result:
    """Return a recording with what its author had cut off."""
    result = read(path)
    key = path.stem.replace("npu-smi-info-", "")
    if key not in CUT:
        return result
    with pytest.raises(CliError):
        parse_overview(result)
    header = ""
    if CUT[key] != "banner":
        donor = read(RECORDINGS / f"npu-smi-info-{CUT[key]}.txt").stdout.splitlines()
        header = "".join(f"{line}\n" for line in donor if "Health " in line or "Bus-Id" in line)
    text = "\n".join(line for line in result.stdout.splitlines() if not line.endswith("`"))
    return Result(result.argv, 0, f"{BANNER}{header}{text}\n", "")


@pytest.mark.parametrize("path", tables(), ids=lambda path: path.stem)
def test_a_recorded_table(path):
    check_table(completed(path))
    TALLY["recordings of the table"] += 1


@pytest.mark.parametrize("path", recordings("npu-smi-info-m-*.txt"), ids=lambda path: path.stem)
def test_a_recorded_mapping(path):
    result = read(path)
    rows = re.findall(r"^\s*\d+\s.*$", result.stdout, re.MULTILINE)
    found = parse_mapping(result)
    assert len(found) == len([row for row in rows if "Mcu" not in row])
    assert [chip.name for chip in found] == [
        re.sub(r".*\d\s{3,}", "", row).strip() for row in rows if "Mcu" not in row
    ]
    TALLY["recordings of -m"] += 1


@pytest.mark.parametrize("path", recordings("npu-smi-info-l-*.txt"), ids=lambda path: path.stem)
def test_a_recorded_list(path):
    result = read(path)
    found = parse_list(result)
    assert [str(card.npu_id) for card in found.cards] == re.findall(r"NPU ID +: (\d+)", result.stdout)
    assert found.lost == 0
    TALLY["recordings of -l"] += 1


@pytest.mark.parametrize("path", recordings("npu-smi-info-t-board-*.txt"), ids=lambda path: path.stem)
def test_a_recorded_board(path):
    result = read(path)
    found = parse_chip_board(result) if "-board-chip-" in path.name else parse_card_board(result)
    firmware = re.search(r"Firmware Version +: (\S+)", result.stdout)
    assert found["firmware_version"] == firmware.group(1)
    assert found["board_id"] == re.search(r"Board ID +: (\S+)", result.stdout).group(1)
    TALLY["recordings of -t board"] += 1


@pytest.mark.parametrize("path", recordings("npu-smi-info-t-health-*.txt"), ids=lambda path: path.stem)
def test_a_recorded_health(path):
    result = read(path)
    found = parse_chip_health(result)
    assert re.search(rf"Health(?: Status)? *: {found.health}", result.stdout)
    assert found.error_codes == tuple(re.findall(r"\b[0-9A-F]{8}\b", result.stdout))
    TALLY["recordings of -t health"] += 1


@pytest.mark.parametrize("path", recordings("npu-smi-error-*.txt"), ids=lambda path: path.stem)
def test_a_recorded_error(path):
    result = read(path)
    for parse in (parse_overview, parse_mapping, parse_list, parse_card_board, parse_chip_health):
        with pytest.raises(NotReadyError if "-8005" in path.name else CliError):
            parse(result)
    TALLY["recordings of errors"] += 1


@pytest.mark.parametrize("call", transcripts("info"), ids=named)
def test_a_run_of_info(call):
    if REFUSED.search(call.stdout):
        with pytest.raises(CliError):
            parse_overview(call.result)
    else:
        check_table(call.result)
        assert ("[WARNING]" in call.stdout) == bool(parse_overview(call.result).warnings)
    TALLY["transcripts of info"] += 1


@pytest.mark.parametrize("call", transcripts("info -m"), ids=named)
def test_a_run_of_the_mapping(call):
    if REFUSED.search(call.stdout):
        with pytest.raises(CliError):
            parse_mapping(call.result)
    else:
        rows = re.findall(r"^\t(\d+) +(\d+) +(\d+) ", call.stdout, re.MULTILINE)
        found = parse_mapping(call.result)
        assert [(str(chip.npu_id), str(chip.chip_id), str(chip.logic_id)) for chip in found] == rows
    TALLY["transcripts of -m"] += 1


@pytest.mark.parametrize("call", transcripts("info -l"), ids=named)
def test_a_run_of_the_list(call):
    if REFUSED.search(call.stdout):
        with pytest.raises(CliError):
            parse_list(call.result)
    else:
        found = parse_list(call.result)
        assert [str(card.npu_id) for card in found.cards] == re.findall(r"NPU ID +: (\d+)", call.stdout)
        assert found.lost == len(re.findall(r"NPU ID +: -1", call.stdout))
    TALLY["transcripts of -l"] += 1


@pytest.mark.parametrize("call", transcripts(r"info -t board -i \d+( -c \d+)?"), ids=named)
def test_a_run_of_the_board(call):
    parse = parse_chip_board if " -c " in call.command else parse_card_board
    if REFUSED.search(call.stdout):
        with pytest.raises(CliError):
            parse(call.result)
    else:
        found = parse(call.result)
        firmware = re.search(r"Firmware Version +: (\S+)", call.stdout).group(1)
        assert found["firmware_version"] == (None if firmware == "NA" else firmware)
        assert (found["reason"] is None) == ("Failed to query" not in call.stdout)
    TALLY["transcripts of -t board"] += 1


@pytest.mark.parametrize("call", transcripts(r"info -t health -i \d+ -c \d+"), ids=named)
def test_a_run_of_the_health(call):
    if REFUSED.search(call.stdout):
        with pytest.raises(CliError):
            parse_chip_health(call.result)
    else:
        assert f": {parse_chip_health(call.result).health}\n" in call.stdout
    TALLY["transcripts of -t health"] += 1


@pytest.mark.parametrize("call", transcripts(rf"info -t ({'|'.join(TYPES)}) -i \d+"), ids=named)
def test_a_run_of_a_type(call):
    """Each chip has its block, and each value stands in the text as it is returned."""
    name = call.command.split()[3]
    if call.status or REFUSED.search(call.stdout):
        with pytest.raises(RefusedError):
            parse_type(name, call.result)
        return
    found = parse_type(name, call.result)
    assert [str(chip) for chip in found.chips] == re.findall(r"Chip ID +: (\d+)", call.stdout)
    told = [block for block in [*found.chips.values(), found.card, found.mcu] if block]
    values = [value for block in told for value in block.values.values() if value is not None]
    assert values or all(block.unread for block in told)
    assert [value for value in values if f": {value}\n" not in call.stdout] == []
    TALLY["transcripts of types of a card"] += 1


@pytest.mark.parametrize("call", transcripts("info -t topo"), ids=named)
def test_a_run_of_the_topology(call):
    if REFUSED.search(call.stdout):
        with pytest.raises(RefusedError):
            parse_topology(call.result)
    else:
        found = parse_topology(call.result)
        rows = re.findall(r"^((?:NPU|Phy-ID|NIC)\d+) +\S+ ", call.stdout, re.MULTILINE)
        assert [node["name"] for node in found["nodes"]] == rows
        assert all(len(node["links"]) == len(rows) - 1 for node in found["nodes"])
    TALLY["transcripts of -t topo"] += 1


@pytest.mark.parametrize("call", transcripts(r"info -t phyid-remap -p \d+"), ids=named)
def test_a_run_of_the_physical_id(call):
    if REFUSED.search(call.stdout):
        with pytest.raises(RefusedError):
            parse_physical_id(call.result)
    else:
        found = parse_physical_id(call.result)
        assert found.phy_id == int(call.command.split()[-1])
        assert f"NPU ID                        :{found.npu_id}\n" in call.stdout
    TALLY["transcripts of -t phyid-remap"] += 1


def test_how_many_were_read(capsys, request):
    """Print the numbers; when this whole file runs, each kind must have been there."""
    with capsys.disabled():
        print()
        for kind, number in sorted(TALLY.items()):
            print(f"  parsed {number:3} {kind}")
    whole = not request.config.getoption("keyword") and not any("::" in arg for arg in request.config.args)
    assert len(TALLY) == 14 or not whole
