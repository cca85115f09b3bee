# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say where a vendor package comes from: a directory of the controller, a directory of the node, or a mirror.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import difflib
import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

TEMPORARY_DIRECTORY = "/var/tmp"  # where packages are put and unpacked; /tmp is often too small for them
_ARCH = re.compile(r"aarch64|x86[-_]64")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_KILO = 1000


class SourceError(ValueError):
    """A package cannot come from where it was said to be."""


@dataclass(frozen=True)
class Source:
    """A place that holds packages: ``kind`` is directory (of the controller), node or url."""

    kind: str
    place: str

    def __str__(self) -> str:
        """Return the source as :func:`parse_source` takes it."""
        return f"node:{self.place}" if self.kind == "node" else self.place

    @property
    def shown(self) -> str:
        """Return the source fit to be shown: without the user and password of an address."""
        return bare(self.place) if self.kind == "url" else str(self)

    def location(self, file: str) -> str:
        """Return the path or address of ``file`` in this place."""
        return f"{self.place.rstrip('/')}/{quote(file) if self.kind == 'url' else file}"


def host_of(url: str) -> str:
    """Return the host that an address names, with its port; no user, no password."""
    return urlsplit(url).netloc.rpartition("@")[2]


def bare(url: str) -> str:
    """Return an address without user, password and query, fit to be shown and kept."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{host_of(url)}{parts.path}"


def parse_source(text: str) -> Source:
    """Understand C(/directory), C(node:/directory) or C(http[s]://address); raises SourceError."""
    if text.startswith("node:/"):
        return Source("node", text[len("node:") :])
    if text.startswith(("http://", "https://")):
        return Source("url", text)
    if not text or text.startswith("node:") or _SCHEME.match(text):
        raise SourceError(
            f"source: found {text!r}; wanted a directory on the controller, node:/directory on the node, "
            "or the http(s):// address of a mirror"
        )
    return Source("directory", text)


def parse_sources(text: str) -> list[Source]:
    """Understand one source, or several as C(first or second); raises SourceError."""
    return [parse_source(part.strip()) for part in text.split(" or ")]


def check_file_name(file: str, arch: str) -> None:
    """Raise SourceError when ``file`` is no bare name, or names another architecture than ``arch``."""
    if not file or "/" in file:
        raise SourceError(
            f"file: found {file!r}; wanted a file name without folders (those belong to source)"
        )
    named = _ARCH.search(file)
    if named and named[0].replace("-", "_") != arch:
        raise SourceError(
            f"file: found {file}, a package for {named[0]}; the node is {arch}: choose the package for {arch}"
        )


def missing_package(place: str, file: str, names: Iterable[str]) -> str:
    """Return the sentence for a package that is not in the directory ``place``, which holds ``names``."""
    near = difflib.get_close_matches(file, sorted(names), n=3)
    found = f"near it are {', '.join(near)}" if near else "nothing there has a similar name"
    return f"{file} is not in {place}; {found}. Put the package there, or correct file or source"


def wrong_checksum(file: str, found: str, wanted: str) -> str:
    """Return the sentence for a package whose content is not the expected one."""
    return (
        f"{file}: found the sha256 {found}, wanted {wanted}; nothing was executed. "
        "Get the package again, or correct the checksum if the vendor replaced the file"
    )


def remount(place: str) -> str:
    """Return the command that lets programs run from the file system of ``place``, wherever it is mounted."""
    return f"mount -o remount,exec $(findmnt -n -o TARGET -T {shlex.quote(place)})"


def size_in_words(count: int) -> str:
    """Return a number of bytes as people say it: ``116 MB``."""
    size = float(count)
    for unit in ("bytes", "kB", "MB"):
        if size < _KILO:
            return f"{size:.0f} {unit}"
        size /= _KILO
    return f"{size:.1f} GB"
