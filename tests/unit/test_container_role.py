# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role npu_container makes of what its tasks have found, as its vars/main.yml says it."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

ROLE = Path(__file__).resolve().parents[2] / "roles/npu_container"


def say(name, **given):
    """Return a variable of the role, with the registered results ``given``."""
    loader = DataLoader()
    known = {"inventory_hostname": "node", "npu_container_restart_timeout": 60}
    files = [
        loader.load_from_file(str(ROLE / folder / "main.yml"), trusted_as_template=True)
        for folder in ("defaults", "vars")
    ]
    return Templar(loader, {**files[0], **files[1], **known, **given}).template(files[1][name])


@pytest.mark.parametrize(
    ("given", "found", "file"),
    [
        (
            {
                "__npu_container_restarted": {"changed": True},
                "__npu_container_known": {
                    "failed": True,
                    "host_info": {"Runtimes": {"runc": {}, "crun": {}}},
                },
            },
            "docker that knows the runtimes crun, runc",
            "/etc/docker/daemon.json",
        ),
        (
            {
                "__npu_container_restarted": {"changed": True},
                "__npu_container_known": {"failed": True, "msg": "Connection refused\n"},
            },
            "docker that does not answer (Connection refused)",
            "journalctl -u docker",
        ),
        (
            {"__npu_container_restarted": {"failed": True, "msg": "Job for docker.service failed"}},
            "docker that does not start (Job for docker.service failed)",
            "journalctl -u docker",
        ),
        (
            {
                "npu_container_runtime_scene": "containerd",
                "__npu_container_restarted": {"changed": True},
                "__npu_container_known": {
                    "failed": True,
                    "rc": 1,
                    "stderr": "ctr: failed to dial",
                    "msg": "x",
                },
            },
            "containerd that does not answer (ctr: failed to dial)",
            "/etc/containerd/config.toml",
        ),
    ],
)
def test_an_engine_that_does_not_know_the_runtime_is_named_with_what_to_do(given, found, file):
    (problem,) = say("__npu_container_unknown", **given)
    assert (problem["host"], problem["found"]) == ("node", found)
    assert problem["wanted"].endswith("knows the runtime ascend, within 60 s")
    assert file in problem["fix"]


def test_what_has_ended_is_told_by_who_was_asked_last():
    run = [
        {"container_wanted": {"name": name}, "container": {"State": {"Pid": pid}}}
        for name, pid in (("a", 1), ("b", 2))
    ]
    seen = say(
        "__npu_container_seen",
        npu_container_containers=[{"name": "a"}, {"name": "b"}, {"name": "c", "state": "absent"}],
        __npu_container_smi={"results": [{"rc": 0}, {"msg": "409"}]},
        __npu_container_own={"results": [{}, {}]},
        __npu_container_run={"results": [*run, {"container_wanted": {"name": "c"}}]},
        __npu_container_ended={"results": [{"skipped": True}, {"container": {"State": {"Pid": 0}}}]},
    )
    assert [one["state"] for one in seen] == [{"Pid": 1}, {"Pid": 0}]
