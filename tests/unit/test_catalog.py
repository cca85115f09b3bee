# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalog itself: shape, cross references, file names, and every combination that a user can ask for."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from ansible_collections.ascend.fleet.plugins.module_utils._version import version_key
from ansible_collections.ascend.fleet.plugins.plugin_utils._bill import file_names
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog_file import CATALOG, read_file
from ansible_collections.ascend.fleet.plugins.plugin_utils._release import Request, resolve
from ansible_collections.ascend.fleet.plugins.plugin_utils._schema import KEYWORDS, violations
from hypothesis import given
from hypothesis import strategies as st

KNOWN = Catalog()
FILES = {file: file.stem for file in CATALOG.glob("*.yml")} | dict.fromkeys(
    (CATALOG / "releases").glob("*.yml"), "release"
)
FILES |= dict.fromkeys((CATALOG / "wheels").glob("*.yml"), "wheels")
RELEASES = KNOWN.release_names()


def schema(name: str) -> dict:
    return json.loads((CATALOG / f"schema/{name}.json").read_text(encoding="utf-8"))


SCHEMAS = {name: schema(name) for name in sorted(set(FILES.values()))}
CONTENTS = {name: read_file(file, name) for file, name in FILES.items()}


def name_of(value) -> str:
    return value.name if isinstance(value, Path) else str(value)


@pytest.mark.parametrize(("file", "name"), FILES.items(), ids=name_of)
def test_files_fit_their_schemas(file, name):
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name])
    jsonschema.validate(yaml.safe_load(file.read_text(encoding="utf-8")), SCHEMAS[name])


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_everybody_reads_the_same(file):
    """The simulator and others load the files with a plain YAML loader: nothing may depend on ours."""
    assert yaml.safe_load(file.read_text(encoding="utf-8")) == read_file(file, FILES[file])


@pytest.mark.parametrize("name", SCHEMAS)
def test_schemas_use_only_what_our_own_check_knows(name):
    # The names of properties and definitions are free; everything else must be a keyword that is understood.
    def keywords(part) -> set[str]:
        if isinstance(part, list):
            return set().union(*map(keywords, part))
        if not isinstance(part, dict):
            return set()
        inner = [value for key, value in part.items() if key not in {"properties", "$defs"}]
        inner += [value for key in ("properties", "$defs") for value in part.get(key, {}).values()]
        return set(part) | set().union(*map(keywords, inner))

    assert keywords(SCHEMAS[name]) <= KEYWORDS


def paths(value, path=()) -> list[tuple]:
    """Every place in a value."""
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    )
    return [path, *(inner for key, child in children for inner in paths(child, (*path, key)))]


@st.composite
def damaged(draw):
    """A catalog file with one place changed or taken away, and the name of its schema."""
    name = draw(st.sampled_from(sorted(CONTENTS)))
    content = copy.deepcopy(CONTENTS[name])
    *parents, last = draw(st.sampled_from([path for path in paths(content) if path]))
    place = content
    for key in parents:
        place = place[key]
    if draw(st.booleans()):
        del place[last]
    else:
        other = st.sampled_from([None, True, 0, -1, "", "text", "1.2.3", [], {}, ["x"], {"x": "y"}])
        place[last] = draw(other)
    return name, content


@given(damaged())
def test_our_own_check_says_what_jsonschema_says(case):
    name, content = case
    valid = jsonschema.Draft202012Validator(SCHEMAS[name]).is_valid(content)
    assert (list(violations(content, SCHEMAS[name])) == []) == valid


@pytest.mark.parametrize(
    ("key", "changes", "sentence"),
    [
        ("atlas_800t_a2", {"npus": True}, "products.atlas_800t_a2.npus: found boolean True; wanted integer"),
        ("atlas_800t_a2", {"npus": 0}, "products.atlas_800t_a2.npus: found 0; wanted at least 1"),
        ("atlas_800t_a2", {"arch": []}, "products.atlas_800t_a2.arch: found 0 entries; wanted at least 1"),
        ("atlas_800t_a2", {"mcu": 1}, "products.atlas_800t_a2.mcu: found integer 1; wanted boolean"),
        (
            "Atlas-800",
            {},
            "products.Atlas-800: found 'Atlas-800'; wanted text that matches ^[a-z][0-9a-z_]*$",
        ),
        (
            "atlas_800t_a2",
            {"npu": 8},
            "products.atlas_800t_a2.npu: found this key; wanted one of name, chip, form, npus, "
            "chips_per_npu, arch, pci, subsystem, board_ids, dmi, address_pattern, driver, firmware, mcu, "
            "use, playbook, pci_functions, cann_owner, cann_path, needs, note, source (the nearest is npus)",
        ),
    ],
)
def test_a_violation_names_the_place(key, changes, sentence):
    content = {"products": {key: {**CONTENTS["products"]["products"]["atlas_800t_a2"], **changes}}}
    assert list(violations(content, SCHEMAS["products"])) == [sentence]


