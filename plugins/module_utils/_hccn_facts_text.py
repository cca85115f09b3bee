# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The long answers of hccn_tool: the neighbour's LLDP packet, the optical module, the TLS certificates.

Each function is pure, returns facts by their names in the result, and raises AbsentError when there is no
value or CliError that quotes the line which is not understood.
This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils._hccn_facts_lines import (
    NOT_AVAILABLE,
    answered,
    cut,
    joined,
    lines,
    moment,
    refused,
    whole_number,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ansible_collections.ascend.fleet.plugins.module_utils._cli import Result

_TLV = re.compile(r"(\S.*) TLV")
_END = "End of LLDPDU"
_ONE_VALUE = frozenset({"Chassis ID", "Port ID"})
_ONCE = _ONE_VALUE | {"Time to Live", "Port Description", "System Name", "System Description", _END}
_ID = re.compile(r"(?:[A-Za-z ]+: ?)(.+)")
_OPTICAL_ROW = re.compile(r"([\w ]+?) *: *(.*)", re.ASCII)
_MEASURE = re.compile(r"(-?\d+(?:\.\d+)?) (C|mV|mW|mA|dB|nm)", re.ASCII)
_FLAG = re.compile(r"0x[0-9a-fA-F]+")
_LANE = re.compile(r"(.*?)(\d)", re.ASCII)
# name in the answer -> name in the result, and the unit that its value must have
_OPTICAL_VALUES = {
    "temperature": ("temperature_c", "C"),
    "xsfp wave length": ("wavelength_nm", "nm"),
    "Vcc": ("voltage_mv", "mV"),
    "Vcc High Thres": ("voltage_high_mv", "mV"),
    "Vcc Low Thres": ("voltage_low_mv", "mV"),
    "Temp High Thres": ("temperature_high_c", "C"),
    "Temp Low Thres": ("temperature_low_c", "C"),
    "TxPower High Thres": ("tx_power_high_mw", "mW"),
    "TxPower Low Thres": ("tx_power_low_mw", "mW"),
    "RxPower High Thres": ("rx_power_high_mw", "mW"),
    "RxPower Low Thres": ("rx_power_low_mw", "mW"),
}
_OPTICAL_LANES = {
    "Tx Power": ("tx_power_mw", "mW"),
    "Rx Power": ("rx_power_mw", "mW"),
    "Tx Bias": ("tx_bias_ma", "mA"),
    "Host SNR Lane": ("host_snr_db", "dB"),
    "Media SNR Lane": ("media_snr_db", "dB"),
}
_OPTICAL_FLAGS = {
    "Tx Los Flag": "tx_los",
    "Rx Los Flag": "rx_los",
    "Tx LoL Flag": "tx_lol",
    "Rx LoL Flag": "rx_lol",
}
_OPTICAL_TEXTS = {
    "vendor name": "vendor",
    "vendor part number": "part_number",
    "vendor serial number": "serial_number",
    "xsfp identifier": "identifier",
    "manufact date code": "manufactured",
}
_TLS_HEAD = re.compile(
    r"dev_id:\d+, tls switch\[([01])\]\(.*?\), tls preconfigured\[([01])\]\(.*?\), "
    r"tls alarm time threshold\[(\d+)\]days",
    re.ASCII,
)
_CERTIFICATE = re.compile(r"dev_id:\d+, \[(?:(\w+) cert|(crl))\] info:", re.ASCII)
_CERTIFICATE_ROW = re.compile(r"(subject|issuer|start_time|end_time)\[(.*)\]")
_CERTIFICATE_STATE = re.compile(r"tls expiration status\[([012])\].*", re.ASCII)
_STATES = {"0": "normal", "1": "near expiration", "2": "expired"}


def neighbour(result: Result) -> dict[str, Any]:
    """Understand `-lldp -g`: the switch and its port at the other end of the cable."""
    sections = _sections(result, answered(result))
    if "Port ID" not in sections:
        raise cut(result)
    ttl = joined(sections.get("Time to Live", ()))
    return {
        "neighbour": {
            "switch": joined(sections.get("System Name", ())),
            "port": _identity(sections["Port ID"]),
            "chassis": _identity(sections.get("Chassis ID", [])),
            "port_description": joined(sections.get("Port Description", ())),
            "description": joined(sections.get("System Description", ())),
            "time_to_live_s": whole_number(ttl) if ttl else None,
        }
    }


def optical(result: Result) -> dict[str, Any]:
    """Understand `-optical -g`; values without a number are None, lines of other releases stay as text."""
    head, *rows = answered(result)
    if head.strip() != "optical info:":
        raise refused(result, head)
    found = _nothing_optical()
    names = set()
    for row in rows:
        match = _OPTICAL_ROW.fullmatch(row.strip())
        if match is None or match[1] in names:
            raise refused(result, row)
        names.add(match[1])
        _note_optical(result, row, (match[1], match[2].strip()), found)
    if found["present"] is None:
        raise cut(result)
    return {"optical": found}


def tls(result: Result) -> dict[str, Any]:
    """Understand `-tls -g`; the state of certificates that have expired stands on stderr."""
    head, *rows = answered(result)
    match = _TLS_HEAD.fullmatch(head.strip())
    if match is None:
        raise refused(result, head)
    certificates = list(_certificates(result, rows))
    late = [
        state[1] for line in lines(result.stderr) if (state := _CERTIFICATE_STATE.fullmatch(line.strip()))
    ]
    for certificate in certificates:
        if certificate["state"] is None and late:
            certificate["state"] = _STATES[late.pop(0)]
    return {
        "tls": {
            "enabled": match[1] == "1",
            "preset": match[2] == "1",
            "alarm_days": int(match[3]),
            "certificates": certificates,
        }
    }


def _sections(result: Result, found: list[str]) -> dict[str, list[str]]:
    """Return the values of an LLDP packet below their titles; free text may stand at the start of a line."""
    sections: dict[str, list[str]] = {}
    title = None
    for line in found:
        match = None if line[0].isspace() else _TLV.fullmatch(line)
        if match is None and title is None:
            raise refused(result, line)
        if match is not None:
            title = match[1]
            if title in _ONCE and title in sections:
                raise refused(result, line)
            sections.setdefault(title, [])
        elif title in _ONE_VALUE and sections[str(title)]:
            raise refused(result, line)
        else:
            sections[str(title)].append(line.strip())
    if _END not in sections:
        raise cut(result)
    return sections


def _identity(values: list[str]) -> str | None:
    """Return what identifies a port or a chassis: the value of `Ifname: 400GE1/1/1:1`."""
    text = joined(values[:1])
    match = _ID.fullmatch(text) if text else None
    return match[1] if match else text


def _nothing_optical() -> dict[str, Any]:
    names = [name for name, _unit in _OPTICAL_VALUES.values()]
    lanes = [name for name, _unit in _OPTICAL_LANES.values()]
    texts = [*_OPTICAL_TEXTS.values(), *_OPTICAL_FLAGS.values(), *names]
    return {"present": None, **dict.fromkeys(texts), **{name: [] for name in lanes}, "other": {}}


def _note_optical(result: Result, row: str, said: tuple[str, str], found: dict[str, Any]) -> None:
    name, value = said
    lane = _LANE.fullmatch(name)
    if name == "present":
        if value not in {"present", "not present"}:
            raise refused(result, row)
        found["present"] = value == "present"
    elif name in _OPTICAL_VALUES:
        found[_OPTICAL_VALUES[name][0]] = _measure(result, row, value, _OPTICAL_VALUES[name][1])
    elif lane and lane[1].strip() in _OPTICAL_LANES:
        key, unit = _OPTICAL_LANES[lane[1].strip()]
        if int(lane[2]) != len(found[key]):  # a lane is missing, so the place in the list would lie
            raise refused(result, row)
        found[key].append(_measure(result, row, value, unit))
    elif name in _OPTICAL_FLAGS:
        found[_OPTICAL_FLAGS[name]] = _flag(result, row, value)
    elif name in _OPTICAL_TEXTS:
        found[_OPTICAL_TEXTS[name]] = None if value in NOT_AVAILABLE else value
    elif name not in _OPTICAL_LANES:  # such as "Tx Power : NA", what a port without a module prints
        found["other"][name] = value


def _measure(result: Result, row: str, value: str, unit: str) -> float | int | None:
    if value in NOT_AVAILABLE:
        return None
    match = _MEASURE.fullmatch(value)
    if match is None or match[2] != unit:
        raise refused(result, row)
    return float(match[1]) if "." in match[1] else int(match[1])


def _flag(result: Result, row: str, value: str) -> int | None:
    if value in NOT_AVAILABLE:
        return None
    if not _FLAG.fullmatch(value):
        raise refused(result, row)
    return int(value, 16)


def _certificates(result: Result, rows: list[str]) -> Iterator[dict[str, Any]]:
    certificate: dict[str, Any] | None = None
    names = set()
    for row in rows:
        head = _CERTIFICATE.fullmatch(row.strip())
        if head is not None:
            if head[0] in names:
                raise refused(result, row)
            names.add(head[0])
            if certificate:
                yield certificate
            certificate = {"name": head[1] or head[2], **dict.fromkeys(("subject", "issuer", "start", "end"))}
            certificate["state"] = None
        elif certificate is None or not _note_certificate(result, row, certificate):
            raise refused(result, row)
    if certificate:
        yield certificate


def _note_certificate(result: Result, row: str, certificate: dict[str, Any]) -> bool:
    """Note one line of a certificate; tell whether it was understood."""
    match = _CERTIFICATE_ROW.fullmatch(row.strip())
    if match is not None:
        is_time = match[1].endswith("_time")
        value = moment(result, row, match[2]) if is_time else match[2] or None
        key = match[1].replace("_time", "")
        if certificate[key] is not None:
            return False
        certificate[key] = value
        return True
    state = _CERTIFICATE_STATE.fullmatch(row.strip())
    if state is None or certificate["state"] is not None:
        return False
    certificate["state"] = _STATES[state[1]]
    return True
