# SPDX-License-Identifier: GPL-3.0-or-later
"""What damage on the way does to the answers of hccn_tool: a fact is the true one, or there is none."""

from __future__ import annotations

import os
from random import Random

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_facts_port as port
from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_facts_text as text
from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError, Result
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_facts_lines import AbsentError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from npu_smi_mutations import DAMAGING, KEEPING, interleaved, two_lines_swapped

VARIABLE = "ASCEND_FLEET_MUTATIONS"
HISTORY = """[devid 3]current time        : Sat Feb  7 01:15:55 2026
[devid 3]link up count       : 12
[devid 3]link down count     : 11
[devid 3]link change records :
[devid 3]    Sat Feb  7 00:59:15 2026    LINK UP
[devid 3]    Fri Feb  6 00:42:35 2026    LINK DOWN
"""
OPTICAL = """optical info:
present              : present
temperature          : 45 C
vendor name          : OWN
Vcc                  : 3300.10 mV
Tx Power0            : 1.1000 mW
Rx Power0            : 0.9000 mW
Tx Power1            : 1.2000 mW
Rx Power1            : 0.8000 mW
Vcc High Thres       : 3465.00 mV
Tx Los Flag          : 0x12
Media SNR Lane0      : 21.5000 dB
Media SNR Lane1      : not supported
"""
TLS = """dev_id:0, tls switch[1](0:disable, 1:enable), tls preconfigured[0](0:non-preset, 1:preset), \
tls alarm time threshold[30]days
dev_id:0, [pub cert] info:
\t subject[/CN=NPU]
\t issuer[/CN=Own CA]
\t start_time[Sat Jan 31 03:10:27 2026 GMT]
\t end_time[Wed Jun 18 03:10:27 2053 GMT]
\t tls expiration status[0](0:normal, 1:near expiration, 2:has expired)
"""
LLDP = """Chassis ID TLV
\tMAC: 3c:c7:86:00:00:07
Port ID TLV
\tIfname: 400GE1/2/6:1
Time to Live TLV
\t120
System Name TLV
\tleaf-07
End of LLDPDU TLV
"""
PING = """device 0 PING 10.0.0.9
recv seq=0,time=0.200000ms
recv time out seq=1
recv seq=2,time=0.100000ms
3 packets transmitted, 2 received, 33.33% packet loss
"""
ANSWERS = {
    port.address: "ipaddr:10.20.30.40\nnetmask:255.255.255.0\n",
    port.vnic: "vnic link status: UP\nvnic ipaddr: 192.168.2.199\nvnic netmask: 255.255.255.0\n",
    port.speed: "Speed: 200000 Mb/s\n",
    port.mtu: "mtu:4200\n",
    port.statistics: "packet statistics:\nmac_tx_mac_pause_num:12\nroce_rx_all_pkt_num:345\n",
    port.resources: "[devid 3] pd_alloc: 17\n[devid 3] qp_active: 23\n",
    port.history: HISTORY,
    port.ping: PING,
    text.optical: OPTICAL,
    text.tls: TLS,
    text.neighbour: LLDP,
}
EACH = max(int(os.environ.get(VARIABLE, "3000")) // len(ANSWERS) // (len(KEEPING) + len(DAMAGING) + 1), 5)
TRIES = settings(
    max_examples=EACH,
    deadline=None,
    database=None,
    derandomize=VARIABLE not in os.environ,  # every change meets the same damage, every night another one
    suppress_health_check=list(HealthCheck),
)
seeds = st.integers(0, 2**48)
every_answer = pytest.mark.parametrize("understand", ANSWERS, ids=lambda each: each.__name__)


def said(stdout):
    return Result(("hccn_tool", "-i", "3", "-x", "-g"), 0, stdout, "")


def leaves(facts, path=()):
    """Yield every value of a result with the way that leads to it; changes of a link stand for themselves."""
    if isinstance(facts, dict):
        for key, value in facts.items():
            yield from leaves(value, (*path, key))
    elif isinstance(facts, list):
        for place, value in enumerate(facts):
            yield from leaves(value, (*path, "any" if path[-1] == "changes" else place))
    else:
        yield path, facts


def is_text(path, value):
    """Tell whether a value is free text, in which nobody can see damage."""
    return "other" in path or (isinstance(value, str) and path[-1] not in {"link", "vnic_link", "state"})


@every_answer
@pytest.mark.parametrize("change", KEEPING)
@TRIES
@given(seed=seeds)
def test_an_answer_that_only_looks_different(understand, change, seed):
    whole = ANSWERS[understand]
    assert understand(said(change(whole, Random(seed)))) == understand(said(whole))


@pytest.mark.parametrize(
    ("understand", "change"),
    [
        pytest.param(understand, change, id=f"{understand.__name__}-{change.__name__}")
        for understand, whole in ANSWERS.items()
        for change in DAMAGING
        if whole.count("\n") > 1 or change is not two_lines_swapped
    ],
)
@TRIES
@given(seed=seeds)
def test_a_damaged_answer_has_no_wrong_value(understand, change, seed):
    whole = ANSWERS[understand]
    true = dict(leaves(understand(said(whole))))
    changes = {value for path, value in leaves(understand(said(whole))) if "any" in path}
    try:
        found = understand(said(change(whole, Random(seed))))
    except (AbsentError, CliError):
        return
    for path, value in leaves(found):
        if value is not None and not is_text(path, value):
            assert value in changes if "any" in path else value == true.get(path, value)


@every_answer
@TRIES
@given(seed=seeds)
def test_two_answers_in_one_are_refused(understand, seed):
    whole = ANSWERS[understand]
    with pytest.raises(CliError):
        understand(said(interleaved(whole, whole, Random(seed))))
