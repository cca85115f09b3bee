# SPDX-License-Identifier: GPL-3.0-or-later
"""run_package with the vendor's zips: HDK with driver and firmware, signed, unsigned, changed, cut off."""

from __future__ import annotations

import hashlib
import subprocess
import zipfile

import pytest
from integration.package_host import ASCEND, PackageHost

ZIP = "Ascend-hdk-910b-npu_23.0.3_linux-aarch64.zip"


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, capture_output=True)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """Give the folder of an authority that signs."""
    folder = tmp_path_factory.mktemp("authority")
    request = ["-subj", "/CN=vendor root", "-days", "2", "-nodes", "-newkey", "rsa:2048"]
    openssl("req", "-x509", *request, "-keyout", f"{folder}/key.pem", "-out", f"{folder}/ca.pem")
    return folder


@pytest.fixture
def host(tmp_path, monkeypatch, capsys):
    """Give a bare simulated node whose packages lie in a zip."""
    return PackageHost(tmp_path, monkeypatch, capsys)


def pack(host, authority, signed=True):
    """Put driver and firmware, with their signatures, into a zip; return its checksum."""
    files = [host.source / host.offer(part).file for part in ("driver", "firmware")]
    with zipfile.ZipFile(host.source / ZIP, "w") as archive:
        for file in files:
            archive.write(file, file.name)
            if signed:
                key = ["-signer", f"{authority}/ca.pem", "-inkey", f"{authority}/key.pem"]
                openssl(
                    *("cms", "-sign", "-binary", "-in", str(file), *key),
                    *("-outform", "DER", "-out", f"{file}.cms"),
                )
                archive.write(f"{file}.cms", f"{file.name}.cms")
    return hashlib.sha256((host.source / ZIP).read_bytes()).hexdigest()


def install(host, authority, part="driver", certificates=True, **more):
    text = (authority / "ca.pem").read_text() if certificates else None
    options = {**host.options(part), "file": ZIP, "ca_certificates": text, **more}
    options["temporary_directory"] = str(host.root / "var/tmp")
    return host.module(**options, package=f"{host.source}/{ZIP}")


def test_driver_and_firmware_of_one_zip_with_checksum_and_signature(host, authority):
    checksum = pack(host, authority)
    done = install(host, authority, sha256=checksum)
    assert done["changed"], done["msg"]
    assert done["proven"] == {"sha256": checksum, "signature": "verified"}
    assert host.calls[0].endswith("npu-driver_23.0.3_linux-aarch64.run --check")
    done = install(host, authority, "firmware", sha256=checksum)
    assert host.calls[-1].endswith("npu-firmware_7.1.0.5.220.run --full --quiet")
    assert host.has(f"{ASCEND}/firmware/version.info")
    assert list((host.root / "var/tmp").iterdir()) == []


def test_without_certificates_the_report_says_that_nothing_was_checked(host, authority):
    pack(host, authority)
    done = install(host, authority, certificates=False)
    assert done["proven"] == {"sha256": None, "signature": "not checked, because there is no ca_file"}


def test_an_unsigned_zip_is_refused_when_certificates_are_given(host, authority):
    pack(host, authority, signed=False)
    assert "found no signature" in install(host, authority)["msg"]
    assert host.calls == []


def test_a_changed_package_in_the_zip_is_refused(host, authority, tmp_path):
    pack(host, authority)
    with zipfile.ZipFile(host.source / ZIP) as old:
        content = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(host.source / ZIP, "w") as new:
        for name, data in content.items():
            new.writestr(name, data if name.endswith(".cms") else data + b"!")
    refused = install(host, authority)
    assert "its signature does not hold against ca_file; nothing was executed" in refused["msg"]
    assert host.calls == []
    assert list((host.root / "var/tmp").iterdir()) == []


def test_a_zip_that_was_cut_off(host, authority):
    pack(host, authority)
    whole = (host.source / ZIP).read_bytes()
    (host.source / ZIP).write_bytes(whole[: len(whole) // 2])
    assert "it is damaged or was cut off" in install(host, authority)["msg"]


def test_check_mode_looks_into_no_zip(host, authority):
    (host.source / ZIP).write_text("not a zip")
    options = {**host.options("driver"), "file": ZIP}
    planned = host.module(_ansible_check_mode=True, **options)
    assert (planned["actions"], planned["proven"]["signature"]) == (["install driver 23.0.3"], None)
