# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Understand pip's report of what it would take, and show what was fetched. Pure.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from ansible_collections.ascend.fleet.plugins.module_utils._package_source import size_in_words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

_WISH = ("file", "sha256", "origin")
_COLUMNS = ("file", "size", "from", "state")


def pip_wheels(results: Sequence[Mapping[str, Any]], present: Collection[str]) -> dict[str, Any]:
    """Return what the reports of pip name; see the RETURN block of the filter C(pip_wheels).

    Raises ValueError for a text that is no report.
    """
    reports = [list(_wheels(result)) for result in results]
    merged: dict[str, dict[str, Any]] = {}
    for result, wheels in zip(results, reports):
        for wheel in wheels:
            entry = merged.setdefault(
                wheel["file"], {**{key: wheel[key] for key in _WISH}, "hosts": [], "releases": []}
            )
            for key in ("hosts", "releases"):
                entry[key] = sorted({*entry[key], *result["item"][key]})
    pins = [[wheel["pin"] for wheel in wheels if wheel["file"] not in present] for wheels in reports]
    return {
        "wheels": list(merged.values()),
        "rows": [_row(wheel, present) for wheel in merged.values()],
        "pins": pins,
    }


def _wheels(result: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    try:
        items = json.loads(result["stdout"])["install"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"found no report of pip in {result['stdout'][:200]!r}: {error}") from error
    for item in items:
        url, about = item["download_info"]["url"], item["metadata"]
        hashes = item["download_info"].get("archive_info", {}).get("hashes", {})
        file = unquote(urlsplit(url).path.rpartition("/")[2])
        yield {
            "file": file,
            "pin": f"{about['name']}=={about['version']}",
            "sha256": hashes.get("sha256"),
            "origin": url if url.startswith("http") else None,
        }


def _row(wheel: Mapping[str, Any], present: Collection[str]) -> dict[str, Any]:
    state = "there" if wheel["file"] in present else "due"
    return {"file": wheel["file"], "size": None, "url": wheel["origin"], "state": state}


def fetch_table(
    files: Sequence[Mapping[str, Any]], by_hand: Sequence[Mapping[str, Any]] = (), news: Collection[str] = ()
) -> str:
    """Return a table of files; see the filter C(fetch_table)."""
    rows = [{**row, "state": "fetched"} if row["file"] in news else dict(row) for row in files]
    rows += [{"file": one["file"], "url": one["origin"], "state": _hand(one["origin"])} for one in by_hand]
    cells = [_COLUMNS, *(_cells(row) for row in rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(_COLUMNS))]
    lines = [" | ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in cells]
    due = [row["size"] for row in rows if row.get("size") is not None and row["state"] == "due"]
    count = "1 file" if len(rows) == 1 else f"{len(rows)} files"
    total = f"{count}{_sizes(rows)}"
    rest = f", of which {size_in_words(sum(due))} are to be fetched" if due else ""
    return "\n".join([lines[0], "-+-".join("-" * width for width in widths), *lines[1:], "", total + rest])


def _sizes(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the sum of the sizes, and how many files are to be fetched of which nobody has said one."""
    known = [row["size"] for row in rows if row.get("size") is not None]
    open_ones = [
        row for row in rows if row.get("size") is None and row["state"] == "due" and not row.get("archive")
    ]
    if open_ones and not known:
        return " of unknown size"
    rest = f" and {len(open_ones)} of unknown size" if open_ones else ""
    return f", {size_in_words(sum(known))}{rest}"


def _hand(login: str | None) -> str:
    return f"get it by hand, with a login: {login}" if login else "get it by hand: no address is known"


def _cells(row: Mapping[str, Any]) -> tuple[str, str, str, str]:
    size, url = row.get("size"), row.get("url") or ""
    where = urlsplit(url).netloc.rpartition("@")[2] or str(row.get("archive") or "")
    return row["file"], "?" if size is None else size_in_words(size), where, row["state"]
