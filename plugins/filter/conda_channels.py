# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Part the channels of conda from their credentials."""

from __future__ import annotations

DOCUMENTATION = r"""
name: conda_channels
short_description: Part the channels of conda from their credentials
version_added: 0.2.0
description:
  - An argument list can be read by everybody on a node, and conda keeps it in the history of an
    environment. So credentials in the address of a channel go into a configuration file, from which conda
    gives them to the channel with the plain address.
author:
  - The ascend.fleet contributors (@ascend-fleet)
options:
  _input:
    description:
      - Names or addresses of channels. An address may hold a user and a password, as in
        V(https://user:password@mirror.example/conda-forge), or a token, as in
        V(https://mirror.example/t/token/conda-forge).
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Show what conda is called with
  ansible.builtin.debug:
    msg: "{{ (['https://user:password@mirror.example/conda-forge'] | ascend.fleet.conda_channels).words }}"
# - [--override-channels, --channel=https://mirror.example/conda-forge]
"""

RETURN = r"""
_value:
  description:
    - In C(words) the arguments of conda, none for no channel. In C(configuration) the content of a
      C(.condarc) with the credentials, empty for none. In C(secrets) what must be shown nowhere.
  type: dict
  sample: {words: [], configuration: {}, secrets: []}
"""

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, unquote, urlsplit

from ansible.errors import AnsibleFilterError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_TOKEN = re.compile(r"(?P<place>.*?)/t/(?P<token>[^/]+)(?P<name>/.*|)")
_WEB = ("http", "https")
_CONDAS = re.compile(r"[A-Za-z0-9-]+")  # what conda takes for a token; others it would show


def conda_channels(channels: Iterable[str]) -> dict[str, Any]:
    """Return arguments and configuration; see the documentation above."""
    words: list[str] = []
    custom: dict[str, str] = {}
    secrets: list[str] = []
    for channel in channels:
        address = urlsplit(channel)
        user, at, host = address.netloc.rpartition("@")
        match = _TOKEN.fullmatch(address.path) if address.scheme in _WEB else None
        if at or match:
            plain, name, location = parted(address, host, match)
            if custom.setdefault(name, location) != location:
                raise AnsibleFilterError(f"{plain}: found two channels {name} with credentials, wanted one")
            secrets += filter(None, [user.partition(":")[2] or user, match["token"] if match else ""])
        words.append(f"--channel={plain if at or match else channel}")
    return {
        "words": ["--override-channels", *words] if words else [],
        "configuration": {"custom_channels": custom} if custom else {},
        "secrets": sorted({*secrets, *map(unquote, secrets)}, key=len, reverse=True),
    }


def parted(address: SplitResult, host: str, match: re.Match[str] | None) -> tuple[str, str, str]:
    """Return the plain address of a channel, its name, and the place of that name with the credentials."""
    before, name = (match["place"], match["name"]) if match else ("", address.path)
    token = f"/t/{match['token']}" if match else ""
    name = name.strip("/")
    plain = f"{address.scheme}://{host}{before}/{name}"
    if match and not _CONDAS.fullmatch(match["token"]):
        raise AnsibleFilterError(
            f"{plain}: found a token with other characters than letters, digits and -, wanted one that conda "
            "takes for a token and hides; use a user and a password"
        )
    if not name:
        raise AnsibleFilterError(
            f"{plain}: found a channel with credentials and no name, wanted a name at the end of its address"
        )
    return plain, name, f"{address.scheme}://{address.netloc}{before}{token}"


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter under its name."""
        return {"conda_channels": conda_channels}
