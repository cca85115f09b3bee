# SPDX-License-Identifier: GPL-3.0-or-later
"""A wrong file of the catalog, the collection's or a user's: file, line, found and wanted."""

from __future__ import annotations

import shutil

import pytest
from ansible_collections.ascend.fleet.plugins.plugin_utils import _catalog_file
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog_file import CATALOG
from ansible_collections.ascend.fleet.plugins.plugin_utils._problem import ProblemError
from ansible_collections.ascend.fleet.plugins.plugin_utils._release import Request, resolve

RELEASE = (CATALOG / "releases/cann-8.5.0.yml").read_text(encoding="utf-8")
PRODUCTS = """products:
  our_server: {
    name: Ours, chip: "910b", form: server, npus: 8, chips_per_npu: 1, arch: [aarch64],
    pci: ["19e5:d802"], subsystem: [], board_ids: [], dmi: [],
    address_pattern: shared_subnet, driver: true, firmware: true, mcu: false, use: training,
    playbook: atlas_a2_training, source: us,
  }
"""
TOOLKIT = (
    "  - {part: toolkit, chip: any, arch: aarch64, file: Ascend-cann-toolkit_8.5.0_linux-aarch64.run, "
    "sha256: null}"
)


def line_of(text: str, piece: str) -> int:
    return text[: text.index(piece)].count("\n") + 1


MINDSPORE = '  - {mindspore: "2.7.2", project: mindspore, python: ["3.9"], cann_wheels: [], source: us}\n'
SYSTEMS = """systems:
  our_linux: {
    distribution: OurLinux, version: "1", family: redhat, python: "3.9", glibc: "2.34",
    note: "", source: us,
  }
"""


