# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hold a directory of wheels against the environments that are to be made from it. Pure.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError

try:
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name
    from packaging.version import InvalidVersion, Version
except ImportError as error:  # in Ansible's import tests only, for ansible-core requires it
    PACKAGING_ERROR: ImportError | None = error
else:
    PACKAGING_ERROR = None

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

# Name, version, build number, Python, ABI and platform of a wheel; name and version of a source archive.
_WHEEL = re.compile(
    r"(?P<name>[^-]+)-(?P<version>[^-]+)(-\d[^-]*)?-(?P<python>[^-]+)-(?P<abi>[^-]+)-(?P<platform>[^-]+)\.whl"
)
_SOURCE = re.compile(r"(?P<name>.+)-(?P<version>[^-]+?)\.(tar\.gz|zip)")


def missing_wheels(ground: Mapping[str, Any]) -> Iterator[ProblemError]:
    """Yield what the wheelhouse of each environment lacks that the node has yet to get.

    Raises ProblemError when the controller's Python lacks what ansible-core requires.
    """
    if PACKAGING_ERROR is not None and ground.get("environments"):
        raise ProblemError(
            "a Python of ansible-core without packaging",
            "all that ansible-core requires",
            "install packaging there",
        ) from PACKAGING_ERROR
    for environment in ground.get("environments") or []:
        yield from _lacking(environment)
        yield from _gone(environment)


def _lacking(environment: Mapping[str, Any]) -> Iterator[ProblemError]:
    """Yield what is required and neither there nor built from its source."""
    files, arch = environment["files"], environment["arch"]
    python = ".".join(environment["python"].split(".")[:2])
    built = {canonicalize_name(name) for name in environment["built"]}
    lacks = [
        text
        for text, wanted in _named(environment["packages"])
        if canonicalize_name(wanted.name) not in built
        and not any(_meets(file, wanted, python, arch) for file in files)
    ]
    if lacks:
        yield ProblemError(
            f"no wheel in {environment['wheelhouse']} for {', '.join(lacks)}",
            f"wheels for Python {python} on {arch}: {environment['path']} is made of them",
            "fetch them with the playbook fetch or bundle, put them there, or correct npu_fleet_wheelhouse",
        )


def _gone(environment: Mapping[str, Any]) -> Iterator[ProblemError]:
    """Yield what the manifest of the wheelhouse names for the host and is not there."""
    gone = sorted({*environment["noted"]} - {*environment["files"]})
    if gone:
        yield ProblemError(
            f"no file {', '.join(gone)} in {environment['wheelhouse']}",
            "all that its manifest.json names for this host",
            "copy the wheelhouse again, or fetch them with the playbook fetch or bundle",
        )


def _named(texts: Iterable[str]) -> Iterator[tuple[str, Requirement]]:
    """Yield the requirements that name a wheel by name and version; any other is pip's matter."""
    for text in texts:
        try:
            wanted = Requirement(text)
        except InvalidRequirement:
            continue
        if not wanted.url and not wanted.marker:
            yield text, wanted


def _meets(file: str, wanted: Requirement, python: str, arch: str) -> bool:
    match = _WHEEL.fullmatch(file) or _SOURCE.fullmatch(file)
    if not match or canonicalize_name(match["name"]) != canonicalize_name(wanted.name):
        return False
    try:
        version = Version(match["version"])
    except InvalidVersion:
        return False
    fits = "python" not in match.groupdict() or _fits(match.groupdict(), python, arch)
    return fits and wanted.specifier.contains(version, prereleases=True)


def _fits(wheel: Mapping[str, str], python: str, arch: str) -> bool:
    """Tell whether a wheel's tags are for a CPython such as C(3.9) and an architecture."""
    platforms: Sequence[str] = wheel["platform"].split(".")
    if "any" not in platforms and not any(platform.endswith(f"_{arch}") for platform in platforms):
        return False
    return any(_runs(tag, wheel["abi"], python) for tag in wheel["python"].split("."))


def _runs(tag: str, abi: str, python: str) -> bool:
    minor = int(python.split(".")[1])
    if abi.startswith("abi3") and tag.startswith("cp3"):
        return int(tag[3:]) <= minor
    return tag in {"py3", f"cp3{minor}", f"py3{minor}"}
