# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A directory of fetched files: read it, ask the servers, fetch several at a time, unpack, note.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils import _fetch_book as book
from ansible_collections.ascend.fleet.plugins.module_utils import _fetch_plan as plan
from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError
from ansible_collections.ascend.fleet.plugins.module_utils._fetch_run import PART, Download, Log, sha256_of
from ansible_collections.ascend.fleet.plugins.module_utils._fetch_words import (
    FetchError,
    TransientError,
    Wish,
    no_space,
    wrong_size,
)
from ansible_collections.ascend.fleet.plugins.module_utils._package_archive import unpack, verify_signature

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ansible_collections.ascend.fleet.plugins.module_utils._cli import Runner
    from ansible_collections.ascend.fleet.plugins.module_utils._converge import Step
    from ansible_collections.ascend.fleet.plugins.module_utils._fetch_http import Site

_SCHEMES = ("http://", "https://")


class FetchProblemsError(Exception):
    """All that stands in the way, one sentence each."""

    def __init__(self, sentences: Sequence[str]) -> None:
        """Keep the sentences."""
        super().__init__("\n".join(sentences))
        self.sentences = list(sentences)


@dataclass(frozen=True)
class Way:
    """How to fetch: ``parallel`` downloads, ``retries`` of each, the log, and what proves signatures."""

    site: Site
    parallel: int
    retries: int
    log: Log
    openssl: Runner
    authority: str | None


