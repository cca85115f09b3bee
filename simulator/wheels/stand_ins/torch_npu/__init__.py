# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of torch_npu on the simulated nodes: computes where driver, chips and CANN are simulated."""

from importlib import import_module

import torch

from torch_npu import _libraries, npu
from torch_npu.version import __version__

__all__ = ["__version__", "npu"]

import_module("yaml")  # the real one reads its tables with it, and cannot be imported without
_libraries.load()
torch._register_device_module("npu", npu)
