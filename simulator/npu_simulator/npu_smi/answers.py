# SPDX-License-Identifier: GPL-3.0-or-later
"""What every npu-smi command ends in: a text and an exit status, or a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Tuple

if TYPE_CHECKING:
    from collections.abc import Iterable

# Exit statuses: the program's codes modulo 256. npu-smi-and-hccn_tool.md 1.1, real-programs.md N1-N3.
OK = 0
INVALID_PARAMETER = 215
NOT_PERMITTED = 214
INNER_ERROR = 211
NOT_EXISTING = 208
NOT_FOUND = 202
ABORTED = 200
SHOW_HELP = 199
DEVICE_FAILED = 197
NOT_SUPPORTED = 217
FILE_MISSING = 255

NOT_SIMULATED = 70

Row = Tuple[str, object]


class Answer(NamedTuple):
    """Text for stdout and the exit status."""

    text: str
    status: int = OK


class RefusedError(Exception):
    """The command ends here, with ``answer``."""

    def __init__(self, text: str, status: int) -> None:
        """Refuse with ``text`` on stdout and exit status ``status``."""
        super().__init__(text)
        self.answer = Answer(text, status)


class NotSimulatedError(Exception):
    """The real program does something here that this one does not play. It is told, never guessed."""


class DeviceFailedError(Exception):
    """A chip did not answer the query."""


def rows(pairs: Iterable[Row], width: int = 30) -> str:
    """Return key and value lines in npu-smi's layout."""
    return "".join(f"\t{key:<{width}} : {value}\n" for key, value in pairs)
