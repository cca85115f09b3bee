# SPDX-License-Identifier: GPL-3.0-or-later
"""What the stand-ins of the container runtimes add to a container, before the real one makes it."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import json
import os
import sys
import tarfile
from pathlib import Path

import pytest
from npu_simulator import container_runtime

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def bundle(tmp_path):
    folder = tmp_path / "c0ffee"
    folder.mkdir()
    return folder / "config.json"


@pytest.fixture
def became(monkeypatch):
    """Return what the process became, instead of becoming it."""
    programs = []
    monkeypatch.setattr(container_runtime.os, "execv", lambda program, words: programs.append(words))
    return programs


def specification(*devices, environment=()):
    return {
        "process": {"env": list(environment)},
        "mounts": [],
        "linux": {"devices": [{"path": path} for path in devices]},
    }


def run(program, node, bundle, before, became):
    bundle.write_text(json.dumps(before), encoding="utf-8")
    words = ["--root", "/r", "create", "--bundle", str(bundle.parent), "c0ffee"]
    status = container_runtime.main([program, *words], node, io.StringIO(), io.StringIO(), sys.stderr)
    return status, json.loads(bundle.read_text(encoding="utf-8")), became


def with_device_files(node, *names):
    node.path("/dev").mkdir(exist_ok=True)
    for name in names:
        os.symlink("/dev/null", node.path(f"/dev/{name}"))


def test_a_container_is_shown_the_driver_with_its_chips_only(node, bundle, became):
    before = specification("/dev/davinci1", "/dev/davinci3", "/dev/davinci_manager")
    _status, after, programs = run("runc", node, bundle, before, became)
    targets = {mount["destination"]: mount["source"] for mount in after["mounts"]}
    assert set(targets) == {"/usr/lib/npu-simulator", "/var/lib/npu-simulator", "/var/log/npu-simulator"}
    state = json.loads(Path(targets["/var/lib/npu-simulator"], "state.json").read_text(encoding="utf-8"))
    assert [npu["phy_id"] for npu in state["npus"]] == [1, 3]
    assert state["environment"] == "container"
    assert node.read()["environment"] != "container"
    assert programs[0][:2] == ["/usr/lib/npu-simulator/runc", "--root"]


def test_a_container_without_npus_is_left_alone(node, bundle, became):
    before = specification("/dev/fuse")
    for program in ("runc", "ascend-docker-runtime"):
        assert run(program, node, bundle, before, became)[1] == before
    assert [words[0] for words in became] == ["/usr/lib/npu-simulator/runc", "/usr/sbin/runc"]


def test_the_runtime_adds_devices_and_files(node, bundle, became):
    with_device_files(node, "davinci0", "davinci2", "davinci3", "davinci_manager", "devmm_svm", "hisi_hdc")
    node.path("/etc/ascend-docker-runtime.d").mkdir(parents=True)
    node.path("/usr/local/dcmi").mkdir(parents=True)
    node.path(container_runtime.LIST).write_text("/usr/local/dcmi\n/usr/local/bin/none\n", encoding="utf-8")
    before = specification(environment=["PATH=/bin", "ASCEND_VISIBLE_DEVICES=0,2-3"])
    _status, after, _programs = run("ascend-docker-runtime", node, bundle, before, became)
    assert [device["path"] for device in after["linux"]["devices"]] == [
        *("/dev/davinci0", "/dev/davinci2", "/dev/davinci3"),
        *("/dev/davinci_manager", "/dev/devmm_svm", "/dev/hisi_hdc"),
    ]
    assert all(right["allow"] for right in after["linux"]["resources"]["devices"])
    assert [mount["destination"] for mount in after["mounts"]] == ["/usr/local/dcmi"]
    assert after["process"] == before["process"]


def test_in_the_mode_cdi_it_sets_the_path_of_the_libraries_too(node, bundle, became):
    with_device_files(node, "davinci0", "davinci_manager", "devmm_svm", "hisi_hdc")
    for path, text in {
        container_runtime.LIST: "",
        container_runtime.INFO: "os=linux\ninjection-mode=cdi\n",
    }.items():
        node.path(path).parent.mkdir(parents=True)
        node.path(path).write_text(text, encoding="utf-8")
    before = specification(environment=["ASCEND_VISIBLE_DEVICES=0"])
    _status, after, _programs = run("ascend-docker-runtime", node, bundle, before, became)
    assert after["process"]["env"][1:] == ["LD_LIBRARY_PATH=/usr/local/Ascend/driver/lib64"]
    assert after["linux"]["devices"][0]["path"] == "/dev/davinci0"


@pytest.mark.parametrize("words", ["0,x", "9"])
def test_unknown_npus_end_it_before_runc(node, bundle, became, capsys, words):
    before = specification(environment=[f"ASCEND_VISIBLE_DEVICES={words}"])
    status, after, programs = run("ascend-docker-runtime", node, bundle, before, became)
    assert (status, after, programs) == (1, before, [])
    assert "ascend-docker-runtime: " in capsys.readouterr().err


def test_an_archive_is_what_its_id_and_its_manifest_say(tmp_path):
    place = ROOT / "simulator/container_image.py"
    module = importlib.util.module_from_spec(importlib.util.spec_from_file_location("container_image", place))
    module.__spec__.loader.exec_module(module)
    identity = module.write_archive("fleet/cann:1", b"layer", tmp_path / "image.tar")
    with tarfile.open(tmp_path / "image.tar") as tar:
        (manifest,) = json.load(tar.extractfile("manifest.json"))
        config = tar.extractfile(manifest["Config"]).read()
    assert identity == f"sha256:{hashlib.sha256(config).hexdigest()}"
    assert manifest["RepoTags"] == ["fleet/cann:1"]
    assert json.loads(config)["rootfs"]["diff_ids"] == [f"sha256:{hashlib.sha256(b'layer').hexdigest()}"]
