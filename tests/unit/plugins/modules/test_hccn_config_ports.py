# SPDX-License-Identifier: GPL-3.0-or-later
"""The exact calls of each setting of a port, on a tape: what is asked, what is ordered, what is answered."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.ascend.fleet.plugins.doc_fragments.hccn_devices import ModuleDocFragment
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_aspects import ASPECTS
from ansible_collections.ascend.fleet.plugins.modules import hccn_config

ROOT = Path(__file__).resolve().parents[4]
DONE = "Cmd executed successfully!\n"
NO_ADDRESS = {"err": "Get ipconf failed, because no ip was preset there!\n", "rc": 13}
NO_GATEWAY = {"err": "Get gateway failed, because no gateway was preset there!\n", "rc": 2}
ROUTES = "Routing table:\nKernel IP routing table\n"
HEAD = "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface\n"
ROW = "10.30.0.0       10.20.0.2       255.255.0.0     UG    0      0        0 eth0\n"
OWN_NET = "10.20.0.0       0.0.0.0         255.255.0.0     U     0      0        0 eth0\n"
ARP = "arp table:\nIP address       HW type     Flags       HW address            Mask     Device\n"
NEIGHBOUR = "10.20.0.9        0x1         0x6         02:00:5e:10:00:01     *        eth0\n"
LEARNED = "10.20.0.8        0x1         0x2         02:00:5e:10:00:09     *        eth0\n"
RULES = "ip rule table:\n0:\tfrom all lookup local\n32766:\tfrom all lookup main\n"
RULE = "32765:\tfrom 10.20.1.1 lookup 100\n"
TABLE = "ip route table:\n"
PFC = "PFC configuration:\npriority   0 1 2 3 4 5 6 7\nenabled    {}\n"
TLS = (
    "dev_id:0, tls switch[{}](0:disable, 1:enable), tls preconfigured[1](0:non-preset, 1:preset), tls alarm\n"
)
DSCP = "dscp      tc\n" + "".join(f"{value:4}{0:8}\n" for value in range(64))

# option, value; query and its answers before and after; orders with what they are answered on stdin.
CASES = {
    "mtu": (4200, "-mtu -g", "mtu:1500\n", "mtu:4200\n", ["-mtu -s size 4200"], "mtu_0=4200\n"),
    "small mtu": (1279, "-mtu -g", "mtu:1500\n", "mtu:1279\n", ["-mtu -s size 1279|y"], "mtu_0=1279\n"),
    "tls": (False, "-tls -g", TLS.format(1), TLS.format(0), ["-tls -s enable 0"], "tls_enable_0=0\n"),
    "fec": (
        "off",
        "-fec -g",
        "fec mode: rs FEC mode\n",
        "fec mode: no FEC mode\n",
        ["-fec -s encoding off"],
        "encoding_0=off\n",
    ),
    "pfc": (
        [4],
        "-pfc -g",
        PFC.format("0 0 0 0 0 0 0 0"),
        PFC.format("0 0 0 0 1 0 0 0"),
        ["-pfc -s bitmap 0,0,0,0,1,0,0,0"],
        "bitmap_0=0,0,0,0,1,0,0,0\n",
    ),
    "dscp": (
        [{"value": 33, "traffic_class": 1}],
        "-dscp_to_tc -g",
        DSCP,
        DSCP.replace("  33       0", "  33       1"),
        ["-dscp_to_tc -s dscp 33 tc 1"],
        "dscp_tc_0=33:1,\n",
    ),
    "routes": (
        [{"network": "10.30.0.0/16", "gateway": "10.20.0.2"}],
        "-route -g",
        ROUTES + HEAD + OWN_NET,
        ROUTES + HEAD + OWN_NET + ROW,
        ["-route -a address 10.30.0.0 netmask 255.255.0.0 gateway 10.20.0.2"],
        "route_address_10.30.0.0_netmask_255.255.0.0_0=gateway_10.20.0.2\n",
    ),
    "ip_rules": (
        [{"direction": "from", "address": "10.20.1.1", "table": 100}],
        "-ip_rule -g",
        RULES,
        RULES + RULE,
        ["-ip_rule -a dir from ip 10.20.1.1 table 100"],
        "ip_rule_0=add from 10.20.1.1 table 100\n",
    ),
    "ip_routes": (
        [{"network": "0.0.0.0/0", "gateway": "10.20.0.2", "table": 100}],
        "-ip_route -g table 100",
        TABLE,
        f"{TABLE}default via 10.20.0.2 dev eth0\n",
        ["-ip_route -a ip 0.0.0.0 ip_mask 0 via 10.20.0.2 dev eth0 table 100"],
        "ip_route_0=add 0.0.0.0/0 via 10.20.0.2 dev eth0 table 100\n",
    ),
    "arp": (
        [{"address": "10.20.0.9", "mac": "02:00:5E:10:00:01"}],
        "-arp -g",
        ARP + LEARNED,
        ARP + LEARNED + NEIGHBOUR,
        ["-arp -a dev eth0 ip 10.20.0.9 mac 02:00:5e:10:00:01"],
        "arp_0=-i eth0 -s 10.20.0.9 02:00:5e:10:00:01\n",
    ),
    "ipv6_address": (
        "fd00::5",
        "-ip -inet6 -g",
        NO_ADDRESS,
        "ipv6_address:fd00::5\nprefix_length:128\n",  # what the device says whatever was set
        ["-ip -inet6 -s ipv6_address fd00::5 prefix_length 64"],
        "IPv6address_0=fd00::5\nIPv6netmask_0=64\n",
    ),
    "ipv6_detection_address": (
        "fd00::1",
        "-netdetect -inet6 -g",
        "netdetect addr: ::\n",
        "netdetect addr: fd00::1\n",
        ["-netdetect -inet6 -s ipv6_address fd00::1"],
        "IPv6netdetect_0=fd00::1\n",
    ),
    "link": ("down", "-link -g", "link status: UP\n", "link status: DOWN\n", ["-link -s down|y"], ""),
}


class Port:
    """One device on the tape, and the file that its orders write."""

    def __init__(self, tape, run_module, conf):
        self.tape, self.run_module, self.conf = tape, run_module, conf

    def asked(self, query, answer):
        answer = answer if isinstance(answer, dict) else {"out": answer}
        self.tape.expect("hccn_tool", "-i", "0", *query.split(), **answer)

    def ordered(self, order):
        words, _bar, stdin = order.partition("|")
        self.tape.expect(
            "hccn_tool", "-i", "0", *words.split(), out=DONE, stdin=f"{stdin}\n" if stdin else ""
        )

    def wish(self, case, **more):
        name = case.split()[-1]
        prefix = {"ipv6_prefix": 64} if name == "ipv6_address" else {}
        return {"id": 0, name: CASES[case][0], **prefix, **more}

    def run(self, *wishes, **options):
        options = {"link_down_allowed": True, **options}
        return self.run_module(hccn_config, devices=list(wishes), path=str(self.conf), **options)


@pytest.fixture
def port(tape, run_module, tmp_path):
    conf = tmp_path / "hccn.conf"
    conf.write_text("# by hand\n")
    return Port(tape, run_module, conf)


def test_every_aspect_has_a_case():
    assert {aspect.name for aspect in ASPECTS} - {case.split()[-1] for case in CASES} == {"ipv6_gateway"}


@pytest.mark.parametrize("case", CASES)
def test_check_mode_asks_and_orders_nothing(port, case):
    _value, query, before, *_rest = CASES[case]
    if case != "tls":  # the query would write the file
        port.asked(query, before)
    assert len(port.run(port.wish(case), _ansible_check_mode=True)["actions"]) == 1
    assert port.conf.read_text() == "# by hand\n"


@pytest.mark.parametrize("case", CASES)
def test_what_is_there_costs_one_query(port, case):
    _value, query, _before, after, _orders, saved = CASES[case]
    port.conf.write_text(saved)
    port.asked(query, after)
    assert not port.run(port.wish(case))["changed"]


@pytest.mark.parametrize("case", CASES)
def test_a_live_value_that_differs_is_ordered_once_and_read_again(port, case):
    _value, query, before, after, orders, saved = CASES[case]
    port.conf.write_text(saved)
    port.asked(query, before)
    if saved:  # the device lacks what the file holds: does a boot replay it?
        port.asked("-cfg status", "config status:SUCCESS\n")
    for order in orders:
        port.ordered(order)
    port.asked(query, after)
    result = port.run(port.wish(case))
    assert result.get("msg") is None or "put the lines" in str(result["actions"]), result
    assert result["changed"]


def test_an_ipv6_gateway_of_both_forms(port):
    port.conf.write_text(CASES["ipv6_address"][5] + "IPv6gateway_0=fd00::1\n")
    for answer in ("gateway:fd00::1\n", "default gateway:fd00::1, Iface:eth0\n"):
        port.asked("-ip -inet6 -g", CASES["ipv6_address"][3])
        port.asked("-gateway -inet6 -g", answer)
        assert not port.run(port.wish("ipv6_address", ipv6_gateway="fd00::1"))["changed"]
    port.asked("-ip -inet6 -g", CASES["ipv6_address"][3])
    port.asked("-gateway -inet6 -g", NO_GATEWAY)
    port.asked("-cfg status", "config status:NONE\n")
    done = port.run(port.wish("ipv6_address", ipv6_gateway="fd00::1"), _ansible_check_mode=True)
    assert done["actions"] == ["set the IPv6 gateway of device 0 to fd00::1"]


BAD = {
    "mtu": ["", "mtu:\n", "mtu:15x0\n", "MTU 1500\n"],
    "fec": ["fec mode: quick FEC mode\n", "fec mode: \n"],
    "pfc": [PFC.format("0 0 0 0"), PFC.format("0 0 0 0 2 0 0 0"), "PFC configuration:\n"],
    "dscp": [DSCP[:-20], "dscp      tc\n", DSCP.replace("dscp", "value")],
    "routes": [ROUTES + HEAD + ROW[:40], HEAD, ROUTES + HEAD + ROW.replace("10.30.0.0", "10.30.0.x")],
    "ip_rules": ["", RULES + "32765: from\n", RULES + RULE.replace("100", "mine")],
    "ip_routes": ["10.30.0.0/16 via 10.20.0.2 dev eth0\n"],
    "arp": [ARP + NEIGHBOUR[:30], "arp\n"],
    "ipv6_address": ["ipv6_address:fd00::5\n", "ipv6_address:10.0.0.1x\nprefix_length:64\n"],
    "link": ["link status: MAYBE\n", "link status:\n"],
}


@pytest.mark.parametrize(
    ("case", "answer"), [(case, answer) for case, answers in BAD.items() for answer in answers]
)
def test_an_answer_that_is_not_understood_is_quoted_and_stops(port, case, answer):
    port.asked(CASES[case][1], answer)
    result = port.run(port.wish(case))
    assert result["failed"], result
    assert result["msg"].startswith("device 0: hccn_tool ")
    assert result["stdout"] == answer


@pytest.mark.parametrize(
    "change", [lambda text: text.replace("\n", "\r\n"), lambda text: f"call drv failed\n{text}"]
)
@pytest.mark.parametrize(
    "case", ["mtu", "pfc", "dscp", "routes", "ip_rules", "ip_routes", "arp", "ipv6_address"]
)
def test_line_ends_and_noise_of_old_drivers_are_no_matter(port, case, change):
    _value, query, _before, after, _orders, saved = CASES[case]
    port.conf.write_text(saved)
    port.asked(query, change(after))
    assert not port.run(port.wish(case))["changed"]


def test_what_a_chip_lacks_is_told_for_all_devices_at_once(port):
    port.asked("-fec -g", "This device does not support switching fec mode.\n")
    port.asked("-ip -inet6 -g", "This device does not support IPV6!\n")
    result = port.run(port.wish("ipv6_address", fec="rs"))
    assert (
        "to fec; leave it out here; device 0: hccn_tool said 'This device does not support IPV6!'"
        in result["msg"]
    )


def test_a_question_without_an_answer_is_an_error(port):
    port.asked("-mtu -g", "mtu:1500\n")
    port.tape.expect(
        "hccn_tool",
        "-i",
        "0",
        *["-mtu", "-s", "size", "1279"],
        out="User aborts command.\n",
        stdin="y\n",
        rc=22,
    )
    assert "hccn_tool said 'User aborts command.'" in port.run(port.wish("small mtu"))["msg"]


def options_differ(documented, specified, path=""):
    """Return where documentation and argument spec say different things."""
    found = [f"{path}{name}" for name in set(documented) ^ set(specified)]
    for name in set(documented) & set(specified):
        said, spec = documented[name], specified[name]
        for key in ("type", "choices", "elements", "required"):
            if (said.get(key) or None) != (spec.get(key) or None):
                found.append(f"{path}{name} {key}")
        if "options" in spec:
            found += options_differ(said.get("suboptions", {}), spec["options"], f"{path}{name}.")
    return found


def test_the_documentation_of_the_devices_is_that_of_their_aspects():
    documented = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
    assert options_differ(documented, {"devices": hccn_config.ARGUMENT_SPEC["devices"]}) == []


def test_the_role_takes_what_the_module_takes():
    role = yaml.safe_load((ROOT / "roles/npu_network/meta/argument_specs.yml").read_text())
    taken = role["argument_specs"]["main"]["options"]["npu_network_devices"]["options"]
    assert options_differ_in_role(taken, hccn_config.ARGUMENT_SPEC["devices"]["options"]) == []


def options_differ_in_role(taken, specified):
    """Return the same, for a role, which calls suboptions options."""
    names = list(set(taken) ^ set(specified))
    for name in set(taken) & set(specified):
        names += [name] if taken[name]["type"] != specified[name]["type"] else []
        names += options_differ_in_role(taken[name].get("options", {}), specified[name].get("options", {}))
    return names
