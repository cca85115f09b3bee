# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role npu_verify runs on a node: its scripts, with programs that say what they were given."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.ascend.fleet.plugins.plugin_utils._computed import outputs

ROOT = Path(__file__).resolve().parents[2]
ROLE = ROOT / "roles/npu_verify"
MEASURED = re.compile(r"ascend\.fleet\.(\w+)`?[^`\n]* `?-e npu_verify_(?:reach|hccl_test)=")
HIDDEN = {**os.environ, "ASCEND_RT_VISIBLE_DEVICES": "0"}


def say(name, **given):
    """Return a variable or an input of the role."""
    loader = DataLoader()
    files = [
        loader.load_from_file(str(ROLE / folder / "main.yml"), trusted_as_template=True)
        for folder in ("defaults", "vars")
    ]
    known = {**files[0], **files[1], "npu_verify_npus": 8, **given}
    return Templar(loader, known).template({**files[1], **files[0]}[name])


@pytest.fixture
def place(tmp_path):
    """Return a folder with a script of CANN that gives nothing."""
    (tmp_path / "set_env.sh").touch()
    return tmp_path


def program(path, text):
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def run(place, script, *words):
    command = ["bash", "-c", script, str(place / "set_env.sh"), *map(str, words)]
    done = subprocess.run(command, env=HIDDEN, capture_output=True, text=True, check=True)
    return done.stdout


def test_all_npus_compute_also_those_that_sessions_do_not_see(place):
    program(place / "bin/python", 'echo "sees ${ASCEND_RT_VISIBLE_DEVICES-all} of $3"')
    assert outputs(run(place, say("__npu_verify_script"), place, "pass")) == {
        str(place): (0, "sees all of 8")
    }


def test_what_programs_leave_in_their_folder_goes_with_it(place):
    program(place / "bin/python", "mkdir kernel_meta && pwd")
    ((_status, folder),) = outputs(run(place, say("__npu_verify_script"), place, "pass")).values()
    assert folder.startswith("/")
    assert not Path(folder).exists()


@pytest.mark.parametrize(
    ("given", "user"),
    [
        ({"npu_fleet_cann_place": {"owner": "HwHiAiUser"}, "cann_users": ["alice"]}, "HwHiAiUser"),
        ({"npu_fleet_cann_place": {"owner": "root"}, "cann_users": ["alice", "bob"]}, "alice"),
        ({"cann_users": []}, None),
        ({}, None),
    ],
)
def test_one_of_the_users_of_the_node_computes(given, user):
    assert say("__npu_verify_as", **given) == (["runuser", "-u", user, "--"] if user else [])


BILL = {"torch": "2.4.0", "torch_npu": "2.4.0.post2", "mindspore": "2.5.0"}
OF_THE_IMAGE = {"npu_fleet_cann_place": {"path": "/home/HwHiAiUser/Ascend", "owner": "HwHiAiUser"}}


@pytest.mark.parametrize(
    ("given", "path", "owner"),
    [
        ({}, "/usr/local/Ascend", "root"),
        (OF_THE_IMAGE, "/home/HwHiAiUser/Ascend", "HwHiAiUser"),
        ({"cann_install_path": "/opt/Ascend"}, "/opt/Ascend", "root"),
        ({**OF_THE_IMAGE, "cann_install_path": "/opt/Ascend", "cann_owner": "ml"}, "/opt/Ascend", "ml"),
    ],
)
def test_cann_is_looked_for_where_the_role_cann_installs_it_as_its_owner(given, path, owner):
    assert say("npu_verify_cann_path", **given) == path
    assert say("npu_verify_cann_environment", **given) == f"{path}/ascend-toolkit/set_env.sh"
    assert say("npu_verify_user", **given) == owner
    assert say("__npu_verify_as", **given) == (["runuser", "-u", owner, "--"] if owner != "root" else [])


@pytest.mark.parametrize(
    ("given", "paths"),
    [
        ({}, ["/opt/miniforge3/envs/torch_npu", "/opt/miniforge3/envs/mindspore"]),
        (
            {"torch_npu_conda": "/opt/conda", "mindspore_conda": "/srv/conda"},
            ["/opt/conda/envs/torch_npu", "/srv/conda/envs/mindspore"],
        ),
        (
            {"torch_npu_conda": "/x", "torch_npu_environment": "/t", "mindspore_environment": "/m"},
            ["/t", "/m"],
        ),
    ],
)
def test_environments_are_looked_for_where_their_roles_make_them(given, paths):
    known = {"npu_fleet_bill": BILL, "npu_fleet_mindspore": "2.5.0", **given}
    assert [one["path"] for one in say("npu_verify_environments", **known)] == paths


