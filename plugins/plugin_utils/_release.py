# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Resolve a release for one product: every version and package file of such a node, or why there is none.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils._version import compare_versions
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError, nearest, one_of

if TYPE_CHECKING:
    from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog

_ANY = "any"
_OTHER_RELEASE = (
    "choose another release for this host, or write one of your own and name its directory in `catalog`"
)
_WHEELS = {"torch": "torch_npu", "mindspore": "mindspore"}


@dataclass(frozen=True)
class Request:
    """What a node asks of a release; None leaves the choice to the catalog."""

    release: str
    product: str
    arch: str | None = None
    python: str | None = None
    torch: str | None = None
    mindspore: str | None = None


def resolve(catalog: Catalog, request: Request) -> dict[str, Any]:
    """Return the versions and packages of ``request``; see the RETURN block of the lookup C(release).

    Raises ProblemError that says what does not fit and what would.
    """
    product = catalog.product(request.product)
    release = catalog.release(request.release)
    arch = _choose_arch(product, request.arch)
    stack = _Stack(catalog, release, product, arch, _versions(release, product))
    python = request.python or release["python"]
    torch = _choose_torch(release, request.torch, python)
    return {
        "release": release["name"],
        "product": product["key"],
        "chip": product["chip"],
        "arch": arch,
        **stack.versions,
        "layout": release["cann"]["layout"],
        "packages": stack.packages(),
        "torch": torch and torch["torch"],
        "torch_npu": torch and torch["torch_npu"],
        "mindspore": _choose_mindspore(release, request.mindspore, python),
        "python": python,
        "python_packages": _requirements(release),
    }


@dataclass(frozen=True)
class _Stack:
    """The versions of a release for one product and architecture."""

    catalog: Catalog
    release: dict[str, Any]
    product: dict[str, Any]
    arch: str
    versions: dict[str, str | None]

    def packages(self) -> list[dict[str, Any]]:
        """Return the package of every part that this product has, in the order of a first installation."""
        cann = self.versions["cann"]
        versions = {
            "driver": self.versions["driver"],
            "firmware": self.versions["firmware"],
            "toolkit": cann,
            "kernels": cann if self.product["family"]["kernels_token"] else None,
        }
        return [self._package(part, version) for part, version in versions.items() if version is not None]

    def _package(self, part: str, version: str) -> dict[str, Any]:
        package = self._find(part)
        named = file_names(self.catalog, self.product["family"], part, version)
        grammar = self.catalog.package_names["parts"][part]
        folder = self.release.get("downloads", {}).get(grammar["download"])
        return {
            "part": part,
            "version": version,
            "arch": None if package["arch"] == _ANY else self.arch,
            "file": package["file"],
            "sha256": package["sha256"],
            "url": package.get("url") or (folder and folder + package["file"]),
            "other_arch_files": sorted(set(named.values()) - {package["file"]}),
        }

    def _find(self, part: str) -> dict[str, Any]:
        chips = {self.product["chip"], _ANY}
        of_part = [row for row in self.release["packages"] if row["part"] == part and row["chip"] in chips]
        for package in of_part:
            if package["arch"] in {self.arch, _ANY}:
                return package
        raise ProblemError(
            f"no {part} package for {self.product['chip']} on {self.arch} in {self.release['name']}",
            f"one; there is {one_of([package['file'] for package in of_part])}",
            _OTHER_RELEASE,
        )


def _versions(release: dict[str, Any], product: dict[str, Any]) -> dict[str, str | None]:
    chip = product["chip"]
    if chip not in release["hdk"]:
        raise ProblemError(
            f"no driver for chip family {chip} in the release {release['name']}",
            f"a release with a driver for {product['name']}; this one has them for {one_of(release['hdk'])}",
            _OTHER_RELEASE,
        )
    hdk = release["hdk"][chip]
    return {
        "driver": hdk["driver"],
        "firmware": hdk["firmware"] if product["firmware"] else None,
        "mcu": hdk.get("mcu") if product["mcu"] else None,
        "cann": release["cann"]["version"],
    }


def arch_problem(product: dict[str, Any], found: str | None) -> ProblemError | None:
    """Return why a host of the architecture ``found`` cannot be this product; None when it can."""
    if found in product["arch"]:
        return None
    return ProblemError(
        f"the architecture {found}" if found else "no architecture",
        f"{one_of(product['arch'])}, which {product['name']} has",
        "correct the host's product (its group) or its architecture",
    )


def _requirements(release: dict[str, Any]) -> list[str]:
    requirements = release["python_packages"]["requirements"]
    return [f"{name}{specifier}" for name, specifier in requirements.items()]


def _choose_arch(product: dict[str, Any], wanted: str | None) -> str:
    arch = product["arch"][0] if wanted is None and len(product["arch"]) == 1 else wanted
    problem = arch_problem(product, arch)
    if problem:
        raise problem
    return str(arch)


def _choose_torch(release: dict[str, Any], wanted: str | None, python: str) -> dict[str, Any] | None:
    rows = _rows(release, "torch", wanted)
    fitting = [row for row in rows if python in row["python"]]
    if rows and not fitting:
        raise _no_wheel(release, "torch", rows, python)
    return fitting[0] if fitting else None


def _choose_mindspore(release: dict[str, Any], wanted: str | None, python: str) -> str | None:
    rows = _rows(release, "mindspore", wanted)
    fitting: list[str] = [row["mindspore"] for row in rows if python in row["python"]]
    if wanted and not fitting:
        raise _no_wheel(release, "mindspore", rows, python)
    return fitting[0] if fitting else None


def _rows(release: dict[str, Any], framework: str, wanted: str | None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = release.get(framework, [])
    if wanted is None:
        return rows
    versions = [row[framework] for row in rows]
    if wanted not in versions:
        raise ProblemError(
            f"{framework} {wanted}",
            f"{one_of(versions)} with the release {release['name']}{nearest(wanted, versions)}",
            f"choose such a {framework} or another release",
        )
    return [row for row in rows if row[framework] == wanted]


def _no_wheel(
    release: dict[str, Any], framework: str, rows: list[dict[str, Any]], python: str
) -> ProblemError:
    known = sorted({version for row in rows for version in row["python"]}, key=_minor)
    versions = ", ".join(row[framework] for row in rows)
    package = _WHEELS[framework]
    return ProblemError(
        f"Python {python}, without a {package} wheel for {framework} {versions} of release {release['name']}",
        f"Python {one_of(known)}",
        "set the Python of the environment to one of these; it need not be the system's own",
    )


def _minor(python: str) -> int:
    return int(python.split(".")[1])


def file_names(catalog: Catalog, family: dict[str, Any], part: str, version: str) -> dict[str, str]:
    """Return the vendor's file name of one part by architecture; empty where the grammar has none."""
    grammar = catalog.package_names["parts"][part]
    template = next((row["name"] for row in grammar["names"] if _covers(row, version)), None)
    if template is None:
        return {}
    token = family[grammar["token"]] if "token" in grammar else ""
    spellings = catalog.package_names["architectures"][grammar["download"]]
    return {
        arch: template.format(chip=token, version=version, arch=spelling)
        for arch, spelling in spellings.items()
    }


def _covers(row: dict[str, str], version: str) -> bool:
    lowest, highest = row.get("from", version), row.get("until", version)
    return compare_versions(lowest, version) <= 0 <= compare_versions(highest, version)
