# SPDX-License-Identifier: GPL-3.0-or-later
"""`-arp`: the static neighbours of a device."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from npu_simulator.hccn_tool import conf, ipv4
from npu_simulator.hccn_tool.messages import Code, HccnError
from npu_simulator.hccn_tool.session import Session, no_words, ordered_pairs

if TYPE_CHECKING:
    from npu_simulator.live import ArpEntry

_HEAD = "IP address       HW type     Flags       HW address            Mask     Device"
_DEVICE = re.compile(r"eth\d+")
_SAVED = re.compile(r"-i (\S+) -s (\S+) (\S+)")


def command(session: Session, words: list[str]) -> list[str] | None:
    """Run `-arp -g|-a|-d`."""
    return session.choose(words, {"-g": _get, "-a": _add, "-d": _delete})


def restore(session: Session) -> None:
    """Order the saved neighbours."""
    prefix = f"arp_{session.phy_id}="
    for line in session.file.text().splitlines():
        saved = _SAVED.fullmatch(line[len(prefix) :]) if line.startswith(prefix) else None
        if saved is not None:
            _order(session, {"dev": saved[1], "ip": saved[2], "mac": saved[3]})


def _get(session: Session, words: list[str]) -> list[str]:
    no_words(words)
    with session.device.asked() as npu:
        rows = [
            f"{e['ip']:<17}0x1         0x6         {e['mac']}     *        {e['dev']}"
            for e in npu["live"]["arp"]
        ]
    return ["arp table:", _HEAD, *rows, ""]


def _add(session: Session, words: list[str]) -> None:
    device, address, mac = ordered_pairs(words, "dev", "ip", "mac")
    _check(device, address)
    if not session.file.exists():
        raise HccnError(Code.FILE_OPEN)
    _order(session, {"dev": device, "ip": address, "mac": mac})
    session.file.edit(lambda text: _with_entry(text, session.phy_id, device, address, mac), Code.FILE_WRITE)


def _delete(session: Session, words: list[str]) -> None:
    device, address = ordered_pairs(words, "dev", "ip")
    _check(device, address)
    part = _part(session.phy_id, device, address)
    if part not in session.file.text():
        raise HccnError(Code.NOT_CONFIGURED)
    with session.device.ordered() as npu:
        npu["live"]["arp"] = _others(npu["live"]["arp"], device, address)
    session.file.edit(lambda text: conf.without(text, part), Code.FILE_DELETE)


def _check(device: str, address: str) -> None:
    if not _DEVICE.fullmatch(device):
        raise HccnError(Code.PARAMETER)
    ipv4.number(address)


def _order(session: Session, entry: ArpEntry) -> None:
    with session.device.ordered() as npu:
        npu["live"]["arp"] = [*_others(npu["live"]["arp"], entry["dev"], entry["ip"]), entry]


def _others(entries: list[ArpEntry], device: str, address: str) -> list[ArpEntry]:
    return [entry for entry in entries if (entry["dev"], entry["ip"]) != (device, address)]


def _part(phy_id: int, device: str, address: str) -> str:
    return f"arp_{phy_id}=-i {device} -s {address} "


def _with_entry(text: str, phy_id: int, device: str, address: str, mac: str) -> str:
    kept = conf.without(text, _part(phy_id, device, address))
    return f"{kept}{_part(phy_id, device, address)}{mac}\n"
