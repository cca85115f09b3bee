# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is noted of the files in a directory: SHA256SUMS for programs, manifest.json for people. Pure.

This module util is private to the collection and may change at any time.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils._fetch_words import FetchError

if TYPE_CHECKING:
    from collections.abc import Mapping

SUMS, MANIFEST = "SHA256SUMS", "manifest.json"
_SUM_LINE = re.compile(r"^([0-9a-f]{64}) [ *](?:\./)?(.+)$")


def read_sums(text: str) -> dict[str, str]:
    """Return the checksums in the text of a SHA256SUMS by file name; other lines say nothing."""
    found = (_SUM_LINE.match(line) for line in text.splitlines())
    return {match[2]: match[1] for match in found if match}


def write_sums(text: str, sums: Mapping[str, str]) -> str:
    """Return ``text`` with the lines of ``sums`` in it; the lines of other files stay as they are."""
    kept = []
    for line in text.splitlines():
        match = _SUM_LINE.match(line)
        if match is None or match[2] not in sums:
            kept.append(line)
    added = [f"{sums[file]}  {file}" for file in sorted(sums)]
    return "".join(f"{line}\n" for line in [*kept, *added])


def read_manifest(text: str, path: str) -> dict[str, dict[str, Any]]:
    """Return the entries of a manifest by file name; raises FetchError for a text that is none."""
    try:
        entries = json.loads(text)["files"] if text else []
        return {entry["file"]: entry for entry in entries}
    except (ValueError, KeyError, TypeError) as error:
        raise FetchError(
            f"{path}: found no manifest of this collection in it ({error}), wanted one, or no such file; "
            "move it away and run again"
        ) from error


def write_manifest(entries: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the text of a manifest, its entries by file name."""
    return json.dumps({"files": [entries[file] for file in sorted(entries)]}, indent=2) + "\n"
