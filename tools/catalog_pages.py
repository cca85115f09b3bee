# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages in docs/ that show the catalog: compatibility.md, products.md and systems.md.

Write them after a change of the catalog: ``.venv/bin/python tools/write_pages.py``. With ``--check`` nothing
is written, and the exit status is 1 when a page is out of date.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog_file import CATALOG, read_file
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError
from ansible_collections.ascend.fleet.plugins.plugin_utils._release import Request, resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

DOCS = Path(__file__).resolve().parents[1] / "docs"
_HEAD = """<!-- SPDX-License-Identifier: GPL-3.0-or-later -->
<!-- Written by tools/write_pages.py from catalog/. Change the catalog, not this page. -->
"""
_NONE = "-"
_NOT_KNOWN = "not known"
_PART = {"cann": "CANN"}


def pages() -> dict[str, str]:
    """Return the text of every page by its file name."""
    catalog = Catalog()
    makers: dict[str, Callable[[Catalog], Iterator[str]]] = {
        "compatibility.md": _compatibility,
        "products.md": _products,
        "systems.md": _systems,
    }
    return {name: _HEAD + "\n".join(maker(catalog)) + "\n" for name, maker in makers.items()}


def main(words: Sequence[str]) -> int:
    """Write the pages, or with ``--check`` tell which are out of date."""
    old = [name for name, text in pages().items() if _read(name) != text]
    for name in old:
        print(f"docs/{name} is out of date" if "--check" in words else f"docs/{name} written")
        if "--check" not in words:
            (DOCS / name).write_text(pages()[name], encoding="utf-8")
    return int("--check" in words and bool(old))


def _read(name: str) -> str:
    page = DOCS / name
    return page.read_text(encoding="utf-8") if page.is_file() else ""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield ""
    for row in (head, ["---"] * len(head), *rows):
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
    yield ""


def _compatibility(catalog: Catalog) -> Iterator[str]:
    names = catalog.releases_by_age()[::-1]
    yield "# Which driver with which CANN with which torch_npu on which model"
    yield ""
    yield "Each row is a release of the [catalog](../catalog/releases): versions that belong together."
    yield "`npu_fleet_release` names it; for one host it is a bill of materials, file by file, with"
    yield "`lookup('ascend.fleet.release', 'cann-8.5.0', product='atlas_800t_a2')`."
    yield "See also [models](products.md) and [operating systems](systems.md). Every entry names its source."
    yield ""
    yield "## Releases"
    yield from _table(
        ["release", "CANN", "tree", "torch (torch_npu)", "MindSpore", "Pythons"],
        [_release_row(catalog.release(name)) for name in names],
    )
    yield "MindSpore is for chips that train: 910, 910B (A2) and A3."
    yield ""
    for chip, family in catalog.chips.items():
        yield from _family(catalog, names, chip, family)
    yield from _frameworks(catalog, names)


def _release_row(release: Mapping[str, Any]) -> list[str]:
    cann, offered = release["cann"], _offered(release, ("torch", "mindspore"))
    return [f"`{release['name']}`", cann["version"], f"`{cann['layout']}`", *offered]


def _offered(release: Mapping[str, Any], frameworks: Sequence[str]) -> list[str]:
    """Return the versions of torch and of MindSpore, and the Pythons of torch."""
    rows = release["torch"] if "torch" in frameworks else []
    torch = [f"{row['torch']} ({row['torch_npu']})" for row in rows]
    trained = release.get("mindspore", []) if "mindspore" in frameworks else []
    pythons = {python for row in rows for python in row["python"]}
    return [
        ", ".join(torch) or _NONE,
        ", ".join(row["mindspore"] for row in trained) or _NONE,
        _range(pythons),
    ]


def _family(catalog: Catalog, names: Sequence[str], chip: str, family: Mapping[str, Any]) -> Iterator[str]:
    keys = [key for key, product in catalog.products.items() if product["chip"] == chip]
    yield f"## {family['name']}"
    yield ""
    yield f"Models: {', '.join(f'`{key}`' for key in keys)}."
    rows = [row for name in names for row in _family_rows(catalog, name, keys)]
    if not rows:
        yield ""
        yield "No release has a driver for it: the vendor's file names are not sourced."
        yield ""
        return
    head = ["release", "driver", "firmware", "MCU", "CANN", "operators", "models", "torch (torch_npu)"]
    yield from _table([*head, "MindSpore", "Pythons"], rows)


