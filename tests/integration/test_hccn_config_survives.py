# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module must survive of the real hccn_tool, point by point, on the simulated one.

The points are those of the chapter "Behaviour that a desired-state module must handle" of what is known of
the real programs; those with an H are corrections that it leans on.

==== ============================================= =========================================================
1    success text is no proof                      test_01_success_text_is_no_proof
2    live state and file are two things            test_02_live_state_and_file_are_two_things
3    order of a shift, swap, doubles in the file   test_03_a_shift, _a_swap, _a_double_in_the_file
4    order of the sets; IPv6 gateway lost          test_04_the_order_of_sets, test_04_an_ipv6_gateway
5    the tool accepts nonsense                     test_05_nonsense_is_refused_all_at_once
6    there is no delete                            test_06_what_has_no_delete_is_left_alone
7    open last line, CR LF, blanks, doubles        test_07_a_damaged_file, test_07_keys_that_are_not_found
8    values are stored as typed                    test_08_values_as_typed
9    missing file                                  test_09_a_missing_file
10   two live routes, deletion of nothing          test_10_two_live_routes, test_10_a_deletion_of_nothing
11   a replay whose address fails skips the rest   test_11_a_replay_that_fails_half_way
12   link down                                     test_12_a_link_that_is_down
13   ids                                           test_13_ids_that_do_not_exist
14   statuses collide                              test_14_text_decides_not_status
15   logs fill                                     test_15_a_settled_host_is_asked_only_what_is_declared
H1   the tool compares only inside a group         test_h1_a_double_across_groups
H2   nets that the chip keeps                      test_h2_nets_that_the_chip_keeps
H12  prompts                                       test_h12_questions_are_answered
H13  a query that writes (-tls -g)                 test_h13_a_query_that_writes
H16  busy                                          test_h16_a_busy_tool
-    devices off the bus                           test_devices_off_the_bus_are_told_at_once
-    a dead chip that says OK                      test_a_chip_that_answers_nothing_useful
==== ============================================= =========================================================

