# SPDX-License-Identifier: GPL-3.0-or-later
"""The queries that change nothing: speed, neighbours, versions, counters, ping."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from npu_simulator.hccn_tool import ipv4
from npu_simulator.hccn_tool.device import reaches
from npu_simulator.hccn_tool.messages import Code, HccnError
from npu_simulator.hccn_tool.session import Session, no_words, pairs

if TYPE_CHECKING:
    from npu_simulator.hccn_tool.session import Action

_COUNTERS = Path(__file__).with_name("counters.txt")
_PACKETS = 3
_LONGEST_PACKET = 65507
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


def fec(session: Session, _words: list[str]) -> list[str]:
    """Answer `-fec -g`."""
    return [session.features["fec"]]


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
            f"vnic ipaddr: 192.168.2.{199 - npu['phy_id']}",
            "vnic netmask: 255.255.255.0",
        ]


def lldp(session: Session, _words: list[str]) -> list[str]:
    """Answer `-lldp -g`: the switch port, two devices to a 400GE port. Raises HccnError LINK_DOWN."""
    if session.device.link() == "DOWN":
        raise HccnError(Code.LINK_DOWN)
    port = f"400GE1/{session.phy_id // 2 + 1}/1:{session.phy_id % 2 + 1}"
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


def link_history(session: Session, words: list[str]) -> list[str] | None:
    """Run `-link_stat -g|-c`; the only event that the simulator knows is the port's last change."""
    return session.choose(words, {"-g": _link_history, "-c": _clear})


def statistics(session: Session, words: list[str]) -> list[str] | None:
    """Run `-stat -g|-c`; every counter stands at 0."""
    return session.choose(words, {"-g": _statistics, "-c": _clear})


def bandwidth(session: Session, words: list[str]) -> list[str] | None:
    """Run `-bandwidth -g [time MS]`; it takes that time, a second by default."""
    return session.choose(words, {"-g": _bandwidth})


def ping(session: Session, words: list[str]) -> list[str] | None:
    """Run `-ping -g address A [pkt N]`; the shortest form has three words (910B/212)."""
    if len(words) not in {3, 5}:
        raise HccnError(Code.COUNT)
    return session.choose(words, {"-g": _ping})


def unsupported(_session: Session, _words: list[str]) -> None:
    """Refuse a command of other products. Raises HccnError UNSUPPORTED."""
    raise HccnError(Code.UNSUPPORTED)


def _link_history(session: Session, words: list[str]) -> list[str]:
    no_words(words)
    up = session.device.link() == "UP"
    now = datetime.now(tz=timezone.utc).strftime("%a %b %e %H:%M:%S %Y")
    head = f"[devid {session.phy_id}]"
    return [
        f"{head}current time        : {now}",
        f"{head}link up count       : 1",
        f"{head}link down count     : {int(not up)}",
        f"{head}link change records :",
        f"{head}    {now}    LINK {'UP' if up else 'DOWN'}",
    ]


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


def _ping(session: Session, words: list[str]) -> list[str]:
    given = pairs(words, "address", "pkt") if words[2:] else pairs(words, "address")
    address, length = given["address"], given.get("pkt", "32")
    ipv4.number(address)
    if not length.isdigit() or int(length) > _LONGEST_PACKET:
        raise HccnError(Code.PARAMETER)
    with session.device.asked() as npu:
        answered = session.device.link() == "UP" and reaches(npu, address)
    lines = [f"recv seq={n},time=0.050ms" if answered else f"recv time out seq={n}" for n in range(_PACKETS)]
    received, loss = (_PACKETS, 0) if answered else (0, 100)
    summary = f"{_PACKETS} packets transmitted, {received} received, {loss:.2f}% packet loss"
    return [f"device {session.phy_id} PING {address}", *lines, summary]
