# SPDX-License-Identifier: GPL-3.0-or-later
"""Every combination that a user can ask for is a bill of materials or a reason; many are checked by hand."""

from __future__ import annotations

import re
from collections import Counter
from itertools import product as combinations
from pathlib import Path

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils._version import compare_versions
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog_file import load_text
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError
from ansible_collections.ascend.fleet.plugins.plugin_utils._release import Host, Request, resolve

KNOWN = Catalog()
GOLDEN = load_text(Path(__file__).with_name("golden_bills.yml").read_text(encoding="utf-8"))
ARCHITECTURES = ["aarch64", "x86_64"]
PYTHONS = [f"3.{minor}" for minor in range(7, 15)]
QUESTION = {"guide", "release", "product", "arch", "python", "system", "wish", "has", "sha256", "says"}


def name_of(cell) -> str:
    wish = [f"{name}-{version}" for name, version in cell.get("wish", {}).items()]
    asked = [cell["release"], cell["product"], cell.get("arch", ""), cell.get("python", ""), *wish]
    return "-".join(part for part in asked if part)


def asked(cell) -> dict:
    system = tuple(cell["system"]) if "system" in cell else None
    arch = cell.get("arch")
    request = Request(
        cell["release"], cell["product"], arch, cell.get("python"), system=system, **cell.get("wish", {})
    )
    return resolve(KNOWN, request)


@pytest.mark.parametrize("cell", GOLDEN["bills"], ids=name_of)
def test_a_cell_that_was_looked_up_by_hand(cell):
    bill = asked(cell)
    expected = {key: value for key, value in cell.items() if key not in QUESTION}
    assert {key: bill[key] for key in expected} == expected
    assert set(cell.get("has", [])) <= {package["file"] for package in bill["packages"]}
    archives = [package["archive"] for package in bill["packages"] if package["archive"]]
    published = {archive["file"]: archive["sha256"] for archive in archives}
    assert cell.get("sha256", {}).items() <= published.items()


@pytest.mark.parametrize("cell", GOLDEN["reasons"], ids=name_of)
def test_a_reason_that_was_written_by_hand(cell):
    with pytest.raises(ProblemError) as stop:
        asked(cell)
    assert [piece for piece in cell["says"] if piece not in str(stop.value)] == []


def test_the_golden_table_is_large_and_touches_every_release():
    cells = GOLDEN["bills"] + GOLDEN["reasons"]
    assert len(cells) >= 60
    assert set(KNOWN.release_names()) <= {cell["release"] for cell in cells}
    assert len({name_of(cell) + str(cell.get("system")) for cell in cells}) == len(cells)


@pytest.mark.parametrize("guide", ["000", "001", "002", "003", "004"])
def test_the_combination_of_a_users_guide_resolves_to_exactly_its_versions(guide):
    (cell,) = (cell for cell in GOLDEN["bills"] if cell.get("guide") == guide)
    bill = asked(cell)
    versions = ("driver", "firmware", "cann", "torch", "torch_npu", "mindspore")
    assert {name: bill[name] for name in versions if name in cell} == {
        name: cell[name] for name in versions if name in cell
    }
    assert len([name for name in versions if name in cell]) >= 4
    assert {"cann", "has"} <= set(cell)


def test_every_release_of_the_golden_table_names_what_it_was_looked_up_in():
    asked_for = {cell["release"] for cell in GOLDEN["bills"] + GOLDEN["reasons"]} - {"newest"}
    assert asked_for <= set(GOLDEN["sources"])
    assert all(GOLDEN["sources"].values())


