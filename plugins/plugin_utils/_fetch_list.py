# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work out what a fleet needs to have fetched: each file once, from where, and for which hosts. Pure.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ansible_collections.ascend.fleet.plugins.plugin_utils._fetch_environments import (
    asked_of_pip,
    builds_due,
    conda_makes_one,
    indexes,
)
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError, nearest, one_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_OLDEST_GLIBC = 5  # manylinux1 is glibc 2.5


@dataclass
class File:
    """A file to be fetched, and who needs it."""

    file: str
    url: str | None
    sha256: str | None
    login: str | None = None
    unpack: set[str] = field(default_factory=set)
    hosts: set[str] = field(default_factory=set)
    releases: set[str] = field(default_factory=set)

    def as_wish(self, sites: Mapping[str, Any]) -> dict[str, Any]:
        """Return what M(ascend.fleet.fetch_package) takes."""
        host = urlsplit(self.url or "").netloc
        return {
            "file": self.file,
            "url": self.url,
            "sha256": self.sha256,
            "referer": sites.get(host, {}).get("referer"),
            "unpack": sorted(self.unpack),
            "hosts": sorted(self.hosts),
            "releases": sorted(self.releases),
        }

    def by_hand(self) -> dict[str, Any]:
        """Return what people have to get themselves."""
        return {"file": self.file, "origin": self.login, "hosts": sorted(self.hosts)}


def fetch_list(
    needs: Sequence[Mapping[str, Any]],
    downloads: Mapping[str, Any],
    interpreter: Callable[[str], Mapping[str, Any]],
) -> dict[str, list[dict[str, Any]]]:
    """Return what is to be fetched for all C(needs); see the RETURN block of the lookup C(fetch_list).

    ``downloads`` is the catalog's file of that name, ``interpreter`` gives its private Python for an
    architecture. Raises ProblemError when one file is wanted
    with two contents.
    """
    packages: dict[str, File] = {}
    wheels: dict[str, File] = {}
    resolved = [{**need, "bill": need["answer"]["found"]} for need in needs if need["answer"]["found"]]
    for need in resolved:
        for wanted in [*_packages(need), *_installers(need, downloads)]:
            _merge(packages, wanted, need)
        if need.get("interpreter"):
            python = interpreter(need["bill"]["arch"])
            _merge(packages, File(python["file"], python["url"], python["sha256"]), need)
        for wheel in _published_wheels(need):
            _merge(wheels, File(wheel["file"], wheel["url"], wheel["sha256"]), need)
        for archive in _archives(need):
            _merge(packages, archive, need)
    sites = downloads["sites"]
    return {
        "packages": [one.as_wish(sites) for one in packages.values() if one.url],
        "wheels": [one.as_wish(sites) for one in wheels.values()],
        "by_hand": [one.by_hand() for one in packages.values() if not one.url],
        "environments": list(_environments(resolved)),
        "repositories": list(_repositories(resolved)),
        "problems": [
            {**need["answer"]["error"], "host": need["host"], "severity": "error"}
            for need in needs
            if need["answer"]["error"]
        ],
    }


def _packages(need: Mapping[str, Any]) -> Iterator[File]:
    for package in need["bill"]["packages"]:
        if package["part"] in need["parts"]:
            yield _package(package)


def _installers(need: Mapping[str, Any], downloads: Mapping[str, Any]) -> Iterator[File]:
    """Yield the installer of conda where conda makes an environment; what came by hand has no address."""
    installer, known = need.get("conda_installer", ""), downloads["conda_installers"]
    if not installer or not conda_makes_one(need):
        return
    installer = installer.replace("{arch}", need["bill"]["arch"])
    if installer in known:
        yield File(installer, known[installer]["url"], known[installer]["sha256"])
    elif installer in need.get("directory", []):
        yield File(installer, None, None)
    else:
        raise ProblemError(
            f"the conda installer {installer} of {need['host']}",
            f"{one_of(known)}{nearest(installer, known)}",
            "correct torch_npu_conda_installer, put the file beside the packages, or describe it in a "
            "downloads.yml of your own and name its directory in npu_fleet_catalog",
        )


