# SPDX-License-Identifier: GPL-3.0-or-later
"""What a driver needs beneath it: kernel headers, DKMS, a firmware that fits, and no user of its files."""

from __future__ import annotations

import pytest
from npu_simulator import boot, control, device_nodes, kernel
from npu_simulator.installers.version_check import fits

ASCEND = "/usr/local/Ascend"
NEW = "cann-8.0.0"
INFO = f"{ASCEND}/driver/version.info"
LOG = "/var/log/ascend_seclog/ascend_install.log"


@pytest.mark.parametrize(
    ("lacks", "text"),
    [
        ("headers", "[WARNING]linux headers is currently not installed."),
        ("dkms", "[WARNING]The program 'dkms' is currently not installed."),
        ("gcc", "[WARNING]The program 'gcc' is currently not installed."),
    ],
)
def test_without_what_dkms_needs_the_driver_is_refused(host, lacks, text):
    if lacks == "headers":
        host.node.path(kernel.headers()).rmdir()
    else:
        host.node.path(f"/usr/bin/{lacks}").unlink()
    assert host.run("driver", "--full", "--quiet") == 1
    assert "Drv_dkms_env_check failed, details in : /var/log/ascend_seclog/ascend_install.log" in host.out
    assert text in host.text(LOG)
    assert "[ERROR]driver vermagic check failed." in host.text(LOG)
    assert not host.has(INFO)


def test_modules_that_fit_the_kernel_need_no_build(host, monkeypatch):
    host.node.path(kernel.headers()).rmdir()
    monkeypatch.setattr("npu_simulator.kernel.release", lambda: "5.15.0-25-generic")
    monkeypatch.setattr("packages.release_packages._details", _with_kernels)
    assert host.run("driver", "--full", "--quiet") == 0
    assert "driver install type: Direct" in host.text(LOG)
    assert not host.has(kernel.DKMS_TREE)


def _with_kernels(part, _version, _target):
    return {"pci_devices": ["d802"], "kernels": ["5.15.0-25-generic"]} if part == "driver" else {}


def test_a_failed_build_stays_in_the_way_until_somebody_clears_it(host):
    host.fault(installer_fails=["driver:dkms"])
    assert host.run("driver", "--full", "--quiet") == 1
    assert "Dkms install failed" in host.out
    host.fault()
    assert host.run("driver", "--full", "--quiet") == 1
    assert host.has(f"{kernel.DKMS_TREE}/23.0.3/build/make.log")
    for file in sorted(host.node.path(kernel.DKMS_TREE).rglob("*"), reverse=True):
        file.unlink() if file.is_file() else file.rmdir()
    host.node.path(kernel.DKMS_TREE).rmdir()
    assert host.run("driver", "--full", "--quiet") in {0, 2}
    assert kernel.built_modules(host.node)
    assert host.run("driver", "--uninstall") == 0
    assert not host.has(kernel.DKMS_TREE)


def test_the_driver_tells_whether_the_firmware_fits(host):
    host.install_hdk()
    assert host.run("driver", "--check") == 0
    assert "[INFO]driver and firmware version relationship check success" in host.out
    assert host.run("driver", "--check", release=NEW) == 0
    assert "relationship check success" in host.out
    host.run("firmware", "--upgrade", "--quiet", release=NEW)
    assert host.run("driver", "--check") == 0
    assert "[WARNING]driver and firmware version relationship check fail" in host.out
    assert host.run("driver", "--full", stdin="x\nn\n") == 1
    assert "driver required firmware version not match ,do you want to continue?" in host.out
    assert host.out.endswith("Stop installation!\n")
    assert host.run("driver", "--full", "--quiet") == 2


def test_a_driver_does_not_start_on_a_firmware_that_it_cannot_take(host):
    host.install_hdk()
    host.run("firmware", "--upgrade", "--quiet", release=NEW)
    boot.boot(host.node)
    assert host.node.read()["running"]["driver"] is None
    host.run("driver", "--upgrade", "--quiet", release=NEW)
    boot.boot(host.node)
    assert host.node.read()["running"]["driver"] == "24.1.0"


@pytest.mark.parametrize(
    ("ranges", "version", "fit"),
    [
        ("[7.0.0,7.1.99]", "7.1.0.5.220", True),
        ("[7.0.0,7.1.99]", "7.5.0.2.220", False),
        ("[6.4.0,6.4.99],[7.0.0,7.7.99]", "6.4.12.1.241", True),
        ("", "1.0", True),
    ],
)
def test_ranges_of_firmware_are_inclusive(ranges, version, fit):
    assert fits(ranges, version) is fit


