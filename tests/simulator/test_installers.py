# SPDX-License-Identifier: GPL-3.0-or-later
"""Driver, firmware, toolkit and kernels of real releases on a simulated node, without Docker and root."""

from __future__ import annotations

import fcntl
import io
import json
import os
import threading
from pathlib import Path

import pytest
from npu_simulator import boot, installers
from npu_simulator.installers import system
from npu_simulator.installers.package import PACKAGE_FILE
from packages.release_packages import describe

ASCEND = "/usr/local/Ascend"
TREE = f"{ASCEND}/ascend-toolkit"
NEW, OLD = "cann-8.0.0", "cann-7.0.0"
DRIVER_FILES = [f"{ASCEND}/driver/version.info", f"{ASCEND}/driver/tools/upgrade-tool", "/usr/bin/hccn_tool"]
USERS = "root:x:0:0:root:/root:/bin/bash\nHwHiAiUser:x:1000:1000::/home/HwHiAiUser:/bin/bash\n"


class Host:
    """A node that has what the packages want, and a way to run them."""

    def __init__(self, node, payloads):
        self.node, self.payloads = node, payloads
        self.out = self.err = ""
        for folder in ("/usr/bin", "/usr/local", "/etc/init.d", "/root", "/home/HwHiAiUser"):
            node.path(folder).mkdir(parents=True, exist_ok=True)
        node.path("/etc/passwd").write_text(USERS)
        node.path("/etc/group").write_text("root:x:0:\nHwHiAiUser:x:1000:\n")
        for tool in json.loads(Path(system.__file__).with_name("tools.json").read_text())["driver"]:
            node.path(f"/usr/bin/{tool}").write_text("")
            node.path(f"/usr/bin/{tool}").chmod(0o755)
        self.set(seconds={})

    def set(self, **values):
        with self.node.change() as state:
            state.update(values)

    def fault(self, **faults):
        self.set(faults=faults)

    def run(self, part, *words, release=OLD, product="atlas_800t_a2", stdin=""):
        description = next(one for one in describe(release, product, "aarch64") if one.part == part)
        payload = self.payloads / f"{part}-{description.version}-{product}"
        payload.mkdir(exist_ok=True)
        (payload / PACKAGE_FILE).write_text(description.content)
        return self.call(str(payload), description.file, *words, stdin=stdin)

    def call(self, *argv, stdin=""):
        out, err = io.StringIO(), io.StringIO()
        try:
            return installers.main(list(argv), self.node, io.StringIO(stdin), out, err)
        finally:
            self.out, self.err = out.getvalue(), err.getvalue()

    def install_hdk(self, release=OLD):
        assert self.run("driver", "--full", "--quiet", "--install-for-all", release=release) == 0
        assert self.run("firmware", "--full", "--quiet", release=release) == 2
        boot.boot(self.node)

    def install_cann(self, release=OLD, *words):
        assert self.run("toolkit", "--install", "--quiet", *words, release=release) == 0
        assert self.run("kernels", "--install", "--quiet", *words, release=release) == 0

    def has(self, path):
        return os.path.lexists(self.node.path(path))

    def text(self, path):
        return self.node.path(path).read_text()


@pytest.fixture
def host(node, tmp_path, monkeypatch):
    monkeypatch.setattr(boot, "start_in_background", lambda command: None)
    payloads = tmp_path / "payloads"
    payloads.mkdir()
    return Host(node, payloads)


# Driver


def test_a_first_driver_is_effective_at_once(host):
    assert host.run("driver", "--full", "--quiet", "--install-for-all") == 0
    assert "Device startup success" in host.out
    assert "installed successfully! The new version takes effect immediately." in host.out
    assert host.node.read()["running"]["driver"] == "23.0.3"
    assert host.text(DRIVER_FILES[0]).startswith("Version=23.0.3\nascendhal_version=7.35.19\n")
    assert host.node.path("/etc/hccn.conf").stat().st_mode & 0o777 == 0o644


