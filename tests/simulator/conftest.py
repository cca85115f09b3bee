# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated node in a temporary directory, without Docker and without root."""

from __future__ import annotations

import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from conda.cached import Cache
from conda.installer_file import write
from conda.package_tree import PackageTree
from conda.program.relocation import PLACEHOLDER
from npu_simulator.state import Node, fresh_state

CHIPS = {
    "910b": {"npu_smi_names": ["910B3"], "pci": ["19e5:d802"]},
    "910_93": {"npu_smi_names": ["Ascend910"], "pci": ["19e5:d803"]},
    "910": {"npu_smi_names": ["910A"], "pci": ["19e5:d801"]},
    "310p": {"npu_smi_names": ["310P3"], "pci": ["19e5:d500"]},
}


def make_node(root, chip: str, uid: int = 0) -> Node:
    """Make a node with eight NPUs of the family ``chip`` below ``root``; those of A3 have two chips each."""
    dies = 2 if chip == "910_93" else 1
    product = {"key": f"test_{chip}", "name": f"Test {chip}", "chip": chip, "npus": 8, "chips_per_npu": dies}
    made = Node(str(root), uid=uid)
    made.create(fresh_state(product, CHIPS[chip], "aarch64"))
    (root / "etc").mkdir(exist_ok=True)
    return made


@pytest.fixture
def new_node():
    """Give the function that makes a node: folder, family of chips."""
    return make_node


@pytest.fixture(params=["910b", "910"], ids=["910B", "910A"])
def any_node(request, tmp_path):
    """Give a node of each of the two families in turn."""
    return make_node(tmp_path, request.param)


@pytest.fixture
def node(tmp_path):
    """Give a node with eight 910B chips, fresh from the factory, whose caller is root."""
    return make_node(tmp_path, "910b")


@pytest.fixture
def node_a3(tmp_path):
    """Give a node of a super pod with sixteen A3 dies, fresh from the factory, whose caller is root."""
    return make_node(tmp_path, "910_93")


@pytest.fixture
def node_910a(tmp_path):
    """Give a node with eight 910A chips, fresh from the factory, whose caller is root."""
    return make_node(tmp_path, "910")


@dataclass
class FakeInterpreter:
    """A Python that is the one of the tests, whatever it says of itself; has room for its folder's name."""

    suite: str
    version: str
    own_libc: bool = True
    recipe: str = "recipe"

    def unpack(self, _cache, folder):
        program = folder / f"bin/python{self.version.rsplit('.', 1)[0]}"
        program.parent.mkdir(parents=True)
        simulator = Path(__file__).parents[2] / "simulator"
        run = f'PYTHONPATH="{simulator}" exec "{sys.executable}" "$@"'
        text = f"#!/bin/sh\n{run}\n# loader {PLACEHOLDER}/lib/ld.so\0 end\n"
        program.write_text(text, encoding="utf-8")
        program.chmod(0o755)
        return self.version


def fake_wheel(folder, name, version, entry_points=""):
    """Write a wheel with one module and one program."""
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}/__init__.py", "def main():\n    print('it runs')\n")
        wheel.writestr(f"{name}/tests/test_it.py", "")
        wheel.writestr(f"{name}/launcher.exe", "")
        wheel.writestr(f"{name}-{version}.dist-info/METADATA", f"Name: {name}\nVersion: {version}\n\nText")
        wheel.writestr(f"{name}-{version}.dist-info/entry_points.txt", entry_points)


@pytest.fixture(scope="session")
def conda_installer(tmp_path_factory):
    """Write an installer with the real conda stand-in, but small other packages."""
    folder = tmp_path_factory.mktemp("conda")
    (folder / "cache").mkdir()
    cache = Cache(folder / "cache", "0")
    fake_wheel(cache.folder, "pip", "1.0", "[console_scripts]\npip = pip:main\n")
    fake_wheel(cache.folder, "setuptools", "2.0")
    tree = PackageTree(folder / "packages", "conda-forge")
    for suite, version in (("old", "3.9.2"), ("patched", "3.9.18")):
        tree.add_python(FakeInterpreter(suite, version), cache)
    base = [tree.add_python(FakeInterpreter("new", "3.11.2"), cache)]
    base += [tree.add_wheel("pip", "1.0", ["python", "setuptools"], cache)]
    base += [tree.add_wheel("setuptools", "2.0", ["python"], cache)]
    base += [tree.add_conda("25.11.0", ["python", "pip"])]
    description = {"name": "Miniforge3", "version": "25.11.0-1", "platform": "linux-aarch64", "base": base}
    file = folder / "Miniforge3-Linux-aarch64.sh"
    write(file, tree.folder, description)
    return file
