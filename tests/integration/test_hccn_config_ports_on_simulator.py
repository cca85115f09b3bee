# SPDX-License-Identifier: GPL-3.0-or-later
"""All that can be declared of a port, on the simulated hccn_tool of three families: check, run, run again."""

from __future__ import annotations

import pytest

EVERYWHERE = {
    "mtu": 4200,
    "tls": False,
    "pfc": [4],
    "dscp": [{"value": 33, "traffic_class": 1}, {"value": 46, "traffic_class": 3}],
    "routes": [{"network": "10.30.0.0/16", "gateway": "10.20.0.2"}],
    "ip_rules": [{"direction": "from", "address": "10.20.9.9", "table": 100}],
    "ip_routes": [{"network": "0.0.0.0/0", "gateway": "10.20.0.3", "table": 100}],
    "arp": [{"address": "10.20.0.2", "mac": "02:00:5E:10:00:01"}],
    "link": "up",
}
SAVED = (
    "mtu_0=4200",
    "tls_enable_0=0",
    "bitmap_0=0,0,0,0,1,0,0,0",
    "dscp_tc_0=33:1,46:3,",
    "route_address_10.30.0.0_netmask_255.255.0.0_0=gateway_10.20.0.2",
    "ip_rule_0=add from 10.20.9.9 table 100",
    "ip_route_0=add 0.0.0.0/0 via 10.20.0.3 dev eth0 table 100",
    "arp_0=-i eth0 -s 10.20.0.2 02:00:5e:10:00:01",
)
OTHER = {
    "mtu": 1500,
    "tls": True,
    "pfc": [],
    "dscp": [{"value": 33, "traffic_class": 2}],
    "routes": [{"network": "10.30.0.0/16", "gateway": "10.20.0.9"}],
    "ip_rules": [{"direction": "to", "address": "10.20.9.9", "table": 7}],
    "ip_routes": [{"network": "10.50.0.0/16", "gateway": "10.20.0.3", "table": 7}],
    "arp": [{"address": "10.20.0.2", "mac": "02:00:5e:10:00:02"}],
}
NOTHING = {"routes": [], "ip_rules": [], "ip_routes": [], "arp": [], "pfc": []}


@pytest.fixture(params=["910b", "910", "910_93"])
def host(request, config_host_of):
    return config_host_of(request.param)


@pytest.fixture
def host_910b(config_host_of):
    return config_host_of("910b")


def test_everything_settles_from_nothing_in_one_run(host, one_subnet):
    wishes = one_subnet(**EVERYWHERE)
    done = host.settle(wishes)
    for line in SAVED:
        assert line in host.file.read_text().splitlines()
    live = host.npu(0)["live"]
    assert (live["mtu"], live["tls_enable"], live["pfc"][4]) == (4200, 0, 1)
    assert done["after"][0]["live"]["ip_routes"][0]["interface"] == "eth0"
    assert done["after"][0]["saved"]["arp"] == [
        {"address": "10.20.0.2", "mac": "02:00:5e:10:00:01", "interface": "eth0"}
    ]


def test_one_value_leads_to_another_and_back(host, one_subnet):
    for more in (EVERYWHERE, OTHER, EVERYWHERE):
        host.settle(one_subnet(devices=[0, 1], **more))


def test_an_empty_list_removes_all_of_its_kind(host, one_subnet):
    host.apply(one_subnet(devices=[0], **EVERYWHERE))
    before = host.npu(0)["live"]["dscp_tc"]
    host.settle(one_subnet(devices=[0], **NOTHING))
    live = host.npu(0)["live"]
    assert (live["routes"], live["arp"], live["ip_rules"], live["ip_routes"]) == ([], [], [], [])
    assert live["dscp_tc"] == before
    assert not [line for line in SAVED[4:] if line in host.file.read_text()]


def test_an_omitted_key_is_neither_asked_for_nor_changed(host, one_subnet):
    host.apply(one_subnet(devices=[0], **EVERYWHERE))
    before, calls = host.npu(0)["live"], len(host.calls())
    assert not host.apply([{"id": 0, "mtu": 4200}])["changed"]
    assert host.calls()[calls:] == ["-i 0 -mtu -g"]
    assert host.npu(0)["live"] == before


