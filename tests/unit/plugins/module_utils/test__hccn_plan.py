# SPDX-License-Identifier: GPL-3.0-or-later
"""What was found and what is wanted, and the steps between them, in words and in order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_conf import saved_values
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_moves import Found
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_plan import plan
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_view import (
    diff_text,
    expected_states,
    losses,
    not_taken,
    states_of,
)
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_wish import WishError, understand

PATH = "/etc/hccn.conf"


def text_of(addresses, prefix_mask="255.255.255.0", **extra):
    """Return a file that gives the devices these addresses, and further keys."""
    lines = []
    for device, address in addresses.items():
        lines += [f"address_{device}={address}", f"netmask_{device}={prefix_mask}"]
    lines += [f"{key}={value}" for key, value in extra.items()]
    return "".join(f"{line}\n" for line in lines)


def found_as(saved, live=None, devices=range(8)):
    """Return a host whose live values are those of the text ``live``, by default those of the file."""
    source = saved if live is None else live
    return Found(PATH, saved, {device: saved_values(source, device) for device in devices})


def wish(device, address, prefix=24, gateway=None, detection=None):
    return {
        "id": device,
        "address": address,
        "prefix": prefix,
        "gateway": gateway,
        "detection_address": detection,
    }


def actions(found, *wishes, group=False):
    return [step.why for step in plan(found, understand(wishes, group), group)]


def at(*hosts, first=0):
    return {first + place: f"10.20.0.{host}" for place, host in enumerate(hosts)}


def wishes_at(*hosts, first=0, **rest):
    return [wish(device, address, **rest) for device, address in at(*hosts, first=first).items()]


def test_a_bare_host_gets_everything_in_the_order_of_the_tool():
    wishes = [
        wish(0, "10.20.1.1", 16, "10.20.0.1", "10.20.0.1"),
        wish(1, "10.20.1.2", 16, "10.20.0.1", "10.20.0.1"),
    ]
    assert actions(found_as(""), *wishes) == [
        "set the address of device 0 to 10.20.1.1/16",
        "set the address of device 1 to 10.20.1.2/16",
        "set the gateway of device 0 to 10.20.0.1",
        "set the gateway of device 1 to 10.20.0.1",
        "set the detection address of device 0 to 10.20.0.1",
        "set the detection address of device 1 to 10.20.0.1",
    ]


def test_a_missing_file_is_created_first():
    steps = plan(Found(PATH, None, {}), understand(wishes_at(1), False), False)
    assert [step.why for step in steps] == [
        "create /etc/hccn.conf, empty, owned by root, mode 0640",
        "set the address of device 0 to 10.20.0.1/24",
    ]
    assert steps[0].args == ("create",)


def test_what_is_there_needs_nothing():
    text = text_of(at(1, 2), gateway_0="10.20.0.254", netdetect_0="10.20.0.254", gateway_1="10.20.0.254")
    wishes = [wish(0, "10.20.0.1", 24, "10.20.0.254", "10.20.0.254"), wish(1, "10.20.0.2", 24, "10.20.0.254")]
    assert actions(found_as(text), *wishes) == []


def test_nothing_wanted_needs_nothing():
    assert actions(found_as("address_0=1.1.1.1")) == []
    assert actions(Found(PATH, None, {})) == []


@pytest.mark.parametrize(
    ("saved", "live"),
    [
        (text_of(at(1)), ""),  # before the replay of a boot, or after a link went down
        ("", text_of(at(1))),  # cut between device and file
        (text_of(at(9)), text_of(at(1))),
        (text_of(at(1)), text_of(at(9))),
        (text_of(at(1), "255.255.0.0"), text_of(at(1))),
        (text_of(at("1 ")), text_of(at(1))),
    ],
    ids=["not live", "not saved", "saved another", "live another", "netmask", "blank at the end"],
)
def test_live_and_file_are_both_led_to_the_address(saved, live):
    assert actions(found_as(saved, live), *wishes_at(1)) == ["set the address of device 0 to 10.20.0.1/24"]


@pytest.mark.parametrize(
    ("saved", "live"),
    [
        ({"gateway_0": "10.20.0.254"}, {}),
        ({}, {"gateway_0": "10.20.0.254"}),
        ({"gateway_0": "10.20.0.253"}, {"gateway_0": "10.20.0.254"}),
        ({"gateway_0": "10.20.0.254"}, {"gateway_0": "10.20.0.253"}),
    ],
)
def test_live_and_file_are_both_led_to_the_gateway(saved, live):
    found = found_as(text_of(at(1), **saved), text_of(at(1), **live))
    assert actions(found, *wishes_at(1, gateway="10.20.0.254")) == [
        "set the gateway of device 0 to 10.20.0.254"
    ]


@pytest.mark.parametrize(
    ("saved", "live", "wanted", "steps"),
    [
        ({}, {}, "10.20.0.9", 1),
        ({"netdetect_0": "10.20.0.9"}, {"netdetect_0": "10.20.0.9"}, "10.20.0.9", 0),
        ({"netdetect_0": "10.20.0.9"}, {}, "10.20.0.9", 1),
        ({}, {"netdetect_0": "10.20.0.9"}, "10.20.0.9", 1),
        ({}, {}, "0.0.0.0", 0),
        ({"netdetect_0": "0.0.0.0"}, {}, "0.0.0.0", 0),
        ({"netdetect_0": "10.20.0.9"}, {"netdetect_0": "10.20.0.9"}, "0.0.0.0", 1),
        ({"netdetect_0": "10.20.0.9"}, {}, None, 0),
    ],
)
def test_detection_addresses(saved, live, wanted, steps):
    found = found_as(text_of(at(1), **saved), text_of(at(1), **live))
    expected = [f"set the detection address of device 0 to {wanted}"] * steps
    assert actions(found, *wishes_at(1, detection=wanted)) == expected


def test_a_shift_starts_at_its_far_end():
    assert actions(found_as(text_of(at(1, 2, 3, 4))), *wishes_at(2, 3, 4, 5)) == [
        "set the address of device 3 to 10.20.0.5/24",
        "set the address of device 2 to 10.20.0.4/24",
        "set the address of device 1 to 10.20.0.3/24",
        "set the address of device 0 to 10.20.0.2/24",
    ]
    assert actions(found_as(text_of(at(2, 3, 4, 5))), *wishes_at(1, 2, 3, 4)) == [
        f"set the address of device {device} to 10.20.0.{device + 1}/24" for device in range(4)
    ]


def test_a_trade_takes_a_free_address_of_the_same_net_for_a_moment():
    text = text_of(at(1, 2), gateway_0="10.20.0.254", gateway_1="10.20.0.254")
    wishes = wishes_at(2, 1, gateway="10.20.0.254", detection="10.20.0.253")
    assert actions(found_as(text), *wishes)[:3] == [
        "set the address of device 0 to 10.20.0.252/24 for a moment, to trade addresses with device 1",
        "set the address of device 1 to 10.20.0.1/24",
        "set the address of device 0 to 10.20.0.2/24",
    ]


def test_a_trade_keeps_the_gateway_without_setting_it_again():
    text = text_of(at(1, 2), gateway_0="10.20.0.254", gateway_1="10.20.0.254")
    assert not [
        why for why in actions(found_as(text), *wishes_at(2, 1, gateway="10.20.0.254")) if "gateway" in why
    ]


def test_a_long_circle_needs_one_step_aside():
    steps = actions(found_as(text_of(at(1, 2, 3, 4))), *wishes_at(2, 3, 4, 1))
    assert len(steps) == 5
    assert steps[0] == (
        "set the address of device 0 to 10.20.0.254/24 for a moment, to trade addresses with devices 1, 2, 3"
    )


def test_two_circles_are_broken_one_after_the_other():
    wishes = [wish(0, "10.20.0.2"), wish(1, "10.20.0.1"), wish(2, "10.20.0.4"), wish(3, "10.20.0.3")]
    steps = actions(found_as(text_of(at(1, 2, 3, 4))), *wishes)
    assert [why.split()[5] for why in steps] == ["0", "1", "0", "2", "3", "2"]


def test_a_free_address_is_not_one_the_tool_refuses():
    found = found_as(text_of({0: "192.168.0.1", 1: "192.168.0.2"}, "255.255.254.0"))
    steps = actions(found, wish(0, "192.168.0.2", 23), wish(1, "192.168.0.1", 23))
    assert steps[0].startswith("set the address of device 0 to 192.168.0.255/23 for a moment")


def test_a_full_net_makes_the_device_wait_outside_and_its_gateway_come_back():
    text = text_of({0: "10.0.0.0", 1: "10.0.0.1"}, "255.255.255.254", gateway_0="10.0.0.1")
    steps = actions(found_as(text), wish(0, "10.0.0.1", 31), wish(1, "10.0.0.0", 31))
    assert steps == [
        "set the address of device 0 to 169.254.255.254/16 for a moment, to trade addresses with device 1",
        "set the address of device 1 to 10.0.0.0/31",
        "set the address of device 0 to 10.0.0.1/31",
        "set the gateway of device 0 to 10.0.0.1",
    ]


def test_a_move_to_another_net_sets_the_gateway_again_and_keeps_the_ipv6_one():
    text = text_of(at(1), gateway_0="10.20.0.254", IPv6gateway_0="fd00::1", netdetect_0="10.20.0.254")
    assert actions(found_as(text), wish(0, "10.40.0.1", 24, "10.40.0.254")) == [
        "set the address of device 0 to 10.40.0.1/24",
        "set the gateway of device 0 to 10.40.0.254",
        "put back IPv6gateway_0=fd00::1 in /etc/hccn.conf, lost with the gateway of device 0",
    ]


def test_another_gateway_keeps_the_ipv6_one():
    text = text_of(at(1), gateway_0="10.20.0.254", IPv6gateway_0="fd00::1")
    steps = plan(found_as(text), understand(wishes_at(1, gateway="10.20.0.253"), False), False)
    assert [step.args[0] for step in steps] == ["-i", "put-back"]
    assert steps[1].args == ("put-back", "IPv6gateway_0=fd00::1")


def test_a_move_inside_the_net_loses_nothing_and_puts_nothing_back():
    text = text_of(at(1), gateway_0="10.20.0.254", IPv6gateway_0="fd00::1")
    wishes = wishes_at(3, gateway="10.20.0.254")
    assert actions(found_as(text), *wishes) == ["set the address of device 0 to 10.20.0.3/24"]


@pytest.mark.parametrize("live", [{}, {"gateway_0": "10.20.0.254"}], ids=["lost with the link", "not saved"])
def test_a_gateway_that_is_only_live_or_only_saved_keeps_the_ipv6_one(live):
    saved = {"gateway_0": "10.20.0.253" if live else "10.20.0.254", "IPv6gateway_0": "fd00::1"}
    found = found_as(text_of(at(1), **saved), text_of(at(1), **live))
    steps = plan(found, understand(wishes_at(1, gateway="10.20.0.254"), False), False)
    assert [step.args[0] for step in steps] == ["-i", "put-back"]


def test_a_first_gateway_takes_nothing_along():
    text = text_of(at(1), IPv6gateway_0="fd00::1")
    assert len(actions(found_as(text), *wishes_at(1, gateway="10.20.0.254"))) == 1


def test_a_saved_gateway_that_is_no_address_is_taken_out():
    text = text_of(at(1), gateway_0="router")
    assert actions(found_as(text), *wishes_at(1)) == [
        "take gateway_0=router out of /etc/hccn.conf, because it is no address"
    ]


def test_the_file_is_repaired_before_anything_else():
    found = Found(PATH, text_of(at(1))[:-1], {})
    steps = plan(found, understand(wishes_at(1), False), False)
    assert [(step.why, step.args[0]) for step in steps] == [
        ("repair /etc/hccn.conf: the last line has no line end", "repair"),
        ("set the address of device 0 to 10.20.0.1/24", "-i"),
    ]


def test_a_repaired_file_may_need_no_more():
    text = text_of(at(1, 2)).replace("\nnetmask_1", "\r\nnetmask_1")
    assert actions(replace(found_as(text_of(at(1, 2))), text=text), *wishes_at(1, 2)) == [
        "repair /etc/hccn.conf: line ends are CR LF instead of LF"
    ]


@pytest.mark.parametrize(
    ("saved", "live", "where"),
    [("", text_of({5: "10.20.0.1"}), "live"), (text_of({5: "10.20.0.1"}), "", "in /etc/hccn.conf")],
)
def test_the_address_of_a_device_outside_the_list_is_refused(saved, live, where):
    with pytest.raises(WishError) as caught:
        plan(found_as(saved, live), understand(wishes_at(1), False), False)
    assert caught.value.problems == [
        f"device 0 wants 10.20.0.1, but device 5, which is not in the list, has it {where} and keeps it; "
        "choose another or give device 5 one too"
    ]


def test_a_device_under_dhcp_is_refused():
    with pytest.raises(
        WishError, match=r"udhcpc_enable_0 in /etc/hccn.conf.*`hccn_tool -i 0 -udhcpc -r` first"
    ):
        plan(found_as("udhcpc_enable_0=on\n"), understand(wishes_at(1), False), False)


class TestOneGatewayPerGroup:
    WISHES = [*wishes_at(1, 2, 3, 4, gateway="10.20.0.254")]

    @pytest.mark.parametrize("holder", range(4))
    def test_whoever_holds_it_the_group_has_it(self, holder):
        text = text_of(at(1, 2, 3, 4), **{f"gateway_{holder}": "10.20.0.254"})
        live = {
            device: replace(values, gateway=saved_values(text, holder).gateway)
            for device, values in found_as(text, devices=range(4)).live.items()
        }
        assert actions(Found(PATH, text, live), *self.WISHES, group=True) == []

    def test_it_is_set_once_on_the_first(self):
        found = found_as(text_of(at(1, 2, 3, 4)))
        assert actions(found, *self.WISHES, group=True) == ["set the gateway of device 0 to 10.20.0.254"]

    def test_each_group_has_its_own(self):
        addresses = {**at(1), **at(5, first=4)}
        wishes = [wish(0, "10.20.0.1", 24, "10.20.0.254"), wish(4, "10.20.0.5", 24, "10.20.0.253")]
        assert actions(found_as(text_of(addresses)), *wishes, group=True) == [
            "set the gateway of device 0 to 10.20.0.254",
            "set the gateway of device 4 to 10.20.0.253",
        ]

    def test_a_rival_is_taken_out_of_the_file(self):
        text = text_of(at(1, 2), gateway_0="10.20.0.254", gateway_1="10.20.0.253", gateway_4="10.20.0.252")
        assert actions(found_as(text), *wishes_at(1, gateway="10.20.0.254"), group=True) == [
            "take gateway_1=10.20.0.253 out of /etc/hccn.conf, because devices 0 to 3 share 10.20.0.254"
        ]

    def test_a_move_in_the_group_sets_it_again(self):
        text = text_of(at(1, 2), gateway_0="10.20.0.254")
        wishes = wishes_at(1, 9, gateway="10.20.0.254")
        assert actions(found_as(text), *wishes, group=True) == [
            "set the address of device 1 to 10.20.0.9/24",
            "set the gateway of device 0 to 10.20.0.254",
        ]

    def test_the_diff_shows_it_with_each_device_that_wants_it(self):
        text = text_of(at(1, 2), gateway_1="10.20.0.254")
        wanted = understand(wishes_at(1, 2, gateway="10.20.0.254"), True)
        states = states_of(found_as(text), wanted, True)
        assert [str(state.saved.gateway) for state in states] == ["10.20.0.254"] * 2
        assert states == expected_states(found_as(text), wanted, True)


class TestView:
    def test_values_before_and_after_in_lines(self):
        found = Found(PATH, None, {})
        wanted = understand([wish(0, "10.20.1.1", 16, "10.20.0.1", "10.20.0.1")], False)
        before = states_of(found, wanted, False)
        after = expected_states(found, wanted, False)
        assert diff_text(before, PATH, None) == "/etc/hccn.conf: missing\ndevice 0: no address\n"
        assert diff_text(after, PATH, "") == (
            "device 0: 10.20.1.1/16, gateway 10.20.0.1, detection address 10.20.0.1\n"
        )

    def test_live_and_saved_that_differ_have_a_line_each(self):
        wanted = understand(wishes_at(1), False)
        states = states_of(found_as(text_of(at(1)), text_of(at(9))), wanted, False)
        assert diff_text(states, PATH, "x") == (
            "/etc/hccn.conf: the last line has no line end\n"
            "device 0 live: 10.20.0.9/24\n"
            "device 0 saved: 10.20.0.1/24\n"
        )

    def test_a_result_has_every_key(self):
        state = states_of(found_as(text_of(at(1))), understand(wishes_at(1), False), False)[0]
        values = {"address": "10.20.0.1", "prefix": 24, "gateway": None, "detection_address": None}
        assert state.as_result() == {"id": 0, "live": values, "saved": values}

    def test_a_gateway_that_is_lost_is_told(self):
        found = found_as(text_of(at(1), gateway_0="10.20.0.254"))
        wanted = understand([wish(0, "10.40.0.1")], False)
        states = states_of(found, wanted, False), expected_states(found, wanted, False)
        assert losses(*states) == [
            "device 0 loses its gateway 10.20.0.254, which is outside the net of its new address "
            "10.40.0.1/24; give a gateway if it shall have one"
        ]

    def test_a_gateway_that_stays_is_no_loss(self):
        found = found_as(text_of(at(1), gateway_0="10.20.0.254"))
        wanted = understand(wishes_at(3), False)
        assert losses(states_of(found, wanted, False), expected_states(found, wanted, False)) == []

    def test_what_was_not_taken_names_device_wanted_and_found(self):
        found = found_as(text_of(at(7), netdetect_0="10.20.0.9"), text_of(at(1)))
        wanted = understand(wishes_at(7, gateway="10.20.0.254", detection="0.0.0.0"), False)
        assert list(not_taken(states_of(found, wanted, False), wanted, PATH)) == [
            "device 0: wanted address 10.20.0.7/24, found 10.20.0.1/24 on the device and 10.20.0.7/24 in "
            "/etc/hccn.conf",
            "device 0: wanted gateway 10.20.0.254, found none on the device and none in /etc/hccn.conf",
            "device 0: wanted detection address none, found none on the device and 10.20.0.9 in "
            "/etc/hccn.conf",
        ]
