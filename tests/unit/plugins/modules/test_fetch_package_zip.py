# SPDX-License-Identifier: GPL-3.0-or-later
"""fetch_package takes packages out of zip files, proves who signed them, and refuses what it cannot mean."""

from __future__ import annotations

import fcntl
import io
import json
import os
import subprocess
import zipfile
from pathlib import Path

import pytest
from ansible_collections.ascend.fleet.plugins.modules import fetch_package
from unit.fetch_site import Site

ZIP = "Ascend-hdk-910b-npu_25.2.0_linux-aarch64.zip"
DRIVER = "Ascend-hdk-910b-npu-driver_25.2.0_linux-aarch64.run"
FIRMWARE = "Ascend-hdk-910b-npu-firmware_7.7.0.6.236.run"


@pytest.fixture
def site():
    made = Site().start()
    yield made
    made.stop()


@pytest.fixture
def fetch(run_module, tmp_path):
    def run(*files, **options):
        return run_module(fetch_package, directory=str(tmp_path / "srv"), files=list(files), **options)

    return run


def openssl(folder, words):
    subprocess.run(["openssl", *words.split()], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def authority(tmp_path):
    """Make a vendor that signs."""
    openssl(
        tmp_path, "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=vendor -keyout key.pem -out root.pem"
    )
    return str(tmp_path / "root.pem")


def pack(folder, signed=True, forged=False):
    """Return the bytes of the vendor's zip; ``forged`` changes a package after it was signed."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as file:
        for name in (DRIVER, FIRMWARE):
            content = f"#!/bin/sh\n# {name}\n"
            (folder / name).write_text(content)
            file.writestr(name, content + "x" * forged)
            if signed:
                sign = f"cms -sign -binary -signer root.pem -inkey key.pem -in {name} -outform DER -out s"
                openssl(folder, sign)
                file.writestr(f"{name}.cms", (folder / "s").read_bytes())
            (folder / name).unlink()
    return whole.getvalue()


def wish(site, content):
    return {**site.offer(ZIP, content), "unpack": [DRIVER, FIRMWARE], "hosts": ["a"]}


def test_signed_packages_are_taken_out_once(fetch, site, authority, tmp_path):
    file = wish(site, pack(tmp_path))
    foreseen = fetch(file, ca_file=authority, _ansible_check_mode=True)
    done = fetch(file, ca_file=authority)
    assert foreseen["actions"] == done["actions"]
    assert done["actions"][2] == f"take {DRIVER} and {FIRMWARE}, whose signature must hold, out of {ZIP}"
    assert [row["state"] for row in foreseen["files"]] == ["due"] * 3
    assert [row["state"] for row in done["files"]] == ["fetched"] * 3
    assert (tmp_path / "srv" / DRIVER).read_text() == f"#!/bin/sh\n# {DRIVER}\n"
    entries = {one["file"]: one for one in json.loads((tmp_path / "srv/manifest.json").read_text())["files"]}
    assert entries[DRIVER]["signature"] == "verified"
    assert (entries[DRIVER]["archive"], entries[DRIVER]["hosts"]) == (ZIP, ["a"])
    assert fetch(file, ca_file=authority)["actions"] == []
    assert sorted(path.name for path in (tmp_path / "srv").iterdir()) == sorted(
        [ZIP, DRIVER, FIRMWARE, "SHA256SUMS", "manifest.json"]
    )


def test_packages_that_nobody_proved_are_proven_when_that_is_wanted(fetch, site, authority, tmp_path):
    file = wish(site, pack(tmp_path))
    assert "signature" not in str(fetch(file)["actions"])
    entries = json.loads((tmp_path / "srv/manifest.json").read_text())["files"]
    assert [entry.get("signature") for entry in entries] == ["not checked", "not checked", None]
    assert len(fetch(file, ca_file=authority)["actions"]) == 2
    assert fetch(file, ca_file=authority)["actions"] == []


def test_a_lost_or_damaged_package_is_taken_out_again_without_a_download(fetch, site, tmp_path):
    file = wish(site, pack(tmp_path, signed=False))
    fetch(file)
    count = len(site.requests)
    (tmp_path / "srv" / DRIVER).write_text("damaged")
    assert fetch(file)["actions"][0] == f"take {DRIVER} out of {ZIP}"
    assert "damaged" not in (tmp_path / "srv" / DRIVER).read_text()
    assert len(site.requests) == count


@pytest.mark.parametrize(
    ("how", "sentence"),
    [({"signed": False}, "found no signature"), ({"forged": True}, "its signature does not hold")],
)
def test_what_is_not_signed_gets_no_name(fetch, site, authority, how, sentence):
    tmp_path = Path(authority).parent
    refused = fetch(wish(site, pack(tmp_path, **how)), ca_file=authority)
    assert sentence in refused["msg"]
    assert not (tmp_path / "srv" / DRIVER).exists()


def test_a_zip_that_lacks_a_package(fetch, site, tmp_path):
    file = {**wish(site, pack(tmp_path, signed=False)), "unpack": ["other.run"]}
    assert "wanted other.run" in fetch(file)["msg"]


def test_what_cannot_be_meant_is_said_at_once(fetch, tmp_path):
    bad = [
        {"file": "../x.run"},
        {"file": "twice.run"},
        {"file": "twice.run"},
        {"file": "a.run", "sha256": "12"},
        {"file": "b.run", "unpack": ["c.run"]},
        {"file": "SHA256SUMS"},
    ]
    refused = fetch(*bad, parallel=0, ca_file=str(tmp_path / "none.pem"))
    assert len(refused["problems"]) == 7
    assert "found the name '../x.run'" in refused["msg"]
    assert "twice.run: found it 2 times" in refused["msg"]
    assert "found no file" in refused["problems"][-1]


def test_a_manifest_of_somebody_else_is_not_overwritten(fetch, site, tmp_path):
    (tmp_path / "srv").mkdir()
    (tmp_path / "srv/manifest.json").write_text("[1]")
    assert "found no manifest of this collection" in fetch(site.offer("a.run", b"#!"))["msg"]


def test_two_runs_do_not_fetch_into_one_directory(fetch, site, tmp_path):
    (tmp_path / "srv").mkdir()
    handle = os.open(tmp_path / "srv", os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    assert "found another run that fetches into it" in fetch(site.offer("a.run", b"#!"))["msg"]
    os.close(handle)
    assert fetch(site.offer("a.run", b"#!"))["changed"]


def test_lines_and_entries_of_others_stay(fetch, site, tmp_path):
    (tmp_path / "srv").mkdir()
    (tmp_path / "srv/SHA256SUMS").write_text(f"{'0' * 64}  other.run\n# mine\n")
    (tmp_path / "srv/other.run").write_text("x")
    (tmp_path / "srv/manifest.json").write_text('{"files": [{"file": "other.run"}, {"file": "gone.run"}]}')
    fetch(site.offer("a.run", b"#!"))
    assert (tmp_path / "srv/SHA256SUMS").read_text().startswith(f"{'0' * 64}  other.run\n# mine\n")
    names = [entry["file"] for entry in json.loads((tmp_path / "srv/manifest.json").read_text())["files"]]
    assert names == ["a.run", "other.run"]
