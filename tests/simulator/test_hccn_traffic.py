# SPDX-License-Identifier: GPL-3.0-or-later
"""What the simulated hccn_tool knows of traffic, tables, history and modules beyond the transcripts."""

from __future__ import annotations

import io

import pytest
from npu_simulator import control
from npu_simulator.hccn_tool import main
from npu_simulator.live import fresh_live

OK = "Cmd executed successfully!\n"


class Tool:
    def __init__(self, node):
        self.node = node
        self.file = node.path("/etc/hccn.conf")
        self.file.touch()
        with node.change() as state:
            state["running"]["driver"] = "23.0.6"

    def __call__(self, line, stdin=""):
        out, err = io.StringIO(), io.StringIO()
        status = main(line.split(), self.node, io.StringIO(stdin), out, err)
        return status, out.getvalue(), err.getvalue()

    def text(self):
        return self.file.read_text(encoding="utf-8")

    def reboot(self):
        with self.node.change() as state:
            for npu in state["npus"]:
                npu["live"] = fresh_live()


@pytest.fixture
def tool(node):
    return Tool(node)


@pytest.fixture
def tool_910a(node_910a):
    return Tool(node_910a)


def survives(tool, order, question, answer, saved):
    """Set something, read it, and read it again after a boot has replayed the file."""
    assert tool(f"-i 2 {order}") == (0, OK, "")
    assert answer in tool(f"-i 2 {question}")[1]
    assert saved in tool.text().splitlines()
    tool.reboot()
    assert answer not in tool(f"-i 2 {question}")[1]
    assert tool("-i 2 -cfg recovery")[0] == 0
    assert answer in tool(f"-i 2 {question}")[1]


@pytest.mark.parametrize(
    ("order", "question", "answer", "saved"),
    [
        (
            "-pfc -s bitmap 0,0,0,0,1,0,0,0",
            "-pfc -g",
            "enabled    0 0 0 0 1 0 0 0",
            "bitmap_2=0,0,0,0,1,0,0,0",
        ),
        ("-dscp_to_tc -s dscp 33 tc 2", "-dscp_to_tc -g", "  33       2\n", "dscp_tc_2=33:2,"),
        ("-dscp_to_tc -s dscp 5 tc 1", "-dscp_to_tc -g dscp 5", "   5       1\n", "dscp_tc_2=5:1,"),
        ("-udp -s port 5000", "-udp -g", "udp_port:5000\nstatus:custom\n", "roce_port_2=5000"),
        (
            "-ip_rule -a dir from ip 10.0.0.1 table 100",
            "-ip_rule -g",
            "32765:\tfrom 10.0.0.1 lookup 100\n",
            "ip_rule_2=add from 10.0.0.1 table 100",
        ),
    ],
)
def test_a_setting_is_saved_and_comes_back_after_a_boot(tool, order, question, answer, saved):
    survives(tool, order, question, answer, saved)


def test_the_first_910_can_switch_its_error_correction_and_newer_chips_cannot(tool, tool_910a):
    survives(tool_910a, "-fec -s encoding off", "-fec -g", "fec mode: no FEC mode", "encoding_2=off")
    assert tool_910a("-i 2 -fec -s encoding none")[0] == 1


def test_newer_chips_answer_every_order_about_error_correction_with_one_line(tool):
    assert tool("-i 0 -fec -s encoding rs")[:2] == (0, "This device does not support switching fec mode.\n")
    assert tool.text() == ""


@pytest.mark.parametrize(
    ("order", "status", "words"),
    [
        ("-pfc -s bitmap 1,1,1,1,1,0,0,0", 25, "exceeds the maximum value(4)"),
        ("-pfc -s bitmap 1", 1, "Get invalid parameters!"),
        ("-pfc -s bits 0,0,0,0,1,0,0,0", 3, "Get unknown option!"),
        ("-dscp_to_tc -s dscp 64 tc 1", 9, "The value of dscp you input is out of the valid range!"),
        ("-dscp_to_tc -s dscp 1 tc 4", 10, "The value of tc you input is out of the valid range!"),
        ("-dscp_to_tc -s dscp 07 tc 1", 1, "Get invalid parameters!"),
        ("-udp -s port 123", 1, "Get invalid parameters!"),
        ("-ip_rule -a dir via ip 10.0.0.1 table 1", 1, "Get invalid parameters!"),
        ("-ip_rule -a dir from ip 10.0.0 table 1", 6, "The ip address you configured is invalid!"),
        ("-ip_rule -a dir from ip 10.0.0.1 table 256", 1, "Get invalid parameters!"),
        ("-ip_rule -d dir from ip 10.0.0.1", 32, "The confuguraion does not exist!"),
        ("-ip_route -g table 9", 36, "FIB table does not exist!"),
        (
            "-ip_route -a ip 10.9.0.0 ip_mask 16 via 10.0.0.9 dev eth0 table 9",
            13,
            "Get ipconf failed, because no ip was preset there!",
        ),
    ],
)
def test_what_the_vendor_refuses_is_refused(tool, order, status, words):
    found, out, err = tool(f"-i 0 {order}")
    assert found == status
    assert words in out + err
    assert tool.text() == ""


