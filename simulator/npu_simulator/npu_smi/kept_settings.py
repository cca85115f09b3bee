# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings that `npu-smi set` keeps in the node's state, and what `npu-smi info` then says of them.

Until something was set, the answers of queries.py hold, which are those of the transcripts.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from npu_simulator.npu_smi import answers, texts
from npu_simulator.npu_smi.answers import Answer, RefusedError, rows
from npu_simulator.npu_smi.prompts import result

if TYPE_CHECKING:
    from npu_simulator.npu_smi.grammar import Request
    from npu_simulator.npu_smi.host import Chip, Host

_DUE = "settings_due"
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
    due: bool = False  # a reset or a boot makes it live
    plain_card: bool = False  # a card tells it without a head
    silent: bool = False  # nothing is printed
    wants_chip: bool = False
    needs: str = ""  # the switch that has to be on
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


def load(host: Host) -> list[Setting]:
    """Return the settings as the node's chips have them."""
    data = json.loads(Path(__file__).with_name("kept_settings.json").read_text(encoding="utf-8"))
    entries = {name: dict(entry) for name, entry in data.items() if name != "//"}
    for entry in entries.values():
        entry.update(entry.pop("families", {}).get(host.family.key, {}))
    return [Setting(type=name, **entry) for name, entry in entries.items()]


def known(request: Request, host: Host) -> Setting | None:
    """Return the setting that a request of `npu-smi set` is about, None for another type."""
    return next((setting for setting in load(host) if setting.type == request.type), None)


def chip_message(type_: str, host: Host) -> str:
    """Return the usual words for a chip; 310B boards have their own. hicann/driver npu_set_print.c."""
    if host.family.key == "310b":
        return f"The {type_} of the chip is set successfully."
    return f"Set chip {type_} successfully"


def value_of(setting: Setting, request: Request) -> str:
    """Return the value to set. Raises RefusedError for a wrong one, for a wrong place, and for none."""
    value = request.options.get(setting.flag)
    if value is not None and not setting.accepts(value):
        text = f"Error parameter of {setting.flag}\n{setting.usage_text}"
        raise RefusedError(text, answers.INVALID_PARAMETER)
    _check_place(setting, request)
    if value is None:
        text = f"Must input parameter of {setting.flag}.\n{setting.usage_text}"
        raise RefusedError(text, answers.INVALID_PARAMETER)
    return value


def _check_place(setting: Setting, request: Request) -> None:
    """Refuse a setting of the chip for a card, or of the card for a chip. Raises RefusedError."""
    if not request.card or (setting.card if request.chip is None else setting.chip):
        return
    place = "card" if request.chip is None else "chip"
    text = f'Error parameter in set {place} info, type: "{setting.type}".\n'
    if request.chip is None and setting.wants_chip:
        text = texts.CHIP_WANTED
    raise RefusedError(text + setting.usage_text, answers.INVALID_PARAMETER)


def keep(setting: Setting, request: Request, host: Host) -> Answer:
    """Store a checked value and say so; a chip that ignores orders says so, too."""
    value = value_of(setting, request)
    _check_needed(setting, request)
    faults = host.state["faults"]
    ignores = faults.get("npu_smi_ignores_set", [])
    lies = setting.type in faults.get("npu_smi_lies", [])
    chips = {chip.npu["phy_id"] for chip in request.card if request.chip in {None, chip.id}}
    whole = request.card[0].npu["phy_id"] if request.card and request.is_mcu else None
    with host.node.change() as state:
        if not request.card and not ignores and not lies:
            state.setdefault("npu_smi_settings", {})[setting.type] = value
        for npu in state["npus"]:
            if npu["phy_id"] in chips | {whole} and npu["phy_id"] not in ignores and not lies:
                npu["readings"].setdefault(_DUE if setting.due else _STORE, {})[setting.type] = value
    return _confirmed(setting, request, value)


def _check_needed(setting: Setting, request: Request) -> None:
    """Refuse what another setting has to permit first. hicann/driver npu_card_set.c."""
    if setting.needs and not any(_made(chip).get(setting.needs) == "1" for chip in request.card):
        text = f"Need set {setting.needs} as True first on a physical machine.\n"
        raise RefusedError(text, answers.NOT_PERMITTED)


def forget(type_: str, request: Request, host: Host) -> None:
    """Forget what was set for a chip, as `npu-smi clear` does."""
    with host.node.change() as state:
        for npu in state["npus"]:
            if npu["phy_id"] == request.the_chip.npu["phy_id"]:
                npu["readings"].get(_STORE, {}).pop(type_, None)
                npu["readings"].pop("tls_cert_days", None)


def _confirmed(setting: Setting, request: Request, value: str) -> Answer:
    if setting.plain:
        return Answer(setting.plain.format(value))
    if setting.silent:
        return Answer("")
    message = setting.said.get(value) or (setting.card if request.chip is None else setting.chip)
    return Answer(result("OK", message))


def stored(request: Request, host: Host) -> Answer | None:
    """Return what `npu-smi info` says of a setting that somebody has made, else None."""
    setting = next((one for one in load(host) if one.query == request.type), None)
    if setting is None:
        return None
    if request.scope == "none":
        value = host.state.get("npu_smi_settings", {}).get(setting.type)
        return None if value is None else Answer(_node_rows(setting, value, host))
    if not request.card:
        return None
    return _stored_in_chips(setting, request)


def _stored_in_chips(setting: Setting, request: Request) -> Answer | None:
    chips = request.card
    if request.chip is not None:
        chips = [request.card[0] if request.is_mcu else request.the_chip]
    if any(_value(setting, chip) is None for chip in chips):
        return None
    if request.chip is not None or setting.plain_card:
        return Answer(_rows(setting, chips[0]))
    blocks = "".join(f"{_rows(setting, chip)}{rows([('Chip ID', chip.id)])}\n" for chip in chips)
    head = rows([("NPU ID", request.card_id), ("Chip Count", len(chips))])
    return Answer(f"{head}\n{blocks}")


def _node_rows(setting: Setting, value: str, host: Host) -> str:
    shown = {setting.keys[0]: setting.shown[value]}
    usual = host.family.settings.get(setting.query, [[setting.keys[0], ""]])
    return rows((key, shown.get(key.strip(), text)) for key, text in usual)


def _made(chip: Chip) -> dict[str, str]:
    return {**chip.family.readings.get(_STORE, {}), **chip.npu["readings"].get(_STORE, {})}


def _value(setting: Setting, chip: Chip) -> str | None:
    return _made(chip).get(setting.type)


def _rows(setting: Setting, chip: Chip) -> str:
    value = _value(setting, chip) or ""
    if setting.pattern:
        return rows(zip(setting.keys, value.split(":")))
    if setting.type == "op-timeout-cfg":  # transcript npu-smi/910B3/160; 2^exponent nanoseconds
        duration = f"{round(2 ** int(value) / 1_000_000)}ms"
        return rows([("Timeout Exponent", value), ("Timeout Duration", duration)], 18)
    return rows([(setting.keys[0], setting.shown.get(value, value) + setting.suffix)])
