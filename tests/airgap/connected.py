# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine that has a network: it packs the bundle, with a web server that stands in for the vendor's."""

from __future__ import annotations

import html
import json
import os
import platform
import shutil
import subprocess
import sys
import zipfile
from email import message_from_bytes
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml
from packaging.utils import canonicalize_name
from unit.fetch_site import Site, sha256

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FOLDER = ROOT / ".build/airgap"
INVENTORY = FOLDER / "inventory"
BUNDLE = FOLDER / "data/fleet"
RELEASE = "cann-7.0.0"
PYTHON = "3.11"  # of the controller
PRODUCTS = ("atlas_800t_a2", "atlas_800_9000")
CATALOG = FOLDER / "catalog"
CONDA = "Miniforge3-Linux-aarch64.sh"
REFERER = "https://vendor.example/"
# As in docs/operations.md, where /data is what FOLDER/data is here.
COMMAND = (
    "ansible-playbook ascend.fleet.bundle -i inventory -e npu_fleet_bundle=/data/fleet "
    "-e package_fetch_directory=/data/fetched -e package_fetch_wheelhouse=/data/fetched/wheelhouse"
)


def simulator(program: str, *words: str) -> str:
    """Run a program of the simulator and return what it prints. Raises CalledProcessError."""
    command = [sys.executable, str(ROOT / "simulator" / program), *words]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def pack() -> str:
    """Make the inventory and the bundle anew, and return what the playbook says. Raises RuntimeError."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    shutil.copytree(HERE / "inventory", INVENTORY)
    (FOLDER / "data").mkdir()
    _make_packages()
    site = Site().start()
    try:
        _offer(site)
        return _play()
    finally:
        site.stop()


def _make_packages() -> None:
    """Make what the vendor, PyPI and conda-forge offer: the latter two of what is on them, and stand-ins."""
    products = [word for product in PRODUCTS for word in ("--product", product)]
    vendor = ("--output", str(FOLDER / "vendor"))
    simulator("packages/build.py", "--release", RELEASE, *products, *vendor, "--catalog", str(CATALOG))
    simulator("conda/build.py", *vendor)
    simulator("wheels/build.py", "--release", RELEASE, "--output", str(FOLDER / "index"))
    tags = ("manylinux_2_28", "manylinux_2_17", "manylinux2014")
    machine = [f"--python-version={PYTHON}", *(f"--platform={tag}_{platform.machine()}" for tag in tags)]
    words = ["download", "--quiet", "--only-binary=:all:", f"--dest={FOLDER}/index", *machine]
    core = f"ansible-core=={version('ansible-core')}"
    subprocess.run([sys.executable, "-m", "pip", *words, core, "pip"], check=True)
    _write_index()


def _write_index() -> None:
    """Make an index of the wheels: from a plain folder pip takes what another Python requires."""
    for wheel in sorted((FOLDER / "index").glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
            wanted = message_from_bytes(archive.read(name))["Requires-Python"] or ""
        page = FOLDER / "simple" / canonicalize_name(wheel.name.split("-")[0]) / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        with page.open("a", encoding="utf-8") as file:
            href = f'href="{wheel.as_uri()}" data-requires-python="{html.escape(wanted)}"'
            file.write(f"<a {href}>{wheel.name}</a>\n")


def _offer(site: Site) -> None:
    """Let the release and conda's installer come from ``site``, which wants a Referer as the vendor does."""
    for file in (FOLDER / "vendor").glob("*.*"):
        site.offer(file.name, file.read_bytes(), referer=None if file.name == CONDA else REFERER)
    _change("releases/cann-7.0.0.yml", downloads=dict.fromkeys(("hdk", "cann"), f"http://{site.host}/"))
    installer = {
        "url": f"http://{site.host}/{CONDA}",
        "sha256": sha256(site.files[CONDA].content),
        "source": "simulator",
    }
    sites = {site.host: {"referer": REFERER, "source": "simulator"}}
    _change("downloads.yml", sites=sites, conda_installers={CONDA: installer})


def _change(name: str, **content: Any) -> None:
    file = CATALOG / name
    known = yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else {}
    file.write_text(yaml.safe_dump({**known, **content}, sort_keys=False), encoding="utf-8")


def _play() -> str:
    """Run the documented command, for a controller whose Python is another one; pip's index lies here."""
    own = {
        "package_fetch_pip_options": [f"--index-url=file://{FOLDER}/simple"],
        "package_fetch_bundle_pythons": [PYTHON],
    }
    keep = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    program, *words = COMMAND.replace("/data", f"{FOLDER}/data").split()
    command = [str(Path(sys.executable).with_name(program)), *words, "-e", json.dumps(own)]
    run = subprocess.run(
        command,
        cwd=FOLDER,
        env={
            **keep,
            "PIP_CONFIG_FILE": os.devnull,
            "ANSIBLE_CONFIG": f"{ROOT}/ansible.cfg",
            "ANSIBLE_NOCOLOR": "1",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    (FOLDER / "bundle.log").write_text(run.stdout + run.stderr, encoding="utf-8")
    if run.returncode:
        raise RuntimeError(f"the bundle was not packed, see {FOLDER}/bundle.log: {run.stdout[-3000:]}")
    return run.stdout
