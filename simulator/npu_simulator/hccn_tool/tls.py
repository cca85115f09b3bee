# SPDX-License-Identifier: GPL-3.0-or-later
"""`-tls`: the switch and the certificates of a device."""

from __future__ import annotations

from typing import TYPE_CHECKING

from npu_simulator.hccn_tool.messages import Code, HccnError
from npu_simulator.hccn_tool.session import Session

if TYPE_CHECKING:
    from npu_simulator.state import Npu

_PRESET_WARNING = (
    "[Warning] The currently loaded is a preset certificate, which has security risks."
    "It is recommended to configure a security certificate."
)
_STATUS = "\t tls expiration status[{}](0:normal, 1:near expiration, 2:has expired)"
_PRESET_ISSUER = "/C=CN/O=Huawei/CN=Huawei IT Product CA"
_OWN_ISSUER = "/CN=Site CA"
_START = "Sat Jan  1 00:00:00 2022 GMT"
_END = {0: "Fri Jan  1 00:00:00 2049 GMT", 2: "Sun Jan  1 00:00:00 2023 GMT"}
_ALARM_DAYS = frozenset({0, *range(7, 181)})
_HOST = "host"


def command(session: Session, words: list[str]) -> list[str] | None:
    """Run `-tls -g`, `-tls -s enable 0|1` or `-tls -s alarm DAYS`, each with or without `host`."""
    return session.choose(words, {"-s": _set, "-g": _get})


def order_switch(session: Session, switch: str) -> None:
    """Turn TLS on (1) or off (0). Raises HccnError ENABLE_VALUE or NO_CERTIFICATE."""
    if switch not in {"0", "1"}:
        raise HccnError(Code.ENABLE_VALUE)
    with session.device.ordered() as npu:
        if npu["tls_certificate"] == "none":
            raise HccnError(Code.NO_CERTIFICATE)
        npu["live"]["tls_enable"] = int(switch)


def _get(session: Session, words: list[str]) -> list[str]:
    """Answer the query; as root the first one writes `tls_enable_N` into the file (real-programs.md H13)."""
    if words == [_HOST]:
        raise HccnError(Code.NO_CERTIFICATE)
    if words:
        raise HccnError(Code.COUNT)
    with session.device.asked() as npu:
        live = npu["live"]
    if npu["tls_certificate"] == "none":
        raise HccnError(Code.NO_CERTIFICATE)
    _remember(session, live["tls_enable"])
    preset = int(npu["tls_certificate"] != "own")
    head = (
        f"dev_id:{session.phy_id}, tls switch[{live['tls_enable']}](0:disable, 1:enable), "
        f"tls preconfigured[{preset}](0:non-preset, 1:preset), "
        f"tls alarm time threshold[{live['tls_alarm_days']}]days"
    )
    return [head, *_certificates(session, npu)]


def _remember(session: Session, switch: int) -> None:
    """Save the switch when the file lacks it; the query goes on when that fails (910B/091, 262, 282)."""
    try:
        if session.file.value("tls_enable", session.phy_id) is None:
            session.file.save("tls_enable", session.phy_id, str(switch))
    except HccnError:
        return


def _certificates(session: Session, npu: Npu) -> list[str]:
    """Describe the certificates; the status of an expired one goes to stderr (real-programs.md H14)."""
    issuer = _OWN_ISSUER if npu["tls_certificate"] == "own" else _PRESET_ISSUER
    status = 2 if npu["tls_certificate"] == "expired" else 0
    lines: list[str] = []
    for place, name in enumerate(("pub", "ca1", "ca2")):
        lines += [
            f"dev_id:{npu['phy_id']}, [{name} cert] info:",
            f"\t subject[/CN=NPU {place}]",
            f"\t issuer[{issuer}]",
            f"\t start_time[{_START}]",
            f"\t end_time[{_END[status]}]",
        ]
        if status:
            session.complain(_STATUS.format(status))
        else:
            lines.append(_STATUS.format(status))
    return lines


def _set(session: Session, words: list[str]) -> None:
    if len(words) not in {2, 3}:
        raise HccnError(Code.COUNT)
    if words[0] not in {"enable", "alarm"}:
        raise HccnError(Code.UNKNOWN_OPTION)
    if words[2:] not in ([], [_HOST]):
        raise HccnError(Code.HOST_NOT_LAST)
    if words[0] == "enable":
        _set_switch(session, words[1], on_host=words[2:] == [_HOST])
    else:
        _set_alarm(session, words[1])


def _set_switch(session: Session, switch: str, on_host: bool) -> None:
    if switch not in {"0", "1"}:
        raise HccnError(Code.ENABLE_VALUE)
    if on_host:
        raise HccnError(Code.NO_CERTIFICATE)
    order_switch(session, switch)
    session.file.save("tls_enable", session.phy_id, switch)
    with session.device.asked() as npu:
        if switch == "1" and npu["tls_certificate"] != "own":
            session.say(_PRESET_WARNING)


def _set_alarm(session: Session, days: str) -> None:
    if not days.isdigit() or int(days) not in _ALARM_DAYS:
        raise HccnError(Code.ALARM_TIME)
    if session.node.read()["environment"] == "vm":
        raise HccnError(Code.VM_UNSUPPORTED)
    with session.device.ordered() as npu:
        npu["live"]["tls_alarm_days"] = int(days)