def fits(release: dict, product: dict, arch: str, python: str) -> bool:
    """Count out by hand whether there is a bill; KNOWN is only asked what its files say."""
    chip, family = product["chip"], product["family"]
    new = release["cann"]["layout"] == "cann"
    operators = family["ops_token"] if new else family["kernels_token"]
    needed = ["toolkit"] + (["ops" if new else "kernels"] if operators and chip != "910" else [])
    hdk = release["hdk"].get(chip, {})
    needed += [part for part in ("driver", "firmware") if product[part] and hdk.get(part)]
    there = {
        row["part"]
        for row in release["packages"]
        if row["chip"] in {chip, "any"} and row["arch"] in {arch, "any"}
    }
    versions = {"cann": release["cann"]["version"], "driver": hdk.get("driver")}
    old = [
        need
        for need in product.get("needs", [])
        if "system" not in need
        and versions[need["part"]]
        and compare_versions(versions[need["part"]], need["from"]) < 0
    ]
    pythons = {python for row in release["torch"] for python in row["python"]}
    return (
        arch in product["arch"]
        and (bool(hdk) or not product["driver"])
        and set(needed) <= there
        and not old
        and ("torch" not in family["frameworks"] or python in pythons)
    )


def subject(found: str) -> str:
    """What a reason is about, for the count."""
    subjects = {
        "no driver for": "no driver",
        "Python": "no wheel for the Python",
        "cann ": "too old a release",
    }
    known = (text for start, text in subjects.items() if found.startswith(start))
    return next(known, found.split(" for ", maxsplit=1)[0])


@pytest.fixture(scope="module")
def matrix():
    """The outcome of every combination of product, release, architecture and Python."""
    cells = {}
    for key, name, arch, python in combinations(
        KNOWN.products, KNOWN.release_names(), ARCHITECTURES, PYTHONS
    ):
        product = KNOWN.product(key)
        host = Host(KNOWN, Request(name, key, python=python), product, arch, None)
        try:
            outcome = host.bill(name) if arch in product["arch"] else None
        except ProblemError as problem:
            outcome = problem
        cells[key, name, arch, python] = outcome
    return cells


def test_every_combination_is_a_bill_or_a_reason(matrix, capsys):
    counts: Counter[str] = Counter()
    for (key, name, arch, python), outcome in matrix.items():
        product, release = KNOWN.product(key), KNOWN.release(name)
        is_bill = isinstance(outcome, dict)
        assert is_bill == fits(release, product, arch, python), (key, name, arch, python, outcome)
        if is_bill:
            counts["bills of materials"] += 1
        elif outcome is None:
            counts["no such architecture"] += 1
        else:
            assert all(outcome.as_mapping().values())
            counts[subject(outcome.found)] += 1
    with capsys.disabled():
        print(
            f"\nmatrix: {len(matrix)} combinations: "
            + ", ".join(f"{n} {text}" for text, n in counts.most_common())
        )


def test_every_bill_is_whole(matrix):
    for (key, name, arch, python), bill in matrix.items():
        if not isinstance(bill, dict):
            continue
        assert (bill["product"], bill["release"], bill["arch"], bill["python"]) == (key, name, arch, python)
        assert all(package["arch"] in {None, arch} for package in bill["packages"])
        assert all(package["version"].lower() in package["file"].lower() for package in bill["packages"])
        archives = [package["archive"]["file"] for package in bill["packages"] if package["archive"]]
        other = {"aarch64": "x86", "x86_64": "aarch64"}[arch]
        assert [archive for archive in archives if other in archive] == []
        assert (bill["torch_npu"] or "").startswith(bill["torch"] or "")
        assert (bill["driver"] is None) == (not KNOWN.products[key]["driver"])
        assert bill["firmware"] or not KNOWN.products[key]["firmware"] or bill["notes"]


def test_every_package_can_be_had_somewhere(matrix):
    """It has an address or a page with a login; those of alpha releases are fetched by hand."""
    for bill in matrix.values():
        if isinstance(bill, dict) and "alpha" not in bill["release"]:
            for package in bill["packages"]:
                assert (package["url"] or "").endswith(package["file"]) or package["login"], package


def test_the_nearest_release_that_is_named_does_fit():
    for key, name in combinations(KNOWN.products, KNOWN.release_names()):
        arch = KNOWN.products[key]["arch"][0]
        try:
            resolve(KNOWN, Request(name, key, arch))
        except ProblemError as problem:
            near = re.match(r"(\S+) fits:", problem.fix)
            if near:
                assert resolve(KNOWN, Request(near[1], key, arch))["release"] == near[1] != name