def _published_wheels(need: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for wheel in need["bill"]["wheels"]:
        framework = "torch" if wheel["file"].startswith("torch") else "mindspore"
        if framework in need["frameworks"]:
            yield wheel


def _package(package: Mapping[str, Any]) -> File:
    """Take the signed zip around a package, unless the package itself has an address and a checksum."""
    archive = package.get("archive")
    direct = package["url"] and package["sha256"]
    if archive and archive["url"] and not direct:
        return File(archive["file"], archive["url"], archive["sha256"], unpack={package["file"]})
    return File(package["file"], package["url"], package["sha256"], package.get("login"))


def _merge(files: dict[str, File], wanted: File, need: Mapping[str, Any]) -> None:
    known = files.setdefault(wanted.file, wanted)
    if (known.url, known.sha256) != (wanted.url, wanted.sha256):
        others = ", ".join(sorted(known.hosts))
        raise ProblemError(
            f"{wanted.file} from {wanted.url} with the sha256 {wanted.sha256} for {need['host']}, and from "
            f"{known.url} with {known.sha256} for {others}",
            "one content for one name in one directory",
            "fetch for these hosts one after the other (--limit), each into a directory of its own",
        )
    known.unpack |= wanted.unpack
    known.hosts.add(need["host"])
    known.releases.add(need["bill"]["release"])


def _archives(need: Mapping[str, Any]) -> Iterator[File]:
    """Yield the archives of sources that lie on a server; nodes of a site without a network cannot ask it."""
    for build in builds_due(need):
        if build["archive"].startswith(("http://", "https://")):
            yield File(build["fetched"], build["archive"], build["sha256"])


def _repositories(needs: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield each repository that something is built from once, with the name of the archive for it.

    Of one that a build clones itself, which takes a commit of it, all is wanted: its C(ref) is empty.
    """
    seen: dict[tuple[str, str], dict[str, Any]] = {}
    for need in needs:
        for build in builds_due(need):
            wanted = [(build["git"], build["ref"], build["fetched"])] if build["git"] else []
            wanted += [(one["mirror"] or one["git"], "", one["fetched"]) for one in build["clones"]]
            for git, ref, file in wanted:
                known = seen.setdefault((git, ref), {"file": file, "git": git, "ref": ref, "hosts": []})
                known["hosts"] = sorted({*known["hosts"], need["host"]})
    yield from seen.values()


def _environments(needs: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield each Python environment that hosts are to have once, with what pip is asked for it."""
    seen: dict[tuple[Any, ...], dict[str, Any]] = {}
    for need in needs:
        bill = need["bill"]
        for python, requirements in asked_of_pip(need):
            key = (python, bill["arch"], need["glibc"], *requirements)
            more = [f"--extra-index-url={index}" for index in indexes(need, requirements)]
            made = _environment(python, bill["arch"], need["glibc"], requirements, more)
            entry = seen.setdefault(key, made)
            entry["hosts"] = sorted({*entry["hosts"], need["host"]})
            entry["releases"] = sorted({*entry["releases"], bill["release"]})
    yield from seen.values()


def _environment(
    python: str, arch: str, glibc: str, requirements: Sequence[str], more: Sequence[str]
) -> dict[str, Any]:
    newest = int(glibc.split(".")[1])
    platforms = [f"manylinux_2_{minor}_{arch}" for minor in range(newest, _OLDEST_GLIBC - 1, -1)]
    legacy = [f"{name}_{arch}" for name in ("manylinux2014", "manylinux2010", "manylinux1", "linux")]
    return {
        "python": python,
        "arch": arch,
        "requirements": list(requirements),
        "arguments": [
            "--only-binary=:all:",
            "--implementation=cp",
            f"--python-version={python}",
            *(f"--platform={platform}" for platform in [*platforms, *legacy]),
            *more,
            *requirements,
        ],
        "markers": {
            "python_version": python,
            "python_full_version": f"{python}.0",
            "platform_machine": arch,
            "platform_system": "Linux",
            "sys_platform": "linux",
            "os_name": "posix",
            "implementation_name": "cpython",
            "platform_python_implementation": "CPython",
        },
        "hosts": [],
        "releases": [],
    }
