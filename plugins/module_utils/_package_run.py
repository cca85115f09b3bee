# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetch a vendor package, prove its checksum, and run it with its output in a log that one can follow.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import glob
import os
import shlex
import shutil
import tempfile
import time
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ansible.module_utils.urls import fetch_url
from ansible_collections.ascend.fleet.plugins.module_utils._cli import (
    KILLED_STATUSES,
    TIMEOUT_STATUS,
    CliError,
    Result,
)
from ansible_collections.ascend.fleet.plugins.module_utils._package_source import bare, wrong_checksum
from ansible_collections.ascend.fleet.plugins.module_utils._package_words import (
    advice,
    last_lines,
    meaning,
    paragraph,
)
from ansible_collections.ascend.fleet.plugins.module_utils._run_package import INSTALL_LOG

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from ansible.module_utils.basic import AnsibleModule
    from ansible_collections.ascend.fleet.plugins.module_utils._cli import Runner

# The output goes to a file and not through a pipe: one can follow it, and a daemon that the package starts
# cannot keep the pipe open for ever. makeself unpacks into TMPDIR.
SCRIPT = 'log=$1 TMPDIR=$2; export TMPDIR; shift 2; exec bash "$@" >>"$log" 2>&1'
LOG_NAMES = "ascend_*_install.log"  # those of the CANN packages, beside that of driver and firmware
RUNTIME_LOG = "/var/log/ascend-docker-runtime/installer.log"
SILENCE = 60  # seconds without a byte after which a download is given up
HTTP_OK = 200
_TAIL = 65536  # bytes of a log that are looked at

_HTTP_ADVICE = {
    403: "the mirror refuses it: let the web server read the file, or use a source that needs no login",
    404: "the mirror has no such file: put the package there, or correct source or file",
}


class PackageError(CliError):
    """A package failed; ``details`` are further keys of the failure."""

    def __init__(self, message: str, result: Result, **details: Any) -> None:
        """Keep the sentence, the run and the details."""
        super().__init__(message, result)
        self.run = result
        self.details = details

    def as_failure(self) -> dict[str, Any]:
        """Return the keyword arguments of C(fail_json)."""
        run = self.run
        return {
            "msg": self.message,
            "cmd": list(run.argv),
            "rc": run.status,
            "stdout": run.stdout,
            **self.details,
        }


class GrowingFile:
    """A log, of which only what was added since the making of this object is of interest."""

    def __init__(self, path: str, start: int | None = None) -> None:
        """Remember the present end of the file ``path``, which need not exist, or take ``start`` for it."""
        self.path = path
        self.start = self._size() if start is None else start

    def _size(self) -> int:
        return os.path.getsize(self.path) if os.path.isfile(self.path) else 0

    def gained(self) -> str:
        """Return what was added, its end only when it is long; all of the file when it was rotated."""
        size = self._size()
        start = self.start if size >= self.start else 0
        if size == start:
            return ""
        with open(self.path, "rb") as log:
            log.seek(max(start, size - _TAIL))
            return log.read().decode("utf-8", errors="replace")


class VendorLogs:
    """The vendor's own logs, of which only what one run adds is of interest."""

    def __init__(self) -> None:
        """Remember the present ends of all of them; those that appear later are read from their beginning."""
        self.known = {path: GrowingFile(path) for path in self._paths()}

    @staticmethod
    def _paths() -> list[str]:
        home = os.path.expanduser("~").rstrip("/")
        own = f"{home}{os.path.dirname(INSTALL_LOG)}/{LOG_NAMES}"
        rest = sorted(
            {*glob.glob(f"{os.path.dirname(INSTALL_LOG)}/{LOG_NAMES}"), *glob.glob(own)} - {INSTALL_LOG}
        )
        return [INSTALL_LOG, *rest, RUNTIME_LOG]

    def gained(self) -> dict[str, str]:
        """Return what was added, by log, without those that stayed as they were."""
        texts = {path: self.known.get(path, GrowingFile(path, 0)).gained() for path in self._paths()}
        return {path: text for path, text in texts.items() if text}


