# SPDX-License-Identifier: GPL-3.0-or-later
"""pip itself, with the arguments of the playbook fetch, takes the torch for the CPU from its index."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from ansible_collections.ascend.fleet.plugins.plugin_utils._fetch_list import fetch_list

PIP = Path(__file__).resolve().parents[2] / "roles/package_fetch/files/pip_for_target.py"


def offer(index, name, version):
    """Put a wheel for Python 3.9 on x86_64 into an index."""
    page = index / name.replace("_", "-") / "index.html"
    page.parent.mkdir(parents=True)
    file = f"{name}-{version}-cp39-cp39-linux_x86_64.whl"
    with zipfile.ZipFile(page.parent / file, "w") as wheel:
        about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        for part, text in (("METADATA", about), ("WHEEL", "Wheel-Version: 1.0\n"), ("RECORD", "")):
            wheel.writestr(f"{name}-{version}.dist-info/{part}", text)
    page.write_text(f'<a href="{file}">{file}</a>', encoding="utf-8")


def taken(folder, cpu):
    """Return the versions that pip takes for a host of x86_64, and from which index."""
    bill = {"arch": "x86_64", "release": "ours", "python": "3.9", "torch": "2.6.0", "torch_npu": "2.6.0"}
    bill |= {"python_packages": [], "mindspore": None, "packages": [], "wheels": []}
    inputs = {"torch": {"environment": "/opt/env", "cpu_index_url": cpu}}
    need = {"host": "a", "answer": {"found": bill, "error": None}, "parts": [], "frameworks": ["torch"]}
    downloads = {"conda_installers": {}, "sites": {}}
    found = fetch_list([{**need, "glibc": "2.28", "inputs": inputs}], downloads, dict)
    (one,) = found["environments"]
    words = ["install", "--dry-run", "--ignore-installed", "--quiet", "--report=-", f"--target={folder}/none"]
    own = ["--isolated", "--disable-pip-version-check", f"--index-url=file://{folder}/pypi"]
    pip = [sys.executable, PIP, json.dumps(one["markers"]), *words, *own, *one["arguments"]]
    said = subprocess.run(pip, check=True, capture_output=True, text=True).stdout
    return {
        row["metadata"]["version"]: row["download_info"]["url"]
        .removeprefix(f"file://{folder}/")
        .split("/")[0]
        for row in json.loads(said)["install"]
        if row["metadata"]["name"] == "torch"
    }


@pytest.fixture
def indexes(tmp_path):
    offer(tmp_path / "pypi", "torch", "2.6.0")
    offer(tmp_path / "pypi", "torch_npu", "2.6.0")
    offer(tmp_path / "cpu", "torch", "2.6.0+cpu")
    return tmp_path


def test_the_torch_for_the_cpu_comes_from_the_index_that_is_named(indexes):
    assert taken(indexes, f"file://{indexes}/cpu") == {"2.6.0+cpu": "cpu"}


def test_without_it_the_torch_is_the_one_of_the_index(indexes):
    assert taken(indexes, "") == {"2.6.0": "pypi"}
