# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Understand what is asked of M(ascend.fleet.fetch_package), and refuse what cannot be meant. Pure.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils._fetch_book import MANIFEST, SUMS
from ansible_collections.ascend.fleet.plugins.module_utils._fetch_words import Wish
from ansible_collections.ascend.fleet.plugins.module_utils._package_source import bare

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_NAME = re.compile(r"[A-Za-z0-9_][^/\x00]*")
_SUM = re.compile(r"[0-9a-f]{64}")
_RESERVED = (SUMS, MANIFEST)


def understand(files: Sequence[Mapping[str, Any]]) -> tuple[list[Wish], dict[str, dict[str, Any]], list[str]]:
    """Return the wishes, what the manifest says of each file beside its content, and what is wrong."""
    wishes = [_wish(file) for file in files]
    remarks = {name: remark for file in files for name, remark in _remarks(file)}
    names = Counter(name for wish in wishes for name in (wish.file, *wish.unpack))
    twice = [
        f"{name}: found it {count} times in files, wanted it once; leave the others out"
        for name, count in names.items()
        if count > 1
    ]
    return wishes, remarks, [*(problem for wish in wishes for problem in _problems(wish)), *twice]


def _wish(file: Mapping[str, Any]) -> Wish:
    sha256 = file["sha256"].lower() if file["sha256"] else None
    return Wish(file["file"], file["url"], sha256, file["size"], file["referer"], tuple(file["unpack"]))


def _remarks(file: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    common = {"hosts": sorted(file["hosts"]), "releases": sorted(file["releases"])}
    origin = file["url"] or file["origin"]
    yield file["file"], {**({"url": bare(origin)} if origin else {}), **common}
    for member in file["unpack"]:
        yield member, {"archive": file["file"], **common}


def _problems(wish: Wish) -> Iterator[str]:
    for name in (wish.file, *wish.unpack):
        if not _NAME.fullmatch(name) or name in _RESERVED:
            yield f"file: found the name {name!r}, wanted one of a package, without folders; correct it"
    if wish.sha256 is not None and not _SUM.fullmatch(wish.sha256):
        yield f"{wish.file}: found the sha256 {wish.sha256!r}, wanted 64 hexadecimal digits; correct it"
    if wish.unpack and not wish.file.endswith(".zip"):
        yield f"{wish.file}: found packages to take out of it, wanted a .zip; leave unpack out"
