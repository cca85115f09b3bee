# SPDX-License-Identifier: GPL-3.0-or-later
"""Eight cards brought to the MCU of their release, one after the other, through refusals and failures."""

from __future__ import annotations

import pytest

HOST = "mcu-eight"
NONE = "mcu-none"
testinfra_hosts = [f"ssh://{HOST}"]
OLD, NEW = "23.3.13", "25.55.23"
CARDS = [str(card) for card in range(8)]


def writes(kept, command, host=HOST):
    """Return what npu-smi wrote into MCUs in this command, in order: -t (transfer) or -a, and the card."""
    calls = [call["argv"] for call in kept.calls(command, host) if call["program"] == "npu-smi"]
    return [(words[1], words[words.index("-i") + 1]) for words in calls if words[:2] in WRITING]


WRITING = (["upgrade", "-t"], ["upgrade", "-a"])


def test_every_card_is_written_and_activated_before_the_next(kept):
    assert writes(kept, "upgrade") == [(step, card) for card in CARDS for step in ("-t", "-a")]


@pytest.mark.parametrize("command", ["driver", "refused", "check", "again", "downgrade_refused"])
def test_nothing_is_written_without_consent_in_check_mode_or_again(kept, command):
    assert writes(kept, command) == []


def test_the_consent_that_is_missing_is_named_with_what_is_due(kept):
    said = kept.said("refused")
    assert f"MCU of NPU 0 from {OLD} to {NEW}" in said
    assert "set npu_mcu_flash_allowed to true to agree" in said


def test_check_mode_says_what_the_run_would_do(kept):
    assert kept.changed("check", HOST) == 1
    assert f"+NPU 7: {NEW}" in kept.said("check")


def test_a_transfer_that_fails_ends_the_run_at_that_card(kept):
    assert writes(kept, "broken") == [("-t", "0")]
    assert "the transfer to the MCU of NPU 0" in kept.said("broken")


def test_an_mcu_that_says_success_and_keeps_its_version_is_not_believed(kept):
    assert writes(kept, "liar") == [("-t", "0"), ("-a", "0")]
    assert f"found {OLD}" in kept.said("liar") or f"from {OLD} to {NEW}" in kept.said("liar")


def test_an_older_version_needs_its_own_consent(kept):
    assert "found an MCU newer than 25.53.32 on NPU 0, 1, 2, 3, 4, 5, 6, 7" in kept.said("downgrade_refused")


def test_a_second_run_changed_nothing(kept):
    assert kept.changed("again", HOST) == 0


@pytest.mark.parametrize("command", ["upgrade", "again"])
def test_a_model_without_mcu_packages_is_left_alone(kept, command):
    assert writes(kept, command, NONE) == []
    assert kept.changed(command, NONE) == 0


@pytest.mark.parametrize("card", CARDS)
def test_each_card_has_the_version_of_the_release(host, card):
    with host.sudo():
        said = host.check_output(f"npu-smi upgrade -b mcu -i {card}")
    assert NEW in said


def test_the_package_is_not_left_on_the_node(host):
    assert host.check_output("ls -A /var/tmp /tmp") == "/tmp:\n\n/var/tmp:"
