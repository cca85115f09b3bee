# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad inventories, each refused with its own sentences by the real playbook, and the demo's, which passes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from integration.local_hosts import recap
from integration.preflight_rows import write_inventory

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent / "preflight"
NODES = HERE / "inventory"
PLAYBOOK = ROOT / "playbooks/preflight.yml"
FEWEST = 30
# The demo's hosts, on the nodes of this test.
DEMO = {"node-a01-01": "good", "node-a01-02": "good", "node-b01-01": "ready", "node-b01-02": "ready"}


def read(file: Path):
    return yaml.safe_load(file.read_text(encoding="utf-8"))


ROWS = {
    name: row
    for file in ("inventory", "catalog", "values")
    for name, row in read(HERE / f"rows_{file}.yml").items()
}


def play(playbook: Path, *arguments: str, inventories=(NODES,)) -> subprocess.CompletedProcess:
    words = [word for inventory in inventories for word in ("-i", str(inventory))]
    return subprocess.run(
        [str(Path(sys.executable).with_name("ansible-playbook")), *words, *arguments, str(playbook)],
        cwd=ROOT,
        env={**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def nodes():
    """Bring up the nodes, each with its own faults, and take them away again."""
    racks = [sys.executable, str(ROOT / "simulator/racks.py")]
    subprocess.run([*racks, "fresh", "-i", str(NODES)], check=True)
    prepared = play(HERE / "prepare.yml")
    assert prepared.returncode == 0, prepared.stdout + prepared.stderr
    yield read(NODES / "hosts.yml")["all"]["children"]
    subprocess.run([*racks, "down", "-i", str(NODES)], check=True)


@pytest.fixture(scope="module")
def refused(nodes, tmp_path_factory):
    """Look at all bad hosts in one run."""
    folder = tmp_path_factory.mktemp("rows")
    inventory = write_inventory(ROOT, folder, ROWS, nodes)
    ran = play(PLAYBOOK, "-e", f"npu_preflight_file={folder}/report.json", inventories=[inventory])
    assert (folder / "report.json").exists(), ran.stdout + ran.stderr
    return ran, json.loads((folder / "report.json").read_text(encoding="utf-8")), folder


def fits(said: dict[str, str], wanted: dict[str, str], folder: Path) -> bool:
    """Tell whether a problem is the wanted one; three dots stand for any text."""
    patterns = {key: re.escape(text.replace("FOLDER", str(folder))) for key, text in wanted.items()}
    return all(
        re.fullmatch(pattern.replace(re.escape("..."), ".*"), said[key], re.DOTALL)
        for key, pattern in patterns.items()
    )


@pytest.mark.parametrize("name", ROWS)
def test_each_host_has_exactly_its_own_problems(refused, name):
    _ran, report, folder = refused
    said = [problem for problem in report["problems"] if problem["host"] == name]
    wanted = ROWS[name]["says"]
    assert len(said) == len(wanted), said
    for problem, sentence in zip(said, wanted):
        assert fits(problem, sentence, folder), f"\nsaid   {problem}\nwanted {sentence}"


def test_they_are_many_and_the_run_stops_with_one_table_of_them_all(refused):
    ran, report, _folder = refused
    bad = {problem["host"] for problem in report["problems"] if problem["severity"] == "error"}
    assert len(bad) >= FEWEST
    assert ran.returncode != 0
    assert "Nothing was touched. What stands in the way, of all nodes:" in ran.stdout
    assert "problems stop the run" in ran.stdout
    assert "To know" in ran.stdout
    assert sum(counts["changed"] for counts in recap(ran).values()) == 0
    counts = {severity: report[severity] for severity in ("errors", "warnings", "notes")}
    assert sum(counts.values()) == len(report["problems"])


def test_sound_nodes_pass_with_check_too_and_leave_what_was_found(nodes, tmp_path):
    file = tmp_path / "report.json"
    found = [
        "-e",
        f"npu_preflight_file={file}",
        "-e",
        '{"npu_preflight_memory_gb": 0}',
        "--limit",
        "good,ready",
    ]
    ran = play(PLAYBOOK, "--check", *found)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "No problem was found." in ran.stdout
    report = json.loads(file.read_text(encoding="utf-8"))
    assert (report["errors"], report["warnings"], report["notes"]) == (0, 0, 0)
    good, ready = report["hosts"]["good"], report["hosts"]["ready"]
    assert (good["product"], good["detected"]["chip"], good["npus_on_bus"]) == ("atlas_800t_a2", "910b", 8)
    assert good["detected"]["products"] == ["atlas_800t_a2", "atlas_900_a2_pod"]
    assert (ready["detected"]["product"], ready["system"]) == ("atlas_800_9000", "debian_11")
    assert abs(good["clock"]["ahead_s"]) < report["hosts"]["good"]["clock"]["epoch"]


def test_the_demo_passes(nodes, tmp_path):
    ports = {
        host: own["ansible_port"] for group in nodes.values() for host, own in group.get("hosts", {}).items()
    }
    hosts = {host: {"ansible_port": ports[node]} for host, node in DEMO.items()}
    own = tmp_path / "ports.yml"
    own.write_text(yaml.safe_dump({"all": {"hosts": hosts}}), encoding="utf-8")
    demo = ROOT / "inventories/demo"
    ran = play(PLAYBOOK, "-e", f"inventory_dir={demo}", inventories=[demo, own])
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert set(recap(ran)) == set(DEMO)
    assert "stop the run" not in ran.stdout


def test_the_report_blames_a_broken_node_for_its_own_problems_only(nodes, tmp_path):
    report = ROOT / "playbooks/report.yml"
    ran = play(report, "-e", f"npu_report_directory={tmp_path}", "--limit", "good,busy")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    told = json.loads((tmp_path / "fleet.json").read_text(encoding="utf-8"))["nodes"]
    failures = {node["host"]: node["failure"]["message"] for node in told}
    assert "7 NPU chips on the PCI bus" in " ".join(failures["busy"].split())
    assert "7 NPU chips" not in " ".join(failures["good"].split())  # it is bare, and that is said


def test_an_inventory_without_any_product_is_refused(tmp_path):
    inventory = tmp_path / "hosts.yml"
    groups = {"atlas_800ta2": {"hosts": {"node": None}}, "others": {"hosts": {"jump": None}}}
    inventory.write_text(yaml.safe_dump({"all": {"children": groups}}), encoding="utf-8")
    ran = play(PLAYBOOK, inventories=[inventory])
    assert ran.returncode != 0
    column = [line.split("|")[1] for line in ran.stdout.splitlines() if line.count("|") == 3]
    found = " ".join(" ".join(column).split())
    assert "the group atlas_800ta2, which is no product" in found
    assert "a host in no group of a product (others), like every other" in found
