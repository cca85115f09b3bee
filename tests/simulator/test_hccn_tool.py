# SPDX-License-Identifier: GPL-3.0-or-later
"""What the simulated hccn_tool does beyond the replayed session: faults, users, orders of several calls."""

from __future__ import annotations

import fcntl
import io
import stat
import threading
import time

import pytest
from npu_simulator.hccn_tool import main
from npu_simulator.state import Node

OK = "Cmd executed successfully!\n"
NET = "255.255.255.0"


class Tool:
    """The program on one node, with the clock in the test's hands."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.slept = 0.0
        self.file = node.path("/etc/hccn.conf")
        self.file.touch()
        with node.change() as state:
            state["running"]["driver"] = "23.0.6"

    def __call__(self, line: str, stdin: str = "", uid: int = 0) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        node = Node(self.node.root, uid=uid)
        status = main(line.split(), node, io.StringIO(stdin), out, err)
        return status, out.getvalue(), err.getvalue()

    def address(self, phy_id: int, address: str) -> int:
        return self(f"-i {phy_id} -ip -s address {address} netmask {NET}")[0]

    def fault(self, **faults) -> None:
        with self.node.change() as state:
            state["faults"] = faults

    def sleep(self, seconds: float) -> None:
        self.slept += seconds


@pytest.fixture
def tool(node, monkeypatch):
    made = Tool(node)
    monkeypatch.setattr(time, "sleep", made.sleep)
    return made


@pytest.fixture
def tool_910a(node_910a, monkeypatch):
    made = Tool(node_910a)
    monkeypatch.setattr(time, "sleep", made.sleep)
    return made


@pytest.fixture
def any_tool(any_node, monkeypatch):
    made = Tool(any_node)
    monkeypatch.setattr(time, "sleep", made.sleep)
    return made


def test_without_a_loaded_driver_there_is_no_device(any_tool):
    with any_tool.node.change() as state:
        state["running"]["driver"] = None
    assert any_tool("-i 0 -ip -g") == (4, "", "Get invalid device id.\n")
    assert any_tool("-a -cfg recovery")[0] == 1


def test_a_shift_of_addresses_works_only_from_the_top(any_tool):
    for phy_id in range(4):
        assert any_tool.address(phy_id, f"172.16.5.{phy_id + 1}") == 0
    assert any_tool.address(0, "172.16.5.2") == 7
    assert [any_tool.address(phy_id, f"172.16.5.{phy_id + 2}") for phy_id in (3, 2, 1, 0)] == [0, 0, 0, 0]


def test_a_conflict_is_seen_in_the_live_values_never_in_the_file(tool):
    tool.file.write_text(f"address_1=172.16.5.9\nnetmask_1={NET}\n")
    assert tool.address(0, "172.16.5.9") == 0
    status, out, err = tool("-i 1 -cfg recovery")
    assert (status, err) == (1, "Cmd execute failed!\n")
    assert out.startswith("Recovery failed. Check")
    assert tool.slept == 3
    assert tool("-i 1 -cfg status")[1] == "config status:FAIL\n"


def test_recovery_of_all_goes_on_after_a_failure_and_tells_each(tool):
    tool.file.write_text(f"address_5=192.168.1.5\nnetmask_5={NET}\naddress_6=172.16.5.6\nnetmask_6={NET}\n")
    tool.fault(npu_gone=[2])
    status, out, err = tool("-a -cfg recovery")
    assert (status, err) == (1, "dev:5 recovery fail\nCommand execute failed!\n")
    done = [line for line in out.splitlines() if line.startswith("dev:")]
    assert done == [f"dev:{phy_id} recovery success" for phy_id in (0, 1, 3, 4, 6, 7)]
    assert tool("-i 6 -ip -g")[1] == f"ipaddr:172.16.5.6\nnetmask:{NET}\n"


def test_a_device_that_ignores_orders_says_ok_and_the_file_lies(tool):
    tool.address(0, "172.16.5.1")
    tool.fault(hccn_ignores_set=[0])
    assert tool(f"-i 0 -ip -s address 172.16.5.7 netmask {NET}") == (0, OK, "")
    assert tool("-i 0 -ip -g")[1] == f"ipaddr:172.16.5.1\nnetmask:{NET}\n"
    assert "address_0=172.16.5.7\n" in tool.file.read_text()


def test_busy_is_answered_as_often_as_told(tool):
    tool.address(0, "172.16.5.1")
    tool.fault(hccn_busy={"0": 2})
    answers = [tool("-i 0 -ip -g")[0] for _call in range(3)]
    assert answers == [11, 11, 0]
    tool.fault(hccn_busy={"1": 1})
    assert tool.address(1, "172.16.5.2") == 11
    assert tool.address(1, "172.16.5.2") == 0


def test_a_device_that_hides_its_health_takes_300_seconds(tool):
    tool.fault(npu_dead=[3])
    assert tool("-i 3 -link -g") == (3, "", "Get device health status failed!\n")
    assert tool.slept == 300


def test_on_910a_a_lost_device_blocks_every_gateway(tool_910a):
    tool_910a.address(0, "172.16.5.1")
    tool_910a.fault(npu_gone=[6])
    assert tool_910a("-i 0 -gateway -s gateway 172.16.5.254")[0] == 4


def test_on_910a_a_group_of_four_has_one_gateway(tool_910a):
    for phy_id in (1, 2, 5):
        tool_910a.address(phy_id, f"172.16.{phy_id}.1")
    for phy_id in (1, 2, 5):
        assert tool_910a(f"-i {phy_id} -gateway -s gateway 172.16.{phy_id}.254")[0] == 0
    assert tool_910a("-i 1 -gateway -g")[1] == "default gateway:172.16.2.254, Iface:eth2\n"
    assert tool_910a("-i 6 -gateway -g")[1] == "default gateway:172.16.5.254, Iface:eth5\n"
    saved = [line for line in tool_910a.file.read_text().splitlines() if line.startswith("gateway")]
    assert saved == ["gateway_2=172.16.2.254", "gateway_5=172.16.5.254"]


def test_a_cut_cable_cannot_be_ordered_up(tool):
    tool.address(0, "172.16.5.1")
    tool("-i 0 -netdetect -s address 172.16.5.254")
    assert tool("-i 0 -net_health -g")[1] == "net health status: Success\n"
    tool.fault(link_down=[0])
    assert tool("-i 0 -link -s up")[0] == 0
    assert tool("-i 0 -link -g")[1] == "link status: DOWN\n"
    assert tool("-i 0 -net_health -g")[1] == "net health status: Unreachable\n"
    assert tool("-i 1 -link -g")[1] == "link status: UP\n"


def test_a_detection_address_out_of_reach_is_unreachable_until_a_gateway_is_set(tool):
    tool.address(0, "172.16.5.1")
    tool("-i 0 -netdetect -s address 172.16.9.9")
    assert tool("-i 0 -net_health -g")[1] == "net health status: Unreachable\n"
    tool("-i 0 -gateway -s gateway 172.16.5.254")
    assert tool("-i 0 -net_health -g")[1] == "net health status: Success\n"


def test_link_up_is_done_although_the_replay_fails(tool):
    tool("-i 0 -link -s down", stdin="y\n")
    tool.file.write_text("mtu_0=99999\n")
    status, out, err = tool("-i 0 -link -s up")
    assert (status, err) == (1, "Cmd execute failed!\n")
    assert out.startswith("Link up executed, but recovery failed")
    assert tool("-i 0 -link -g")[1] == "link status: UP\n"


def test_every_setting_comes_back_after_a_boot(tool):
    for line in (
        f"-ip -s address 172.16.5.1 netmask {NET}",
        "-gateway -s gateway 172.16.5.254",
        "-netdetect -s address 172.16.5.254",
        "-mtu -s size 4200",
        "-mac -s mac 02:00:00:00:00:42",
        "-tls -s enable 0",
        "-route -a address 172.20.0.0 netmask 255.255.0.0 gateway 172.16.5.253",
        "-arp -a dev eth0 ip 172.16.5.9 mac 02:00:00:00:00:09",
        "-ip -inet6 -s ipv6_address fd00::42 prefix_length 64",
        "-gateway -inet6 -s ipv6_gateway fd00::1",
        "-netdetect -inet6 -s ipv6_address fd00::1",
    ):
        assert tool(f"-i 0 {line}")[0] == 0, line
    before = tool.node.read()["npus"][0]["live"]
    with tool.node.change() as state:
        state["npus"][0]["live"] = state["npus"][1]["live"]
    assert tool("-i 0 -ip -g")[0] == 13
    assert tool("-i 0 -cfg recovery") == (0, OK, "")
    assert tool.node.read()["npus"][0]["live"] == {**before, "config_status": "SUCCESS"}


def test_a_user_may_read_and_may_not_set(any_tool):
    any_tool.address(0, "172.16.5.1")
    before = any_tool.node.read()
    assert any_tool("-i 0 -ip -g", uid=1000)[0] == 0
    for order in ("-netdetect -s address 172.16.5.2", "-mtu -s size 4200", "-link -s up", "-tls -s enable 0"):
        denied = (12, "", "permission denied: pls check this cmd run permission.\n")
        assert any_tool(f"-i 0 {order}", uid=1000) == denied
    assert any_tool.node.read() == before


def test_the_file_keeps_inode_and_mode(tool):
    tool.file.chmod(0o640)
    before = tool.file.stat()
    tool.address(0, "172.16.5.1")
    after = tool.file.stat()
    assert (after.st_ino, stat.S_IMODE(after.st_mode)) == (before.st_ino, 0o640)


def test_a_missing_file_is_not_made_and_most_orders_change_the_device_all_the_same(tool):
    tool.address(0, "172.16.5.1")
    tool.file.unlink()
    assert tool("-i 0 -mtu -s size 4000")[0] == 29
    assert tool("-i 0 -mtu -g")[1] == "mtu:4000\n"
    assert tool.address(0, "172.16.5.2") == 29
    assert tool("-i 0 -ip -g")[1].startswith("ipaddr:172.16.5.1\n")
    refused = tool("-i 0 -arp -a dev eth0 ip 172.16.5.9 mac 02:00:00:00:00:09")
    assert (refused[0], refused[2].startswith("Open file failed")) == (3, True)
    assert not tool.file.exists()


@pytest.mark.parametrize(
    ("line", "status", "text"),
    [
        ("-i 0 -ip -inet6 -s ipv6_address nonsense prefix_length 64", 6, "The ip address you configured"),
        ("-i 0 -ip -inet6 -s ipv6_address fd00::1 prefix_length 129", 6, "The ip address you configured"),
        ("-i 0 -gateway -inet6 -g", 2, "Get gateway failed"),
        ("-i 0 -link -s down extra", 4, "The total count of input parameters is wrong!"),
        ("-i 0 -net_health", 4, "The total count of input parameters is wrong!"),
        ("-i 0 -net_health -s", 3, "Get unknown option!"),
        ("-i 0 -tls -s alarm 181", 15, "Get invalid alarm time!"),
        ("-i 0 " + "x" * 901, 5, "Get invalid input param len."),
        ("-i 0 -ip " + "x " * 70, 2, "Get invalid major cmd number."),
        ("-i 0", 3, "Get invalid major cmd."),
        ("-i 99 -foo", 3, "Get invalid major cmd."),
    ],
)
def test_wrong_words_are_told(tool, line, status, text):
    found, _out, err = tool(line)
    assert (found, err.startswith(text)) == (status, True)


def test_help_lists_the_commands(tool):
    status, out, err = tool("-h")
    assert (status, err) == (0, "")
    assert out.startswith("hccn_tool -i devid -ip\n   [-inet6]")
    assert "hccn_tool -a  -cfg\n    recovery" in out
    assert "-hccs_ping" in out
    assert tool("--help") == (0, out, "")


def test_help_of_910a_leaves_out_what_only_910b_has(tool_910a):
    assert "-hccs_ping" not in tool_910a("-h")[1]


def test_a_set_waits_for_the_lock_and_a_get_does_not(tool):
    tool.address(0, "172.16.5.1")
    stream = tool.file.open()
    fcntl.flock(stream, fcntl.LOCK_EX)
    assert tool("-i 0 -ip -g")[0] == 0
    released = threading.Event()
    threading.Timer(0.2, lambda: (released.set(), stream.close())).start()
    assert tool.address(0, "172.16.5.2") == 0
    assert released.is_set()


def test_a_ping_follows_the_net(tool):
    tool.address(0, "172.16.5.1")
    tool.address(1, "172.16.5.2")
    assert "3 received, 0.00% packet loss" in tool("-i 0 -ping -g address 172.16.5.2")[1]
    assert "0 received, 100.00% packet loss" in tool("-i 0 -ping -g address 172.16.9.2 pkt 64")[1]
    assert tool("-i 0 -ping -g address 172.16.5.2 pkt 70000")[0] == 1
