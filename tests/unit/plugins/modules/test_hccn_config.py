# SPDX-License-Identifier: GPL-3.0-or-later
"""The module against a tape: which calls it makes, in which order, and what it says."""

from __future__ import annotations

import stat

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_device
from ansible_collections.ascend.fleet.plugins.modules import hccn_config

DONE = "Cmd executed successfully!\n"
BUSY = "hccn_tool is busy, please try again.\n"
NO_ADDRESS = "Get ipconf failed, because no ip was preset there!\n"
NO_GATEWAY = "Get gateway failed, because no gateway was preset there!\n"
INVALID = "Get invalid device id.\n"
GONE = "The device is not exist!\n"
CONFLICT = "The ip address configured is conflicted!\n"

WANTED = {
    "id": 0,
    "address": "10.20.1.1",
    "prefix": 16,
    "gateway": "10.20.0.1",
    "detection_address": "10.20.0.1",
}
SAVED = "address_0=10.20.1.1\nnetmask_0=255.255.0.0\ngateway_0=10.20.0.1\nnetdetect_0=10.20.0.1\n"
ACTIONS = [
    "set the address of device 0 to 10.20.1.1/16",
    "set the gateway of device 0 to 10.20.0.1",
    "set the detection address of device 0 to 10.20.0.1",
]


class Device:
    """Put the calls for one device on the tape."""

    def __init__(self, tape, number=0):
        self.tape = tape
        self.number = str(number)

    def call(self, *words, **answer):
        self.tape.expect("hccn_tool", "-i", self.number, *words, **answer)

    def has(self, address=None, mask="255.255.0.0", gateway=None, detection=None):
        """Expect the queries of one reading; ``detection`` None: it is not asked for."""
        if address:
            self.call("-ip", "-g", out=f"ipaddr:{address}\nnetmask:{mask}\n")
        else:
            self.call("-ip", "-g", err=NO_ADDRESS, rc=13)
        if gateway:
            self.call("-gateway", "-g", out=f"default gateway:{gateway}, Iface:eth0\n")
        else:
            self.call("-gateway", "-g", err=NO_GATEWAY, rc=2)
        if detection:
            self.call("-netdetect", "-g", out=f"netdetect addr: {detection}\n")

    def takes(self, *words, out=DONE, **answer):
        self.call(*words, out=out, **answer)

    def takes_all(self):
        self.takes("-ip", "-s", "address", "10.20.1.1", "netmask", "255.255.0.0")
        self.takes("-gateway", "-s", "gateway", "10.20.0.1")
        self.takes("-netdetect", "-s", "address", "10.20.0.1")

    def has_all(self):
        self.has("10.20.1.1", gateway="10.20.0.1", detection="10.20.0.1")


@pytest.fixture
def device(tape):
    return Device(tape)


@pytest.fixture
def no_others(tape):
    """End the list of devices after the one that is wanted."""
    return lambda number=1: Device(tape, number).call("-ip", "-g", err=INVALID, rc=4)


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    pauses = []
    monkeypatch.setattr(_hccn_device.time, "sleep", pauses.append)
    return pauses


@pytest.fixture(autouse=True)
def warned(monkeypatch):
    """Catch warnings: ansible-core keeps them for the whole process."""
    warned = []
    monkeypatch.setattr(hccn_config.AnsibleModule, "warn", lambda _module, text: warned.append(text))
    return warned


@pytest.fixture
def conf(tmp_path):
    path = tmp_path / "hccn.conf"
    path.write_text("")
    return path


@pytest.fixture
def run(run_module, conf):
    def run(*devices, **options):
        return run_module(hccn_config, devices=list(devices) or [WANTED], path=str(conf), **options)

    return run


