# SPDX-License-Identifier: GPL-3.0-or-later
"""Guide 002: torch_npu 2.1.0rc1, te and hccl out of the toolkit, and an Apex that the node has built."""

from __future__ import annotations

import json
import os
from pathlib import Path

testinfra_hosts = ["ssh://guide-002"]
REPORTS = Path(os.environ["FLEET_REPORTS"])
APEX = "apex-0.1+ascend-cp39-none-linux_aarch64.whl"
ADDRESSES = [f"192.168.{net}.{last}" for last in (101, 100) for net in range(100, 104)]


def test_apex_was_built_and_its_wheel_kept_for_other_nodes(host, expected):
    assert (REPORTS / "wheelhouse" / APEX).is_file()
    (node,) = json.loads((REPORTS / "first.json").read_text(encoding="utf-8"))["nodes"]
    done = [action for stage in node["stages"] for action in stage["actions"]]
    assert [action for action in done if action.startswith("build ")] == [
        f"build apex 0.1+ascend for Python 3.9 from {REPORTS}/sources/apex.tar.gz"
    ]
    program = "import apex; print(apex.__version__)"
    assert host.check_output(f"bash -lc '{expected['prefix']}/bin/python -c \"{program}\"'") == "0.1+ascend"


def test_the_old_setuptools_of_the_build_is_not_in_the_environment(host, expected):
    program = "import setuptools; print(setuptools.__version__)"
    version = host.check_output(f"{expected['prefix']}/bin/python -c '{program}'")
    assert int(version.split(".")[0]) > 41


def test_it_is_activated_by_hand_and_then_computes(host, expected):
    program = "import torch, torch_npu; print(torch.randn(3, 4).npu().device)"
    activated = f'. /opt/miniforge3/bin/activate {expected["prefix"]} && python -c "{program}"'
    assert host.check_output(f"env -i HOME=/home/fleet bash -lc '{activated}'") == "npu:0"


def test_the_devices_have_the_addresses_of_the_guide(host):
    with host.sudo():
        live = [host.check_output(f"hccn_tool -i {device} -ip -g").splitlines()[0] for device in range(8)]
    assert live == [f"ipaddr:{address}" for address in ADDRESSES]
