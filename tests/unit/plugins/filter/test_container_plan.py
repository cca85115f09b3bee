# SPDX-License-Identifier: GPL-3.0-or-later
"""What is due for containers and what stands in the way, each problem by itself and all at once."""

from __future__ import annotations

import pytest
from ansible_collections.ascend.fleet.plugins.filter.container_places import places
from ansible_collections.ascend.fleet.plugins.filter.container_plan import container_plan

SHARED = ["/dev/davinci_manager", "/dev/devmm_svm", "/dev/hisi_hdc"]
FILES = [
    "/usr/local/bin/npu-smi",
    "/usr/local/Ascend/driver/lib64",
    "/usr/local/Ascend/driver/version.info",
    "/etc/ascend_install.info",
]
IMAGE = {"name": "cann:8.5", "archive": "/srv/cann.tar", "sha256": "a" * 64, "id": "sha256:" + "b" * 64}
PULLED = {"name": "quay.io:443/ascend/cann:8.5", "digest": "sha256:" + "c" * 64}
LOADED = {"Id": IMAGE["id"], "RepoTags": ["cann:8.5"], "RepoDigests": []}
PACKAGE = {"part": "docker_runtime", "version": "7.3.0", "file": "Ascend-docker-runtime.run"}
HOME = "/usr/local/Ascend/Ascend-Docker-Runtime"
THERE = {"version": "7.3.0", "complete": True, "path": HOME}
REGISTERED = '{"runtimes": {"ascend": {}}}'


def host(version="20.10.24+dfsg1", runtimes=("runc",), running=0, live=False):
    info = {"ServerVersion": version, "Runtimes": dict.fromkeys(runtimes, {})}
    return {"host_info": {**info, "ContainersRunning": running, "LiveRestoreEnabled": live}}


def ground(**own):
    given = {
        "host": "node",
        "product": "Atlas 800T A2",
        "chip": "910b",
        "runtime": "none",
        "scene": "docker",
        "mode": "legacy",
        "install_path": "/usr/local/Ascend",
        "settings": "",
        "dump": {},
        "stats": {},
        "packages": [PACKAGE],
        "installed": None,
        "engine": host(),
        "present": [*(f"/dev/davinci{number}" for number in range(8)), *SHARED, *FILES],
        "images": [IMAGE],
        "found_images": [LOADED],
        "archives": {},
        "containers": [],
        "consents": {"licence": True, "restart": None},
    }
    return {**given, **own}


def container(name="train", **own):
    return {"name": name, "image": "cann:8.5", **own}


def taken(name, labels, *mounts):
    sources = [{"Source": mount} for mount in mounts]
    return {"Names": [f"/{name}"], "Image": "nginx:1", "Labels": labels, "Mounts": sources}


OWN = {"ascend.fleet": "npu_container"}


def found(**own):
    return [problem["found"] for problem in container_plan(ground(**own))["problems"]]


def test_nothing_is_due_where_all_is_there():
    plan = container_plan(ground(containers=[container()]))
    references = {IMAGE["name"]: IMAGE["name"]}
    assert plan == {
        "problems": [],
        "runtime": False,
        "restart": False,
        "images": [],
        "references": references,
        "paths": [],
    }


def test_an_image_of_a_registry_is_asked_for_by_its_digest():
    plan = container_plan(ground(images=[PULLED]))
    assert plan["references"] == {PULLED["name"]: f"quay.io:443/ascend/cann@{PULLED['digest']}"}


@pytest.mark.parametrize(
    ("own", "said"),
    [
        (
            {"engine": {"msg": "No such file or directory\nmore"}},
            "no Docker engine that answers (No such file",
        ),
        ({"engine": {}}, "no Docker engine that answers (it said nothing)"),
        ({"engine": host("18.06.1-ce")}, "Docker 18.06.1-ce"),
        (
            {"runtime": "ascend", "chip": "310b", "product": "a board"},
            "a board, for which there is no Ascend",
        ),
        ({"runtime": "ascend", "packages": []}, "no package of the Ascend Docker Runtime"),
        (
            {
                "runtime": "ascend",
                "scene": "containerd",
                "containers": [container()],
                "dump": {"rc": 0, "stdout": ""},
            },
            "containers, with the runtime registered in containerd",
        ),
        ({"runtime": "ascend", "consents": {}}, "no consent to the vendor's licence"),
        ({"runtime": "ascend", "engine": host(running=2)}, "2 running containers, which a restart"),
        (
            {"runtime": "ascend", "engine": host(running=1), "consents": {"licence": True, "restart": "no"}},
            "1 running containers",
        ),
        ({"images": [{"name": "cann:8.5"}]}, "the image cann:8.5 with no source"),
        ({"images": [{**IMAGE, **PULLED}]}, "the image quay.io:443/ascend/cann:8.5 with both"),
        ({"images": [{"name": "cann:8.5", "archive": "/srv/cann.tar"}]}, "the image cann:8.5 without sha256"),
        ({"found_images": []}, "no file /srv/cann.tar on the controller"),
        (
            {"found_images": [], "archives": {"/srv/cann.tar": {"exists": True, "checksum": "f00"}}},
            "/srv/cann.tar with the checksum f00",
        ),
        ({"containers": [container(npus=["0"]), container(npus=["1"])]}, "2 containers with the name train"),
        ({"containers": [container(image="other")]}, "the image other in the container train"),
        ({"containers": [container(npus=["0", "9"])]}, "NPU 9 in the container train"),
        ({"containers": [container(npus=["two"])]}, "npus: ['two'] in the container train"),
        (
            {"containers": [container()], "present": ["/dev/davinci0", *SHARED]},
            f"no {', '.join(sorted(FILES))}",
        ),
        ({"containers": [container()], "present": [*SHARED, *FILES]}, "no NPU in /dev"),
        (
            {"containers": [container(npus=["0", "1"]), container("infer", npus=["1", "2"])]},
            "NPU 1 in the containers train and infer",
        ),
        (
            {"containers": [container(npus=["1"], share=True), container("infer", npus=["1"])]},
            "NPU 1 in the containers train and infer",
        ),
        (
            {
                "containers": [
                    container(npus=["1"], share=True),
                    container("infer", npus=["1"], share="false"),
                ]
            },
            "NPU 1 in the containers train and infer",
        ),
        (
            {"containers": [container()], "engine": {**host(), "containers": [taken("train", {})]}},
            "a container train that this role has not made (nginx:1)",
        ),
        (
            {
                "containers": [container(state="absent")],
                "engine": {**host(), "containers": [taken("train", None)]},
            },
            "a container train that this role has not made",
        ),
        (
            {
                "containers": [container(mounts=[{"source": "/srv/a"}])],
                "stats": {"/srv/a": {"exists": False}},
            },
            "no /srv/a on the host, which the container train mounts",
        ),
        ({"chip": "310b", "containers": [container()]}, "no /dev/svm0, /dev/ts_aisle, /dev/upgrade"),
    ],
)
def test_each_problem_is_named(own, said):
    problems = container_plan(ground(**own))["problems"]
    (problem,) = problems
    assert problem["found"].startswith(said)
    assert problem["host"] == "node"
    assert problem["wanted"]
    assert problem["fix"]


