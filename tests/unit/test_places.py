# SPDX-License-Identifier: GPL-3.0-or-later
"""Where roles look for packages and wheels when a mirror stands before a directory."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

ROLES = Path(__file__).resolve().parents[2] / "roles"
MIRROR = "http://10.1.1.11:8042/"


def loaded(role, file):
    return DataLoader().load_from_file(str(ROLES / role / file), trusted_as_template=True)


def say(role, name, **given):
    """Return a variable of the role, or what a text with templates becomes."""
    own = {**loaded(role, "defaults/main.yml"), **loaded(role, "vars/main.yml")}
    return Templar(DataLoader(), {**own, **given}).template(own[name])


@pytest.mark.parametrize(
    ("wheelhouse", "directory"),
    [
        ({}, "/srv/ascend/packages/wheelhouse"),
        ({"npu_fleet_wheelhouse": "/srv/ascend/wheels"}, "/srv/ascend/wheels"),
        ({"npu_fleet_wheelhouse": f"{MIRROR}wheelhouse or /srv/ascend/wheels"}, "/srv/ascend/wheels"),
        ({"npu_fleet_wheelhouse": f"{MIRROR}wheelhouse"}, "/srv/ascend/packages/wheelhouse"),
        ({"npu_fleet_wheelhouse": "node:/srv/wheels"}, "/srv/ascend/packages/wheelhouse"),
    ],
)
def test_fetch_puts_wheels_where_the_nodes_and_the_mirror_take_them_from(wheelhouse, directory):
    given = {"npu_fleet_packages": f"{MIRROR}packages or /srv/ascend/packages", **wheelhouse}
    assert say("package_fetch", "package_fetch_directory", **given) == "/srv/ascend/packages"
    assert say("package_fetch", "package_fetch_wheelhouse", **given) == directory
    assert say("package_mirror", "package_mirror_wheelhouse", **given) == directory


@pytest.mark.parametrize(
    ("packages", "way", "asked"),
    [
        ("/srv/packages", "copy", "/srv/packages/mcu.zip"),
        (f"{MIRROR}packages or /srv/packages", "copy", "/srv/packages/mcu.zip"),
        (f"{MIRROR}packages", "get_url", f"{MIRROR}packages/mcu.zip"),
        ("node:/srv/packages", None, "/srv/packages/mcu.zip"),
    ],
)
def test_the_package_of_the_mcu_comes_from_one_place(packages, way, asked):
    own = {**loaded("npu_mcu", "defaults/main.yml"), **loaded("npu_mcu", "vars/main.yml")}
    given = {"npu_fleet_packages": packages, "npu_mcu_files": [{"file": "mcu.zip"}]}
    templar = Templar(DataLoader(), {**own, **given, "__npu_mcu_place": {"path": "/tmp/mcu"}})
    ways = {}
    for task in loaded("npu_mcu", "tasks/package.yml"):
        if "when" in task and templar.evaluate_conditional(task["when"]):
            (module,) = (name for name in task if name.startswith("ansible.builtin."))
            words = task[module]
            ways[module.split(".")[-1]] = templar.template(words.get("src", words.get("url")))
    assert ways == ({way: asked} if way else {})
    assert templar.template(own["__npu_mcu_package"]) == ("/tmp/mcu/mcu.zip" if way else asked)


@pytest.mark.parametrize(
    ("packages", "sent", "archive"),
    [
        ("/srv/packages", "/srv/packages/python.tar.gz", "/var/tmp/archive.tar.gz"),
        (f"{MIRROR} or /srv/packages", "/srv/packages/python.tar.gz", "/var/tmp/archive.tar.gz"),
        (f"{MIRROR}packages/", None, f"{MIRROR}packages/python.tar.gz"),
        ("node:/srv/packages", None, "/srv/packages/python.tar.gz"),
    ],
)
def test_the_private_python_comes_from_one_place(packages, sent, archive):
    given = {
        "npu_fleet_packages": packages,
        "__python_bootstrap_wanted": {"file": "python.tar.gz"},
        "__python_bootstrap_room": {"stdout": "/var/tmp"},
    }
    assert say("python_bootstrap", "__python_bootstrap_archive", **given) == archive
    own = {**loaded("python_bootstrap", "defaults/main.yml"), **loaded("python_bootstrap", "vars/main.yml")}
    templar = Templar(DataLoader(), {**own, **given})
    put = "ascend.fleet.put_file"
    (task,) = (one for one in loaded("python_bootstrap", "tasks/install.yml") if put in one)
    found = templar.template(task[put]["src"]) if templar.evaluate_conditional(task["when"]) else None
    assert found == sent
