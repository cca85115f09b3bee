# SPDX-License-Identifier: GPL-3.0-or-later
"""`-link`: the port of a device, up or down."""

from __future__ import annotations

from npu_simulator.hccn_tool import history, recovery
from npu_simulator.hccn_tool.messages import LINK_UP_RECOVERY_FAILED, Code, HccnError
from npu_simulator.hccn_tool.session import Session

_WARNING = "[WARNING] This link down command will result in the loss of the IPv6 address, continue?"


def command(session: Session, words: list[str]) -> list[str] | None:
    """Run `-link -s up|down` or `-link -g`."""
    return session.choose(words, {"-s": _set, "-g": _get})


def _get(session: Session, words: list[str]) -> list[str]:
    if not words:
        return [f"link status: {session.device.link()}"]
    if words[0] != "down_fault_time":
        raise HccnError(Code.UNKNOWN_OPTION)
    if len(words) > 1:
        raise HccnError(Code.COUNT)
    raise HccnError(Code.EXECUTE)  # what a device without that filter answers: hccn_tool/910B/140


def _set(session: Session, words: list[str]) -> None:
    if not words:
        raise HccnError(Code.COUNT)
    if words[0] not in {"up", "down"}:
        raise HccnError(Code.UNKNOWN_OPTION)
    if len(words) > 1:
        raise HccnError(Code.COUNT)
    if words[0] == "down":
        _down(session)
    else:
        _up(session)


def _down(session: Session) -> None:
    """Take the port down; the device keeps its address and loses gateway, routes and IPv6 (910B/129-133)."""
    session.confirm(_WARNING)
    with session.device.ordered() as npu:
        npu["link"] = history.DOWN
        history.note(npu, history.DOWN)
        npu["live"].update({"gateway": None, "routes": []})
        npu["live"].update({"ipv6_address": None, "ipv6_prefix": None, "ipv6_gateway": None})


def _up(session: Session) -> None:
    """Bring the port up and replay the saved configuration (real-programs.md H20)."""
    with session.device.ordered() as npu:
        npu["link"] = history.UP
        history.note(npu, history.UP)
    try:
        recovery.recover(session)
    except HccnError:
        session.say(LINK_UP_RECOVERY_FAILED)
        raise
