# SPDX-License-Identifier: GPL-3.0-or-later
"""`npu-smi set`, `clear` and `upgrade`: refusals, prompts, and the few settings that this simulator keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from npu_simulator.npu_smi import answers, kept_settings, share_file, texts, vnpus
from npu_simulator.npu_smi.answers import Answer, NotSimulatedError, RefusedError
from npu_simulator.npu_smi.grammar import Parser, Request, pairs
from npu_simulator.npu_smi.host import load_commands
from npu_simulator.npu_smi.prompts import Streams, confirmed, result
from npu_simulator.npu_smi.resets import reset

if TYPE_CHECKING:
    from npu_simulator.npu_smi.host import Host

_EVEN_HELP_ON_HOSTS_ONLY = {"910b", "910_93"}
# Types of `set` that are also open in a VM or a container on 910B. hicann/driver npu_cmd_parse.c.
_OPEN_ON_910B = {"reset", "reset-vnpu", "op-timeout-cfg", "device-share", "device-share-cfg-recover"}
_OPEN_ON_910 = {"reset"}
_OPEN_ON_310P = {"reset", "device-share", "device-share-cfg-recover"}


def _asks_help(words: list[str]) -> bool:
    return bool({"-h", "--help"}.intersection(words))


def change(words: list[str], host: Host, streams: Streams) -> Answer:
    """Answer `npu-smi set WORDS`."""
    if not host.node.is_root:
        raise RefusedError(texts.ROOT_ONLY, answers.NOT_PERMITTED)
    if not words:
        return Answer(texts.NO_OPTIONS + texts.SET_USAGE, answers.SHOW_HELP)
    _check_place(words, host)
    request = _parse_set(words, host)
    _check_declined(request, host)
    if request.scope == "none":
        return _change_node(request, host, streams)
    if not request.card:
        raise RefusedError(
            texts.CARD_WANTED.strip("\n") + "\n" + _set_usage(request, host), answers.INVALID_PARAMETER
        )
    setting = kept_settings.known(request, host)
    return _keep(setting, request, host, streams) if setting else _change_card(request, host, streams)


def _change_card(request: Request, host: Host, streams: Streams) -> Answer:
    if request.type == "device-share":
        return _share(request, host, streams)
    if request.type in vnpus.USAGES:
        return vnpus.change(request, host)
    if request.type == "clear-ecc-info" and request.chip is not None:
        return Answer(result("OK", "Set chip clear-ecc-info successfully"))
    if request.type == "reset" and request.chip is not None:
        return reset(request, host, streams)
    raise NotSimulatedError(f"npu-smi set -t {request.type}")


def _check_declined(request: Request, host: Host) -> None:
    """Refuse what some chips decline only when they are asked to do it. real-programs.md N3."""
    duo = request.type == "p2p-mem-cfg" and len(request.card) > 1 and request.chip is not None
    if duo or host.family.key in load_commands()["set"].get(request.type, {}).get("declines", []):
        raise RefusedError(texts.unsupported("setting", request.type), answers.NOT_SUPPORTED)


def _check_place(words: list[str], host: Host) -> None:
    """Refuse in a VM or container before anything is read. hicann/driver npu_set.c, transcripts 219-224."""
    newer = host.family.key in _EVEN_HELP_ON_HOSTS_ONLY
    named = {value for word, value in pairs(words) if word == "-t"}
    open_types = _OPEN_ON_910 if host.family.key == "910" else _OPEN_ON_310P
    if named.intersection(_OPEN_ON_910B if newer else open_types) or (newer and _asks_help(words)):
        return
    if newer and (host.in_vm or host.in_container):
        raise RefusedError(texts.HOST_ONLY, answers.NOT_PERMITTED)
    if host.in_container:
        raise RefusedError(texts.NOT_IN_CONTAINER, answers.NOT_PERMITTED)


def _set_usage(request: Request, host: Host) -> str:
    setting = kept_settings.known(request, host)
    if setting:
        return setting.usage_text
    usages = {**texts.SET_USAGES, **vnpus.USAGES, "device-share-cfg-recover": texts.SET_SHARE_RECOVERY_USAGE}
    if request.type not in usages:
        raise NotSimulatedError(f"the usage text of npu-smi set -t {request.type}")
    return usages[request.type]


def _parse_set(words: list[str], host: Host) -> Request:
    parser = Parser("set", host, texts.SET_USAGE, "setting")
    for word, value in pairs(words):
        if word in {"-h", "--help"}:
            raise RefusedError(_set_usage(parser.request, host), answers.OK)
        parser.request.options[word] = value
        if word == "-t":
            parser.take_type(word, value)
            setting = kept_settings.known(parser.request, host)
            parser.usage = setting.usage_text if setting else texts.SET_USAGES.get(parser.request.type, "")
        elif word == "-i":
            parser.take_card(value)
        elif word == "-c":
            parser.take_chip(value)
        elif word == "-d":
            _take_value(parser, value)
        elif word not in {"-s", "-f", "-m", "-v", "-g"}:
            raise parser.wrong(word)
    return parser.request


def _take_value(parser: Parser, value: str | None) -> None:
    wrong = value is None or not value.isdigit()
    if wrong or (parser.request.type == "device-share" and value not in {"0", "1"}):
        raise parser.wrong("-d")
    parser.request.value = value


def _change_node(request: Request, host: Host, streams: Streams) -> Answer:
    if request.type == "key-manage":  # transcript 157: it wants -s, and shows its usage without a reason
        raise RefusedError(texts.SET_KEY_MANAGE_USAGE, answers.INVALID_PARAMETER)
    if request.type == "device-share-cfg-recover":
        return _share_recovery(request, host, streams)
    setting = kept_settings.known(request, host)
    if not setting:
        raise NotSimulatedError(f"npu-smi set -t {request.type}")
    return _keep(setting, request, host, streams)


def _keep(setting: kept_settings.Setting, request: Request, host: Host, streams: Streams) -> Answer:
    """Ask where the program asks, and store the value."""
    value = kept_settings.value_of(setting, request)
    if setting.asks(value) and not confirmed(setting.question, streams):
        return Answer("", answers.ABORTED)
    return kept_settings.keep(setting, request, host)


def _share_recovery(request: Request, host: Host, streams: Streams) -> Answer:
    """Turn the replay of shared devices on, which asks, or off. real-programs.md N16, N21."""
    if request.value not in {"0", "1"}:
        text = f"Must input valid parameter of -d.\n{texts.SET_SHARE_RECOVERY_USAGE}"
        raise RefusedError(text, answers.INVALID_PARAMETER)
    on = request.value == "1"
    if on and not confirmed(texts.SHARE_RECOVERY_QUESTION, streams):
        return Answer("", answers.ABORTED)
    if request.type not in host.state["faults"].get("npu_smi_lies", []):
        share_file.switch(host.node, on)
    mode = "Enable" if on else "Disable"
    return Answer(result("OK", f"The device-share config recover mode {mode} is set successfully."))


def _share(request: Request, host: Host, streams: Streams) -> Answer:
    """Let containers share a card or chip; only switching it on asks."""
    if request.value is None:
        raise RefusedError("Must input parameter of -d.\n" + texts.SET_SHARE_USAGE, answers.INVALID_PARAMETER)
    on = request.value == "1"
    single = request.chip is not None and host.family.one_bus  # transcript npu-smi/A3/133
    question = texts.SHARE_CHIP_QUESTION if single else texts.SHARE_QUESTION
    if (on or single) and not confirmed(question, streams):
        return Answer("", answers.ABORTED)
    whole = request.chip is None or host.family.one_bus
    chips = {chip.npu["phy_id"] for chip in request.card if whole or request.chip == chip.id}
    ignores = host.state["faults"].get("npu_smi_ignores_set", [])
    lies = request.type in host.state["faults"].get("npu_smi_lies", [])
    with host.node.change() as state:
        for npu in state["npus"]:
            if npu["phy_id"] in chips and npu["phy_id"] not in ignores and not lies:
                npu["readings"]["device_share"] = on
    for chip in request.card:
        if chip.npu["phy_id"] in chips and not lies:
            share_file.save(host.node, chip.card, chip.id, on)
    words = "The device-share is set successfully."
    if request.chip is not None:
        words = kept_settings.chip_message("device-share", host)
    return Answer(result("OK", words))


def clear(words: list[str], host: Host) -> Answer:
    """Answer `npu-smi clear WORDS`."""
    if not host.node.is_root:
        raise RefusedError(texts.ROOT_ONLY, answers.NOT_PERMITTED)
    if host.in_vm or host.in_container:  # even its help: real-programs.md N3
        raise RefusedError(texts.HOST_ONLY, answers.NOT_PERMITTED)
    if not words:
        return Answer(texts.NO_OPTIONS + texts.CLEAR_USAGE, answers.SHOW_HELP)
    request = _parse_clear(words, host)
    if not request.card:
        text = texts.CARD_WANTED.strip("\n") + "\n" + texts.CLEAR_USAGE
        raise RefusedError(text, answers.INVALID_PARAMETER)
    if request.type == "ecc-info":
        return Answer(result("OK", "Clear ecc-info successfully."))
    if request.type == "tls-cert-period" and request.chip is not None:
        kept_settings.forget(request.type, request, host)
        return Answer(result("OK", "Clear tls-cert-period successfully."))
    raise NotSimulatedError(f"npu-smi clear -t {request.type}")


def _parse_clear(words: list[str], host: Host) -> Request:
    parser = Parser("clear", host, texts.CLEAR_USAGE, "clearing")
    for word, value in pairs(words):
        if word in {"-h", "--help"}:
            raise RefusedError(texts.CLEAR_USAGE, answers.OK)
        if word == "-t":
            parser.take_type(word, value)
        elif word == "-i":
            parser.take_card(value)
        elif word == "-c":
            parser.take_chip(value)
        else:
            raise parser.wrong(word)
    return parser.request
