# SPDX-License-Identifier: GPL-3.0-or-later
"""`-optical`: the module in the port of a device (transcripts 207 and 215; values of a healthy module)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from npu_simulator.hccn_tool.session import Session, no_words

if TYPE_CHECKING:
    from npu_simulator.state import Npu

_LANES = range(4)
_LIT, _DARK = (1.1402, 0.9871), (1.1402, 0.0001)  # sent and received power in mW


def command(session: Session, words: list[str]) -> list[str] | None:
    """Run `-optical -g`."""
    return session.choose(words, {"-g": _show})


def _show(session: Session, words: list[str]) -> list[str]:
    no_words(words)
    dark = session.device.link() == "DOWN"
    with session.device.asked() as npu:
        absent = npu["phy_id"] in session.node.read()["faults"].get("optical_absent", [])
    rows = [*_module(npu, absent), *(_no_values() if absent else _values(_DARK if dark else _LIT, dark))]
    return ["optical info:", *(f"{name:<21}: {value}" for name, value in rows)]


def _module(npu: Npu, absent: bool) -> list[tuple[str, str]]:
    return [
        ("present", "not present" if absent else "present"),
        ("temperature", "NA" if absent else "45 C"),
        ("high power enable reg", "not enabled"),
        ("vendor name", "HUAWEI"),
        ("vendor part number", "02313AVA"),
        ("vendor serial number", f"X{npu['serial']}"),
        ("vendor org unique id", "0x0 0x0 0x0"),
        ("xsfp identifier", "QSFP28 or later"),
        ("xsfp wave length", "850 nm"),
        ("manufact date code", "2024-01-01"),
    ]


def _no_values() -> list[tuple[str, str]]:
    names = ("Vcc", "Tx Power", "Rx Power", "Vcc High Thres", "Vcc Low Thres", "Temp High Thres")
    more = ("Temp Low Thres", "TxPower High Thres", "TxPower Low Thres", "RxPower High Thres")
    return [(name, "NA") for name in (*names, *more, "RxPower Low Thres")]


def _values(power_mw: tuple[float, float], dark: bool) -> list[tuple[str, str]]:
    sent, received = power_mw
    lost = "0xf" if dark else "0x0"
    rows = [("Vcc", "3292.40 mV")]
    for lane in _LANES:
        rows += [(f"Tx Power{lane}", f"{sent:.4f} mW"), (f"Rx Power{lane}", f"{received:.4f} mW")]
    rows += [("Vcc High Thres", "3465.00 mV"), ("Vcc Low Thres", "3135.00 mV")]
    rows += [("Temp High Thres", "75 C"), ("Temp Low Thres", "-5 C")]
    rows += [("TxPower High Thres", "3.1623 mW"), ("TxPower Low Thres", "0.2239 mW")]
    rows += [("RxPower High Thres", "3.1623 mW"), ("RxPower Low Thres", "0.1000 mW")]
    rows += [(f"Tx Bias{lane}", "7.9300 mA") for lane in _LANES]
    rows += [("Tx Los Flag", "0x0"), ("Rx Los Flag", lost), ("Tx LoL Flag", "0x0"), ("Rx LoL Flag", lost)]
    for side in ("Host", "Media"):
        rows += [(f"{side} SNR Lane{lane}", "not supported") for lane in _LANES]
    rows += [("Physical Code", "NA"), ("vendor rev", "NA")]
    return [*rows, ("Specification compliance", " ".join(["0x00"] * 8))]
