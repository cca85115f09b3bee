# SPDX-License-Identifier: GPL-3.0-or-later
"""A node in a directory, on which run_package runs packages that do what the test says."""

from __future__ import annotations

from collections import deque
from types import SimpleNamespace

import pytest
from ansible.module_utils import basic
from ansible_collections.ascend.fleet.plugins.module_utils import (
    _package_ground,
    _package_installation,
    _package_run,
)
from ansible_collections.ascend.fleet.plugins.module_utils._package_run import SCRIPT

DRIVER = "Ascend-hdk-910b-npu-driver_23.0.3_linux-aarch64.run"


class Node:
    """A node in a directory, whose packages do what the test says."""

    def __init__(self, root, tape):
        self.root, self.tape = root, tape
        self.effects = deque()
        self.log = root / "log/progress.log"
        self.vendor_log = root / "ascend_install.log"
        self.package = root / "packages" / DRIVER
        self.write("packages/" + DRIVER, "the package")

    def write(self, path, text):
        target = self.root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def driver(self, version, complete=True):
        self.write("usr/local/Ascend/driver/version.info", f"Version={version}\n")
        self.write("usr/local/Ascend/driver/tools/upgrade-tool", "")
        status = "Driver_Install_Status=complete\n" if complete else ""
        self.write("etc/ascend_install.info", f"Driver_Install_Type=full\n{status}")

    def firmware(self, version):
        self.write("usr/local/Ascend/firmware/version.info", f"Version={version}\n")

    def toolkit(self, version, latest=True):
        home = "usr/local/Ascend/ascend-toolkit"
        text = f"version={version}\narch=aarch64\n"
        self.write(f"{home}/{version}/aarch64-linux/ascend_toolkit_install.info", text)
        link = self.root / home / "latest"
        if latest:
            link.unlink(missing_ok=True)
            link.symlink_to(version)

    def kernels(self, version, chip="910b"):
        tree = f"usr/local/Ascend/ascend-toolkit/{version}"
        self.write(f"{tree}/opp_kernel/version.info", f"Version={version}\n")
        self.write(f"{tree}/opp/built-in/op_impl/ai_core/tbe/kernel/ascend{chip}/a.o", "")

    def expect(self, *arguments, rc=0, printed="", effect=None, package=None, before=()):
        """Expect one run of the package, which prints into the log and has an effect."""
        path = str(package or self.package)
        words = ("-c", SCRIPT, "sh", str(self.log), "/var/tmp", *before, path, *arguments)
        self.tape.expect("sh", *words, rc=rc)
        self.effects.append((printed, effect))

    def expect_checks(self, version="23.0.3", package=None):
        """Expect that a driver package checks itself and says which version it holds."""
        self.expect("--check", package=package)
        self.expect("--version", printed=f"[Driver] [INFO]driver version :{version}\n", package=package)

    def play(self, args, data):
        printed, effect = self.effects.popleft() if self.effects else ("", None)
        answer = self.tape.play(args, data)
        with self.log.open("a", encoding="utf-8") as log:
            log.write(printed)
        if effect:
            effect()
        return answer

    def options(self, **more):
        return {
            "kind": "driver",
            "version": "23.0.3",
            "file": DRIVER,
            "source": "/srv/ascend",
            "log": str(self.log),
            "licence_accepted": True,
            **more,
        }


@pytest.fixture
def node(tmp_path, tape, monkeypatch):
    """Return a bare aarch64 node."""
    node = Node(tmp_path, tape)
    monkeypatch.setattr(_package_installation, "ROOT", str(tmp_path))
    monkeypatch.setattr(_package_ground.os, "geteuid", lambda: 0)
    monkeypatch.setattr(_package_installation.os, "uname", lambda: SimpleNamespace(machine="aarch64"))
    monkeypatch.setattr(_package_run, "INSTALL_LOG", str(node.vendor_log))
    monkeypatch.setattr(
        basic.AnsibleModule, "run_command", lambda _self, args, data="", **_o: node.play(args, data or "")
    )
    return node
