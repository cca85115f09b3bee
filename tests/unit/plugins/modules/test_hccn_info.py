# SPDX-License-Identifier: GPL-3.0-or-later
"""hccn_info against an exact list of calls."""

from __future__ import annotations

import pytest
from ansible_collections.ascend.fleet.plugins.modules import hccn_info

NO_ADDRESS = "Get ipconf failed, because no ip was preset there!\n"
UNKNOWN = "Get invalid device id.\n"
TLS = (
    "dev_id:{0}, tls switch[0](0:disable, 1:enable), tls preconfigured[1](0:non-preset, 1:preset), "
    "tls alarm time threshold[60]days\n"
)


def answers(tape, device, link="UP"):
    """Expect the calls for one device that has everything."""
    me = ("hccn_tool", "-i", str(device))
    tape.expect(*me, "-ip", "-g", out=f"ipaddr:10.0.0.{device + 1}\nnetmask:255.255.255.0\n")
    tape.expect(*me, "-gateway", "-g", out="default gateway:10.0.0.254, Iface:eth0\n")
    tape.expect(*me, "-netdetect", "-g", out="netdetect addr: 10.0.0.254\n")
    tape.expect(*me, "-link", "-g", out=f"link status: {link}\n")
    tape.expect(*me, "-net_health", "-g", out="net health status: Success\n")


def ask(tape, device, *words, **answer):
    """Expect one call for a device."""
    tape.expect("hccn_tool", "-i", str(device), *words, **answer)


def test_every_device_is_read(tape, run_module):
    answers(tape, 0)
    answers(tape, 3, link="DOWN")
    result = run_module(hccn_info, devices=[0, 3])
    assert result["devices"][0] == {
        "id": 0,
        "address": "10.0.0.1",
        "prefix": 24,
        "gateway": "10.0.0.254",
        "detection_address": "10.0.0.254",
        "link": "UP",
        "health": "Success",
        "reason": None,
        "reasons": {},
    }
    assert (result["devices"][1]["id"], result["devices"][1]["link"]) == (3, "DOWN")
    assert result["changed"] is False


def test_a_device_without_any_value_is_all_null_and_says_why(tape, run_module):
    ask(tape, 0, "-ip", "-g", err=NO_ADDRESS, rc=13)
    ask(tape, 0, "-gateway", "-g", err="Get gateway failed, because no gateway was preset there!\n", rc=2)
    ask(tape, 0, "-netdetect", "-g", out="netdetect addr: 0.0.0.0\n")
    ask(tape, 0, "-link", "-g", out="link status: UP\n")
    ask(tape, 0, "-net_health", "-g", out="net health status: Init\n")
    device = run_module(hccn_info, devices=[0])["devices"][0]
    assert [device[name] for name in ("address", "prefix", "gateway", "detection_address")] == [None] * 4
    assert device["health"] == "Init"
    assert device["reason"] is None
    assert device["reasons"] == {
        "address": "no address is set",
        "prefix": "no address is set",
        "gateway": "no gateway is set",
        "detection_address": "no detection address is set",
    }


def test_a_device_that_does_not_answer_has_a_reason_and_the_others_are_read(tape, run_module):
    ask(tape, 1, "-ip", "-g", err="The device is not exist!\n", rc=4)
    answers(tape, 2)
    lost, good = run_module(hccn_info, devices=[1, 2])["devices"]
    assert "device 1" in lost["reason"]
    assert "lspci" in lost["reason"]
    assert lost["link"] is None
    assert good["link"] == "UP"


@pytest.mark.parametrize(
    "error", ["Get device health status failed!", "hccn_tool is busy, please try again."]
)
def test_a_device_that_hangs_is_asked_once_only(tape, run_module, error):
    ask(tape, 1, "-ip", "-g", err=f"{error}\n", rc=3)
    (device,) = run_module(hccn_info, devices=[1], busy_retries=0)["devices"]
    assert error in device["reason"]


def test_a_device_that_the_host_does_not_have_has_a_reason_when_it_is_named(tape, run_module):
    ask(tape, 9, "-ip", "-g", err=UNKNOWN, rc=4)
    (device,) = run_module(hccn_info, devices=[9])["devices"]
    assert "npu-smi info -m" in device["reason"]


