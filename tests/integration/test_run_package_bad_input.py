# SPDX-License-Identifier: GPL-3.0-or-later
"""run_package against what goes wrong in the field: each cause has its sentence, and nothing is lost."""

from __future__ import annotations

import os

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils import _package_ground
from integration.package_host import ASCEND, PackageHost
from simulator.installers.conftest import make_release

__all__ = ["make_release"]
OLD, NEW = "ascend-toolkit", "cann"


@pytest.fixture
def host(tmp_path, monkeypatch, capsys):
    """Give a bare simulated node with the module on it."""
    return PackageHost(tmp_path, monkeypatch, capsys)


@pytest.mark.parametrize("part", ["driver", "toolkit"])
@pytest.mark.parametrize("check_mode", [False, True])
def test_without_the_word_on_the_licence_nothing_runs(host, part, check_mode):
    options = host.options(part, licence_accepted=None)
    refused = host.module(_ansible_check_mode=check_mode, **options)
    assert "licence_accepted: found no word on the vendor's licence, wanted true" in refused["msg"]
    assert "add `npu_fleet_licence_accepted: true` to the inventory" in refused["msg"]
    assert host.calls == []


def test_a_node_that_has_the_version_needs_no_word_on_the_licence(host):
    host.settle("toolkit")
    assert host.module(**host.options("toolkit", licence_accepted=None))["changed"] is False


def test_right_name_other_content(host):
    """The file has the name of 23.0.3 and holds 24.1.0."""
    other = host.offer("driver", "cann-8.0.0")
    options = host.options("driver")
    package = f"{host.source}/{options['file']}"
    host.payloads[package] = host.payloads[f"{host.source}/{other.file}"]
    failed = host.module(**options, package=package)
    assert "says it holds driver 24.1.0, wanted driver 23.0.3; nothing was installed" in failed["msg"]
    assert [call.split(" ", 1)[1] for call in host.calls] == ["--check", "--version"]


def test_another_checksum_executes_nothing(host):
    options = host.options("toolkit", sha256="0" * 64)
    failed = host.module(**options, package=f"{host.source}/{options['file']}")
    assert "found the sha256" in failed["msg"]
    assert host.calls == []


def test_two_versions_in_the_directory_are_no_doubt(host):
    """Packages are meant by their whole name: a second version beside it changes nothing."""
    host.offer("toolkit", "cann-8.0.0")
    assert host.settle("toolkit")["version_after"] == "7.0.0"
    assert not host.has(f"{ASCEND}/ascend-toolkit/8.0.0")


def test_a_package_of_another_chip_changes_nothing(host):
    """The vendor's own check speaks (driver-run, checkDriverProduct)."""
    host.settle("driver")
    with host.node.change() as state:
        for npu in state["npus"]:
            npu["pci"]["device"] = "d801"
    failed = host.install("driver", "cann-8.0.0")
    assert "the package is for another chip: correct the node's product" in failed["msg"]
    assert "The node has now: driver 23.0.3, complete (as before)." in failed["msg"]


def test_ops_of_two_chips_in_one_path(host, make_release):
    release = make_release("8.5.0", NEW)
    host.settle("toolkit", release)
    host.settle("ops", release)
    refused = host.install("ops", release, chip="310p")
    assert (
        f"chip: found operators for ascend910b in {ASCEND}/cann-8.5.0, wanted ascend310p; one path holds the "
        "operators of one chip"
    ) in refused["msg"]


def test_a_full_disk_is_found_before_anything_is_moved(host, monkeypatch):
    free = os.statvfs("/")
    fields = {name: getattr(free, name) for name in ("f_flag", "f_frsize")}
    tight = type("Tight", (), {**fields, "f_bavail": 1})()
    monkeypatch.setattr(_package_ground.os, "statvfs", lambda _path: tight)
    options = {**host.options("toolkit"), "source": "/srv/ascend", "package_size": 2_000_000_000}
    refused = host.module(**options)
    assert "free, wanted 14.0 GB for a package of 2.0 GB (estimated); make room" in refused["msg"]


def test_a_disk_that_fills_up_in_the_middle_keeps_the_version_from_before(host):
    host.settle("toolkit")
    host.host.fault(disk_full=["toolkit"])
    failed = host.install("toolkit", "cann-8.0.0")
    assert "make room where install_path and temporary_directory lie" in failed["msg"]
    assert "The node has now: toolkit" in failed["msg"]
    assert "7.0.0 in use" in failed["msg"]
    assert "ascend_toolkit_install.info or a file that belongs to it is missing" in failed["msg"]
    host.host.fault()
    assert host.settle("toolkit", "cann-8.0.0")["version_after"] == "8.0.0"


def test_a_read_only_file_system(host, monkeypatch):
    stat = os.statvfs("/")
    sealed = type(
        "Sealed", (), {"f_flag": os.ST_RDONLY, "f_bavail": stat.f_bavail, "f_frsize": stat.f_frsize}
    )()
    monkeypatch.setattr(_package_ground.os, "statvfs", lambda _path: sealed)
    assert "mounted read-only, wanted one that can be written" in host.install("toolkit")["msg"]