def test_an_automatic_udp_port_is_saved_as_minus_one(tool):
    tool("-i 0 -udp -s port 5000")
    assert tool("-i 0 -udp -s auto") == (0, OK, "")
    assert tool("-i 0 -udp -g")[1].startswith("udp_port:Unknown\nstatus:auto\n")
    assert tool.text() == "roce_port_0=-1\n"


def test_a_dscp_value_joins_those_that_the_file_has(tool):
    for order in ("dscp 33 tc 2", "dscp 34 tc 1", "dscp 33 tc 3"):
        tool(f"-i 0 -dscp_to_tc -s {order}")
    assert tool.text() == "dscp_tc_0=33:3,34:1,\n"


def test_the_same_rule_twice_stands_twice_until_it_is_deleted(tool):
    for _turn in range(2):
        assert tool("-i 0 -ip_rule -a dir to ip 10.0.0.1 table 7") == (0, OK, "")
    assert tool("-i 0 -ip_rule -g")[1].count("from all to 10.0.0.1 lookup 7") == 2
    assert tool.text().count("ip_rule_0=") == 2
    tool("-i 0 -ip_rule -d dir to ip 10.0.0.1")
    assert tool("-i 0 -ip_rule -g")[1].count("10.0.0.1") == 1
    assert tool.text() == ""


def test_a_route_of_a_table_is_checked_saved_replayed_and_deleted(tool):
    tool("-i 0 -ip -s address 10.0.0.1 netmask 255.255.255.0")
    route = "ip 10.9.0.0 ip_mask 16 via 10.0.0.9 dev eth0 table 9"
    assert tool(f"-i 0 -ip_route -a {route.replace('10.9.0.0', '10.9.0.1')}")[0] == 34
    assert tool(f"-i 0 -ip_route -a {route.replace('10.0.0.9', '10.5.0.9')}")[0] == 35
    assert tool(f"-i 0 -ip_route -a {route}") == (0, OK, "")
    assert tool(f"-i 0 -ip_route -a {route}")[0] == 28
    assert "ip_route_0=add 10.9.0.0/16 via 10.0.0.9 dev eth0 table 9\n" in tool.text()
    tool.reboot()
    tool("-i 0 -cfg recovery")
    assert tool("-i 0 -ip_route -g table 9")[1] == "ip route table:\n10.9.0.0/16 via 10.0.0.9 dev eth0\n\n"
    assert tool("-i 0 -ip_route -d ip 10.9.0.0 ip_mask 16 table 9") == (0, OK, "")
    assert "ip_route" not in tool.text()


def test_the_history_of_a_port_has_its_changes_newest_first_until_it_is_cleared(tool):
    tool("-i 0 -link -s down", "y\n")
    control.main(["fault", "link_down", "[1]"], tool.node, io.StringIO(), io.StringIO(), io.StringIO())
    for phy_id in (0, 1):
        lines = tool(f"-i {phy_id} -link_stat -g")[1].splitlines()
        assert [line.split(": ")[-1] for line in lines[1:3]] == ["1", "1"]
        assert [line.split()[-1] for line in lines[4:]] == ["DOWN", "UP"]
    tool("-i 0 -link_stat -c")
    assert "link up count       : 0\n" in tool("-i 0 -link_stat -g")[1]


def test_a_dark_fibre_shows_in_the_optical_module(tool):
    assert "Rx Power0            : 0.9871 mW\n" in tool("-i 0 -optical -g")[1]
    with tool.node.change() as state:
        state["faults"] = {"link_down": [0]}
    out = tool("-i 0 -optical -g")[1]
    assert "Rx Power0            : 0.0001 mW\n" in out
    assert "Rx Los Flag          : 0xf\n" in out


@pytest.mark.parametrize(("in_pod", "status"), [(True, 7), (False, 0)])
def test_a_server_of_a_super_pod_keeps_far_more_nets_for_itself(tmp_path, new_node, in_pod, status):
    tool = Tool(new_node(tmp_path, "910_93"))
    with tool.node.change() as state:
        state["super_pod"] = in_pod
    assert tool("-i 0 -ip -s address 192.169.0.5 netmask 255.255.255.0")[0] == status
    assert tool("-i 0 -ip -s address 192.168.7.5 netmask 255.255.255.0")[0] == 7


def test_the_resources_of_roce_are_counted(tool):
    lines = tool("-i 3 -hw_stats -g")[1].splitlines()
    assert lines[0] == "[devid 3] pd_alloc: 1"
    assert len(lines) == 14
