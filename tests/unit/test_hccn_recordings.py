# SPDX-License-Identifier: GPL-3.0-or-later
"""Every recording of hccn_tool against hccn_info: understood, or refused with its reason."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import reduce
from pathlib import Path

import pytest
import recordings
import yaml
from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError, Result
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_facts import QUESTIONS
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_facts_lines import AbsentError
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_facts_port import ping

EXPECTED = yaml.safe_load(Path(__file__).with_name("hccn_recordings.yml").read_text(encoding="utf-8"))
CHECKED_BY_HAND = 15  # the least number of recordings
QUERY_OF = {
    **{question.words[0]: name for name, question in QUESTIONS.items() if question.words[1] != "-inet6"},
    "-ping": "ping",
}
# The first line of each answer, by which a recording of several calls is taken apart.
HEADS = {
    "address": r"ipaddr:",
    "gateway": r"default gateway:",
    "link": r"link status:",
    "health": r"net health status:",
    "ping": r"device \d+ PING",
    "tls": r"dev_id:\d+, tls switch",
    "vnic": r"vnic link status:",
}
OF_A5 = "A5 (950): its hccn_tool takes other arguments and names ports by die; hccn_info refuses it"
NOT_ASKED = "no module of the collection reads this query"
AN_ORDER = "the answer to an order, which hccn_config judges"


def query_of(command):
    """Return the name of the question that a recorded command asks, or None."""
    word = re.search(r"-i \S+ (-\w+)", command)
    return QUERY_OF.get(word[1]) if word else None


def why_not(entry):
    """Return why a recording cannot be asked of hccn_info, or None."""
    if "950" in entry.chip:
        return OF_A5
    if " -s " in f"{entry.command} ":
        return AN_ORDER if "error" not in entry.name else None
    return None if query_of(entry.command) else NOT_ASKED


def answers(text, query):
    """Yield the answers that a recording consists of."""
    head = HEADS.get(query)
    starts = [match.start() for match in re.finditer(rf"^(?={head})", text, re.M)] if head else []
    ends = [*starts[1:], len(text)]
    yield from (text[start:end] for start, end in zip(starts, ends)) if len(starts) > 1 else [text]


def understood(query, text, name):
    """Return the facts of one answer; a recorded complaint stood on stderr."""
    streams = ("", text) if "error" in name else (text, "")
    understand = ping if query == "ping" else QUESTIONS[query].understand
    return understand(Result(("hccn_tool", "-i", "0", query, "-g"), 0, *streams))


def outcome(entry):
    """Return what becomes of a recording: whether it is understood, and in how many answers or why not."""
    reason = why_not(entry)
    if reason:
        return False, reason
    text, query = recordings.recording(entry.name), query_of(entry.command)
    try:
        found = [understood(query, answer, entry.name) for answer in parts(entry.name, text, query)]
    except (AbsentError, CliError) as error:
        return False, str(error)
    return True, f"{query}, {len(found)} answer{'s' if len(found) > 1 else ''}"


def parts(name, text, query):
    """Return the answers of a recording; that of three queries in one is cut by their first words."""
    if "combined" not in name:
        return list(answers(text, query))
    return [line for line in re.split(r"(?=^ipaddr:)|(?=^link )|(?=^net )", text, flags=re.M) if line][:1]


@pytest.fixture(autouse=True)
def at_hand():
    recordings.require()


def test_no_recording_crashes_the_parsers_and_each_refusal_has_a_reason(capsys):
    entries = [entry for entry in recordings.index() if entry.name.startswith("hccn_tool-")]
    outcomes = {entry.name: outcome(entry) for entry in entries}
    good = {name for name, (fits, _why) in outcomes.items() if fits}
    with capsys.disabled():
        print(f"\nhccn_tool recordings: {len(good)} understood, {len(outcomes) - len(good)} refused")
        for name, (fits, why) in outcomes.items():
            print(f"  {'understood' if fits else 'refused   '} {name}: {why}")
    assert all(why for _fits, why in outcomes.values())
    listed = {name for name, checks in EXPECTED.items() if any("refused" in check for check in checks)}
    unasked = {name for name, (_fits, why) in outcomes.items() if why in {OF_A5, NOT_ASKED, AN_ORDER}}
    assert set(outcomes) - good - unasked == listed
    assert good <= set(EXPECTED)


def test_enough_recordings_are_checked_by_hand():
    assert len(EXPECTED) >= CHECKED_BY_HAND


def test_no_text_crashes_any_parser():
    tried = [(entry.name, query) for entry in recordings.index() for query in [*QUESTIONS, "ping"]]
    for name, query in tried:
        with suppress(AbsentError, CliError):  # nothing else may come out
            understood(query, recordings.recording(name), name)


CHECKS = [(name, check) for name, checks in EXPECTED.items() for check in checks]


@pytest.mark.parametrize(("name", "check"), CHECKS, ids=[f"{place}" for place in range(len(CHECKS))])
def test_what_was_read_off_by_hand_is_what_the_parsers_find(name, check):
    text, query = recordings.recording(name), check["query"]
    if "combined" in name:
        lines = re.split(r"(?=^link )|(?=^net )", text, flags=re.MULTILINE)
        text = next(line for line in lines if re.match(HEADS[query], line))
    if "refused" in check:
        with pytest.raises((AbsentError, CliError)) as refusal:
            understood(query, text, name)
        assert check["refused"] in str(refusal.value)
        return
    facts = understood(query, list(answers(text, query))[check.get("answer", 0)], name)
    assert reduce(lambda value, key: value[key], check["at"], facts) == check["is"]