def test_a_port_can_be_led_without_its_address(host):
    host.settle([{"id": device, "tls": False, "pfc": [4]} for device in range(8)])


def test_live_and_saved_values_are_both_led(host, one_subnet):
    wishes = one_subnet(devices=[0, 1], **EVERYWHERE)
    host.apply(wishes)
    whole = host.file.read_text()
    host.boot()  # live values are gone, the file is right
    host.settle(wishes)
    host.file.write_text("")  # live values are right, the file is gone
    host.settle(wishes)
    assert sorted(host.file.read_text().splitlines()) == sorted(whole.splitlines())


@pytest.mark.parametrize("calls", range(30, 90, 4))
def test_a_run_that_is_cut_is_finished_by_the_next(host_910b, one_subnet, cut_error, calls):
    wishes = one_subnet(devices=range(3), net="10.20", **OTHER)
    host_910b.apply(wishes)
    host_910b.calls_left = calls
    later = one_subnet(devices=range(3), first=2, **EVERYWHERE)
    with pytest.raises(cut_error):
        host_910b.apply(later)
    host_910b.calls_left = None
    host_910b.settle(later)


def test_routes_that_a_detour_loses_are_set_again(host_910b):
    """Two devices trade the addresses of a full net; their saved routes are nobody's wish and stay."""
    wishes = [{"id": 0, "address": "10.9.0.0", "prefix": 31}, {"id": 1, "address": "10.9.0.1", "prefix": 31}]
    host_910b.apply(wishes)
    host_910b.tool("-i 0 -route -a address 10.30.0.0 netmask 255.255.0.0 gateway 10.9.0.1")
    wishes[0]["address"], wishes[1]["address"] = wishes[1]["address"], wishes[0]["address"]
    host_910b.tool("-i 0 -route -a address 10.31.0.0 netmask 255.255.0.0 gateway 10.9.0.0")
    done = host_910b.settle(wishes)
    assert "add the route to 10.30.0.0/16 via 10.9.0.1 to device 0" in done["actions"]
    assert [route["address"] for route in host_910b.npu(0)["live"]["routes"]] == ["10.30.0.0", "10.31.0.0"]


def test_declared_routes_follow_the_device_into_another_net(host, one_subnet):
    host.apply(one_subnet(devices=[0, 1], **EVERYWHERE))
    routes = [{"network": "10.30.0.0/16", "gateway": "10.40.0.2"}]
    done = host.settle(one_subnet(net="10.40", devices=[0, 1], routes=routes))
    assert "add the route to 10.30.0.0/16 via 10.40.0.2 to device 0" in done["actions"]
    assert host.npu(0)["live"]["routes"][0]["gateway"] == "10.40.0.2"


def test_ipv6_with_its_gateway_follows_a_small_mtu_that_grows(host):
    wishes = [
        {
            "id": device,
            "mtu": 1500,
            "ipv6_address": f"fd00::{device + 1}",
            "ipv6_prefix": 64,
            "ipv6_gateway": "fd00::ff",
            "ipv6_detection_address": "fd00::ff",
        }
        for device in range(4)
    ]
    host.apply([{"id": device, "mtu": 1000} for device in range(4)])
    host.settle(wishes)
    for wish in wishes:
        wish["ipv6_address"] = f"fd00::{wish['id'] + 2}"
    host.settle(wishes)
    wishes[0]["ipv6_address"], wishes[3]["ipv6_address"] = (
        wishes[3]["ipv6_address"],
        wishes[0]["ipv6_address"],
    )
    host.settle(wishes)
    assert host.npu(3)["live"]["ipv6_address"] == "fd00::2"


def test_a_move_of_ipv4_keeps_an_ipv6_gateway_that_is_declared(host_910b, one_subnet):
    more = {"ipv6_address": "fd00::1", "ipv6_prefix": 64, "ipv6_gateway": "fd00::ff"}
    host_910b.apply(one_subnet(devices=[0], **more))
    host_910b.settle(one_subnet(net="10.40", devices=[0], **more))
    assert host_910b.file.read_text().count("IPv6gateway_0=fd00::ff\n") == 1


