# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who pings whom in a rack, and who cannot reach whom. Pure.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError, one_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Devices = Sequence[Mapping[str, Any]]

NONE, SAMPLE, FULL = "none", "sample", "full"
MODES = (NONE, SAMPLE, FULL)


def targets(devices_by_host: Mapping[str, Devices], host: str, mode: str, most: int) -> dict[str, Any]:
    """Return what ``host`` pings: each device its rail peers, those of the same id on the other hosts.

    C(pings) is what M(ascend.fleet.hccn_info) takes, C(peers) has host and device of each. A sample has at
    most ``most`` pings, spread over the rack, the next host always among them. Raises ProblemError when a
    full mesh takes more. A device that has no address or is declared down takes no part.
    """
    placed = {name: [one for one in devices if _can_answer(one)] for name, devices in devices_by_host.items()}
    if mode not in MODES:
        raise ProblemError(f"the reach {mode}", one_of(MODES), "correct npu_verify_reach")
    own = placed.get(host) or []
    others = _others([name for name, devices in placed.items() if devices], host)
    if mode == NONE or not own or not others:
        return {"pings": [], "peers": []}
    if mode == FULL and len(own) * len(others) > most:
        raise ProblemError(
            f"{len(own) * len(others)} pings of each node for a full mesh of {len(others) + 1} nodes",
            f"at most {most}, which is npu_verify_reach_pings",
            "raise it, or set npu_verify_reach: sample",
        )
    chosen = _spread(others, max(most // len(own), 1))
    pairs = [pair for name in chosen for pair in _pairs(own, name, placed[name])]
    return {"pings": [ping for ping, _peer in pairs], "peers": [peer for _ping, peer in pairs]}


def reach(facts_of_hosts: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the matrix of all hosts: how many pings of each pair came back, and both ends of the others.

    C(pairs) maps a host to the hosts that it asked, with C(asked) and C(answered); C(missing) lists the pings
    that lost packets, with what link, neighbour and optical module of both ends say.
    """
    outcomes = {host: facts.get("npu_verify_outcome") or {} for host, facts in facts_of_hosts.items()}
    pairs: dict[str, dict[str, dict[str, int]]] = {}
    missing = []
    for host, outcome in outcomes.items():
        for ping, peer in zip(outcome.get("pings") or [], outcome.get("peers") or []):
            counts = pairs.setdefault(host, {}).setdefault(peer["host"], {"asked": 0, "answered": 0})
            counts["asked"] += 1
            counts["answered"] += int(came_back(ping))
            if not came_back(ping):
                missing.append(_missing(outcomes, host, ping, peer))
    return {"pairs": pairs, "missing": missing}


def is_down(device: Mapping[str, Any]) -> bool:
    """Tell whether a device is declared to be down."""
    return bool(device.get("link") == "down")


def _can_answer(device: Mapping[str, Any]) -> bool:
    return bool(device.get("address")) and not is_down(device)


def came_back(ping: Mapping[str, Any]) -> bool:
    """Tell whether every packet of a ping came back."""
    return bool(ping["sent"]) and ping["received"] == ping["sent"]


def count_of(ping: Mapping[str, Any]) -> str:
    """Return how many packets came back, or why there is no count."""
    return ping["reason"] or f"{ping['received']} of {ping['sent']} packets"


def _others(hosts: list[str], host: str) -> list[str]:
    """Return the other hosts in the order of a ring that begins behind ``host``."""
    if host not in hosts:
        return []
    place = hosts.index(host)
    return hosts[place + 1 :] + hosts[:place]


def _spread(others: list[str], count: int) -> list[str]:
    """Return ``count`` of the others, evenly far apart, the first one among them."""
    number = min(count, len(others))
    return [others[place * len(others) // number] for place in range(number)]


def _pairs(own: Devices, name: str, devices: Devices) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield a ping and its peer for each device that has one on the host ``name``."""
    addresses = {device["id"]: device["address"] for device in devices}
    for device in own:
        if device["id"] in addresses:
            ping = {"id": device["id"], "address": addresses[device["id"]]}
            yield ping, {"host": name, "id": device["id"]}


def _missing(
    outcomes: Mapping[str, Mapping[str, Any]], host: str, ping: Mapping[str, Any], peer: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "from": _end(outcomes, host, ping["id"]),
        "to": {**_end(outcomes, peer["host"], peer["id"]), "address": ping["address"]},
        "came_back": count_of(ping),
    }


def _end(outcomes: Mapping[str, Mapping[str, Any]], host: str, number: int) -> dict[str, Any]:
    """Return what is known of one end: address, link, switch port, and whether light comes in."""
    ports = {port["id"]: port for port in (outcomes.get(host) or {}).get("devices") or []}
    port = ports.get(number) or {}
    neighbour, optical = port.get("neighbour") or {}, port.get("optical") or {}
    return {
        "host": host,
        "id": number,
        "address": port.get("address"),
        "link": port.get("link"),
        "switch": neighbour.get("switch"),
        "port": neighbour.get("port"),
        "module": optical.get("present"),
        "rx_power_mw": optical.get("rx_power_mw"),
        "rx_power_low_mw": optical.get("rx_power_low_mw"),
    }