def test_the_running_driver_has_device_files(host):
    def names():
        return sorted(one.name for one in host.node.path("/dev").iterdir())

    device_nodes.refresh(host.node)
    assert names() == []
    host.run("driver", "--full", "--quiet")
    assert names() == [
        *(f"davinci{number}" for number in range(8)),
        "davinci_manager",
        "devmm_svm",
        "hisi_hdc",
    ]
    host.fault(npu_gone=[3])
    device_nodes.refresh(host.node)
    assert "davinci3" not in names()
    host.run("driver", "--uninstall")
    assert "davinci0" in names()  # the modules stay until the reboot
    boot.boot(host.node)
    assert names() == []


def test_a_process_on_a_device_file_keeps_the_driver(host, monkeypatch):
    host.install_hdk()
    monkeypatch.setattr("npu_simulator.device_nodes.holders", lambda node: [4711])
    assert host.run("driver", "--upgrade", "--quiet", release=NEW) == 1
    assert "davinci nodes are occupied by some processes" in host.out


def test_a_missing_kernel_header_is_a_fault_that_ends(host, monkeypatch):
    monkeypatch.setattr("npu_simulator.device_users.settle", lambda node: None)
    status = host.node.path(kernel.DPKG_STATUS)
    status.parent.mkdir(parents=True)
    status.write_text("Package: bash\nStatus: install ok installed\n")
    boot.boot(host.node)
    package = f"Package: linux-headers-{kernel.release()}\n"
    assert package in status.read_text()
    assert control.main(["fault", "kernel_headers_missing", "true"], host.node, None, None, None) == 0
    assert not kernel.has_headers(host.node)
    assert status.read_text() == "Package: bash\nStatus: install ok installed\n\n"
    assert control.main(["clear"], host.node, None, None, None) == 0
    assert kernel.has_headers(host.node)
    assert status.read_text().count(package) == 1


def test_the_files_are_protected_until_the_uninstaller_comes(host):
    host.run("driver", "--full", "--quiet")
    assert host.node.read()["immutable"] == [f"{ASCEND}/driver"]
    assert "[INFO]add chattr for driver package" in host.text(LOG)
    host.run("driver", "--uninstall")
    assert "immutable" not in host.node.read()


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("driver", "Drv_file_copy failed"),
        ("firmware", "/firmware failed"),
        ("toolkit", "fail !"),
        ("kernels", "fail !"),
    ],
)
def test_a_read_only_filesystem_is_told(host, part, text):
    host.install_hdk()
    host.run("toolkit", "--install", "--quiet")
    host.fault(read_only=[part])
    mode = "--install" if part in {"toolkit", "kernels"} else "--full"
    assert host.run(part, mode, "--quiet") == 1
    assert "Read-only file system" in host.err
    assert text in host.out


@pytest.mark.parametrize(("part", "module"), [("driver", "driver.layout"), ("toolkit", "cann.contents")])
def test_a_disk_that_breaks_in_the_middle_ends_the_package_with_the_words_of_cp(
    host, part, module, monkeypatch
):
    def full(_node, path, *_words):
        raise OSError(28, "No space left on device", path)

    monkeypatch.setattr(f"npu_simulator.installers.{module}.write", full)
    mode = "--install" if part == "toolkit" else "--full"
    assert host.run(part, mode, "--quiet") == 1
    assert "cp: cannot create regular file '/" in host.err
    assert "': No space left on device" in host.err


def test_the_firmware_tells_whether_the_driver_takes_it(host):
    host.run("driver", "--full", "--quiet")
    assert host.run("firmware", "--check") == 0
    assert "driver and firmware version relationship check success" in host.out
    assert host.run("firmware", "--check", release=NEW) == 0
    assert "[WARNING]driver and firmware version relationship check fail" in host.out


def test_an_upgrade_whose_hot_reset_works_needs_no_reboot(host):
    host.install_hdk()
    host.fault(hot_reset=True)
    assert host.run("driver", "--upgrade", "--quiet", release=NEW) == 0
    assert "upgraded successfully! The new version takes effect immediately." in host.out
    assert host.node.read()["running"]["driver"] == "24.1.0"
    assert host.run("driver", "--upgrade", "--quiet", "--force", release=NEW) == 2
    host.fault(hot_reset=True, npu_dead=[3])
    assert host.run("driver", "--upgrade", "--quiet", release=NEW) == 2
    assert "There are some chips not ready" in host.out