def test_a_first_driver_waits_for_a_reboot_when_a_chip_is_not_ready(host):
    host.fault(npu_dead=[3])
    assert host.run("driver", "--full", "--quiet") == 2
    assert "There are some chips not ready, please check after reboot" in host.out
    state = host.node.read()
    assert (state["running"]["driver"], state["pending"]["driver"]) == (None, "23.0.3")


def test_an_upgrade_is_live_after_the_boot_and_the_network_file_stays(host):
    host.install_hdk()
    host.node.path("/etc/hccn.conf").write_text("address_0=10.20.0.1\n")
    assert host.run("driver", "--upgrade", "--quiet", release=NEW) == 2
    assert host.node.read()["running"]["driver"] == "23.0.3"
    boot.boot(host.node)
    assert host.node.read()["running"]["driver"] == "24.1.0"
    assert host.text("/etc/hccn.conf") == "address_0=10.20.0.1\n"


def test_the_wrong_chip_and_the_wrong_machine_are_refused(host):
    assert host.run("driver", "--full", "--quiet", product="atlas_800_9000") == 1
    assert "[ERROR]The current installation package and environment is not match" in host.out
    host.set(arch="x86_64")
    assert host.run("driver", "--full", "--quiet") == 1
    assert "Arch mismatch, src package is aarch64, cur os is x86_64" in host.out
    assert not host.has(ASCEND)


def test_another_installer_and_a_busy_chip_are_refused(host):
    host.install_hdk()
    with host.node.path("/var/lib/npu-simulator/installer.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert host.run("driver", "--upgrade", "--quiet") == 1
        assert "ERR_NO:0x0094" in host.out
        assert host.run("firmware", "--upgrade", "--quiet") == 1
        assert "ERR_NO:0x0094" in host.out
    with host.node.change() as state:
        state["npus"][2]["processes"] = [{"pid": 7, "name": "python", "memory_mb": 100}]
    assert host.run("driver", "--upgrade", "--quiet", release=NEW) == 1
    assert "davinci nodes are occupied by some processes" in host.out
    assert host.text(DRIVER_FILES[0]).startswith("Version=23.0.3\n")
    assert host.run("driver", "--upgrade", "--quiet", "--force", release=NEW) == 2


def test_a_failing_driver_leaves_no_version_and_can_be_tried_again(host):
    host.fault(installer_fails=["driver"])
    assert host.run("driver", "--full", "--quiet") == 1
    assert "Driver_ko_install_manually failed" in host.out
    assert [host.has(file) for file in DRIVER_FILES] == [False, True, True]
    assert "Driver_Install_Status" not in host.text("/etc/ascend_install.info")
    host.fault()
    assert host.run("driver", "--upgrade", "--quiet") == 2


def test_half_a_driver_looks_installed_but_is_not(host):
    host.fault(installer_half=["driver"])
    assert host.run("driver", "--full", "--quiet") == 1
    assert "successfully" not in host.out
    assert [host.has(file) for file in DRIVER_FILES] == [True, False, False]
    boot.boot(host.node)
    assert host.node.read()["running"]["driver"] is None


@pytest.mark.parametrize("part", ["driver", "firmware", "toolkit", "kernels"])
def test_a_lying_installer_says_success_and_does_nothing(host, part):
    if part != "driver":
        host.install_hdk()
    if part == "kernels":
        host.run("toolkit", "--install", "--quiet")
    before = (host.node.read()["pending"], sorted(one for one in host.node.path(ASCEND).rglob("*")))
    host.fault(**{"installer_lies": [part]})
    mode = "--install" if part in {"toolkit", "kernels"} else "--full"
    assert host.run(part, mode, "--quiet") == 0
    assert "success" in host.out
    assert (host.node.read()["pending"], sorted(host.node.path(ASCEND).rglob("*"))) == before


@pytest.mark.parametrize("part", ["driver", "firmware", "toolkit"])
def test_a_hanging_installer_stops_when_it_is_killed(host, part, monkeypatch):
    if part == "firmware":
        host.install_hdk()
    slept = threading.Event()

    def kill(_seconds):
        slept.set()
        raise SystemExit(143)

    host.fault(installer_hangs=[part])
    monkeypatch.setattr("npu_simulator.installers.session.time.sleep", kill)
    monkeypatch.setattr("npu_simulator.installers.session.Session.wait", lambda self, share: None)
    with pytest.raises(SystemExit):
        host.run(part, "--install" if part == "toolkit" else "--full", "--quiet")
    assert slept.is_set()
    assert "success" not in host.out.lower().replace("install success", "")


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("driver", "free space only 120M, cannot install driver package (greater than 300M)"),
        ("firmware", "free space only 12M, cannot install firmware package (greater than 32M)"),
        ("toolkit", "No space left on device"),
        ("kernels", "No space left on device"),
    ],
)
def test_a_full_disk_is_told(host, part, text):
    host.install_hdk()
    if part == "kernels":
        host.run("toolkit", "--install", "--quiet")
    host.fault(disk_full=[part])
    words = ["--upgrade"] if part in {"driver", "firmware"} else ["--install"]
    assert host.run(part, *words, "--quiet") == 1
    assert text in host.out + host.err