@pytest.fixture
def complaint(tmp_path):
    """Write one file into a directory of the user's own and return what the catalog says of it."""

    def read(name, text, release="cann-8.5.0", product="atlas_800t_a2"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
        with pytest.raises(ProblemError) as stop:
            resolve(Catalog([tmp_path]), Request(release, product))
        assert str(file) in stop.value.found
        return stop.value.found.replace(str(file), "FILE")

    return read


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            'python: "3.11"\n',
            'python: "3.11"\npython: "3.12"\n',
            "the key python stands twice",
        ),
        ('python: "3.11"\n', 'python: "3.11"\npyton: "3.12"\n', "pyton: found this key; wanted one of"),
        (", sha256: null}\n", "}\n", "packages[0]: found no sha256; wanted one"),
        ("sha256: 39ca72188bd7", "sha256: 39ca72188bdX", "packages[3].sha256: found '39ca72188bdX"),
        ("  layout: cann\n", "  layout: ascend-toolkit\n", "cann.layout: found ascend-toolkit; wanted cann"),
        (
            TOOLKIT,
            f"{TOOLKIT}\n{TOOLKIT.replace('toolkit_8.5.0', 'toolkits_8.5.0')}",
            "found Ascend-cann-toolkits_8.5.0_linux-aarch64.run for toolkit of any on aarch64; wanted one",
        ),
        (
            TOOLKIT,
            f"{TOOLKIT}\n{TOOLKIT}",
            "found Ascend-cann-toolkit_8.5.0_linux-aarch64.run twice; wanted it once",
        ),
        (
            '    driver: "25.5.0"\n',
            '    driver: "25.3.rc1"\n',
            "found Ascend-hdk-310p-npu-driver_25.5.0_linux-aarch64.run; wanted driver 25.3.rc1",
        ),
        (
            "arch: aarch64, file: Ascend-cann-toolkit_8.5.0_linux-aarch64.run",
            "arch: aarch64, file: Ascend-cann-toolkit_8.5.0_linux-x86_64.run",
            "found Ascend-cann-toolkit_8.5.0_linux-x86_64.run; wanted a file for aarch64",
        ),
        (
            "part: toolkit, chip: any, arch: aarch64",
            "part: kernels, chip: any, arch: aarch64",
            "found kernels; wanted none with the layout cann",
        ),
        (
            "      - Ascend-cann-toolkit_8.5.0_linux-aarch64.run",
            "      - Ascend-cann-toolkit_8.5.1_linux-aarch64.run",
            "found Ascend-cann-toolkit_8.5.1_linux-aarch64.run; wanted a file of `packages`",
        ),
        (
            'torch_npu: "2.9.0"',
            'torch_npu: "2.8.0.post9"',
            "torch[0].torch_npu: found 2.8.0.post9; wanted one of",
        ),
        ('torch_npu: "2.8.0.post2"', 'torch_npu: "2.9.0"', "torch[1].torch_npu: found 2.9.0; wanted"),
        ('python: "3.11"\n', 'python: "3.7"\n', "python: found 3.7; wanted one of"),
        (
            '  "910b":\n',
            '  "911b":\n',
            "hdk.911b: found the chip family 911b; wanted one of 310, 310b, 310p, 910, 910b, 910_93, 950 "
            "(the nearest is 910b)",
        ),
        (
            'part: mcu, chip: "910b"',
            'part: mcu, chip: "911b"',
            "].chip: found the chip family 911b; wanted one of any, 310, 310b,",
        ),
        (
            "Ascend-hdk-910b-npu-driver_25.5.0_linux-aarch64.run, sha256",
            "Ascend-hdk-310b-npu-driver_25.5.0_linux-aarch64.run, sha256",
            "].file: found Ascend-hdk-310b-npu-driver_25.5.0_linux-aarch64.run; wanted one with 910b in its "
            "name, for Ascend 910B (A2)",
        ),
        (
            "file: Ascend-hdk-910-npu-firmware_",
            "file: Ascend-hdk-910b-npu-firmware_",
            "; wanted one with 910 in its name, for Ascend 910 (910A)",
        ),
        (
            "file: Atlas-A3-hdk-npu-firmware_",
            "file: Ascend-hdk-910b-npu-firmware_",
            "; wanted one with A3 in its name, for Ascend 910_93 (A3)",
        ),
        (
            'part: ops, chip: "310p"',
            'part: ops, chip: "310"',
            "; wanted no ops package, for Ascend 310",
        ),
        (
            "mindspore:\n",
            f"mindspore:\n{MINDSPORE}",
            "mindspore[1]: found mindspore 2.7.2 twice; wanted it once",
        ),
        (
            'python: ["3.10", "3.11", "3.12"]',
            'python: ["3.10", "3.11", "3.10"]',
            "torch[0].python[2]: found 3.10 twice; wanted it once",
        ),
        (
            "mindspore:\n",
            "mindspore:\n" + MINDSPORE.replace('"3.9"', '"3.9", "3.9"').replace("2.7.2", "2.0.0"),
            "mindspore[0].python[1]: found 3.9 twice; wanted it once",
        ),
    ],
)
def test_a_wrong_release_is_named_with_its_line(complaint, old, new, sentence):
    text = RELEASE.replace(old, new, 1)
    assert text != RELEASE
    said = complaint("releases/cann-8.5.0.yml", text)
    assert sentence in said
    assert "line " in said


def test_a_driver_on_which_the_vendor_says_it_fails_is_named(complaint):
    text = (CATALOG / "releases/cann-9.1.0.yml").read_text(encoding="utf-8")
    said = complaint("releases/cann-9.1.0.yml", text.replace("26.0.rc1", "25.0.rc1.1"), release="cann-9.1.0")
    assert "hdk.910b.driver: found 25.0.rc1.1; wanted one of 25.2, 25.3, 25.5" in said


def test_the_line_is_that_of_the_place(complaint):
    text = RELEASE.replace('torch_npu: "2.9.0"', 'torch_npu: "2.8.0.post9"', 1)
    said = complaint("releases/cann-8.5.0.yml", text)
    assert f"FILE with line {line_of(text, 'torch_npu: ')}: torch[0].torch_npu: found" in said


def test_a_zip_of_the_vendor_needs_its_checksum(complaint):
    text = RELEASE.replace(
        "sha256: 39ca72188bd7ba96bfda34d1a43ccedd8f0c18e6ebd27f3bb924d72241605f66", "sha256: null"
    )
    assert "found none for Ascend-hdk-310p-mcu_25.5.8.zip; wanted one: the vendor publishes" in complaint(
        "releases/cann-8.5.0.yml", text
    )


