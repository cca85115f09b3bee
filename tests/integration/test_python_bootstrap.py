# SPDX-License-Identifier: GPL-3.0-or-later
"""A node without a usable Python gets a private one, and the preflight looks at it like at any other."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from integration.local_hosts import recap
from integration.test_preflight import ROOT, play

NODES = Path(__file__).parent / "python_bootstrap/inventory"
BARE = "fleet-python_bootstrap-without"
FILE = "python.tar.gz"
# The archive has the layout of the real one: python/bin/python3, python/lib/python3.11.
PACK = """
set -eu
mkdir -p /tmp/x/python/bin /tmp/x/python/lib
cp "$(readlink -f /usr/lib/npu-simulator/python)" /tmp/x/python/bin/python3
cp -r /usr/lib/python3.11 /tmp/x/python/lib/python3.11
tar -czf - -C /tmp/x python
"""


def on_node(*command: str) -> str:
    ran = subprocess.run(["docker", "exec", BARE, *command], capture_output=True, text=True, check=False)
    return ran.stdout.strip()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Make a directory with the archive and a catalog that names it."""
    made = tmp_path_factory.mktemp("python")
    image = ["docker", "run", "--rm", "--entrypoint", "sh", "ascend-fleet/node:nopython", "-c"]
    archive = subprocess.run([*image, PACK], capture_output=True, check=True).stdout
    (made / FILE).write_bytes(archive)
    version = subprocess.run(
        [*image, "/usr/lib/npu-simulator/python -V"], capture_output=True, text=True, check=True
    ).stdout.split()[1]
    write_catalog(made, version, hashlib.sha256(archive).hexdigest())
    return made


def write_catalog(folder: Path, version: str, sha256: str) -> None:
    one = {
        "version": version,
        "glibc": "2.36",
        "file": FILE,
        "url": None,
        "sha256": sha256,
        "source": "a test",
    }
    text = yaml.safe_dump({"interpreters": {"aarch64": one}})
    (folder / "interpreters.yml").write_text(text, encoding="utf-8")


@pytest.fixture
def nodes():
    """Bring up a node without and one with a Python, fresh from the factory."""
    racks = [sys.executable, str(ROOT / "simulator/racks.py")]
    subprocess.run([*racks, "fresh", "-i", str(NODES)], check=True)
    yield
    subprocess.run([*racks, "down", "-i", str(NODES)], check=True)


def bootstrap(
    folder: Path, *arguments: str, playbook: str = "python_bootstrap"
) -> subprocess.CompletedProcess:
    given = {
        "npu_fleet_catalog": [str(folder)],
        "python_bootstrap_source": str(folder),
        "npu_fleet_python_bootstrap": True,
    }
    return play(ROOT / f"playbooks/{playbook}.yml", "-e", json.dumps(given), *arguments, inventories=[NODES])


def changes(ran: subprocess.CompletedProcess) -> dict[str, int]:
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return {host: counts["changed"] for host, counts in recap(ran).items()}


@pytest.mark.usefixtures("nodes")
def test_a_node_without_a_python_gets_one_and_is_looked_at(folder, tmp_path):
    foreseen = bootstrap(folder, "--check")
    assert changes(foreseen)["with"] == 0
    assert "would be unpacked into /opt/ascend-fleet/python" in " ".join(foreseen.stdout.split())
    assert on_node("ls", "/opt") == ""

    report = tmp_path / "report.json"
    keep = ["-e", f"npu_preflight_file={report}"]
    assert bootstrap(folder, "--check", *keep, playbook="preflight").returncode != 0
    (problem,) = json.loads(report.read_text(encoding="utf-8"))["problems"]
    assert (problem["host"], problem["severity"]) == ("without", "error")
    assert problem["found"].startswith("no Python that can run modules: ")

    looked = bootstrap(folder, *keep, playbook="preflight")
    assert changes(looked) == {"without": 2, "with": 0}
    hosts = json.loads(report.read_text(encoding="utf-8"))["hosts"]
    assert hosts["without"]["python"]["executable"] == "/opt/ascend-fleet/python/bin/python3"
    assert hosts["with"]["python"]["executable"] == "/usr/bin/python3.11"
    assert hosts["without"]["npus_on_bus"] == 8
    assert on_node("stat", "-c", "%U %a", "/opt/ascend-fleet/python") == "root 755"
    assert on_node("sh", "-c", "ls -d /var/tmp/ascend-fleet* /opt/ascend-fleet/python.*") == ""

    assert changes(bootstrap(folder)) == {"without": 0, "with": 0}
    assert changes(bootstrap(folder, "--check", playbook="preflight")) == {"without": 0, "with": 0}


@pytest.mark.usefixtures("nodes")
def test_a_spoilt_archive_is_not_unpacked_and_another_version_is_replaced(folder, tmp_path):
    known = yaml.safe_load((folder / "interpreters.yml").read_text(encoding="utf-8"))["interpreters"][
        "aarch64"
    ]
    write_catalog(tmp_path, known["version"], "0" * 64)
    (tmp_path / FILE).symlink_to(folder / FILE)
    ran = bootstrap(tmp_path)
    assert ran.returncode != 0
    said = " ".join((ran.stdout + ran.stderr).split())
    assert (
        f"with the sha256 {known['sha256']}, wanted {'0' * 64}; fetch it again. Nothing was unpacked." in said
    )
    assert on_node("ls", "-A", "/opt/ascend-fleet") == ""
    assert recap(ran)["with"]["failed"] == 0

    on_node("mkdir", "-p", "/opt/ascend-fleet/python/bin")
    on_node("sh", "-c", "echo '#!/bin/sh\necho Python 3.8.0' > /opt/ascend-fleet/python/bin/python3")
    on_node("chmod", "+x", "/opt/ascend-fleet/python/bin/python3")
    assert changes(bootstrap(folder)) == {"without": 2, "with": 0}
    assert on_node("/opt/ascend-fleet/python/bin/python3", "-V") == f"Python {known['version']}"
    assert on_node("ls", "/opt/ascend-fleet") == "python"


@pytest.mark.usefixtures("nodes")
def test_the_whole_run_brings_a_node_without_a_python_to_its_release(folder, tmp_path):
    """The apt of Ansible has no bindings there: what the system lacks is for its people to install.

    Without frameworks: the simulator's conda is no Python of its own, as the real one is.
    """
    release = yaml.safe_load((ROOT / "catalog/releases/cann-7.0.0.yml").read_text(encoding="utf-8"))
    text = yaml.safe_dump({**release, "torch": [], "mindspore": []}, sort_keys=False)
    (folder / "releases").mkdir()
    (folder / "releases/cann-7.0.0.yml").write_text(text, encoding="utf-8")
    words = {"npu_driver_system_packages": [], "npu_report_directory": str(tmp_path)}
    more = ["--limit", "without", "-e", json.dumps(words)]
    bootstrap(folder)
    done = bootstrap(folder, *more, playbook="site")
    assert changes(done)["without"] > 0
    (told,) = json.loads((tmp_path / "fleet.json").read_text(encoding="utf-8"))["nodes"]
    assert (told["state"], told["failure"]) == ("changed", {})
    assert {part: told["after"][part] for part in ("driver", "firmware", "cann")} == {
        "driver": "23.0.3",
        "firmware": "7.1.0.5.220",
        "cann": "7.0.0",
    }
    assert changes(bootstrap(folder, *more, playbook="site"))["without"] == 0
    assert on_node("sh", "-c", "command -v python3 || echo none") == "none"
