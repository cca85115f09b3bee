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
from ansible_collections.ascend.fleet.plugins.plugin_utils._bill import OTHER_RELEASE, Stack
from ansible_collections.ascend.fleet.plugins.plugin_utils._frameworks import Ground, requirements
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError, one_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog


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


def resolve(catalog: Catalog, request: Request) -> dict[str, Any]:
    """Return the versions and packages of ``request``; see the RETURN block of the lookup C(release).

    Raises ProblemError that says what does not fit and what would.
    """
    product = catalog.product(request.product)
    release = catalog.release(request.release)
    arch = _choose_arch(product, request.arch)
    stack = Stack(catalog.package_names, release, product, arch)
    versions = stack.versions()
    _check_needs(product, versions)
    system = catalog.system(*request.system) if request.system else None
    ground = Ground(release, product, arch, request.python or release["python"], system)
    return {
        "release": release["name"],
        "product": product["key"],
        "chip": product["chip"],
        "arch": arch,
        **versions,
        "layout": release["cann"]["layout"],
        "packages": stack.packages(),
        **_frameworks(ground, request),
        "python": ground.python,
        "notes": [*catalog.shadows(request.release), *stack.notes()],
    }


def _frameworks(ground: Ground, request: Request) -> dict[str, Any]:
    # A release with torch is asked for its torch: the default Python must have one. MindSpore is a choice.
    torch = ground.choose("torch", request.torch, required=request.mindspore is None)
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


def arch_problem(product: dict[str, Any], found: str | None) -> ProblemError | None:
    """Return why a host of the architecture ``found`` cannot be this product; None when it can."""
    if found in product["arch"]:
        return None
    return ProblemError(
        f"the architecture {found}" if found else "no architecture",
        f"{one_of(product['arch'])}, which {product['name']} has",
        "correct the host's product (its group) or its architecture",
    )


def _choose_arch(product: dict[str, Any], wanted: str | None) -> str:
    arch = product["arch"][0] if wanted is None and len(product["arch"]) == 1 else wanted
    problem = arch_problem(product, arch)
    if problem:
        raise problem
    return str(arch)


def _check_needs(product: Mapping[str, Any], versions: Mapping[str, str | None]) -> None:
    """Raise ProblemError when the release is older than what runs on the product."""
    old = list(_too_old(product, versions))
    if old:
        raise ProblemError(
            " and ".join(found for found, _wanted in old),
            f"{' and '.join(wanted for _found, wanted in old)}, which {product['name']} needs at least",
            OTHER_RELEASE,
        )


def _too_old(product: Mapping[str, Any], versions: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
    for need in product.get("needs", []):
        part, found = need["part"], versions[need["part"]]
        if found is not None and compare_versions(found, need["from"]) < 0:
            yield f"{part} {found}", f"{part} {need['from']}"
