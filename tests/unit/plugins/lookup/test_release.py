# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup ascend.fleet.release: what it answers, and what it says when something does not fit."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible.errors import AnsibleError, AnsibleLookupError

PRODUCT = "atlas_800t_a2"
# ascend-deployer 6.0.0 NPU_24.1.0.json
SHA256_OF_THE_ZIP = "1d2a0cfe02364644c8ea3b9eb822b85695b024b997db08a07bc0e1c09089a0aa"
CATALOG = Path(__file__).resolve().parents[4] / "catalog"


def release_text(**changes) -> str:
    release = yaml.safe_load((CATALOG / "releases/cann-8.0.0.yml").read_text(encoding="utf-8"))
    return yaml.safe_dump({**release, "name": "ours", **changes})


def whole_answer(look_up) -> dict:
    return look_up(
        "release", "cann-8.0.0", product="atlas_800_9000", arch="aarch64", python="3.10", torch="2.3.1"
    )


def test_the_versions(look_up):
    bill = whole_answer(look_up)
    assert bill.pop("packages")
    assert [wheel["file"].split("-")[:3] for wheel in bill.pop("wheels")] == [
        ["torch_npu", "2.3.1.post4", "cp310"]
    ]
    assert bill.pop("python_packages")[0] == "protobuf==3.20.0"
    assert bill.pop("mindspore_packages")[0] == "protobuf==3.20.0"
    assert bill == {
        "release": "cann-8.0.0",
        "product": "atlas_800_9000",
        "chip": "910",
        "arch": "aarch64",
        "driver": "24.1.0",
        "firmware": "7.5.0.2.220",
        "mcu": None,
        "cann": "8.0.0",
        "layout": "ascend-toolkit",
        "drivers": {"works": ["24.1.rc2", "24.1.0"], "fails": []},
        "torch": "2.3.1",
        "torch_npu": "2.3.1.post4",
        "mindspore": "2.5.0",
        "mindspore_project": "mindspore",
        "cann_wheels": ["te", "hccl"],
        "python": "3.10",
        "notes": [],
    }


def test_a_node_for_mindspore_only_gets_no_torch(look_up):
    wish = {"product": "atlas_800_9000", "torch": "none", "mindspore": "2.4.10"}
    bill = look_up("release", "cann-8.0.0", **wish)
    assert (bill["torch"], bill["torch_npu"], bill["mindspore"]) == (None, None, "2.4.10")
    assert [wheel["file"].split("-")[0] for wheel in bill["wheels"]] == ["mindspore"]
    assert look_up("release", "newest", **{**wish, "mindspore": "1.10.1"})["torch_npu"] is None


def test_the_packages(look_up):
    folder = "https://ascend-repo.obs.cn-east-2.myhuaweicloud.com/Ascend%20HDK/Ascend%20HDK%2024.1.0/"
    archive = {
        "file": "Ascend-hdk-910-npu_24.1.0_linux-aarch64.zip",
        "sha256": SHA256_OF_THE_ZIP,
    }
    driver, firmware, *_others = whole_answer(look_up)["packages"]
    assert driver == {
        "part": "driver",
        "version": "24.1.0",
        "arch": "aarch64",
        "file": "Ascend-hdk-910-npu-driver_24.1.0_linux-aarch64.run",
        "sha256": None,
        "url": f"{folder}Ascend-hdk-910-npu-driver_24.1.0_linux-aarch64.run",
        "login": None,
        "archive": {**archive, "url": folder + archive["file"]},
        "other_arch_files": ["Ascend-hdk-910-npu-driver_24.1.0_linux-x86-64.run"],
    }
    assert firmware == {
        "part": "firmware",
        "version": "7.5.0.2.220",
        "arch": None,
        "file": "Ascend-hdk-910-npu-firmware_7.5.0.2.220.run",
        "sha256": None,
        "url": f"{folder}Ascend-hdk-910-npu-firmware_7.5.0.2.220.run",
        "login": None,
        "archive": {**archive, "url": folder + archive["file"]},
        "other_arch_files": [],
    }


