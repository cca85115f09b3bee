# SPDX-License-Identifier: GPL-3.0-or-later
"""The loop of _converge: what is applied, when, and what it refuses to believe."""

from __future__ import annotations

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils._converge import Step, UnsettledError, converge


class Device:
    """A device with one number that can be stuck."""

    def __init__(self, value, stuck=False):
        self.value, self.stuck, self.orders = value, stuck, []

    def read(self):
        return self.value

    def apply(self, step):
        self.orders.append(step.args)
        if not self.stuck:
            self.value = int(step.args[0])


def plan_to(wanted):
    return lambda found: [] if found == wanted else [Step(f"set {wanted}", (str(wanted),))]


def test_a_difference_is_applied_and_read_back():
    device = Device(1)
    outcome = converge(device.read, plan_to(2), device.apply, check_mode=False)
    assert (outcome.before, outcome.after, outcome.actions, outcome.changed) == (1, 2, ["set 2"], True)


def test_nothing_to_do_sends_no_order():
    device = Device(2)
    outcome = converge(device.read, plan_to(2), device.apply, check_mode=False)
    assert device.orders == []
    assert not outcome.changed


def test_check_mode_shows_the_plan_and_sends_no_order():
    device = Device(1)
    outcome = converge(device.read, plan_to(2), device.apply, check_mode=True)
    assert (device.orders, outcome.actions, outcome.after) == ([], ["set 2"], 1)


def test_a_device_that_takes_the_order_and_does_nothing_is_found_out():
    device = Device(1, stuck=True)
    with pytest.raises(UnsettledError, match="still to do: set 2"):
        converge(device.read, plan_to(2), device.apply, check_mode=False)