The points of npu-smi have their tests with npu_info and npu_setting: text and not status, Total Count and
"NPU ID : -1" in test_npu_info_on_simulator.py (test_lost_cards, test_a_chip_that_does_not_answer), prompts
and the damage of the file of device-share in test_npu_setting_on_simulator.py and test__npu_setting_share.py.
"""

from __future__ import annotations

import pytest

V6 = {"ipv6_address": "fd00::1", "ipv6_prefix": 64, "ipv6_gateway": "fd00::ff"}
NONSENSE = [
    {"id": 0, "address": "127.0.0.1", "prefix": 8},
    {"id": 1, "address": "10.20.0.0", "prefix": 24, "gateway": "10.21.0.1"},
    {"id": 2, "address": "10.20.0.5", "prefix": 24, "mtu": 9703, "pfc": [8], "tls": True},
    {"id": 3, "address": "10.20.0.5", "prefix": 16, "dscp": [{"value": 64, "traffic_class": 0}]},
    {
        "id": 4,
        "address": "10.22.0.5",
        "prefix": 24,
        "routes": [
            {"network": "10.30.1.0/16", "gateway": "x"},
            {"network": "0.0.0.0/0", "gateway": "x"},
        ],
        "arp": [{"address": "10.22.0.1", "mac": "01:00:5e:00:00:01"}],
    },
    {"id": 5, "address": "10.23.0.5", "prefix": 24, "mtu": 1279, **V6},
    {
        "id": 9,
        "address": "10.24.0.5",
        "prefix": 24,
        "routes": [{"network": "10.30.0.0/16", "gateway": "10.99.0.1"}],
        "ipv6_gateway": "fd00::1",
    },
]
REFUSED = [
    "device 0: address 127.0.0.1 is a loopback address",
    "device 1: address 10.20.0.0 is the address of the net",
    "device 1: gateway 10.21.0.1 is outside 10.20.0.0/24",
    "device 2: mtu 9703 is out of range; use 68 to 9702",
    "device 2: pfc 8 is no priority; use 0 to 7",
    "device 3: dscp 64 is out of range; use 0 to 63",
    "device 4: routes, entry 1: network 10.30.1.0/16 has host bits; write 10.30.0.0/16",
    "routes, entry 2: network '0.0.0.0/0' is none",
    "device 4: arp, entry 1: mac '01:00:5e:00:00:01' is not that of a port",
    "device 5: mtu 1279 takes IPv6 away; give 1280 or more",
    "device 9: routes: gateway 10.99.0.1 of 10.30.0.0/16 is outside 10.24.0.0/24",
    "device 9: ipv6_gateway fd00::1 stands alone",
    "device 9: hccn_tool said 'Get invalid device id.'",
]


@pytest.fixture(params=["910b", "910"])
def host(request, config_host_of):
    return config_host_of(request.param)


@pytest.fixture
def host_910b(config_host_of):
    return config_host_of("910b")


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"mtu": 4200}, "device 3: wanted mtu 4200, found 1500 on the device and 4200 in"),
        ({"tls": False}, "device 3: wanted tls off, found on on the device and off in"),
        ({"pfc": [4]}, "device 3: wanted pfc 4, found none on the device and 4 in"),
        (
            {"routes": [{"network": "10.30.0.0/16", "gateway": "10.20.0.2"}]},
            "device 3: wanted routes network 10.30.0.0/16 gateway 10.20.0.2, found none on the device and",
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_01_success_text_is_no_proof(host, one_subnet, more, sentence):
    host.apply(one_subnet())
    host.faults(hccn_ignores_set=[3])
    wishes = one_subnet(**more)
    assert sentence in host.apply(wishes)["msg"]
    host.faults()
    host.settle(wishes)


def test_02_live_state_and_file_are_two_things(host, one_subnet):
    wishes = one_subnet(mtu=4200, devices=[0])
    host.apply(wishes)
    host.file.write_text(host.file.read_text().replace("mtu_0=4200", "mtu_0=9000"))
    assert host.settle(wishes)["actions"] == ["set the MTU of device 0 to 4200"]
    host.tool("-i 0 -netdetect -s address 10.20.0.77")
    host.file.write_text(host.file.read_text().replace("netdetect_0=10.20.0.77", "netdetect_0=10.20.0.1"))
    assert host.settle(wishes)["actions"] == ["set the detection address of device 0 to 10.20.0.1"]


def test_03_a_shift(host, one_subnet):
    host.apply(one_subnet())
    done = host.settle(one_subnet(first=2))
    addresses = [why for why in done["actions"] if why.startswith("set the address")]
    assert addresses[0] == "set the address of device 7 to 10.20.1.9/16"  # from the far end


def test_03_a_swap(host, one_subnet):
    wishes = one_subnet()
    host.apply(wishes)
    wishes[0]["address"], wishes[1]["address"] = wishes[1]["address"], wishes[0]["address"]
    done = host.settle(wishes)
    assert "to 10.20.255.254/16 for a moment, to trade addresses with device 1" in done["actions"][0]


def test_03_a_double_in_the_file(host, one_subnet):
    host.apply(one_subnet())
    text = host.file.read_text().replace("address_1=10.20.1.2\n", "address_1=10.20.1.1\n")
    host.file.write_text(text)
    host.settle(one_subnet())
    assert "address_1=10.20.1.2\n" in host.file.read_text()


def test_04_the_order_of_sets(host_910b, one_subnet):
    routes = [{"network": "10.30.0.0/16", "gateway": "10.20.0.2"}]
    orders = [
        why.split(" of ")[0] for why in host_910b.settle(one_subnet(devices=[0], routes=routes))["actions"]
    ]
    assert orders == [
        "set the address",
        "set the gateway",
        "set the detection address",
        "add the route to 10.30.0.0/16 via 10.20.0.2 to device 0",
    ]


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "not declared"])
def test_04_an_ipv6_gateway(host_910b, one_subnet, declared):
    host_910b.apply(one_subnet(devices=[0], **V6))
    host_910b.settle(one_subnet(net="10.40", devices=[0], **(V6 if declared else {})))
    assert host_910b.file.read_text().count("IPv6gateway_0=fd00::ff\n") == 1


def test_05_nonsense_is_refused_all_at_once(host):
    message = host.check(NONSENSE)["msg"]
    assert [sentence for sentence in REFUSED if sentence not in message] == []
    assert not [call for call in host.calls() if " -s " in call or " -a " in call]


def test_06_what_has_no_delete_is_left_alone(host_910b, one_subnet):
    host_910b.apply(one_subnet(devices=[0], mtu=4200))
    done = host_910b.settle([{"id": 0, "address": "10.20.1.1", "prefix": 16}])
    assert not done["changed"]
    assert "gateway_0=10.20.0.1\n" in host_910b.file.read_text()
    assert host_910b.npu(0)["live"]["mtu"] == 4200


@pytest.mark.parametrize("damage", [lambda text: text[:-1], lambda text: text.replace("\n", "\r\n")])
def test_07_a_damaged_file(host, one_subnet, damage):
    host.apply(one_subnet(mtu=4200))
    whole = host.file.read_text()
    host.file.write_bytes(damage(f"# by hand\nunknown_key_0=zzz\n{whole}").encode())
    host.settle(one_subnet(mtu=9000))
    lines = host.file.read_text().splitlines()
    assert lines[:2] == ["# by hand", "unknown_key_0=zzz"]
    assert sorted(lines[2:]) == sorted(whole.replace("=4200", "=9000").splitlines())


def test_07_keys_that_are_not_found(host, one_subnet):
    host.apply(one_subnet(mtu=4200, devices=[0]))
    host.file.write_text(f"{host.file.read_text().replace('mtu_0=', ' mtu_0 =')}address_0=10.20.9.9\n")
    host.settle(one_subnet(mtu=4200, devices=[0]))
    assert "mtu_0=4200\n" in host.file.read_text()
    assert any("mtu_0 has blanks around it; hccn_tool does not find it" in text for text in host.warned)
    assert any(
        "address_0 stands there more than once; hccn_tool takes the first" in text for text in host.warned
    )


def test_08_values_as_typed(host_910b):
    host_910b.tool("-i 0 -mtu -s size 01500")
    host_910b.tool("-i 0 -ip -s address 10.20.0.1 netmask 255.255.255.0")
    host_910b.tool("-i 0 -arp -a dev eth0 ip 10.20.0.9 mac AA:BB:CC:DD:EE:F0")
    wish = {"id": 0, "mtu": 1500, "arp": [{"address": "10.20.0.9", "mac": "aa:bb:cc:dd:ee:f0"}]}
    assert not host_910b.apply([wish])["changed"]


def test_09_a_missing_file(host, one_subnet):
    host.file.unlink()
    done = host.settle(one_subnet(devices=[0], mtu=4200, tls=False))
    assert done["actions"][0] == f"create {host.file}, empty, owned by root, mode 0640"


def test_10_two_live_routes(host_910b, one_subnet):
    host_910b.apply(one_subnet(devices=[0]))
    for gateway in ("10.20.0.252", "10.20.0.253"):
        host_910b.tool(f"-i 0 -route -a address 10.30.0.0 netmask 255.255.0.0 gateway {gateway}")
    routes = [{"network": "10.30.0.0/16", "gateway": "10.20.0.252"}]
    host_910b.settle(one_subnet(devices=[0], routes=routes))
    assert [route["gateway"] for route in host_910b.npu(0)["live"]["routes"]] == ["10.20.0.252"]


def test_10_a_deletion_of_nothing(host_910b, one_subnet):
    """What is live alone, or saved alone, goes too, although the tool refuses to delete it."""
    more = {
        "routes": [{"network": "10.30.0.0/16", "gateway": "10.20.0.252"}],
        "arp": [{"address": "10.20.0.9", "mac": "02:00:5e:10:00:01"}],
    }
    host_910b.apply(one_subnet(devices=[0, 1], **more))
    lines = host_910b.file.read_text().splitlines()
    host_910b.file.write_text("".join(f"{line}\n" for line in lines if "_0=" not in line))  # live alone
    with host_910b.node.change() as state:
        state["npus"][1]["live"].update({"routes": [], "arp": []})  # saved alone
    host_910b.settle(one_subnet(devices=[0, 1], routes=[], arp=[]))
    assert host_910b.npu(0)["live"]["routes"] == host_910b.npu(0)["live"]["arp"] == []


def test_11_a_replay_that_fails_half_way(host, one_subnet):
    wishes = one_subnet(devices=[0], mtu=4200, routes=[{"network": "10.30.0.0/16", "gateway": "10.20.0.2"}])
    host.apply(wishes)
    host.boot()
    host.file.write_text(host.file.read_text().replace("address_0=10.20.1.1\n", "address_0=192.168.1.9\n"))
    host.run_command(["timeout", "", "", "/bin/hccn_tool", "-i", "0", "-cfg", "recovery"])
    assert host.npu(0)["live"]["config_status"] == "FAIL"
    host.settle(wishes)


def test_12_a_link_that_is_down(host, one_subnet):
    host.apply(one_subnet(devices=[0], mtu=4200))
    host.tool("-i 0 -link -s down")
    done = host.settle(one_subnet(devices=[0], mtu=4200, link="up"))
    assert done["actions"][0] == "bring the link of device 0 up"


def test_13_ids_that_do_not_exist(host):
    result = host.check([{"id": number, "mtu": 4200} for number in (0, 8, 99)])
    assert "device 8: hccn_tool said 'Get invalid device id.'" in result["msg"]
    assert "device 99: hccn_tool said 'Get invalid device id.'" in result["msg"]
    assert "a physical id is 0 or more" in host.check([{"id": -1, "mtu": 4200}])["msg"]


def test_14_text_decides_not_status(host_910b):
    """No address (13), no gateway (2) and a bad id (4) have statuses of their own and of others."""
    wish = {"id": 0, "address": "10.20.1.1", "prefix": 16, "gateway": "10.20.0.1", **V6}
    host_910b.settle([wish])


def test_15_a_settled_host_is_asked_only_what_is_declared(host, one_subnet):
    host.apply(one_subnet(mtu=4200))
    before = len(host.calls())
    host.apply([{"id": device, "mtu": 4200} for device in range(8)])
    assert host.calls()[before:] == [f"-i {device} -mtu -g" for device in range(8)]


def test_h12_questions_are_answered(host_910b, one_subnet):
    host_910b.settle([{"id": 0, "mtu": 1000}])
    host_910b.settle([{"id": 0, "link": "down"}], link_down_allowed=True)
    assert (host_910b.npu(0)["live"]["mtu"], host_910b.npu(0)["link"]) == (1000, "DOWN")


def test_h13_a_query_that_writes(host):
    """Neither check mode nor a reading writes the key: a file without it is reason enough to set it."""
    assert host.check([{"id": 0, "tls": True}])["actions"] == ["set TLS of device 0 to on"]
    assert host.file.read_text() == ""
    assert "-i 0 -tls -g" not in host.calls()
    host.settle([{"id": 0, "tls": True}])
    assert host.file.read_text() == "tls_enable_0=1\n"


def test_h16_a_busy_tool(host):
    host.faults(hccn_busy={"0": 3})
    assert host.apply([{"id": 0, "mtu": 4200}])["changed"]


def test_h2_nets_that_the_chip_keeps(host):
    wishes = [{"id": device, "address": f"192.168.{device + 1}.5", "prefix": 24} for device in range(3)]
    result = host.check(wishes)
    assert "device 0: address 192.168.1.5 is in 192.168.1.0/24, which hccn_tool refuses" in result["msg"]
    assert "device 1: address 192.168.2.5 is in 192.168.2.0/24, which hccn_tool refuses" in result["msg"]
    assert "device 2" not in result["msg"]
    smp = host.check(wishes, refused_networks=["192.168.3.0/24"])  # a 910 in SMP mode keeps this one too
    assert "device 2: address 192.168.3.5 is in 192.168.3.0/24" in smp["msg"]


def test_h1_a_double_across_groups(host):
    wishes = [{"id": device, "address": "10.20.1.1", "prefix": 16} for device in (0, 4)]
    assert "devices 0 and 4 both want 10.20.1.1" in host.check(wishes)["msg"]


def test_devices_off_the_bus_are_told_at_once(host, one_subnet):
    host.faults(npu_gone=[2, 5])
    result = host.apply(one_subnet())
    for device in (2, 5):
        assert (
            f"device {device}: hccn_tool said 'The device is not exist!'; an NPU is off the bus"
            in result["msg"]
        )
    assert not [call for call in host.calls() if " -s " in call]


def test_a_chip_that_answers_nothing_useful(host, one_subnet):
    """npu-smi may call it OK: what counts is whether it takes and gives values."""
    host.apply(one_subnet())
    host.faults(hccn_fails=[3])
    result = host.apply(one_subnet(mtu=4200))
    assert result["msg"].startswith("device 3: hccn_tool said 'Command execute failed!'; the device refused")