def test_a_file_system_from_which_no_program_runs(host, monkeypatch):
    """The driver's own scripts would find out when the old driver is removed already."""
    stat = os.statvfs("/")
    fields = {name: getattr(stat, name) for name in ("f_bavail", "f_frsize")}
    mounts = {flag: type("Mounted", (), {**fields, "f_flag": flag})() for flag in (0, os.ST_NOEXEC)}

    def statvfs(path):
        return mounts[os.ST_NOEXEC if str(path).endswith("/tmp") else 0]

    host.settle("driver")
    ran = len(host.calls)
    monkeypatch.setattr(_package_ground.os, "statvfs", statvfs)
    refused = host.install("driver", "cann-8.0.0")
    assert "/var/tmp: found a file system that is mounted noexec" in refused["msg"]
    assert "mount -o remount,exec $(findmnt -n -o TARGET -T /var/tmp); it may be set back" in refused["msg"]
    assert len(host.calls) == ran


def test_a_path_of_somebody_else(host):
    (host.root / "data/Ascend").mkdir(parents=True)
    os.chown(host.root / "data", 1000, 1000)
    refused = host.install("toolkit", install_path="/data/Ascend")
    assert "install_path: found /data of HwHiAiUser, wanted one of root" in refused["msg"]


def test_an_installer_that_exits_0_and_installed_nothing(host):
    host.host.fault(installer_lies=["toolkit"])
    failed = host.install("toolkit")
    assert (
        "exit status 0, which claims success, but ascend_toolkit_install.info says otherwise" in failed["msg"]
    )


def test_an_installer_that_breaks_off_in_the_middle_is_repaired_by_the_next_run(host):
    host.settle("driver")
    host.host.fault(installer_half=["driver"])
    failed = host.install("driver", "cann-8.0.0")
    assert "not complete (before it was 23.0.3, complete); " in failed["msg"]
    host.host.fault()
    done = host.settle("driver", "cann-8.0.0")
    assert done["version_after"] == "24.1.0"


def test_the_wrong_vendor_user_is_refused_and_not_deleted(host):
    host.settle("driver")
    refused = host.install("driver", "cann-8.0.0", user="ascend", group="ascend")
    assert (
        "user: found HwHiAiUser:HwHiAiUser in /etc/ascend_install.info, wanted ascend:ascend"
        in refused["msg"]
    )
    assert "HwHiAiUser" in (host.root / "etc/passwd").read_text()


@pytest.mark.parametrize(
    ("environment", "where"), [("vm", "a virtual machine"), ("container", "a container")]
)
def test_firmware_never_goes_into_a_guest(host, environment, where):
    marks = {"vm": ("sys/class/dmi/id/sys_vendor", "QEMU\n"), "container": (".dockerenv", "")}
    path, text = marks[environment]
    (host.root / path).parent.mkdir(parents=True, exist_ok=True)
    (host.root / path).write_text(text)
    refused = host.install("firmware")
    assert f"firmware 7.1.0.5.220: found {where}, wanted bare metal" in refused["msg"]
    if environment == "container":
        assert "driver 23.0.3: found a container, wanted a host" in host.install("driver")["msg"]


def test_another_path_than_the_recorded_one(host):
    host.settle("toolkit")
    refused = host.install("toolkit", "cann-8.0.0", install_path="/opt/Ascend")
    assert (
        f"install_path: found {ASCEND} in /etc/Ascend/ascend_cann_install.info, wanted /opt/Ascend; releases "
        "before 8.2.RC1 stay where the first one was installed"
    ) in refused["msg"]


def test_from_8_2_on_another_path_resets_the_record(host, make_release):
    host.settle("toolkit")
    host.settle("toolkit", make_release("8.3.RC1", OLD), install_path="/opt/Ascend")
    assert "/opt/Ascend" in (host.root / "etc/Ascend/ascend_cann_install.info").read_text()


def test_everything_that_stands_in_the_way_is_said_at_once(host):
    host.settle("driver")
    refused = host.install("driver", "cann-8.0.0", user="ascend", group="ascend", licence_accepted=None)
    assert refused["msg"].startswith("2 problems, nothing was touched:\n- user: found")
    assert "\n- licence_accepted: found no word" in refused["msg"]


def test_what_is_incomplete_and_has_no_uninstaller_is_not_deleted(host):
    (host.root / "usr/local/Ascend/ascend-toolkit/7.0.0/aarch64-linux").mkdir(parents=True)
    options = {"kind": "toolkit", "version": "7.0.0", "state": "absent", "log": f"{host.root}/log/x"}
    refused = host.module(**options, temporary_directory="/var/tmp")
    assert "without its uninstaller, wanted that script; install the package again" in refused["msg"]
    assert host.has(f"{ASCEND}/ascend-toolkit/7.0.0")


def test_operators_belong_to_the_owner_of_their_toolkit(host):
    host.settle("toolkit")
    os.chown(host.root / "usr/local/Ascend/ascend-toolkit/7.0.0", 1000, 1000)
    refused = host.install("kernels")
    assert (
        "kernels 7.0.0: found toolkit 7.0.0 of HwHiAiUser, wanted the user who installs (root); install "
        "operators as the owner of the toolkit"
    ) in refused["msg"]
