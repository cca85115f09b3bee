# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in of npu-smi for cards and servers of the families 910B and 910.

Everything is printed to stdout, refusals too, as the real program does; statuses are those of the real one.
What is not simulated is told on stderr with exit status 70.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TextIO

from npu_simulator.npu_smi import answers, texts
from npu_simulator.npu_smi.answers import Answer, NotSimulatedError, RefusedError
from npu_simulator.npu_smi.changes import change, clear
from npu_simulator.npu_smi.host import Host
from npu_simulator.npu_smi.prompts import Streams
from npu_simulator.npu_smi.queries import info
from npu_simulator.npu_smi.upgrades import upgrade

if TYPE_CHECKING:
    from npu_simulator.state import Node

_LONG_S = 60.0
NO_DEVICE = -8005
OCCUPIED = -8020
_COMMANDS = {"-h", "--help", "-v", "info", "set", "clear", "upgrade"}


def main(argv: list[str], node: Node, stdin: TextIO, stdout: TextIO, stderr: TextIO) -> int:
    """Run `npu-smi ARGV` on ``node`` and return its exit status."""
    hangs = node.read()["faults"].get("npu_smi_hangs", [])
    if hangs is True or set(argv[:1]) & set(hangs or []):
        _hang()
    try:
        answer = _answer(argv, node, Streams(stdin, stdout))
    except RefusedError as refusal:
        answer = refusal.answer
    except NotSimulatedError as missing:
        stderr.write(f"npu-smi: not simulated: {missing}\n")
        return answers.NOT_SIMULATED
    stdout.write(answer.text)
    return answer.status


def _hang() -> None:
    """Say nothing and never end; whoever waits has to kill it."""
    while True:
        time.sleep(_LONG_S)


def _answer(argv: list[str], node: Node, streams: Streams) -> Answer:
    if not argv:
        return Answer(texts.MAIN_USAGE, answers.INVALID_PARAMETER)
    if argv[0] not in _COMMANDS:  # the only two answers that need no driver: real-programs.md N1
        return Answer("Command or option is not found.\n" + texts.MAIN_USAGE, answers.INNER_ERROR)
    host = Host(node)
    _start(host)
    if argv[0] in {"-h", "--help"}:
        return Answer(texts.MAIN_USAGE)
    if argv[0] == "-v":
        return Answer(f"npu-smi version: {host.tool_version}\n")
    return _run(argv[0], argv[1:], host, streams)


def _run(command: str, words: list[str], host: Host, streams: Streams) -> Answer:
    if command == "info":
        return info(words, host)
    if command == "set":
        return change(words, host, streams)
    return clear(words, host) if command == "clear" else upgrade(words, host, streams)


def _start(host: Host) -> None:
    """Refuse when the library cannot reach a device. real-programs.md N2, transcripts 174-185, 195-197."""
    code = host.state["faults"].get("npu_smi_init", 0)
    if not code and (host.driver is None or not host.chips):
        code = NO_DEVICE
    if not code and all(chip.dead for chip in host.chips):
        code = OCCUPIED
    if not code:
        return
    text = f"dcmi module initialize failed. ret is {code}\n"
    if code == OCCUPIED:
        text = f"dcmi model initialized failed, because the device is used. ret is {code}\n"
    raise RefusedError(text, code & 0xFF)