def test_products_name_their_chips():
    for key in KNOWN.products:
        entry = KNOWN.product(key)
        assert set(entry["pci"]) <= set(entry["family"]["pci"])
        assert (entry["address_pattern"] is not None) == entry["family"]["device_network"]
        assert (entry["gateway_scope"] is not None) == entry["family"]["device_network"]


def test_chip_families_share_no_pci_id():
    ids = [pci for chip in KNOWN.chips.values() for pci in chip["pci"]]
    assert len(ids) == len(set(ids))


def test_systems_have_families():
    assert CONTENTS["systems"]["families"]
    assert {row["package_manager"] for row in KNOWN.systems} <= {"apt", "dnf", "yum"}


@pytest.mark.parametrize("name", RELEASES)
def test_every_package_is_named_as_the_vendor_names_it(name):
    release = KNOWN.release(name)
    for package in release["packages"]:
        part, chip = package["part"], package["chip"]
        family = {"key": chip, **KNOWN.chips.get(chip, {})}
        hdk = release["hdk"].get(chip, {})
        version = package.get("version") or hdk.get(part) or release["cann"]["version"]
        named = file_names(KNOWN.package_names, family, part, version)
        expected = set(named.values()) if package["arch"] == "any" else {named[package["arch"]]}
        assert expected == {package["file"]}


@pytest.mark.parametrize("name", RELEASES)
def test_every_version_can_be_compared(name):
    release = KNOWN.release(name)
    versions = [release["cann"]["version"]]
    versions += [hdk[part] for hdk in release["hdk"].values() for part in ("driver", "firmware") if hdk[part]]
    assert [version_key(version) for version in versions]


@pytest.mark.parametrize("name", RELEASES)
def test_the_default_python_has_a_torch(name):
    release = KNOWN.release(name)
    assert release["torch"] == [] or any(release["python"] in row["python"] for row in release["torch"])


def test_the_intel_spellings_differ():
    family = KNOWN.chips["910b"]
    assert file_names(KNOWN.package_names, family, "driver", "24.1.0")["x86_64"].endswith("_linux-x86-64.run")
    assert file_names(KNOWN.package_names, family, "toolkit", "8.0.0")["x86_64"].endswith("_linux-x86_64.run")


@pytest.mark.parametrize(
    ("version", "file"),
    [
        ("6.0.1", "Ascend-cann-kernels-910_6.0.1_linux.run"),
        ("8.0.RC2", "Ascend-cann-kernels-910_8.0.RC2_linux.run"),
        ("8.0.RC3", "Ascend-cann-kernels-910_8.0.RC3_linux-aarch64.run"),
        ("8.3.RC2", "Ascend-cann-kernels-910_8.3.RC2_linux-aarch64.run"),
    ],
)
def test_kernels_took_up_the_architecture_with_cann_8_0_rc3(version, file):
    assert (
        file_names(KNOWN.package_names, {"key": "910", **KNOWN.chips["910"]}, "kernels", version)["aarch64"]
        == file
    )


def test_there_are_no_kernels_packages_from_cann_8_5_on():
    assert file_names(KNOWN.package_names, KNOWN.chips["910b"], "kernels", "8.5.0") == {}


def test_guide_000_comes_out_of_the_catalog():
    bill = resolve(KNOWN, Request("cann-7.0.0", "atlas_800t_a2", python="3.9"))
    files = [package["file"] for package in bill["packages"]]
    assert files[2:] == [
        "Ascend-cann-toolkit_7.0.0_linux-aarch64.run",
        "Ascend-cann-kernels-910b_7.0.0_linux.run",
    ]
    folder = "https://ascend-repo.obs.cn-east-2.myhuaweicloud.com/CANN/CANN%207.0.0/"
    assert bill["packages"][2]["url"] == folder + files[2]
    assert (bill["torch"], bill["torch_npu"]) == ("2.1.0", "2.1.0")
    assert "protobuf==3.20.0" in bill["python_packages"]
    names = [
        "attrs",
        "cython",
        "decorator",
        "sympy",
        "cffi",
        "pyyaml",
        "pathlib2",
        "psutil",
        "scipy",
        "requests",
    ]
    assert {*names, "absl-py"} <= set(bill["python_packages"])
