# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of /etc/hccn.conf as hccn_tool reads and changes it: pure functions.

Source: hicann/driver ascend910B/hccn_tool cfg.c; transcripts hccn_tool/910B/064-098 and 239.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from npu_simulator.live import Route

_PIECE = 383  # characters that one fgets of the vendor's 384 byte buffer takes
_SHORTEST = 3  # a line with less than key, "=" and value is no setting
_QUAD = r"(\d+\.\d+\.\d+\.\d+)"
_ROUTE = re.compile(rf"route_address_{_QUAD}_netmask_{_QUAD}_(\d+)=gateway_{_QUAD}")


class RouteSyntaxError(ValueError):
    """A line starts like a saved route and is none; the vendor's program gives up on it."""


def value(text: str, key: str) -> str | None:
    """Return what the first line with exactly ``key`` says, or None. Carriage returns and blanks count."""
    for piece in _pieces(text):
        line = piece[:-1] if piece.endswith("\n") else piece
        if line.startswith("#") or len(piece) < _SHORTEST or "=" not in line:
            continue
        name, _equals, found = line.partition("=")
        if name == key:
            return found
    return None


def with_value(text: str, key: str, new: str) -> str:
    """Return the text after a set: every line that starts with ``key=`` goes, the new one comes last.

    A last line without an end gets the new setting glued to it, as with the vendor's program.
    """
    kept = "".join(piece for piece in _pieces(text) if not piece.startswith(f"{key}="))
    return f"{kept}{key}={new}\n"


def without(text: str, part: str) -> str:
    """Return the text after a deletion: every line that contains ``part`` anywhere goes."""
    return "".join(piece for piece in _pieces(text) if part not in piece)


def routes(text: str, phy_id: int) -> list[Route]:
    """Return the saved IPv4 routes of a device. Raises RouteSyntaxError."""
    found: list[Route] = []
    for piece in _pieces(text):
        if not piece.startswith("route") or "=" not in piece:
            continue
        match = _ROUTE.match(piece)
        if match is None:
            raise RouteSyntaxError(piece)
        if int(match[3]) == phy_id:
            found.append({"address": match[1], "netmask": match[2], "gateway": match[4]})
    return found


def route_key(address: str, netmask: str, phy_id: int) -> str:
    """Return the key under which a route is saved."""
    return f"route_address_{address}_netmask_{netmask}_{phy_id}"


def _pieces(text: str) -> Iterator[str]:
    """Yield the lines, ends included, as the vendor's buffer sees them: long ones come in pieces."""
    for line in re.findall(r"[^\n]*\n|[^\n]+", text):
        yield from (line[at : at + _PIECE] for at in range(0, len(line), _PIECE))