def test_the_drivers_own_uninstaller(host):
    host.install_hdk()
    assert host.call("uninstall", "driver", ASCEND, "--quiet") == 0
    assert "Driver package uninstalled successfully!" in host.out
    assert not any(host.has(file) for file in [*DRIVER_FILES, "/usr/local/bin/npu-smi"])
    assert "Driver_Install_For_All=yes" in host.text("/etc/ascend_install.info").splitlines()
    host.node.uid = 1000
    assert host.call("uninstall", "driver", ASCEND) == 1
    assert "ERR_NO:0x0093;ERR_DES:do not have root permission, operation failed,         please" in host.out


# Firmware


def test_firmware_is_live_on_every_chip_after_the_boot(host):
    host.run("driver", "--full", "--quiet")
    assert host.run("firmware", "--full", "--quiet") == 2
    assert "[INFO]The firmware of [8] chips are successfully upgraded." in host.out
    assert "Reboot now or after driver installation for the installation/upgrade to take effect." in host.out
    assert host.text(f"{ASCEND}/firmware/version.info").startswith("Version=7.1.0.5.220\n")
    assert "Firmware_Install_Path_Param=/usr/local/Ascend\n" in host.text("/etc/ascend_install.info")
    assert {npu["firmware"] for npu in host.node.read()["npus"]} == {None}
    boot.boot(host.node)
    assert {npu["firmware"] for npu in host.node.read()["npus"]} == {"7.1.0.5.220"}


def test_firmware_wants_a_running_driver_its_chip_and_bare_metal(host):
    assert host.run("firmware", "--full", "--quiet") == 1
    assert "please install driver package first" in host.out
    host.run("driver", "--full", "--quiet")
    assert host.run("firmware", "--full", "--quiet", product="atlas_800_9000") == 1
    assert "is not match" in host.out
    for environment in ("vm", "container"):
        host.set(environment=environment)
        assert host.run("firmware", "--full", "--quiet") == 1
        assert "only be installed on a physical machine" in host.out
    assert host.node.read()["pending"]["firmware"] is None


def test_firmware_asks_before_it_overwrites(host):
    host.install_hdk()
    assert host.run("firmware", "--full", stdin="x\nn\n") == 0
    assert (
        "the version is 7.1.0.5.220, and the version of this package is 7.1.0.5.220,do you want" in host.out
    )
    assert "installation Stoped!" in host.out
    assert host.run("firmware", "--full", stdin="y\n", release=NEW) == 2
    assert host.node.read()["pending"]["firmware"] == "7.5.0.2.220"


