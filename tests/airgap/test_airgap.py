# SPDX-License-Identifier: GPL-3.0-or-later
"""A bundle brings bare nodes to verified ones where controller and nodes have no network but their own."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

import pytest
import yaml
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog
from ansible_collections.ascend.fleet.plugins.plugin_utils._release import Request, resolve
from docker_engine import DockerError, docker

from airgap import connected, site

HOSTS = {"airgap-a2": "atlas_800t_a2", "airgap-910": "atlas_800_9000"}
OPERATIONS = connected.ROOT / "docs/operations.md"
# What every node can do elsewhere: read what Debian's mirror offers.
WAY_OUT = (
    "mkdir -p /tmp/lists/partial && apt-get -o Dir::State::lists=/tmp/lists -o Acquire::Retries=0 "
    "-o Acquire::http::Timeout=5 update --error-on=any"
)
# What is missing from the bundle for a while, and whom it troubles.
HOLES = {
    "packages/Ascend-hdk-910b-npu-firmware_7.1.0.5.220.run": {"airgap-a2"},
    f"packages/{connected.CONDA}": set(HOSTS),
    "wheelhouse/torch_npu-2.1.0-cp39-cp39-manylinux_2_17_aarch64.manylinux2014_aarch64.whl": set(HOSTS),
}
APT = "find /var/lib/apt/lists /var/cache/apt/archives -type f ! -name lock -newermt {made}"
INSTALLERS = "installers"  # what the simulator calls all of them


@dataclass
class Story:
    """What happened, in its order."""

    commands: list[str]
    installed: site.Run
    holed: site.Run
    problems: list[dict]
    calls: list[str]
    seen: site.Run
    planned: site.Run
    first: site.Run
    report: dict
    second: site.Run


@pytest.fixture(scope="module")
def story():
    """Pack, carry, set up, look at it with holes, and run it twice, as the bundle's README says."""
    connected.pack()
    site.stop()
    site.start()
    try:
        yield tell()
    finally:
        site.stop()


def tell():
    """Do what the README says, line by line; the inventory lies beside the bundle's folders."""
    readme = (connected.BUNDLE / "README.md").read_text(encoding="utf-8")
    setup, _inventory, use = re.findall(r"```\w+\n(.*?)```", readme, re.DOTALL)
    change, install = setup.splitlines()
    activate, look, plan, run = use.splitlines()
    assert (change, activate) == ("cd /srv/fleet", ". venv/bin/activate")
    installed = site.run(install, "install")
    assert installed.status == 0, installed.text
    holed = with_holes(run)
    seen, planned = site.ansible(look, "preflight"), site.ansible(plan, "check")
    first = site.ansible(run, "first")
    assert first.status == 0, first.text
    report = site.report()
    second = site.ansible(run, "second")
    return Story(
        [change, install, activate, look, plan, run], installed, *holed, seen, planned, first, report, second
    )


def with_holes(run):
    """Run it without some files; return how that ended, the problems it told, and who was called."""
    site.root("mkdir", "/srv/holes")
    for hole in HOLES:
        site.root("mv", f"/srv/fleet/{hole}", "/srv/holes")
    ended = site.ansible(f"{run} -e npu_preflight_file=/srv/fleet/preflight.json", "holed")
    problems = json.loads(site.root("cat", "/srv/fleet/preflight.json"))["problems"]
    calls = [program for host in HOSTS for program in programs(host)]
    for hole in HOLES:
        site.root("mv", f"/srv/holes/{hole.rpartition('/')[2]}", f"/srv/fleet/{hole}")
    return ended, problems, calls


def programs(host):
    """Return which programs of the vendor were called on a node."""
    lines = connected.simulator("racks.py", "log", "-i", str(connected.INVENTORY), host).splitlines()
    return [json.loads(line)["program"] for line in lines]


def bill(product):
    """Return what a node is to have."""
    return resolve(Catalog(), Request(connected.RELEASE, product, "aarch64"))


def test_there_is_no_way_out(story):
    assert docker("network", "inspect", "--format", "{{.Internal}}", site.NETWORK) == "true"
    docker("run", "--rm", "--entrypoint", "sh", site.IMAGE, "-c", WAY_OUT)  # where there is one
    for container in (site.CONTROLLER, *(f"fleet-airgap-{host}" for host in HOSTS)):
        assert docker("inspect", "--format", "{{len .NetworkSettings.Networks}}", container) == "1"
        with pytest.raises(DockerError, match="docker exec failed with status 100"):
            docker("exec", container, "sh", "-c", WAY_OUT)


