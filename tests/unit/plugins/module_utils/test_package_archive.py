# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages in a zip: which one is meant, and whose signature is believed. The signatures are real ones."""

from __future__ import annotations

import subprocess
import zipfile

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils._cli import CliError, Result
from ansible_collections.ascend.fleet.plugins.module_utils._package_archive import (
    choose_member,
    is_archive,
    unpack,
    verify_signature,
)

DRIVER = "Ascend-hdk-910b-npu-driver_25.5.0_linux-aarch64.run"
FIRMWARE = "Ascend-hdk-910b-npu-firmware_7.8.0.5.201.run"
ZIP = "Ascend-hdk-910b-npu_25.5.0_linux-aarch64.zip"
NAMES = [DRIVER, f"{DRIVER}.cms", f"{DRIVER}.crl", FIRMWARE, f"{FIRMWARE}.cms"]


class Openssl:
    """The real openssl."""

    def run(self, *words, timeout):
        done = subprocess.run(
            ["openssl", *words], capture_output=True, text=True, timeout=timeout, check=False
        )
        return Result(("openssl", *words), done.returncode, done.stdout, done.stderr)


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, capture_output=True)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """Give a folder with the certificates of two authorities, of which the first one signs."""
    folder = tmp_path_factory.mktemp("authority")
    for name in ("vendor", "other"):
        subject = ["-subj", f"/CN={name} root", "-days", "2", "-nodes", "-newkey", "rsa:2048"]
        openssl("req", "-x509", *subject, "-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.pem")
    return folder


def sign(authority, file):
    key = ["-signer", f"{authority}/vendor.pem", "-inkey", f"{authority}/vendor.key"]
    openssl("cms", "-sign", "-binary", "-in", str(file), *key, "-outform", "DER", "-out", f"{file}.cms")
    return f"{file}.cms"


@pytest.fixture
def package(tmp_path):
    """Give the file of a package."""
    file = tmp_path / DRIVER
    file.write_bytes(b"#!/bin/sh\r\nbinary \x00\xff content\n")
    return file


def test_a_signature_of_the_vendor_holds(authority, package):
    verify_signature(Openssl(), str(package), sign(authority, package), f"{authority}/vendor.pem")


def test_a_changed_package_is_refused(authority, package):
    signature = sign(authority, package)
    package.write_bytes(package.read_bytes() + b"more")
    with pytest.raises(CliError, match="its signature does not hold against ca_file; nothing was executed"):
        verify_signature(Openssl(), str(package), signature, f"{authority}/vendor.pem")


def test_a_signature_of_somebody_else_is_refused(authority, package):
    with pytest.raises(CliError, match="does not hold"):
        verify_signature(Openssl(), str(package), sign(authority, package), f"{authority}/other.pem")


def test_a_zip_without_a_signature_is_refused_when_one_is_wanted(package):
    with pytest.raises(CliError, match="found no signature"):
        verify_signature(Openssl(), str(package), None, "/nowhere/ca.pem")


@pytest.mark.parametrize(
    ("names", "kind", "member", "chosen"),
    [
        (NAMES, "driver", None, DRIVER),
        (NAMES, "firmware", None, FIRMWARE),
        (["sub/any.run"], "toolkit", None, "sub/any.run"),
        (NAMES, "driver", FIRMWARE, FIRMWARE),
        ([f"sub/{DRIVER}", f"sub/{FIRMWARE}"], "driver", DRIVER, f"sub/{DRIVER}"),
    ],
)
def test_the_package_that_is_meant(names, kind, member, chosen):
    assert choose_member(names, kind, member, ZIP) == chosen


@pytest.mark.parametrize(
    ("names", "kind", "member", "words"),
    [
        ([], "driver", None, "found no .run package, wanted one .run package of the kind driver"),
        ([DRIVER, DRIVER.replace("25", "26")], "driver", None, "wanted one .run package of the kind driver"),
        (NAMES, "driver", "other.run", "wanted other.run; correct file, or name it with member"),
    ],
)
def test_a_zip_in_which_no_single_package_is_meant(names, kind, member, words):
    with pytest.raises(CliError, match=words):
        choose_member(names, kind, member, ZIP)


def test_unpacking_takes_the_package_and_its_signature(tmp_path):
    archive = tmp_path / ZIP
    with zipfile.ZipFile(archive, "w") as file:
        for name in ("../../escape.txt", f"deep/{DRIVER}", f"deep/{DRIVER}.cms"):
            file.writestr(name, name)
    folder = tmp_path / "out"
    folder.mkdir()
    package, signature = unpack(str(archive), "driver", None, str(folder))
    assert (package, signature) == (f"{folder}/{DRIVER}", f"{folder}/{DRIVER}.cms")
    assert sorted(path.name for path in folder.iterdir()) == [DRIVER, f"{DRIVER}.cms"]


def test_a_zip_that_was_cut_off(tmp_path):
    archive = tmp_path / ZIP
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(DRIVER, "x" * 5000)
    archive.write_bytes(archive.read_bytes()[:3000])
    with pytest.raises(CliError, match="it is damaged or was cut off"):
        unpack(str(archive), "driver", None, str(tmp_path))


def test_names_of_zips():
    assert is_archive(ZIP)
    assert not is_archive(DRIVER)