def test_all_problems_are_named_at_once():
    assert len(found(engine={}, found_images=[], containers=[container(npus=["9"], image="x")])) == 4


@pytest.mark.parametrize(
    "own",
    [
        {"containers": [container(npus=["1"], share=True), container("infer", npus=["1"], share=True)]},
        {"containers": [container(), container("old", state="absent")]},
        {"containers": [container(), container("old", state="stopped", npus=["0"])]},
        {"containers": [container(npus=[])], "present": []},
        {"runtime": "ascend", "engine": host(running=1, live=True)},
        {"runtime": "ascend", "engine": host(running=1), "consents": {"licence": True, "restart": "true"}},
        {"runtime": "ascend", "engine": host(runtimes=["runc", "ascend"], running=1), "installed": THERE},
        {"containers": [container("old")], "engine": {**host(), "containers": [taken("old", OWN)]}},
        {"containers": [container()], "engine": {**host(), "containers": [taken("other", {})]}},
        {"containers": [container(mounts=[{"source": "/srv/a"}])], "stats": {"/srv/a": {"exists": True}}},
    ],
)
def test_what_is_allowed_is_no_problem(own):
    assert found(**own) == []


@pytest.mark.parametrize(
    ("installed", "runtimes", "package", "restart"),
    [
        (None, ["runc"], True, True),
        ({"version": None, "complete": False}, ["runc"], True, True),
        ({"version": "6.0.0", "complete": True}, ["runc", "ascend"], True, True),
        (THERE, ["runc"], False, True),
        (THERE, ["runc", "ascend"], False, False),
    ],
)
def test_the_runtime_is_due_until_the_engine_knows_it(installed, runtimes, package, restart):
    engine = host(runtimes=runtimes)
    plan = container_plan(ground(runtime="ascend", installed=installed, engine=engine, settings=REGISTERED))
    assert (plan["runtime"], plan["restart"]) == (package, restart)


@pytest.mark.parametrize(
    ("image", "there", "due"),
    [
        (IMAGE, [LOADED], False),
        (IMAGE, [{**LOADED, "Id": "sha256:" + "d" * 64}], True),
        (IMAGE, [{**LOADED, "RepoTags": ["other:1"]}], True),
        (PULLED, [{"Id": "x", "RepoTags": [], "RepoDigests": [f"ascend/cann@{PULLED['digest']}"]}], False),
        (PULLED, [{"Id": "x", "RepoTags": [PULLED["name"]], "RepoDigests": None}], True),
    ],
)
def test_an_image_is_due_unless_it_is_the_wanted_one(image, there, due):
    archives = {"/srv/cann.tar": {"exists": True, "checksum": IMAGE["sha256"]}}
    plan = container_plan(ground(images=[image], found_images=there, archives=archives))
    assert (plan["images"], plan["problems"]) == ([image] if due else [], [])


def test_only_what_no_container_mounts_yet_is_looked_for():
    mounts = [{"source": "/srv/new"}, {"source": "/srv/old"}]
    engine = {**host(), "containers": [taken("train", OWN, "/srv/old")]}
    own = {"containers": [container(mounts=mounts), container("gone", state="absent", mounts=mounts)]}
    assert container_plan(ground(engine=engine, **own))["paths"] == ["/srv/new"]


def test_every_file_that_containers_need_is_looked_for():
    looked_for = {f"{place['directory']}/{place['name']}" for place in places("310b")}
    assert looked_for > {*SHARED, *FILES, "/dev/svm0", "/dev/davinci*"}
