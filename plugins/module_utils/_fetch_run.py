# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring one file into a directory: go on where a cut one ended, try again, prove it, then give it its name.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import threading
from time import monotonic, sleep, strftime
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils import _fetch_words as words
from ansible_collections.ascend.fleet.plugins.module_utils._fetch_http import RangeError, connection_problem
from ansible_collections.ascend.fleet.plugins.module_utils._fetch_words import (
    FetchError,
    TransientError,
    Wish,
)
from ansible_collections.ascend.fleet.plugins.module_utils._package_source import size_in_words

if TYPE_CHECKING:
    from http.client import HTTPResponse

    from ansible_collections.ascend.fleet.plugins.module_utils._fetch_http import Answer, Site

PART = ".part"
_BLOCK = 1 << 20
_LONGEST_WAIT = 60  # seconds
_LINE_EVERY = 2  # seconds


def sha256_of(path: str) -> str:
    """Return the sha256 of a file."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(_BLOCK), b""):
            digest.update(block)
    return digest.hexdigest()


class Log:
    """A file to which all downloads add lines while they run; None writes nothing."""

    def __init__(self, path: str | None) -> None:
        """Take the path; its directory must exist."""
        self.path = path
        self._lock = threading.Lock()

    def say(self, text: str) -> None:
        """Add one line with the time of day."""
        if self.path is None:
            return
        with self._lock, open(self.path, "a", encoding="utf-8") as file:
            file.write(f"{strftime('%H:%M:%S')} {text}\n")


class Part:
    """What is there of a file that is not complete, with what its server said of the whole beside it."""

    def __init__(self, directory: str, file: str) -> None:
        """Name the part of ``file`` in ``directory``; nothing is read yet."""
        self.target = os.path.join(directory, file)
        self.path = f"{self.target}{PART}"
        self.note = f"{self.path}.json"

    def size(self) -> int:
        """Return the bytes that are there."""
        return os.path.getsize(self.path) if os.path.isfile(self.path) else 0

    def known(self) -> dict[str, Any]:
        """Return what was noted of the whole: C(url), C(etag), C(last_modified), C(size); or nothing."""
        try:
            with open(self.note, encoding="utf-8") as file:
                noted = json.load(file)
        except (FileNotFoundError, ValueError):
            return {}
        return noted if isinstance(noted, dict) else {}

    def begin(self, url: str, answer: Answer) -> None:
        """Forget what was there and note what the server says of the whole."""
        self.drop()
        with open(self.note, "w", encoding="utf-8") as file:
            json.dump({"url": url, **answer.validators()}, file)

    def drop(self) -> None:
        """Remove the part and its note."""
        for path in (self.path, self.note):
            if os.path.exists(path):
                os.unlink(path)

    def finish(self) -> None:
        """Give the part the file's name at once, so that nobody ever sees half of it there."""
        os.replace(self.path, self.target)
        self.drop()


