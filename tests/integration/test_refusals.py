# SPDX-License-Identifier: GPL-3.0-or-later
"""What a newcomer gets wrong, refused with a sentence by every playbook. No host is asked."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Not for hosts of a product, or only at the end of others.
OTHERS = {"failures", "mirror"}
PLAYBOOKS = sorted(path.stem for path in ROOT.glob("playbooks/*.yml") if path.stem not in OTHERS)
SITE = ["preflight", "site"]


def play(playbook: str, inventory: Path, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [
            str(Path(sys.executable).with_name("ansible-playbook")),
            *("-i", str(inventory), *arguments, str(ROOT / f"playbooks/{playbook}.yml")),
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "false",
            "ANSIBLE_NOCOLOR": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def column(ran: subprocess.CompletedProcess, number: int) -> str:
    """Return the text of one column of the tables that were shown."""
    rows = [line.split("|") for line in ran.stdout.splitlines() if line.count("|") == 3]
    return " ".join(" ".join(row[number] for row in rows).split())


def write(folder: Path, text: str) -> Path:
    inventory = folder / "hosts.ini"
    inventory.write_text(text, encoding="utf-8")
    return inventory


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_a_group_with_a_wrong_letter_is_refused_by_every_playbook(tmp_path, playbook):
    ran = play(playbook, write(tmp_path, "[atlas_800ta2]\nnode ansible_host=127.0.0.1 ansible_port=9\n"))
    assert ran.returncode != 0, ran.stdout
    assert "the group atlas_800ta2, which is no product" in column(ran, 1)
    assert "UNREACHABLE" not in ran.stdout


@pytest.mark.parametrize("playbook", ["atlas_a3", "bundle", "site", "verify"])
def test_an_inventory_without_hosts_is_one_error(tmp_path, playbook):
    ran = play(playbook, tmp_path / "nowhere")
    assert ran.returncode != 0, ran.stdout
    assert "the inventory has no hosts" in column(ran, 1)
    assert "give `-i inventory`" in column(ran, 3)
    assert "undefined" not in ran.stdout


@pytest.mark.parametrize("playbook", ["preflight", "report"])
def test_a_group_of_a_product_without_hosts_does_not_hide_that_hosts_are_elsewhere(tmp_path, playbook):
    inventory = write(tmp_path, "[atlas_800t_a2]\n[servers]\nnode ansible_host=127.0.0.1 ansible_port=9\n")
    for limit in ([], ["--limit", "servers"]):
        ran = play(playbook, inventory, *limit)
        assert ran.returncode != 0, ran.stdout
        assert "a host in no group of a product (servers)" in column(ran, 1)


def test_a_playbook_of_a_family_takes_no_host_of_another(tmp_path):
    inventory = write(tmp_path, "[atlas_800t_a2]\nnode ansible_host=127.0.0.1 ansible_port=9\n")
    ran = play("atlas_910", inventory)
    assert ran.returncode != 0, ran.stdout
    assert "no host of the family atlas_910" in column(ran, 1)


TWO_MODELS = "[atlas_800t_a2]\na2 ansible_host=127.0.0.1\n[atlas_800_9000]\nold ansible_host=127.0.0.1\n"


def plays(listed: subprocess.CompletedProcess) -> list[tuple[str, list[str]]]:
    """Return the plays that --list-hosts shows, each with its hosts."""
    shown = re.findall(r"\): ([^\n]+)\t[^\n]*\n(.*?)(?=\n  play|\Z)", listed.stdout, re.DOTALL)
    return [(name, sorted(re.findall(r"\n      (\w+)", rest))) for name, rest in shown]


def test_groups_that_a_run_is_for_go_into_the_play_of_their_family_only(tmp_path):
    groups = ["-e", '{"npu_fleet_groups": ["atlas_800t_a2"]}', "--list-hosts"]
    ran = play("site", write(tmp_path, TWO_MODELS), *groups)
    taken = [name for name, members in plays(ran) if name.startswith("Bring ") and members]
    assert taken == ["Bring A2 training servers to their release"], ran.stdout


@pytest.mark.parametrize(
    "playbook", [name for name in PLAYBOOKS if not name.startswith(("ascend", "atlas", "refuse"))]
)
def test_every_playbook_is_for_the_groups_that_a_run_names_and_no_others(tmp_path, playbook):
    """What only looks at nodes, too: it would hold them against what the run is not for."""
    ran = play(playbook, write(tmp_path, TWO_MODELS), "-e", "npu_fleet_groups=atlas_800_9000", "--list-hosts")
    shown = [members for name, members in plays(ran) if name != "Refuse what leaves hosts out"]
    assert ran.returncode == 0, ran.stdout
    assert shown
    assert [members for members in shown if members not in (["old"], [])] == [], ran.stdout
    assert ["old"] in shown


@pytest.mark.parametrize("playbook", ["container", "preflight", "prune", "report", "uninstall"])
def test_a_run_for_a_group_that_is_no_product_is_refused_before_any_node_is_asked(tmp_path, playbook):
    ran = play(playbook, write(tmp_path, TWO_MODELS), "-e", "npu_fleet_groups=atlas_9000")
    assert ran.returncode != 0, ran.stdout
    assert "npu_fleet_groups: atlas_9000, which is no product with hosts" in column(ran, 1)
    assert "UNREACHABLE" not in ran.stdout


@pytest.mark.parametrize("playbook", ["container", "mirror", "prune", "python_bootstrap", "uninstall"])
def test_a_run_that_leaves_the_refusal_out_changes_no_host_all_the_same(tmp_path, playbook):
    """Tags and --start-at-task take tasks away, but never hosts in."""
    host = f"[servers]\nnode ansible_connection=local ansible_python_interpreter={sys.executable}\n"
    ran = play(playbook, write(tmp_path, host), "--check", "--skip-tags", "always", "--list-hosts")
    last = ran.stdout.rpartition("\n  play #")[2]
    assert (ran.returncode, re.findall(r"hosts \((\d+)\)", last)) == (0, ["0"]), ran.stdout


def one_of_a_product(folder: Path, *variables: str) -> Path:
    host = f"node ansible_connection=local ansible_python_interpreter={sys.executable}"
    return write(folder, "\n".join(["[atlas_800t_a2]", host, "[all:vars]", *variables]))


@pytest.mark.parametrize("playbook", ["bundle", "fetch", "python_bootstrap"])
def test_all_that_is_missing_is_one_table_of_few_lines(tmp_path, playbook):
    ran = play(playbook, one_of_a_product(tmp_path), "--check")
    assert ran.returncode != 0, ran.stdout
    wanted = {
        "fetch": ["release", "packages"],
        "bundle": ["release", "packages", "bundle"],
        "python_bootstrap": ["packages"],
    }
    found = column(ran, 1)
    assert [name for name in ("release", "packages", "bundle") if f"npu_fleet_{name}" in found] == wanted[
        playbook
    ]
    assert "undefined" not in ran.stdout + ran.stderr
    assert "argument_spec" not in ran.stdout


@pytest.mark.parametrize(
    ("playbook", "variable", "found"),
    [
        ("fetch", "npu_fleet_packages=packages", "npu_fleet_packages: packages"),
        ("fetch", "torch_npu_requirements=numpy", "torch_npu_requirements of the type str (numpy)"),
        (
            "bundle",
            "package_fetch_bundle_pythons=3.11",
            "package_fetch_bundle_pythons of the type float (3.11)",
        ),
        ("mcu", "npu_mcu_timeout=soon", "npu_mcu_timeout of the type str (soon)"),
        ("python_bootstrap", "npu_fleet_packages=ftp://x", "npu_fleet_packages: ftp://x"),
        ("prune", "cann_keep=some", "cann_keep of the type str (some)"),
        ("prune", "cann_keep=0", "cann_keep: 0"),
        ("uninstall", "npu_driver_reboot_timeout=soon", "npu_driver_reboot_timeout of the type str (soon)"),
        ("uninstall", "cann_install_timeout=late", "cann_install_timeout of the type str (late)"),
    ],
)
def test_what_is_wrong_is_a_row_of_a_table(tmp_path, playbook, variable, found):
    given = [
        "npu_fleet_release=cann-8.0.0",
        "npu_fleet_packages=/srv/packages",
        "npu_fleet_bundle=/srv/bundle",
    ]
    ran = play(playbook, one_of_a_product(tmp_path, *given, variable), "--check")
    assert ran.returncode != 0, ran.stdout
    assert found in column(ran, 1)
    assert "argument_spec" not in ran.stdout


@pytest.mark.parametrize("playbook", ["atlas_a2_training", "container", "preflight", "report", "verify"])
def test_a_playbook_that_looks_at_nodes_says_what_is_wrong_as_the_preflight_does(tmp_path, playbook):
    given = [
        "npu_fleet_release=cann-8.0.0",
        "npu_fleet_packages=packages",
        "npu_fleet_python_bootstrap=maybe",
    ]
    ran = play(playbook, one_of_a_product(tmp_path, *given), "-e", f"npu_report_directory={tmp_path}")
    assert ran.returncode != 0 or playbook == "report", ran.stdout
    assert "npu_fleet_packages: packages" in column(ran, 1)
    assert "npu_fleet_python_bootstrap of the type str (maybe)" in column(ran, 1)
    assert "DEPRECATION" not in ran.stderr
    assert "argument_spec" not in ran.stdout


def test_mirrors_have_to_be_named(tmp_path):
    ran = play("mirror", one_of_a_product(tmp_path))
    assert ran.returncode != 0, ran.stdout
    assert "found no host in the group package_mirrors" in ran.stdout
    hosts = "[package_mirrors]\nmirror ansible_host=127.0.0.1\n[others]\njump ansible_host=127.0.0.1\n"
    ran = play("mirror", write(tmp_path, hosts), "--list-hosts")
    assert "hosts (1):\n      mirror" in ran.stdout


def test_tags_leave_out_no_refusal_and_no_failure(tmp_path):
    inventory = one_of_a_product(tmp_path)
    ran = play("site", inventory, "--list-tasks", "--tags", "cann")
    for name in (
        "Provision | Note when this node's turn comes",
        "Fail with what went wrong",
        "Provision | Read where a node stands",
    ):
        assert name in ran.stdout
    assert "Install torch_npu" not in ran.stdout
    ran = play("atlas_a2_training", inventory, "--tags", "cann")
    assert ran.returncode != 0, ran.stdout
    assert "no variable npu_fleet_release" in column(ran, 1)


@pytest.mark.parametrize("part", ["cann", "npu_driver"])
def test_a_part_alone_is_uninstalled_after_a_look_at_all_nodes_too(tmp_path, part):
    ran = play("uninstall", one_of_a_product(tmp_path), "--list-tasks", "--tags", part)
    look = ran.stdout.partition("play #2")[0]
    assert f"{part} : Uninstall | Read" in look
    assert "Stop before anything is touched when there is a problem on any node" in look


@pytest.mark.parametrize("tags", [[], ["--tags", "cann"]], ids=["all", "cann"])
def test_a_task_to_start_at_is_answered_with_what_works_also_with_tags(tmp_path, tags):
    start = ["--start-at-task", "ascend.fleet.cann : Read which CANN the node has", *tags]
    ran = play("site", one_of_a_product(tmp_path), *start, "-e", f"npu_report_directory={tmp_path}")
    assert ran.returncode != 0, ran.stdout
    assert "Failure | Keep what went wrong" in ran.stdout
    assert "leave --start-at-task out, and use --tags" in " ".join(ran.stdout.split())
    assert "is undefined" not in ran.stdout
