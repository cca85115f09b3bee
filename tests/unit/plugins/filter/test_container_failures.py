# SPDX-License-Identifier: GPL-3.0-or-later
"""What the engine says when it refuses becomes found, wanted and what to do."""

from __future__ import annotations

import pytest
from ansible_collections.ascend.fleet.plugins.filter.container_failures import container_failures

IMAGE = {"name": "quay.io:443/ascend/cann:8.5", "digest": "sha256:" + "c" * 64}
CONTAINER = {"name": "train", "image": "cann:8.5"}


def failures(asked, *results):
    item = {"container_wanted": CONTAINER} if asked == "start" else {"image_wanted": IMAGE}
    return container_failures(
        {"host": "node", "asked": asked, "results": [{**item, **one} for one in results]}
    )


@pytest.mark.parametrize(
    ("asked", "said", "found", "fix"),
    [
        (
            "pull",
            "Error pulling quay.io:443/ascend/cann - unauthorized: access to the resource is not authorized",
            "a registry that wants another login",
            "docker login quay.io:443",
        ),
        (
            "pull",
            "Error pulling image - 404 Client Error: Not Found (manifest unknown: manifest unknown)",
            "a registry without this image",
            "docker buildx imagetools inspect quay.io:443/ascend/cann:8.5",
        ),
        (
            "pull",
            "Error pulling - manifest verification failed for digest sha256:cc",
            "a registry without this image",
            "correct name or digest",
        ),
        (
            "pull",
            'Get "https://quay.io/v2/": dial tcp: lookup quay.io: no such host',
            "no registry that answers",
            "/etc/docker/certs.d",
        ),
        (
            "load",
            "Error loading image x - invalid tar header",
            "a file that is no archive",
            "docker save --output",
        ),
        ("load", "write /var/lib/docker: no space left on device", "a disk without room", "df -h"),
        (
            "start",
            'Error starting container 1: 400 (exec: "trian": executable file not found in $PATH)',
            "a command that the image does not have",
            "correct `command`; docker run --rm --entrypoint ls cann:8.5 /bin",
        ),
        (
            "start",
            "invalid mount config for type bind: bind source path does not exist: /srv/data",
            "a file or directory that cannot be mounted",
            "make it on the host",
        ),
        (
            "start",
            "error gathering device information while adding custom device /dev/davinci3: no such file",
            "an NPU that is not there any more",
            "ascend.fleet.site",
        ),
        (
            "start",
            "Unknown runtime specified ascend: invalid runtime",
            "a runtime that does not start",
            "docker info",
        ),
        (
            "start",
            "network rack not found",
            "a network that the engine does not have",
            "docker network create",
        ),
        ("start", "something new", "an engine that refused", "docker logs train and journalctl -u docker"),
    ],
)
def test_what_the_engine_says_is_quoted_with_what_to_do(asked, said, found, fix):
    (problem,) = failures(asked, {"failed": False, "msg": f"{said}\nmore"})
    assert problem["found"].startswith(found)
    assert f"({said} more)" in problem["found"]
    assert problem["wanted"].startswith("the container train" if asked == "start" else "the image quay.io")
    assert fix in problem["fix"]
    assert problem["host"] == "node"


@pytest.mark.parametrize(
    ("asked", "result"),
    [
        ("start", {"container": {"State": {"Running": True}}}),
        ("start", {"msg": "a note", "container": {"State": {}}}),
        ("start", {"changed": True}),  # what was removed
        ("pull", {"image": {"Id": "x"}, "actions": []}),
        ("pull", {"skipped": True, "msg": "Conditional result was False"}),
        ("load", {"images": [{"Id": "x"}]}),
    ],
)
def test_what_succeeded_is_no_problem(asked, result):
    assert failures(asked, result) == []


def test_all_are_named():
    assert len(failures("start", {"msg": "one"}, {"container": {"Id": "x"}}, {"msg": "two"})) == 2


def test_the_images_of_docker_hub_need_no_name_of_a_registry():
    item = {"image_wanted": {"name": "ascendai/cann:8.5"}, "msg": "pull access denied"}
    (problem,) = container_failures({"host": "node", "asked": "pull", "results": [item]})
    assert "docker login; see" in problem["fix"]


def test_the_engines_own_words_are_shown_without_its_addresses():
    said = (
        "Error starting container 8b: 400 Client Error for http+docker://localhost/v1.41/containers/8b/"
        'start: Bad Request ("create failed: exec: "trian": executable file not found in $PATH: unknown")'
    )
    (problem,) = failures("start", {"msg": said})
    assert problem["found"] == (
        "a command that the image does not have, or not for this architecture "
        '(create failed: exec: "trian": executable file not found in $PATH: unknown)'
    )