def test_a_bare_device_gets_all_values_and_is_read_again(device, no_others, run, conf, monkeypatch):
    device.has(detection="0.0.0.0")
    no_others()
    device.takes_all()
    device.has_all()
    no_others()
    orders = _hccn_device.DeviceNetwork.apply

    def apply(network, step):
        orders(network, step)
        conf.write_text(SAVED)  # what the tool does

    monkeypatch.setattr(_hccn_device.DeviceNetwork, "apply", apply)
    result = run()
    assert result["changed"]
    assert result["actions"] == ACTIONS
    nothing = {"address": None, "prefix": None, "gateway": None, "detection_address": None}
    everything = {
        "address": "10.20.1.1",
        "prefix": 16,
        "gateway": "10.20.0.1",
        "detection_address": "10.20.0.1",
    }
    assert result["before"] == [{"id": 0, "live": nothing, "saved": nothing}]
    assert result["after"] == [{"id": 0, "live": everything, "saved": everything}]
    assert result["diff"] == {
        "before": "device 0: no address\n",
        "after": "device 0: 10.20.1.1/16, gateway 10.20.0.1, detection address 10.20.0.1\n",
    }


def test_check_mode_tells_the_whole_plan_and_gives_no_order(device, no_others, run):
    device.has(detection="0.0.0.0")
    no_others()
    result = run(_ansible_check_mode=True)
    assert result["changed"]
    assert result["actions"] == ACTIONS
    assert result["after"][0]["saved"]["gateway"] == "10.20.0.1"
    assert (
        result["diff"]["after"] == "device 0: 10.20.1.1/16, gateway 10.20.0.1, detection address 10.20.0.1\n"
    )


def test_what_is_there_costs_the_queries_and_nothing_else(device, run, conf):
    conf.write_text(SAVED)
    device.has_all()
    result = run()
    assert not result["changed"]
    assert result["actions"] == []
    assert result["before"] == result["after"]
    assert result["diff"]["before"] == result["diff"]["after"]


def test_a_converged_host_of_eight_costs_two_queries_for_each_device(tape, run, conf):
    wishes = []
    for number in range(8):
        wishes.append(
            {"id": number, "address": f"10.20.1.{number + 1}", "prefix": 16, "gateway": "10.20.0.1"}
        )
        Device(tape, number).has(f"10.20.1.{number + 1}", gateway="10.20.0.1")
        with conf.open("a") as file:
            file.write(f"address_{number}=10.20.1.{number + 1}\nnetmask_{number}=255.255.0.0\n")
            file.write(f"gateway_{number}=10.20.0.1\n")
    assert not run(*wishes)["changed"]


def test_an_order_that_is_ignored_fails_with_device_wanted_and_found(device, no_others, run, conf):
    conf.write_text(SAVED.replace("10.20.1.1", "10.20.1.9"))
    device.has("10.20.1.9", gateway="10.20.0.1", detection="10.20.0.1")
    no_others()
    device.takes("-ip", "-s", "address", "10.20.1.1", "netmask", "255.255.0.0")
    device.has("10.20.1.9", gateway="10.20.0.1", detection="10.20.0.1")
    no_others()
    result = run()
    assert result["failed"]
    assert (
        "device 0: wanted address 10.20.1.1/16, found 10.20.1.9/16 on the device and 10.20.1.9/16 in"
        in result["msg"]
    )
    assert "hccn_config.log, reboot the host, then run again" in result["msg"]


def test_a_busy_answer_is_tried_again(device, run, conf, pauses):
    conf.write_text(SAVED)
    for _turn in range(2):
        device.call("-ip", "-g", out=BUSY, rc=11)
    device.has_all()
    assert not run()["changed"]
    assert pauses == [1, 1]


def test_a_tool_that_stays_busy_is_an_error(device, run, pauses):
    for _turn in range(3):
        device.call("-ip", "-g", out=BUSY, rc=11)
    result = run(busy_retries=2)
    assert result["msg"].startswith("device 0: hccn_tool said 'hccn_tool is busy, please try again.'")
    assert (result["rc"], result["cmd"]) == (11, ["hccn_tool", "-i", "0", "-ip", "-g"])
    assert pauses == [1, 1]


