# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of /etc/hccn.conf: each case is a habit of the vendor's program that a module has to live with."""

from __future__ import annotations

import pytest
from npu_simulator.hccn_tool import conf


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", None),
        ("address_1=172.16.5.9\n", "172.16.5.9"),
        ("address_1=172.16.5.9", "172.16.5.9"),
        ("address_1=172.16.5.9\naddress_1=172.16.5.10\n", "172.16.5.9"),
        ("address_1=172.16.5.9\r\n", "172.16.5.9\r"),
        ("address_1 =172.16.5.9\n", None),
        (" address_1=172.16.5.9\n", None),
        ("address_1= 172.16.5.9\n", " 172.16.5.9"),
        ("ADDRESS_1=172.16.5.9\n", None),
        ("#address_1=172.16.5.9\n", None),
        ("address_11=172.16.5.9\nxaddress_1=1\n", None),
        ("address_1=\n", ""),
        ("address_1=a=b\n", "a=b"),
    ],
)
def test_reading_takes_the_first_line_with_exactly_the_key(text, found):
    assert conf.value(text, "address_1") == found


def test_a_set_moves_the_key_to_the_end_and_removes_all_its_lines():
    text = "mtu_2=1600\n# kept\nmtu_2=1700\nxmtu_2=9\nmtu_21=8\n"
    assert conf.with_value(text, "mtu_2", "1600") == "# kept\nxmtu_2=9\nmtu_21=8\nmtu_2=1600\n"


def test_a_set_glues_the_new_line_to_a_last_line_without_end():
    assert conf.with_value("mtu_2=1600", "mtu_3", "1700") == "mtu_2=1600mtu_3=1700\n"


def test_a_deletion_takes_every_line_that_contains_the_part():
    text = "gateway_2=172.16.5.1\ngateway_12=172.16.6.1\nIPv6gateway_2=fd00::1\n#gateway_2=\ngateway_21=1\n"
    assert conf.without(text, "gateway_2=") == "gateway_12=172.16.6.1\ngateway_21=1\n"


def test_long_lines_survive_a_set_but_are_read_in_pieces():
    comment = "#" + "y" * 500
    text = f"{comment}\nmtu_2=1600\n"
    assert conf.with_value(text, "mtu_2", "1700") == f"{comment}\nmtu_2=1700\n"
    hidden = "#" + "y" * 382 + "mtu_2=1800\nmtu_2=1600\n"
    assert conf.value(hidden, "mtu_2") == "1800"


def test_routes_of_one_device_are_found():
    text = (
        "route_address_172.20.0.0_netmask_255.255.0.0_2=gateway_172.16.5.254\n"
        "#route_address_172.21.0.0_netmask_255.255.0.0_2=gateway_172.16.5.254\n"
        "route_address_172.22.0.0_netmask_255.255.0.0_3=gateway_172.16.5.253\n"
    )
    route = {"address": "172.20.0.0", "netmask": "255.255.0.0", "gateway": "172.16.5.254"}
    assert conf.routes(text, 2) == [route]
    assert conf.route_key("172.20.0.0", "255.255.0.0", 2) + "=" in text


def test_a_broken_route_is_an_error():
    with pytest.raises(conf.RouteSyntaxError, match="route_address_172"):
        conf.routes("route_address_172.20.0.0=gateway_172.16.5.254\n", 2)
