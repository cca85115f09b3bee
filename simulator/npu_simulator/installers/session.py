# SPDX-License-Identifier: GPL-3.0-or-later
"""What every installer needs: its voice (stdout and log file), its pace, and the faults of its part."""

from __future__ import annotations

import fcntl
import os
import time
from typing import TYPE_CHECKING, TextIO

from npu_simulator import power
from npu_simulator.installers.files import append

if TYPE_CHECKING:
    from npu_simulator.state import Node

SECLOG = "/var/log/ascend_seclog"
INSTALL_LOG = f"{SECLOG}/ascend_install.log"
OPERATION_LOG = f"{SECLOG}/operation.log"
HDK_TIME = "%Y-%m-%d %H:%M:%S"
GREEN, RED, YELLOW, PLAIN = "\033[32m", "\033[31m", "\033[33m", "\033[0m"
_LOCK = "/var/lib/npu-simulator/installer.lock"
_HANG_POLL_S = 60.0
BUSY = (
    "[ERROR]ERR_NO:0x0094;ERR_DES:There is already a process being executed,"
    "please do not execute multiple tasks at the same time"
)
_LEVELS = {"Install": "SUGGESTION", "Upgrade": "MINOR", "Uninstall": "MAJOR"}


class Finished(SystemExit):
    """The installer ends here; ``code`` is its exit status."""


def broken_disk(error: OSError, place: str) -> str:
    """Return what `cp` says of a disk that is full or read-only, of ``place`` if the error names no file."""
    return f"cp: cannot create regular file '{error.filename or place}': {error.strerror}"


class Session:
    """One run of one installer on a node."""

    def __init__(self, node: Node, part: str, streams: tuple[TextIO, TextIO, TextIO]) -> None:
        """Serve ``part`` on ``node`` with stdin, stdout and stderr."""
        self.node = node
        self.part = part
        self.stdin, self.stdout, self.stderr = streams

    def print(self, text: str) -> None:
        """Write one line on stdout at once, so that a reader sees progress."""
        self.stdout.write(text + "\n")
        self.stdout.flush()

    def complain(self, text: str) -> None:
        """Write one line on stderr."""
        self.stderr.write(text + "\n")
        self.stderr.flush()

    def answer(self) -> str | None:
        """Return the next line of stdin without its end, or null at the end of stdin."""
        line = self.stdin.readline()
        return line.rstrip("\n") if line else None

    def wait(self, share: float) -> None:
        """Let ``share`` of the time pass that the state gives this installer."""
        time.sleep(self.node.read()["seconds"].get(self.part, 0) * share)

    def struck(self, fault: str) -> str | None:
        """Return how the fault strikes: null, "" for `driver`, "signature" for `driver:signature`."""
        for entry in self.node.read()["faults"].get(fault) or []:
            part, _colon, stage = entry.partition(":")
            if part == self.part:
                return str(stage)
        return None

    def reach(self, stage: str) -> None:
        """Come to a stage at which a fault may cut the power: one of npu_simulator.power.STAGES."""
        power.reach(self.node, self.part, stage)

    def hang_if_told(self) -> None:
        """Sleep until somebody kills this process, when the fault says so."""
        while self.struck("installer_hangs") is not None:
            time.sleep(_HANG_POLL_S)

    def occupy(self) -> bool:
        """Take the lock of the HDK installers for the life of this process; false when somebody has it."""
        descriptor = os.open(self.node.path(_LOCK), os.O_WRONLY | os.O_CREAT, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._lock = descriptor
        return True

    def release(self) -> None:
        """Give the lock back; a killed process gives it back by dying."""
        if hasattr(self, "_lock"):
            os.close(self._lock)
            del self._lock


class HdkVoice:
    """The lines of the driver and firmware installers, `[Driver] [2026-01-01 00:00:00] [INFO]...`."""

    def __init__(self, session: Session, tag: str) -> None:
        """Speak as ``tag``."""
        self.session = session
        self.tag = tag
        self.started = time.strftime(HDK_TIME)

    def say(self, text: str) -> None:
        """Print one line."""
        self.session.print(f"[{self.tag}] [{time.strftime(HDK_TIME)}] {text}")

    def log(self, text: str) -> None:
        """Write one line to the install log, with the user's id."""
        user = f"uid={self.session.node.uid}({'root' if self.session.node.is_root else 'user'})"
        self._to_log(f"[{self.tag}] [{time.strftime(HDK_TIME)}] [{user}] {text}\n")

    def note(self, text: str) -> None:
        """Write one line to the install log without the user's id, as the version checks do."""
        self._to_log(f"[{self.tag}] [{time.strftime(HDK_TIME)}] {text}\n")

    def report(self, text: str) -> None:
        """Print one line and write it to the install log."""
        self.say(text)
        self.log(text)

    def stamp(self, word: str) -> None:
        """Tell the time as the installer's start or end, on stdout and in the log."""
        line = f"[INFO]{word} time: {time.strftime(HDK_TIME)}"
        self.say(line)
        self._to_log(f"[{self.tag}] [{time.strftime(HDK_TIME)}] {line}\n")

    def finish(self, status: int) -> Finished:
        """Tell the end time and return what ends the installer: ``raise voice.finish(1)``."""
        self.stamp("End")
        return Finished(status)

    def refuse(self, text: str) -> Finished:
        """Print and log an error and return what ends the installer with status 1."""
        self.report(text)
        return self.finish(1)

    def record(self, operation: str, subject: str, result: str, details: str) -> None:
        """Append one line to operation.log."""
        line = f"{operation} {_LEVELS[operation]} root {self.started} 127.0.0.1 {subject} {result} {details}."
        append(self.session.node, OPERATION_LOG, line + "\n")

    def _to_log(self, line: str) -> None:
        if self.session.node.is_root:
            append(self.session.node, INSTALL_LOG, line)
