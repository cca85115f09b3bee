# SPDX-License-Identifier: GPL-3.0-or-later
"""A rack with a mirror: what did the mirror get and give, and does a node do without it?"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

testinfra_hosts = ["ssh://mirror-serves"]
ROOT = Path(__file__).resolve().parents[3]
PACKAGES = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / "packages"
INSTALLER = "Miniforge3-Linux-aarch64.sh"


def node(host, name):
    """Return another node of the scenario, reached as this one is."""
    return host.get_host(f"ssh://{name}", ssh_config=str(ROOT / ".demo/ssh/mirror.conf"))


def test_the_mirror_holds_what_the_controller_holds(host):
    served = host.check_output("cd /srv/ascend-mirror/packages && sha256sum *")
    sums = {line.split()[1]: line.split()[0] for line in served.splitlines()}
    wanted = [path for path in PACKAGES.iterdir() if path.is_file() and path.suffix != ".zip"]
    assert sums == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in wanted}


def test_nginx_of_the_system_serves_it(host):
    assert host.package("nginx").is_installed
    assert host.socket("tcp://0.0.0.0:8042").is_listening
    with host.sudo():
        log = host.file("/var/log/nginx/access.log").content_string
    got = [line for line in log.splitlines() if f"GET /packages/{INSTALLER} " in line]
    address = node(host, "mirror-takes").check_output("hostname -I").split()[0]
    assert [line.split()[0] for line in got] == [address], "the package was not taken once, by the one node"
    assert " 200 " in got[0]


def sent():
    """Return the names of the packages that left the controller, by host."""
    text = (Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / "records.jsonl").read_text(encoding="utf-8")
    files = [record for record in map(json.loads, text.splitlines()) if record["kind"] == "file"]
    packages = {path.name for path in PACKAGES.iterdir()}
    names = {name: [] for name in ("mirror-serves", "mirror-takes", "mirror-gone")}
    for record in files:
        if record["file"] in packages:
            names[record["host"]].append(record["file"])
    return names


def test_one_copy_of_each_package_leaves_the_controller_for_a_rack():
    names = sent()
    assert len(names["mirror-serves"]) == len(set(names["mirror-serves"])) > 0
    assert INSTALLER in names["mirror-serves"]
    assert names["mirror-takes"] == []
    assert names["mirror-gone"] == [INSTALLER]


def test_a_node_without_its_mirror_has_the_package_from_the_controller(host):
    for name in ("mirror-takes", "mirror-gone"):
        assert node(host, name).file("/opt/miniforge3/bin/conda").exists


def test_nobody_can_change_what_the_mirror_serves(host):
    asked = "import urllib.request as r; r.urlopen(r.Request('http://127.0.0.1:8042/x', method='PUT'))"
    assert "HTTP Error 403" in host.run("python3 -c %s", asked).stderr
