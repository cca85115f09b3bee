# SPDX-License-Identifier: GPL-3.0-or-later
"""/etc/device_share.cfg as the library keeps it, damage included. real-programs.md N21, N22.

The library goes on looking for a place for the new line behind the one that it found: a line that changes, or
that comes before another one, is written again and again, and a second block appears behind the end mark.
Transcript extra/npu-smi-device-share-file.txt; hicann/driver dcmi_cfg_insert_device_share_cmdline_to_buffer.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from npu_simulator.state import Node

PATH = "/etc/device_share.cfg"
_SWITCH = "device-share-recover:"
_START, _END = "[device-share-config start]", "[device-share-config end]"
_LINE = re.compile(r"npu-smi set -t device-share -i ([0-9]+) -c ([0-9]+) -d ([01])")
_MODE = 0o600
_ROOM = 256  # bytes: what the library's buffer has beyond the file
_REPLAYED_CARDS = range(8)  # the boot script takes no other ids


def _lines(node: Node) -> list[str]:
    file = node.path(PATH)
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def _write(node: Node, lines: list[str]) -> None:
    file = node.path(PATH)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    file.chmod(_MODE)


def recovers(node: Node) -> bool:
    """Tell whether a boot replays the list."""
    return _lines(node)[:1] == [f"{_SWITCH}enable"]


def switch(node: Node, on: bool) -> None:
    """Turn the replay on, or off, which empties the list but leaves what stands behind it."""
    lines = _lines(node) or ["", _START, _END]
    end = lines.index(_END)
    kept = lines[2:end] if on else []
    _write(node, [f"{_SWITCH}{'enable' if on else 'disable'}", _START, *kept, *lines[end:]])


def save(node: Node, card: int, chip: int, on: bool) -> None:
    """Write the line of a chip while the replay is on; what the library refuses, it refuses silently."""
    lines = _lines(node)
    if not recovers(node) or _START not in lines:
        return
    new = f"npu-smi set -t device-share -i {card} -c {chip} -d {int(on)}"
    written = _with_line(lines, new, (card, chip))
    if written is not None and _size(written) <= _size(lines) + _ROOM:
        _write(node, written)


def _size(lines: list[str]) -> int:
    return sum(len(line) + 1 for line in lines)


def _with_line(lines: list[str], new: str, place: tuple[int, int]) -> list[str] | None:
    """Return the file as the library writes it, None when the line stands there or another is not a line."""
    written: list[str] = []
    started = ended = complete = False
    for line in lines:
        if complete:
            written.append(line)
        ended = ended or line == _END
        old = _LINE.fullmatch(line)
        if started and not ended and (line == new or not old):
            return None
        others = (int(old[1]), int(old[2])) if old else place
        if started and not ended and others == place:
            written.append(new)
            complete = True
        elif started and (ended or others > place):
            written += [new, line]
            complete = True
        else:
            written.append(line)
        started = started or line == _START
    return written


def replayed(node: Node) -> set[int]:
    """Return the cards that a boot shares again: the first block only, and only ids up to 7."""
    if not recovers(node):
        return set()
    lines = _lines(node)
    found = [_LINE.fullmatch(line) for line in lines[: lines.index(_END)]]
    return {int(line[1]) for line in found if line and line[3] == "1" and int(line[1]) in _REPLAYED_CARDS}
