# SPDX-License-Identifier: GPL-3.0-or-later
"""npu_host_info on a host in a directory: who uses the NPUs, what is missing, what was closed."""

from __future__ import annotations

import os
import platform
import struct
import sys

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils import _host_ground
from ansible_collections.ascend.fleet.plugins.modules import npu_host_info

NUMBER = "0123456789abcdef" * 4
FORMAT = _host_ground._INSPECT


class Host:
    """A host below a folder."""

    def __init__(self, root):
        self.root = root
        self.write(
            "etc/passwd", "root:x:0:0:root:/root:/bin/bash\nHwHiAiUser:x:1000:1001::/home/hw:/bin/bash\n"
        )
        self.write("etc/group", "root:x:0:\nHwHiAiUser:x:1000:\nusers:x:1001:\n")
        (root / "proc").mkdir()

    def write(self, path, text=""):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def process(self, pid, *links, command="python3 train.py", cgroup=""):
        self.write(f"proc/{pid}/comm", "python3\n")
        self.write(f"proc/{pid}/cgroup", f"0::/{cgroup}\n")
        self.write(f"proc/{pid}/cmdline", command.replace(" ", "\0"))
        folder = self.root / f"proc/{pid}/fd"
        folder.mkdir()
        for number, link in enumerate(links):
            (folder / str(number)).symlink_to(link)


@pytest.fixture
def host(tmp_path, tape, monkeypatch):
    """Give a bare host without docker."""
    monkeypatch.setattr(npu_host_info, "ROOT", str(tmp_path))
    tape.only_programs("lspci")
    return Host(tmp_path)


def test_a_bare_host(run_module, host):
    result = run_module(npu_host_info, programs=["lspci", "dkms"])
    assert result["changed"] is False
    assert result["missing_programs"] == ["dkms"]
    release = os.uname().release
    assert result["kernel"] == {
        "release": release,
        "build": f"/lib/modules/{release}/build",
        "headers": False,
    }
    for key in ("holders", "containers", "installers", "immutable"):
        assert result[key] == []
    assert result["last_user"] == {"user": None, "group": None}


def test_files_that_are_not_there(run_module, host):
    host.write("opt/miniforge3/bin/conda")
    asked = ["/opt/miniforge3/bin/conda", "/opt/miniforge3/bin", "/opt/miniforge3/envs"]
    assert run_module(npu_host_info, files=asked)["missing_files"] == ["/opt/miniforge3/envs"]


def test_the_headers_of_the_running_kernel(run_module, host):
    host.write(f"lib/modules/{os.uname().release}/build/Makefile")
    assert run_module(npu_host_info)["kernel"]["headers"] is True


def test_who_holds_npus(run_module, host):
    host.process(10, "/dev/null", "/dev/davinci3", "/dev/davinci_manager", "/dev/davinci3")
    host.process(9, "/dev/davinci0", cgroup=f"system.slice/docker-{NUMBER}.scope")
    host.process(11, "/dev/davinci.log", "/tmp/dev/davinciX")
    first, second = run_module(npu_host_info)["holders"]
    assert (first["pid"], first["devices"], first["container"]) == (9, ["davinci0"], NUMBER)
    assert (second["pid"], second["name"], second["container"]) == (10, "python3", None)
    assert second["devices"] == ["davinci3", "davinci_manager"]
    assert second["user"] == _host_ground.user_name(os.getuid())


@pytest.mark.parametrize(
    ("command", "counts"),
    [
        ("bash /var/tmp/x/Ascend-cann-toolkit_8.0.0_linux-aarch64.run --install --quiet", True),
        ("bash Atlas-A3-hdk-npu-driver_26.0.RC1_linux-aarch64.run --full", True),
        ("/bin/bash ./selfgz123/install.sh", True),
        ("less Ascend-notes.txt", False),
        ("bash other.run", False),
    ],
)
def test_another_package_that_runs(run_module, host, command, counts):
    host.process(77, command=command)
    found = run_module(npu_host_info)["installers"]
    assert found == ([{"pid": 77, "command": command}] if counts else [])


def test_the_account_and_its_group(run_module, host):
    account = run_module(npu_host_info)["account"]
    assert (account["exists"], account["member"], account["primary_group"]) == (True, False, "users")
    assert (account["home"], account["home_exists"]) == ("/home/hw", False)
    host.write("etc/group", "HwHiAiUser:x:1000:alice,HwHiAiUser\nusers:x:1001:\n")
    assert run_module(npu_host_info)["account"]["member"] is True


def test_an_account_that_is_not_there(run_module, host):
    (host.root / "home/nobody-else").mkdir(parents=True)
    account = run_module(npu_host_info, user="nobody-else", group="none")["account"]
    assert (account["exists"], account["group_exists"], account["member"]) == (False, False, False)
    assert (account["home"], account["home_exists"]) == ("/home/nobody-else", True)


def test_the_user_of_the_last_driver(run_module, host):
    host.write("etc/ascend_install.info", "UserName=ascend\nUserGroup=npu\n")
    assert run_module(npu_host_info)["last_user"] == {"user": "ascend", "group": "npu"}


