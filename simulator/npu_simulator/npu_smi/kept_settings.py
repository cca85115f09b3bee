# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings that `npu-smi set` keeps in the node's state, and what `npu-smi info` then says of them.

Until something was set, the answers of queries.py hold, which are those of the transcripts.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from npu_simulator.npu_smi import answers, texts
from npu_simulator.npu_smi.answers import Answer, RefusedError, rows

if TYPE_CHECKING:
    from npu_simulator.npu_smi.grammar import Request
    from npu_simulator.npu_smi.host import Chip, Host

_RESULT_KEYS = ("Status", "Message")
_STORE = "settings"  # beside a chip's readings, and in the state for the node
_DIGITS = re.compile(r"[0-9]{1,10}")


@dataclass(frozen=True)
class Setting:
    """One type of `npu-smi set`; see the head of kept_settings.json."""

    type: str
    query: str
    keys: list[str]
    usage: list[str]
    shown: dict[str, str] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    card: str = ""
    chip: str = ""
    plain: str = ""
    flag: str = "-d"
    pattern: str = ""
    lowest: int = 0
    highest: int = 0
    suffix: str = ""
    asks_for: list[str] = field(default_factory=list)
    question: str = ""

    @property
    def usage_text(self) -> str:
        """What -h prints; the usage of `set` for a type without one of its own."""
        return "".join(f"{line}\n" for line in self.usage) or texts.SET_USAGE

    def asks(self, value: str) -> bool:
        """Tell whether this value needs a yes."""
        return "*" in self.asks_for or value in self.asks_for

    def accepts(self, value: str) -> bool:
        """Tell whether the program takes the value."""
        if self.pattern:
            return bool(re.fullmatch(self.pattern, value))
        if self.highest:
            return bool(_DIGITS.fullmatch(value)) and self.lowest <= int(value) <= self.highest
        return value in self.shown


def load() -> dict[str, Setting]:
    """Return the settings by type."""
    data = json.loads(Path(__file__).with_name("kept_settings.json").read_text(encoding="utf-8"))
    return {name: Setting(type=name, **entry) for name, entry in data.items() if name != "//"}


def known(request: Request) -> Setting | None:
    """Return the setting that a request of `npu-smi set` is about, None for another type."""
    return load().get(request.type)


def value_of(setting: Setting, request: Request) -> str:
    """Return the value to set. Raises RefusedError for none or a wrong one."""
    value = request.options.get(setting.flag)
    if value is None:
        text = f"Must input parameter of {setting.flag}.\n{setting.usage_text}"
        raise RefusedError(text, answers.INVALID_PARAMETER)
    if not setting.accepts(value):
        text = f"Error parameter of {setting.flag}\n{setting.usage_text}"
        raise RefusedError(text, answers.INVALID_PARAMETER)
    return value


def keep(setting: Setting, request: Request, host: Host) -> Answer:
    """Store a checked value and say so; a chip that ignores orders says so, too."""
    value = value_of(setting, request)
    chips = {chip.npu["phy_id"] for chip in request.card if request.chip in {None, chip.id}}
    whole = request.card[0].npu["phy_id"] if request.card and request.is_mcu else None
    ignores = host.state["faults"].get("npu_smi_ignores_set", [])
    with host.node.change() as state:
        if not request.card:
            store = cast("dict[str, Any]", state).setdefault("npu_smi_settings", {})
            store.update({} if ignores else {setting.type: value})
        for npu in state["npus"]:
            if npu["phy_id"] in chips | {whole} and npu["phy_id"] not in ignores:
                npu["readings"].setdefault(_STORE, {})[setting.type] = value
    return _confirmed(setting, request, value)


def _confirmed(setting: Setting, request: Request, value: str) -> Answer:
    if setting.plain:
        return Answer(setting.plain.format(value))
    message = setting.said.get(value) or (setting.card if request.chip is None else setting.chip)
    return Answer(rows(zip(_RESULT_KEYS, ("OK", message))))


def stored(request: Request, host: Host) -> Answer | None:
    """Return what `npu-smi info` says of a setting that somebody has made, else None."""
    setting = next((one for one in load().values() if one.query == request.type), None)
    if setting is None:
        return None
    if request.scope == "none":
        value = cast("dict[str, Any]", host.state).get("npu_smi_settings", {}).get(setting.type)
        return None if value is None else Answer(_node_rows(setting, value, host))
    if not request.card:
        return None
    if request.chip is not None:
        chip = request.card[0] if request.is_mcu else request.the_chip
        return None if _value(setting, chip) is None else Answer(_rows(setting, chip))
    if any(_value(setting, chip) is None for chip in request.card):
        return None
    blocks = "".join(f"{_rows(setting, chip)}{rows([('Chip ID', chip.id)])}\n" for chip in request.card)
    head = rows([("NPU ID", request.card_id), ("Chip Count", len(request.card))])
    return Answer(f"{head}\n{blocks}")


def _node_rows(setting: Setting, value: str, host: Host) -> str:
    shown = {setting.keys[0]: setting.shown[value]}
    usual = host.family.settings.get(setting.query, [[setting.keys[0], ""]])
    return rows((key, shown.get(key.strip(), text)) for key, text in usual)


def _value(setting: Setting, chip: Chip) -> str | None:
    value = (chip.reading(_STORE) or {}).get(setting.type)
    return None if value is None else str(value)


def _rows(setting: Setting, chip: Chip) -> str:
    value = _value(setting, chip) or ""
    if setting.pattern:
        return rows(zip(setting.keys, value.split(":")))
    if setting.type == "op-timeout-cfg":  # transcript npu-smi/910B3/160; 2^exponent nanoseconds
        duration = f"{round(2 ** int(value) / 1_000_000)}ms"
        return rows([("Timeout Exponent", value), ("Timeout Duration", duration)], 18)
    return rows([(setting.keys[0], setting.shown.get(value, value) + setting.suffix)])
