# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples of each module, as ansible-doc shows them, run as a playbook against the simulated programs.

Nothing in a task is changed. What the node is, is told from outside: where files of the vendor's programs
lie (module_defaults of the play), variables that an example takes from its surroundings, and its state.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from npu_simulator.state import ROOT_VARIABLE, UID_VARIABLE, Node, fresh_state

ROOT = Path(__file__).resolve().parents[2]
COLLECTION = "ansible_collections.ascend.fleet.plugins.modules"
MODULES = sorted(file.stem for file in ROOT.glob("plugins/modules/*.py") if file.stem != "__init__")
# Not to be run on the machine of the tests: they install packages below /usr/local/Ascend, need a package
# with the very checksum that they show, write to /srv, or look at every process of the machine.
ARGUMENTS_ONLY = {"fetch_package", "run_package", "npu_mcu", "npu_host_info", "put_file"}
PROGRAMS = ("npu-smi", "hccn_tool", "lspci")
CHIP = {"npu_smi_names": ["910B3"], "pci": ["19e5:d802"]}
PRODUCT = {"key": "atlas_800t_a2", "name": "Test", "chip": "910b", "npus": 8, "chips_per_npu": 1}
REPORT = {"nodes": [], "mode": "run", "versions": [], "totals": {"unchanged": 0}}


def examples(module):
    return yaml.safe_load(importlib.import_module(f"{COLLECTION}.{module}").EXAMPLES)


@pytest.fixture
def node(tmp_path):
    """An Atlas 800T A2 with a running driver, whose chips can be split."""
    made = Node(str(tmp_path / "node"), uid=0)
    state = fresh_state(PRODUCT, CHIP, "aarch64")
    state["running"]["driver"] = "25.5.1"
    for npu in state["npus"]:
        npu["firmware"] = "7.8.0.5.216"
        npu["readings"]["vnpus"] = []
    made.create(state)
    made.path("/etc").mkdir()
    made.path("/etc/hccn.conf").write_text("", encoding="utf-8")
    return made


@pytest.fixture
def environment(node, tmp_path):
    """The environment in which the vendor's programs are the simulated ones."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in PROGRAMS:
        program = programs / name
        command = f'PYTHONPATH="{ROOT / "simulator"}" exec "{sys.executable}" -m npu_simulator {name} "$@"'
        program.write_text(f"#!/bin/sh\n{command}\n", encoding="utf-8")
        program.chmod(0o755)
    return {
        **os.environ,
        "PATH": f"{programs}:{os.environ['PATH']}",
        ROOT_VARIABLE: node.root,
        UID_VARIABLE: "0",
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_LOCAL_TEMP": str(tmp_path / "local"),
        "ANSIBLE_REMOTE_TEMP": str(tmp_path / "remote"),
    }


def templated(value):
    """Return an argument of an example as Ansible hands it to the module."""
    return Templar(DataLoader()).template(trust_as_template(value)) if isinstance(value, str) else value


def specification(options):
    """Return documented options as the argument spec that they document."""
    named = {"suboptions": "options"}
    spec = {
        name: {named.get(key, key): text for key, text in option.items()} for name, option in options.items()
    }
    for option in spec.values():
        option.pop("description")
        option.pop("version_added", None)
        if "options" in option:
            option["options"] = specification(option["options"])
    return spec


def play(module, node):
    """Return the playbook around the examples of a module."""
    return [
        {
            "hosts": "node",
            "gather_facts": False,
            "vars": {
                "ansible_become": False,  # the simulated programs take whoever runs them for root
                "ansible_python_interpreter": sys.executable,
                "report": REPORT,
            },
            "module_defaults": {
                "ascend.fleet.hccn_config": {"path": str(node.path("/etc/hccn.conf"))},
                "ascend.fleet.npu_setting": {"share_path": str(node.path("/etc/device_share.cfg"))},
            },
            "tasks": examples(module),
        }
    ]


@pytest.mark.parametrize("module", [name for name in MODULES if name not in ARGUMENTS_ONLY])
def test_the_examples_run_as_written(module, node, environment, tmp_path):
    playbook = tmp_path / "examples.yml"
    playbook.write_text(yaml.safe_dump(play(module, node), sort_keys=False), encoding="utf-8")
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "node,", "-c", "local"]
    done = subprocess.run(
        [*command, str(playbook)], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " ok=" in done.stdout


@pytest.mark.parametrize("module", sorted(ARGUMENTS_ONLY))
def test_the_arguments_of_examples_fit(module):
    """`ansible-test sanity` holds the documented options against the argument specs."""
    options = yaml.safe_load(importlib.import_module(f"{COLLECTION}.{module}").DOCUMENTATION)["options"]
    tasks = [task for task in examples(module) if f"ascend.fleet.{module}" in task]
    assert tasks
    for task in tasks:
        arguments = {name: templated(value) for name, value in task[f"ascend.fleet.{module}"].items()}
        result = ArgumentSpecValidator(specification(options)).validate(arguments)
        assert result.error_messages == [], task["name"]


def test_no_module_is_left_out():
    assert set(MODULES) > ARGUMENTS_ONLY
    assert all(examples(module) for module in MODULES)