def test_containers_that_were_given_npus(run_module, host, tape):
    tape.only_programs("docker")
    ids = [letter * 64 for letter in "abc"]
    tape.expect("docker", "ps", "--quiet", "--no-trunc", out="\n".join(ids) + "\n")
    told = (
        f"{ids[0]}|/training|/dev/davinci0 /dev/davinci_manager |PATH=/bin\nA=1\n\n"
        f"{ids[1]}|/web||PATH=/bin\n\n"
        f"{ids[2]}|/serving||X=a|b\nASCEND_VISIBLE_DEVICES=0-3\n\n"
    )
    tape.expect("docker", "inspect", "--format", FORMAT, *ids, out=told)
    assert run_module(npu_host_info)["containers"] == [
        {"id": ids[0], "name": "training", "devices": ["davinci0", "davinci_manager"]},
        {"id": ids[2], "name": "serving", "devices": ["0-3"]},
    ]


def test_a_docker_that_does_not_run_has_no_containers(run_module, host, tape):
    tape.only_programs("docker")
    tape.expect("docker", "ps", "--quiet", "--no-trunc", rc=1, err="Cannot connect to the Docker daemon")
    assert run_module(npu_host_info)["containers"] == []


@pytest.mark.parametrize(("flags", "closed"), [(0x10, True), (0x80010, True), (0x80000, False)])
def test_what_was_closed_is_named(run_module, host, monkeypatch, flags, closed):
    host.write("usr/local/Ascend/x")
    monkeypatch.setattr(_host_ground.fcntl, "ioctl", lambda *_words: struct.pack("l", flags))
    assert run_module(npu_host_info)["immutable"] == (["/usr/local/Ascend"] if closed else [])


def test_a_file_system_without_such_flags(run_module, host, monkeypatch):
    def refuse(*_words):
        raise OSError(25, "Inappropriate ioctl for device")

    host.write("usr/local/Ascend/x")
    monkeypatch.setattr(_host_ground.fcntl, "ioctl", refuse)
    assert run_module(npu_host_info)["immutable"] == []


def test_what_the_firmware_calls_it(run_module, host):
    host.write("sys/class/dmi/id/product_name", "Atlas 800 (Model 9000)\n")
    host.write("sys/class/dmi/id/sys_vendor", " \n")
    host.write("sys/devices/virtual/dmi/id/sys_vendor", "Huawei\n")
    assert run_module(npu_host_info)["dmi"] == {
        "sys_vendor": "Huawei",
        "product_name": "Atlas 800 (Model 9000)",
        "board_name": None,
    }


def test_its_memory(run_module, host):
    assert run_module(npu_host_info)["memory"] == {"total_mb": None, "available_mb": None}
    host.write("proc/meminfo", "MemTotal:       65945220 kB\nMemFree: 1 kB\nMemAvailable:  2048 kB\n")
    assert run_module(npu_host_info)["memory"] == {"total_mb": 64399, "available_mb": 2}


def test_the_space_of_paths_that_share_a_filesystem(run_module, host):
    (host.root / "var/tmp").mkdir(parents=True)
    first, second = run_module(npu_host_info, paths=["/usr/local/Ascend", "/var/tmp"])["space"]
    counts = os.statvfs(host.root)
    assert (first["path"], second["path"]) == ("/usr/local/Ascend", "/var/tmp")
    assert first["device"] == second["device"] == host.root.stat().st_dev
    assert first["total_mb"] == counts.f_blocks * counts.f_frsize >> 20
    assert 0 < first["free_mb"] <= first["total_mb"]
    assert (first["mount"], first["read_only"], first["no_exec"]) == ("/", False, False)


def test_how_a_filesystem_is_mounted(run_module, host, monkeypatch):
    given = os.statvfs(host.root)
    fields = {name: getattr(given, name) for name in ("f_bavail", "f_frsize", "f_blocks")}
    for flag, name in ((os.ST_RDONLY, "read_only"), (os.ST_NOEXEC, "no_exec")):
        mounted = type("Mounted", (), {**fields, "f_flag": flag})()
        monkeypatch.setattr(os, "statvfs", lambda _path, mounted=mounted: mounted)
        (told,) = run_module(npu_host_info, paths=["/var/tmp"])["space"]
        assert [key for key in ("read_only", "no_exec") if told[key]] == [name]


def test_its_clock_against_the_controllers(run_module, host, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 1767225600.04)
    assert run_module(npu_host_info)["clock"] == {"epoch": 1767225600.0, "ahead_s": None}
    late = run_module(npu_host_info, controller_time=1767225900.25)
    assert late["clock"]["ahead_s"] == -300.2


def test_its_python_and_c_library(run_module, host):
    python = run_module(npu_host_info)["python"]
    assert python["version"] == platform.python_version()
    assert python["executable"] == sys.executable
    assert set(python) == {"version", "executable", "glibc"}


def test_users_whom_the_host_does_not_know(run_module, host):
    assert run_module(npu_host_info)["unknown_users"] == []
    assert run_module(npu_host_info, users=["root", "alixe", "bin"])["unknown_users"] == ["alixe"]


def test_names_resolve_or_say_why_not(run_module, host, tape):
    tape.only_programs("getent")
    told = "10.0.0.1       STREAM mirror\n10.0.0.1       DGRAM\n10.0.0.2       STREAM\n"
    tape.expect("getent", "ahosts", "mirror", out=told)
    tape.expect("getent", "ahosts", "nowhere", rc=2)
    tape.expect("getent", "ahosts", "slow", rc=124)
    assert run_module(npu_host_info, names=["mirror", "nowhere", "slow"])["resolved"] == {
        "mirror": {"addresses": ["10.0.0.1", "10.0.0.2"], "reason": None},
        "nowhere": {"addresses": [], "reason": "nobody knows it"},
        "slow": {"addresses": [], "reason": "no answer within 5 s"},
    }


def test_without_getent_nothing_is_said_of_names(run_module, host):
    assert run_module(npu_host_info, names=["mirror"])["resolved"] == {}
