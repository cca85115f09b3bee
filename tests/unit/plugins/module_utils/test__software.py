# SPDX-License-Identifier: GPL-3.0-or-later
"""What the version files say, on made-up trees of both layouts and in every half-finished state."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils._software import (
    VersionFileError,
    driver_complete,
    driver_version,
    parse_assignments,
    parse_ranges,
    read_software,
)

ASCEND = "usr/local/Ascend"
DRIVER_INFO = """\
Version=24.1.rc3
ascendhal_version=7.35.23
Innerversion=V100R001C19SPC001B124
compatible_version=[V100R001C18],[V100R001C19]
compatible_version_fw=[7.0.0,7.5.99]
package_version=24.1.rc3
"""
INSTALL_INFO = """\
UserName=HwHiAiUser
UserGroup=HwHiAiUser
Driver_Install_Type=full
Driver_Install_Path_Param=/usr/local/Ascend
Driver_Install_For_All=yes
Driver_Install_Mode=normal
Driver_Install_Status=complete
"""
NOTHING = {
    "environment": "bare_metal",
    "driver": None,
    "firmware": None,
    "cann": [],
    "cann_latest": None,
    "toolbox": [],
    "docker_runtime": None,
}


def write(root: Path, path: str, text: str = "") -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def read(root: Path, install_path: str = "/usr/local/Ascend") -> dict:
    return read_software(str(root), install_path)


def add_driver(root: Path, info: str = DRIVER_INFO, install_info: str = INSTALL_INFO) -> None:
    write(root, f"{ASCEND}/driver/version.info", info)
    write(root, f"{ASCEND}/driver/tools/upgrade-tool")
    write(root, "etc/ascend_install.info", install_info)


def add_toolkit(root: Path, version: str, arch: str = "aarch64", tree: str | None = None) -> str:
    tree = tree or f"{ASCEND}/ascend-toolkit/{version}"
    info = f"package_name=Ascend-cann-toolkit\nversion={version}\narch={arch}\npath=/{tree}/{arch}-linux\n"
    write(root, f"{tree}/{arch}-linux/ascend_toolkit_install.info", info)
    return tree


def add_kernels(root: Path, tree: str, info: str, chip: str = "ascend910b") -> None:
    write(root, f"{tree}/opp_kernel/version.info", info)
    write(root, f"{tree}/opp/built-in/op_impl/ai_core/tbe/kernel/{chip}/add.o")


def test_a_bare_host(tmp_path):
    assert read(tmp_path) == NOTHING


def test_assignments_leave_out_comments_and_headings():
    text = '# version: 1.0\nVersion=1.2\n[section]\n name = "x y" \r\nempty=\nurl=a=b\n'
    assert parse_assignments(text) == {"Version": "1.2", "name": "x y", "empty": "", "url": "a=b"}


def test_the_version_of_the_package_comes_before_that_of_a_library():
    assert driver_version({"Version": "7.35.23", "package_version": "26.0.rc1"}) == "26.0.rc1"
    assert driver_version({"Version": "23.0.3"}) == "23.0.3"
    assert driver_version({"Version": ""}) is None


@pytest.mark.parametrize(
    ("text", "ranges"),
    [
        ("", []),
        ("[7.0.0,7.5.99]", [("7.0.0", "7.5.99")]),
        ("[6.4.0, 6.4.99],[7.0.0,8.9.9]", [("6.4.0", "6.4.99"), ("7.0.0", "8.9.9")]),
    ],
)
def test_firmware_ranges(text, ranges):
    assert [(found["lowest"], found["highest"]) for found in parse_ranges(text)] == ranges


@pytest.mark.parametrize("text", ["7.0.0", "[7.0.0]", "[7.0.0,7.5.99", "[7.0.0,7.5.99],all"])
def test_a_firmware_range_that_is_not_understood(text):
    with pytest.raises(VersionFileError) as caught:
        parse_ranges(text)
    assert text in str(caught.value)


COMPLETE = {"Driver_Install_Type": "full", "Driver_Install_Status": "complete"}


@pytest.mark.parametrize(
    ("version", "install_info", "upgrade_tool", "complete"),
    [
        ("25.5.1", COMPLETE, True, True),
        ("25.5.1", {**COMPLETE, "Driver_Install_Type": "run"}, True, True),
        ("25.5.1", COMPLETE, False, False),
        ("25.5.1", {"Driver_Install_Type": "full"}, True, False),
        ("25.5.1", {**COMPLETE, "Driver_Install_Status": "started"}, True, False),
        ("25.5.1", {}, True, False),
        ("25.5.1", {"Driver_Install_Type": "docker"}, False, True),
        ("23.0.3", {"Driver_Install_Type": "full"}, True, True),
        ("23.0.3", {"Driver_Install_Type": "full"}, False, False),
        ("next", {"Driver_Install_Type": "full"}, True, False),
        (None, COMPLETE, True, False),
    ],
)
def test_completeness(version, install_info, upgrade_tool, complete):
    assert driver_complete(version, install_info, upgrade_tool) is complete


def test_a_driver(tmp_path):
    add_driver(tmp_path)
    assert read(tmp_path)["driver"] == {
        "version": "24.1.rc3",
        "complete": True,
        "compatible_firmware": [{"lowest": "7.0.0", "highest": "7.5.99"}],
        "compatible_versions": ["V100R001C18", "V100R001C19"],
        "path": "/usr/local/Ascend/driver",
    }


def test_a_driver_at_another_place(tmp_path):
    write(tmp_path, "etc/ascend_install.info", INSTALL_INFO.replace("/usr/local/Ascend", "/opt/npu"))
    write(tmp_path, "opt/npu/driver/version.info", DRIVER_INFO)
    write(tmp_path, "opt/npu/driver/tools/upgrade-tool")
    driver = read(tmp_path)["driver"]
    assert (driver["version"], driver["complete"], driver["path"]) == ("24.1.rc3", True, "/opt/npu/driver")


def test_a_driver_whose_installation_broke_off(tmp_path):
    """The installer leaves files and its record, but no version.info."""
    write(tmp_path, f"{ASCEND}/driver/tools/npu-smi")
    write(tmp_path, "etc/ascend_install.info", INSTALL_INFO.replace("Driver_Install_Status=complete\n", ""))
    assert read(tmp_path)["driver"] == {
        "version": None,
        "complete": False,
        "compatible_firmware": [],
        "compatible_versions": [],
        "path": "/usr/local/Ascend/driver",
    }


def test_an_empty_version_file_of_a_full_disk(tmp_path):
    add_driver(tmp_path, info="")
    driver = read(tmp_path)["driver"]
    assert (driver["version"], driver["complete"]) == (None, False)


def test_a_directory_that_the_uninstaller_left_empty_is_no_driver(tmp_path):
    (tmp_path / ASCEND / "driver").mkdir(parents=True)
    assert read(tmp_path)["driver"] is None


def test_firmware(tmp_path):
    info = "Version=7.5.0.1.129\nfirmware_version=1.0\npackage_version=24.1.rc3\n"
    write(tmp_path, f"{ASCEND}/firmware/version.info", info)
    assert read(tmp_path)["firmware"] == {"version": "7.5.0.1.129", "path": "/usr/local/Ascend/firmware"}


def test_firmware_without_a_version_is_none(tmp_path):
    write(tmp_path, f"{ASCEND}/firmware/script/uninstall.sh")
    assert read(tmp_path)["firmware"] is None


def test_toolkit_and_kernels_side_by_side(tmp_path):
    old = add_toolkit(tmp_path, "7.0.0")
    add_kernels(tmp_path, old, "Version=7.0.0\nversion_dir=7.0.0\n")
    new = add_toolkit(tmp_path, "8.0.0")
    add_kernels(tmp_path, new, "Version=7.6.0.1.220\nversion_dir=8.0.0\ntimestamp=20250101\n")
    (tmp_path / ASCEND / "ascend-toolkit/latest").symlink_to("./8.0.0")
    software = read(tmp_path)
    assert software["cann_latest"] == "8.0.0"
    assert [(part["part"], part["version"], part["complete"]) for part in software["cann"]] == [
        ("toolkit", "7.0.0", True),
        ("kernels", "7.0.0", True),
        ("toolkit", "8.0.0", True),
        ("kernels", "8.0.0", True),
    ]
    assert software["cann"][3] == {
        "part": "kernels",
        "version": "8.0.0",
        "arch": "aarch64",
        "path": "/usr/local/Ascend/ascend-toolkit/8.0.0/opp_kernel",
        "complete": True,
        "chips": ["ascend910b"],
        "in_use": None,
        "whitelist": None,
        "inner_version": None,
        "owner": os.getuid(),
    }


def test_kernels_of_two_chips(tmp_path):
    tree = add_toolkit(tmp_path, "8.0.0")
    add_kernels(tmp_path, tree, "version_dir=8.0.0\n")
    add_kernels(tmp_path, tree, "version_dir=8.0.0\n", chip="ascend910")
    assert read(tmp_path)["cann"][1]["chips"] == ["ascend910", "ascend910b"]


def test_a_toolkit_whose_installation_broke_off(tmp_path):
    write(tmp_path, f"{ASCEND}/ascend-toolkit/8.0.0/aarch64-linux/lib64/libascendcl.so")
    assert read(tmp_path)["cann"] == [
        {
            "part": "toolkit",
            "version": "8.0.0",
            "arch": "aarch64",
            "path": "/usr/local/Ascend/ascend-toolkit/8.0.0",
            "complete": False,
            "chips": [],
            "in_use": False,
            "whitelist": None,
            "inner_version": None,
            "owner": os.getuid(),
        }
    ]


def test_kernels_whose_installation_broke_off(tmp_path):
    tree = add_toolkit(tmp_path, "8.0.0")
    write(tmp_path, f"{tree}/opp/built-in/op_impl/ai_core/tbe/kernel/ascend910b/add.o")
    assert [part["part"] for part in read(tmp_path)["cann"]] == ["toolkit"]
    write(tmp_path, f"{tree}/opp_kernel/script/uninstall.sh")
    kernels = read(tmp_path)["cann"][1]
    assert (kernels["version"], kernels["complete"], kernels["chips"]) == ("8.0.0", False, ["ascend910b"])


def test_kernels_without_binaries_are_not_complete(tmp_path):
    tree = add_toolkit(tmp_path, "8.0.0")
    write(tmp_path, f"{tree}/opp_kernel/version.info", "version_dir=8.0.0\n")
    kernels = read(tmp_path)["cann"][1]
    assert (kernels["version"], kernels["complete"]) == ("8.0.0", False)


def test_latest_as_a_directory_of_links(tmp_path):
    add_toolkit(tmp_path, "8.0.0")
    latest = tmp_path / ASCEND / "ascend-toolkit/latest"
    latest.mkdir()
    (latest / "aarch64-linux").symlink_to("../8.0.0/aarch64-linux")
    software = read(tmp_path)
    assert software["cann_latest"] == "8.0.0"
    assert len(software["cann"]) == 1


def test_latest_leads_to_a_version_that_is_not_there(tmp_path):
    (tmp_path / ASCEND / "ascend-toolkit").mkdir(parents=True)
    (tmp_path / ASCEND / "ascend-toolkit/latest").symlink_to("7.0.0/")
    assert read(tmp_path)["cann_latest"] == "7.0.0"


def test_the_layout_from_cann_8_5_on(tmp_path):
    tree = add_toolkit(tmp_path, "8.5.0", "x86_64", tree=f"{ASCEND}/cann-8.5.0")
    info = "package_name=Ascend-cann-910b-ops\nversion=8.5.0\n"
    write(tmp_path, f"{tree}/x86_64-linux/ascend_ops_install.info", info)
    (tmp_path / ASCEND / "cann").symlink_to("cann-8.5.0")
    (tmp_path / ASCEND / "ascend-toolkit").mkdir()
    (tmp_path / ASCEND / "ascend-toolkit/latest").symlink_to("../cann")
    software = read(tmp_path)
    assert software["cann_latest"] == "8.5.0"
    found = [(part["part"], part["version"], part["arch"], part["complete"]) for part in software["cann"]]
    assert found == [("toolkit", "8.5.0", "x86_64", True), ("ops", "8.5.0", "x86_64", True)]


def test_the_newer_layout_is_the_one_in_use(tmp_path):
    add_toolkit(tmp_path, "8.0.0")
    (tmp_path / ASCEND / "ascend-toolkit/latest").symlink_to("8.0.0")
    add_toolkit(tmp_path, "8.5.0", tree=f"{ASCEND}/cann-8.5.0")
    (tmp_path / ASCEND / "cann").symlink_to("cann-8.5.0")
    assert read(tmp_path)["cann_latest"] == "8.5.0"


def test_a_link_that_names_no_version(tmp_path):
    (tmp_path / ASCEND / "ascend-toolkit").mkdir(parents=True)
    (tmp_path / ASCEND / "ascend-toolkit/latest").symlink_to("../cann")
    assert read(tmp_path)["cann_latest"] is None


def test_another_install_path(tmp_path):
    add_toolkit(tmp_path, "8.0.0", tree="data/npu/ascend-toolkit/8.0.0")
    assert read(tmp_path)["cann"] == []
    assert read(tmp_path, "/data/npu")["cann"][0]["path"] == "/data/npu/ascend-toolkit/8.0.0"
