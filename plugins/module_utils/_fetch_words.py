# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said when a download is not what was wanted, and how that is seen. Pure.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ansible_collections.ascend.fleet.plugins.module_utils._package_source import bare, host_of, size_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping

HEAD_BYTES = 512  # of a file, enough to tell a page from a package
TRANSIENT = (408, 425, 429, 500, 502, 503, 504)
_PAGE_TYPES = ("text/html", "application/xhtml+xml")
_PAGE_BEGINNINGS = (b"<!doctype", b"<html", b"<head", b"<?xml", b"<error")
_LOGIN = re.compile(r"log-?in|sign-?in|sso|passport|oauth|\bauth\b|\bcas\b", re.IGNORECASE)
_LOGIN_STATUS, _FORBIDDEN, _PROXY_STATUS = 401, 403, 407
_BEGINNINGS = {
    ".run": (b"#!",),
    ".sh": (b"#!",),
    ".zip": (b"PK\x03\x04", b"PK\x05\x06"),
    ".whl": (b"PK\x03\x04",),
    ".conda": (b"PK\x03\x04",),
    ".gz": (b"\x1f\x8b",),
    ".bz2": (b"BZh",),
}


class FetchError(Exception):
    """A file cannot be fetched as wanted: found, wanted and the way out in one sentence."""


class TransientError(FetchError):
    """The same request may work later. ``after`` is the number of seconds that the server asks to wait."""

    def __init__(self, sentence: str, after: int | None = None) -> None:
        """Keep the sentence and the wait."""
        super().__init__(sentence)
        self.after = after


@dataclass(frozen=True)
class Wish:
    """A file that is wanted. ``size`` is in bytes; ``unpack`` names what to take out of a zip."""

    file: str
    url: str | None = None
    sha256: str | None = None
    size: int | None = None
    referer: str | None = None
    unpack: tuple[str, ...] = ()


def refused(wish: Wish, url: str, status: int, reason: str) -> str:
    """Return the sentence for a status with which a server refuses a file for good."""
    found = f"{wish.file}: found the answer {status} {reason} of {bare(url)}, wanted the file; "
    return found + _way_out(wish, url, status)


def _way_out(wish: Wish, url: str, status: int) -> str:
    if status == _PROXY_STATUS:
        return "the proxy wants a user: write user and password into the variables http_proxy and https_proxy"
    if status == _LOGIN_STATUS:
        return f"it takes a login: get it with a browser and put it into the directory as {wish.file}"
    if status == _FORBIDDEN:
        sent = f"the Referer {wish.referer} was sent" if wish.referer else "no Referer was sent"
        return (
            f"{host_of(url)} says so for a name that does not exist and for a missing Referer ({sent}): "
            "correct url, or set referer"
        )
    return (
        "no such name or folder is there: correct url, or get the file by hand and put it into the directory"
    )


def content_problem(wish: Wish, url: str, kind: str, head: bytes) -> str | None:
    """Return the sentence for an answer that is no such file, judged by type and first bytes; else None.

    ``url`` is where the answer came from in the end, ``kind`` its content type.
    """
    if kind.split(";", maxsplit=1)[0].strip().lower() in _PAGE_TYPES or _is_page(head):
        return _page(wish, url)
    suffix = wish.file[wish.file.rfind(".") :] if "." in wish.file else ""
    wanted = _BEGINNINGS.get(suffix)
    if wanted is None or not head or head.startswith(wanted):
        return None
    begins = head[:16].decode("ascii", "backslashreplace")
    return (
        f"{wish.file}: found content of type {kind or 'unknown'} that begins with {begins!r} at {bare(url)}, "
        f"wanted a {suffix} file; correct url, or get the file elsewhere and put it into the directory"
    )


def _is_page(head: bytes) -> bool:
    return head.lstrip().lower().startswith(_PAGE_BEGINNINGS)


def _page(wish: Wish, url: str) -> str:
    moved = wish.url is not None and bare(url) != bare(wish.url)
    what = (
        "a login page" if _LOGIN.search(urlsplit(url).path) or _LOGIN.search(host_of(url)) else "a web page"
    )
    where = f"at {bare(url)}, to which {bare(str(wish.url))} leads" if moved else f"at {bare(url)}"
    return (
        f"{wish.file}: found {what} {where}, wanted the file; nothing was kept. Log in there with a browser, "
        f"get the file and put it into the directory, or correct url"
    )


def wrong_content(wish: Wish, found: str, wanted: str) -> str:
    """Return the sentence for a file whose checksum is not the wanted one."""
    return (
        f"{wish.file}: found the sha256 {found} at {bare(str(wish.url))}, wanted {wanted}; what was "
        "fetched is thrown away and what was there before stays. Fetch again later or from elsewhere, or "
        "correct the checksum (option sha256, or the line in SHA256SUMS) when the vendor replaced the file"
    )


def wrong_size(wish: Wish, found: int, wanted: int) -> str:
    """Return the sentence for a file that has another length, in bytes, than was wanted."""
    return (
        f"{wish.file}: found {found} bytes at {bare(str(wish.url))}, wanted {wanted}; what was fetched is "
        "thrown away and what was there before stays. Correct size or url, or fetch from elsewhere"
    )


def no_space(directory: str, wanted: int, free: int) -> str:
    """Return the sentence for a directory whose file system has too few bytes left."""
    return (
        f"{directory}: found {size_in_words(free)} of free space, wanted {size_in_words(wanted)} for what is "
        "to be fetched; make room, or choose another directory"
    )


def failed(wish: Wish, error: str, attempts: int, kept: int) -> str:
    """Return the sentence for a file that did not come after several attempts; ``kept`` bytes are there."""
    rest = (
        f"{size_in_words(kept)} of it are kept and the next run goes on from there"
        if kept
        else "nothing is kept"
    )
    tries = "1 attempt" if attempts == 1 else f"{attempts} attempts"
    return f"{error}; given up after {tries}, {rest}. Look at the network or the proxy and run again"


def moved_content(old: Mapping[str, object], new: Mapping[str, object]) -> bool:
    """Tell whether the validators of a part that was kept no longer are those of the server."""
    known = [key for key in ("etag", "last_modified", "size") if old.get(key) and new.get(key)]
    return any(old[key] != new[key] for key in known)
