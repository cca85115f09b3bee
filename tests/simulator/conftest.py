# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated node in a temporary directory, without Docker and without root."""

from __future__ import annotations

import pytest
from npu_simulator.state import Node, fresh_state

CHIPS = {
    "910b": {"npu_smi_names": ["910B3"], "pci": ["19e5:d802"]},
    "910": {"npu_smi_names": ["910A"], "pci": ["19e5:d801"]},
}


def make_node(root, chip: str, uid: int = 0) -> Node:
    """Make a node with eight chips of the family ``chip`` below ``root``."""
    product = {"key": f"test_{chip}", "name": f"Test {chip}", "chip": chip, "npus": 8, "chips_per_npu": 1}
    made = Node(str(root), uid=uid)
    made.create(fresh_state(product, CHIPS[chip], "aarch64"))
    (root / "etc").mkdir(exist_ok=True)
    return made


@pytest.fixture(params=["910b", "910"], ids=["910B", "910A"])
def any_node(request, tmp_path):
    """Give a node of each of the two families in turn."""
    return make_node(tmp_path, request.param)


@pytest.fixture
def node(tmp_path):
    """Give a node with eight 910B chips, fresh from the factory, whose caller is root."""
    return make_node(tmp_path, "910b")


@pytest.fixture
def node_910a(tmp_path):
    """Give a node with eight 910A chips, fresh from the factory, whose caller is root."""
    return make_node(tmp_path, "910")
