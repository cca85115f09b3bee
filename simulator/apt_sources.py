# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the Debian mirror that this machine itself uses, in both forms of apt's sources (sources.list(5))."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_ONE_LINE = re.compile(r"^deb\s+(?:\[[^\]]*\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)(?P<components>[^#]*)")


@dataclass(frozen=True)
class Source:
    """A place that apt takes binary packages from."""

    uri: str
    suites: tuple[str, ...]
    components: tuple[str, ...]


def one_line_sources(text: str) -> list[Source]:
    """Return the binary sources of a ``sources.list``: lines `deb [options] uri suite component ...`."""
    found = (_ONE_LINE.match(line.strip()) for line in text.splitlines())
    return [
        Source(line["uri"], (line["suite"],), tuple(line["components"].split())) for line in found if line
    ]


def deb822_sources(text: str) -> list[Source]:
    """Return the binary sources of a ``.sources`` file; stanzas with `Enabled: no` do not count."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    sources = []
    for stanza in re.split(r"\n\s*\n", "\n".join(lines)):
        pairs = re.findall(r"^(\S+):((?:.*)(?:\n[ \t].*)*)", stanza, re.MULTILINE)
        field = {name.lower(): value.split() for name, value in pairs}
        if "deb" in field.get("types", []) and field.get("enabled") != ["no"]:
            suites, components = tuple(field.get("suites", [])), tuple(field.get("components", []))
            sources += [Source(uri, suites, components) for uri in field.get("uris", [])]
    return sources


def debian_mirror(root: Path) -> str:
    """Return the URI of the mirror that the Debian system below ``root`` has its own release from.

    It is empty where ``root`` is no Debian, or has no such mirror that is reached over HTTP (a disc, a
    folder): a node in its container could not use it.
    """
    release = _os_release(root)
    if release.get("ID") != "debian":
        return ""
    for source in _sources_of(root):
        own = release.get("VERSION_CODENAME") in source.suites and "main" in source.components
        if own and source.uri.startswith(("http://", "https://")):
            return source.uri.rstrip("/")
    return ""


def _os_release(root: Path) -> dict[str, str]:
    lines = (root / "etc/os-release").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if "=" in line)
    return {name: value.strip("\"'") for name, _sign, value in pairs}


def _sources_of(root: Path) -> list[Source]:
    folder = root / "etc/apt"
    sources = []
    for file in [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]:
        if file.suffix == ".list" and file.exists():
            sources += one_line_sources(file.read_text(encoding="utf-8"))
        elif file.suffix == ".sources":
            sources += deb822_sources(file.read_text(encoding="utf-8"))
    return sources