def test_forward_error_correction_only_where_the_chip_can_switch_it(host):
    done = host.apply([{"id": 0, "fec": "off"}, {"id": 1, "fec": "off"}])
    if host.scope == "group":
        host.settle([{"id": 0, "fec": "auto"}, {"id": 1, "fec": "off"}])
        assert "encoding_0=auto\n" in host.file.read_text()
    else:
        said = "hccn_tool said 'This device does not support switching fec mode.' to fec; leave it out here"
        assert f"device 0: {said}; device 1: {said}" in done["msg"]
        assert host.file.read_text() == ""


def test_the_nets_that_the_chip_keeps_are_refused_in_check_mode_already(host):
    net = "192.169.0.5" if host.refused else "192.168.2.5"
    result = host.check([{"id": 0, "address": net, "prefix": 24}, {"id": 1, "address": net, "prefix": 24}])
    assert f"device 0: address {net} is in 192." in result["msg"]
    assert f"device 1: address {net} is in 192." in result["msg"]


def test_sixteen_dies_settle(config_host_of, one_subnet):
    host = config_host_of("910_93")
    host.settle(one_subnet(devices=range(16), mtu=4200))
    assert host.live()[15] == "10.20.1.16"


def test_a_link_goes_down_only_with_consent(host, one_subnet):
    wishes = one_subnet(devices=[0, 1], **EVERYWHERE)
    host.apply(wishes)
    wishes[1]["link"] = "down"
    before = len(host.calls())
    refused = host.check(wishes)
    assert "device 1: link down stops its traffic" in refused["msg"]
    assert "set link_down_allowed (npu_network_link_down_allowed in the inventory) to true" in refused["msg"]
    assert "-link -s" not in " ".join(host.calls()[before:])
    host.settle(wishes, link_down_allowed=False)
    assert host.npu(1)["link"] == "UP"
    assert "device 1: its link stays up, since link_down_allowed is false" in host.warned
    done = host.settle(wishes, link_down_allowed=True)
    assert done["actions"] == ["take the link of device 1 down"]
    assert (host.npu(0)["link"], host.npu(1)["link"]) == ("UP", "DOWN")


def test_a_port_that_is_down_is_changed_by_way_of_up(host_910b, one_subnet):
    wishes = one_subnet(devices=[0, 1], routes=EVERYWHERE["routes"])
    wishes[1]["link"] = "down"
    host_910b.settle(wishes, link_down_allowed=True)
    wishes[1]["gateway"] = "10.20.0.7"
    done = host_910b.settle(wishes, link_down_allowed=True)
    assert done["actions"][0] == "bring the link of device 1 up"
    assert done["actions"][-1] == "take the link of device 1 down"
    assert host_910b.npu(1)["link"] == "DOWN"
    assert "gateway_1=10.20.0.7\n" in host_910b.file.read_text()


def test_a_link_that_comes_up_brings_everything_back(host, one_subnet):
    wishes = one_subnet(devices=[0, 1], **EVERYWHERE)
    host.apply(wishes)
    host.tool("-i 1 -link -s down")
    host.settle(wishes)
    assert host.npu(1)["link"] == "UP"


def test_a_cable_that_is_out_fails_with_what_was_found(host, one_subnet):
    host.faults(link_down=[1])
    result = host.apply(one_subnet(devices=[0, 1], link="up"))
    assert "device 1: wanted link up, found down on the device" in result["msg"]


def test_the_calls_of_a_converged_host_are_those_of_what_is_declared(host, one_subnet, capsys):
    """Every declared key costs one query of a device, and nothing else is asked."""
    counts = {}
    for name, more in (
        ("addresses", {}),
        ("addresses and MTU, TLS, PFC", {"mtu": 4200, "tls": False, "pfc": [4]}),
    ):
        host.apply(one_subnet(**more))
        before = len(host.calls())
        assert not host.apply(one_subnet(**more))["changed"]
        calls = host.calls()[before:]
        assert all(call.endswith(" -g") for call in calls)
        counts[name] = len(calls)
    assert counts == {"addresses": 8 * 3, "addresses and MTU, TLS, PFC": 8 * 6}
    with capsys.disabled():
        for name, count in counts.items():
            print(f"\n  hccn_config, converged, 8 devices, {name}: {count} program calls", end="")