def test_an_archive_for_another_architecture_is_named(complaint):
    file = "  - file: Ascend-cann-toolkit_8.5.0_linux-aarch64.zip\n    arch: "
    said = complaint("releases/cann-8.5.0.yml", RELEASE.replace(f"{file}aarch64", f"{file}x86_64"))
    assert (
        "found x86_64; wanted aarch64, for which it holds Ascend-cann-toolkit_8.5.0_linux-aarch64.run" in said
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence"),
    [
        (
            '"19e5:d802"',
            '"19e5:d801"',
            4,
            "products.our_server.pci: found 19e5:d801; wanted one of 19e5:d802",
        ),
        ('"19e5:d802"', "19e5", 4, "products.our_server.pci[0]: found '19e5'; wanted text that matches"),
        ("npus: 8", "npus: eight", 3, "products.our_server.npus: found string 'eight'; wanted integer"),
        ("npus: 8", "npu: 8", 3, "products.our_server.npu: found this key; wanted one of"),
        ("mcu: false, ", "", 2, "products.our_server: found no mcu; wanted one"),
        (
            "  our_server",
            "  Our-Server",
            2,
            "products.Our-Server: found 'Our-Server'; wanted text that matches",
        ),
    ],
)
def test_a_wrong_product_is_named_with_its_line(complaint, old, new, line, sentence):
    said = complaint("products.yml", PRODUCTS.replace(old, new, 1))
    assert f"line {line}: {sentence}" in said


def test_a_network_that_a_chip_does_not_have_is_a_contradiction(complaint):
    text = PRODUCTS.replace('"910b"', '"310p"').replace("d802", "d500")
    said = complaint("products.yml", text)
    assert "line 5: products.our_server.address_pattern: found shared_subnet; wanted null" in said


def test_a_system_that_a_model_needs_something_on_is_one_of_the_catalog(complaint):
    need = 'needs: [{part: driver, from: "25.2.0", system: openeuler_24}], source'
    said = complaint("products.yml", PRODUCTS.replace("source", need))
    assert "products.our_server.needs[0].system: found openeuler_24; wanted one of debian_10, " in said
    assert "(the nearest is openeuler_24_03)" in said


def test_a_system_of_a_family_that_is_not_there_is_named_with_its_line(tmp_path):
    file = tmp_path / "systems.yml"
    file.write_text(SYSTEMS.replace("redhat", "redhats"), encoding="utf-8")
    with pytest.raises(ProblemError) as stop:
        Catalog([tmp_path]).system("OurLinux", "1.2")
    assert stop.value.found == (
        f"{file} with line 3: systems.our_linux.family: found redhats; wanted one of debian, redhat, "
        "redhat_7 (the nearest is redhat)"
    )


def test_a_users_system_takes_a_family_of_the_collection_or_of_the_user(tmp_path):
    file = tmp_path / "systems.yml"
    file.write_text(SYSTEMS, encoding="utf-8")
    assert Catalog([tmp_path]).system("OurLinux", "1.2")["package_manager"] == "dnf"
    family = (
        "families:\n  ours: {package_manager: yum, driver_packages: [], build_packages: [], "
        "kernel_packages: [], python_packages: [], source: us}\n"
    )
    file.write_text(family + SYSTEMS.replace("redhat", "ours"), encoding="utf-8")
    assert Catalog([tmp_path]).system("OurLinux", "1.2")["package_manager"] == "yum"


def test_all_wrong_places_are_named_at_once(complaint):
    said = complaint(
        "products.yml", PRODUCTS.replace("npus: 8", "npus: 0").replace("form: server", "form: rack")
    )
    assert "products.our_server.form: found 'rack'; wanted one of server, card, board" in said
    assert "products.our_server.npus: found 0; wanted at least 1" in said


