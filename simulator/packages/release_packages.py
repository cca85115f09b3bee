# SPDX-License-Identifier: GPL-3.0-or-later
"""Which packages a release has for a product, as the catalog says, with what they leave in version files."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from packages.run_file import Description

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CATALOG = Path(__file__).resolve().parents[2] / "catalog"
DETAILS = Path(__file__).with_name("details.yml")
PARTS = ("driver", "firmware", "toolkit", "kernels")
HDK_PARTS = ("driver", "firmware")


class CatalogError(Exception):
    """The catalog has no such release or product, or no package for it."""


def describe(release: str, product: str, arch: str, catalog: Path = CATALOG) -> list[Description]:
    """Return the packages of ``release`` for ``product`` on ``arch``. Raises CatalogError."""
    products = _load(catalog / "products.yml")["products"]
    family = _pick(products, product, "product")["chip"]
    chip = _load(catalog / "chips.yml")["chips"][family]
    files = {file.stem: file for file in (catalog / "releases").glob("*.yml")}
    bill = _load(_pick(files, release, "release"))
    rows = [row for row in bill["packages"] if _fits(row, family, arch)]
    missing = [part for part in PARTS if part not in {row["part"] for row in rows}]
    if missing:
        wanted = f"wanted driver, firmware, toolkit and kernels for {product} on {arch}"
        raise CatalogError(f"found no {', '.join(missing)} in {files[release]}, {wanted}")
    return [_describe(row, bill, family, chip, arch) for row in rows]


def _pick(table: Mapping[str, Any], key: str, kind: str) -> Any:
    if key in table:
        return table[key]
    near = difflib.get_close_matches(key, table, 1) or sorted(table)
    raise CatalogError(f"found {kind} {key}, wanted one of the catalog's, such as {', '.join(near)}")


def _load(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def _fits(row: Mapping[str, Any], family: str, arch: str) -> bool:
    return row["part"] in PARTS and row["chip"] in {family, "any"} and row["arch"] in {arch, "any"}


def _describe(
    row: Mapping[str, Any], bill: Mapping[str, Any], family: str, chip: Mapping[str, Any], arch: str
) -> Description:
    part = row["part"]
    version = bill["hdk"][family][part] if part in HDK_PARTS else bill["cann"]["version"]
    named_arch = None if row["arch"] == "any" else arch
    if part == "driver" and named_arch:
        named_arch = named_arch.replace("_", "-")  # the vendor's two spellings: x86-64 here, x86_64 for CANN
    details = _details(part, version, chip, arch)
    token = chip["hdk_token"] if part in HDK_PARTS else chip["kernels_token"]
    return Description(part, version, row["file"], None if part == "toolkit" else token, named_arch, details)


def _details(part: str, version: str, chip: Mapping[str, Any], arch: str) -> dict[str, Any]:
    known = _load(DETAILS)
    if part in HDK_PARTS:
        pci_devices = [pci.split(":")[1] for pci in chip["pci"]]
        return {"pci_devices": pci_devices, "version_info": known[part].get(version, {})}
    cann = known["cann"].get(version, {})
    inner = cann.get("inner_version", version)
    words = {
        "inner": inner,
        "version": version,
        "arch": arch,
        "chip": chip["kernels_token"].upper(),
        "suffix": cann.get("kernels_suffix", "-linux.{arch}").format(arch=arch),
    }
    return {
        "inner_version": inner,
        "install_info": cann.get("install_info", {}),
        "components": list(_components(known[f"{part}_components"], words)),
    }


def _components(templates: Iterable[Mapping[str, Any]], words: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    return ({**template, "file": template["file"].format(**words)} for template in templates)