def test_firmware_questions_and_removal(host):
    host.install_hdk()
    assert host.run("firmware", "--check") == 0
    assert "[INFO]base version is 7.1.0.5.220." in host.out
    assert host.run("firmware", "--version", release=NEW) == 0
    assert "[INFO]firmware version :7.5.0.2.220" in host.out
    assert host.run("firmware", "--full", "--check") == 1
    assert host.call("uninstall", "firmware", ASCEND, "--quiet") == 0
    assert "Firmware package uninstalled successfully! Uninstallation takes effect immediately." in host.out
    assert host.run("firmware", "--uninstall") == 1
    assert "ERR_NO:0x0080" in host.out
    assert "Firmware" not in host.text("/etc/ascend_install.info")


@pytest.mark.parametrize("fault", ["installer_fails", "installer_half"])
def test_failing_firmware_is_not_pending(host, fault):
    host.run("driver", "--full", "--quiet")
    host.fault(**{fault: ["firmware"]})
    assert host.run("firmware", "--full", "--quiet") == 1
    assert not host.has(f"{ASCEND}/firmware/version.info")
    assert host.node.read()["pending"]["firmware"] is None


# CANN


@pytest.mark.parametrize(
    ("release", "version", "inner"), [(OLD, "7.0.0", "7.1.0.3.220"), (NEW, "8.0.0", "7.6.0.1.220")]
)
def test_toolkit_and_kernels_leave_the_layout_of_their_version(host, release, version, inner):
    host.install_hdk()
    host.install_cann(release)
    assert host.out.endswith(f"install success. The installation path is {TREE}.\n")
    info = host.text(f"{TREE}/latest/aarch64-linux/ascend_toolkit_install.info").splitlines()
    assert info[:2] == ["package_name=Ascend-cann-toolkit", f"version={version}"]
    assert info[-3:] == ["arch=aarch64", "os=linux", f"path={TREE}/{version}/aarch64-linux"]
    assert host.text(f"{TREE}/latest/opp_kernel/version.info") == f"Version={inner}\nversion_dir={version}\n"
    assert host.has(f"{TREE}/latest/opp/built-in/op_impl/ai_core/tbe/kernel/ascend910b")
    assert host.has(f"{TREE}/latest/lib64/libhccl.so")
    assert os.readlink(host.node.path(f"{TREE}/latest")) == version
    assert f"export ASCEND_TOOLKIT_HOME={TREE}/latest\n" in host.text(f"{TREE}/set_env.sh")
    assert host.text("/etc/Ascend/ascend_cann_install.info").startswith(f"Install_Path={ASCEND}\n")


def test_the_toolkit_tells_its_summary(host):
    host.install_hdk()
    host.run("toolkit", "--install", "--quiet", "--install-for-all")
    summary = host.out[host.out.index("===========") :].splitlines()
    assert summary[:3] == ["===========", "= Summary =", "==========="]
    assert summary[4] == f"Driver:   Installed in {ASCEND}/driver."
    assert (
        summary[5]
        == f"Toolkit:  Ascend-cann-toolkit_7.0.0_linux-aarch64 install success, installed in {ASCEND}."
    )
    assert (
        "CANN-runtime-7.1.0.3.220-linux.aarch64.run --full --quiet --nox11 --install-for-all install"
        in host.out
    )


@pytest.mark.parametrize(("words", "mode"), [([], 0o750), (["--install-for-all"], 0o755)])
def test_others_may_use_cann_only_with_install_for_all(host, words, mode):
    host.install_cann(OLD, *words)
    for folder in ("7.0.0", "7.0.0/aarch64-linux/lib64", "7.0.0/opp_kernel"):
        assert host.node.path(f"{TREE}/{folder}").stat().st_mode & 0o777 == mode


@pytest.mark.parametrize(("answer", "status"), [("Y\n", 0), ("y\n", 0), ("N\n", 1), ("", 1)])
def test_the_licence_is_asked_unless_quiet(host, answer, status):
    assert host.run("toolkit", "--install", stdin=answer) == status
    assert "Do you accept the EULA to install CANN?[Y/N]" in host.out
    assert host.has(f"{TREE}/set_env.sh") == (status == 0)


def test_kernels_want_the_toolkit_of_their_version(host):
    host.run("toolkit", "--install", "--quiet")
    assert host.run("kernels", "--install", "--quiet", release=NEW) == 1
    assert "version 8.0.0 is not installed in /usr/local/Ascend" in host.out


