# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of shared devices: what it says, when it is damaged, and which orders mend it."""

from __future__ import annotations

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils._npu_setting_share import (
    Sharing,
    parse_share_file,
    plan_sharing,
)

START, END = "[device-share-config start]", "[device-share-config end]"


def line(card, on=1, chip=0):
    return f"npu-smi set -t device-share -i {card} -c {chip} -d {on}"


def text(*lines, switch="enable", tail=()):
    return "\n".join([f"device-share-recover:{switch}", START, *lines, END, *tail, ""])


def plan(wanted, live, file, switch=(True, True), chips=1):
    """C(switch): what it is, and what it shall be."""
    cards = range(8)
    sharing = Sharing(
        chips={card: range(chips) for card in cards},
        live=live,
        wanted=wanted,
        recovery=switch[0],
        recovering=switch[1],
        file=parse_share_file(file),
    )
    return [short(step) for step in plan_sharing(sharing)]


def short(step):
    if step.args[0] == "remove":
        return "remove"
    value = "on" if step.args[-1] == "1" else "off"
    return f"switch {value}" if "-i" not in step.args else f"{step.args[4]} {value}"


@pytest.mark.parametrize(
    ("content", "clean", "shared"),
    [
        (None, True, []),
        (text(), True, []),
        (text(line(0), line(1)), True, [0, 1]),
        (text(line(0, 0), line(3)), True, [3]),
        (text(line(1), line(0)), False, [0, 1]),
        (text(line(0), line(0)), False, [0]),
        (text(line(0, 0), tail=[line(0, 0), END]), False, []),
        (text(line(0), "# by hand"), False, [0]),
        (text(line(0))[: -len(END) - 1], False, [0]),
        ("", False, []),
        ("device-share-recover:enable\n", False, []),
    ],
)
def test_reading(content, clean, shared):
    file = parse_share_file(content)
    assert (file.clean, sorted(card for card, _chip in file.shared)) == (clean, shared)


ALL = dict.fromkeys(range(8), True)
FULL = text(*(line(card) for card in range(8)))


def test_all_right_is_no_order():
    assert plan(ALL, ALL, FULL) == []


def test_a_fresh_node_gets_the_switch_first_and_the_cards_in_ascending_order():
    none = dict.fromkeys(range(8), False)
    assert plan(ALL, none, None, switch=(False, True)) == ["switch on", *(f"{card} on" for card in range(8))]


def test_a_shared_card_without_a_line_is_ordered_again():
    assert plan({0: True, 1: True}, {0: True, 1: True}, text(line(0))) == ["1 on"]


def test_cards_after_all_others_are_added():
    assert plan(ALL, {**ALL, 7: False}, text(*(line(card) for card in range(7)))) == ["7 on"]


def test_a_card_before_others_needs_a_new_file():
    found = plan({0: True, 1: True}, {0: False, 1: True}, text(line(1)))
    assert found == ["remove", "switch on", "0 on", "1 on"]


def test_a_damaged_file_is_written_anew():
    damaged = text(line(0, 0), line(1), line(0, 0), line(1), tail=[line(0, 0), END])
    assert plan({0: True, 1: True}, {0: True, 1: True}, damaged) == ["remove", "switch on", "0 on", "1 on"]


def test_taking_a_share_back_spoils_the_file():
    found = plan({0: False, 1: True}, {0: True, 1: True}, text(line(0), line(1)))
    assert found == ["0 off", "remove", "switch on", "1 on"]


def test_a_line_of_a_card_that_shall_not_share_is_taken_out():
    assert plan({0: False}, {0: False}, text(line(0))) == ["remove", "switch on"]


def test_lines_of_other_cards_stay():
    assert plan({0: True}, {0: False}, text(line(5))) == ["remove", "switch on", "0 on", "5 on"]


def test_the_switch_left_on_by_somebody_counts():
    found = plan({0: True}, {0: False}, text(line(1)), switch=(None, None))
    assert found == ["remove", "switch on", "0 on", "1 on"]


def test_without_the_switch_only_the_live_value_counts():
    wanted, live = {0: True, 1: False, 2: True}, {0: False, 1: True, 2: True}
    for file in (None, text(switch="disable")):
        assert plan(wanted, live, file, switch=(None, None)) == ["0 on", "1 off"]


def test_the_switch_goes_off_before_the_cards_so_that_nothing_is_written():
    assert plan({0: True}, {0: False}, FULL, switch=(True, False)) == ["switch off", "0 on"]
    assert plan({0: True}, {0: True}, text(switch="disable"), switch=(False, False)) == []


def test_both_chips_of_a_card_have_a_line():
    both = text(line(0), line(0, chip=1))
    assert plan({0: True}, {0: True}, both, chips=2) == []
    assert plan({0: True}, {0: True}, text(line(0)), chips=2) == ["0 on"]
