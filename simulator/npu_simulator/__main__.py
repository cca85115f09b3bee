# SPDX-License-Identifier: GPL-3.0-or-later
"""Start the stand-in of one vendor program, or the node's own `npu-simulator` command, and log the call."""

from __future__ import annotations

import importlib
import signal
import sys
from typing import TYPE_CHECKING, TextIO

from npu_simulator.state import Node, StateError

if TYPE_CHECKING:
    from types import FrameType

TERMINATED = 128 + signal.SIGTERM

# program -> module that holds its main(), and the words put before the caller's arguments
PROGRAMS: dict[str, tuple[str, list[str]]] = {
    "npu-smi": ("npu_simulator.npu_smi", []),
    "hccn_tool": ("npu_simulator.hccn_tool", []),
    "upgrade-tool": ("npu_simulator.upgrade_tool", []),
    "lspci": ("npu_simulator.hardware", ["lspci"]),
    "dmidecode": ("npu_simulator.hardware", ["dmidecode"]),
    "shutdown": ("npu_simulator.boot", ["shutdown"]),
    "reboot": ("npu_simulator.boot", ["reboot"]),
    "boot": ("npu_simulator.boot", ["boot"]),
    "installers": ("npu_simulator.installers", []),
    "runc": ("npu_simulator.container_runtime", ["runc"]),
    "ascend-docker-runtime": ("npu_simulator.container_runtime", ["ascend-docker-runtime"]),
    "npu-simulator": ("npu_simulator.control", []),
}
# The makers of containers note themselves what they make, and become another program.
UNLOGGED = {"npu-simulator", "runc", "ascend-docker-runtime"}


def main(arguments: list[str]) -> int:
    """Run ``[run] <program> <arguments>`` and return its exit status."""
    words = arguments[1:] if arguments[:1] == ["run"] else arguments
    if not words or words[0] not in PROGRAMS:
        sys.stderr.write(f"usage: run PROGRAM [ARGUMENT ...], PROGRAM one of {', '.join(sorted(PROGRAMS))}\n")
        return 2
    signal.signal(signal.SIGTERM, _terminate)
    try:
        return run(words[0], words[1:], Node.from_environment(), (sys.stdin, sys.stdout, sys.stderr))
    except StateError as error:
        sys.stderr.write(f"npu-simulator: {error}\n")
        return 2


def run(program: str, argv: list[str], node: Node, streams: tuple[TextIO, TextIO, TextIO]) -> int:
    """Run one program on ``node`` with stdin, stdout, stderr; a killed one is logged with status 143."""
    module, before = PROGRAMS[program]
    status = TERMINATED
    try:
        status = importlib.import_module(module).main([*before, *argv], node, *streams)
        return status
    finally:
        streams[1].flush()
        if program not in UNLOGGED:
            node.log_call(program, argv, status)


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(TERMINATED)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