class Store:
    """A directory and what is wanted in it."""

    def __init__(self, directory: str, order: plan.Order, way: Way) -> None:
        """Take the directory, which need not exist."""
        self.directory, self.order, self.way = directory, order, way
        self.sizes: dict[str, int | None] = {}
        self.warnings: list[str] = []
        self.fetched: set[str] = set()
        self._hashes: dict[tuple[int, int, int], str] = {}

    def path(self, file: str) -> str:
        """Return where a file lies."""
        return os.path.join(self.directory, file)

    def read(self) -> plan.Found:
        """Return what the directory holds of what is wanted."""
        names = [name for wish in self.order.wishes for name in (wish.file, *wish.unpack)]
        files = {name: self._file(name) for name in names if os.path.isfile(self.path(name))}
        parts = [f"{name}{PART}" for name in names if os.path.isfile(self.path(f"{name}{PART}"))]
        return plan.Found(
            os.path.isdir(self.directory),
            files,
            {name[: -len(PART)]: os.path.getsize(self.path(name)) for name in parts},
            book.read_sums(self._text(book.SUMS)),
            book.read_manifest(self._text(book.MANIFEST), self.path(book.MANIFEST)),
        )

    def _file(self, name: str) -> plan.File:
        stat = os.stat(self.path(name))
        key = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
        if key not in self._hashes:
            self._hashes[key] = sha256_of(self.path(name))
        return plan.File(stat.st_size, self._hashes[key])

    def _text(self, name: str) -> str:
        if not os.path.isfile(self.path(name)):
            return ""
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def plan(self, found: plan.Found) -> list[Step]:
        """Return the steps, after asking the servers of what is due. Raises FetchProblemsError."""
        due = self.order.due(found)
        problems = [problem for problem in map(self._unreachable, due) if problem]
        new = [wish for wish in due if wish.file not in self.sizes and not self._unreachable(wish)]
        problems += [problem for problem in self._each(self._inquire, new) if problem]
        wanted, free = plan.bytes_due(self.order, found, self.sizes), self._free()
        if wanted > free:
            problems.append(no_space(self.directory, wanted, free))
        if problems:
            raise FetchProblemsError(problems)
        return plan.steps(self.order, found, self.sizes, self.directory)

    def _unreachable(self, wish: Wish) -> str | None:
        if wish.url is None:
            return (
                f"{wish.file}: found no such file with the wanted content in {self.directory} and no address "
                "to fetch it from, wanted it there; get it by hand and put it there"
            )
        if not wish.url.startswith(_SCHEMES):
            return f"{wish.file}: found the url {wish.url}, wanted one with http:// or https://; correct url"
        return None

    def _inquire(self, wish: Wish) -> str | None:
        try:
            size = self.sizes[wish.file] = self.way.site.inquire(wish).size
            if None not in (size, wish.size) and size != wish.size:
                return wrong_size(wish, int(size or 0), int(wish.size or 0))
        except TransientError as error:
            self.sizes[wish.file] = None
            self.warnings.append(f"{error}; its size is not known")
        except FetchError as error:
            return str(error)
        return None

    def _free(self) -> int:
        place = self.directory
        while not os.path.isdir(place):
            place = os.path.dirname(place)
        return shutil.disk_usage(place).free

    def _each(self, work: Callable[[Wish], str | None], wishes: Sequence[Wish]) -> list[str | None]:
        with ThreadPoolExecutor(max_workers=self.way.parallel) as pool:
            return list(pool.map(work, wishes))

    def apply(self, steps: Sequence[Step]) -> None:
        """Do the steps, downloads side by side, and note what is complete. Raises FetchProblemsError."""
        os.makedirs(self.directory, exist_ok=True)
        with self._alone():
            due = {step.args[1:] for step in steps if step.args[0] == plan.DOWNLOAD}
            wishes = self.order.known(self.read())
            problems = self._each(self._download, [wish for wish in wishes if (wish.file,) in due])
            if not any(problems):
                problems += [self._unpack(*step.args[1:]) for step in steps if step.args[0] == plan.UNPACK]
            self._note()
        left = [problem for problem in problems if problem]
        if left:
            raise FetchProblemsError(left)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other runs out of the directory."""
        handle = os.open(self.directory, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError as error:
            raise FetchProblemsError(
                [f"{self.directory}: found another run that fetches into it, wanted it alone; wait for it"]
            ) from error
        finally:
            os.close(handle)

    def _download(self, wish: Wish) -> str | None:
        try:
            Download(self.way.site, self.directory, wish, self.way.log).run(self.way.retries)
        except FetchError as error:
            self.way.log.say(f"{wish.file}: failed")
            return str(error)
        self.fetched.add(wish.file)
        return None

    def _unpack(self, archive: str, *members: str) -> str | None:
        """Take packages out of a zip beside it, prove them, and only then give them their names."""
        with tempfile.TemporaryDirectory(prefix=".unpack-", dir=self.directory) as folder:
            try:
                for name in members:
                    package, signature = unpack(self.path(archive), "", name, folder)
                    if self.way.authority is not None:
                        verify_signature(self.way.openssl, package, signature, self.way.authority)
            except CliError as error:
                return str(error.as_failure()["msg"])
            for name in members:
                os.replace(os.path.join(folder, name), self.path(name))
                self.fetched.add(name)
        self.way.log.say(f"{archive}: unpacked")
        return None

    def _note(self) -> None:
        """Write SHA256SUMS and the manifest of what is there."""
        found = self.read()
        notes = self.order.notes(found)
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        blank = {"url": None, "fetched": None}
        entries = {
            file: {**blank, **found.manifest.get(file, {}), **note, **self._news(file, now)}
            for file, note in notes.items()
        }
        kept = {file: entry for file, entry in found.manifest.items() if os.path.isfile(self.path(file))}
        sums = {file: str(note["sha256"]) for file, note in notes.items()}
        self._write(book.SUMS, book.write_sums(self._text(book.SUMS), sums))
        self._write(book.MANIFEST, book.write_manifest({**kept, **entries}))

    def _news(self, file: str, now: str) -> dict[str, Any]:
        if file not in self.fetched:
            return {}
        members = {name for wish in self.order.wishes for name in wish.unpack}
        proof = plan.VERIFIED if self.way.authority is not None else plan.UNPROVEN
        return {"fetched": now, **({"signature": proof} if file in members else {})}

    def _write(self, name: str, text: str) -> None:
        """Replace a small file at once, unless it says that already."""
        if text == self._text(name):
            return
        with open(self.path(f".{name}.new"), "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(file.name, self.path(name))