def test_a_busy_order_is_tried_again(device, run, conf):
    conf.write_text(SAVED)
    device.has("10.20.1.1", gateway="10.20.0.1", detection="0.0.0.0")
    device.call("-netdetect", "-s", "address", "10.20.0.1", out=BUSY, rc=11)
    device.takes("-netdetect", "-s", "address", "10.20.0.1")
    device.has_all()
    assert run()["actions"] == ACTIONS[2:]


def test_a_refused_order_stops_at_once(device, no_others, run):
    device.has(detection="0.0.0.0")
    no_others()
    device.takes("-ip", "-s", "address", "10.20.1.1", "netmask", "255.255.0.0", out="", err=CONFLICT, rc=7)
    result = run()
    assert result["failed"]
    assert result["msg"].startswith(
        "could not set the address of device 0 to 10.20.1.1/16; "
        "device 0: hccn_tool said 'The ip address configured is conflicted!'; another device of its group"
    )
    assert result["stderr"] == CONFLICT


def test_a_device_that_is_gone_is_an_error_with_what_to_do(device, run):
    device.call("-ip", "-g", err=GONE, rc=4)
    result = run()
    assert "device 0: hccn_tool said 'The device is not exist!'; an NPU is off the bus" in result["msg"]


def test_a_device_that_does_not_exist_is_an_error_with_what_to_do(device, run):
    device.call("-ip", "-g", err=INVALID, rc=4)
    assert "this host has no such device, or its driver is not loaded" in run()["msg"]


def test_a_device_that_does_not_answer_is_an_error_with_what_to_do(device, run):
    device.call("-ip", "-g", rc=124)
    result = run()
    assert result["msg"].startswith(
        "device 0: hccn_tool gave no answer within 30 s; either an NPU does not tell"
    )
    assert result["rc"] == 124


def test_all_that_is_wrong_is_refused_at_once_and_costs_one_query_for_each_id(tape, run):
    for number, answer in (
        (0, {"out": "ipaddr:10.20.1.9\nnetmask:255.255.0.0\n"}),
        (1, {"err": GONE, "rc": 4}),
    ):
        Device(tape, number).call("-ip", "-g", **answer)
    Device(tape, 9).call("-ip", "-g", err=INVALID, rc=4)
    unknown = {"id": 9, "address": "10.20.0.9", "prefix": 24}
    result = run({**WANTED, "address": "10.20.0.0"}, {"id": 1, "address": "127.0.0.1", "prefix": 8}, unknown)
    assert result["failed"]
    assert "device 0: address 10.20.0.0 is the address of the net" in result["msg"]
    assert "device 1: address 127.0.0.1 is a loopback address" in result["msg"]
    assert "devices 0 and 9 are in nets that overlap, 10.20.0.0/16 and 10.20.0.0/24" in result["msg"]
    assert "device 1: hccn_tool said 'The device is not exist!'" in result["msg"]
    assert "device 9: hccn_tool said 'Get invalid device id.'" in result["msg"]


def test_the_address_of_a_device_outside_the_list_is_refused_before_the_first_order(tape, device, run, conf):
    conf.write_text(SAVED)
    device.has_all()
    Device(tape, 1).call("-ip", "-g", out="ipaddr:10.20.1.2\nnetmask:255.255.0.0\n")
    Device(tape, 2).call("-ip", "-g", err=INVALID, rc=4)
    result = run({**WANTED, "address": "10.20.1.2"})
    assert "device 0 wants 10.20.1.2, but device 1, which is not in the list, has it live" in result["msg"]


def test_a_device_outside_the_list_that_is_gone_is_told(tape, no_others, run, conf, warned):
    Device(tape).has(detection="0.0.0.0")
    Device(tape, 1).call("-ip", "-g", err=GONE, rc=4)
    no_others(2)
    assert run(_ansible_check_mode=True)["changed"]
    assert warned == ["device 1, which is not in the list, is off the bus; see `npu-smi info -l`"]


def test_without_the_tool_a_real_run_fails_with_what_to_do(tape, run):
    tape.only_programs()
    assert run()["msg"] == "hccn_tool is not on this host; install the NPU driver first, which brings it"


