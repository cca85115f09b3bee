# SPDX-License-Identifier: GPL-3.0-or-later
"""`-link_stat`: when the port of a device went up and down."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from npu_simulator.hccn_tool.session import Session, no_words

if TYPE_CHECKING:
    from npu_simulator.live import LinkChange
    from npu_simulator.state import Npu, State

UP, DOWN = "UP", "DOWN"
_MOST = 20  # older changes are forgotten


def command(session: Session, words: list[str]) -> list[str] | None:
    """Run `-link_stat -g|-c`."""
    return session.choose(words, {"-g": _show, "-c": _clear})


def note(npu: Npu, link: str) -> None:
    """Remember that the port of ``npu`` is ``link`` from now on, if that is news."""
    known = changes(npu)
    if not known or known[-1]["link"] != link:
        now: LinkChange = {"time": time.time(), "link": link}
        npu["link_changes"] = [*known, now][-_MOST:]


def note_faults(state: State) -> None:
    """Remember what a new set of faults has done to the ports."""
    for npu in state["npus"]:
        broken = npu["phy_id"] in state["faults"].get("link_down", [])
        note(npu, DOWN if broken else npu["link"])


def changes(npu: Npu) -> list[LinkChange]:
    """Return the changes of a port, oldest first; one that has none yet came up just now."""
    up: LinkChange = {"time": time.time(), "link": UP}
    return npu.get("link_changes", [up])


def _show(session: Session, words: list[str]) -> list[str]:
    """Print the newest change first, as recordings of 23.0.5 and 23.0.7 do."""
    no_words(words)
    with session.device.asked() as npu:
        known = changes(npu)
    head = f"[devid {session.phy_id}]"
    counts = {link: sum(change["link"] == link for change in known) for link in (UP, DOWN)}
    return [
        f"{head}current time        : {_clock(time.time())}",
        f"{head}link up count       : {counts[UP]}",
        f"{head}link down count     : {counts[DOWN]}",
        f"{head}link change records :",
        *(f"{head}    {_clock(change['time'])}    LINK {change['link']}" for change in reversed(known)),
    ]


def _clear(session: Session, words: list[str]) -> None:
    no_words(words)
    with session.device.ordered() as npu:
        npu["link_changes"] = []


def _clock(seconds: float) -> str:
    return time.strftime("%a %b %e %H:%M:%S %Y", time.gmtime(seconds))
