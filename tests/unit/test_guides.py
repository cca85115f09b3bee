# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of a guide shows the inventory of its scenario, and each guide has both."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
GUIDES = ("000", "001", "002", "003", "004")
SHARED = ("molecule.yml", "inventory/group_vars/simulated.yml")
BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PORTS = range(42441, 42500)


def scenario(guide):
    return ROOT / f"molecule/guide_{guide}"


def page(guide):
    (file,) = (ROOT / "docs/guides").glob(f"{guide}-*.md")
    return file.read_text(encoding="utf-8")


def hosts(guide):
    content = yaml.safe_load((scenario(guide) / "inventory/hosts.yml").read_text(encoding="utf-8"))
    return content["all"]["children"]


@pytest.mark.parametrize("guide", GUIDES)
def test_the_page_shows_the_lines_of_the_scenarios_inventory(guide):
    shown = BLOCK.search(page(guide))[1].split("\n", 1)
    lines = (scenario(guide) / "inventory/group_vars/all/fleet.yml").read_text(encoding="utf-8")
    assert shown[1] == lines.split("---\n", 1)[1]
    (group,) = set(hosts(guide)) - {"simulated"}
    assert shown[0] == f"# group_vars/all/fleet.yml; hosts.yml has the nodes in the group {group}"


@pytest.mark.parametrize("guide", GUIDES)
def test_what_is_common_is_in_one_place(guide):
    for name in SHARED:
        link = scenario(guide) / name
        assert link.is_symlink()
        assert link.resolve().is_relative_to(ROOT / "molecule/shared/guide")
    own = {
        path.relative_to(scenario(guide)).parts[0] for path in scenario(guide).rglob("*") if path.is_file()
    }
    assert own <= {"molecule.yml", "inventory", "tests"}


def test_each_guide_has_a_node_and_a_port_of_its_own():
    nodes = [
        (name, node["ansible_port"])
        for guide in GUIDES
        for group in hosts(guide).values()
        for name, node in group.get("hosts", {}).items()
    ]
    assert [name for name, _port in nodes] == [f"guide-{guide}" for guide in GUIDES]
    ports = {port for _name, port in nodes}
    assert len(ports) == len(GUIDES)
    assert ports <= set(PORTS)


def test_all_scenarios_are_run_and_their_results_asked_for():
    found = {file.parent.name for file in ROOT.glob("molecule/*/molecule.yml")}
    assert {f"guide_{guide}" for guide in GUIDES} <= found
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    listed = (
        re.search(r"addprefix molecule-,([^)]*)\)", makefile)[1].replace(",", " ").replace("\\", " ").split()
    )
    run = re.search(
        r"^SCENARIOS = (\(.*?^\))", (ROOT / "noxfile.py").read_text(encoding="utf-8"), re.M | re.S
    )[1]
    named = re.findall(r'"(\w+)"', run)
    assert set(named) == set(listed) == found
    assert len(named) == len(found)


def test_the_results_of_all_parts_of_integration_are_asked_for():
    listed = re.search(r"addprefix integration-,([^)]*)\)", (ROOT / "Makefile").read_text(encoding="utf-8"))[
        1
    ]
    parts = re.search(r"^    parts = (\(.*\))", (ROOT / "noxfile.py").read_text(encoding="utf-8"), re.M)[1]
    assert listed.split() == re.findall(r'"(\w+)"', parts)


@pytest.mark.parametrize("guide", GUIDES)
def test_the_run_is_cut_in_a_task_that_there_is(guide):
    cut = yaml.safe_load((scenario(guide) / "tests/expected.yml").read_text(encoding="utf-8"))["cut"]
    role, name = cut["task"].split(" : ")
    tasks = [
        task["name"]
        for file in (ROOT / f"roles/{role}/tasks").glob("*.yml")
        for task in yaml.safe_load(file.read_text(encoding="utf-8"))
    ]
    assert [task for task in tasks if task.startswith(name)] != []
