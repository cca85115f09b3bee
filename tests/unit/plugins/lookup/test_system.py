# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup ascend.fleet.system."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleLookupError


@pytest.mark.parametrize(
    ("distribution", "version", "expected"),
    [
        ("Debian", "11.9", ("debian_11", "apt", "3.9")),
        ("Debian", "12", ("debian_12", "apt", "3.11")),
        ("Ubuntu", "20.04", ("ubuntu_20_04", "apt", "3.8")),
        ("Ubuntu", "22.04", ("ubuntu_22_04", "apt", "3.10")),
        ("openEuler", "22.03", ("openeuler_22_03", "dnf", "3.9")),
        ("Kylin Linux Advanced Server", "V10", ("kylin_v10", "dnf", "3.7")),
        ("CentOS", "7.6.1810", ("centos_7", "yum", "2.7")),
    ],
)
def test_systems_are_found_by_facts(look_up, distribution, version, expected):
    system = look_up("system", distribution, version=version)
    assert (system["key"], system["package_manager"], system["python"]) == expected
    assert {"pciutils", "net-tools"} <= set(system["driver_packages"])


@pytest.mark.parametrize("name", ["Debian 120", "CentOS 9.1", "ubuntu 22.04"])
def test_what_only_looks_like_a_known_system_is_unknown(look_up, name):
    distribution, version = name.split()
    with pytest.raises(AnsibleLookupError, match=f"the operating system {name}; .*nearest is"):
        look_up("system", distribution, version=version)


def test_headers_are_those_of_the_running_kernel(look_up):
    system = look_up("system", "openEuler", version="22.03", kernel="5.10.0-60.18.0.50.oe2203.aarch64")
    assert system["kernel_packages"] == [
        "kernel-devel-5.10.0-60.18.0.50.oe2203.aarch64",
        "kernel-headers-5.10.0-60.18.0.50.oe2203.aarch64",
    ]
    assert look_up("system", "openEuler", version="22.03")["kernel_packages"] == []


def test_ubuntu_22_04_builds_with_gcc_12(look_up):
    assert "gcc-12" in look_up("system", "Ubuntu", version="22.04")["build_packages"]
    assert "gcc-12" not in look_up("system", "Ubuntu", version="20.04")["build_packages"]


def test_a_system_of_the_users_own(look_up, own_catalog):
    text = """
families: {}
systems:
  our_linux:
    {distribution: OurLinux, version: 1, family: redhat, python: "3.9", glibc: "2.34", note: "", source: us}
"""
    with pytest.raises(AnsibleLookupError, match="version: found integer 1; wanted string"):
        look_up("system", "OurLinux", version="1.2", catalog=[own_catalog(systems=text)])
    catalog = own_catalog(systems=text.replace("version: 1", 'version: "1"'))
    assert look_up("system", "OurLinux", version="1.2", catalog=[catalog])["package_manager"] == "dnf"
