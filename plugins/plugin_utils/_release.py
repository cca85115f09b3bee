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
from ansible_collections.ascend.fleet.plugins.plugin_utils._bill import OTHER_RELEASE, Stack, system_notes
from ansible_collections.ascend.fleet.plugins.plugin_utils._contradictions import spoken_of
from ansible_collections.ascend.fleet.plugins.plugin_utils._frameworks import (
    TITLES,
    Ground,
    fitting_wheels,
    requirements,
)
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import (
    CatalogFileError,
    ProblemError,
    nearest_version,
    one_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog


NEWEST = "newest"
NONE = "none"  # no torch for a node, such as one that is for MindSpore only


@dataclass(frozen=True)
class Request:
    """What a node asks of a release; None leaves the choice to the catalog."""

    release: str
    product: str
    arch: str | None = None
    python: str | None = None
    torch: str | None = None
    mindspore: str | None = None
    system: tuple[str, str] | None = None  # Ansible's facts distribution and distribution_version
    glibc: str | None = None  # of a host whose system is not known


def resolve(catalog: Catalog, request: Request) -> dict[str, Any]:
    """Return the versions and packages of ``request``; see the RETURN block of the lookup C(release).

    The release C(newest) is the newest one that fits. Raises ProblemError that says what does not fit and the
    nearest release that does.
    """
    product = catalog.product(request.product)
    arch = _choose_arch(product, request.arch)
    system, unknown = _system(catalog, request)
    host = Host(catalog, request, product, arch, system, unknown)
    return host.newest() if request.release == NEWEST else host.bill_or_reason(request.release)


@dataclass(frozen=True)
class Host:
    """What a release must fit: a product, its architecture and system, and the wishes of a request."""

    catalog: Catalog
    request: Request
    product: dict[str, Any]
    arch: str
    system: dict[str, Any] | None
    remarks: tuple[str, ...] = ()

    def bill(self, name: str) -> dict[str, Any]:
        """Return the bill of the release ``name``. Raises ProblemError."""
        release = self.catalog.release(name)
        stack = Stack(self.catalog.package_names, release, self.product, self.arch)
        versions = stack.versions()
        _check_needs(self.product, versions, self.system)
        ground = Ground(
            release, self.product, self.arch, self.request.python or release["python"], self._library()
        )
        chosen = _frameworks(ground, self.request)
        return {
            "release": release["name"],
            "product": self.product["key"],
            "chip": self.product["chip"],
            "arch": self.arch,
            **versions,
            "layout": release["cann"]["layout"],
            "drivers": spoken_of(self.catalog.compatibility, release["cann"]["version"]),
            "packages": stack.packages(),
            **chosen,
            "python": ground.python,
            "wheels": _wheels(self.catalog, ground, chosen),
            "notes": [*self.catalog.shadows(name, self.product, self.system), *stack.notes(), *self.remarks],
        }

    def _library(self) -> dict[str, str | None] | None:
        if self.system:
            whose = f"{self.system['distribution']} {self.system['version']}"
            return {"glibc": self.system["glibc"], "whose": whose}
        return {"glibc": self.request.glibc, "whose": "as asked"} if self.request.glibc else None

    def bill_or_reason(self, name: str) -> dict[str, Any]:
        """Return the bill of the release ``name``. Raises ProblemError with the nearest that fits."""
        self.catalog.release(name)
        try:
            return self.bill(name)
        except CatalogFileError:
            raise
        except ProblemError as problem:
            near = self._nearest(name)
            fix = f"{near} fits: set npu_fleet_release to it; or {problem.fix}" if near else problem.fix
            raise ProblemError(problem.found, problem.wanted, fix) from problem

    def newest(self) -> dict[str, Any]:
        """Return the bill of the newest release that fits. Raises ProblemError when none does."""
        names = self.catalog.releases_by_age()[::-1]
        problems = {}
        for name in names:
            try:
                return self.bill(name)
            except CatalogFileError:
                raise
            except ProblemError as problem:
                problems[name] = problem
        raise self._unknown_version(names) or self._no_release(problems)

    def _unknown_version(self, names: Sequence[str]) -> ProblemError | None:
        """Return that no release has the version that is asked for."""
        for framework, version in self._versions().items():
            known = [
                row[framework] for name in names for row in self.catalog.release(name).get(framework, [])
            ]
            if version not in known:
                return ProblemError(
                    f"{framework} {version}, which no release has",
                    f"{one_of(known)}{nearest_version(version, known)}",
                    f"choose such a {TITLES[framework]}, or write a release of your own and name its "
                    "directory in npu_fleet_catalog",
                )
        return None

    def _no_release(self, problems: Mapping[str, ProblemError]) -> ProblemError:
        """Return why the newest of the releases that have the versions asked for does not fit."""
        name = next(filter(self._has, problems), next(iter(problems)))
        return ProblemError(
            f"no release for {self.product['name']} on {self.arch}{self._wishes()}: {name} has "
            f"{problems[name].found}",
            problems[name].wanted,
            f"{problems[name].fix}; or write a release of your own and name its directory in "
            "npu_fleet_catalog",
        )

    def _has(self, name: str) -> bool:
        """Tell whether a release has the versions of frameworks that are asked for."""
        release = self.catalog.release(name)
        return all(
            version in [row[framework] for row in release.get(framework, [])]
            for framework, version in self._versions().items()
        )

    def _versions(self) -> dict[str, str]:
        wished = {"torch": self.request.torch, "mindspore": self.request.mindspore}
        return {name: version for name, version in wished.items() if version and version != NONE}

    def _wishes(self) -> str:
        wishes = {
            "Python": self.request.python,
            "torch": self.request.torch,
            "MindSpore": self.request.mindspore,
        }
        texts = [f"{title} {version}" for title, version in wishes.items() if version]
        return f" with {', '.join(texts)}" if texts else ""

    def _nearest(self, name: str) -> str | None:
        try:
            names = self.catalog.releases_by_age()
        except CatalogFileError:  # it is told when it is asked for; what is wrong here stands without it
            return None
        place = names.index(name)
        others = sorted(names, key=lambda other: (abs(names.index(other) - place), -names.index(other)))
        return next((other for other in others if other != name and self._fitting(other)), None)

    def _fitting(self, name: str) -> dict[str, Any] | None:
        try:
            return self.bill(name)
        except ProblemError:
            return None


def _system(catalog: Catalog, request: Request) -> tuple[dict[str, Any] | None, tuple[str, ...]]:
    """Return the system and what to say of it; one that the catalog does not know need not stop a release."""
    if request.system is None:
        return None, ()
    try:
        system = catalog.system(*request.system)
    except CatalogFileError:
        raise
    except ProblemError as problem:
        return None, (
            f"Nothing is said about the C library: found {problem.found}, which is not in the catalog.",
        )
    return system, system_notes(system)


def _frameworks(ground: Ground, request: Request) -> dict[str, Any]:
    # A release with torch is asked for its torch: the default Python must have one. MindSpore is a choice.
    no_torch = request.torch == NONE
    torch = None if no_torch else ground.choose("torch", request.torch, required=request.mindspore is None)
    mindspore = ground.choose("mindspore", request.mindspore, required=False)
    own = mindspore.get("requirements", {}) if mindspore else {}
    return {
        "torch": torch and torch["torch"],
        "torch_npu": torch and torch["torch_npu"],
        "mindspore": mindspore and mindspore["mindspore"],
        "mindspore_project": mindspore and mindspore["project"],
        "python_packages": requirements(ground.release, ground.python),
        "cann_wheels": list(mindspore["cann_wheels"]) if mindspore else [],
        "mindspore_packages": requirements(ground.release, ground.python, own) if mindspore else [],
    }


def _wheels(catalog: Catalog, ground: Ground, chosen: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    project = (chosen["mindspore_project"] or "mindspore").replace("-", "_")
    wanted = {"torch_npu": chosen["torch_npu"], project: chosen["mindspore"]}
    wheels = catalog.wheels(str(ground.release["name"]))
    return fitting_wheels(wheels, wanted, ground.python, ground.arch)


def arch_problem(product: dict[str, Any], found: str | None) -> ProblemError | None:
    """Return why a host of the architecture ``found`` cannot be this product; None when it can."""
    if found in product["arch"]:
        return None
    return ProblemError(
        f"the architecture {found}" if found else "no architecture",
        f"{one_of(product['arch'])}, which {product['name']} has",
        "correct the host's product (its group) or its architecture"
        if found
        else "say it: `npu_fleet_arch` in the inventory, or the option `arch`",
    )


def _choose_arch(product: dict[str, Any], wanted: str | None) -> str:
    arch = product["arch"][0] if wanted is None and len(product["arch"]) == 1 else wanted
    problem = arch_problem(product, arch)
    if problem:
        raise problem
    return str(arch)


def _check_needs(
    product: Mapping[str, Any], versions: Mapping[str, str | None], system: Mapping[str, Any] | None
) -> None:
    """Raise ProblemError when the release is older than what runs on the product on its system."""
    old = _too_old(product, versions, system)
    if old:
        there = any("system" in need for need in old) and system
        where = f" on {there['distribution']} {there['version']}" if there else ""
        least = " and ".join(f"{need['part']} {need['from']}" for need in old)
        raise ProblemError(
            " and ".join(f"{need['part']} {versions[need['part']]}" for need in old),
            f"{least}, which {product['name']}{where} needs at least",
            OTHER_RELEASE,
        )


def _too_old(
    product: Mapping[str, Any], versions: Mapping[str, str | None], system: Mapping[str, Any] | None
) -> list[Mapping[str, Any]]:
    """Return the needs that the versions do not meet: of each part the highest that counts here."""
    highest: dict[str, Mapping[str, Any]] = {}
    for need in product.get("needs", []):
        part, found = need["part"], versions[need["part"]]
        counts = "system" not in need or (system is not None and system["key"] == need["system"])
        if counts and found is not None and compare_versions(found, need["from"]) < 0:
            other = highest.get(part)
            if other is None or compare_versions(other["from"], need["from"]) < 0:
                highest[part] = need
    return list(highest.values())
