# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find what a schema cannot: parts of one catalog file that contradict each other. Pure.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.module_utils._version import compare_versions
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import nearest, one_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from ansible_collections.ascend.fleet.plugins.plugin_utils._schema import Finding

_NEW_LAYOUT = "8.5"  # of CANN: the tree cann-<version>, ops instead of kernels
_LAYOUT_OF = {"kernels": "ascend-toolkit", "ops": "cann"}
_VERSION_IN_NAME = re.compile(r"_(\d[0-9A-Za-z.-]*?)(?=_|\.run$|\.zip$)")
_ARCH_IN_NAME = {"aarch64": "aarch64", "x86-64": "x86_64", "x86_64": "x86_64"}
_HDK_PARTS = ("driver", "firmware", "mcu")
_ANY = "any"


def contradictions(schema: str, content: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield the place and the contradiction, as C(found ...; wanted ...), for a file that fits its schema.

    ``known`` holds what other files say: C(chips) and the keys of C(systems) for products, C(families) for
    systems, C(compatibility), C(chips) and C(parts) of the names for a release. What it lacks is not held
    against.
    """
    for check in _CHECKS.get(schema, ()):
        yield from check(content)
    if schema == "products":
        yield from _products(content["products"], known.get("chips", {}))
        yield from _systems_of_needs(content["products"], known.get("systems"))
    if schema == "systems":
        yield from _families(content["systems"], known.get("families"))
    if schema == "release":
        yield from _drivers(content, known.get("compatibility", []))
        chips = known.get("chips")
        if chips is not None:
            yield from _chips(content, chips)
            yield from _tokens(content, chips, known.get("parts", {}))


def _layout(release: Mapping[str, Any]) -> Iterator[Finding]:
    version, found = release["cann"]["version"], release["cann"]["layout"]
    wanted = "cann" if compare_versions(version, _NEW_LAYOUT) >= 0 else "ascend-toolkit"
    if found != wanted and "alpha" not in version:
        yield ("cann", "layout"), f"found {found}; wanted {wanted}, the install tree of CANN {version}"


def _one_package_each(release: Mapping[str, Any]) -> Iterator[Finding]:
    seen: dict[tuple[str, str, str], str] = {}
    for number, row in enumerate(release["packages"]):
        arches = ("aarch64", "x86_64") if row["arch"] == "any" else (row["arch"],)
        for arch in arches:
            other = seen.setdefault((row["part"], row["chip"], arch), row["file"])
            if other != row["file"]:
                yield (
                    ("packages", number),
                    f"found {row['file']} for {row['part']} of {row['chip']} on {arch}; wanted one file, and "
                    f"{other} is it already",
                )
    files = [row["file"] for row in release["packages"]]
    for number, file in enumerate(files):
        if file in files[:number]:
            yield ("packages", number, "file"), f"found {file} twice; wanted it once"


def _names(release: Mapping[str, Any]) -> Iterator[Finding]:
    for number, row in enumerate(release["packages"]):
        place = ("packages", number, "file")
        wanted = _version_of(release, row)
        named = _VERSION_IN_NAME.search(row["file"])
        if named and wanted and named[1].lower() != wanted.lower():
            yield place, f"found {row['file']}; wanted {row['part']} {wanted}, as this release pairs it"
        arch = next(
            (arch for spelling, arch in _ARCH_IN_NAME.items() if spelling in row["file"]), row["arch"]
        )
        if arch != row["arch"]:
            yield place, f"found {row['file']}; wanted a file for {row['arch']}"
        layout = _LAYOUT_OF.get(row["part"], release["cann"]["layout"])
        if layout != release["cann"]["layout"]:
            yield (
                ("packages", number, "part"),
                f"found {row['part']}; wanted none with the layout {release['cann']['layout']}",
            )


def _version_of(release: Mapping[str, Any], row: Mapping[str, Any]) -> str | None:
    if "version" in row:
        return str(row["version"])
    if row["part"] in _HDK_PARTS:
        version: str | None = release["hdk"].get(row["chip"], {}).get(row["part"])
        return version
    return str(release["cann"]["version"])


def _checksums(release: Mapping[str, Any]) -> Iterator[Finding]:
    for number, row in enumerate(release["packages"]):
        if row["file"].endswith(".zip") and row["sha256"] is None:
            yield (
                ("packages", number, "sha256"),
                f"found none for {row['file']}; wanted one: the vendor publishes those of its zip files",
            )


def _archives(release: Mapping[str, Any]) -> Iterator[Finding]:
    files = {row["file"]: row["arch"] for row in release["packages"]}
    for number, archive in enumerate(release.get("archives", [])):
        for place, file in enumerate(archive["holds"]):
            if file not in files:
                yield ("archives", number, "holds", place), f"found {file}; wanted a file of `packages`"
            elif archive["arch"] not in {files[file], "any"} and files[file] != "any":
                yield (
                    ("archives", number, "arch"),
                    f"found {archive['arch']}; wanted {files[file]}, for which it holds {file}",
                )


def _frameworks(release: Mapping[str, Any]) -> Iterator[Finding]:
    rows = release["torch"]
    for number, row in enumerate(rows):
        base = re.split(r"rc|\.post", row["torch_npu"])[0]
        if base != row["torch"]:
            yield (
                ("torch", number, "torch_npu"),
                f"found {row['torch_npu']}; wanted one of the line {row['torch']}, made for that torch",
            )
        if row["torch_npu"] in [other["torch_npu"] for other in rows[:number]]:
            yield ("torch", number), f"found torch_npu {row['torch_npu']} twice; wanted it once"
    pythons = sorted({python for row in rows for python in row["python"]})
    if rows and release["python"] not in pythons:
        yield (
            ("python",),
            f"found {release['python']}; wanted {one_of(pythons)}, for which torch_npu has wheels",
        )


def _mindspore(release: Mapping[str, Any]) -> Iterator[Finding]:
    versions = [row["mindspore"] for row in release.get("mindspore", [])]
    for number, version in enumerate(versions):
        if version in versions[:number]:
            yield ("mindspore", number), f"found mindspore {version} twice; wanted it once"


def _pythons(release: Mapping[str, Any]) -> Iterator[Finding]:
    for framework in ("torch", "mindspore"):
        for number, row in enumerate(release.get(framework, [])):
            for place, python in enumerate(row["python"]):
                if python in row["python"][:place]:
                    yield (framework, number, "python", place), f"found {python} twice; wanted it once"


def _chips(release: Mapping[str, Any], chips: Mapping[str, Any]) -> Iterator[Finding]:
    for chip in release["hdk"]:
        if chip not in chips:
            yield (
                ("hdk", chip),
                f"found the chip family {chip}; wanted {one_of(chips)}{nearest(chip, chips)}",
            )
    for number, row in enumerate(release["packages"]):
        if row["chip"] not in {*chips, _ANY}:
            wanted = f"{one_of([_ANY, *chips])}{nearest(row['chip'], chips)}"
            yield ("packages", number, "chip"), f"found the chip family {row['chip']}; wanted {wanted}"


def _tokens(
    release: Mapping[str, Any], chips: Mapping[str, Any], parts: Mapping[str, Any]
) -> Iterator[Finding]:
    """Yield packages whose name holds what the vendor calls another chip family, and not their own."""
    for number, row in enumerate(release["packages"]):
        token = parts.get(row["part"], {}).get("token")
        family = chips.get(row["chip"])
        if not token or not family:
            continue
        words = set(re.split(r"[-_]", _VERSION_IN_NAME.split(row["file"])[0].lower()))
        others = {str(chip[token]).lower() for chip in chips.values() if chip[token]}
        own = family[token]
        if words & others and (own is None or own.lower() not in words):
            wanted = f"one with {own} in its name" if own else f"no {row['part']} package"
            yield ("packages", number, "file"), f"found {row['file']}; wanted {wanted}, for {family['name']}"


def _drivers(release: Mapping[str, Any], compatibility: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    spoken = spoken_of(compatibility, release["cann"]["version"])
    for chip, hdk in release["hdk"].items():
        if begins(hdk["driver"], spoken["fails"]):
            yield (
                ("hdk", chip, "driver"),
                f"found {hdk['driver']}; wanted {one_of(spoken['works'])}, because the vendor says that CANN "
                f"{release['cann']['version']} does not run on it",
            )


def spoken_of(compatibility: Sequence[Mapping[str, Any]], cann: str) -> dict[str, list[str]]:
    """Return the drivers on which a version of CANN C(works) and C(fails), as the vendor says; else none."""
    row = next((row for row in compatibility if begins(cann, [row["cann"]])), {})
    return {"works": list(row.get("works", [])), "fails": list(row.get("fails", []))}


def begins(version: str, others: Iterable[str]) -> bool:
    """Tell whether ``version`` is one of ``others`` or a part of one, as 25.0.rc1.1 is of 25.0.rc1."""
    return any(f"{version}.".lower().startswith(f"{other}.".lower()) for other in others)


def _families(systems: Mapping[str, Any], families: Mapping[str, Any] | None) -> Iterator[Finding]:
    for key, system in systems.items():
        family = system["family"]
        if families is not None and family not in families:
            yield (
                ("systems", key, "family"),
                f"found {family}; wanted {one_of(families)}{nearest(family, families)}",
            )


def _systems_of_needs(products: Mapping[str, Any], systems: Sequence[str] | None) -> Iterator[Finding]:
    for key, product in products.items():
        for number, need in enumerate(product.get("needs", [])):
            system = need.get("system")
            if system is not None and systems is not None and system not in systems:
                yield (
                    ("products", key, "needs", number, "system"),
                    f"found {system}; wanted {one_of(systems)}{nearest(system, systems)}",
                )


def _products(products: Mapping[str, Any], chips: Mapping[str, Any]) -> Iterator[Finding]:
    for key, product in products.items():
        family = chips.get(product["chip"])
        if family is not None:
            yield from _product(("products", key), product, family)


def _product(
    place: tuple[str, str], product: Mapping[str, Any], family: Mapping[str, Any]
) -> Iterator[Finding]:
    strange = [pci for pci in product["pci"] if pci not in family["pci"]]
    if strange:
        yield (
            (*place, "pci"),
            f"found {', '.join(strange)}; wanted {one_of(family['pci'])}, the ids of {family['name']}",
        )
    if product["address_pattern"] is not None and not family["device_network"]:
        yield (
            (*place, "address_pattern"),
            f"found {product['address_pattern']}; wanted null, because chips of {family['name']} have no "
            "network of their own",
        )


_CHECKS: Mapping[str, tuple[Callable[[Mapping[str, Any]], Iterator[Finding]], ...]] = {
    "release": (
        *(_layout, _one_package_each, _names, _checksums, _archives),
        *(_frameworks, _mindspore, _pythons),
    ),
}
