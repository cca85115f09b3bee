# SPDX-License-Identifier: GPL-3.0-or-later
"""The real module against the simulated hccn_tool of both families: check, run, run again, and faults."""

from __future__ import annotations

import pytest


@pytest.fixture(params=["910b", "910"])
def host(request, config_host_of):
    return config_host_of(request.param)


@pytest.fixture
def host_910b(config_host_of):
    return config_host_of("910b")


def test_a_fresh_host_settles_in_one_run(host, one_subnet):
    done = host.settle(one_subnet())
    assert done["changed"]
    assert host.live() == [f"10.20.1.{1 + device}" for device in range(8)]
    assert "gateway_0=10.20.0.1\n" in host.file.read_text()


def test_a_settled_host_costs_three_queries_for_each_device_and_no_order(host, one_subnet):
    host.apply(one_subnet())
    before = len(host.calls())
    assert not host.apply(one_subnet())["changed"]
    calls = host.calls()[before:]
    assert len(calls) == 24
    assert all(call.endswith(" -g") for call in calls)


def test_the_four_subnets_of_guide_002(host):
    host.settle(
        [
            {
                "id": device,
                "address": f"192.168.{100 + device % 4}.{101 - device // 4}",
                "prefix": 24,
                "detection_address": f"192.168.{100 + device % 4}.{100 + device // 4}",
            }
            for device in range(8)
        ]
    )


@pytest.mark.parametrize("first", [2, 5], ids=["by one", "by four"])
def test_a_shift_up_and_down_again(host, first, one_subnet):
    host.apply(one_subnet())
    host.settle(one_subnet(first))
    assert host.live()[0] == f"10.20.1.{first}"
    host.settle(one_subnet())


def test_two_devices_trade_their_addresses(host, one_subnet):
    wishes = one_subnet()
    host.apply(wishes)
    wishes[1]["address"], wishes[2]["address"] = wishes[2]["address"], wishes[1]["address"]
    done = host.settle(wishes)
    assert len(done["actions"]) - len([why for why in done["actions"] if "gateway" in why]) == 3


def test_all_addresses_turn_round(host, one_subnet):
    wishes = one_subnet()
    host.apply(wishes)
    addresses = [wish["address"] for wish in wishes]
    for wish, address in zip(wishes, addresses[3:] + addresses[:3]):
        wish["address"] = address
    host.settle(wishes)


def test_a_move_to_another_net_keeps_what_belongs_to_others(host, one_subnet):
    host.apply(one_subnet())
    with host.file.open("a") as file:
        file.write("# by hand\nIPv6gateway_0=fd00::1\nunknown_key_0=zzz\n")
    done = host.settle(one_subnet(net="10.40"))
    assert "gateway_0=10.40.0.1" in host.file.read_text()
    for line in ("# by hand", "IPv6gateway_0=fd00::1", "unknown_key_0=zzz"):
        assert host.file.read_text().count(line) == 1
    assert [why for why in done["actions"] if why.startswith("put back IPv6gateway_0=fd00::1")]


def test_some_devices_of_a_host(host, one_subnet):
    host.apply(one_subnet())
    done = host.settle(one_subnet(first=101, devices=[2, 5]))
    assert host.live()[1:6] == ["10.20.1.2", "10.20.1.103", "10.20.1.4", "10.20.1.5", "10.20.1.106"]
    assert [state["id"] for state in done["after"]] == [2, 5]


def test_an_address_of_a_device_that_keeps_it_is_refused(host, one_subnet):
    host.apply(one_subnet())
    before = host.calls()
    result = host.apply([{"id": 0, "address": "10.20.1.8", "prefix": 16}])
    assert "device 0 wants 10.20.1.8, but device 7, which is not in the list, has it live" in result["msg"]
    assert all(call.endswith(" -g") for call in host.calls()[len(before) :])


def test_values_that_a_boot_did_not_bring_back(host, one_subnet):
    host.apply(one_subnet())
    saved = sorted(host.file.read_text().splitlines())
    host.boot()
    host.settle(one_subnet())
    assert sorted(host.file.read_text().splitlines()) == saved


def test_a_file_that_was_lost(host, one_subnet):
    host.apply(one_subnet())
    host.file.unlink()
    done = host.settle(one_subnet())
    assert done["actions"][0] == f"create {host.file}, empty, owned by root, mode 0640"


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:-1],
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\naddress_3", "address_3"),
    ],
    ids=["open last line", "CR LF", "glued"],
)
def test_a_damaged_file_is_repaired_before_the_tool_writes_to_it(host, damage, one_subnet):
    host.apply(one_subnet())
    whole = host.file.read_text()
    host.file.write_bytes(damage(whole).encode())
    assert host.settle(one_subnet())["actions"][0].startswith(f"repair {host.file}: ")
    assert host.file.read_text() == whole


@pytest.mark.parametrize("calls", range(8, 60, 3))
def test_a_run_that_is_cut_is_finished_by_the_next(host, calls, one_subnet, cut_error):
    host.apply(one_subnet())
    host.calls_left = calls
    wishes = [*one_subnet(first=2, net="10.40")]
    with pytest.raises(cut_error):
        host.apply(wishes)
    host.calls_left = None
    host.settle(wishes)


def test_an_ignored_order_fails_with_the_device_and_settles_later(host, one_subnet):
    host.apply(one_subnet())
    host.faults(hccn_ignores_set=[3])
    result = host.apply(one_subnet(first=101))
    assert result["failed"]
    assert (
        f"device 3: wanted address 10.20.1.104/16, found 10.20.1.4/16 on the device and 10.20.1.104/16 in "
        f"{host.file}; look at"
    ) in result["msg"]
    assert "device 2" not in result["msg"]
    host.faults()
    host.settle(one_subnet(first=101))


def test_an_ignored_first_address_fails_at_the_gateway(host_910b, one_subnet):
    host_910b.faults(hccn_ignores_set=[3])
    result = host_910b.apply(one_subnet())
    assert result["msg"].startswith(
        "could not set the gateway of device 3 to 10.20.0.1; device 3: hccn_tool said"
    )
    assert "it did not take the one that hccn_tool reported as set" in result["msg"]
    host_910b.faults()
    host_910b.settle(one_subnet())


def test_a_busy_tool_is_asked_again(host, one_subnet):
    host.faults(hccn_busy={"0": 2})
    assert host.apply(one_subnet())["changed"]
    host.faults(hccn_busy={"0": 99})
    result = host.apply(one_subnet(), busy_retries=2)
    assert result["msg"].startswith("device 0: hccn_tool said 'hccn_tool is busy, please try again.'")


def test_a_lost_npu_fails_with_what_to_do(host, one_subnet):
    host.faults(npu_gone=[5])
    result = host.apply(one_subnet())
    assert result["msg"].startswith(
        "device 5: hccn_tool said 'The device is not exist!'; an NPU is off the bus"
    )


def test_a_gateway_of_each_device(host_910b, one_subnet):
    wishes = one_subnet()
    wishes[1]["gateway"] = "10.20.0.2"
    host_910b.settle(wishes)
    wishes[0]["gateway"] = "10.20.0.3"
    assert host_910b.settle(wishes)["actions"] == ["set the gateway of device 0 to 10.20.0.3"]


def test_ids_beyond_the_host_fail_with_what_to_do(host):
    result = host.apply([{"id": 8, "address": "10.20.1.9", "prefix": 16}])
    assert (
        "device 8: hccn_tool said 'Get invalid device id.'; this host has no such device, or its driver"
        in result["msg"]
    )
