# SPDX-License-Identifier: GPL-3.0-or-later
"""A role works in a playbook of one's own, as docs/operations.md and its README show it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
import yaml
from integration.local_hosts import LocalHosts, recap

PAGE = Path(__file__).resolve().parents[2] / "docs/operations.md"


@pytest.fixture
def shown():
    """The variables of the playbook that the page shows."""
    text = PAGE.read_text(encoding="utf-8").partition("## One role in a playbook of your own")[2]
    (play,) = yaml.safe_load(re.search(r"```yaml\n(.*?)```", text, re.DOTALL)[1])
    return play["vars"]


@pytest.fixture
def hosts(tmp_path):
    return LocalHosts(tmp_path, ["one"])


def start(hosts, shown, role, *arguments, tasks_from="main", **inputs):
    own = {
        "npu_fleet_packages": str(hosts.folder / "packages"),
        "npu_fleet_release": "cann-8.0.0",
        "ansible_facts": {"architecture": "aarch64"},
    }
    settings = {"ascend.fleet.hccn_config": {"path": str(hosts.folder / "one/etc/hccn.conf")}}
    tasks = [{"ansible.builtin.include_role": {"name": f"ascend.fleet.{role}", "tasks_from": tasks_from}}]
    play = {"tasks": tasks, "vars": {**shown, **own, **inputs}, "module_defaults": settings}
    return hosts.play(play, *arguments)


def run(hosts, shown, role, *arguments, **inputs):
    done = start(hosts, shown, role, *arguments, **inputs)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def test_the_device_network_is_set_and_stays(hosts, shown):
    devices = {"npu_network_devices": [{"id": 3, "address": "10.20.1.4", "prefix": 16}]}
    run(hosts, shown, "npu_network", **devices)
    assert ["-i", "3", "-ip", "-s", "address", "10.20.1.4", "netmask", "255.255.0.0"] in hosts.calls("one")
    before = len(hosts.calls("one"))
    assert recap(run(hosts, shown, "npu_network", **devices))["one"]["changed"] == 0
    assert all("-s" not in call for call in hosts.calls("one")[before:])


def test_the_plan_of_the_readme_is_followed_as_it_stands(hosts):
    text = (PAGE.parents[1] / "roles/npu_network/README.md").read_text(encoding="utf-8")
    (play,) = yaml.safe_load(re.search(r"```yaml\n(.*?)```", text, re.DOTALL)[1])
    (role,) = play["roles"]
    own = {"key_of_the_product": "atlas_800t_a2", "npu_network_hosts": ["one"]}
    run(hosts, role["vars"], "npu_network", **own)
    assert ["-i", "7", "-ip", "-s", "address", "10.20.1.8", "netmask", "255.255.0.0"] in hosts.calls("one")


def test_an_environment_is_planned(hosts, shown):
    place = {
        "torch_npu_environment": str(hosts.folder / "torch_npu"),
        "torch_npu_manager": "venv",
        "torch_npu_python": f"3.{sys.version_info.minor}",
        "torch_npu_interpreter": sys.executable,
    }
    done = run(hosts, shown, "torch_npu", "--check", **place)
    assert f"create the venv environment {hosts.folder}/torch_npu with Python 3." in done.stdout
    assert not (hosts.folder / "torch_npu").exists()


def test_a_user_whom_the_node_does_not_know_stops_before_anything_is_written(hosts, shown):
    files = {
        name: str(hosts.folder / name) for name in ("cann_profile", "cann_environment_file", "cann_limits")
    }
    inputs = {
        **files,
        "cann_install_path": str(hosts.folder / "Ascend"),
        "cann_files": [],
        "cann_chip": "910b",
    }
    inputs.update(cann_version="8.0.0", cann_group="root")
    writes = "cann : Install | Give login shells"
    done = start(hosts, shown, "cann", "--check", **inputs, cann_users=["bin"])
    assert (done.returncode, writes in done.stdout) == (0, True)
    done = start(hosts, shown, "cann", "--check", **inputs, cann_users=["bin", "alixe"])
    assert "one: found no user alixe, wanted users that exist (cann_users). Correct cann_users" in done.stdout
    assert (done.returncode != 0, writes in done.stdout) == (True, False)


def make_cann(ascend, *versions):
    """Make toolkits as their installers leave them; the last one is in use."""
    for version in versions:
        about = ascend / f"ascend-toolkit/{version}/aarch64-linux/ascend_toolkit_install.info"
        about.parent.mkdir(parents=True)
        about.write_text(f"package_name=Ascend-cann-toolkit\nversion={version}\n", encoding="utf-8")
    (ascend / "ascend-toolkit/latest").symlink_to(ascend / "ascend-toolkit" / versions[-1])


@pytest.mark.parametrize(("keep", "status", "going"), [(1, 0, ["toolkit 7.0.0"]), (0, 2, []), (-1, 2, [])])
def test_pruning_leaves_the_version_in_use_and_refuses_to_keep_none(hosts, shown, keep, status, going):
    make_cann(hosts.folder / "Ascend", "7.0.0", "8.0.0")
    inputs = {"cann_install_path": str(hosts.folder / "Ascend"), "cann_removal_allowed": True}
    done = start(hosts, shown, "cann", "--check", tasks_from="prune", **inputs, cann_keep=keep)
    assert (done.returncode, re.findall(r"\(item=(.*)\)", done.stdout)) == (status, going), done.stdout
    refused = f"one: found cann_keep {keep}, wanted 1 or more versions that stay"
    assert (refused in done.stdout) == (status != 0)
    assert ("Read which CANN" in done.stdout) == (status == 0)


def test_uninstalling_leaves_nothing_of_the_environment_and_all_that_is_not_ours(hosts, shown):
    files = {
        name: str(hosts.folder / name) for name in ("cann_profile", "cann_environment_file", "cann_limits")
    }
    (hosts.folder / "cann_profile").touch()
    sessions = hosts.folder / "environment"
    begin, end = (f"# {mark} the environment of CANN, by ascend.fleet\n" for mark in ("BEGIN", "END"))
    sessions.write_text(f"LANG=C\n{begin}PATH=/usr/local/Ascend/bin:/bin\n{end}TZ=UTC\n", encoding="utf-8")
    inputs = {**files, "cann_install_path": str(hosts.folder / "Ascend"), "tasks_from": "uninstall"}
    words = ["cann", "-v", "-e", f"__cann_sessions_file={sessions}"]
    done = run(hosts, shown, *words, **inputs)
    assert sessions.read_text(encoding="utf-8") == "LANG=C\nTZ=UTC\n"
    assert not (hosts.folder / "cann_profile").exists()
    assert f"remove {hosts.folder}/cann_profile" in done.stdout
    assert f"take the environment of CANN from all sessions in {sessions}" in done.stdout
    assert recap(run(hosts, shown, *words, **inputs))["one"]["changed"] == 0
    sessions.unlink()  # not every system has one
    assert recap(run(hosts, shown, *words, **inputs))["one"]["changed"] == 0
    assert not sessions.exists()