def test_a_shadowed_release_is_said_aloud(tmp_path):
    (tmp_path / "releases").mkdir()
    file = tmp_path / "releases/cann-8.5.0.yml"
    file.write_text(RELEASE, encoding="utf-8")
    bill = resolve(Catalog([tmp_path]), Request("cann-8.5.0", "atlas_800t_a2"))
    shipped = CATALOG / "releases/cann-8.5.0.yml"
    assert bill["notes"] == [f"The release cann-8.5.0 is that of {file}; {shipped} is not used."]
    assert resolve(Catalog(), Request("cann-8.5.0", "atlas_800t_a2"))["notes"] == []


def test_a_shadowed_model_chip_system_and_list_of_wheels_are_said_aloud(tmp_path):
    for name in ("products.yml", "chips.yml", "systems.yml", "wheels/cann-8.5.0.yml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(CATALOG / name, tmp_path / name)
    request = Request("cann-8.5.0", "atlas_800t_a2", system=("openEuler", "22.03"))
    assert resolve(Catalog([tmp_path]), request)["notes"] == [
        f"{what} of {tmp_path / name}; {CATALOG / name} is not used."
        for what, name in [
            ("The wheels of the release cann-8.5.0 are those", "wheels/cann-8.5.0.yml"),
            ("The product atlas_800t_a2 is that", "products.yml"),
            ("The chip family 910b is that", "chips.yml"),
            ("The system openeuler_22_03 is that", "systems.yml"),
            ("The systems' family redhat is that", "systems.yml"),
        ]
    ]
    assert resolve(Catalog(), request)["notes"] == []


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("product.yml", " (the nearest is products.yml)"),
        ("products.yaml", " (the nearest is products.yml)"),
        ("compatibility.yml", ""),
        ("releases/ours.yaml", " (the nearest is releases/ours.yml)"),
        ("wheels/ours.yaml", " (the nearest is wheels/ours.yml)"),
    ],
)
def test_a_file_that_nothing_reads_is_refused(tmp_path, name, near):
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(PRODUCTS, encoding="utf-8")
    with pytest.raises(ProblemError) as stop:
        Catalog([tmp_path])
    assert stop.value.found == f"{file}, which nothing reads"
    assert stop.value.wanted == (
        "one of releases/<name>.yml, wheels/<name>.yml, chips.yml, products.yml, systems.yml, "
        f"interpreters.yml, downloads.yml{near} in a directory of npu_fleet_catalog"
    )
    assert stop.value.fix


def test_a_folder_with_almost_the_right_name_is_refused(tmp_path):
    (tmp_path / "release").mkdir()
    (tmp_path / "release/ours.yml").write_text(RELEASE, encoding="utf-8")
    with pytest.raises(ProblemError, match=r"/release, which nothing reads; .*the nearest is releases\)"):
        Catalog([tmp_path])


def test_what_is_no_catalog_at_all_may_lie_beside_one(tmp_path):
    for name in (
        "README.md",
        ".gitlab-ci.yml",
        "releases/README.md",
        "wheelhouse/torch.whl",
        "tests/site.yml",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert Catalog([tmp_path]).release_names() == Catalog().release_names()


def test_a_directory_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    def refuse(_path):
        raise PermissionError("no rights")

    monkeypatch.setattr(type(tmp_path), "iterdir", refuse)
    with pytest.raises(ProblemError, match=f"{tmp_path}, which cannot be read: no rights"):
        Catalog([tmp_path])


def test_a_text_is_parsed_once_and_a_changed_one_anew(tmp_path, monkeypatch):
    """Workers of Ansible are forks: what the main process has parsed costs them nothing."""
    parsed = []
    load = _catalog_file._load
    monkeypatch.setattr(_catalog_file, "_load", lambda text: (parsed.append(text), load(text))[1])
    file = tmp_path / "products.yml"
    for name in ("Ours", "Ours", "Theirs"):
        file.write_text(PRODUCTS.replace("Ours", name), encoding="utf-8")
        assert Catalog([tmp_path]).products["our_server"]["name"] == name
    assert [text for text in parsed if "our_server" in text] == [PRODUCTS, PRODUCTS.replace("Ours", "Theirs")]
