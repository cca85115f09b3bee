# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell from the bus, the firmware tables and the boards which product a host is, if they tell it. Pure.

This plugin util is private to the collection and may change at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError, nearest, one_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog

KEYS = ("pci_devices", "dmi", "board_ids", "arch")
HUAWEI = "19e5"
_NAME = "the name"


_Verdict = Callable[[Mapping[str, Any]], "bool | None"]  # None: the catalog knows no such sign of the product


@dataclass(frozen=True)
class Signs:
    """What a host shows of its NPUs. Empty is "not asked", or "shows nothing"."""

    chips: Sequence[str]  # the PCI id of each, with Huawei's vendor id also where another maker put its own
    subsystems: frozenset[str]
    dmi: frozenset[str]  # in lower case
    board_ids: frozenset[str]
    arch: str | None


def detect(catalog: Catalog, found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the host seems to be; see the filter C(detect_product).

    Raises ProblemError for an input that the filter does not know.
    """
    for key in found:
        if key not in KEYS:
            raise ProblemError(f"the input {key}", f"{one_of(KEYS)}{nearest(key, KEYS)}", "correct the input")
    signs = _signs(catalog, found)
    families = sorted({_family(catalog, chip) or chip for chip in signs.chips})
    chip = families[0] if len(families) == 1 and families[0] in catalog.chips else None
    named, allowed, warning = (
        _products(catalog, chip, signs) if chip else ([], [], _no_family(signs, families))
    )
    return {
        "chip": chip,
        "chips": len(signs.chips),
        "pci": sorted(set(signs.chips)),
        "product": named[0] if len(named) == 1 else None,
        "products": named,
        "possible": allowed,
        "warning": warning,
    }


def disagreement(catalog: Catalog, detected: Mapping[str, Any], wanted: str) -> ProblemError | None:
    """Return what speaks against the product that the inventory names; None when nothing does."""
    product = catalog.product(wanted)
    if detected["products"] and wanted not in detected["possible"]:
        return ProblemError(
            f"what looks like {one_of(catalog.products[key]['name'] for key in detected['products'])}",
            f"{product['name']}, as the inventory says",
            f"put the host into the group {' or '.join(detected['products'])}; if you know better, add "
            "`npu_fleet_product_confirmed: true` to its variables",
        )
    if not detected["products"]:
        return ProblemError(
            detected["warning"],
            f"{product['name']}, as the inventory says",
            "nothing, if you know the board: the host is treated as the inventory says",
        )
    return None


def _signs(catalog: Catalog, found: Mapping[str, Any]) -> Signs:
    oem = catalog.oem_vendors
    chips, subsystems = [], set()
    for device in found.get("pci_devices") or []:
        vendor, number = _plain(device["vendor"]), _plain(device["device"])
        if vendor == HUAWEI or (vendor in oem["ids"] and number in oem["devices"]):
            chips.append(f"{HUAWEI}:{number}")
            pair = (device.get("subsystem_vendor"), device.get("subsystem_device"))
            subsystems |= {":".join(map(_plain, pair))} if all(pair) else set()
    return Signs(
        chips,
        frozenset(subsystems),
        frozenset(name.lower() for name in found.get("dmi") or [] if name),
        frozenset(board.lower() for board in found.get("board_ids") or [] if board),
        found.get("arch"),
    )


def _plain(number: str) -> str:
    return number.lower().removeprefix("0x")


def _family(catalog: Catalog, pci: str) -> str | None:
    return next((key for key, chip in catalog.chips.items() if pci in chip["pci"]), None)


def _no_family(signs: Signs, families: Sequence[str]) -> str:
    if not signs.chips:
        return "no NPU chips on the PCI bus"
    unknown = [name for name in families if ":" in name]
    if unknown:
        return f"chips with the PCI id {', '.join(unknown)}, which the catalog does not know"
    return f"chips of several families ({', '.join(families)})"


def _products(catalog: Catalog, chip: str, signs: Signs) -> tuple[list[str], list[str], str | None]:
    """Return the products that the signs name, all that they allow, and what to know about them."""
    family = {key: product for key, product in catalog.products.items() if product["chip"] == chip}
    named, allowed = list(family), list(family)
    for title, verdict in _tests(catalog, signs):
        verdicts = {key: verdict(product) for key, product in family.items()}
        allowed = [key for key in allowed if verdicts[key] is not False]
        # A server that its firmware names is told even when the catalog has no ids of its boards.
        pool = allowed if title.startswith(_NAME) else named
        listed = [key for key in pool if verdicts[key]]
        named = listed or [key for key in named if verdicts[key] is None]
        if not named:
            return (
                [],
                allowed,
                _no_product(catalog, family, chip, signs)
                or (f"a board of {catalog.chips[chip]['name']} with {title}, unknown to the catalog"),
            )
    if len(named) == 1:
        return named, allowed, None
    names = ", ".join(family[key]["name"] for key in named)
    return named, allowed, f"a board that may be one of {names}: what it shows is the same for all of them"


def _no_product(
    catalog: Catalog, family: Mapping[str, Mapping[str, Any]], chip: str, signs: Signs
) -> str | None:
    """Return which sign no product has by itself; None when each sign is that of some product."""
    each = {subsystem for product in family.values() for subsystem in product["subsystem"]}
    if len(signs.subsystems) > 1 and signs.subsystems <= each:
        return f"boards of different models, with the PCI subsystems {_shown(signs.subsystems)}"
    strange = (title for title, verdict in _tests(catalog, signs) if not any(map(verdict, family.values())))
    title = next(strange, None)
    return title and f"a board of {catalog.chips[chip]['name']} with {title}, unknown to the catalog"


def _tests(catalog: Catalog, signs: Signs) -> Iterator[tuple[str, _Verdict]]:
    """Yield what each sign is called and what it says of a product; the names of servers last."""
    yield f"the PCI id {_shown(signs.chips)}", lambda product: set(signs.chips) <= set(product["pci"])
    if signs.arch:
        yield f"the architecture {signs.arch}", lambda product: signs.arch in product["arch"]
    if signs.subsystems:
        yield (
            f"the PCI subsystem {_shown(signs.subsystems)}",
            lambda product: _lists(product, "subsystem", signs),
        )
    if signs.board_ids:
        yield f"the board id {_shown(signs.board_ids)}", lambda product: _lists(product, "board_ids", signs)
    yield f"{len(signs.chips)} chips", lambda product: _counts(product, len(signs.chips))
    known = {name.lower() for product in catalog.products.values() for name in product["dmi"]}
    if signs.dmi & known:
        yield f"{_NAME} {_shown(signs.dmi & known)}", lambda product: _is_named(product, signs.dmi)


def _lists(product: Mapping[str, Any], field: str, signs: Signs) -> bool | None:
    wanted = signs.subsystems if field == "subsystem" else signs.board_ids
    return wanted <= set(product[field]) if product[field] else None


def _is_named(product: Mapping[str, Any], names: frozenset[str]) -> bool | None:
    """A card is in a server with a name of its own, which says nothing of the card."""
    if names & {name.lower() for name in product["dmi"]}:
        return True
    return None if product["form"] == "card" or not product["dmi"] else False


def _counts(product: Mapping[str, Any], chips: int) -> bool:
    each = product["npus"] * product.get("pci_functions", product["chips_per_npu"])
    return bool(chips % each == 0 if product["form"] == "card" else chips == each)


def _shown(signs: Sequence[str] | frozenset[str]) -> str:
    return ", ".join(sorted(set(signs)))
