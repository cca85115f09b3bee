# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask a web server for a file or the rest of one: the only place of the downloads that uses the network.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils._fetch_words import (
    HEAD_BYTES,
    TRANSIENT,
    FetchError,
    TransientError,
    Wish,
    content_problem,
    refused,
)
from ansible_collections.ascend.fleet.plugins.module_utils._package_source import bare, host_of

if TYPE_CHECKING:
    from collections.abc import Iterator

AGENT = "ascend.fleet"
PARTIAL, NOT_SATISFIABLE = 206, 416
_RANGE = re.compile(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)")


class RangeError(TransientError):
    """The server does not have the bytes that were asked for."""


@dataclass(frozen=True)
class Answer:
    """What a server said of a file: ``size`` in bytes and validators, None where it did not say."""

    url: str
    size: int | None
    etag: str | None
    last_modified: str | None
    start: int = 0

    def validators(self) -> dict[str, Any]:
        """Return what identifies this content, to be kept beside a part of it."""
        return {"etag": self.etag, "last_modified": self.last_modified, "size": self.size}


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follow redirects, but never from https to http."""

    def redirect_request(self, req: Any, *answer: Any, **named: Any) -> Any:
        """Refuse the loss of encryption."""
        newurl = named.get("newurl") or answer[-1]
        if req.full_url.startswith("https://") and not newurl.startswith("https://"):
            raise FetchError(
                f"found a redirect from {bare(req.full_url)} to {bare(newurl)} without encryption, "
                "wanted https; correct url to the final address if you trust it"
            )
        return super().redirect_request(req, *answer, **named)


class Site:
    """The web as the controller sees it: proxies of the environment, trusted authorities, a time limit."""

    def __init__(self, timeout: int, authorities: str | None = None) -> None:
        """Wait ``timeout`` seconds at most for a byte; ``authorities`` is a PEM file with more to trust."""
        self.timeout = timeout
        context = ssl.create_default_context()
        if authorities is not None:
            context.load_verify_locations(authorities)
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=context), _SafeRedirects()
        )

    def inquire(self, wish: Wish) -> Answer:
        """Ask for the first bytes of a file, and return what the server says of all of it.

        Raises FetchError when it is no such file, TransientError when the server may answer later.
        """
        with self._open(wish, {"Range": f"bytes=0-{HEAD_BYTES - 1}"}) as response:
            head = _read(wish, response, HEAD_BYTES)
            return accept(wish, response, head)

    @contextmanager
    def content(
        self, wish: Wish, start: int, validator: str | None
    ) -> Iterator[tuple[Answer, bytes, http.client.HTTPResponse]]:
        """Open a file from byte ``start`` on; give the answer, the first bytes and the rest of the stream.

        The answer's own ``start`` is 0 when the server sends the whole file, because it knows no ranges or
        because the content is no longer that of ``validator``. Raises as :meth:`inquire` does.
        """
        headers = {"Range": f"bytes={start}-"} if start else {}
        if start and validator:
            headers["If-Range"] = validator
        with self._open(wish, headers) as response:
            head = _read(wish, response, HEAD_BYTES)
            answer = accept(wish, response, head)
            yield answer, head, response

    @contextmanager
    def _open(self, wish: Wish, headers: dict[str, str]) -> Iterator[Any]:
        own = {"User-Agent": AGENT, "Accept-Encoding": "identity"}
        if wish.referer:
            own["Referer"] = wish.referer
        request = urllib.request.Request(str(wish.url), headers={**own, **headers})
        with self._answered(wish, request) as response:
            yield response

    def _answered(self, wish: Wish, request: urllib.request.Request) -> Any:
        try:
            return self.opener.open(request, timeout=self.timeout)
        except FetchError as error:
            raise FetchError(f"{wish.file}: {error}") from error
        except urllib.error.HTTPError as error:
            with error:
                raise _http_problem(wish, error) from error
        except (OSError, http.client.HTTPException) as error:
            raise connection_problem(wish, error) from error


def _http_problem(wish: Wish, error: urllib.error.HTTPError) -> FetchError:
    sentence = (
        f"{wish.file}: found the answer {error.code} {error.reason} of {host_of(error.url)}, wanted the file"
    )
    if error.code == NOT_SATISFIABLE:
        return RangeError(sentence)
    if error.code in TRANSIENT:
        after = error.headers.get("Retry-After", "")
        return TransientError(sentence, int(after) if after.isdigit() else None)
    return FetchError(refused(wish, error.url, error.code, str(error.reason)))


def connection_problem(wish: Wish, error: Exception) -> FetchError:
    """Return what to say of a connection that failed, with whether it is worth another attempt."""
    reason = getattr(error, "reason", error)
    host = host_of(str(wish.url))
    if isinstance(reason, ssl.SSLCertVerificationError):
        return FetchError(
            f"{wish.file}: found a certificate of {host} that nobody trusted vouches for "
            f"({reason.verify_message}), wanted one that holds; name the authority of your proxy or mirror "
            "in tls_authorities, and do not turn the check off"
        )
    what = (
        "no byte for too long" if isinstance(reason, socket.timeout) else str(reason) or type(reason).__name__
    )
    return TransientError(f"{wish.file}: found no working connection to {host} ({what}), wanted the file")


def _read(wish: Wish, response: Any, count: int) -> bytes:
    try:
        data: bytes = response.read(count)
    except (OSError, http.client.HTTPException) as error:
        raise connection_problem(wish, error) from error
    return data


def accept(wish: Wish, response: Any, head: bytes) -> Answer:
    """Return what the headers say; raise FetchError when what comes is no such file."""
    headers, start = response.headers, 0
    size = headers.get("Content-Length")
    if response.status == PARTIAL:
        match = _RANGE.match(headers.get("Content-Range", ""))
        start, size = (int(match[1] or 0), match[2]) if match else (0, None)
    if start == 0:
        problem = content_problem(wish, response.url, headers.get("Content-Type", ""), head)
        if problem:
            raise FetchError(problem)
    whole = int(size) if size and size.isdigit() else None
    return Answer(response.url, whole, headers.get("ETag"), headers.get("Last-Modified"), start)
