# SPDX-License-Identifier: GPL-3.0-or-later
"""A model of hccn_tool's ports carries plans out: every plan must arrive, from any live state and any file.

The model is written after hicann/driver (tool_ops.c, tool_ext.c, tool_recovery.c, tool_ipv6.c), so its file
is less kind than one would wish: a deletion takes the first line that contains all its words, an added rule
stands twice, setting an IPv6 gateway may drop that of another device.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils import _hccn_conf as conf
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_arp import Neighbour
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_aspects import ASPECTS
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_conf import Values
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_moves import Found
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_plan import plan
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_routes import Route
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_tables import Rule, TableRoute
from ansible_collections.ascend.fleet.plugins.module_utils._hccn_wish import WishError, understand
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

PATH = "/etc/hccn.conf"
DEVICES = range(4)
LISTS = ("routes", "ip_rules", "ip_routes", "arp")
NET = IPv4Interface("10.0.0.0/24").network


class Ports:
    """The live values of the ports, by the names of the options, and the file."""

    def __init__(self, live, text):
        self.live, self.text, self.trail = live, text, []

    def found(self, wanted):
        ports = {wish.id: {name: self.live[wish.id].get(name) for name in wish.more} for wish in wanted}
        values = {device: conf.saved_values(self.text, device) for device in self.live}
        live = {device: Values(self.live[device]["address"], values[device].gateway) for device in self.live}
        return Found(PATH, self.text, live, ports, around=False)

    def do(self, step):
        self.trail.append(step.why)
        if step.args[0] != "-i":
            self.text = conf.edited(self.text, step.args)
            return
        device, command, *words = int(step.args[1]), *step.args[2:]
        getattr(self, command[1:])(device, self.live[device], *words)

    def save(self, key, device, value):
        self.text = conf.with_line(self.text, f"{key}_{device}", f"{key}_{device}={value}")

    def mtu(self, device, live, _s, _size, size):
        live["mtu"] = int(size)
        self.save("mtu", device, size)
        if int(size) < 1280:
            live.update({"ipv6_address": None, "ipv6_gateway": None})
            self.text = conf.without_part(self.text, f"IPv6address_{device}=")
            self.text = conf.without_part(self.text, f"IPv6netmask_{device}=")

    def tls(self, device, live, _s, _enable, value):
        live["tls"] = value == "1"
        self.save("tls_enable", device, value)

    def pfc(self, device, live, _s, _bitmap, bitmap):
        live["pfc"] = tuple(place for place, bit in enumerate(bitmap.split(",")) if bit == "1")
        self.save("bitmap", device, bitmap)

    def dscp_to_tc(self, device, live, _s, _dscp, value, _tc, traffic_class):
        live["dscp"][int(value)] = int(traffic_class)
        line = conf.value_of(self.text, "dscp_tc", device) or ""
        kept = [entry for entry in line.split(",") if entry and entry.split(":")[0] != value]
        self.save("dscp_tc", device, ",".join([*kept, f"{value}:{traffic_class}"]) + ",")

    def route(self, device, live, verb, _a, net, _n, mask, *rest):
        network = IPv4Interface(f"{net}/{mask}")
        key = f"route_address_{net}_netmask_{mask}_{device}"
        if verb == "-a":
            live["routes"].add(Route(network, IPv4Address(rest[1])))
            self.text = conf.with_line(self.text, key, f"{key}=gateway_{rest[1]}")
        elif key in self.text:  # else the tool refuses, and the module takes that as done
            live["routes"] = {route for route in live["routes"] if route.network != network}
            self.text = conf.without_part(self.text, f"{key}=")

    def ip_rule(self, device, live, verb, _dir, direction, _ip, address, *rest):
        held = sorted(rule for rule in live["ip_rules"] if rule[:2] == (direction, IPv4Address(address)))
        if verb == "-a":
            live["ip_rules"].add(Rule(direction, IPv4Address(address), int(rest[1])))
            self.text += f"ip_rule_{device}=add {direction} {address} table {rest[1]}\n"
        elif held:
            live["ip_rules"].remove(held[-1])  # whichever: the order names no table
            self.text = conf.without_match(self.text, (f"ip_rule_{device}=", direction, address))

    def ip_route(self, device, live, verb, _ip, net, _mask, prefix, *rest):
        network, table = IPv4Interface(f"{net}/{prefix}"), int(rest[-1])
        held = {route for route in live["ip_routes"] if (route.table, route.network) == (table, network)}
        if verb == "-a" and not held:
            live["ip_routes"].add(TableRoute(table, network, IPv4Address(rest[1]), rest[3]))
            self.text += f"ip_route_{device}=add {net}/{prefix} via {rest[1]} dev {rest[3]} table {table}\n"
        elif verb == "-d" and held:
            live["ip_routes"] -= held
            parts = (f"ip_route_{device}=", f"{net}/{prefix}", f"table {table}")
            self.text = conf.without_match(self.text, parts)

    def arp(self, device, live, verb, _dev, interface, _ip, address, *rest):
        held = {each for each in live["arp"] if (str(each.address), each.interface) == (address, interface)}
        parts = (f"arp_{device}=", interface, address)
        if verb == "-a":
            live["arp"] = (live["arp"] - held) | {Neighbour(IPv4Address(address), interface, rest[1])}
            self.text = conf.without_match(self.text, parts)
            self.text += f"arp_{device}=-i {interface} -s {address} {rest[1]}\n"
        elif held and all(part in self.text for part in parts):
            live["arp"] -= held
            self.text = conf.without_match(self.text, parts)

    def ip(self, device, live, *words):
        assert words[0] == "-inet6"
        address = IPv6Interface(f"{words[3]}/{words[5]}")
        others = [self.live[other]["ipv6_address"] for other in self.live if other != device]
        assert address.ip not in {other.ip for other in others if other}, (
            "The ip address configured is conflicted!"
        )
        assert live["mtu"] >= 1280
        live["ipv6_address"], live["ipv6_gateway"] = address, None
        saved = conf.value_of(self.text, "IPv6gateway", device)
        if saved is not None and IPv6Address(saved) not in address.network:
            self.text = conf.without_part(self.text, f"IPv6gateway_{device}=")
        elif saved is not None:
            live["ipv6_gateway"] = IPv6Address(saved)
        self.save("IPv6address", device, words[3])
        self.save("IPv6netmask", device, words[5])

    def gateway(self, device, live, _inet6, _s, _key, address):
        assert IPv6Address(address) in live["ipv6_address"].network
        if conf.value_of(self.text, "IPv6gateway", device) is not None:
            self.text = conf.without_part(self.text, "IPv6gateway_0=")  # that of the group's first device
        live["ipv6_gateway"] = IPv6Address(address)
        self.save("IPv6gateway", device, address)

    def netdetect(self, device, live, _inet6, _s, _key, address):
        live["ipv6_detection_address"] = IPv6Address(address)
        self.save("IPv6netdetect", device, address)


HOSTS = ["10.0.0.1", "10.0.0.10", "10.0.0.100", "10.0.0.2"]  # one is the beginning of another
MACS = ["02:00:5e:10:00:01", "02:00:5e:10:00:0a"]
NETS = ["10.8.0.0/16", "10.8.0.0/17", "10.80.0.0/16"]
one_route = st.fixed_dictionaries({"network": st.sampled_from(NETS), "gateway": st.sampled_from(HOSTS)})
one_rule = st.fixed_dictionaries(
    {
        "direction": st.sampled_from(["from", "to"]),
        "address": st.sampled_from(HOSTS),
        "table": st.sampled_from([1, 10]),
    }
)
one_table_route = st.fixed_dictionaries(
    {
        "network": st.sampled_from(["0.0.0.0/0", *NETS]),
        "gateway": st.sampled_from(HOSTS),
        "table": st.sampled_from([1, 10]),
    }
)
one_neighbour = st.fixed_dictionaries({"address": st.sampled_from(HOSTS), "mac": st.sampled_from(MACS)})
one_dscp = st.fixed_dictionaries({"value": st.integers(0, 3), "traffic_class": st.integers(0, 3)})
IPV6 = st.sampled_from([f"fd00::{number}" for number in (1, 2, 3, 4, 0x10)])
port = st.fixed_dictionaries(
    {
        "mtu": st.sampled_from([1000, 1500, 9000]),
        "tls": st.booleans(),
        "pfc": st.lists(st.integers(0, 7), max_size=4, unique=True),
        "dscp": st.lists(one_dscp, max_size=3, unique_by=lambda each: each["value"]),
        "routes": st.lists(one_route, max_size=3, unique_by=lambda each: each["network"]),
        "ip_rules": st.lists(
            one_rule, max_size=4, unique_by=lambda each: (each["direction"], each["address"])
        ),
        "ip_routes": st.lists(
            one_table_route, max_size=3, unique_by=lambda each: (each["network"], each["table"])
        ),
        "arp": st.lists(one_neighbour, max_size=3, unique_by=lambda each: each["address"]),
        "ipv6_address": IPV6,
        "ipv6_gateway": st.sampled_from(["fd00::fe", "fd00::ff"]),
        "ipv6_detection_address": st.sampled_from(["::", "fd00::fe"]),
    }
)


def readable(options):
    """Leave out what makes no sense together, so that the rest can be understood."""
    options = {**options, "ipv6_prefix": 64}
    if options.get("mtu", 1500) < 1280 or "ipv6_address" not in options:
        for name in ("ipv6_address", "ipv6_gateway"):
            options.pop(name, None)
    return options


@st.composite
def ports_of(draw):
    """Draw live values and a file that has nothing to do with them, with lines that are double or none."""
    live, lines = {}, ["# by hand", "bond_address_0=10.0.0.7"]
    free = draw(st.permutations([1, 2, 3, 4]))
    for device in DEVICES:
        now = understood(device, draw(port))
        now["ipv6_address"] = draw(
            st.sampled_from([None, IPv6Interface(f"fd00::{free[device]}/64")])
            if now["mtu"] >= 1280
            else st.none()
        )
        now["ipv6_gateway"] = now["ipv6_gateway"] if now["ipv6_address"] else None
        now["dscp"] = {**dict.fromkeys(range(64), 0), **now["dscp"]}
        live[device] = {**now, **{name: set(now[name]) for name in LISTS}, "address": None}
        then = draw(st.sampled_from([now, understood(device, draw(port))]))
        if draw(st.booleans()):
            lines += saved_lines(device, then)
            lines += draw(st.sampled_from([[], lines[-1:], [f"arp_{device}=nonsense"]]))
    return Ports(live, "".join(f"{line}\n" for line in lines))


def understood(device, options):
    """Return what each option means by itself."""
    given = {**options, "id": device, "ipv6_prefix": 64}
    return {aspect.name: aspect.understand(given) for aspect in ASPECTS if aspect.name in options}


def saved_lines(device, values):
    """Return how the tool would have saved values."""
    scratch = Ports({device: dict.fromkeys(values)}, "")
    scratch.live[device].update({"address": None, "mtu": 1500, "dscp": {}, **{name: set() for name in LISTS}})
    wish = [option_of(device, values)]
    for step in plan(scratch.found(understand(wish, False)), understand(wish, False), False):
        scratch.do(step)
    return scratch.text.splitlines()


def option_of(device, values):
    """Return values as options again."""
    shown = {}
    for aspect in ASPECTS:
        if values.get(aspect.name) is not None:
            shown.update(aspect.results(values[aspect.name], values[aspect.name]))
    return readable({**shown, "id": device})


@st.composite
def wishes(draw):
    """Draw what some devices shall have; no two want one IPv6 address."""
    devices = draw(st.lists(st.sampled_from(DEVICES), min_size=1, unique=True))
    options, taken = [], set()
    for device in devices:
        drawn = draw(port)
        names = draw(st.lists(st.sampled_from(sorted(drawn)), unique=True))
        option = readable({**{name: drawn[name] for name in names}, "id": device})
        if "ipv6_address" in option and option["ipv6_address"] in taken:
            option.pop("ipv6_address")
            option.pop("ipv6_gateway", None)
        taken.add(option.get("ipv6_address"))
        options.append(option)
    return understand(options, False)


def untouched(host, wanted):
    """Return what nobody declares: live values and lines of the file."""
    declared = {(wish.id, name) for wish in wanted for name in wish.more}
    small = {wish.id for wish in wanted if wish.more.get("mtu", 1500) < 1280}
    moved = {wish.id for wish in wanted if "ipv6_address" in wish.more} | small
    return {
        (device, name): repr(value)
        for device, values in host.live.items()
        for name, value in values.items()
        if (device, name) not in declared and not (device in moved and name.startswith("ipv6"))
    }, {
        (aspect.name, device): repr(aspect.saved(host.text, device))
        for aspect in ASPECTS
        for device in DEVICES
        if (device, aspect.name) not in declared and not (device in moved and aspect.name.startswith("ipv6"))
    }


def ready(host, wanted):
    """Plan, or leave the case out: an unlisted device keeps an address, or the MTU is too small for IPv6."""
    for wish in wanted:
        if "ipv6_address" in wish.more and "mtu" not in wish.more:
            host.live[wish.id]["mtu"] = max(host.live[wish.id]["mtu"], 1280)
    held = {host.live[device]["ipv6_address"] for device in DEVICES} - {None}
    listed = {wish.id for wish in wanted if "ipv6_address" in wish.more}
    for wish in wanted:
        want = wish.more.get("ipv6_address")
        kept = {host.live[device]["ipv6_address"] for device in DEVICES if device not in listed}
        if want in held and want in kept:
            return None
    try:
        return plan(host.found(wanted), wanted, False)
    except WishError as error:
        return None if "keeps it" in str(error) else pytest.fail(str(error))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(host=ports_of(), wanted=wishes())
def test_every_plan_arrives_and_touches_nothing_else(host, wanted):
    steps = ready(host, wanted)
    before = untouched(host, wanted)
    for step in steps or ():
        host.do(step)
    if steps is not None:
        assert plan(host.found(wanted), wanted, False) == [], host.trail
        assert untouched(host, wanted) == before, host.trail
        for wish in wanted:
            for aspect in ASPECTS:
                if aspect.name in wish.more:
                    live, saved = host.live[wish.id][aspect.name], aspect.saved(host.text, wish.id)
                    assert aspect.settled(live, saved, wish.more[aspect.name])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(host=ports_of(), wanted=wishes(), cut=st.integers(0, 40))
def test_a_run_that_was_cut_is_finished_by_the_next(host, wanted, cut):
    steps = ready(host, wanted)
    if steps is None:
        return
    for step in steps[:cut]:
        host.do(step)
    for step in plan(host.found(wanted), wanted, False):
        host.do(step)
    assert plan(host.found(wanted), wanted, False) == [], host.trail


def test_deleting_an_address_that_begins_a_longer_one():
    """Found by the search above: the tool deletes the first line with 10.0.0.1 in it, also in 10.0.0.10."""
    short, long = (
        Neighbour(IPv4Address(f"10.0.0.{end}"), "eth0", f"02:00:5e:10:00:{end:02}") for end in (1, 10)
    )
    line = f"arp_0=-i eth0 -s {long.address} {long.mac}\n"
    host = Ports({0: {"address": None, "arp": {short, long}}}, line)
    wanted = understand([{"id": 0, "arp": []}], False)
    for step in plan(host.found(wanted), wanted, False):
        host.do(step)
    assert (host.live[0]["arp"], host.text) == (set(), "")