@pytest.mark.parametrize("nothing", [None, ""])
def test_an_empty_wish_is_no_wish(look_up, nothing):
    bill = look_up("release", "cann-7.0.0", product=PRODUCT, arch=nothing, python=nothing, torch=nothing)
    assert (bill["arch"], bill["python"], bill["torch"], bill["mindspore"]) == (
        "aarch64",
        "3.9",
        "2.1.0",
        "2.2.10",
    )


@pytest.mark.parametrize(
    ("term", "options", "sentences"),
    [
        ("cann-8.1.0", {}, ["found the release cann-8.1.0", "(the nearest is cann-8.1.rc1)"]),
        ("cann-8.0.0", {"torch": "2.1"}, ["found torch 2.1;", "(the nearest is 2.1.0)"]),
        ("cann-8.0.1", {}, ["found the release cann-8.0.1", "nearest is cann-", "npu_fleet_release"]),
        (
            "cann-8.0.0",
            {"product": "atlas_800t_a4"},
            ["the product atlas_800t_a4", "nearest is atlas_800t_a"],
        ),
        ("cann-8.0.0", {"arch": "x86_64"}, ["the architecture x86_64", "wanted aarch64", "Atlas 800T A2"]),
        ("cann-8.0.0", {"torch": "2.4.1"}, ["found torch 2.4.1", "2.4.0, 2.3.1, 2.1.0", "nearest is 2.4.0"]),
        ("cann-7.0.0", {"python": "3.11"}, ["Python 3.11", "no", "3.8, 3.9, 3.10"]),
        ("cann-8.0.0", {"python": "3.12", "torch": "2.1.0"}, ["torch 2.1.0", "3.8, 3.9, 3.10, 3.11"]),
        ("cann-8.0.0", {"mindspore": "2.6.0"}, ["found mindspore 2.6.0", "2.5.0, 2.4.10"]),
        ("cann-8.0.0", {"mindspore": "2.5.0", "python": "3.8"}, ["mindspore wheel", "3.9, 3.10, 3.11"]),
        ("../../etc/passwd", {}, ["found the release ../../etc/passwd"]),
    ],
)
def test_what_does_not_fit_is_named(look_up, term, options, sentences):
    with pytest.raises(AnsibleLookupError) as stop:
        look_up("release", term, **{"product": PRODUCT, **options})
    assert [sentence for sentence in sentences if sentence not in str(stop.value)] == []


def test_mindspore_is_left_out_when_none_fits_and_nobody_asked(look_up):
    assert look_up("release", "cann-8.0.0", product=PRODUCT, python="3.8")["mindspore"] is None


def test_explaining_returns_both(look_up):
    assert look_up("release", "cann-8.0.0", product=PRODUCT, explain=True)["error"] is None
    answer = look_up("release", "cann-8.0.0", product="atlas_800t", explain=True)
    assert answer["found"] is None
    assert set(answer["error"]) == {"found", "wanted", "fix"}


def test_a_release_without_a_driver_for_the_chip(look_up, own_catalog):
    hdk = {"910b": {"driver": "24.1.0", "firmware": "7.5.0.2.220", "source": "a test"}}
    catalog = own_catalog(**{"releases/ours": release_text(hdk=hdk)})
    with pytest.raises(AnsibleLookupError, match=r"no driver for chip family 910 .*has them for 910b"):
        look_up("release", "ours", product="atlas_800_9000", catalog=[catalog])
    assert look_up("release", "ours", product=PRODUCT, catalog=[catalog])["release"] == "ours"


def test_a_release_without_a_package_for_the_architecture(look_up, own_catalog):
    packages = [
        {"part": part, "chip": "any", "arch": arch, "file": f"{part}.run", "sha256": None}
        for part, arch in [("driver", "x86_64"), ("firmware", "any")]
    ]
    catalog = own_catalog(**{"releases/ours": release_text(packages=packages, archives=[])})
    with pytest.raises(AnsibleLookupError, match=r"no driver package for 910b on aarch64 .*driver\.run"):
        look_up("release", "ours", product=PRODUCT, catalog=[catalog])


