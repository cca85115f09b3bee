# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the small files in which the vendor's packages keep versions, and look through their folders.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

from pathlib import Path


def below(root: str, path: str) -> Path:
    """Return ``path`` of a host whose files lie below ``root``."""
    return Path(root) / path.lstrip("/")


def shown(path: Path, root: str) -> str:
    """Return ``path`` as the host itself calls it."""
    return "/" + str(path.relative_to(root))


def parse_assignments(text: str) -> dict[str, str]:
    """Return the C(key=value) lines of a version file; other lines (comments, headings) are left out."""
    pairs = (line.partition("=") for line in text.splitlines() if not line.lstrip().startswith("#"))
    return {key.strip(): value.strip().strip('"') for key, equals, value in pairs if equals}


def text_of(path: Path) -> str | None:
    """Return a file's text, None if there is no such file.

    A file of a process goes with it, even between open and read: the kernel answers ESRCH then (man 5 proc).
    """
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, NotADirectoryError, ProcessLookupError):
        return None


def assignments(path: Path) -> dict[str, str]:
    """Return the assignments of a file, none if there is no such file."""
    return parse_assignments(text_of(path) or "")


def folders(path: Path) -> list[Path]:
    """Return the real subdirectories in order, without links; none if ``path`` is no directory."""
    if not path.is_dir():
        return []
    return sorted(entry for entry in path.iterdir() if entry.is_dir() and not entry.is_symlink())
