# SPDX-License-Identifier: GPL-3.0-or-later
"""Systems are found by what Ansible's own code says of their release files, which are as on such a system."""

from __future__ import annotations

import pytest
from ansible.module_utils import distro
from ansible.module_utils.common import sys_info
from ansible.module_utils.facts.system import distribution

UOS_1050E = """PRETTY_NAME="UnionTech OS Server 20"
NAME="UnionTech OS Server 20"
VERSION_ID="20"
VERSION="20"
ID="uos"
PLATFORM_ID="platform:uel20"
HOME_URL="https://www.chinauos.com/"
BUG_REPORT_URL="https://bbs.chinauos.com/"
VERSION_CODENAME="fuyu"
"""
UOS_1070A = """PRETTY_NAME="UOS Server 20"
NAME="UOS Server 20"
VERSION_ID="20"
VERSION="20"
ID=uos
HOME_URL="https://www.chinauos.com/"
BUG_REPORT_URL="https://bbs.chinauos.com/"
VERSION_CODENAME=kongzi
PLATFORM_ID="platform:uelc20"
"""
BCLINUX = """NAME="BigCloud Enterprise Linux"
VERSION="21.10 (LTS-SP2)"
ID="bclinux"
VERSION_ID="21.10"
PRETTY_NAME="BigCloud Enterprise Linux For Euler 21.10 LTS"
ANSI_COLOR="0;31"
"""
BCLINUX_RELEASE = "BigCloud Enterprise Linux For Euler release 21.10 (LTS-SP2)\n"
KYLIN = """NAME="Kylin Linux Advanced Server"
VERSION="V10 (Tercel)"
ID="kylin"
VERSION_ID="V10"
PRETTY_NAME="Kylin Linux Advanced Server V10 (Tercel)"
ANSI_COLOR="0;31"
"""
HCE = """NAME="Huawei Cloud EulerOS"
VERSION="2.0 (x86_64)"
ID="hce"
VERSION_ID="2.0"
PRETTY_NAME="Huawei Cloud EulerOS 2.0 (x86_64)"
ANSI_COLOR="0;31"
"""
EULEROS = """NAME="EulerOS"
VERSION="2.0 (SP10)"
ID="euleros"
VERSION_ID="2.0"
PRETTY_NAME="EulerOS 2.0 (SP10)"
ANSI_COLOR="0;31"
"""
OPENEULER = """NAME="openEuler"
VERSION="20.03 (LTS)"
ID="openEuler"
VERSION_ID="20.03"
PRETTY_NAME="openEuler 20.03 (LTS)"
ANSI_COLOR="0;31"
"""


@pytest.fixture
def facts(tmp_path, monkeypatch):
    """Return a function that gives Ansible's facts for the release files of a system."""
    (tmp_path / "etc").mkdir()

    def below(path):
        return tmp_path / path.lstrip("/")

    def say(files):
        for name, text in files.items():
            (tmp_path / "etc" / name).write_text(text, encoding="utf-8")
        system = distro.LinuxDistribution(include_lsb=False, include_uname=False, root_dir=str(tmp_path))
        monkeypatch.setattr(sys_info, "distro", system)
        return distribution.Distribution(module=None).get_distribution_facts()

    monkeypatch.setattr(distribution, "_file_exists", lambda path, allow_empty=False: below(path).is_file())
    monkeypatch.setattr(distribution, "get_file_content", lambda path: below(path).read_text("utf-8"))
    return say


@pytest.mark.parametrize(
    ("files", "key"),
    [
        ({"os-release": UOS_1050E, "UnionTech-release": "uos release 20 (fuyu)\n"}, "uos_20"),
        ({"os-release": UOS_1070A}, "uos_20"),
        ({"os-release": BCLINUX}, "bclinux_21_10"),
        ({"os-release": BCLINUX, "redhat-release": BCLINUX_RELEASE}, "bclinux_21_10"),
        ({"os-release": KYLIN, "kylin-release": "Kylin Linux Advanced Server release V10\n"}, "kylin_v10"),
        ({"os-release": HCE, "hce-release": "Huawei Cloud EulerOS release 2.0 (West Lake)\n"}, "hce_2"),
        ({"os-release": EULEROS, "redhat-release": "EulerOS release 2.0 (SP10)\n"}, "euleros_2"),
        ({"os-release": EULEROS, "euleros-release": "EulerOS release 2.0 (SP10)\n"}, "euleros_2"),
        ({"os-release": OPENEULER, "openEuler-release": "openEuler release 20.03\n"}, "openeuler_20_03"),
    ],
)
def test_a_system_is_found_by_what_ansible_calls_it(facts, look_up, files, key):
    said = facts(files)
    system = look_up("system", said["distribution"], version=said["distribution_version"])
    assert (system["key"], system["package_manager"]) == (key, "dnf")


@pytest.mark.parametrize("name", ["UnionTech OS Server 20", "Uos", "UnionTech"])
def test_uos_is_found_by_each_name_that_some_ansible_gives_it(look_up, name):
    assert look_up("system", name, version="20")["key"] == "uos_20"