def test_versions_lie_side_by_side_and_the_last_one_is_latest(host):
    host.install_cann(OLD)
    host.install_cann(NEW)
    assert os.readlink(host.node.path(f"{TREE}/latest")) == "8.0.0"
    assert host.has(f"{TREE}/7.0.0/aarch64-linux/ascend_toolkit_install.info")
    assert host.run("kernels", "--uninstall", release=NEW) == 0
    assert host.call("uninstall", "toolkit", f"{TREE}/8.0.0") == 0
    assert host.out.endswith("Ascend-cann-toolkit_8.0.0_linux-aarch64 uninstall success\n")
    assert os.readlink(host.node.path(f"{TREE}/latest")) == "7.0.0"
    assert not host.has(f"{TREE}/8.0.0")
    assert host.call("uninstall", "kernels", f"{TREE}/7.0.0") == 0
    assert host.run("toolkit", "--uninstall") == 0
    assert not host.has(TREE)
    assert not host.has("/etc/Ascend/ascend_cann_install.info")
    assert host.run("toolkit", "--uninstall") == 1


def test_an_upgrade_replaces_the_version_in_use(host):
    assert host.run("toolkit", "--upgrade", "--quiet") == 1
    host.run("toolkit", "--install", "--quiet")
    assert host.run("toolkit", "--upgrade", "--quiet", release=NEW) == 0
    assert [one.name for one in sorted(host.node.path(TREE).iterdir())] == ["8.0.0", "latest", "set_env.sh"]


def test_another_path_than_the_first_is_refused(host):
    host.run("toolkit", "--install", "--quiet")
    assert host.run("kernels", "--install", "--quiet", "--install-path=/opt/Ascend") == 1
    text = "/etc/Ascend/ascend_cann_install.info exists ! 'install-path' parameter are not supported."
    assert text in host.out
    assert host.run("kernels", "--install", "--quiet", f"--install-path={ASCEND}") == 0


def test_a_user_installs_below_his_home(host):
    host.node.uid = 1000
    host.run("toolkit", "--install", "--quiet")
    assert host.has("/home/HwHiAiUser/Ascend/ascend-toolkit/7.0.0/aarch64-linux/ascend_toolkit_install.info")
    assert host.has("/home/HwHiAiUser/var/log/ascend_seclog/ascend_toolkit_install.log")
    assert not host.has(ASCEND)


def test_a_closed_parent_folder_is_refused(host):
    host.node.path("/usr/local").chmod(0o700)
    assert host.run("toolkit", "--install", "--quiet") == 1
    assert "the given dir, or its parents, permission is invalid." in host.out


@pytest.mark.parametrize("fault", ["installer_fails", "installer_half"])
@pytest.mark.parametrize(
    ("part", "file"),
    [("toolkit", "aarch64-linux/ascend_toolkit_install.info"), ("kernels", "opp_kernel/version.info")],
)
def test_failing_cann_leaves_no_info_file(host, fault, part, file):
    if part == "kernels":
        host.run("toolkit", "--install", "--quiet")
    host.fault(**{fault: [part]})
    assert host.run(part, "--install", "--quiet") == 1
    assert not host.has(f"{TREE}/7.0.0/{file}")
    assert host.has(f"{TREE}/7.0.0") == (fault == "installer_half" or part == "kernels")


def test_questions_change_nothing(host):
    assert host.run("toolkit", "--check") == 0
    assert host.run("toolkit", "--version") == 0
    assert "7.0.0" in host.out
    assert host.run("toolkit", "--instal", "--quiet") == 1
    assert host.run("toolkit") == 1
    assert not host.has(ASCEND)


def test_a_payload_that_is_none_is_told(host, tmp_path):
    assert host.call(str(tmp_path), "x.run", "--full") == 2
    assert "found no payload of a simulated package" in host.err
    assert host.call("uninstall", "gpu", "/opt") == 2
