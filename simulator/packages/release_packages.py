# SPDX-License-Identifier: GPL-3.0-or-later
"""Which packages a release has for a product, as the catalog says, with what they leave in version files."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from packages.run_file import Description

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CATALOG = Path(__file__).resolve().parents[2] / "catalog"
DETAILS = Path(__file__).with_name("details.yml")
HDK_PARTS = ("driver", "firmware", "mcu")
CANN_PARTS = ("toolkit", "kernels", "ops", "nnae", "nnrt", "nnal", "tfplugin")
OTHER_PARTS = ("toolbox", "docker_runtime")  # their versions are MindCluster's
PARTS = (*HDK_PARTS, *CANN_PARTS, *OTHER_PARTS)
OPERATORS = {"ascend-toolkit": "kernels", "cann": "ops"}  # by layout
OF_A_CHIP = (*HDK_PARTS, *OPERATORS.values())


class CatalogError(Exception):
    """The catalog has no such release or product, or no package for it."""


@dataclass(frozen=True)
class Target:
    """What packages are made for: a release on one chip family and architecture."""

    bill: Mapping[str, Any]
    family: str
    chip: Mapping[str, Any]
    arch: str

    @property
    def layout(self) -> str:
        """Return CANN's tree."""
        return str(self.bill["cann"]["layout"])

    @property
    def operators_token(self) -> str | None:
        """Return how the file names of operators call the chip, null when there are none for it."""
        token = self.chip.get("kernels_token")
        return self.chip.get("ops_token", token) if self.layout == "cann" else token

    def fits(self, row: Mapping[str, Any]) -> bool:
        """Tell whether the package of a row of the release is for this target."""
        known = row["part"] in PARTS
        return known and row["chip"] in {self.family, "any"} and row["arch"] in {self.arch, "any"}

    def wanted(self) -> list[str]:
        """Return the parts without which nothing works; a driver may come with the system."""
        hdk = [part for part in ("driver", "firmware") if self.bill["hdk"].get(self.family, {}).get(part)]
        operators = OPERATORS[self.layout]
        offered = operators in {row["part"] for row in self.bill["packages"]}  # guide 002 has none at all
        return [*hdk, "toolkit", *([operators] if self.operators_token and offered else [])]


def describe(release: str, product: str, arch: str, catalog: Path = CATALOG) -> list[Description]:
    """Return the packages of ``release`` for ``product`` on ``arch``. Raises CatalogError."""
    products = _load(catalog / "products.yml")["products"]
    family = _pick(products, product, "product")["chip"]
    chip = _load(catalog / "chips.yml")["chips"][family]
    files = {file.stem: file for file in (catalog / "releases").glob("*.yml")}
    target = Target(_load(_pick(files, release, "release")), family, chip, arch)
    rows = [row for row in target.bill["packages"] if target.fits(row)]
    wanted = target.wanted()
    missing = [part for part in wanted if part not in {row["part"] for row in rows}]
    if missing:
        all_wanted = f"wanted {', '.join(wanted[:-1])} and {wanted[-1]} for {product} on {arch}"
        raise CatalogError(f"found no {', '.join(missing)} in {files[release]}, {all_wanted}")
    return [_describe(row, target) for row in rows]


def _pick(table: Mapping[str, Any], key: str, kind: str) -> Any:
    if key in table:
        return table[key]
    near = difflib.get_close_matches(key, table, 1) or sorted(table)
    raise CatalogError(f"found {kind} {key}, wanted one of the catalog's, such as {', '.join(near)}")


@lru_cache
def _load(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def _describe(row: Mapping[str, Any], target: Target) -> Description:
    part = row["part"]
    version = _version(row, target)
    named_arch = None if row["arch"] == "any" else target.arch
    if part in HDK_PARTS and named_arch:
        named_arch = named_arch.replace("_", "-")  # the vendor's two spellings: x86-64 here, x86_64 for CANN
    token = target.chip.get("hdk_token") if part in HDK_PARTS else target.operators_token
    details = _details(part, version, target)
    return Description(part, version, row["file"], token if part in OF_A_CHIP else None, named_arch, details)


def _version(row: Mapping[str, Any], target: Target) -> str:
    if row["part"] in HDK_PARTS:
        return str(target.bill["hdk"][target.family][row["part"]])
    if row["part"] in CANN_PARTS:
        return str(target.bill["cann"]["version"])
    return str(row.get("version") or row["file"].split("_")[1])


def _details(part: str, version: str, target: Target) -> dict[str, Any]:
    known = _load(DETAILS)
    if part in HDK_PARTS:
        pci_devices = [pci.split(":")[1] for pci in target.chip["pci"]]
        return {"pci_devices": pci_devices, "version_info": known.get(part, {}).get(version, {})}
    if part in OTHER_PARTS:
        words = {"version": version, "arch": target.arch}
        return {"components": list(_components(known["components"]["mindcluster"].get(part, []), words))}
    cann = known["cann"].get(version, {})
    inner = cann.get("inner_version", version)
    words = {
        "inner": inner,
        "version": version,
        "arch": target.arch,
        "chip": (target.operators_token or "").upper(),
        "suffix": cann.get("kernels_suffix", "-linux.{arch}").format(arch=target.arch),
    }
    components = known["components"][target.layout].get(part, [])
    family = {"family": target.family} if part in OPERATORS.values() else {}
    return {
        "layout": target.layout,
        "inner_version": inner,
        "install_info": cann.get("install_info", {}),
        "components": list(_components(components, words)),
        **family,
    }


def _components(templates: Iterable[Mapping[str, Any]], words: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    for template in templates:
        yield {
            key: value.format(**words) if isinstance(value, str) else value for key, value in template.items()
        }
