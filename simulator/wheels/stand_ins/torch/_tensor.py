# SPDX-License-Identifier: GPL-3.0-or-later
"""Tensors of numbers, shown as PyTorch shows them."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, Any

from torch._device import Device, accelerators

if TYPE_CHECKING:
    from collections.abc import Callable

_CPU = Device("cpu")


class Tensor:
    """Numbers in a shape on a device."""

    def __init__(self, values: list[float], shape: tuple[int, ...], device: Device = _CPU) -> None:
        """Hold ``values``, the last index running fastest."""
        self._values = values
        self.shape = shape
        self.device = device

    def to(self, device: str | Device) -> Tensor:
        """Return the same numbers on ``device``. Raises RuntimeError when there is no such device."""
        return Tensor(self._values, self.shape, Device.named(str(device)))

    def __getattr__(self, name: str) -> Callable[..., Tensor]:
        """Give the method of a registered device type, such as `npu(index)`."""
        if name in accelerators:
            return lambda index=None: self.to(name if index is None else f"{name}:{index}")
        raise AttributeError(f"'Tensor' object has no attribute '{name}'")

    def cpu(self) -> Tensor:
        """Return the same numbers on the CPU."""
        return self.to(_CPU)

    def tolist(self) -> Any:
        """Return the numbers as nested lists."""
        return _nested(self._values, self.shape)

    def __add__(self, other: Tensor) -> Tensor:
        """Add number by number; both tensors must lie on one device and have one shape."""
        if self.device != other.device:
            raise RuntimeError(
                "Expected all tensors to be on the same device, but found at least two devices, "
                f"{self.device} and {other.device}!"
            )
        if self.shape != other.shape:
            raise RuntimeError(f"The stand-in adds equal shapes only: {self.shape} and {other.shape}")
        if self.device.type in accelerators:
            accelerators[self.device.type].check_operator("Add")
        sums = [one + another for one, another in zip(self._values, other._values)]
        return Tensor(sums, self.shape, self.device)

    def __repr__(self) -> str:
        """Return the text of print: four digits, aligned, with the device unless it is the CPU."""
        texts = [f"{value:.4f}" for value in self._values]
        width = max(map(len, texts), default=0)
        rows = _rows([text.rjust(width) for text in texts], self.shape, indent=len("tensor("))
        place = "" if self.device == _CPU else f", device='{self.device}'"
        return f"tensor({rows}{place})"


def randn(*shape: int) -> Tensor:
    """Return numbers of the normal distribution."""
    return _filled(shape, lambda: random.gauss(0, 1))


def ones(*shape: int) -> Tensor:
    """Return ones."""
    return _filled(shape, lambda: 1.0)


def equal(one: Tensor, another: Tensor) -> bool:
    """Tell whether two tensors have the same shape and numbers."""
    return one.shape == another.shape and one._values == another._values


def _filled(shape: tuple[int, ...], draw: Callable[[], float]) -> Tensor:
    return Tensor([draw() for _number in range(math.prod(shape))], shape)


def _nested(values: list[float], shape: tuple[int, ...]) -> Any:
    if not shape:
        return values[0]
    step = len(values) // shape[0]
    return [_nested(values[start : start + step], shape[1:]) for start in range(0, len(values), step)]


def _rows(texts: list[str], shape: tuple[int, ...], indent: int) -> str:
    if not shape:
        return texts[0]
    if len(shape) == 1:
        return f"[{', '.join(texts)}]"
    step = len(texts) // shape[0]
    parts = [
        _rows(texts[start : start + step], shape[1:], indent + 1) for start in range(0, len(texts), step)
    ]
    between = "," + "\n" * (len(shape) - 1) + " " * (indent + 1)
    return f"[{between.join(parts)}]"
