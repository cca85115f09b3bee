# SPDX-License-Identifier: GPL-3.0-or-later
"""A catalog for packages that are not the vendor's: the shipped release with their names and checksums."""

from __future__ import annotations

import hashlib

import pytest
import yaml
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog
from packages.command import main
from packages.release_packages import CATALOG

RELEASE = "cann-8.5.0"
MCU = "Ascend-hdk-910b-mcu_25.55.23.zip"
TOOLKIT = "Ascend-cann-toolkit_8.5.0_linux-aarch64"


def written(folder, *more, release=RELEASE):
    """Make the packages with their catalog; return the rows of the written release by file."""
    words = ["--release", release, "--product", "atlas_800t_a2", "--output", str(folder)]
    assert main([*words, "--catalog", str(folder / "catalog"), *more]) == 0
    text = (folder / f"catalog/releases/{release}.yml").read_text(encoding="utf-8")
    return {row["file"]: row for row in yaml.safe_load(text)["packages"]}


@pytest.mark.parametrize(("file", "more"), [(MCU, []), (f"{TOOLKIT}.run", []), (f"{TOOLKIT}.zip", ["--zip"])])
def test_a_made_package_stands_there_with_its_own_checksum(tmp_path, file, more):
    rows = written(tmp_path, *more)
    assert rows[file]["sha256"] == hashlib.sha256((tmp_path / file).read_bytes()).hexdigest()


def test_a_release_whose_files_the_vendor_never_zipped_is_written_too(tmp_path):
    rows = written(tmp_path, release="cann-7.0.0")
    assert rows["Ascend-cann-toolkit_7.0.0_linux-aarch64.run"]["sha256"]


def test_the_zip_of_driver_and_firmware_is_the_drivers(tmp_path):
    rows = written(tmp_path, "--zip")
    assert rows["Ascend-hdk-910b-npu_25.5.0_linux-aarch64.zip"]["part"] == "driver"
    assert rows["Ascend-hdk-910b-npu-firmware_7.8.0.5.201.run"]["part"] == "firmware"


def test_what_was_not_made_stays_as_it_is_shipped(tmp_path):
    shipped = yaml.safe_load((CATALOG / f"releases/{RELEASE}.yml").read_text(encoding="utf-8"))["packages"]
    x86 = [row for row in shipped if row["arch"] == "x86_64"]
    rows = written(tmp_path, "--zip")
    assert [rows[row["file"]] for row in x86] == x86


@pytest.mark.parametrize("more", [[], ["--zip"]])
def test_the_collection_reads_it_and_says_that_it_shadows_the_shipped_one(tmp_path, more):
    written(tmp_path, *more)
    catalog = Catalog([tmp_path / "catalog"])
    assert catalog.release(RELEASE)["cann"]["version"] == "8.5.0"
    (shadow,) = catalog.shadows(RELEASE)
    assert f"is that of {tmp_path}/catalog/releases/{RELEASE}.yml" in shadow