def test_without_the_tool_check_mode_plans_for_empty_devices_and_says_so(tape, run, conf, warned):
    tape.only_programs()
    conf.unlink()
    result = run(_ansible_check_mode=True)
    assert result["actions"] == ACTIONS  # the driver's installer makes the file
    assert len(warned) == 1
    assert warned[0].startswith("hccn_tool is not on this host yet, so the plan is made for devices without")
    assert result["diff"]["before"] == "device 0: no address\n"
    assert not conf.exists()


def test_check_mode_tells_that_a_missing_file_will_be_created(device, no_others, run, conf):
    conf.unlink()
    device.has(detection="0.0.0.0")
    no_others()
    result = run(_ansible_check_mode=True)
    assert result["actions"] == [f"create {conf}, empty, owned by root, mode 0640", *ACTIONS]
    assert result["diff"]["before"] == f"{conf}: missing\ndevice 0: no address\n"
    assert not conf.exists()


def test_a_missing_file_is_created_before_the_first_order(device, no_others, run, conf):
    conf.unlink()
    device.has(detection="0.0.0.0")
    no_others()
    device.takes("-ip", "-s", "address", "10.20.1.1", "netmask", "255.255.0.0", out="", err=CONFLICT, rc=7)
    assert run()["failed"]
    assert conf.read_text() == ""
    assert stat.S_IMODE(conf.stat().st_mode) == 0o640


def test_an_open_last_line_is_closed_and_that_is_all(device, run, conf):
    conf.write_text(SAVED[:-1])
    for _reading in range(2):
        device.has_all()
    result = run()
    assert result["actions"] == [f"repair {conf}: the last line has no line end"]
    assert conf.read_text() == SAVED
    assert result["diff"]["before"].splitlines()[0] == f"{conf}: the last line has no line end"
    assert result["diff"]["after"] == result["diff"]["before"].split("\n", 1)[1]


def test_odd_lines_of_the_file_are_told(device, run, conf, warned):
    conf.write_text(f"{SAVED}address_0=10.20.1.99\n")
    device.has_all()
    result = run()
    assert not result["changed"]
    assert warned == [f"{conf}: address_0 stands there more than once; hccn_tool takes the first"]


def test_a_replay_after_a_boot_is_waited_for(device, run, conf, pauses):
    conf.write_text(SAVED)
    device.has(detection="0.0.0.0")
    device.call("-cfg", "status", out="config status:START\n")
    device.call("-cfg", "status", out="config status:SUCCESS\n")
    device.has_all()
    assert not run()["changed"]
    assert pauses == [1]


def test_a_replay_that_never_ends_is_an_error(device, run, conf):
    conf.write_text(SAVED)
    device.has(detection="0.0.0.0")
    for _turn in range(3):
        device.call("-cfg", "status", out="config status:START\n")
    result = run(replay_timeout=2)
    assert f"device 0: the replay of {conf} that a boot starts still runs after 2 s" in result["msg"]


def test_a_gateway_that_is_lost_is_told(device, no_others, run, conf, warned):
    conf.write_text(SAVED)
    device.has("10.20.1.1", gateway="10.20.0.1")
    no_others()
    result = run({"id": 0, "address": "10.40.0.1", "prefix": 24}, _ansible_check_mode=True)
    assert "device 0 loses its gateway 10.20.0.1" in warned[0]
    assert result["after"][0]["live"]["gateway"] is None


def test_one_gateway_for_a_group_of_four(tape, run, conf):
    conf.write_text("gateway_1=10.20.0.1\n")
    wishes = []
    for number in range(4):
        address = f"10.20.1.{number + 1}"
        wishes.append({"id": number, "address": address, "prefix": 16, "gateway": "10.20.0.1"})
        Device(tape, number).has(address, gateway="10.20.0.1")
        with conf.open("a") as file:
            file.write(f"address_{number}={address}\nnetmask_{number}=255.255.0.0\n")
    assert not run(*wishes, gateway_scope="group")["changed"]
