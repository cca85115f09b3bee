# SPDX-License-Identifier: GPL-3.0-or-later
"""`npu-smi set`, `clear` and `upgrade`: refusals, prompts, and the few settings that this simulator keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TextIO

from npu_simulator.npu_smi import answers, kept_settings, share_file, texts, vnpus
from npu_simulator.npu_smi.answers import Answer, NotSimulatedError, RefusedError, rows
from npu_simulator.npu_smi.grammar import Parser, Request, pairs

if TYPE_CHECKING:
    from npu_simulator.npu_smi.host import Host

_RESULT_KEYS = ("Status", "Message")
# Types of `set` that are also open in a VM or a container on 910B. hicann/driver npu_cmd_parse.c.
_OPEN_ON_910B = {"reset", "reset-vnpu", "op-timeout-cfg", "device-share", "device-share-cfg-recover"}
_OPEN_ON_910 = {"reset"}


class Streams(NamedTuple):
    """Where prompts are printed and answers are read."""

    stdin: TextIO
    stdout: TextIO


def _result(status: str, message: str) -> str:
    return rows(zip(_RESULT_KEYS, (status, message)))


def _asks_help(words: list[str]) -> bool:
    return bool({"-h", "--help"}.intersection(words))


def _confirmed(question: str, streams: Streams, accepted: str) -> bool:
    """Print a question and read one word; anything but an accepted letter is a no. real-programs.md N16."""
    streams.stdout.write(question)
    streams.stdout.flush()
    words = streams.stdin.readline().split()
    return bool(words) and words[0] in accepted.split()


def change(words: list[str], host: Host, streams: Streams) -> Answer:
    """Answer `npu-smi set WORDS`."""
    if not host.node.is_root:
        raise RefusedError(texts.ROOT_ONLY, answers.NOT_PERMITTED)
    if not words:
        return Answer(texts.NO_OPTIONS + texts.SET_USAGE, answers.SHOW_HELP)
    _check_place(words, host)
    request = _parse_set(words, host)
    if request.scope == "none":
        return _change_node(request, host, streams)
    if not request.card:
        raise RefusedError(
            texts.CARD_WANTED.strip("\n") + "\n" + _set_usage(request), answers.INVALID_PARAMETER
        )
    setting = kept_settings.known(request)
    return _keep(setting, request, host, streams) if setting else _change_card(request, host, streams)


def _change_card(request: Request, host: Host, streams: Streams) -> Answer:
    if request.type == "device-share":
        return _share(request, host, streams)
    if request.type in vnpus.USAGES:
        return vnpus.change(request, host)
    if request.type == "clear-ecc-info" and request.chip is not None:
        return Answer(_result("OK", "Set chip clear-ecc-info successfully"))
    if request.type == "reset" and request.chip is not None:
        return _reset(host, streams)
    raise NotSimulatedError(f"npu-smi set -t {request.type}")


def _check_place(words: list[str], host: Host) -> None:
    """Refuse in a VM or container before anything is read. hicann/driver npu_set.c, transcripts 219-224."""
    newer = host.family.key != "910"
    named = {value for word, value in pairs(words) if word == "-t"}
    if named.intersection(_OPEN_ON_910B if newer else _OPEN_ON_910) or (newer and _asks_help(words)):
        return
    if newer and (host.in_vm or host.in_container):
        raise RefusedError(texts.HOST_ONLY, answers.NOT_PERMITTED)
    if host.in_container:
        raise RefusedError(texts.NOT_IN_CONTAINER, answers.NOT_PERMITTED)


def _set_usage(request: Request) -> str:
    setting = kept_settings.known(request)
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
            raise RefusedError(_set_usage(parser.request), answers.OK)
        parser.request.options[word] = value
        if word == "-t":
            parser.take_type(word, value)
            setting = kept_settings.known(parser.request)
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
    setting = kept_settings.known(request)
    if not setting:
        raise NotSimulatedError(f"npu-smi set -t {request.type}")
    return _keep(setting, request, host, streams)


def _keep(setting: kept_settings.Setting, request: Request, host: Host, streams: Streams) -> Answer:
    """Ask where the program asks, and store the value."""
    value = kept_settings.value_of(setting, request)
    if setting.asks(value) and not _confirmed(setting.question, streams, "y Y"):
        return Answer("", answers.ABORTED)
    return kept_settings.keep(setting, request, host)


def _share_recovery(request: Request, host: Host, streams: Streams) -> Answer:
    """Turn the replay of shared devices on, which asks, or off. real-programs.md N16, N21."""
    if request.value not in {"0", "1"}:
        text = f"Must input valid parameter of -d.\n{texts.SET_SHARE_RECOVERY_USAGE}"
        raise RefusedError(text, answers.INVALID_PARAMETER)
    on = request.value == "1"
    if on and not _confirmed(texts.SHARE_RECOVERY_QUESTION, streams, "y Y"):
        return Answer("", answers.ABORTED)
    share_file.switch(host.node, on)
    mode = "Enable" if on else "Disable"
    return Answer(_result("OK", f"The device-share config recover mode {mode} is set successfully."))


def _share(request: Request, host: Host, streams: Streams) -> Answer:
    """Let containers share a card or chip; only switching it on asks."""
    if request.value is None:
        raise RefusedError("Must input parameter of -d.\n" + texts.SET_SHARE_USAGE, answers.INVALID_PARAMETER)
    on = request.value == "1"
    if on and not _confirmed(texts.SHARE_QUESTION, streams, "y Y"):
        return Answer("", answers.ABORTED)
    chips = {chip.npu["phy_id"] for chip in request.card if request.chip in {None, chip.id}}
    ignores = host.state["faults"].get("npu_smi_ignores_set", [])
    with host.node.change() as state:
        for npu in state["npus"]:
            if npu["phy_id"] in chips and npu["phy_id"] not in ignores:
                npu["readings"]["device_share"] = on
    for chip in request.card:
        if chip.npu["phy_id"] in chips:
            share_file.save(host.node, chip.card, chip.id, on)
    whole = "The device-share is set successfully."
    return Answer(_result("OK", whole if request.chip is None else "Set chip device-share successfully"))


def _reset(host: Host, streams: Streams) -> Answer:
    """Reset a chip: on 910B it would take all with it, and asks again. Transcripts 143-145."""
    if not _confirmed(texts.RESET_QUESTION, streams, "y Y"):
        return Answer(_result("Fail", "User aborts reset server by inband."), answers.ABORTED)
    if host.family.key == "910":
        return Answer(rows([("Message", "resetting ...")]) + _result("OK", "Reset server successfully."))
    if not _confirmed(texts.RESET_ALL_QUESTION, streams, "y Y"):
        return Answer(_result("Fail", "Failed to reset server"), answers.INNER_ERROR)
    raise NotSimulatedError("a reset of all devices")


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
        return Answer(_result("OK", "Clear ecc-info successfully."))
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
