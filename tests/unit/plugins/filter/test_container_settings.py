# SPDX-License-Identifier: GPL-3.0-or-later
"""What a container is given: devices and files, or one variable for the runtime."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.ascend.fleet.plugins.filter.container_settings import container_settings

PRESENT = [
    *(f"/dev/davinci{number}" for number in (0, 1, 10)),
    *("/dev/davinci_manager", "/dev/devmm_svm", "/dev/hisi_hdc"),
    *("/usr/local/bin/npu-smi", "/usr/local/Ascend/driver/lib64", "/usr/local/Ascend/driver/version.info"),
    "/etc/ascend_install.info",
]
DIGEST = "sha256:" + "c" * 64


def node(**own):
    return {"chip": "910b", "present": PRESENT, "runtime": "none", "images": [], **own}


def settings(own_node=None, **own):
    return container_settings({"name": "train", "image": "cann", **own}, own_node or node())


def sources(settings):
    return [mount["source"] for mount in settings["mounts"]]


def devices(settings):
    return [device.split(":")[0] for device in settings["devices"]]


def test_without_the_runtime_it_gets_devices_and_files_of_the_driver():
    given = settings(npus=["10", "0"])
    assert devices(given) == ["/dev/davinci0", "/dev/davinci10", *PRESENT[3:6]]
    assert sources(given) == PRESENT[6:]
    assert all(mount["read_only"] and mount["type"] == "bind" for mount in given["mounts"])
    assert given["runtime"] is None


def test_what_the_node_has_beside_the_required_is_given_too():
    given = settings(node(present=[*PRESENT, "/usr/local/dcmi", "/etc/hccn.conf"]))
    assert {"/usr/local/dcmi", "/etc/hccn.conf"} < set(sources(given))


def test_all_npus_are_those_that_the_node_has():
    assert devices(settings())[:3] == devices(settings(npus=["all"]))[:3] == PRESENT[:3]


def test_boards_give_more_devices():
    assert devices(settings(node(chip="310b"), npus=["0"]))[-3:] == [
        "/dev/svm0",
        "/dev/ts_aisle",
        "/dev/upgrade",
    ]


def test_the_runtime_is_told_the_numbers():
    given = settings(node(runtime="ascend"), npus=["0", "1"], environment={"LEVEL": 3})
    assert given["env"] == {"LEVEL": "3", "ASCEND_VISIBLE_DEVICES": "0,1"}
    assert (given["runtime"], given["devices"], given["mounts"]) == ("ascend", [], [])


@pytest.mark.parametrize("runtime", ["none", "ascend"])
def test_a_container_without_npus_gets_nothing_of_them(runtime):
    given = settings(node(runtime=runtime), npus=[])
    assert (given["devices"], given["mounts"], given["env"], given["runtime"]) == ([], [], {}, None)


def test_an_image_of_a_registry_is_named_by_its_digest():
    images = [{"name": "quay.io:443/ascend/cann:8.5", "digest": DIGEST}, {"name": "own:1", "archive": "x"}]
    of_registry = settings(node(images=images), image="quay.io:443/ascend/cann:8.5")
    assert of_registry["image"] == f"quay.io:443/ascend/cann@{DIGEST}"
    assert settings(node(images=images), image="own:1")["image"] == "own:1"


def test_what_is_declared_is_passed_on():
    given = settings(
        npus=[],
        mounts=[
            {"source": "/data", "target": "/d"},
            {"source": "/a", "target": "/b", "read_only": True},
            {"source": "/a", "target": "/c", "read_only": "no"},
        ],
        command=["sleep", "infinity"],
        shared_memory="16g",
        network="none",
        state="stopped",
        restart_policy="no",
    )
    assert [(mount["target"], mount["read_only"]) for mount in given["mounts"]] == [
        ("/d", False),
        ("/b", True),
        ("/c", False),
    ]
    assert given["command"] == ["sleep", "infinity"]
    assert (given["shm_size"], given["network_mode"], given["state"]) == ("16g", "none", "stopped")
    assert given["restart_policy"] == "no"


def test_a_container_that_goes_needs_no_image():
    assert container_settings({"name": "old", "state": "absent"}, node())["image"] is None


def test_a_word_that_is_no_number_is_refused():
    with pytest.raises(AnsibleFilterError, match="found npus: \\['two'\\]"):
        settings(npus=["two"])


def test_its_label_says_whose_it_is():
    assert settings()["labels"] == {"ascend.fleet": "npu_container"}