def test_all_devices_are_read_until_the_first_unknown_id(tape, run_module):
    for device in (0, 1):
        ask(tape, device, "-link", "-g", out="link status: UP\n")
    ask(tape, 2, "-link", "-g", err=UNKNOWN, rc=4)
    result = run_module(hccn_info, gather_subset=["link"])
    assert [device["id"] for device in result["devices"]] == [0, 1]


def test_a_host_without_any_device_fails_with_what_to_do(tape, run_module):
    for _turn in range(2):
        ask(tape, 0, "-ip", "-g", err=UNKNOWN, rc=4)
    result = run_module(hccn_info)
    assert result["failed"]
    assert "reboot after a new driver" in result["msg"]


def test_only_what_is_asked_for_is_asked_in_a_fixed_order(tape, run_module):
    ask(tape, 0, "-speed", "-g", out="Speed: Unknown!\n")
    ask(tape, 0, "-mtu", "-g", out="mtu:1500\n")
    (device,) = run_module(hccn_info, devices=[0], gather_subset=["mtu", "speed", "mtu"])["devices"]
    assert set(device) == {"id", "speed_mbps", "mtu_bytes", "reason", "reasons"}
    assert (device["speed_mbps"], device["mtu_bytes"]) == (None, 1500)
    assert "link is down" in device["reasons"]["speed_mbps"]


def test_a_line_that_is_not_understood_is_quoted_and_the_other_facts_are_read(tape, run_module):
    ask(tape, 0, "-link", "-g", out="link state is good\n")
    ask(tape, 0, "-mtu", "-g", out="mtu:1500\n")
    (device,) = run_module(hccn_info, devices=[0], gather_subset=["link", "mtu"])["devices"]
    assert device["link"] is None
    assert "'link state is good'" in device["reasons"]["link"]
    assert "-link -g" in device["reasons"]["link"]
    assert device["mtu_bytes"] == 1500


def test_tls_is_asked_only_where_the_query_writes_nothing(tape, run_module, tmp_path):
    file = tmp_path / "hccn.conf"
    file.write_text("tls_enable_1=0\n", encoding="utf-8")
    ask(tape, 1, "-tls", "-g", out=TLS.format(1))
    result = run_module(hccn_info, devices=[0, 1], gather_subset=["tls"], path=str(file))
    lacking, asked = result["devices"]
    assert lacking["tls"] is None
    assert "has no tls_enable_0" in lacking["reasons"]["tls"]
    assert asked["tls"] == {"enabled": False, "preset": True, "alarm_days": 60, "certificates": []}


def test_tls_is_asked_where_there_is_no_file_to_write_to(tape, run_module, tmp_path):
    ask(tape, 0, "-tls", "-g", out=TLS.format(0))
    path = str(tmp_path / "missing")
    (device,) = run_module(hccn_info, devices=[0], gather_subset=["tls"], path=path)["devices"]
    assert device["tls"]["preset"] is True


def test_pings_are_counted_and_one_that_is_refused_has_a_reason(tape, run_module):
    ask(tape, 0, "-link", "-g", out="link status: UP\n")
    lines = "device 0 PING 10.0.0.9\nrecv seq=0,time=0.050000ms\nrecv time out seq=1\n"
    end = "2 packets transmitted, 1 received, 50.00% packet loss\n"
    ask(tape, 0, "-ping", "-g", "address", "10.0.0.9", out=lines + end)
    ask(tape, 1, "-ping", "-g", "address", "10.0.0.8", err=NO_ADDRESS, rc=13)
    pings = [{"id": 0, "address": "10.0.0.9"}, {"id": 1, "address": "10.0.0.8"}]
    result = run_module(hccn_info, devices=[0], gather_subset=["link"], pings=pings)
    nothing = {"sent": None, "received": None, "mean_ms": None}
    assert result["pings"] == [
        {"id": 0, "address": "10.0.0.9", "sent": 2, "received": 1, "mean_ms": 0.05, "reason": None},
        {"id": 1, "address": "10.0.0.8", **nothing, "reason": "no address is set"},
    ]


def test_the_tool_of_a5_is_refused(tape, run_module):
    ask(tape, 0, "-ip", "-g", out="Usage\n        hccn_tool -mode -cmd -npu_info [-options]\n")
    result = run_module(hccn_info, devices=[0])
    assert result["failed"]
    assert "A5 (950)" in result["msg"]


def test_a_host_without_the_program_is_told_what_to_do(tape, run_module):
    tape.only_programs("npu-smi")
    result = run_module(hccn_info, devices=[0])
    assert result["failed"]
    assert "install the NPU driver" in result["msg"]
