# SPDX-License-Identifier: GPL-3.0-or-later
"""The real module run_package on a simulated node, with the simulator's packages in this process."""

from __future__ import annotations

import json
import os
import subprocess
from types import SimpleNamespace

import pytest
from ansible.module_utils import basic
from ansible.module_utils.testing import patch_module_args
from ansible_collections.ascend.fleet.plugins.module_utils import (
    _package_ground,
    _package_installation,
    _package_run,
)
from ansible_collections.ascend.fleet.plugins.modules import run_package
from npu_simulator import device_nodes
from npu_simulator.installers.package import PACKAGE_FILE
from packages.release_packages import CATALOG, describe
from simulator.conftest import make_node
from simulator.installers.conftest import Host

ASCEND = "/usr/local/Ascend"


class PackageHost:
    """A simulated node, the module on it, and the packages that it may run."""

    def __init__(self, folder, monkeypatch, capsys):
        folder.chmod(0o755)
        root = folder / "node"
        root.mkdir()
        (folder / "payloads").mkdir()
        self.host = Host(make_node(root, "910b"), folder / "payloads")
        self.node, self.root, self.capsys = self.host.node, root, capsys
        self.source = folder / "packages"
        self.source.mkdir()
        self.calls, self.payloads = [], {}
        for place in ("var/tmp", "tmp"):
            (root / place).mkdir(parents=True, exist_ok=True)
        patch = monkeypatch.setattr
        machine = SimpleNamespace(machine="aarch64", release=os.uname().release)
        patch(device_nodes, "holders", lambda *_node: [])  # those of this machine are none of this node's
        patch(_package_installation, "ROOT", str(root))
        patch(_package_ground.os, "geteuid", lambda: self.node.uid)
        patch(_package_ground, "home_of", lambda uid: "" if uid == 0 else "/home/HwHiAiUser")
        patch(
            _package_ground, "_user_name", lambda uid: {0: "root", 1000: "HwHiAiUser"}.get(uid, f"uid {uid}")
        )
        patch(_package_installation.os, "uname", lambda: machine)
        patch(_package_run, "INSTALL_LOG", f"{root}/var/log/ascend_seclog/ascend_install.log")
        patch(basic.AnsibleModule, "run_command", self.run_command)
        patch(basic.AnsibleModule, "get_bin_path", lambda _module, name, **_rest: f"/bin/{name}")

    def offer(self, part, release="cann-7.0.0"):
        """Put the package of a release where the node finds it; return its description."""
        catalog = self.host.catalog if self.host.has_made(release) else CATALOG
        described = describe(release, "atlas_800t_a2", "aarch64", catalog)
        description = next(one for one in described if one.part == part)
        payload = self.host.payloads / f"{part}-{description.version}"
        payload.mkdir(exist_ok=True)
        (payload / PACKAGE_FILE).write_text(description.content)
        (self.source / description.file).write_text("a package")
        self.payloads[str(self.source / description.file)] = payload
        return description

    def run_command(self, arguments, **_options):
        """Run what the module wants in this process, with its output in the log."""
        words = list(arguments[3:])
        if words[0] == "/bin/openssl":
            done = subprocess.run(["openssl", *words[1:]], capture_output=True, text=True, check=False)
            return done.returncode, done.stdout, done.stderr
        assert words[:3] == ["/bin/sh", "-c", _package_run.SCRIPT], words
        log, _temporary, *words = words[4:]
        if words[0] == "-c":
            script = words[2]
            assert os.path.isfile(script)
            os.environ["ASCEND_HOME_PATH"] = os.path.dirname(script)
            words = words[3:]
        status = self.call(words[0], words[1:])
        os.environ.pop("ASCEND_HOME_PATH", None)
        with open(log, "a", encoding="utf-8") as file:
            file.write(self.host.out + self.host.err)
        return status, "", ""

    def call(self, path, words):
        self.calls.append(" ".join([os.path.basename(path), *words]))
        payload = self.payloads.get(path) or self.payloads.get(str(self.source / os.path.basename(path)))
        if payload:
            return self.host.call(str(payload), os.path.basename(path), *words)
        return self.host.script(path[len(str(self.root)) :], *words)

    def module(self, **options):
        """Run the module once and return its result."""
        with patch_module_args(options), pytest.raises(SystemExit):
            run_package.main()
        return json.loads(self.capsys.readouterr().out)

    def options(self, part, release="cann-7.0.0", **more):
        description = self.offer(part, release)
        chip = {"chip": "910b"} if part in ("kernels", "ops") else {}
        return {
            "kind": part,
            "version": description.version,
            "file": description.file,
            "source": f"node:{self.source}",
            "licence_accepted": True,
            "log": f"{self.root}/log/{description.file}.log",
            "temporary_directory": "/var/tmp",
            **chip,
            **more,
        }

    def install(self, part, release="cann-7.0.0", **more):
        """Run the module as the action plugin does: ask, then run with the package."""
        options = self.options(part, release, **more)
        asked = self.module(**options)
        if asked.get("failed") or not asked["changed"]:
            return asked
        return self.module(**options, package=f"{self.source}/{options['file']}")

    def settle(self, part, release="cann-7.0.0", **more):
        """Check, run, run again; return the real run's result."""
        options = self.options(part, release, **more)
        before = len(self.calls)
        foreseen = self.module(_ansible_check_mode=True, **options)
        assert len(self.calls) == before, "check mode ran a package"
        done = self.install(part, release, **more)
        assert not done.get("failed"), done["msg"]
        for key in ("changed", "actions", "command", "diff", "version_after"):
            assert foreseen[key] == done[key], key
        count = len(self.calls)
        again = self.module(**options)
        assert (again["changed"], again["actions"], len(self.calls)) == (False, [], count)
        return done

    def remove(self, part, version="", **more):
        """Check, remove, remove again; return the real run's result."""
        options = {"kind": part, "version": version, "state": "absent", "log": f"{self.root}/log/x", **more}
        options.setdefault("temporary_directory", "/var/tmp")
        foreseen = self.module(_ansible_check_mode=True, **options)
        done = self.module(**options)
        assert not done.get("failed"), done["msg"]
        assert (foreseen["changed"], foreseen["actions"]) == (done["changed"], done["actions"])
        assert self.module(**options)["changed"] is False
        return done

    def has(self, path):
        return self.host.has(path)
