# SPDX-License-Identifier: GPL-3.0-or-later
"""`npu-smi set -t reset`: what a reset asks, and what it makes of the settings that wait for one.

Transcripts npu-smi/*/143-145; hicann/driver npu_chip_set.c (reset_server, reset_chip_outband).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from npu_simulator.npu_smi import answers, texts
from npu_simulator.npu_smi.answers import Answer, RefusedError, rows
from npu_simulator.npu_smi.prompts import Streams, confirmed, result

if TYPE_CHECKING:
    from npu_simulator.npu_smi.grammar import Request
    from npu_simulator.npu_smi.host import Host

_SECOND_QUESTIONS = {"910b": texts.RESET_ALL_QUESTION, "910_93": texts.RESET_DIES_QUESTION}
_SECONDS = {"atlas_900_a3_superpod": 360, "atlas_200t_a2_box16": 260}
_USUAL_SECONDS = 150


def reset(request: Request, host: Host, streams: Streams) -> Answer:
    """Reset a chip; on servers with HCCS it takes all along, which is asked a second time."""
    if host.family.by_bus:
        return _outband(request, host, streams)
    if not confirmed(texts.RESET_QUESTION, streams):
        return Answer(result("Fail", "User aborts reset server by inband."), answers.ABORTED)
    question = _SECOND_QUESTIONS.get(host.family.key)
    if question is not None and not confirmed(question, streams):
        return Answer(result("Fail", "Failed to reset server"), answers.INNER_ERROR)
    phy_ids = [chip.npu["phy_id"] for chip in (host.chips if question else [request.the_chip])]
    _take_effect(host, phy_ids)
    seconds = _SECONDS.get(host.state["product"], _USUAL_SECONDS)
    words = f"resetting (about {seconds} seconds) ..." if question else "resetting ..."
    return Answer(rows([("Message", words)]) + result("OK", "Reset server successfully."))


def _outband(request: Request, host: Host, streams: Streams) -> Answer:
    """Reset a card through the server's BMC; without one it cannot be done. Transcript npu-smi/310P3/145."""
    if len(request.card) > 1 and request.chip:
        raise RefusedError("SMP mode only support reset chip 0.\n", answers.NOT_SUPPORTED)
    if not confirmed(texts.RESET_QUESTION, streams):
        return Answer(result("Fail", "User aborts reset chip by outband."), answers.ABORTED)
    if len(request.card) > 1 and not confirmed(texts.RESET_CARD_QUESTION, streams):
        return Answer(result("Fail", "Failed to reset chip"), answers.INNER_ERROR)
    if not request.card[0].reading("bmc"):
        return Answer(texts.NO_BMC + result("Fail", "Failed to reset chip"), answers.INNER_ERROR)
    _take_effect(host, [chip.npu["phy_id"] for chip in request.card])
    return Answer(rows([("Message", "resetting ...")]) + result("OK", "Reset chip successfully."))


def _take_effect(host: Host, phy_ids: list[int]) -> None:
    """Make live what waited for a reset; work on the chips ends."""
    with host.node.change() as state:
        for npu in state["npus"]:
            if npu["phy_id"] in phy_ids:
                npu["processes"] = []
                npu["ai_core_percent"] = 0
                settle(npu["readings"])


def settle(readings: dict[str, dict[str, str]]) -> None:
    """Make live the settings of a chip that wait for a reset or a boot."""
    due = readings.pop("settings_due", {})
    if due:
        readings.setdefault("settings", {}).update(due)
