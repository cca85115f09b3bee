# SPDX-License-Identifier: GPL-3.0-or-later
"""The zip forms of packages with their signatures, the MCU's files, and packages that are spoilt."""

from __future__ import annotations

import json
import subprocess
import zipfile

import pytest
from packages.command import build, main, zip_contents
from packages.run_file import Description

A2 = ["--release", "cann-8.0.0", "--product", "atlas_800t_a2"]
DRIVER = "Ascend-hdk-910b-npu-driver_24.1.0_linux-aarch64.run"
HDK_ZIP = "Ascend-hdk-910b-npu_24.1.0_linux-aarch64.zip"
MCU = Description("mcu", "25.52.29", "Ascend-hdk-910b-mcu_25.52.29.zip", "910b", None)


def verify(folder, name, root):
    """Check a signature the way the vendor's deployer does."""
    words = ["-in", folder / f"{name}.cms", "-inform", "DER", "-CAfile", root, "-content", folder / name]
    done = subprocess.run(
        ["openssl", "cms", "-verify", "-no_check_time", "-binary", "-purpose", "any", *words],
        capture_output=True,
        check=False,
    )
    return done.returncode


def test_a_zip_holds_the_packages_with_signatures_that_hold(tmp_path):
    assert main([*A2, "--output", str(tmp_path), "--zip"]) == 0
    with zipfile.ZipFile(tmp_path / HDK_ZIP) as archive:
        archive.extractall(tmp_path / "x")
        firmware = "Ascend-hdk-910b-npu-firmware_7.5.0.2.220.run"
        assert archive.namelist() == [
            f"{file}{end}" for file in (DRIVER, firmware) for end in ("", ".cms", ".crl")
        ]
    root = tmp_path / "simulated-root-ca.pem"
    assert (tmp_path / "x" / DRIVER).read_bytes() == (tmp_path / DRIVER).read_bytes()
    assert verify(tmp_path / "x", DRIVER, root) == 0
    with (tmp_path / "x" / DRIVER).open("ab") as file:
        file.write(b"more")
    assert verify(tmp_path / "x", DRIVER, root) != 0
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=tmp_path, check=True)


def test_another_authority_is_not_believed(tmp_path):
    for name in ("one", "two"):
        assert main([*A2, "--output", str(tmp_path / name), "--zip"]) == 0
    with zipfile.ZipFile(tmp_path / "one" / HDK_ZIP) as archive:
        archive.extractall(tmp_path / "x")
    assert verify(tmp_path / "x", DRIVER, tmp_path / "two/simulated-root-ca.pem") != 0


def test_zips_are_made_once(tmp_path, capsys):
    main([*A2, "--output", str(tmp_path), "--zip"])
    capsys.readouterr()
    main([*A2, "--output", str(tmp_path), "--zip"])
    assert capsys.readouterr().out == ""


def test_a_zip_that_the_catalog_names_holds_the_run_file(tmp_path):
    toolkit = Description(
        "toolkit", "8.3.RC1", "Ascend-cann-toolkit_8.3.RC1_linux-aarch64.zip", None, "aarch64"
    )
    ((name, content),) = zip_contents([toolkit], every=False)
    assert (name, content[0].file) == (toolkit.file, "Ascend-cann-toolkit_8.3.RC1_linux-aarch64.run")
    assert json.loads(content[0].content)["file"] == content[0].file


def test_the_mcu_comes_as_a_zip_with_one_image(tmp_path):
    build([MCU], tmp_path)
    with zipfile.ZipFile(tmp_path / MCU.file) as archive:
        image = "Ascend-hdk-910b-mcu_25.52.29.hpm"
        assert archive.namelist() == [image, f"{image}.cms", f"{image}.crl"]
        assert json.loads(archive.read(image)) == {"part": "mcu", "version": "25.52.29", "chip": "910b"}


@pytest.mark.parametrize(
    ("kind", "status", "text"),
    [
        ("truncated", 2, "Unexpected archive size."),
        ("flipped", 2, "Error in SHA256 checksums:"),
        ("error_page", 2, "yntax error"),
        ("empty", 0, ""),
        ("other_version", 0, ""),
        ("other_chip", 0, ""),
    ],
)
def test_a_spoilt_package_fails_in_its_own_way(tmp_path, kind, status, text):
    assert main([*A2, "--output", str(tmp_path), "--damage", f"driver={kind}"]) == 0
    done = subprocess.run(
        ["bash", tmp_path / DRIVER, "--noexec", f"--extract={tmp_path / 'x'}"],
        capture_output=True,
        check=False,
    )
    assert (done.returncode, text in done.stderr.decode()) == (status, True)
    if kind.startswith("other"):
        facts = json.loads((tmp_path / "x/package.json").read_text())
        assert (facts["version"] == "24.1.0.9") == (kind == "other_version")
        assert (facts["pci_devices"] == ["ffff"]) == (kind == "other_chip")
    check = subprocess.run(["sha256sum", "--check", "--status", "SHA256SUMS"], cwd=tmp_path, check=False)
    assert check.returncode == 1


def test_an_unknown_damage_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit):
        main([*A2, "--output", str(tmp_path), "--damage", "driver=wet"])
    assert "found driver=wet, wanted PART=truncated|flipped" in capsys.readouterr().err