def test_the_controller_is_set_up_from_the_bundle_alone(story):
    listed = json.loads(site.ansible("python -m pip list --format=json").text)
    packed = {wheel.name.split("-")[0].lower() for wheel in (connected.BUNDLE / "python").glob("*.whl")}
    assert {one["name"].lower().replace("-", "_") for one in listed} == packed
    version = yaml.safe_load((connected.ROOT / "galaxy.yml").read_text())["version"]
    assert f"ascend.fleet:{version} was installed successfully" in story.installed.text


def test_the_commands_are_those_of_the_documentation(story):
    text = OPERATIONS.read_text(encoding="utf-8")
    assert " ".join(connected.COMMAND.split()) in " ".join(text.replace("\\\n", " ").split())
    assert [command for command in story.commands if command not in text] == []


def test_host_keys_are_checked(story):
    ask = "ansible all -i inventory -m ansible.builtin.ping"
    assert site.ansible(ask).status == 0
    other = "ANSIBLE_SSH_CONTROL_PATH_DIR=/tmp/other"  # not the connection that is open
    refused = site.ansible(f"{other} {ask} --ssh-common-args='-o UserKnownHostsFile=/dev/null'")
    assert refused.status != 0
    assert "Host key verification failed" in refused.text
    assert all(re.search(rf"{host}\b.*UNREACHABLE!", refused.text) for host in HOSTS)


def test_a_bundle_with_holes_is_refused_before_anything_is_touched(story):
    assert story.holed.status != 0
    assert "Nothing was touched" in story.holed.text
    errors = [problem for problem in story.problems if problem["severity"] == "error"]
    for hole, hosts in HOLES.items():
        named = [problem["host"] for problem in errors if hole.rpartition("/")[2] in problem["found"]]
        assert set(named) == hosts
    assert {problem["found"] for problem in errors if "torch_npu==" in problem["found"]} == {
        "no wheel in /srv/fleet/wheelhouse for torch_npu==2.1.0"
    }
    assert INSTALLERS not in story.calls
    assert all(INSTALLERS in programs(host) for host in HOSTS), "this is what they are called later"


def test_the_preflight_and_the_plan_find_nothing_in_the_way(story):
    assert story.seen.status == 0, story.seen.text
    assert story.planned.status == 0, story.planned.text


def test_the_first_run_verifies_the_nodes(story):
    assert story.first.status == 0, story.first.text
    assert {host: story.report[host]["state"] for host in HOSTS} == dict.fromkeys(HOSTS, "changed")
    for host, product in HOSTS.items():
        wanted = bill(product)
        after = {part: version and version.lower() for part, version in story.report[host]["after"].items()}
        parts = ("driver", "firmware", "cann", "torch", "torch_npu")
        assert {part: after[part] for part in parts} == {part: wanted[part].lower() for part in parts}


@pytest.mark.parametrize("host", HOSTS)
def test_the_node_itself_says_so(story, host):
    wanted = bill(HOSTS[host])
    read = "cat /usr/local/Ascend/driver/version.info /usr/local/Ascend/firmware/version.info"
    versions = re.findall(r"^Version=(.*)$", site.on_node(host, read), re.M)
    assert versions == [wanted["driver"], wanted["firmware"]]
    toolkit = "/usr/local/Ascend/ascend-toolkit/latest/aarch64-linux/ascend_toolkit_install.info"
    assert f"version={wanted['cann']}\n" in site.on_node(host, f"cat {toolkit}")
    assert wanted["driver"] in site.on_node(host, "npu-smi info")
    listed = site.on_node(host, "/opt/miniforge3/envs/torch_npu/bin/python -m pip list --format=json")
    found = {one["name"].replace("-", "_"): one["version"] for one in json.loads(listed)}
    assert (found["torch"], found["torch_npu"]) == (wanted["torch"], wanted["torch_npu"])


def test_the_second_run_finds_nothing_to_do(story):
    assert story.second.status == 0, story.second.text
    assert set(story.second.recap) == set(HOSTS)
    for figures in story.second.recap.values():
        assert (figures["changed"], figures["failed"], figures["unreachable"]) == (0, 0, 0)


@pytest.mark.parametrize("host", HOSTS)
def test_no_package_manager_of_a_node_was_asked_for_what_is_there(story, host):
    task = r"Provide the tools that the driver installer demands\] \*+\n(.*?)\n\n"
    told = " ".join(re.findall(task, story.first.text, re.DOTALL))
    assert f"skipping: [{host}]" in told
    made = docker("inspect", "--format", "{{.Created}}", f"fleet-airgap-{host}")
    assert site.on_node(host, APT.format(made=made[: len("2026-01-01T00:00:00")] + "Z")) == ""
