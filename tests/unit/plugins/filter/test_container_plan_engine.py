# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in the way of the Ascend Docker Runtime: the engine's settings, the way it gives NPUs."""

from __future__ import annotations

import pytest
from ansible.module_utils.basic import missing_required_lib
from ansible_collections.ascend.fleet.plugins.filter.container_plan import container_plan

from .test_container_plan import HOME, PACKAGE, THERE, ground, host

BINARY = f"{HOME}/ascend-docker-runtime"
NEWER = {**PACKAGE, "version": "26.1.0"}
CONFIG, SOCKET = "/etc/containerd/config.toml", "/run/containerd/containerd.sock"
# As newer packages register it, and as older ones did with control groups of version 2 and 1.
DUMPS = [
    f'[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.ascend.options]\n  BinaryName = "{BINARY}"\n',
    f"[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]\n  BinaryName = '{BINARY}'\n",
    f'[plugins."io.containerd.runtime.v1.linux"]\n  runtime = "{BINARY}"\n',
]


def dump(text, status=0, **more):
    return {"rc": status, "stdout": text, "stderr": "", **more}


def since(changed, began):
    return {CONFIG: {"exists": True, "mtime": changed}, SOCKET: {"exists": True, "mtime": began}}


def plan(**own):
    return container_plan(ground(runtime="ascend", images=[], **own))


def in_containerd(text=DUMPS[0], **own):
    return plan(**{"scene": "containerd", "engine": {}, "installed": THERE, "dump": dump(text), **own})


@pytest.mark.parametrize(
    ("own", "said", "advice"),
    [
        (
            {"settings": '{"runtimes": {},\n}'},
            "/etc/docker/daemon.json that is not JSON (",
            "python3 -m json.tool /etc/docker/daemon.json",
        ),
        (
            {"settings": "{}", "installed": THERE},
            "the Ascend Docker Runtime 7.3.0 installed, but not in /etc/docker/daemon.json",
            f"sh {HOME}/script/uninstall.sh none docker",
        ),
        (
            {"installed": THERE},  # and no such file
            "the Ascend Docker Runtime 7.3.0 installed, but not in /etc/docker/daemon.json",
            "make sure that /etc/docker/daemon.json is there",
        ),
        (
            {"mode": "cdi"},
            "the Ascend Docker Runtime 7.3.0, which does not know the mode cdi",
            "npu_container_runtime_mode: legacy",
        ),
        (
            {"mode": "cdi", "packages": [{**PACKAGE, "version": "26.0.0"}]},
            "the Ascend Docker Runtime 26.0.0, which does not know the mode cdi",
            "npu_container_runtime_packages",
        ),
        (
            {"mode": "cdi", "packages": [NEWER], "installed": {**THERE, "version": "26.1.0"}},
            "the Ascend Docker Runtime installed in the mode legacy",
            f"sh {HOME}/script/uninstall.sh none docker",
        ),
        (
            {"installed": {**THERE, "injection_mode": "cdi"}, "packages": [NEWER]},  # an upgrade keeps it
            "the Ascend Docker Runtime installed in the mode cdi",
            "uninstall.sh none docker",
        ),
    ],
)
def test_each_problem_is_named_with_what_to_do(own, said, advice):
    engine = host(runtimes=["runc"])
    problems = plan(**{"engine": engine, **own})["problems"]
    (problem,) = [one for one in problems if one["found"].startswith(said)]
    assert advice in problem["fix"]


@pytest.mark.parametrize("library", ["requests", "urllib3"])
@pytest.mark.parametrize("python", ["/opt/ascend-fleet/python/bin/python3", "/usr/bin/python3.11"])
def test_the_python_that_lacks_a_library_of_docker_is_named(monkeypatch, library, python):
    monkeypatch.setattr("sys.executable", python)
    (problem,) = container_plan(ground(engine={"msg": missing_required_lib(library)}))["problems"]
    assert problem["found"].startswith(f"no library {library} in {python}, ")
    assert problem["fix"].startswith(f"{python} -m pip install {library}; ")


def test_settings_that_docker_stumbled_over_are_named_beside_its_silence():
    own = {"runtime": "none", "engine": {"msg": "Connection refused"}, "settings": "{,}"}
    problems = container_plan(ground(**own))["problems"]
    assert [problem["found"].split(" (")[0] for problem in problems] == [
        "no Docker engine that answers",
        "/etc/docker/daemon.json that is not JSON",
    ]


@pytest.mark.parametrize(
    ("said", "found", "advice"),
    [
        (
            {"rc": 2, "msg": "[Errno 2] No such file or directory: b'containerd'"},
            "no containerd",
            "npu_container_runtime_scene: docker",
        ),
        (
            dump("", 1, stderr="containerd: failed to load TOML: line 3: expected ="),
            f"{CONFIG} that containerd cannot read (containerd: failed to load TOML: line 3: expected =)",
            "containerd config dump",
        ),
        (
            dump("version = 2\n"),
            f"the Ascend Docker Runtime 7.3.0 installed, but not in {CONFIG}",
            f"sh {HOME}/script/uninstall.sh none containerd",
        ),
    ],
)
def test_what_containerd_says_is_judged(said, found, advice):
    (problem,) = in_containerd(dump=said)["problems"]
    assert problem["found"] == found
    assert advice in problem["fix"]


@pytest.mark.parametrize("text", DUMPS)
@pytest.mark.parametrize(
    ("stats", "restart"),
    [
        (since(10.0, 20.0), False),
        (since(20.0, 10.0), True),  # cut before the restart
        (
            {CONFIG: {"exists": True, "mtime": 20.0}, SOCKET: {"exists": False}},
            False,
        ),  # it does not run: nothing to start anew
        ({}, False),
    ],
)
def test_containerd_is_started_anew_when_its_settings_are_newer(text, stats, restart):
    found = in_containerd(text, stats=stats)
    assert (found["problems"], found["runtime"], found["restart"]) == ([], False, restart)


def test_a_first_installation_for_containerd_restarts_it():
    found = in_containerd("version = 2\n", installed=None, stats=since(1.0, 2.0))
    assert (found["problems"], found["runtime"], found["restart"]) == ([], True, True)
    assert found["paths"] == [CONFIG, SOCKET]


@pytest.mark.parametrize(
    "own",
    [
        {"mode": "cdi", "packages": [NEWER]},
        {
            "mode": "cdi",
            "packages": [NEWER],
            "installed": {**THERE, "version": "26.1.0", "injection_mode": "cdi"},
        },
        {"mode": "legacy", "installed": {**THERE, "injection_mode": None}},
        {"mode": "legacy", "installed": {**THERE, "injection_mode": "legacy"}},
    ],
)
def test_what_fits_is_no_problem(own):
    assert plan(**own, settings='{"runtimes": {"ascend": {}}}')["problems"] == []
