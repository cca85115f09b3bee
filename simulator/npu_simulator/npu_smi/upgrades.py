# SPDX-License-Identifier: GPL-3.0-or-later
"""`npu-smi upgrade`: the MCU's version, and the refusals. real-programs.md N18, transcripts 163-173."""

from __future__ import annotations

from typing import TYPE_CHECKING

from npu_simulator.npu_smi import answers, texts
from npu_simulator.npu_smi.answers import Answer, NotSimulatedError, RefusedError, rows
from npu_simulator.npu_smi.grammar import Parser, Request, pairs

if TYPE_CHECKING:
    from npu_simulator.npu_smi.host import Host

_WARNING = "[WARNING]: Do not power off or restart the system during the upgrade.\n"


def upgrade(words: list[str], host: Host) -> Answer:
    """Answer `npu-smi upgrade WORDS`."""
    actions = {word for word, _value in pairs(words)}
    if actions.intersection({"-t", "-a"}) and not host.node.is_root:
        raise RefusedError(texts.ROOT_ONLY, answers.NOT_PERMITTED)
    if not words:
        raise NotSimulatedError("npu-smi upgrade without options")
    request = _parse(words, host)
    if not request.card:
        raise RefusedError(texts.CARD_WANTED + texts.UPGRADE_USAGE, answers.INVALID_PARAMETER)
    action = request.flags[0] if request.flags else ""
    if action == "-b":
        return _version(request)
    if action == "-t" and request.type == "mcu":
        return _flash(request, host)
    raise NotSimulatedError(f"npu-smi upgrade {' '.join(words)}")


def _parse(words: list[str], host: Host) -> Request:
    parser = Parser("upgrade", host, texts.UPGRADE_USAGE, "")
    for word, value in pairs(words):
        if word in {"-h", "--help"}:
            raise RefusedError(texts.UPGRADE_USAGE, answers.OK)
        if word in {"-b", "-t", "-q", "-a"}:
            _take_action(parser, word, value)
        elif word == "-i":
            parser.take_card(value)
        elif word == "-f":
            parser.request.file = value
            _check_file(value, host)
        else:
            raise parser.wrong(word)
    return parser.request


def _take_action(parser: Parser, word: str, value: str | None) -> None:
    if value is None or value not in parser.types:
        raise parser.wrong(word)
    if parser.host.family.key not in parser.types[value]["chips"]:
        verbs = {
            "-b": ("querying", "version"),
            "-q": ("querying", "upgrade progress"),
            "-t": ("upgrading", value),
            "-a": ("activating", value),
        }
        raise RefusedError(texts.unsupported(*verbs[word]), answers.NOT_SUPPORTED)
    parser.request.type = value
    parser.request.flags.append(word)


def _check_file(name: str | None, host: Host) -> None:
    if name is None or not host.node.path(name).exists():
        raise RefusedError("File path does not exist. Error:-1\n", answers.FILE_MISSING)


def _version(request: Request) -> Answer:
    version = request.card[0].reading("mcu_firmware") if request.type == "mcu" else None
    if version is None:  # the 910B has no VRD that answers
        return Answer(f"Failed to query {request.type} version.\n", answers.INNER_ERROR)
    return Answer(rows([("Version", version)]))


def _flash(request: Request, host: Host) -> Answer:
    if request.file is None:
        raise RefusedError("This command must input file path.\n", answers.INVALID_PARAMETER)
    if host.node.path(request.file).suffix != ".hpm":
        failed = rows([("Status", "Fail"), ("Message", "File type error")])
        return Answer(_WARNING + failed, answers.INNER_ERROR)
    raise NotSimulatedError("an upgrade of the MCU")
