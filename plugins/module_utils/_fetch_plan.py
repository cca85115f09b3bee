# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide which files of a directory are to be fetched, unpacked and noted. Pure.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils._converge import Step
from ansible_collections.ascend.fleet.plugins.module_utils._fetch_book import MANIFEST, SUMS
from ansible_collections.ascend.fleet.plugins.module_utils._fetch_words import Wish
from ansible_collections.ascend.fleet.plugins.module_utils._package_source import host_of, size_in_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ansible_collections.ascend.fleet.plugins.module_utils._converge import Outcome

DIRECTORY, DOWNLOAD, UNPACK, NOTE = "directory", "download", "unpack", "note"
VERIFIED, UNPROVEN = "verified", "not checked"


@dataclass(frozen=True)
class File:
    """A file as it lies there: its size in bytes and its checksum."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Found:
    """What a directory holds of what is wanted. ``parts`` are bytes of files that are not complete."""

    exists: bool
    files: Mapping[str, File]
    parts: Mapping[str, int]
    sums: Mapping[str, str]
    manifest: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Order:
    """What is wanted of a directory: files, what the manifest says of each, and whether signatures count."""

    wishes: Sequence[Wish]
    remarks: Mapping[str, Mapping[str, Any]]
    verify: bool = False

    def known(self, found: Found) -> list[Wish]:
        """Return the wishes, with the checksums that SHA256SUMS adds to those that bring none."""
        return [replace(wish, sha256=wish.sha256 or found.sums.get(wish.file)) for wish in self.wishes]

    def due(self, found: Found) -> list[Wish]:
        """Return the wishes that have to be fetched."""
        return [wish for wish in self.known(found) if not _fits(wish, found.files.get(wish.file))]

    def members_due(self, wish: Wish, found: Found) -> list[str]:
        """Return what has to be taken out of the zip of ``wish``."""
        if not _fits(wish, found.files.get(wish.file)):
            return list(wish.unpack)
        return [name for name in wish.unpack if not self._proven(name, found)]

    def _proven(self, name: str, found: Found) -> bool:
        file = found.files.get(name)
        if file is None or file.sha256 != found.sums.get(name):
            return False
        return not self.verify or found.manifest.get(name, {}).get("signature") == VERIFIED

    def notes(self, found: Found) -> dict[str, dict[str, Any]]:
        """Return the manifest's entries of what is wanted and there, without the time of fetching."""
        return {
            file: {"file": file, "sha256": there.sha256, "size": there.size, **self.remarks.get(file, {})}
            for file, there in found.files.items()
        }

    def note_due(self, found: Found) -> bool:
        """Tell whether SHA256SUMS or the manifest lacks something of what is there."""
        notes = self.notes(found)
        return any(found.sums.get(file) != note["sha256"] for file, note in notes.items()) or any(
            {**found.manifest.get(file, {}), **note} != found.manifest.get(file)
            for file, note in notes.items()
        )


def _fits(wish: Wish, file: File | None) -> bool:
    if file is None or wish.size not in (None, file.size):
        return False
    return wish.sha256 in (None, file.sha256)


def steps(order: Order, found: Found, sizes: Mapping[str, int | None], directory: str) -> list[Step]:
    """Return what is to be done; ``sizes`` are the bytes that the servers announce, by file name."""
    planned = [] if found.exists else [Step(f"make the directory {directory}", (DIRECTORY,))]
    planned += [
        Step(_download(wish, found, sizes.get(wish.file)), (DOWNLOAD, wish.file)) for wish in order.due(found)
    ]
    planned += _unpackings(order, found)
    if planned or order.note_due(found):
        planned.append(Step(f"write {SUMS} and {MANIFEST} of {directory}", (NOTE,)))
    return planned


def _unpackings(order: Order, found: Found) -> Iterator[Step]:
    proof = ", whose signature must hold," if order.verify else ""
    for wish in order.wishes:
        members = order.members_due(wish, found)
        if members:
            yield Step(
                f"take {' and '.join(members)}{proof} out of {wish.file}", (UNPACK, wish.file, *members)
            )


def _download(wish: Wish, found: Found, size: int | None) -> str:
    whole = size if size is not None else wish.size
    words = "size unknown" if whole is None else size_in_words(whole)
    part = found.parts.get(wish.file, 0)
    verb = "replace" if wish.file in found.files else "download"
    what = (
        f"{wish.file} ({words}, of which {size_in_words(part)} are there)"
        if part
        else f"{wish.file} ({words})"
    )
    return f"{verb} {what} from {host_of(str(wish.url))}"


def bytes_due(order: Order, found: Found, sizes: Mapping[str, int | None]) -> int:
    """Return the bytes that are to come, as far as the servers announce them."""
    whole = {wish.file: sizes.get(wish.file) or wish.size or 0 for wish in order.due(found)}
    return sum(max(size - found.parts.get(file, 0), 0) for file, size in whole.items())


def rows(
    order: Order, outcome: Outcome[Found], sizes: Mapping[str, int | None], check_mode: bool
) -> Iterator[dict[str, Any]]:
    """Return what became, or in check mode will become, of each file."""
    due = {wish.file for wish in order.due(outcome.before)}
    for wish in order.known(outcome.after):
        taken_out = order.members_due(wish, outcome.before)
        for name in (wish.file, *wish.unpack):
            there = outcome.after.files.get(name)
            changes = name in due or name in taken_out
            announced = (sizes.get(name) or wish.size, wish.sha256) if name == wish.file else (None, None)
            size, sha256 = (
                announced if changes and check_mode or there is None else (there.size, there.sha256)
            )
            yield {
                "file": name,
                "state": ("due" if check_mode else "fetched") if changes else "there",
                "size": size,
                "sha256": sha256,
                "url": order.remarks.get(name, {}).get("url"),
                "archive": order.remarks.get(name, {}).get("archive"),
            }


def shown(found: Found) -> dict[str, Any]:
    """Return what the diff shows of a directory: which files it holds."""
    return {"files": sorted(found.files)}


def foreseen(order: Order, outcome: Outcome[Found]) -> dict[str, Any]:
    """Return what the diff of a real run will show."""
    wanted = {name for wish in order.wishes for name in (wish.file, *wish.unpack)}
    return {"files": sorted(wanted)} if outcome.changed else shown(outcome.after)
