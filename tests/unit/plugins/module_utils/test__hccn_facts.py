# SPDX-License-Identifier: GPL-3.0-or-later
"""The answers of hccn_tool as facts: tables of texts and values, and what damage of a text may do."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_facts_port as port
from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_facts_text as text
from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError, Result
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_facts_lines import AbsentError
from hypothesis import given, settings
from hypothesis import strategies as st

LLDP = """Chassis ID TLV
\tMAC: 3c:c7:86:00:00:07
Port ID TLV
\tIfname: 400GE1/2/6:1
Time to Live TLV
\t120
Port Description TLV
\tnode-07 port 3
System Name TLV
\tleaf-07
System Description TLV
\tSwitch of our own
Version 1.0, with TLV inside
Management Address TLV
\tIPv4: 172.16.0.7
\tIfindex: 7
End of LLDPDU TLV
"""
HISTORY = """[devid 3]current time        : Sat Feb  7 01:15:55 2026
[devid 3]link up count       : 2
[devid 3]link down count     : 1
[devid 3]link change records :
[devid 3]    Sat Feb  7 00:59:15 2026    LINK UP
[devid 3]    Fri Feb  6 00:42:35 2026    LINK DOWN
"""
OPTICAL = """optical info:
present              : present
temperature          : -3 C
high power enable reg: not enabled
vendor name          : OWN
xsfp wave length     : 1310 nm
Vcc                  : 3300.10 mV
Tx Power0            : 1.1000 mW
Rx Power0            : 0.9000 mW
Tx Power1            : 1.2000 mW
Rx Power1            : NA
Vcc High Thres       : 3465.00 mV
Tx Los Flag          : 0x0
Rx Los Flag          : 0x2
Media SNR Lane0      : 21.5000 dB
Media SNR Lane1      : not supported
Physical Code        : NA
"""
TLS = """dev_id:0, tls switch[1](0:disable, 1:enable), tls preconfigured[0](0:non-preset, 1:preset), \
tls alarm time threshold[30]days
dev_id:0, [pub cert] info:
\t subject[/CN=NPU]
\t issuer[/CN=Own CA]
\t start_time[Sat Jan 31 03:10:27 2026 GMT]
\t end_time[Wed Jun 18 03:10:27 2053 GMT]
\t tls expiration status[0](0:normal, 1:near expiration, 2:has expired)
dev_id:0, [ca1 cert] info:
\t subject[]
\t issuer[/CN=Root]
\t start_time[Sun Feb  1 00:00:00 2026 GMT]
\t end_time[Mon Mar  2 03:10:27 2026 GMT]
"""
EXPIRED = "\t tls expiration status[2](0:normal, 1:near expiration, 2:has expired)\n"
PING = """device 0 PING 10.0.0.9
recv seq=0,time=0.200000ms
recv time out seq=1
recv seq=2,time=0.100000ms
3 packets transmitted, 2 received, 33.33% packet loss
"""
COUNTERS = "packet statistics:\nmac_tx_mac_pause_num:12\nroce_rx_all_pkt_num:345\n"


def said(stdout="", stderr="", words=("-x", "-g")):
    return Result(("hccn_tool", "-i", "3", *words), 0, stdout, stderr)


def test_a_neighbour_is_taken_from_its_sections_and_free_text_may_stand_anywhere():
    assert text.neighbour(said(LLDP)) == {
        "neighbour": {
            "switch": "leaf-07",
            "port": "400GE1/2/6:1",
            "chassis": "3c:c7:86:00:00:07",
            "port_description": "node-07 port 3",
            "description": "Switch of our own Version 1.0, with TLV inside",
            "time_to_live_s": 120,
        }
    }


def test_a_history_has_its_changes_in_the_tool_s_order():
    found = port.history(said(HISTORY))["link_history"]
    assert (found["now"], found["up_count"], found["down_count"]) == ("2026-02-07T01:15:55", 2, 1)
    assert found["changes"] == [
        {"time": "2026-02-07T00:59:15", "link": "UP"},
        {"time": "2026-02-06T00:42:35", "link": "DOWN"},
    ]


def test_an_optical_module_has_numbers_with_units_and_null_for_what_it_does_not_tell():
    found = text.optical(said(OPTICAL))["optical"]
    assert (found["present"], found["temperature_c"], found["wavelength_nm"]) == (True, -3, 1310)
    assert (found["tx_power_mw"], found["rx_power_mw"]) == ([1.1, 1.2], [0.9, None])
    assert (found["media_snr_db"], found["host_snr_db"], found["rx_los"]) == ([21.5, None], [], 2)
    assert found["voltage_low_mv"] is None
    assert found["other"] == {"high power enable reg": "not enabled", "Physical Code": "NA"}


def test_a_certificate_that_has_expired_says_so_on_the_other_stream():
    found = text.tls(said(TLS, EXPIRED))["tls"]
    assert (found["enabled"], found["preset"], found["alarm_days"]) == (True, False, 30)
    public, authority = found["certificates"]
    assert (public["name"], public["state"], public["end"]) == ("pub", "normal", "2053-06-18T03:10:27Z")
    assert (authority["subject"], authority["state"]) == (None, "expired")


def test_a_ping_counts_what_came_back():
    assert port.ping(said(PING)) == {"sent": 3, "received": 2, "mean_ms": 0.15}


@pytest.mark.parametrize(
    ("understand", "answer", "facts"),
    [
        (
            port.address_ipv6,
            "ipv6_address:fd00::5\nprefix_length:64\n",
            {"ipv6_address": "fd00::5", "ipv6_prefix": 64},
        ),
        (port.mac, "mac addr: AA:bb:cc:00:00:01\n", {"mac": "aa:bb:cc:00:00:01"}),
        (port.speed, "Speed: 200000 Mb/s\n", {"speed_mbps": 200000}),
        (port.fec, "fec mode: auto FEC mode\n", {"fec": "auto"}),
        (port.replay, "config status:FAULT\n", {"config_status": "FAULT"}),
        (port.detection, "netdetect address: 10.0.0.9\n", {"detection_address": "10.0.0.9"}),
        (port.resources, "[devid 3] qp_active: 7\n", {"roce_resources": {"qp_active": 7}}),
        (port.statistics, COUNTERS, {"statistics": {"mac_tx_mac_pause_num": 12, "roce_rx_all_pkt_num": 345}}),
    ],
)
def test_short_answers_are_understood(understand, answer, facts):
    assert understand(said(answer)) == facts
    noisy = "call drvMngGetConsoleLogLevel failed , g_conLogLevel = 3\n" + answer.replace(
        "\n", "\x1b[0m\r\n\r\n"
    )
    assert understand(said(noisy)) == facts


@pytest.mark.parametrize(
    ("understand", "answer", "quoted"),
    [
        (port.address, "ipaddr:10.0.0.300\nnetmask:255.255.255.0\n", "10.0.0.300"),
        (port.address, "ipaddr:10.0.0.3\nnetmask:255.0.255.0\n", "255.0.255.0"),
        (port.address, "ipaddr:10.0.0.3\nlink status: UP\n", "link status: UP"),
        (port.address, "ipaddr:10.0.0.3\n", "ipaddr:10.0.0.3"),
        (port.link, "link status: UP\nlink status: DOWN\n", "link status: DOWN"),
        (port.link, "link status: SIDEWAYS\n", "SIDEWAYS"),
        (port.health, "net health status: Fine\n", "Fine"),
        (port.mtu, "mtu:15OO\n", "mtu:15OO"),
        (port.mtu, "mtu:150", "mtu:150"),
        (port.statistics, "packet statistics:\nmac_tx_mac_pause_num:1x\n", "1x"),
        (port.statistics, "packet statistics:\n", "packet statistics:"),
        (port.history, "[devid 3]link up count       : many\n", "many"),
        (port.history, "[devid 3]link up count       : 1\n", "link up count"),
        (port.ping, PING.replace("2 received", "3 received"), "3 received"),
        (text.optical, "optical info:\ntemperature : 47 F\n", "47 F"),
        (text.optical, "optical info:\nvendor name : OWN\n", "vendor name"),
        (text.neighbour, "\tIfname: 400GE1/1/5:1\n", "Ifname"),
        (text.neighbour, LLDP.replace("End of LLDPDU TLV\n", ""), "Ifindex: 7"),
        (text.tls, "dev_id:0, tls switch[2](0:disable, 1:enable)\n", "tls switch[2]"),
    ],
)
def test_what_is_not_understood_is_quoted(understand, answer, quoted):
    with pytest.raises(CliError, match=re.escape(quoted)):
        understand(said(answer))


@pytest.mark.parametrize(
    ("understand", "stdout", "stderr", "why"),
    [
        (port.address, "", "Get ipconf failed, because no ip was preset there!\n", "no address is set"),
        (text.neighbour, "", "Execute failed: Link status is down.\n", "the link is down"),
        (text.tls, "", "No certificate found, please set certs firstly!\n", "no certificates are loaded"),
        (port.fec, "This device does not support switching fec mode.\n", "", "fixed on this chip"),
        (
            port.resources,
            "",
            "Get invalid major cmd.\nEnter [ hccn_tool -h ] for more details.\n",
            "no such query",
        ),
    ],
)
def test_what_there_is_not_has_a_reason(understand, stdout, stderr, why):
    with pytest.raises(AbsentError, match=why):
        understand(said(stdout, stderr))


WHOLE = {
    port.history: HISTORY,
    port.ping: PING,
    port.statistics: COUNTERS,
    text.neighbour: LLDP,
    text.optical: OPTICAL,
    text.tls: TLS,
}


@settings(max_examples=2000, deadline=None)
@given(st.sampled_from(sorted(WHOLE, key=lambda each: each.__name__)), st.data())
def test_no_damage_makes_a_parser_fail_otherwise_than_by_refusal(understand, data):
    whole = WHOLE[understand]
    place = data.draw(st.integers(0, len(whole)))
    length = data.draw(st.integers(0, 40))
    put = data.draw(st.text(max_size=10))
    with suppress(AbsentError, CliError):  # nothing else may come out
        understand(said(whole[:place] + put + whole[place + length :]))


def numbers_in(facts):
    """Yield every number of a result, however deep."""
    if isinstance(facts, dict):
        facts = list(facts.values())
    if isinstance(facts, list):
        for each in facts:
            yield from numbers_in(each)
    elif isinstance(facts, (int, float)) and not isinstance(facts, bool):
        yield facts


@settings(max_examples=1000, deadline=None)
@given(st.sampled_from(sorted(WHOLE, key=lambda each: each.__name__)), st.data())
def test_an_answer_that_was_cut_anywhere_never_has_a_number_that_was_not_there(understand, data):
    whole = WHOLE[understand]
    allowed = set(numbers_in(understand(said(whole))))
    try:
        facts = understand(said(whole[: data.draw(st.integers(0, len(whole)))]))
    except (AbsentError, CliError):
        return
    assert set(numbers_in(facts)) <= allowed
