# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers about settings that are cut, wrapped or foreign: our own errors, and never a wrong value."""

from __future__ import annotations

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils import _npu_setting_types as types
from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError, Result
from ansible_collections.ascend.fleet.plugins.module_utils._npu_setting_answer import (
    check_set,
    parse_levels,
    parse_setting,
    parse_vnpus,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from npu_smi_tape import OK, blocks, row

NUMBERS = row("Timeout Exponent", 28) + row("Timeout Duration", "268ms")
VNPUS = (
    "| Total number of vnpu: 1                                                       |\n"
    "|  Vnpu ID  |  Vgroup ID     |  Container ID  |  Status  |  Template Name       |\n"
    "|  104      |  0             |  000000000000  |  0       |  vir02               |\n"
)


def result(out, status=0):
    return Result(("npu-smi",), status, out, "")


@pytest.mark.parametrize(
    ("name", "out", "value"),
    [
        ("op_timeout", NUMBERS, 28),
        ("device_share", blocks("Device-share Status", "True", "True"), True),
        ("tls_cert_period", row("Certificate validity period", "NA"), None),
        ("device_share", "\x1b[32m" + row("Device-share Status", "True") + "\x1b[0m", True),
        ("device_share", row("Device-share Status", "True").replace("\n", "\r\n"), True),
        ("device_share", "\n\n" + row("Device-share Status", "False") + "\n", False),
    ],
)
def test_a_value(name, out, value):
    assert parse_setting(types.BY_NAME[name], result(out)).value == value


@pytest.mark.parametrize(
    ("name", "out"),
    [
        ("op_timeout", row("Timeout Exponent", "many")),
        ("device_share", row("Device-share Status", "Maybe")),
        ("device_share", row("Device-share State", "True")),
        ("device_share", "Something else entirely\n"),
        ("device_share", ""),
        ("device_share", "\tDevice-share Status            : Tr"),
        ("cpu_num_cfg", row("Current AI CPU number", 7)),
    ],
)
def test_an_answer_that_is_not_understood(name, out):
    with pytest.raises(CliError, match="npu-smi"):
        parse_setting(types.BY_NAME[name], result(out))


def test_a_bad_status_without_a_known_reason():
    with pytest.raises(CliError, match="check that this driver knows it"):
        parse_setting(types.BY_NAME["vnpu_mode"], result(row("vnpu-mode", "VM"), 215))


def test_a_board_without_levels():
    with pytest.raises(CliError, match="the levels of this board"):
        parse_levels(result("Usage: npu-smi set -t nve-level [Options...]\n"))


def test_status_fail_beats_a_status_ok():
    with pytest.raises(CliError, match="could not do it"):
        check_set("do it", result(OK.format("x") + OK.replace("OK", "Fail").format("y")))


@pytest.mark.parametrize(
    ("message", "due"),
    [
        ("The ecc-enable is set successfully. Reset card for the configuration to take effect.", "reset"),
        ("The ecc-enable is set successfully. Reset system for the configuration to take effect.", "reboot"),
        ("Restart the OS for the configuration to take effect.", "reboot"),
        ("The nve-level of the chip is set successfully. Please reboot system.", "reboot"),
        ("Power off system for the configuration to take effect.", "power_cycle"),
        ("Set chip op-timeout-cfg successfully", None),
    ],
)
def test_what_makes_it_take_effect(message, due):
    assert check_set("do it", result(OK.format(message))) == due


def read(text, out):
    if text is VNPUS:
        return parse_vnpus(result(out))
    name = "op_timeout" if text is NUMBERS else "device_share"
    return parse_setting(types.BY_NAME[name], result(out)).value


SHARES = blocks("Device-share Status", "True", "True")


@settings(max_examples=2000, deadline=None)
@given(st.data())
def test_damage_gives_our_own_error_or_a_value_of_the_kind(data):
    text = data.draw(st.sampled_from([NUMBERS, VNPUS, SHARES]))
    start = data.draw(st.integers(0, len(text)))
    length = data.draw(st.integers(0, 12))
    noise = data.draw(st.text("0 |:\n\tTrue-+", max_size=4))
    try:
        found = read(text, text[:start] + noise + text[start + length :])
    except CliError:
        return
    kinds = {NUMBERS: int, VNPUS: tuple, SHARES: bool}
    assert isinstance(found, (type(None), kinds[text]))
    assert not (kinds[text] is int and isinstance(found, bool))


@pytest.mark.parametrize("text", [NUMBERS, VNPUS, SHARES])
def test_an_answer_that_breaks_off_is_refused_or_true(text):
    """Behind the value the rest may be missing; before it there is no value."""
    true = read(text, text)
    for length in range(len(text)):
        try:
            found = read(text, text[:length])
        except CliError:
            continue
        assert found in (true, None), text[:length]
