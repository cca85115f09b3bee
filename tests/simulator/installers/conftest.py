# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated node on which the packages of real releases can be run, without Docker and root."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest
from npu_simulator import boot, installers, kernel
from npu_simulator.installers import system
from npu_simulator.installers.package import PACKAGE_FILE
from packages.release_packages import CATALOG, describe

USERS = "root:x:0:0:root:/root:/bin/bash\nHwHiAiUser:x:1000:1000::/home/HwHiAiUser:/bin/bash\n"


NAMES = {
    "any": {
        "driver": ("Ascend-hdk-{chip}-npu-driver_25.5.0_linux-aarch64.run", "aarch64"),
        "firmware": ("Ascend-hdk-{chip}-npu-firmware_7.8.0.5.201.run", "any"),
        "toolkit": ("Ascend-cann-toolkit_{version}_linux-aarch64.run", "aarch64"),
        "nnal": ("Ascend-cann-nnal_{version}_linux-aarch64.run", "aarch64"),
        "toolbox": ("Ascend-mindx-toolbox_7.3.0_linux-aarch64.run", "aarch64"),
        "docker_runtime": ("Ascend-docker-runtime_7.3.0_linux-aarch64.run", "aarch64"),
    },
    "ascend-toolkit": {
        "kernels": ("Ascend-cann-kernels-{chip}_{version}_linux-aarch64.run", "aarch64"),
        "nnae": ("Ascend-cann-nnae_{version}_linux-aarch64.run", "aarch64"),
        "nnrt": ("Ascend-cann-nnrt_{version}_linux-aarch64.run", "aarch64"),
        "tfplugin": ("Ascend-cann-tfplugin_{version}_linux-aarch64.run", "aarch64"),
    },
    "cann": {"ops": ("Ascend-cann-{chip}-ops_{version}_linux-aarch64.run", "aarch64")},
}
ALL_PARTS = [part for table in NAMES.values() for part in table]


class Host:
    """A node that has what the packages want, and a way to run them."""

    def __init__(self, node, payloads):
        self.node, self.payloads = node, payloads
        self.catalog = payloads.parent / "catalog"
        self.out = self.err = ""
        for folder in ("/usr/bin", "/usr/local", "/etc/init.d", "/root", "/home/HwHiAiUser"):
            node.path(folder).mkdir(parents=True, exist_ok=True)
        node.path("/etc/passwd").write_text(USERS)
        node.path("/etc/group").write_text("root:x:0:\nHwHiAiUser:x:1000:\n")
        for tool in json.loads(Path(system.__file__).with_name("tools.json").read_text())["driver"] + [
            "dkms",
            "gcc",
        ]:
            node.path(f"/usr/bin/{tool}").write_text("")
            node.path(f"/usr/bin/{tool}").chmod(0o755)
        node.path(kernel.headers()).mkdir(parents=True)
        self.set(seconds={})

    def set(self, **values):
        with self.node.change() as state:
            state.update(values)

    def fault(self, **faults):
        self.set(faults=faults)

    def run(self, part, *words, release="cann-7.0.0", product="atlas_800t_a2", stdin=""):
        catalog = self.catalog if self.has_made(release) else CATALOG
        described = describe(release, product, "aarch64", catalog)
        description = next(one for one in described if one.part == part)
        payload = self.payloads / f"{part}-{description.version}-{product}"
        payload.mkdir(exist_ok=True)
        (payload / PACKAGE_FILE).write_text(description.content)
        return self.call(str(payload), description.file, *words, stdin=stdin)

    def script(self, path, *words, stdin=""):
        """Run a script that an installer left: it hands its words over to the simulator."""
        line = self.node.path(path).read_text().splitlines()[-1]
        own = line.partition("run installers ")[2].split()[:-1]
        return self.call(*own, *words, stdin=stdin)

    def call(self, *argv, stdin=""):
        out, err = io.StringIO(), io.StringIO()
        try:
            return installers.main(list(argv), self.node, io.StringIO(stdin), out, err)
        finally:
            self.out, self.err = out.getvalue(), err.getvalue()

    def has_made(self, release):
        return (self.catalog / f"releases/{release}.yml").exists()

    def install_hdk(self, release="cann-7.0.0"):
        assert self.run("driver", "--full", "--quiet", "--install-for-all", release=release) == 0
        assert self.run("firmware", "--full", "--quiet", release=release) == 2
        boot.boot(self.node)

    def install_cann(self, release="cann-7.0.0", *words):
        assert self.run("toolkit", "--install", "--quiet", *words, release=release) == 0
        assert self.run("kernels", "--install", "--quiet", *words, release=release) == 0

    def has(self, path):
        return os.path.lexists(self.node.path(path))

    def text(self, path):
        return self.node.path(path).read_text()


@pytest.fixture
def make_release(tmp_path):
    """Give what makes a release with all CANN packages: version, layout -> its name."""
    folder = tmp_path / "catalog"
    (folder / "releases").mkdir(parents=True)
    for table in ("chips.yml", "products.yml"):
        (folder / table).write_text((CATALOG / table).read_text())

    def make(version, layout, parts=ALL_PARTS):
        names = NAMES["any"] | NAMES[layout]
        rows = [
            {"part": part, "chip": "910b" if "{chip}" in name else "any", "arch": arch, "file": name}
            for part in parts
            for name, arch in [names.get(part, (None, None))]
            if name
        ]
        rows = [{**row, "file": row["file"].format(version=version, chip="910b")} for row in rows]
        hdk = {"910b": {"driver": "25.5.0", "firmware": "7.8.0.5.201", "mcu": "25.55.23"}}
        bill = {"cann": {"version": version, "layout": layout}, "hdk": hdk, "packages": rows}
        (folder / f"releases/cann-{version.lower()}.yml").write_text(json.dumps(bill))
        return f"cann-{version.lower()}"

    return make


@pytest.fixture
def make_host(tmp_path, monkeypatch):
    """Give what puts all that the packages want onto a node."""
    monkeypatch.setattr(boot, "start_in_background", lambda command: None)
    (tmp_path / "payloads").mkdir()
    return lambda node: Host(node, tmp_path / "payloads")


@pytest.fixture
def host(make_host, node):
    """Give a node of the family 910B that the packages can be run on."""
    return make_host(node)
