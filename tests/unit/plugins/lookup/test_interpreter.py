# SPDX-License-Identifier: GPL-3.0-or-later
"""The private Python of an architecture, the catalog's or a site's own."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleLookupError

OWN = f"""
interpreters:
  aarch64: {{version: 3.12.1, glibc: "2.17", file: own.tar.gz, url: null, sha256: {"a" * 64}, source: ours}}
"""


@pytest.mark.parametrize("arch", ["aarch64", "x86_64"])
def test_each_architecture_has_one(look_up, arch):
    found = look_up("interpreter", arch)
    assert arch in found["file"]
    assert found["url"].endswith(found["file"].replace("+", "%2B"))
    assert found["version"] in found["file"]


def test_a_site_may_have_its_own(look_up, own_catalog):
    found = look_up("interpreter", "aarch64", catalog=[own_catalog(interpreters=OWN)])
    assert (found["version"], found["file"], found["url"]) == ("3.12.1", "own.tar.gz", None)


def test_another_architecture_is_refused(look_up):
    with pytest.raises(
        AnsibleLookupError, match=r"found the architecture riscv64; wanted one of aarch64, x86_64"
    ):
        look_up("interpreter", "riscv64")


def test_without_a_checksum_it_is_refused(look_up, own_catalog):
    text = OWN.replace(f"sha256: {'a' * 64}, ", "")
    with pytest.raises(
        AnsibleLookupError, match=r"line 3: interpreters.aarch64: found no sha256; wanted one"
    ):
        look_up("interpreter", "aarch64", catalog=[own_catalog(interpreters=text)])
