# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make HCCL rank tables out of what was read from the servers. Pure.

Forms: mind-cluster, hccl.json file description (1.0, 1.2, 2.0). Numbers are texts in 1.x and numbers in 2.0.
This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError, one_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Server = Mapping[str, Any]
    Device = Mapping[str, Any]

VERSIONS = ("1.0", "1.2", "2.0")
RING = 4  # devices 0-3 and 4-7 of a first generation board in SMP mode
_ADDRESS_OF = {"1.0": "address", "1.2": "vnic_address", "2.0": None}
_OPTIONAL = ("host_ip", "container_ip", "hardware_type")
_LEVEL_KEYS = ("net_layer", "net_instance_id", "net_type", "addresses")
_NET_TYPES = ("TOPO_FILE_DESC", "CLOS")
# A virtual port of a super pod is 192.<server>.<2 + die>.<199 - device>; hicann/driver tool_cmd.c makes the
# super device id (SDID) of it: 10 bits of server, 4 of chip, 2 of die, 16 of device.
_POD_NET, _FIRST_DIE, _LAST_DEVICE, _DIES = 192, 2, 199, 2


def rank_table(servers: Sequence[Server], version: str, rings: bool) -> dict[str, Any]:
    """Return the table; ranks follow the order of ``servers`` and of the devices of each.

    ``rings``: a server's devices must not cross two rings of four unless all eight take part. Raises
    ProblemError with all problems at once.
    """
    if version not in VERSIONS:
        raise ProblemError(f"version: {version}", one_of(VERSIONS), "correct the version of the rank table")
    problems = [*_problems(servers, version), *(_crossings(servers) if rings else ())]
    if problems:
        raise ProblemError(
            "; ".join(problems), "servers that can form one communicator", "repair or leave out what is named"
        )
    return _table_2(servers) if version == "2.0" else _table_1(servers, version)


def super_device_id(vnic_address: str) -> int | None:
    """Return the SDID of the device with this virtual port, or None when it is no port of a super pod."""
    try:
        first, server, third, last = IPv4Address(vnic_address).packed
    except AddressValueError:
        return None
    die, device = third - _FIRST_DIE, _LAST_DEVICE - last
    if first != _POD_NET or device < 0 or device % _DIES != die:
        return None
    return server << 22 | device // _DIES << 18 | die << 16 | device


def _problems(servers: Sequence[Server], version: str) -> Iterator[str]:
    if not servers:
        yield "a rank table without servers"
    names: dict[str, str] = {}
    addresses: dict[str, str] = {}
    for server in servers:
        name = str(server["server_id"])
        if name in names:
            yield f"the server {name} twice"
        names[name] = name
        if not server["devices"]:
            yield f"{name} without devices"
        for device in server["devices"]:
            where = f"{name} device {device['id']}"
            yield from _device_problems(device, where, version)
            address = device.get(_ADDRESS_OF[version] or "")
            if address and address in addresses:
                yield f"{where} with the address {address}, which {addresses[address]} has too"
            addresses.setdefault(address or where, where)
        yield from _twice(name, [device["id"] for device in server["devices"]])


def _twice(name: str, ids: Sequence[int]) -> Iterator[str]:
    for number in sorted({number for number in ids if ids.count(number) > 1}):
        yield f"{name} with device {number} twice"


def _device_problems(device: Device, where: str, version: str) -> Iterator[str]:
    if version == "2.0":
        yield from _level_problems(device, where)
        return
    key = str(_ADDRESS_OF[version])
    if not device.get(key):
        reasons = device.get("reasons") or {}
        reason = device.get("reason") or reasons.get(key) or f"it was not asked for its {key}"
        yield f"{where} without an address: {reason}"
    elif version == "1.2" and super_device_id(device[key]) is None:
        yield f"{where} with the virtual port {device[key]}, which belongs to no super pod"


def _level_problems(device: Device, where: str) -> Iterator[str]:
    """Check what version 2.0 needs and hccn_info does not read: the levels of the network."""
    levels = device.get("levels")
    if not levels:
        yield f"{where} without levels; the network of A5 is not read, so they have to be given"
        return
    for level in levels:
        missing = [key for key in _LEVEL_KEYS if key not in level]
        if missing:
            yield f"{where} with a level without {', '.join(missing)}"
        elif level["net_type"] not in _NET_TYPES:
            yield f"{where} with the net_type {level['net_type']}, wanted {one_of(_NET_TYPES)}"


def _crossings(servers: Sequence[Server]) -> Iterator[str]:
    for server in servers:
        ids = {device["id"] for device in server["devices"]}
        rings = {number // RING for number in ids}
        if len(rings) > 1 and len(ids) != RING * 2:
            yield (
                f"{server['server_id']} with devices {', '.join(map(str, sorted(ids)))}, which cross the "
                "rings 0-3 and 4-7 without being all eight"
            )


def _table_1(servers: Sequence[Server], version: str) -> dict[str, Any]:
    rank = 0
    listed = []
    for server in servers:
        devices = []
        for device in server["devices"]:
            devices.append(_device_1(device, rank, version))
            rank += 1
        more = {key: str(server[key]) for key in _OPTIONAL if server.get(key)}
        listed.append({"server_id": str(server["server_id"]), **more, "device": devices})
    table = {
        "version": version,
        "server_count": str(len(servers)),
        "server_list": listed,
        "status": "completed",
    }
    return {**table, "super_pod_list": _super_pods(servers)} if version == "1.2" else table


def _device_1(device: Device, rank: int, version: str) -> dict[str, str]:
    address = str(device[str(_ADDRESS_OF[version])])
    pod = {"super_device_id": str(super_device_id(address))} if version == "1.2" else {}
    return {"device_id": str(device["id"]), "device_ip": address, **pod, "rank_id": str(rank)}


def _super_pods(servers: Sequence[Server]) -> list[dict[str, Any]]:
    pods: dict[str, list[dict[str, str]]] = {}
    for server in servers:
        members = pods.setdefault(str(server.get("super_pod_id", 0)), [])
        members.append({"server_id": str(server["server_id"])})
    return [{"super_pod_id": pod, "server_list": members} for pod, members in pods.items()]


def _table_2(servers: Sequence[Server]) -> dict[str, Any]:
    devices = [device for server in servers for device in server["devices"]]
    ranks = [
        {
            "rank_id": rank,
            "local_id": device.get("local_id", device["id"]),
            "device_id": device["id"],
            "level_list": [_level(level) for level in device["levels"]],
        }
        for rank, device in enumerate(devices)
    ]
    return {"version": "2.0", "status": "completed", "rank_count": len(ranks), "rank_list": ranks}


def _level(level: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "net_layer": level["net_layer"],
        "net_instance_id": str(level["net_instance_id"]),
        "net_type": level["net_type"],
        "net_attr": "",
        "rank_addr_list": [
            {
                "addr_type": address.get("type", "EID"),
                "addr": address["address"],
                "ports": list(address["ports"]),
                "plane_id": str(address.get("plane_id", 0)),
            }
            for address in level["addresses"]
        ],
    }