class Download:
    """The way of one file from its server to its name in the directory."""

    def __init__(self, site: Site, directory: str, wish: Wish, log: Log) -> None:
        """Take what is needed; nothing is asked yet."""
        self.site, self.wish, self.log = site, wish, log
        self.part = Part(directory, wish.file)
        self.resumed = False

    def run(self, retries: int) -> None:
        """Fetch and prove the file. Raises FetchError; then the file of that name is as it was before."""
        self._complete(retries)
        problem = self._problem()
        if problem and self.resumed:
            self.log.say(f"{self.wish.file}: the part that was kept does not fit, beginning again")
            self.part.drop()
            self._complete(retries)
            problem = self._problem()
        if problem:
            self.part.drop()
            raise FetchError(problem)
        size = self.part.size()
        self.part.finish()
        self.log.say(f"{self.wish.file}: complete, {size_in_words(size)}")

    def _complete(self, retries: int) -> None:
        """Try until the part is complete, at most ``retries`` times in a row without a new byte."""
        failures, most = 0, self.part.size()
        while True:
            try:
                self._attempt()
                return
            except TransientError as error:
                failures = 1 if self.part.size() > most else failures + 1
                most = max(most, self.part.size())
                if failures > retries:
                    sentence = words.failed(self.wish, str(error), failures, self.part.size())
                    raise FetchError(sentence) from error
                wait = min(error.after if error.after is not None else 2 ** (failures - 1), _LONGEST_WAIT)
                self.log.say(f"{error}; trying again in {wait} s")
            sleep(wait)

    def _attempt(self) -> None:
        known, start = self._kept()
        if start and start == known.get("size"):
            self.resumed = True
            return
        try:
            with self.site.content(self.wish, start, _validator(known)) as (answer, head, stream):
                self._receive(known, start, answer, head, stream)
        except RangeError:
            self.part.drop()
            raise

    def _kept(self) -> tuple[dict[str, Any], int]:
        """Return what is known of a part that can be gone on with, and its bytes; 0 for none."""
        known, size = self.part.known(), self.part.size()
        proven = _validator(known) is not None or self.wish.sha256 is not None
        if not size or known.get("url") != self.wish.url or not proven:
            self.part.drop()
            return {}, 0
        return known, size

    def _receive(
        self, known: dict[str, Any], start: int, answer: Answer, head: bytes, stream: HTTPResponse
    ) -> None:
        if self.wish.size is not None and answer.size not in (None, self.wish.size):
            raise FetchError(words.wrong_size(self.wish, int(answer.size or 0), self.wish.size))
        if answer.start and (answer.start != start or words.moved_content(known, answer.validators())):
            self.part.drop()
            raise TransientError(
                f"{self.wish.file}: found other content than that of the part, wanted the rest"
            )
        self.resumed = answer.start > 0
        if not self.resumed:
            self.part.begin(str(self.wish.url), answer)
        how = f"going on at {size_in_words(start)}" if self.resumed else "beginning"
        self.log.say(f"{self.wish.file}: {how}{' again' if start and not self.resumed else ''}")
        self._write(answer, head, stream)
        if answer.size is not None and self.part.size() < answer.size:
            raise TransientError(
                f"{self.wish.file}: found the connection cut after {self.part.size()} bytes, "
                f"wanted {answer.size}"
            )

    def _write(self, answer: Answer, head: bytes, stream: HTTPResponse) -> None:
        progress = Progress(self.wish.file, answer, self.log)
        with open(self.part.path, "ab") as file:
            block = head
            while block:
                file.write(block)
                progress.add(len(block))
                try:
                    block = stream.read1(_BLOCK)
                except http.client.IncompleteRead as error:
                    file.write(error.partial)
                    raise connection_problem(self.wish, error) from error
                except (OSError, http.client.HTTPException) as error:
                    raise connection_problem(self.wish, error) from error

    def _problem(self) -> str | None:
        """Return what is wrong with the complete part; None when it is what was wanted."""
        wish, size = self.wish, self.part.size()
        if wish.size is not None and size != wish.size:
            return words.wrong_size(wish, size, wish.size)
        if wish.sha256 is None:
            return None
        found = sha256_of(self.part.path)
        return None if found == wish.sha256 else words.wrong_content(wish, found, wish.sha256)


class Progress:
    """Lines about how far a download is, one every few seconds."""

    def __init__(self, file: str, answer: Answer, log: Log) -> None:
        """Begin to count at the byte where the answer begins."""
        self.file, self.size, self.log = file, answer.size, log
        self.done, self.here, self.began = answer.start, 0, monotonic()
        self.said = self.began

    def add(self, count: int) -> None:
        """Count ``count`` more bytes."""
        self.done, self.here, now = self.done + count, self.here + count, monotonic()
        if now - self.said < _LINE_EVERY:
            return
        self.said = now
        speed = f"{size_in_words(int(self.here / (now - self.began)))}/s"
        share = f"{100 * self.done // self.size} % of {size_in_words(self.size)}" if self.size else None
        self.log.say(f"{self.file}: {share or size_in_words(self.done)}, {speed}")


def _validator(known: dict[str, Any]) -> str | None:
    """Return what If-Range takes: a strong ETag, else the date; None without either."""
    etag: str | None = known.get("etag")
    return etag if etag and not etag.startswith("W/") else known.get("last_modified")
