# SPDX-License-Identifier: GPL-3.0-or-later
"""Where packages come from: the grammar, the names, the sentences."""

from __future__ import annotations

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils._package_source import (
    SourceError,
    check_file_name,
    missing_package,
    parse_source,
    size_in_words,
)


@pytest.mark.parametrize(
    ("text", "kind", "location"),
    [
        ("/srv/ascend", "directory", "/srv/ascend/a b.run"),
        ("packages/", "directory", "packages/a b.run"),
        ("node:/mnt/nfs", "node", "/mnt/nfs/a b.run"),
        ("http://mirror:8080/ascend/", "url", "http://mirror:8080/ascend/a%20b.run"),
        ("https://mirror/ascend", "url", "https://mirror/ascend/a%20b.run"),
    ],
)
def test_a_source_is_understood(text, kind, location):
    source = parse_source(text)
    assert (source.kind, source.location("a b.run")) == (kind, location)


@pytest.mark.parametrize("text", ["", "node:packages", "ftp://mirror/x", "s3://bucket"])
def test_an_unknown_source_is_refused(text):
    with pytest.raises(
        SourceError, match="wanted a directory on the controller, node:/directory on the node"
    ):
        parse_source(text)


@pytest.mark.parametrize(
    ("file", "arch"),
    [
        ("Ascend-hdk-910b-npu-driver_23.0.3_linux-aarch64.run", "aarch64"),
        ("Ascend-hdk-910b-npu-driver_23.0.3_linux-x86-64.run", "x86_64"),
        ("Ascend-cann-toolkit_7.0.0_linux-x86_64.run", "x86_64"),
        ("Ascend-cann-kernels-910b_7.0.0_linux.run", "aarch64"),
        ("Ascend-hdk-910b-npu-firmware_7.1.0.5.220.run", "x86_64"),
    ],
)
def test_a_file_of_this_architecture_or_of_none_is_accepted(file, arch):
    check_file_name(file, arch)


@pytest.mark.parametrize(
    ("file", "arch", "message"),
    [
        ("driver_linux-aarch64.run", "x86_64", "a package for aarch64; the node is x86_64"),
        ("driver_linux-x86-64.run", "aarch64", "a package for x86-64; the node is aarch64"),
        ("sub/driver.run", "aarch64", "found 'sub/driver.run'; wanted a file name"),
        ("", "aarch64", "found ''; wanted a file name"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused(file, arch, message):
    with pytest.raises(SourceError, match=message):
        check_file_name(file, arch)


def test_a_missing_package_names_what_is_near():
    names = ["Ascend-hdk-910b-npu-driver_23.0.2_linux-aarch64.run", "README", "zzz"]
    sentence = missing_package("/srv", "Ascend-hdk-910b-npu-driver_23.0.3_linux-aarch64.run", names)
    assert "is not in /srv; near it are Ascend-hdk-910b-npu-driver_23.0.2_linux-aarch64.run." in sentence
    assert "nothing there has a similar name" in missing_package("/srv", "x.run", [])


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (20_480, "20 kB"),
        (116_000_000, "116 MB"),
        (2_340_000_000, "2.3 GB"),
        (12_300_000_000_000, "12300.0 GB"),
    ],
)
def test_sizes_read_well(count, words):
    assert size_in_words(count) == words