OTHER = {"torch_npu_torch_version": "2.5.1", "torch_npu_version": "2.5.1.post1", "mindspore_version": "2.6.0"}


@pytest.mark.parametrize(
    ("given", "versions"),
    [
        ({}, [("2.4.0", "2.4.0.post2"), "2.5.0"]),
        (OTHER, [("2.5.1", "2.5.1.post1"), "2.6.0"]),
        ({"torch_npu_version": ""}, ["2.5.0"]),
        ({"npu_fleet_bill": {**BILL, "torch": None, "torch_npu": None}}, ["2.5.0"]),
    ],
)
def test_environments_are_to_have_what_their_roles_install(given, versions):
    known = {"npu_fleet_bill": BILL, "npu_fleet_mindspore": "2.5.0", **given}
    wanted = say("npu_verify_environments", **known)
    assert versions == [one.get("mindspore") or (one["torch"], one["torch_npu"]) for one in wanted]


def test_devices_are_verified_by_what_the_check_knows_of_them():
    declared = [
        {"id": 0, "mtu": 4200, "pfc": [4]},
        {"id": 1, "address": "10.0.0.1", "prefix": 16, "link": "down"},
    ]
    assert say("npu_verify_devices", npu_network_devices=declared) == [{"id": 0}, declared[1]]
    planned = [{"id": 0, "address": "10.0.0.1", "prefix": 16, "gateway": "10.0.0.254"}]
    seen = say("npu_verify_devices", npu_preflight_outcome={"devices": planned})
    assert seen == [{"id": 0, "address": "10.0.0.1", "prefix": 16}]
    assert say("npu_verify_devices") == []


def test_each_environment_tells_its_end_whatever_it_printed_last(place):
    program(place / "a/bin/python", "printf 'no end of line'; exit 3")
    program(place / "b/bin/python", 'echo warned >&2; exec sh -c "$2"')
    text = run(place, say("__npu_verify_script"), place / "a", "", place / "b", "echo computed")
    assert outputs(text) == {f"{place}/a": (3, "no end of line"), f"{place}/b": (0, "warned\ncomputed")}


@pytest.mark.parametrize(
    ("variables", "seen"), [({}, "all"), ({"ASCEND_RT_VISIBLE_DEVICES": "0"}, "0")], ids=["unsaid", "said"]
)
def test_hccl_test_sees_all_npus_unless_its_own_variables_say_so(place, variables, seen):
    mpi = program(place / "mpi/bin/mpirun", 'echo "sees ${ASCEND_RT_VISIBLE_DEVICES-all}"')
    script = say("__npu_verify_hccl_script", npu_verify_hccl_test_variables=variables)
    assert run(place, script, mpi, mpi.parents[1], "", "60", "").strip() == f"sees {seen}"


MINDSPORE = """
import os
__version__ = "2.6.0"
def {setter}:
    global own
    own = {number}
def run_check():
    if own == 2: os._exit(3)
    print("computed on", own)
"""


@pytest.mark.parametrize(
    ("setter", "number"),
    [("set_device(target, index)", "index"), ("set_context(device_target, device_id)", "device_id")],
    ids=["newer", "older"],
)
def test_mindspore_checks_itself_on_each_npu_and_one_that_crashes_is_seen(place, setter, number):
    (place / "mindspore.py").write_text(MINDSPORE.format(setter=setter, number=number), encoding="utf-8")
    check = (ROLE / "files/mindspore_check.py").read_text(encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", check, "4"],
        env={**os.environ, "PYTHONPATH": str(place)},
        capture_output=True,
        check=True,
    )
    said = ["computed on 0\n", "computed on 1\n", "", "computed on 3\n"]
    assert json.loads(done.stdout) == {"mindspore": "2.6.0", "said": said}


def test_what_only_the_report_shows_is_asked_for_with_its_playbook():
    pages = [*ROOT.glob("docs/*.md"), ROLE / "README.md"]
    named = [name for page in pages for name in MEASURED.findall(page.read_text(encoding="utf-8"))]
    assert named == ["report"] * 4