def test_a_product_gets_only_the_parts_that_it_has(look_up, own_catalog):
    hdk = {"910b": {"driver": "24.1.0", "firmware": "7.5.0.2.220", "mcu": "24.15.19", "source": "a test"}}
    full = look_up("product", PRODUCT)
    bare = {name: value for name, value in full.items() if name not in {"key", "family", "gateway_scope"}}
    products = yaml.safe_dump({"products": {"bare": {**bare, "firmware": False, "mcu": False}}})
    catalog = own_catalog(products=products, **{"releases/ours": release_text(hdk=hdk)})
    assert look_up("release", "ours", product=PRODUCT, catalog=[catalog])["mcu"] == "24.15.19"
    bill = look_up("release", "ours", product="bare", catalog=[catalog])
    assert (bill["firmware"], bill["mcu"]) == (None, None)
    assert [package["part"] for package in bill["packages"]][:3] == ["driver", "toolkit", "kernels"]


def test_a_package_may_have_its_own_address_or_none(look_up, own_catalog):
    packages = [
        {"part": part, "chip": "any", "arch": "any", "file": f"{part}.run", "sha256": "0" * 64}
        for part in ("driver", "firmware", "toolkit", "kernels")
    ]
    packages[0]["url"] = "https://mirror.example/driver.run"
    catalog = own_catalog(**{"releases/ours": release_text(packages=packages, archives=[], downloads={})})
    bill = look_up("release", "ours", product=PRODUCT, catalog=[catalog])
    assert [package["url"] for package in bill["packages"]] == [
        "https://mirror.example/driver.run",
        None,
        None,
        None,
    ]
    assert {package["sha256"] for package in bill["packages"]} == {"0" * 64}


def test_an_own_release_goes_before_the_collections(look_up, own_catalog):
    text = release_text(name="cann-8.0.0", python="3.11")
    catalog = own_catalog(**{"releases/cann-8.0.0": text})
    assert look_up("release", "cann-8.0.0", product=PRODUCT, catalog=[catalog])["python"] == "3.11"
    variables = {"npu_fleet_catalog": [catalog]}
    assert look_up("release", "cann-8.0.0", variables, product=PRODUCT)["python"] == "3.11"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name: [", "which cannot be read: while parsing"),
        ("name: ours\nname: ours\n", "the key name stands twice"),
        ("- a list\n", "wanted object"),
        ("name: ours\n", "python_packages; wanted each of them; wanted a release file"),
        (release_text(python=39), "python: found integer 39; wanted string"),
        (release_text(pyton="3.9"), "pyton: found this key; wanted one of"),
        (release_text(python="3.9.1"), "python: found '3.9.1'; wanted text that matches"),
        (release_text(name="theirs"), "found name: theirs in"),
        (
            release_text(cann={"version": "8.0.0", "layout": "flat", "source": ""}),
            "cann.layout: found 'flat'",
        ),
    ],
)
def test_a_bad_file_is_named(look_up, own_catalog, text, sentence):
    catalog = own_catalog(**{"releases/ours": text})
    with pytest.raises(AnsibleLookupError) as stop:
        look_up("release", "ours", product=PRODUCT, catalog=[catalog])
    assert f"{catalog}/releases/ours.yml" in str(stop.value)
    assert sentence in str(stop.value)


def test_numbers_of_a_users_file_stay_what_was_typed(look_up, own_catalog):
    """3.10 is not 3.1, 24.1 is not a number, and 910 is the key of a chip family."""
    text = release_text().replace("python: '3.9'", "python: 3.10").replace("'910':", "910:")
    assert "python: 3.10" in text
    assert "\n  910:" in text
    catalog = own_catalog(**{"releases/ours": text})
    assert look_up("release", "ours", product="atlas_800_9000", catalog=[catalog])["python"] == "3.10"


def test_a_missing_directory_is_named(look_up):
    with pytest.raises(AnsibleLookupError, match="found no directory /nowhere"):
        look_up("release", "cann-8.0.0", product=PRODUCT, catalog=["/nowhere"])


