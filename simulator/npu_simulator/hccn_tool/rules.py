# SPDX-License-Identifier: GPL-3.0-or-later
"""`-ip_rule` and `-ip_route`: routing by numbered tables.

Checks, codes and lines of the file: hicann/driver ascend910B/hccn_product_ext/tool_ext.c. The tables that are
printed come from the device; their form here is that of `ip rule` and `ip route`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from npu_simulator.hccn_tool import conf, ipv4
from npu_simulator.hccn_tool.messages import Code, HccnError
from npu_simulator.hccn_tool.session import Session, no_words, pairs

if TYPE_CHECKING:
    from npu_simulator.live import IpRoute, IpRule

_TABLES = range(256)
_FIRST_OWN_PRIORITY = 32765  # what the kernel gives to the first rule; each later one is one lower
_RULE = re.compile(r"add (from|to) (\S+) table (\S+)")
_ROUTE = re.compile(r"add ([^/ ]+)/(\S+) via (\S+) dev (\S+) table (\S+)")


def rule(session: Session, words: list[str]) -> list[str] | None:
    """Run `-ip_rule -g|-a|-d`."""
    return session.choose(words, {"-g": _get_rules, "-a": _add_rule, "-d": _delete_rule})


def route(session: Session, words: list[str]) -> list[str] | None:
    """Run `-ip_route -g|-a|-d`."""
    return session.choose(words, {"-g": _get_routes, "-a": _add_route, "-d": _delete_route})


def restore_rules(session: Session) -> None:
    """Order the saved rules that the device does not have."""
    for line in _saved(session, "ip_rule"):
        found = _RULE.fullmatch(line)
        if found is None:
            raise HccnError(Code.PARAMETER)
        wanted: IpRule = {"dir": found[1], "ip": found[2], "table": found[3]}
        with session.device.asked() as npu:
            known = wanted in npu["live"].get("ip_rules", [])
        if not known:
            _order_rule(session, wanted)


def restore_routes(session: Session) -> None:
    """Order the saved routes; one that is there already is no failure."""
    for line in _saved(session, "ip_route"):
        found = _ROUTE.fullmatch(line)
        if found is None:
            raise HccnError(Code.PARAMETER)
        wanted: IpRoute = {
            "ip": found[1],
            "ip_mask": found[2],
            "via": found[3],
            "dev": found[4],
            "table": found[5],
        }
        with session.device.asked() as npu:
            known = _same_route(npu["live"].get("ip_routes", []), wanted)
        if not known:
            _order_route(session, wanted)


def _get_rules(session: Session, words: list[str]) -> list[str]:
    no_words(words)
    with session.device.asked() as npu:
        own = npu["live"].get("ip_rules", [])
    lines = [
        f"{_FIRST_OWN_PRIORITY - place}:\t{_rule_text(one)} lookup {one['table']}"
        for place, one in enumerate(own)
    ]
    fixed = ["32766:\tfrom all lookup main", "32767:\tfrom all lookup default"]
    return ["ip rule table:", "0:\tfrom all lookup local", *reversed(lines), *fixed, ""]


def _rule_text(one: IpRule) -> str:
    return f"from {one['ip']}" if one["dir"] == "from" else f"from all to {one['ip']}"


def _add_rule(session: Session, words: list[str]) -> None:
    """Add a rule unchecked; the same one twice stands twice, on the device and in the file."""
    given = pairs(words, "dir", "ip", "table")
    wanted: IpRule = {"dir": given["dir"], "ip": given["ip"], "table": given["table"]}
    _order_rule(session, wanted)
    if session.file.value("udhcpc_enable", session.phy_id) is None:
        line = f"ip_rule_{session.phy_id}=add {wanted['dir']} {wanted['ip']} table {wanted['table']}\n"
        session.file.edit(lambda text: text + line, Code.FILE_WRITE)


def _order_rule(session: Session, wanted: IpRule) -> None:
    _check_direction(wanted["dir"])
    ipv4.number(wanted["ip"])
    _table(wanted["table"])
    with session.device.ordered() as npu:
        npu["live"].setdefault("ip_rules", []).append(wanted)


def _delete_rule(session: Session, words: list[str]) -> None:
    """Delete one rule of the device, and every line of the file that names direction and address."""
    given = pairs(words, "dir", "ip")
    _check_direction(given["dir"])
    ipv4.number(given["ip"])
    with session.device.ordered() as npu:
        own = npu["live"].setdefault("ip_rules", [])
        known = [one for one in own if (one["dir"], one["ip"]) == (given["dir"], given["ip"])]
        if known:
            own.remove(known[0])
    if not known:
        raise HccnError(Code.NOT_CONFIGURED)
    part = f"ip_rule_{session.phy_id}=add {given['dir']} {given['ip']} table "
    session.file.edit(lambda text: conf.without(text, part), Code.FILE_DELETE)


def _get_routes(session: Session, words: list[str]) -> list[str]:
    wanted = pairs(words, "table")["table"] if words else None
    if wanted is not None:
        _table(wanted)
    with session.device.asked() as npu:
        own = npu["live"].get("ip_routes", [])
    shown = [one for one in own if wanted in {None, one["table"]}]
    if wanted is not None and not shown:
        raise HccnError(Code.TABLE_MISSING)
    lines = [_route_text(one) + (f" table {one['table']}" if wanted is None else "") for one in shown]
    return ["ip route table:", *lines, ""]


def _route_text(one: IpRoute) -> str:
    net = "default" if (one["ip"], one["ip_mask"]) == ("0.0.0.0", "0") else f"{one['ip']}/{one['ip_mask']}"
    return f"{net} via {one['via']} dev {one['dev']}"


def _add_route(session: Session, words: list[str]) -> None:
    given = pairs(words, "ip", "ip_mask", "via", "dev", "table")
    wanted: IpRoute = {
        "ip": given["ip"],
        "ip_mask": given["ip_mask"],
        "via": given["via"],
        "dev": given["dev"],
        "table": given["table"],
    }
    _order_route(session, wanted)
    if session.file.value("udhcpc_enable", session.phy_id) is None:
        line = (
            f"ip_route_{session.phy_id}=add {given['ip']}/{given['ip_mask']} via {given['via']} "
            f"dev {given['dev']} table {given['table']}\n"
        )
        session.file.edit(lambda text: text + line, Code.FILE_WRITE)


def _order_route(session: Session, wanted: IpRoute) -> None:
    """Give the device a route. Raises HccnError IP_ROUTE_EXISTS, NO_ADDRESS, NET_MASK or VIA_SEGMENT."""
    net = ipv4.number(wanted["ip"])
    ipv4.number(wanted["via"])
    _table(wanted["table"])
    with session.device.asked() as npu:
        live = npu["live"]
    if live["address"] is None or live["netmask"] is None:
        raise HccnError(Code.NO_ADDRESS)
    _base, mask = ipv4.base_and_mask(f"0.0.0.0/{_prefix(wanted['ip_mask'])}")
    if net & ~ipv4.number(mask):
        raise HccnError(Code.NET_MASK)
    if not ipv4.same_net(wanted["via"], live["address"], live["netmask"]):
        raise HccnError(Code.VIA_SEGMENT)
    with session.device.ordered() as npu:
        own = npu["live"].setdefault("ip_routes", [])
        if _same_route(own, wanted):
            raise HccnError(Code.IP_ROUTE_EXISTS)
        own.append(wanted)


def _delete_route(session: Session, words: list[str]) -> None:
    given = pairs(words, "ip", "ip_mask", "table")
    ipv4.number(given["ip"])
    _prefix(given["ip_mask"])
    _table(given["table"])
    key = (given["ip"], given["ip_mask"], given["table"])
    with session.device.ordered() as npu:
        own = npu["live"].get("ip_routes", [])
        left = [one for one in own if (one["ip"], one["ip_mask"], one["table"]) != key]
        npu["live"]["ip_routes"] = left
    if len(left) == len(own):
        raise HccnError(Code.NOT_CONFIGURED)
    start, end = f"ip_route_{session.phy_id}=add {key[0]}/{key[1]} via ", f" table {key[2]}\n"
    session.file.edit(
        lambda text: "".join(
            line
            for line in text.splitlines(keepends=True)
            if not (line.startswith(start) and line.endswith(end))
        ),
        Code.FILE_DELETE,
    )


def _same_route(known: list[IpRoute], wanted: IpRoute) -> bool:
    key = (wanted["ip"], wanted["ip_mask"], wanted["table"])
    return any((one["ip"], one["ip_mask"], one["table"]) == key for one in known)


def _saved(session: Session, name: str) -> list[str]:
    prefix = f"{name}_{session.phy_id}="
    lines = session.file.text().splitlines()
    return [line[len(prefix) :] for line in lines if line.startswith(prefix)]


def _check_direction(direction: str) -> None:
    if direction not in {"from", "to"}:
        raise HccnError(Code.PARAMETER)


def _table(text: str) -> int:
    if not text.isdigit() or int(text) not in _TABLES:
        raise HccnError(Code.PARAMETER)
    return int(text)


def _prefix(text: str) -> int:
    if not text.isdigit() or int(text) > ipv4.BITS:
        raise HccnError(Code.PARAMETER)
    return int(text)
