# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of /etc/hccn.conf: reading as hccn_tool reads it, and repairs that keep everything else."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_conf import (
    Values,
    companions,
    damages,
    devices_in,
    edited,
    oddities,
    repaired,
    saved_values,
    value_of,
)
from hypothesis import given
from hypothesis import strategies as st

WHOLE = """\
# by hand
address_0=10.20.0.1
netmask_0=255.255.255.0
gateway_0=10.20.0.254
netdetect_0=10.20.0.253
address_10=10.20.0.11
bond_address_0=10.66.0.1
unknown_key_0=zzz
"""


def test_values_of_a_device():
    assert saved_values(WHOLE, 0) == Values(
        IPv4Interface("10.20.0.1/24"), IPv4Address("10.20.0.254"), IPv4Address("10.20.0.253")
    )
    assert saved_values(WHOLE, 1) == Values()


def test_the_first_line_of_a_key_counts():
    assert value_of("address_0=10.20.0.1\naddress_0=10.20.0.99\n", "address", 0) == "10.20.0.1"


@pytest.mark.parametrize(
    "line",
    [
        "address_1=1.1.1.1",
        " address_0=1.1.1.1",
        "ADDRESS_0=1.1.1.1",
        "#address_0=1.1.1.1",
        "bond_address_0=1.1.1.1",
    ],
)
def test_only_the_exact_key_is_found(line):
    assert value_of(f"{line}\naddress_0=10.20.0.1\n", "address", 0) == "10.20.0.1"


@pytest.mark.parametrize(
    ("address", "netmask"),
    [
        ("10.20.0.1", "255.0.255.0"),
        ("10.20.0.1", "0.0.0.255"),
        ("10.20.0.1", "24"),
        ("10.20.0.01", "255.255.255.0"),
        ("10.20.0.1 ", "255.255.255.0"),
        ("10.20.0.256", "255.255.255.0"),
        ("", "255.255.255.0"),
    ],
)
def test_what_the_tool_refuses_at_the_next_boot_counts_as_none(address, netmask):
    assert saved_values(f"address_0={address}\nnetmask_0={netmask}\n", 0).address is None


def test_an_address_needs_its_netmask():
    assert saved_values("address_0=10.20.0.1\n", 0).address is None


def test_no_detection_is_the_same_as_none():
    assert saved_values("netdetect_0=0.0.0.0\n", 0).detection is None


def test_devices_are_those_with_an_address():
    assert devices_in(WHOLE) == {0, 10}


def test_a_whole_file_has_no_damage_and_stays():
    assert damages(WHOLE) == []
    assert repaired(WHOLE) == WHOLE
    assert damages("") == []
    assert repaired("") == ""


def test_an_open_last_line_is_closed():
    assert damages(WHOLE[:-1]) == ["the last line has no line end"]
    assert repaired(WHOLE[:-1]) == WHOLE


def test_line_ends_of_another_system_are_changed():
    foreign = WHOLE.replace("\n", "\r\n")
    assert damages(foreign) == ["line ends are CR LF instead of LF"]
    assert repaired(foreign) == WHOLE


def test_glued_lines_are_split():
    glued = (
        "mtu_0=1500address_0=10.20.0.1\nnetmask_0=255.255.255.0address_1=10.20.0.2netmask_1=255.255.255.0\n"
    )
    assert damages(glued) == ["2 lines hold two settings glued together"]
    assert repaired(glued).splitlines() == [
        "mtu_0=1500",
        "address_0=10.20.0.1",
        "netmask_0=255.255.255.0",
        "address_1=10.20.0.2",
        "netmask_1=255.255.255.0",
    ]
    assert damages(repaired(glued)) == []


@pytest.mark.parametrize(
    "line",
    [
        "route_address_10.30.0.0_netmask_255.255.0.0_0=gateway_10.20.0.253",
        "mac_addr_0=aa:bb:cc:dd:ee:ff",
        "arp_0=-i eth0 -s 10.20.0.9 aa:bb:cc:dd:ee:ff",
        "IPv6address_0=fd00::5",
        "# netmask_0=255.255.255.0address_1=10.20.0.2",
    ],
)
def test_other_lines_are_no_glue(line):
    assert repaired(f"{line}\n") == f"{line}\n"
    assert damages(f"{line}\n") == []


def test_oddities_are_named():
    text = "address_0=1.1.1.1\naddress_0=2.2.2.2\nnetmask_0 =255.0.0.0\n mtu_1=1500\n# a = b\n"
    assert oddities(text) == [
        "address_0 stands there more than once; hccn_tool takes the first",
        "netmask_0 has blanks around it; hccn_tool does not find it",
        "mtu_1 has blanks around it; hccn_tool does not find it",
    ]
    assert oddities(WHOLE) == []


def test_companions_contain_the_key_and_do_not_begin_with_it():
    text = "gateway_0=1.1.1.1\nIPv6gateway_0=fd00::1\n# gateway_0=old\ngateway_10=1.1.1.2\nxgateway_0=abc\n"
    assert companions(text, 0) == ("IPv6gateway_0=fd00::1", "# gateway_0=old", "xgateway_0=abc")
    assert companions(text, 1) == ()


def test_lines_are_put_back_once_and_on_a_line_of_their_own():
    text = edited("address_0=1.1.1.1", ("put-back", "IPv6gateway_0=fd00::1"))
    assert text == "address_0=1.1.1.1\nIPv6gateway_0=fd00::1\n"
    assert edited(text, ("put-back", "IPv6gateway_0=fd00::1")) == text


def test_a_key_is_taken_out_wherever_it_stands_and_nothing_else():
    text = "gateway_0=1.1.1.1\nIPv6gateway_0=fd00::1\ngateway_0=2.2.2.2\ngateway_01=x\n"
    assert edited(text, ("take-out", "gateway_0")) == "IPv6gateway_0=fd00::1\ngateway_01=x\n"


def test_an_unknown_edit_is_refused():
    with pytest.raises(ValueError, match="no edit of the file is called 'erase'"):
        edited("", ("erase",))


@given(st.text(alphabet="address_01netmask=25.\r\n# gtw", max_size=200))
def test_a_repaired_text_has_no_damage(text):
    assert damages(repaired(text)) == [] or "\r" in text.replace("\r\n", "")
    assert repaired(repaired(text)) == repaired(text)