def test_a_product_is_needed(look_up):
    with pytest.raises(AnsibleError, match="product"):
        look_up("release", "cann-8.0.0")


def test_the_system_is_held_against_the_wheels(look_up):
    wish = {"product": PRODUCT, "torch": "2.7.1", "system": "Ubuntu"}
    with pytest.raises(
        AnsibleLookupError, match=r"found glibc 2\.27 \(Ubuntu 18\.04\).*wanted glibc 2\.28 or newer"
    ):
        look_up("release", "cann-8.5.0", **wish, system_version="18.04")
    assert look_up("release", "cann-8.5.0", **wish, system_version="22.04")["torch_npu"] == "2.7.1.post2"


def test_a_system_that_is_not_known_is_remarked_and_stops_nothing(look_up):
    bill = look_up("release", "cann-8.5.0", product=PRODUCT, system="OurLinux", system_version="1.0")
    assert bill["notes"] == [
        "Nothing is said about the C library: found the operating system OurLinux 1.0, which is not in the "
        "catalog."
    ]


@pytest.mark.parametrize(
    ("system", "version", "said"),
    [
        (
            "BigCloud Enterprise Linux",
            "21.10",
            "until enabled=0 stands in /etc/dnf/plugins/license-manager.conf.",
        ),
        ("CentOS", "7.6", "its repositories have moved to an archive"),
        ("EulerOS", "2.0", "its facts do not tell the service pack"),
        ("UnionTech OS Server 20", "20", "set `ansible_package_use: dnf` in the inventory"),
    ],
)
def test_what_a_system_asks_of_a_person_is_noted(look_up, system, version, said):
    (note,) = look_up(
        "release", "cann-8.3.rc1", product=PRODUCT, torch="2.1.0", system=system, system_version=version
    )["notes"]
    assert note.startswith(f"{system} {version[0]}")
    assert said in note


def test_a_system_that_tasks_take_care_of_has_no_note(look_up):
    for system, version in (("Debian", "12"), ("openEuler", "20.03")):
        given = {"product": PRODUCT, "system": system, "system_version": version}
        assert look_up("release", "cann-8.3.rc1", **given)["notes"] == []


def test_the_newest_release_that_fits(look_up):
    assert (
        look_up("release", "newest", product=PRODUCT, torch="2.5.1", python="3.9")["release"]
        == "cann-8.2.rc1"
    )


@pytest.mark.parametrize(
    ("wish", "pieces"),
    [
        (
            {"torch": "2.1"},
            ["torch 2.1, which no release has", "(the nearest is 2.1.0); choose such a torch"],
        ),
        ({"torch": "none", "mindspore": "2.8.0"}, ["mindspore 2.8.0, which", "choose such a MindSpore"]),
        (
            {"torch": "2.5.1", "python": "3.13"},
            [
                "no release for Atlas 800T A2 on aarch64 with Python 3.13, torch 2.5.1: cann-8.2.rc1 has",
                "wanted Python one of 3.9, 3.10, 3.11; set the Python",
                "or write a release of your own",
            ],
        ),
    ],
)
def test_why_no_release_fits(look_up, wish, pieces):
    with pytest.raises(AnsibleLookupError) as refused:
        look_up("release", "newest", product=PRODUCT, **wish)
    assert [piece for piece in pieces if piece not in str(refused.value)] == []


def test_a_torch_of_no_release_is_not_looked_for_in_another_one(look_up):
    with pytest.raises(AnsibleLookupError, match=r"\(the nearest is 2\.4\.0\); choose such a torch$"):
        look_up("release", "cann-8.0.0", product=PRODUCT, torch="9.9.9")


def test_of_versions_the_neighbour_is_the_nearest_and_each_is_named_once(look_up):
    with pytest.raises(AnsibleLookupError) as refused:
        look_up("release", "cann-9.1.0", product=PRODUCT, torch="2.6.0")
    assert "(the nearest is 2.7.1)" in str(refused.value)
    with pytest.raises(AnsibleLookupError) as refused:
        look_up("release", "cann-9.0.0", product=PRODUCT, torch="2.3.1")
    assert "wanted one of 2.10.0, 2.9.0, 2.8.0, 2.7.1, 2.6.0 with" in str(refused.value)


