# SPDX-License-Identifier: GPL-3.0-or-later
"""The queries that change nothing: speed, neighbours, versions, counters."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from npu_simulator.fabric import place_in_fleet, vnic_address
from npu_simulator.hardware import PCI_CLASS
from npu_simulator.hccn_tool.messages import Code, HccnError
from npu_simulator.hccn_tool.session import Session, no_words, pairs

if TYPE_CHECKING:
    from npu_simulator.hccn_tool.session import Action

_COUNTERS = Path(__file__).with_name("counters.txt")
_RDMA = {"pd_alloc": 1, "pd_dealloc": 0, "mr_alloc": 0, "mr_dealloc": 0, "cq_alloc": 1, "cq_dealloc": 0}
_RDMA.update({"qp_alloc": 1, "qp_dealloc": 0, "pd_active": 1, "mr_active": 0, "cq_active": 1, "qp_active": 1})
_RDMA.update({"aeqe": 0, "ceqe": 0})
_MEASURE_MS = range(100, 10001)


def query(action: Action) -> Action:
    """Make a command of an answer that `-g` gives and that takes no further words."""

    def answer(session: Session, words: list[str]) -> list[str] | None:
        no_words(words)
        return action(session, words)

    return lambda session, words: session.choose(words, {"-g": answer})


def speed(session: Session, _words: list[str]) -> list[str]:
    """Answer `-speed -g`."""
    up = session.device.link() == "UP"
    return [f"Speed: {session.features['speed_mbps']} Mb/s" if up else "Speed: Unknown!"]


def duplex(session: Session, _words: list[str]) -> list[str]:
    """Answer `-duplex -g`."""
    return ["Duplex: Full" if session.device.link() == "UP" else "Duplex: Unknown!"]


def shaping(session: Session, _words: list[str]) -> list[str]:
    """Answer `-shaping -g`."""
    return [session.features["shaping"].format(speed=session.features["speed_mbps"])]


def version(session: Session, _words: list[str]) -> list[str]:
    """Answer `-version -g`."""
    return [
        f"Network Driver Version:    {session.features['driver_version']}",
        f"Network Firmware Version:  {session.features['firmware_version']}",
    ]


def process(session: Session, _words: list[str]) -> list[str]:
    """Answer `-process -g`."""
    with session.device.asked():
        return ["device hccp process: exist"]


def vnic(session: Session, _words: list[str]) -> list[str]:
    """Answer `-vnic -g`."""
    with session.device.asked() as npu:
        return [
            "vnic link status: UP",
            f"vnic ipaddr: {vnic_address(session.node.read(), npu)}",
            "vnic netmask: 255.255.255.0",
        ]


def lldp(session: Session, _words: list[str]) -> list[str]:
    """Answer `-lldp -g`: the switch port, two devices to a 400GE port. Raises HccnError LINK_DOWN.

    Card and lane follow the device, the number in the middle follows the node, as leaf switches are cabled.
    """
    if session.device.link() == "DOWN":
        raise HccnError(Code.LINK_DOWN)
    with session.device.asked() as npu:
        own = f"400GE1/{npu['phy_id'] // 2 + 1}/{place_in_fleet(npu) + 1}:{npu['phy_id'] % 2 + 1}"
    plugged = session.node.read()["faults"].get("lldp_port", {})
    port = plugged.get(str(session.phy_id), own)
    sections = [
        ("Chassis ID TLV", "MAC: 00:e0:fc:00:00:01"),
        ("Port ID TLV", f"Ifname: {port}"),
        ("Time to Live TLV", "120"),
        ("Port Description TLV", port),
        ("System Name TLV", "leaf-1"),
        ("System Description TLV", "simulated switch"),
    ]
    lines = [line for name, text in sections for line in (name, f"\t{text}")]
    return [*lines, "End of LLDPDU TLV", ""]


def pci(session: Session, _words: list[str]) -> list[str]:
    """Answer `-pci -g` (910B/205)."""
    with session.device.asked() as npu:
        bus, ids = npu["bus_id"].lower().split(":", 1)[1], npu["pci"]
    return ["pci:", f"{bus} Class {PCI_CLASS[2:6]}: Device {ids['vendor']}:{ids['device']}"]


def status(session: Session, _words: list[str]) -> list[str]:
    """Answer `-status -g` in the words of ethtool (910B/206)."""
    up = session.device.link() == "UP"
    speed = f"{session.features['speed_mbps']}Mb/s" if up else "Unknown!"
    return [
        f"Netdev status:Settings for eth{session.phy_id}:",
        "\tSupported ports: [ Backplane ]",
        f"\tSpeed: {speed}",
        f"\tDuplex: {'Full' if up else 'Unknown! (255)'}",
        "\tAuto-negotiation: off",
        f"\tLink detected: {'yes' if up else 'no'}",
        "",
    ]


def hardware_statistics(session: Session, _words: list[str]) -> list[str]:
    """Answer `-hw_stats -g`: what RoCE has allocated on an idle device (recording of 23.0.rc2)."""
    with session.device.asked():
        return [f"[devid {session.phy_id}] {name}: {number}" for name, number in _RDMA.items()]


def statistics(session: Session, words: list[str]) -> list[str] | None:
    """Run `-stat -g|-c`; every counter stands at 0."""
    return session.choose(words, {"-g": _statistics, "-c": _clear})


def bandwidth(session: Session, words: list[str]) -> list[str] | None:
    """Run `-bandwidth -g [time MS]`; it takes that time, a second by default."""
    return session.choose(words, {"-g": _bandwidth})


def _statistics(session: Session, words: list[str]) -> list[str]:
    no_words(words)
    with session.device.asked():
        lines = _COUNTERS.read_text(encoding="utf-8").splitlines()
    return ["packet statistics:", *(f"{line}:0" for line in lines if not line.startswith("#"))]


def _clear(session: Session, words: list[str]) -> None:
    no_words(words)
    with session.device.ordered():
        return


def _bandwidth(session: Session, words: list[str]) -> list[str]:
    milliseconds = pairs(words, "time")["time"] if words else "1000"
    if not milliseconds.isdigit() or int(milliseconds) not in _MEASURE_MS:
        raise HccnError(Code.PARAMETER)
    with session.device.asked():
        time.sleep(int(milliseconds) / 1000)
    return ["Bandwidth TX:     0.00 MB/sec", "Bandwidth RX:     0.00 MB/sec"]
