# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in of PyTorch on the simulated nodes: just enough to try that a node computes; no GPU, no numpy."""

from __future__ import annotations

from torch._device import Accelerator, accelerators
from torch._tensor import Tensor, equal, ones, randn
from torch.version import __version__

__all__ = ["Tensor", "__version__", "equal", "ones", "randn"]


def _register_device_module(kind: str, module: Accelerator) -> None:
    """Make the device type ``kind`` known: `torch.KIND`, `tensor.KIND()` and `tensor.to("KIND:0")`."""
    accelerators[kind] = module


def __getattr__(name: str) -> Accelerator:
    if name in accelerators:
        return accelerators[name]
    raise AttributeError(f"module 'torch' has no attribute '{name}'")