def _family_rows(catalog: Catalog, name: str, keys: Sequence[str]) -> Iterator[list[str]]:
    """Yield one row for the models that get the same versions."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for key in keys:
        bill = _bill(catalog, name, key)
        if bill:
            groups.setdefault(_versions(catalog, bill), []).append(key)
    for versions, models in groups.items():
        shown = "all" if len(models) == len(keys) else ", ".join(f"`{model}`" for model in models)
        release = catalog.release(name)
        offered = catalog.product(models[0])["family"]["frameworks"]
        yield [f"`{name}`", *versions, shown, *_offered(release, offered)]


def _bill(catalog: Catalog, name: str, key: str) -> dict[str, Any] | None:
    for arch in catalog.products[key]["arch"]:
        try:
            return resolve(catalog, Request(name, key, arch))
        except ProblemError:
            continue
    return None


def _versions(catalog: Catalog, bill: Mapping[str, Any]) -> tuple[str, ...]:
    product = catalog.products[bill["product"]]
    known = [(bill[part] or _NOT_KNOWN) if product[part] else _NONE for part in ("driver", "firmware", "mcu")]
    operators = [one["version"] for one in bill["packages"] if one["part"] in {"kernels", "ops"}]
    return (*known, bill["cann"], *(operators or [_NONE]))


def _range(pythons: Iterable[str]) -> str:
    ordered = sorted(pythons, key=lambda python: int(python.split(".")[1]))
    return f"{ordered[0]} to {ordered[-1]}" if len(ordered) > 1 else "".join(ordered) or _NONE


def _frameworks(catalog: Catalog, names: Sequence[str]) -> Iterator[str]:
    yield "## torch and torch_npu"
    yield ""
    yield "The C library is the least one that the wheels run with: Ubuntu 18.04 has 2.27, CentOS 7 has 2.17."
    rows = [
        [
            row["torch"],
            row["torch_npu"],
            f"`{name}`",
            ", ".join(row["python"]),
            row["glibc"]["aarch64"] or _NOT_KNOWN,
            row["glibc"]["x86_64"] or _NOT_KNOWN,
            "PyPI" if row["index"] else "the vendor",
        ]
        for name in names
        for row in catalog.release(name)["torch"]
    ]
    head = ["torch", "torch_npu", "release", "Pythons", "glibc, aarch64", "glibc, x86_64", "wheels from"]
    yield from _table(head, rows)
    yield "Pairs that the vendor names for one of these CANN versions, and that no release has:"
    left_out = read_file(CATALOG / "compatibility.yml", "compatibility")["left_out"]
    keys = {"torch": "torch", "torch_npu": "torch_npu", "cann": "CANN", "why": "why", "source": "source"}
    yield from _table([*keys.values()], [[row[key] for key in keys] for row in left_out])
    yield "## MindSpore"
    rows = [
        [row["mindspore"], f"`{name}`", ", ".join(row["python"]), ", ".join(row["cann_wheels"]) or _NONE]
        for name in names
        for row in catalog.release(name).get("mindspore", [])
    ]
    yield from _table(["MindSpore", "release", "Pythons", "wheels out of CANN"], rows)


def _products(catalog: Catalog) -> Iterator[str]:
    yield "# Server models, cards and boards"
    yield ""
    yield "The key is what a group of the inventory is called. A card counts alone: a host may hold several."
    yield "Releases for each: [compatibility](compatibility.md)."
    yield ""
    yield "## What they are"
    head = ["key", "model", "chip", "kind", "NPUs x chips", "host", "use", "device network", "packages"]
    yield from _table(head, [_product_row(key, product) for key, product in catalog.products.items()])
    yield "Packages: what of driver, firmware and MCU there is to install; nothing else is attempted."
    yield ""
    yield "## What they need at least"
    yield ""
    yield "A release with an older one is refused for the model, and what counts on one system only is held"
    yield "against hosts with that system. openEuler 24.03 counts with each service pack."
    rows = [row for product in catalog.products.values() for row in _needs_rows(catalog, product)]
    yield from _table(["model", "system", "needs at least"], rows)
    yield "## How they are told apart"
    head = ["key", "PCI", "subsystem", "board ids", "dmidecode", "note", "source"]
    yield from _table(head, [_signs_row(key, product) for key, product in catalog.products.items()])
    yield "## What has no entry of its own"
    yield ""
    yield "A host is put into the group of the product that serves for it."
    head = ["model", "served by", "why", "source"]
    yield from _table(head, [_left_out_row(entry) for entry in _left_out()])
    yield "## Chip families"
    head = ["key", "chip", "PCI", "npu-smi prints", "frameworks", "source"]
    yield from _table(head, [_chip_row(key, chip) for key, chip in catalog.chips.items()])


def _product_row(key: str, product: Mapping[str, Any]) -> list[str]:
    parts = [part for part in ("driver", "firmware", "mcu") if product[part]]
    return [
        f"`{key}`",
        product["name"],
        product["chip"],
        product["form"],
        f"{product['npus']} x {product['chips_per_npu']}",
        ", ".join(product["arch"]),
        product["use"].replace("_", " "),
        product["address_pattern"] or _NONE,
        ", ".join(parts) or _NONE,
    ]


def _needs_rows(catalog: Catalog, product: Mapping[str, Any]) -> Iterator[list[str]]:
    """Yield what a product needs on every system, and what on one."""
    names = {system["key"]: f"{system['distribution']} {system['version']}" for system in catalog.systems}
    wanted: dict[str, list[str]] = {}
    for need in product.get("needs", []):
        system = names[need["system"]] if "system" in need else "all"
        wanted.setdefault(system, []).append(f"{_PART.get(need['part'], need['part'])} {need['from']}")
    for system, parts in wanted.items():
        yield [product["name"], system, ", ".join(parts)]


def _signs_row(key: str, product: Mapping[str, Any]) -> list[str]:
    signs = [", ".join(product[sign]) or _NONE for sign in ("pci", "subsystem", "board_ids", "dmi")]
    return [f"`{key}`", *signs, product.get("note", ""), product["source"]]


def _left_out() -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = read_file(CATALOG / "products.yml", "products")["left_out"]
    return entries


def _left_out_row(entry: Mapping[str, Any]) -> list[str]:
    instead = ", ".join(f"`{key}`" for key in entry["instead"]) or _NONE
    return [entry["name"], instead, entry["why"], entry["source"]]


def _chip_row(key: str, chip: Mapping[str, Any]) -> list[str]:
    lists = [", ".join(chip[name]) or _NONE for name in ("pci", "npu_smi_names", "frameworks")]
    return [f"`{key}`", chip["name"], *lists, chip["source"]]


def _systems(catalog: Catalog) -> Iterator[str]:
    yield "# Operating systems"
    yield ""
    yield "A system is found by Ansible's facts `distribution` and `distribution_version`. In package names,"
    yield "`{kernel}` stands for the running kernel: headers of another one do not build."
    yield ""
    yield "## What they are"
    head = ["key", "distribution", "version", "packages by", "Python", "glibc", "quirks", "note", "source"]
    yield from _table(head, [_system_row(system) for system in catalog.systems])
    yield "`old_python` needs a newer interpreter on the node before Ansible can work there: the role"
    yield "[python_bootstrap](../roles/python_bootstrap/README.md) brings one;"
    yield "`externally_managed` means that pip refuses to install into the system's Python (PEP 668)."
    yield "The preflight tells of `licence_manager`, `end_of_life`, `hidden_service_pack` and"
    yield "`debian_edition`; with `no_dkms` no package dkms is installed."
    yield ""
    yield "## What the driver's installer and its build need"
    head = ["key", "programs", "build", "headers"]
    rows = [
        [
            f"`{system['key']}`",
            ", ".join(system["driver_packages"]),
            ", ".join(system["build_packages"] + system.get("extra_packages", [])),
            ", ".join(system["kernel_packages"]),
        ]
        for system in catalog.systems
    ]
    yield from _table(head, rows)
    yield "## What source builds take"
    yield ""
    yield "Packages that bring a program, with the version that they have where it is sourced. Those whose"
    yield "name ends with a number stand beside the plain one; a build finds them without a change to the"
    yield "system."
    keys = [(system["key"], system["distribution"], system["version"]) for system in catalog.systems]
    programs = ["gcc", "g++", "cmake", "make", "git", "patch"]
    found = [(key, catalog.system(name, version)["compilers"]) for key, name, version in keys]
    yield from _table(["key", *programs], [_compiler_row(key, rows, programs) for key, rows in found])


def _compiler_row(key: str, rows: Sequence[Mapping[str, Any]], programs: Sequence[str]) -> list[str]:
    cells = [
        ", ".join(f"{row['package']} {row['version'] or ''}".strip() for row in rows if row["program"] == one)
        for one in programs
    ]
    return [f"`{key}`", *(cell or _NONE for cell in cells)]


def _system_row(system: Mapping[str, Any]) -> list[str]:
    return [
        f"`{system['key']}`",
        ", ".join([system["distribution"], *system.get("also_called", [])]),
        system["version"],
        system["package_manager"],
        system["python"],
        system["glibc"] or _NOT_KNOWN,
        ", ".join(system.get("quirks", [])) or _NONE,
        system["note"],
        system["source"],
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
