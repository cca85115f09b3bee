# SPDX-License-Identifier: GPL-3.0-or-later
"""hccn_info against an exact list of calls."""

from __future__ import annotations

from ansible_collections.ascend.fleet.plugins.modules import hccn_info


def answers(tape, device, link="UP"):
    """Expect the calls for one device that has everything."""
    me = ("hccn_tool", "-i", str(device))
    tape.expect(*me, "-ip", "-g", out=f"ipaddr:10.0.0.{device + 1}\nnetmask:255.255.255.0\n")
    tape.expect(*me, "-gateway", "-g", out="default gateway:10.0.0.254, Iface:eth0\n")
    tape.expect(*me, "-netdetect", "-g", out="netdetect addr: 10.0.0.254\n")
    tape.expect(*me, "-link", "-g", out=f"link status: {link}\n")
    tape.expect(*me, "-net_health", "-g", out="net health status: Success\n")


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
    }
    assert (result["devices"][1]["id"], result["devices"][1]["link"]) == (3, "DOWN")
    assert result["changed"] is False


def test_a_device_without_any_value_is_all_null(tape, run_module):
    me = ("hccn_tool", "-i", "0")
    tape.expect(*me, "-ip", "-g", err="Get ipconf failed, because no ip was preset there!\n", rc=13)
    tape.expect(*me, "-gateway", "-g", err="Get gateway failed, because no gateway was preset there!\n", rc=2)
    tape.expect(*me, "-netdetect", "-g", out="netdetect addr: 0.0.0.0\n")
    tape.expect(*me, "-link", "-g", out="link status: UP\n")
    tape.expect(*me, "-net_health", "-g", out="net health status: Init\n")
    device = run_module(hccn_info, devices=[0])["devices"][0]
    assert [device[name] for name in ("address", "prefix", "gateway", "detection_address")] == [None] * 4
    assert device["health"] == "Init"


def test_a_device_that_does_not_answer_has_a_reason_and_the_others_are_read(tape, run_module):
    tape.expect("hccn_tool", "-i", "1", "-ip", "-g", err="The device is not exist!\n", rc=4)
    answers(tape, 2)
    lost, good = run_module(hccn_info, devices=[1, 2])["devices"]
    assert "1" in lost["reason"]
    assert lost["link"] is None
    assert good["link"] == "UP"


def test_a_host_without_the_program_is_told_what_to_do(tape, run_module):
    tape.only_programs("npu-smi")
    result = run_module(hccn_info, devices=[0])
    assert result["failed"]
    assert "install the NPU driver" in result["msg"]
