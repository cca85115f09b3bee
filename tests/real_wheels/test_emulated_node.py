# SPDX-License-Identifier: GPL-3.0-or-later
"""The role torch_npu with the real wheels for arm64 on a node that QEMU plays."""

from __future__ import annotations

import emulated_image
import pytest
import yaml
from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog
from ansible_collections.ascend.fleet.plugins.plugin_utils._release import Request, resolve
from docker_engine import CHECKOUT_LABEL, docker

from real_wheels import index, run

FACTS = yaml.safe_load((run.HERE / "facts.yml").read_text(encoding="utf-8"))["arm64"]
NODE = "fleet-wheels-arm64"
PREFIX = "/opt/ascend/torch_npu"


@pytest.fixture(scope="module")
def noted():
    """Make the node, let the role work on it, and remove it."""
    image = emulated_image.build()
    docker("rm", "--force", "--volumes", NODE) if docker("ps", "-aq", "--filter", f"name=^{NODE}$") else None
    docker("run", "--detach", "--name", NODE, "--label", f"{CHECKOUT_LABEL}={run.ROOT}", image)
    try:
        return run.play(NODE, "community.docker.docker", variables())
    finally:
        docker("rm", "--force", "--volumes", NODE)


def variables():
    """Return the role's inputs: the release's own pins, and the authority that pip trusts here."""
    request = Request(FACTS["release"], FACTS["product"], "aarch64", python="3.9", torch=FACTS["torch"])
    authority = index.setting("cert")
    return {
        "npu_fleet_bill": resolve(Catalog(), request),
        "torch_npu_environment": PREFIX,
        "real_wheels_authority": authority,
        "torch_npu_index_ca": "/etc/ssl/index.pem" if authority else "",
    }


def test_the_node_is_what_the_wheels_are_for(noted):
    assert (noted["architecture"], noted["glibc"]) == ("aarch64", FACTS["glibc"])


def test_the_role_installs_them_once(noted):
    assert noted["first"][0] == f"create the venv environment {PREFIX} with Python 3.9"
    assert any(action.endswith("torch_npu==2.1.0.post10") for action in noted["first"])
    assert noted["second"] == []


def test_the_wheels_say_of_themselves_what_is_known(noted):
    assert noted["wheels"] == [
        {key: value for key, value in wheel.items() if key != "file"} for wheel in FACTS["wheels"]
    ]


def test_nothing_in_the_environment_contradicts_another(noted):
    assert noted["check"] == "No broken requirements found."


def test_torch_works_and_torch_npu_wants_cann(noted):
    print(f"\n{NODE}: {run.import_error(noted)}")
    assert noted["torch"] == FACTS["torch"]
    assert run.import_error(noted) == FACTS["import_error"]
