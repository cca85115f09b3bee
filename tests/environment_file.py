# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a file as systemd does for C(EnvironmentFile=) of a unit (man systemd.exec)."""

from __future__ import annotations

import re

QUOTED = r"""'[^']*'|"(?:\\[\s\S]|[^"\\])*\""""
LINE = re.compile(
    rf"""[ \t\r]*(?:
        [#;][^\n]*                             # a comment
      | (?P<name>[^=\n]*)=                     # a line without this sign is passed over
        (?P<quoted>(?:[ \t\r]*(?:{QUOTED}))*)  # may go over several lines, and follow another
        [ \t\r]*(?P<plain>(?:\\[\s\S]|[^\\\n])*)  # here a quote is a character like others
      | [^\n]*
    )(?:\n|\\?\Z)""",
    re.VERBOSE,
)
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
BLANKS = (" ", "\t", "\r")


def parse(text: str) -> dict[str, str]:
    """Return the variables of the file; the last line of a name counts, and nothing is expanded."""
    found = {}
    position = 0
    while position < len(text):
        line = LINE.match(text, position)
        position = line.end()
        name = (line["name"] or "").rstrip(" \t\r")
        if NAME.fullmatch(name):
            quoted = "".join(map(_unquoted, re.findall(QUOTED, line["quoted"])))
            found[name] = quoted + _plain(line["plain"])
    return found


def _unquoted(piece: str) -> str:
    """Return what is between the quotes; a backslash counts between double ones only, as in a shell."""
    if piece.startswith("'"):
        return piece[1:-1]
    return re.sub(r'\\(?:\n|(["\\`$]))', lambda found: found[1] or "", piece[1:-1])


def _plain(text: str) -> str:
    """Return a value without quotes: blanks at its end go, and a backslash keeps what follows it."""
    pieces = re.findall(r"\\[\s\S]|[^\\]", text)
    while pieces and pieces[-1] in BLANKS:
        pieces.pop()
    return "".join("" if piece == "\\\n" else piece[-1] for piece in pieces)
