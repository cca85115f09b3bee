# SPDX-License-Identifier: GPL-3.0-or-later
"""What the file says that CONDARC names: `custom_channels`, names of channels to their places.

As with the real one, a channel with the plain address of such a place and name gets the user, password and
token of the place. Of YAML only the form of JSON is read. Channels with credentials are asked for their
index, all others on servers are not.
"""

from __future__ import annotations

import base64
import json
import os
import re
import urllib.error
import urllib.request
from pathlib import Path
from typing import Iterable
from urllib.parse import unquote, urlsplit

from conda.program.errors import InvalidChannelError

_TOKEN = re.compile(r"/t/[A-Za-z0-9-]+")


def ask(channels: Iterable[str]) -> None:
    """Ask the channels that have credentials for their index. Raises InvalidChannelError for a refusal."""
    known = dict(_places())
    for channel in channels:
        if channel.rstrip("/") in known:
            _index(channel.rstrip("/"), known[channel.rstrip("/")])


def _places() -> Iterable[tuple[str, str]]:
    """Yield the plain addresses of custom channels with those that have the credentials."""
    file = os.environ.get("CONDARC", "")
    if file:
        custom = json.loads(Path(file).read_text(encoding="utf-8")).get("custom_channels", {})
        for name, place in custom.items():
            parts = urlsplit(f"{place}/{name}")
            path = _TOKEN.sub("", parts.path, count=1)
            yield f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{path}", parts.geturl()


def _index(plain: str, address: str) -> None:
    parts = urlsplit(address)
    user, at, host = parts.netloc.rpartition("@")
    request = urllib.request.Request(f"{parts.scheme}://{host}{parts.path}/noarch/repodata.json")
    if at:
        code = base64.b64encode(unquote(user).encode()).decode()
        request.add_header("Authorization", f"Basic {code}")
    try:
        with urllib.request.urlopen(request, timeout=10):
            pass
    except urllib.error.HTTPError as error:
        raise InvalidChannelError(plain.rpartition("/")[2], plain, error.code, error.reason) from error
