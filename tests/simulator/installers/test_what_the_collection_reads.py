# SPDX-License-Identifier: GPL-3.0-or-later
"""What the collection reads on a node is what the packages left there, and it finds their uninstallers."""

from __future__ import annotations

import pytest
from ansible_collections.ascend.fleet.plugins.module_utils._software import read_software
from ansible_collections.ascend.fleet.plugins.module_utils._software_cann import uninstallers

ASCEND = "/usr/local/Ascend"
OLD = ("toolkit", "kernels", "nnae", "nnrt", "nnal", "tfplugin", "toolbox")
NEW = ("toolkit", "ops", "nnal")


@pytest.fixture
def installed(host, make_release, monkeypatch):
    """Install every part of both trees side by side, and return how to read the node."""
    monkeypatch.setenv("ASCEND_HOME_PATH", ASCEND)
    older, newer = make_release("8.3.RC1", "ascend-toolkit"), make_release("8.5.0", "cann")
    assert host.run("driver", "--full", "--quiet", release=newer) == 0
    assert host.run("firmware", "--full", "--quiet", release=newer) == 2
    for release, parts in ((older, OLD), (newer, NEW)):
        for part in parts:
            assert host.run(part, "--install", "--quiet", release=release) == 0
    assert host.run("docker_runtime", "--install", "--quiet", release=newer) == 0
    return lambda: read_software(host.node.root, ASCEND)


def test_every_part_is_read_complete_and_with_its_version(installed):
    software = installed()
    assert (software["driver"]["version"], software["driver"]["complete"]) == ("25.5.0", True)
    assert software["firmware"]["version"] == "7.8.0.5.201"
    parts = {(one["part"], one["version"]): one for one in software["cann"]}
    assert set(parts) == {(part, "8.3.RC1") for part in OLD if part != "toolbox"} | {
        (part, "8.5.0") for part in NEW
    }
    assert all(one["complete"] for one in parts.values())
    assert parts["kernels", "8.3.RC1"]["chips"] == parts["ops", "8.5.0"]["chips"] == ["ascend910b"]
    assert software["cann_latest"] == "8.5.0"
    assert [one["version"] for one in software["toolbox"]] == ["7.3.0"]
    assert software["docker_runtime"]["version"] == "7.3.0"


def test_every_part_is_removed_by_the_uninstaller_that_is_found(installed, host):
    software = installed()
    parts = [*software["cann"], *software["toolbox"]]
    order = sorted(parts, key=lambda one: one["part"] not in {"kernels", "ops"})
    for part in order:
        first, *_others = uninstallers(host.node.root, part)
        assert host.script(first) == 0, part
        left = installed()
        assert (part["part"], part["version"]) not in {(one["part"], one["version"]) for one in left["cann"]}
    assert installed()["cann"] == installed()["toolbox"] == []
    assert not host.has("/etc/Ascend/ascend_cann_install.info")
