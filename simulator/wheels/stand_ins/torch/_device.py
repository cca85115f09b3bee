# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a tensor can lie: the CPU, and the devices that the package of an accelerator registers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol


class Accelerator(Protocol):
    """The module of a device type."""

    def use(self, index: int | None) -> int:
        """Make device ``index`` (None: the current one) ready; return its number. Raises RuntimeError."""

    def check_operator(self, name: str) -> None:
        """Raise RuntimeError when the operator ``name`` cannot run."""


accelerators: dict[str, Accelerator] = {}
_NAME = re.compile(r"([a-z]+)(?::(\d+))?")
_UNKNOWN = (  # torch 2.1, c10/core/Device.cpp
    "Expected one of cpu, cuda, ipu, xpu, mkldnn, opengl, opencl, ideep, hip, ve, fpga, ort, xla, lazy, "
    "vulkan, mps, meta, hpu, mtia, privateuseone device type at start of device string: {}"
)


@dataclass(frozen=True)
class Device:
    """A place for tensors; the CPU has no index."""

    type: str
    index: int | None = None

    @classmethod
    def named(cls, name: str) -> Device:
        """Read `cpu`, `npu` or `npu:0`, and make the device ready. Raises RuntimeError."""
        match = _NAME.fullmatch(name)
        if not match:
            raise RuntimeError(f"Invalid device string: '{name}'")
        kind, index = match[1], int(match[2]) if match[2] else None
        if kind == "cpu":
            return cls(kind)
        if kind not in accelerators:
            raise RuntimeError(_UNKNOWN.format(kind))
        return cls(kind, accelerators[kind].use(index))

    def __str__(self) -> str:
        """Return the name as users write it."""
        return self.type if self.index is None else f"{self.type}:{self.index}"
