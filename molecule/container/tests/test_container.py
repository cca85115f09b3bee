# SPDX-License-Identifier: GPL-3.0-or-later
"""What containers on two nodes see of the NPUs: by devices one by one, and by the vendor's runtime."""

from __future__ import annotations

import json

import pytest

DEVICES, RUNTIME = "container-devices", "container-runtime"
HOSTS = [DEVICES, RUNTIME]
testinfra_hosts = [f"ssh://{host}" for host in HOSTS]
SHARED = {"davinci_manager", "devmm_svm", "hisi_hdc"}
# After the last command that could change something: train has lost NPU 1.
NPUS = {
    (DEVICES, "train"): [0],
    (DEVICES, "infer"): [2, 3, 4, 5, 6, 7],
    (RUNTIME, "train"): list(range(8)),
    (RUNTIME, "other"): [],
}


def name_of(host):
    return host.backend.get_pytest_id().removeprefix("ssh://")


def inside(host, container, command):
    """Return what a command prints in a container of the node."""
    with host.sudo():
        return host.check_output(f"docker exec {container} {command}")


def made(kept, command, host):
    """Return how many containers the engine of the node has made in this command."""
    calls = kept.calls(command, host)
    return sum(call["program"] == "runc" for call in calls)


@pytest.mark.parametrize("container", ["train", "infer", "other"])
def test_a_container_has_the_device_files_of_its_npus_only(host, container):
    numbers = NPUS.get((name_of(host), container))
    if numbers is None:
        with host.sudo():
            assert host.run(f"docker inspect {container}").rc == 1
        return
    names = inside(host, container, "ls /dev").split()
    seen = {name for name in names if name.startswith("davinci")} | (SHARED & set(names))
    assert seen == ({f"davinci{number}" for number in numbers} | SHARED if numbers else set())


@pytest.mark.parametrize("container", ["train", "infer"])
def test_npu_smi_in_a_container_lists_its_npus_only(host, container):
    numbers = NPUS.get((name_of(host), container))
    if numbers is None:
        return
    listed = inside(host, container, "npu-smi info -l")
    assert f": {len(numbers)}" in listed.splitlines()[0]
    own = [line.split(":")[1].strip() for line in listed.splitlines() if line.strip().startswith("NPU ID")]
    assert own == [str(number) for number in numbers]


def test_a_container_without_npus_cannot_ask_for_them(host):
    if name_of(host) == RUNTIME:
        with host.sudo():
            assert host.run("docker exec other npu-smi info").rc != 0


def test_what_was_declared_is_what_runs(host):
    if name_of(host) != DEVICES:
        return
    with host.sudo():
        (train,) = json.loads(host.check_output("docker inspect train"))
    assert "PURPOSE=training" in train["Config"]["Env"]
    assert train["HostConfig"]["ShmSize"] == 128 * 1024**2
    assert train["HostConfig"]["NetworkMode"] == "host"
    assert train["HostConfig"]["RestartPolicy"]["Name"] == "unless-stopped"
    assert train["HostConfig"]["Privileged"] is False
    assert inside(host, "train", "cat /srv/node").strip() == DEVICES


def test_the_engine_knows_the_runtime_where_it_is_wanted(host):
    with host.sudo():
        runtimes = json.loads(host.check_output("docker info --format '{{json .Runtimes}}'"))
    assert ("ascend" in runtimes) is (name_of(host) == RUNTIME)


def test_no_archive_is_left_on_the_node(host):
    assert host.check_output("ls -A /var/tmp /tmp") == "/tmp:\n\n/var/tmp:"


@pytest.mark.parametrize("host_name", HOSTS)
def test_a_refused_run_names_all_problems_and_touches_nothing(kept, host_name):
    assert "0123, as npu_container_images" in kept.said("refused")
    assert kept.changed("refused", host_name) == 0
    assert made(kept, "refused", host_name) == 0


def test_npus_that_are_not_there_or_taken_are_named_with_the_rest(kept):
    said = kept.said("refused")
    assert "NPU 9 in the container train" in said
    assert "NPU 2 in the containers train" in said
    assert "each NPU in one container" in said


@pytest.mark.parametrize("host_name", HOSTS)
def test_check_mode_plans_and_makes_nothing(kept, host_name):
    assert kept.changed("check", host_name) > 0
    assert made(kept, "check", host_name) == 0
    for action in ("load the image fleet/computes:1", "start the container train"):
        assert action in kept.said("check")
    assert "install docker_runtime 7.3.0; restart docker" in kept.said("check")


@pytest.mark.parametrize("host_name", HOSTS)
def test_the_first_run_makes_the_containers_and_the_second_none(kept, host_name):
    assert made(kept, "run", host_name) == 2
    assert kept.changed("run", host_name) > 0
    assert made(kept, "again", host_name) == 0
    assert kept.changed("again", host_name) == 0


def test_a_container_that_loses_an_npu_is_made_anew_and_the_other_stays(kept):
    assert made(kept, "fewer", DEVICES) == 1
    assert "replace the container train" in kept.said("fewer")


def test_a_restart_that_ends_containers_needs_consent(kept):
    said = kept.said("unagreed")
    assert "2 running containers, which a" in said
    assert "npu_container_restart_" in said
    assert made(kept, "unagreed", DEVICES) == 0


def test_the_report_says_what_the_last_run_has_proven(kept):
    nodes = json.loads((kept.reports / "containers.json").read_text(encoding="utf-8"))["nodes"]
    checks = {(node["host"], check["check"]): check for node in nodes for check in node["checks"]}
    assert {place for place, check in checks.items() if check["passed"]} == {
        (DEVICES, "NPUs in the container train"),
        (DEVICES, "own check of the container train"),
        (DEVICES, "NPUs in the container infer"),
        (RUNTIME, "NPUs in the container train"),
    }
    assert checks[DEVICES, "NPUs in the container train"]["found"] == "NPU 0"
    assert checks[DEVICES, "own check of the container train"]["found"] == f"status 0 ({DEVICES})"


@pytest.mark.parametrize("host_name", HOSTS)
def test_every_run_proves_what_the_containers_see(kept, host_name):
    for command in ("run", "again", "fewer"):
        calls = [call for call in kept.calls(command, host_name) if call["program"] == "npu-smi"]
        assert [call["argv"] for call in calls].count(["info"]) >= 1 + (host_name == DEVICES)
