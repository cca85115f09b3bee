# SPDX-License-Identifier: GPL-3.0-or-later
"""A small model of hccn_tool carries the planned steps out: every plan must arrive, wherever it starts."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv4Interface
from pathlib import Path

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_conf as conf
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_conf import Values
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_moves import Found
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_plan import plan
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_view import (
    expected_states,
    not_taken,
    states_of,
)
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_wish import WishError, understand
from hypothesis import given, settings
from hypothesis import strategies as st

PATH = "/etc/hccn.conf"
COMPANION = "IPv6gateway_{0}=fd00::1"


class RefusedError(AssertionError):
    """The modelled tool refused an order."""


@dataclass
class Host:
    """What hccn_tool does to devices and file, after hicann/driver tool_ops.c and the recorded calls."""

    live: dict[int, Values]
    text: str | None
    group: bool  # 910: one gateway for each group of four
    survives: bool = True  # whether a change of address inside the same net leaves the live gateway
    holder: dict[int, int] = field(default_factory=dict)  # group -> device whose interface has the gateway
    trail: list[str] = field(default_factory=list)

    def gateway(self, device):
        if not self.group:
            return self.live[device].gateway
        holder = self.holder.get(device // 4)
        return None if holder is None else self.live[holder].gateway

    def found(self):
        live = {device: replace(values, gateway=self.gateway(device)) for device, values in self.live.items()}
        return Found(PATH, self.text, live)

    def do(self, step):
        self.trail.append(step.why)
        words = step.args
        if words == ("create",):
            self.text = ""
        elif words[0] != "-i":
            self.text = conf.edited(self.text, words)
        else:
            self.order(int(words[1]), words[2], words[5::2])

    def order(self, device, command, values):
        if self.text is None:
            raise RefusedError("The hccn.conf can't access")
        {"-ip": self.set_address, "-gateway": self.set_gateway, "-netdetect": self.set_detection}[command](
            device, *values
        )

    def set_address(self, device, address, netmask):
        interface = IPv4Interface(f"{address}/{netmask}")
        for other, values in self.live.items():
            near = other // 4 == device // 4 and other != device
            if near and values.address and values.address.ip == interface.ip:
                raise RefusedError("The ip address configured is conflicted!")
        old = self.live[device]
        same_net = old.address is not None and old.address.network == interface.network
        gateway = old.gateway if same_net and self.survives else None
        self.live[device] = replace(old, address=interface, gateway=gateway)
        if self.group and gateway is None and self.holder.get(device // 4) == device:
            del self.holder[device // 4]
        route = re.compile(rf"^route_address_.*_{device}=gateway_(.*)\n", re.MULTILINE)
        self.text = route.sub(
            lambda line: line[0] if IPv4Address(line[1]) in interface.network else "", self.text
        )
        saved = conf.value_of(self.text, "gateway", device)
        if saved is not None and IPv4Address(saved) not in interface.network:
            self.drop("gateway", device)
        elif saved is not None:
            self.take_gateway(device, IPv4Address(saved))
        self.write("address", device, address)
        self.write("netmask", device, netmask)

    def take_gateway(self, device, gateway):
        if self.group:
            old = self.holder.get(device // 4)
            if old is not None:
                self.live[old] = replace(self.live[old], gateway=None)
            self.holder[device // 4] = device
        self.live[device] = replace(self.live[device], gateway=gateway)

    def set_gateway(self, device, text):
        gateway, address = IPv4Address(text), self.live[device].address
        if address is None or gateway not in address.network:
            raise RefusedError("The segment of configured gateway doesn't match")
        near = range(device // 4 * 4, device // 4 * 4 + 4) if self.group else [device]
        keeper = next((each for each in near if conf.value_of(self.text, "gateway", each) is not None), None)
        holder = self.holder.get(device // 4) if self.group else device
        held = None if holder is None else self.live[holder].gateway
        if keeper is not None:
            saved = IPv4Address(conf.value_of(self.text, "gateway", keeper))
            if held is None or (keeper, saved) != (holder, held):
                self.drop("gateway", keeper)
        if held is not None:
            self.write("gateway", holder, str(held))
        self.take_gateway(device, gateway)
        if held is not None and (holder, held) != (device, gateway):
            self.drop("gateway", holder)
        self.write("gateway", device, text)

    def set_detection(self, device, text):
        address = None if text == "0.0.0.0" else IPv4Address(text)
        self.live[device] = replace(self.live[device], detection=address)
        self.write("netdetect", device, text)

    def drop(self, name, device):
        """Delete every line that contains the key, wherever it stands in the line."""
        lines = self.text.splitlines()
        self.text = "".join(f"{line}\n" for line in lines if f"{name}_{device}=" not in line)

    def write(self, name, device, value):
        """Replace the lines that begin with the key by one at the end; the same gateway stays where it is."""
        key = f"{name}_{device}="
        if conf.value_of(self.text, name, device) == value and name == "gateway":
            return
        lines = self.text.split("\n")
        kept = [line for line in lines[:-1] if not line.startswith(key)]
        self.text = "".join(f"{line}\n" for line in kept) + lines[-1] + f"{key}{value}\n"


NETS = ["10.0.0.0/29", "10.0.1.0/30", "10.0.2.0/31", "10.0.3.0/24", "10.0.0.0/28"]
HOSTS = sorted(
    {(str(host), net) for net in NETS for host in list(IPv4Interface(net).network.hosts())[:8]},
)


def to_values(host, gateway=False):
    if host is None:
        return Values()
    interface = IPv4Interface(f"{host[0]}/{host[1].split('/')[1]}")
    spare = IPv4Address(int(interface.network.broadcast_address) - 1)
    reachable = gateway and spare != interface.ip and interface.network.prefixlen < 30
    return Values(interface, spare if reachable else None)


@st.composite
def addresses(draw, devices):
    chosen = draw(st.lists(st.sampled_from(HOSTS), min_size=8, max_size=8, unique_by=lambda host: host[0]))
    return {device: draw(st.sampled_from([chosen[device], chosen[device], None])) for device in devices}


@st.composite
def hosts(draw, group):
    """Draw a host: live values, and a file that agrees, is behind, or says something else."""
    devices = range(8)
    now, then = draw(addresses(devices)), draw(addresses(devices))
    live = {device: to_values(now[device], draw(st.booleans())) for device in devices}
    holder = {}
    if group:
        for first in (0, 4):
            mine = [device for device in range(first, first + 4) if live[device].gateway]
            keeper = draw(st.sampled_from(mine)) if mine else None
            for device in range(first, first + 4):
                if device != keeper:
                    live[device] = replace(live[device], gateway=None)
            if keeper is not None:
                holder[first // 4] = keeper
    lines = ["# by hand"]
    for device in devices:
        other = to_values(then[device], draw(st.booleans()))
        same_address = to_values(now[device], draw(st.booleans()))
        saved = draw(st.sampled_from([live[device], same_address, other, Values()]))
        if saved.address:
            lines += [f"address_{device}={saved.address.ip}", f"netmask_{device}={saved.address.netmask}"]
        if saved.gateway:
            lines.append(f"gateway_{device}={saved.gateway}")
        if draw(st.booleans()):
            lines.append(COMPANION.format(device))
        lines.append(f"bond_address_{device}=10.66.0.{device + 1}")
    text = "\n".join(lines) + draw(st.sampled_from(["\n", ""]))
    text = text.replace("\n", "\r\n") if draw(st.integers(0, 9)) == 0 else text
    return Host(live, text if draw(st.integers(0, 9)) else None, group, draw(st.booleans()), holder)


@st.composite
def wishes(draw, group, host):
    """Draw what some devices shall have: new addresses, or those of the host dealt anew."""
    devices = draw(st.lists(st.integers(0, 7), min_size=1, max_size=8, unique=True))
    source = draw(st.sampled_from(["as it is", "dealt anew", "new"]))
    if source == "as it is":
        wanted = {device: host.live[device] for device in devices}
    elif source == "dealt anew":
        there = [values.address for values in host.live.values() if values.address]
        dealt = draw(st.permutations(there)) + [None] * 8
        wanted = {device: Values(dealt[place]) for place, device in enumerate(devices)}
    else:
        wanted = {device: to_values(where) for device, where in draw(addresses(devices)).items()}
    options = []
    for device, values in wanted.items():
        if values.address is None:
            continue
        network = values.address.network
        last = network.broadcast_address
        gateway = draw(st.sampled_from([None, str(last - 1), str(last - 1), str(last - 2)]))
        options.append(
            {
                "id": device,
                "address": str(values.address.ip),
                "prefix": network.prefixlen,
                "gateway": gateway,
                "detection_address": draw(st.sampled_from([None, "0.0.0.0", str(network[-2])])),
            }
        )
    return meetable(host, options, group)


def meetable(host, options, group):
    """Leave devices out until the rest can be met: two want one address, or another device keeps it."""
    while options:
        try:
            wanted = understand(options, group)
            plan(host.found(), wanted, group)
        except WishError as error:
            named = [int(number) for number in re.findall(r"devices? (\d+)", error.problems[0])]
            last = [option for option in options if option["id"] in named][-1]
            options = [option for option in options if option is not last]
        else:
            return wanted
    return []


def kept_values(host, wanted):
    """Return what devices outside the list have, and the lines that nobody may lose."""
    listed = {wish.id for wish in wanted}
    others = {device: values.address for device, values in host.live.items() if device not in listed}
    text = conf.repaired(host.text or "")
    lines = {line for line in text.split("\n") if re.match(r"#|bond_|IPv6", line)}
    saved = {device: conf.saved_values(text, device).address for device in others}
    return others, saved, lines


def carry_out(host, steps, stop=None):
    for step in steps[:stop]:
        host.do(step)
        held = [values.address.ip for values in host.live.values() if values.address]
        doubles = {address for address in held if held.count(address) > 1}
        assert not doubles, (step.why, doubles)


@pytest.mark.parametrize("group", [False, True], ids=["device", "group"])
@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_every_plan_arrives_and_harms_nobody(group, data):
    host = data.draw(hosts(group))
    wanted = data.draw(wishes(group, host))
    kept = kept_values(host, wanted)
    before = host.found()
    carry_out(host, plan(before, wanted, group))
    after = host.found()
    assert plan(after, wanted, group) == [], host.trail
    assert list(not_taken(states_of(after, wanted, group), wanted, PATH)) == []
    assert kept_values(host, wanted) == kept
    stated = [wish for wish in wanted if wish.gateway is not None]
    assert [
        state for state in states_of(after, wanted, group) if state.id in {wish.id for wish in stated}
    ] == [
        state for state in expected_states(before, wanted, group) if state.id in {wish.id for wish in stated}
    ]


@pytest.mark.parametrize("group", [False, True], ids=["device", "group"])
@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_run_that_was_cut_is_finished_by_the_next(group, data):
    host = data.draw(hosts(group))
    wanted = data.draw(wishes(group, host))
    steps = plan(host.found(), wanted, group)
    carry_out(host, steps, stop=data.draw(st.integers(0, len(steps))))
    carry_out(host, plan(host.found(), wanted, group))
    assert plan(host.found(), wanted, group) == []


def recorded_sets():
    """Find the recorded orders that show what happens to the file: model and recording must agree."""
    root = Path(os.environ.get("ASCEND_TRANSCRIPTS", "../shared/transcripts")) / "hccn_tool"
    for chip, names in {
        "910B": ("016", "021", "050", "053", "056", "064", "068", "071", "073", "074", "075", "076", "077"),
        "910A": ("016", "050", "053", "056", "064", "068", "071", "077"),
    }.items():
        for name in names:
            yield from sorted((root / chip).glob(f"{name}-*.txt"))


RECORDED = list(recorded_sets())


@pytest.mark.skipif(
    not RECORDED and os.environ.get("CI") != "true",
    reason="NO TRANSCRIPTS: set ASCEND_TRANSCRIPTS to their directory, else the model is not proven",
)
def test_there_are_recordings_of_orders():
    assert len(RECORDED) == 21


@pytest.mark.parametrize("file", RECORDED, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_the_model_does_what_the_real_tool_did(file):
    recording = file.read_text()
    command = re.search(r"^command: hccn_tool -i (\d) (-\w+) -s (.+)$", recording, re.MULTILINE)
    before = re.search(r"hccn.conf before ---\n(.*?)\n?--- /etc/hccn.conf after", recording, re.DOTALL)[1]
    after = re.search(r"hccn.conf after ---\n(.*?)\n?--- end", recording, re.DOTALL)[1]
    text = before.lstrip("\n")
    live = {device: conf.saved_values(text, device) for device in range(8)}
    live[1] = replace(live[1], address=IPv4Interface("10.20.0.2/24"))  # not in the file of every recording
    holders = {device // 4: device for device, values in live.items() if values.gateway}
    host = Host(live, text, file.parent.name == "910A", holder=holders)
    host.order(int(command[1]), command[2], command[3].split()[1::2])
    assert host.text == (before if after.strip() == "(unchanged)" else after)
