# SPDX-License-Identifier: GPL-3.0-or-later
"""Every recording of npu-smi: understood, and then as a person read it, or refused with a reason.

The list of them is printed. A recording whose author cut off the head of the table is refused as it is, and
understood once the head is put back from a recording of the same layout.
"""

from __future__ import annotations

import contextlib
import re
from functools import partial
from pathlib import Path

import pytest
import yaml
from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError, Result
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_board import (
    parse_card_board,
    parse_chip_board,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_keys import parse_chip_health, parse_type
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_lists import (
    parse_list,
    parse_mapping,
    parse_physical_id,
)
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_table import parse_overview
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_topo import parse_topology
from ansible_collections.ascend.fleet.plugins.module_utils._npu_smi_types import TYPES
from recordings import index, recording, require

READ = yaml.safe_load((Path(__file__).parent / "fixtures/recorded/npu_smi.yml").read_text(encoding="utf-8"))
ENTRIES = {entry.name: entry for entry in index() if entry.name.startswith("npu-smi-")}
FEWEST_READ = 60

# Recordings whose authors cut off the banner or the whole head, and whose head fits.
CUT = {
    "npu-smi-info-310-unknown-1": None,
    "npu-smi-info-310P3-unknown-1": None,
    "npu-smi-info-910A-unknown-1": None,
    "npu-smi-info-310B4-23.0.0-2": "npu-smi-info-310B4-23.0.0-1",
    "npu-smi-info-310P3duo-unknown-1": "npu-smi-info-310P3-25.5.1-1",
    "npu-smi-info-910B1-24.1.rc2-1": "npu-smi-info-910B3-23.0.1-1",
    "npu-smi-info-910_93-26.x-1": "npu-smi-info-910_93-25.2.0-1",
}
# Recordings of calls that npu_info makes, and why they have no values.
REFUSED = {
    "npu-smi-error-dcmi-8005-910B-25.5.2-1": "the driver is not loaded",
    "npu-smi-error-dcmi-8020-910B-unknown-1": "another container",
    "npu-smi-error-dcmi-8020-910_93-unknown-2": "mount all of the driver",
    "npu-smi-error-invalid-card-910A-23.0.7-1": "the card is no longer on the bus",
    "npu-smi-error-product-910B-unknown-1": "this product has nothing to answer here",
    "npu-smi-info-t-topo-910_93-unknown-1": "one row for each of Phy-ID2, Phy-ID3, Phy-ID12, Phy-ID13",
}
BANNER = "| npu-smi 0 Version: 0 |\n"
PARSERS = (parse_overview, parse_mapping, parse_list, parse_card_board, parse_chip_board, parse_chip_health)
PARSERS += (parse_topology, parse_physical_id, *(partial(parse_type, name) for name in TYPES))


def parser_for(name: str):
    """Return what reads the answer to a recorded call, or None for a call that npu_info does not make."""
    command = ENTRIES[name].command
    kind = re.search(r" -t ([\w-]+)", command)
    if command in ("npu-smi info", "npu-smi info -m", "npu-smi info -l"):
        return {"info": parse_overview, "-m": parse_mapping, "-l": parse_list}[command.split()[-1]]
    if not command.startswith("npu-smi info") or not kind:
        return None
    of_chip = " -c " in command
    single = {"topo": parse_topology, "phyid-remap": parse_physical_id}
    single["board"] = parse_chip_board if of_chip else parse_card_board
    if of_chip and kind[1] == "health":
        return parse_chip_health
    return single.get(kind[1]) or (partial(parse_type, kind[1]) if kind[1] in TYPES else None)


def result(text: str) -> Result:
    return Result(("npu-smi",), 0, text, "")


def completed(name: str) -> str:
    """Return a recording with the head that its author had cut off."""
    head, donor = BANNER, CUT[name]
    if donor:
        rows = recording(donor).splitlines(keepends=True)
        head += "".join(row for row in rows if "Health " in row or "Bus-Id" in row)
    return head + "".join(row for row in recording(name).splitlines(True) if not row.rstrip().endswith("`"))


def outcome(name: str) -> tuple[str, object]:
    """Return one line for the list, and what was understood."""
    parse = parser_for(name)
    if parse is None:
        return "refused: npu_info does not make this call", None
    try:
        return "parsed", parse(result(recording(name)))
    except CliError as error:
        if name in CUT:
            return "parsed with its head put back", parse(result(completed(name)))
        return f"refused: {error.message}", None


def at(value, path: str):
    """Return what stands at a place such as ``chips.0.npu_id``; of a collection its length."""
    for step in path.split("."):
        if step == "length":
            return len(value)
        if isinstance(value, (list, tuple)):
            value = value[int(step)]
        elif isinstance(value, dict):
            value = value[int(step)] if step.isdigit() else value[step]
        else:
            value = getattr(value, step)
    return len(value) if isinstance(value, (list, tuple, dict)) else value


@pytest.mark.parametrize("name", READ)
def test_a_recording_says_what_a_person_reads_in_it(name):
    require()
    _told, found = outcome(name)
    assert {path: at(found, path) for path in READ[name]} == READ[name]


@pytest.mark.parametrize("name", ENTRIES)
def test_no_parser_crashes_on_a_recording(name):
    """Each gives a value or an error of the collection, and no value for a call that is not made."""
    understood = []
    for parse in PARSERS:
        with contextlib.suppress(CliError):
            understood.append(parse(result(recording(name))))
    assert parser_for(name) or not understood


def test_the_list_of_all_recordings(capsys):
    require()
    outcomes = {name: outcome(name) for name in ENTRIES}
    with capsys.disabled():
        print(f"\nrecordings of npu-smi: {len(outcomes)}, read by a person: {len(READ)}")
        for name, (told, _found) in sorted(outcomes.items()):
            print(f"  {name}: {told[:150]}{'' if name not in READ else ' (values checked)'}")
    parsed = [name for name, (told, _found) in outcomes.items() if told.startswith("parsed")]
    refused = {name: told for name, (told, _found) in outcomes.items() if told.startswith("refused: npu-smi")}
    refused.update((name, told) for name, (told, _found) in outcomes.items() if "dcmi" in told)
    assert set(READ) <= set(parsed)
    assert len(READ) >= FEWEST_READ
    assert set(refused) == set(REFUSED)
    assert [name for name, reason in REFUSED.items() if reason not in refused[name]] == []


def test_the_index_knows_what_was_read():
    require()
    assert [name for name in READ if name not in ENTRIES] == []