def test_the_c_library_of_a_host_that_is_not_asked_counts_as_that_of_its_system(look_up):
    wish = {"product": "atlas_800_9000", "arch": "aarch64"}
    bill = look_up("release", "cann-8.2.rc1", **wish, glibc="2.17")
    seen = look_up("release", "cann-8.2.rc1", **wish, system="Ubuntu", system_version="18.04")
    assert (bill["torch_npu"], seen["torch_npu"]) == ("2.5.1.post1", "2.5.1.post1")
    assert look_up("release", "cann-8.2.rc1", **wish, glibc="2.28")["torch_npu"] == "2.6.0"
    with pytest.raises(AnsibleLookupError, match=r"found glibc 2\.17 \(as asked\), too old"):
        look_up("release", "cann-8.5.0", product=PRODUCT, torch="2.7.1", glibc="2.17")


def test_an_architecture_that_is_not_told_is_asked_for(look_up):
    with pytest.raises(AnsibleLookupError, match="found no architecture.*say it: `npu_fleet_arch`"):
        look_up("release", "cann-8.0.0", product="atlas_300i_duo")


def test_a_file_of_systems_that_is_wrong_does_not_switch_the_check_of_the_c_library_off(look_up, own_catalog):
    catalog = own_catalog(systems="systems: {x: {}}")
    wish = {"system": "Ubuntu", "system_version": "18.04", "catalog": [catalog]}
    with pytest.raises(AnsibleLookupError, match=r"systems\.yml with line 1"):
        look_up("release", "cann-8.5.0", product=PRODUCT, torch="2.7.1", **wish)


def test_a_broken_file_beside_it_does_not_hide_why_a_release_does_not_fit(look_up, own_catalog):
    catalog = own_catalog(**{"releases/broken": "name: ["})
    with pytest.raises(AnsibleLookupError, match=r"found torch 2\.6\.0; wanted one of"):
        look_up("release", "cann-9.1.0", product=PRODUCT, torch="2.6.0", catalog=[catalog])


def test_no_other_release_is_offered_where_a_file_has_to_be_repaired(look_up, own_catalog):
    catalog = own_catalog(**{"wheels/cann-8.5.0": "folders: {}"})
    with pytest.raises(AnsibleLookupError, match=r"cann-8\.5\.0\.yml with line 1.*; repair the file$"):
        look_up("release", "cann-8.5.0", product=PRODUCT, catalog=[catalog])


def test_the_oldest_release_that_runs_on_a_product_is_not_too_old(look_up):
    bill = look_up("release", "cann-8.0.rc1", product="atlas_800i_a2", arch="aarch64")
    assert (bill["cann"], bill["driver"]) == ("8.0.RC1", "24.1.rc1")


def test_of_what_a_product_needs_of_one_part_the_highest_counts_in_any_order(look_up, own_catalog):
    product = yaml.safe_load((CATALOG / "products.yml").read_text(encoding="utf-8"))["products"][PRODUCT]
    needs = [
        {"part": "driver", "from": "25.2.0", "system": "openeuler_24_03"},
        {"part": "driver", "from": "24.1.rc1"},
    ]
    for order in (needs, needs[::-1]):
        catalog = own_catalog(products=yaml.safe_dump({"products": {"ours": {**product, "needs": order}}}))
        with pytest.raises(
            AnsibleLookupError, match=r"wanted driver 25\.2\.0, which Atlas 800T A2 on openEuler"
        ):
            look_up(
                "release",
                "cann-7.0.0",
                product="ours",
                system="openEuler",
                system_version="24.03",
                catalog=[catalog],
            )
        with pytest.raises(AnsibleLookupError, match=r"wanted driver 24\.1\.rc1, which Atlas 800T A2 needs"):
            look_up("release", "cann-7.0.0", product="ours", catalog=[catalog])