@dataclass
class LoggedPackage:
    """A package on the node, and how it is run; ``timeout`` in seconds, for one run.

    ``before`` are words for bash that come before the package, such as those that source an environment.
    """

    runner: Runner
    path: str
    log: str
    temporary_directory: str
    timeout: int
    before: tuple[str, ...] = ()
    result: Result = field(init=False)
    vendor_logs: VendorLogs = field(init=False)

    def must(self, allowed: set[int], *arguments: str) -> Result:
        """Run the package; its output, which is also in the log, is the result's ``stdout``.

        Raises PackageError unless the package ends in time and with an ``allowed`` status.
        """
        words = (os.path.basename(self.path), *arguments)
        output, self.vendor_logs = self._begin(words), VendorLogs()
        start = time.monotonic()
        run = self._run(arguments)
        late = time.monotonic() - start >= self.timeout
        self.result = result = Result(words, run.status, output.gained() + run.stderr, "")
        if result.status == TIMEOUT_STATUS or (late and result.status in KILLED_STATUSES):
            raise self.failure(
                f"it did not end within {self.timeout} s and was stopped; its output is in {self.log}"
            )
        if result.status not in allowed:
            raise self.failure(f"exit status {result.status}, {meaning(result.status)}")
        return result

    def _run(self, arguments: tuple[str, ...]) -> Result:
        place = (self.log, self.temporary_directory)
        words = ("-c", SCRIPT, "sh", *place, *self.before, self.path, *arguments)
        try:
            return self.runner.run(*words, timeout=self.timeout)
        except CliError as error:
            if error.result is None:
                raise
            return error.result

    def _begin(self, words: tuple[str, ...]) -> GrowingFile:
        """Write into the log which run follows, and return the log from there on."""
        try:
            os.makedirs(os.path.dirname(self.log), mode=0o750, exist_ok=True)
            with open(self.log, "a", encoding="utf-8") as log:
                log.write(f"--- {time.strftime('%Y-%m-%d %H:%M:%S')} {shlex.join(words)}\n")
        except OSError as error:
            raise CliError(
                f"log: {self.log} cannot be written ({error.strerror}); "
                "run the task with become, or choose another file"
            ) from error
        return GrowingFile(self.log)

    def failure(self, why: str) -> PackageError:
        """Return the error that says what the last run failed at, why, what to do, and what it printed."""
        result, gained = self.result, self.vendor_logs.gained()
        vendor_text = "".join(gained.values())
        hints = advice(result.stdout) or advice(vendor_text) or [f"read {self.log} on the node"]
        message = (
            f"{result.command}: {why}. What to do: {'; '.join(hints)}."
            + paragraph(f"Last lines of the output ({self.log})", last_lines(result.stdout))
            + "".join(paragraph(f"Last lines of {path}", last_lines(text)) for path, text in gained.items())
        )
        logs = [self.log, *gained]
        return PackageError(message, result, log=self.log, logs=logs, install_log=last_lines(vendor_text))


def verify_checksum(module: AnsibleModule, path: str, wanted: str | None) -> None:
    """Raise CliError unless the file ``path`` has the sha256 ``wanted``; None accepts every file."""
    if wanted is None:
        return
    found = module.sha256(path)
    if found is None or found.lower() != wanted.lower():
        raise CliError(wrong_checksum(os.path.basename(path), str(found), wanted))


def package_on_node(module: AnsibleModule, package: str) -> AbstractContextManager[str]:
    """Give the path of the package, which is downloaded when ``package`` is an address, and removed after."""
    if not package.startswith(("http://", "https://")):
        return nullcontext(package)
    return downloaded(module, package)


@contextmanager
def downloaded(module: AnsibleModule, package: str) -> Iterator[str]:
    """Give the path of a copy of what the address serves, and remove it after."""
    with private_directory(module.params["temporary_directory"]) as directory:
        path = os.path.join(directory, module.params["file"])
        download(module, package, path)
        yield path


@contextmanager
def private_directory(parent: str) -> Iterator[str]:
    """Give a new directory below ``parent`` that only this user may enter, and remove it after."""
    try:
        directory = tempfile.mkdtemp(prefix="ascend-fleet-", dir=parent)
    except OSError as error:
        raise CliError(f"temporary_directory: {parent} cannot be written ({error.strerror})") from error
    try:
        yield directory
    finally:
        shutil.rmtree(directory)


class LostSourceError(CliError):
    """A mirror did not give a package; nothing was executed, and another source may be tried."""

    def as_failure(self) -> dict[str, Any]:
        """Return the keyword arguments of C(fail_json), with the mark for the action plugin."""
        return {**super().as_failure(), "source_lost": True}


def download(module: AnsibleModule, url: str, path: str) -> None:
    """Write what ``url`` serves to ``path``; raises LostSourceError. TLS certificates are checked."""
    response, info = fetch_url(module, url, timeout=SILENCE, decompress=False)
    status = info["status"]
    if response is None or status != HTTP_OK:
        hint = _HTTP_ADVICE.get(status, "compare source with the address of the mirror")
        raise LostSourceError(
            f"{bare(url)}: found HTTP status {status} ({info['msg']}), wanted {HTTP_OK}; {hint}"
        )
    try:
        with open(path, "wb") as target:
            shutil.copyfileobj(response, target)
    except OSError as error:
        raise LostSourceError(
            f"{bare(url)} could not be written to {path} ({error}); make room in temporary_directory, "
            "or look whether the mirror closed the connection"
        ) from error
