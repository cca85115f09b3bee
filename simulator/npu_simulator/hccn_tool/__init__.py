# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated hccn_tool of 910B (A2) and of the first 910."""

from npu_simulator.hccn_tool.program import main

__all__ = ["main"]
