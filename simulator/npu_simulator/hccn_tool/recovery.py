# SPDX-License-Identifier: GPL-3.0-or-later
"""`-cfg`: replay /etc/hccn.conf to a device, and say how that went."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from npu_simulator.hccn_tool import address, arp, conf, detection, ipv6, port, rules, tls, traffic
from npu_simulator.hccn_tool.device import npu_of
from npu_simulator.hccn_tool.messages import Code, HccnError
from npu_simulator.hccn_tool.session import Session, no_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

RETRIES = 3  # a failing step costs that many pauses of a second


def command(session: Session, words: list[str]) -> list[str] | None:
    """Run `-cfg recovery` or `-cfg status`."""
    return session.choose(words, {"recovery": _recovery, "status": _status})


def command_for_all(session: Session, words: list[str]) -> list[str] | None:
    """Run `-a -cfg recovery`."""
    return session.choose(words, {"recovery": _recovery_of_all})


def recover(session: Session) -> None:
    """Replay the file; a failing address skips what builds on it. Raises HccnError RECOVERY, PERMISSION."""
    if session.features["recovery_checks_user"] and not session.node.is_root:
        raise HccnError(Code.PERMISSION)
    failures = sum(not _done(step, session) for step in _COMMON)
    failures += _failures_in_chain(_IPV4, session)
    failures += _failures_in_chain(_IPV6, session)
    _note(session, "FAIL" if failures else "SUCCESS")
    if failures:
        raise HccnError(Code.RECOVERY)


def _status(session: Session, words: list[str]) -> list[str]:
    no_words(words)
    with session.device.asked() as npu:
        return [f"config status:{npu['live']['config_status']}"]


def _recovery(session: Session, words: list[str]) -> None:
    no_words(words)
    _need_file(session)
    _note(session, "START")
    recover(session)


def _recovery_of_all(session: Session, words: list[str]) -> None:
    """Recover one device after the other; one off the bus gets no line (real-programs.md H19)."""
    no_words(words)
    state = session.node.read()
    if state["running"]["driver"] is None:
        raise HccnError(Code.EXECUTE)
    results = [_recovered(session.of(npu["phy_id"])) for npu in state["npus"]]
    if not all(results):
        raise HccnError(Code.EXECUTE)


def _recovered(session: Session) -> bool:
    try:
        session.device.check_health()
    except HccnError:
        return False
    _need_file(session)
    try:
        _note(session, "START")
        recover(session)
    except HccnError:
        session.complain(f"dev:{session.phy_id} recovery fail")
        return False
    session.say(f"dev:{session.phy_id} recovery success")
    return True


def _need_file(session: Session) -> None:
    if not session.file.exists():
        raise HccnError(Code.FILE_ACCESS)


def _note(session: Session, status: str) -> None:
    """Tell the device how far the recovery is; a caller who is not root cannot, and goes on."""
    if session.node.is_root:
        with session.node.change() as state:
            npu_of(state, session.phy_id)["live"]["config_status"] = status


def _failures_in_chain(steps: Sequence[Callable[[Session], None]], session: Session) -> int:
    if not _done(steps[0], session):
        return 1
    return sum(not _done(step, session) for step in steps[1:])


def _done(step: Callable[[Session], None], session: Session) -> bool:
    for attempt in range(RETRIES + 1):
        try:
            step(session)
        except (HccnError, conf.RouteSyntaxError):
            if attempt < RETRIES:
                time.sleep(1)
        else:
            return True
    return False


def _mac(session: Session) -> None:
    saved = session.file.value("mac_addr", session.phy_id)
    if saved is not None:
        port.order_mac(session, saved)


def _mtu(session: Session) -> None:
    saved = session.file.value("mtu", session.phy_id)
    if saved is not None:
        port.order_mtu(session, port.checked_mtu(saved))


def _dscp(session: Session) -> None:
    for value, traffic_class in traffic.saved_dscp(session.file.value("dscp_tc", session.phy_id)).items():
        traffic.order_dscp(session, value, traffic_class)


def _roce_port(session: Session) -> None:
    saved = session.file.value("roce_port", session.phy_id)
    if saved is not None:
        traffic.order_udp(session, saved)


def _pfc(session: Session) -> None:
    saved = session.file.value("bitmap", session.phy_id)
    if saved is not None:
        traffic.order_pfc(session, saved)


def _fec(session: Session) -> None:
    saved = session.file.value("encoding", session.phy_id)
    if saved is not None and session.features["fec_can_be_set"]:
        traffic.order_fec(session, saved)


def _tls(session: Session) -> None:
    saved = session.file.value("tls_enable", session.phy_id)
    if saved is not None:
        tls.order_switch(session, saved)


def _address(session: Session) -> None:
    found, netmask = (session.file.value(name, session.phy_id) for name in ("address", "netmask"))
    if found is not None and netmask is not None:
        address.order_address(session, found, netmask)


def _detection(session: Session) -> None:
    saved = session.file.value("netdetect", session.phy_id)
    if saved is not None:
        detection.order_detection(session, saved)


def _arp(session: Session) -> None:
    arp.restore(session)


def _ipv6_address(session: Session) -> None:
    found, prefix = (session.file.value(name, session.phy_id) for name in ("IPv6address", "IPv6netmask"))
    if found is not None and prefix is not None:
        ipv6.order_address(session, found, prefix)


def _ipv6_detection(session: Session) -> None:
    saved = session.file.value("IPv6netdetect", session.phy_id)
    if saved is not None:
        ipv6.order_detection(session, saved)


def _ipv6_gateway(session: Session) -> None:
    saved = session.file.value("IPv6gateway", session.phy_id)
    if saved is not None:
        ipv6.order_gateway(session, saved)


# The vendor's order (hicann/driver tool_ops.c), without the settings that are not simulated.
_COMMON = (_mac, _mtu, _dscp, _roce_port, _pfc, _fec, _tls)
_IPV4 = (
    _address,
    _detection,
    address.restore_gateway,
    rules.restore_rules,
    _arp,
    address.restore_routes,
    rules.restore_routes,
)
_IPV6 = (_ipv6_address, _ipv6_detection, _ipv6_gateway)
