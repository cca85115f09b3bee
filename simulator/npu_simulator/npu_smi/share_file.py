# SPDX-License-Identifier: GPL-3.0-or-later
"""/etc/device_share.cfg as the library keeps it, damage included. real-programs.md N21, N22.

Transcript extra/npu-smi-device-share-file.txt: only lines in ascending order into an empty list leave the
file clean. The damage after a change is simpler here than there, but of the same kind: a second block after
the end mark, and later orders that are not saved.
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
    """Write the line of a chip, as long as the replay is on and the file is whole."""
    lines = _lines(node)
    if not recovers(node) or lines[-1:] != [_END] or lines.count(_END) != 1:
        return
    new = f"npu-smi set -t device-share -i {card} -c {chip} -d {int(on)}"
    old = {
        (int(found[1]), int(found[2])): line for line in lines for found in [_LINE.fullmatch(line)] if found
    }
    if old.get((card, chip)) == new:
        return
    follows = not old or (card, chip) > max(old)
    sorted_lines = [line for _chip, line in sorted({**old, (card, chip): new}.items())]
    damage = [] if follows else [new, _END]
    _write(node, [*lines[:2], *sorted_lines, _END, *damage])
