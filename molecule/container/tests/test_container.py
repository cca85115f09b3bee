# SPDX-License-Identifier: GPL-3.0-or-later
"""What containers on three nodes see of the NPUs: by devices one by one, and by the vendor's runtime."""

from __future__ import annotations

import json

import pytest

DEVICES, RUNTIME, CONTAINERD = "container-devices", "container-runtime", "container-containerd"
HOSTS = [DEVICES, RUNTIME]  # whose containers the role runs
testinfra_hosts = [f"ssh://{host}" for host in (*HOSTS, CONTAINERD)]
BINARY = "/usr/local/Ascend/Ascend-Docker-Runtime/ascend-docker-runtime"
SETTINGS = "/etc/containerd/config.toml"
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
    assert not host.file("/var/lib/ascend-fleet-image").exists


def test_containerd_has_the_runtime_in_its_settings_and_has_started_since(host):
    if name_of(host) != CONTAINERD:
        return
    with host.sudo():
        dump = host.check_output("containerd config dump")
        settings, socket = map(host.file, (SETTINGS, "/run/containerd/containerd.sock"))
        assert settings.mtime <= socket.mtime
    table = dump[dump.index('[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.ascend.options]') :]
    assert f'BinaryName = "{BINARY}"' in table.splitlines()[1].strip()
    assert 'default_runtime_name = "ascend"' in dump


def test_a_container_of_containerd_goes_through_the_runtime(host):
    """As the vendor's manual starts one: ctr is told the runtime's program."""
    if name_of(host) != CONTAINERD:
        return
    run = f"ctr run --rm --snapshotter native --runc-binary {BINARY} --env ASCEND_VISIBLE_DEVICES"
    with host.sudo():
        host.check_output("docker save fleet/computes:1 | ctr image import --snapshotter native -")
        listed = host.check_output(f"{run}=1,2 docker.io/fleet/computes:1 proof npu-smi info -l")
        without = host.check_output(f"{run}= docker.io/fleet/computes:1 other ls /dev")
    assert [line.split(":")[1].strip() for line in listed.splitlines() if "NPU ID" in line] == ["1", "2"]
    assert "davinci" not in without


def test_containerd_is_changed_once(kept):
    assert "install docker_runtime 7.3.0; restart containerd" in kept.said("check")
    assert "install docker_runtime 7.3.0; restart containerd" in kept.said("run")
    assert kept.changed("refused", CONTAINERD) == 0
    assert kept.changed("run", CONTAINERD) > 0
    assert kept.changed("again", CONTAINERD) == 0


@pytest.mark.parametrize(
    ("command", "host_name", "task"),
    [
        ("cut_load", DEVICES, "Load | Load it"),
        ("cut_install", RUNTIME, "Runtime | Run the vendor's installer"),
        ("cut_restart", RUNTIME, "Runtime | Restart the engine"),
    ],
)
def test_a_cut_run_has_come_as_far_as_its_cut(kept, command, host_name, task):
    assert task in kept.said(command)
    assert made(kept, command, host_name) == 0


def test_the_run_after_the_cuts_does_what_was_left(kept):
    installers = {
        name: [call for call in kept.calls(name, RUNTIME) if "docker-runtime" in str(call["argv"])]
        for name in ("cut_install", "cut_restart", "run")
    }
    assert installers["cut_install"] + installers["cut_restart"]
    assert installers["run"] == []  # it was complete, but Docker did not know it
    assert "restart docker; load the image" in kept.said("run")


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
